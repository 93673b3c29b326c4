//! `demo`: no set-up. One teacher, one exam, one room that runs and one that starts in a minute, 40 simulated candidates in each over real
//! HTTP and WebSocket, and a free seat in both for whoever is curious.

/// What is sat, and by whom.
mod content;

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{logging, stop_on_signals};
use crate::app::App;
use crate::auth::secrets::one_time_password;
use crate::client::crowd::{Crowd, Pace};
use crate::client::{Problem, Rest};
use crate::config::{Config, LogFormat, Secret, ServeArgs, Settings};
use crate::domain::access::Role;
use crate::time::{Time, rfc3339_ms};

/// Options of `demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Address and port; a free port of this machine when the usual one is taken.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// File of the database; a new one in the folder for temporary files when it is not given.
    #[arg(long)]
    database: Option<PathBuf>,
    /// How fast the simulated people are; 1 is human.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Simulated candidates in each room.
    #[arg(long, default_value_t = 40)]
    candidates: u32,
    /// Log level.
    #[arg(long, default_value = "warn")]
    log_level: String,
}

/// The usual port of a demo.
const PORT: u16 = 8080;
/// The second room starts after this, ms.
const SOON_MS: i64 = 60_000;

/// A room of the demo and the codes of its candidates: the first is free.
struct Prepared {
    id: String,
    free: String,
    crowd: Vec<String>,
}

pub(super) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    logging::start(&args.log_level, LogFormat::Text);
    let database = args.database.clone().unwrap_or_else(fresh_file);
    let settings = Settings {
        listen: Some(args.listen.map_or_else(free_address, |a| a.to_string())),
        database_url: Some(Secret::from(database.display().to_string().as_str())),
        organisation: Some("Demo School".to_owned()),
        retention_note: Some("This is a demonstration: everything is in one file and can be deleted with it.".to_owned()),
        backup_dir: Some("off".into()),
        ..Settings::default()
    };
    let config = Config::resolve(ServeArgs { config: None, settings })?;
    let app = App::build(&config).await?;
    let password = one_time_password();
    let teacher = app.service.make_user("teacher", "Ms Demo", Role::Teacher, &password, None).await;
    let teacher = teacher.map_err(|e| anyhow::anyhow!("{e}")).context("the demo's teacher")?;
    app.service.store.create_user(&teacher).await?;
    app.service.store.take_meta(crate::service::sessions::SETUP_KEY).await?;
    let time = app.service.time.clone();
    let base = Url::parse(&format!("http://{}", app.address))?;
    let stop = app.stop();
    stop_on_signals(stop.clone());
    let show = tokio::spawn(show(base, time, args, password, database, stop.doors.clone()));
    let served = app.run().await;
    show.abort();
    served
}

/// Prepares both rooms through the public API, says where everything is, and lets the crowd in.
async fn show(base: Url, time: Time, args: DemoArgs, password: String, database: PathBuf, stop: CancellationToken) {
    let prepared = match prepare(&base, &time, &args, &password).await {
        Ok(prepared) => prepared,
        Err(problem) => {
            eprintln!("invigil: the demo could not be prepared: {problem}");
            stop.cancel();
            return;
        }
    };
    announce(&base, &password, &database, &prepared, &args);
    let hints: HashMap<String, Value> = content::right_answers();
    let crowd =
        Crowd { base, time, seed: 7, pace: Pace { speed: args.speed, ..Pace::HUMAN }, hints: Arc::new(hints), recorder: None };
    let [running, soon] = prepared;
    let (first, second) = tokio::join!(crowd.run(running.crowd, &stop), crowd.run(soon.crowd, &stop));
    for report in [first, second].into_iter().flatten() {
        println!(
            "A simulated class is done: {} answers saved, {} lost, {} handed in.",
            report.acked, report.lost, report.submitted
        );
    }
}

async fn prepare(base: &Url, time: &Time, args: &DemoArgs, password: &str) -> Result<[Prepared; 2], Problem> {
    let (rest, _) = Rest::new(base.clone())?.login("teacher", password).await?;
    let exam = rest.create_exam(content::exam()).await?;
    let exam = exam["id"].as_str().unwrap_or_default().to_owned();
    rest.put_paper(&exam, content::paper(), "\"v0\"").await?;
    let running = room(&rest, &exam, args, json!({ "exam": exam, "location": "Room 204", "zone": "Europe/Berlin" })).await?;
    rest.open(&running.id, json!({}), "demo-open").await?;
    rest.start(&running.id, json!({}), "demo-start").await?;
    let starts_at = rfc3339_ms(time.now() + SOON_MS);
    let words = json!({ "exam": exam, "location": "Room 205", "zone": "Europe/Berlin", "starts_at": starts_at });
    let soon = room(&rest, &exam, args, words).await?;
    rest.open(&soon.id, json!({}), "demo-open-soon").await?;
    Ok([running, soon])
}

async fn room(rest: &Rest, exam: &str, args: &DemoArgs, words: Value) -> Result<Prepared, Problem> {
    let made = rest.create_room(words).await?;
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    tracing::debug!(exam, room = id, "demo.room");
    rest.import_roster(&id, content::roster(args.candidates)).await?;
    let mut codes = rest.entry_codes(&id).await?.into_iter().map(|(_, code)| code);
    Ok(Prepared { id, free: codes.next().unwrap_or_default(), crowd: codes.collect() })
}

fn announce(base: &Url, password: &str, database: &std::path::Path, [running, soon]: &[Prepared; 2], args: &DemoArgs) {
    let base = base.as_str().trim_end_matches('/');
    println!(
        "\nInvigil runs a demonstration with {} simulated students in each of two rooms.\n\n\
         1. Watch:  {base}/staff/rooms/{}\n   \
            sign in as  teacher  with the password  {password}\n\n\
         2. Join as a student in another window:\n   \
            the room that runs:          {base}/#{}   (code {})\n   \
            the room that starts in 60 s: {base}/#{}   (code {})\n\n\
         The database is {}. The API is at {base}/docs. Ctrl-C stops.\n",
        args.candidates,
        running.id,
        running.free,
        running.free,
        soon.free,
        soon.free,
        database.display(),
    );
}

fn fresh_file() -> PathBuf {
    std::env::temp_dir().join(format!("invigil-demo-{}.db", std::process::id()))
}

/// The usual port, or whichever is free.
fn free_address() -> String {
    match TcpListener::bind(("127.0.0.1", PORT)) {
        Ok(_) => format!("127.0.0.1:{PORT}"),
        Err(_) => "127.0.0.1:0".to_owned(),
    }
}
