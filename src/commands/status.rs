//! `status`: which rooms run, and whether a restart is safe now.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::{NOT_WELL, reason};
use crate::config::{Config, Database, ServeArgs};
use crate::service::standing::{self, RoomStanding, Standing};
use crate::store::Store;
use crate::time::{Time, rfc3339_ms};
use crate::{error, limits};

/// Options of `status`.
#[derive(Args)]
pub(super) struct StatusArgs {
    /// One JSON object instead of a table.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

pub(super) async fn run(args: StatusArgs) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(*args.settings)?;
    if let Database::Sqlite(path) = &config.database {
        anyhow::ensure!(path.is_file(), "there is no database {}", path.display());
    }
    let url = config.database.url();
    let store = Store::look(&url, false).await.with_context(|| format!("{} cannot be opened", config.database))?;
    let empty = store.pending().await.is_ok_and(|pending| pending.is_none());
    anyhow::ensure!(!empty, "no server has ever run on {}", config.database);
    let seen = look(&store).await.map_err(|error| anyhow::anyhow!("{}", reason(&error.into())));
    store.close().await;
    let seen = seen?;
    if args.json {
        println!("{:#}", as_json(&seen)?);
    } else {
        println!("{}", as_text(&seen));
    }
    Ok(if seen.restart_is_safe { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

/// By the time that the servers have, or by this machine's where the database is a file on it.
async fn look(store: &Store) -> error::Result<Standing> {
    let time = Time::anchored(Time::wall_ms());
    if let Some(common) = store.common_clock(limits::CLOCK_LOOKS, || time.mono()).await? {
        time.step(time.behind_us(&common.reading));
    }
    standing::look(store, time.now()).await
}

/// Instants as everywhere in the interface: RFC 3339 under `*_at`.
fn as_json(seen: &Standing) -> anyhow::Result<Value> {
    let at = |ms: Option<i64>| ms.map(rfc3339_ms);
    let mut rooms = Vec::new();
    for room in &seen.rooms {
        let mut value = serde_json::to_value(room)?;
        if let Some(object) = value.as_object_mut() {
            object.remove("starts_ms");
            object.remove("last_ms");
            object.insert("starts_at".to_owned(), json!(at(room.starts_ms)));
            object.insert("last_at".to_owned(), json!(at(room.last_ms)));
        }
        rooms.push(value);
    }
    Ok(json!({
        "now_at": rfc3339_ms(seen.now_ms),
        "server_last_alive_at": at(seen.beat_ms),
        "rooms": rooms,
        "pending_table_changes": seen.pending,
        "restart_is_safe": seen.restart_is_safe,
        "safe_from_at": at(seen.safe_from_ms),
    }))
}

fn as_text(seen: &Standing) -> String {
    let mut lines = vec![format!("It is {} (UTC). {}", clock(seen.now_ms), servers(seen))];
    if !seen.rooms.is_empty() {
        lines.push(String::new());
        lines.push(format!("{:<10} {:<40} {:<24} {:>9}  until", "phase", "room", "place", "working"));
    }
    lines.extend(seen.rooms.iter().map(|room| line(room, seen.now_ms)));
    lines.push(String::new());
    if !seen.pending.is_empty() {
        let list: Vec<String> = seen.pending.iter().map(ToString::to_string).collect();
        lines.push(format!("This version has to change the tables first (changes {}).", list.join(", ")));
    }
    lines.push(match (seen.restart_is_safe, seen.safe_from_ms) {
        (true, _) => {
            format!(
                "A restart is safe now: no room is open, and none starts within {} minutes.",
                limits::RESTART_AHEAD_MS / 60_000
            )
        }
        (false, Some(at)) => format!(
            "Do not restart now. The last deadline is {} (in {} min); look again then.",
            clock(at),
            (at - seen.now_ms).max(0) / 60_000 + 1
        ),
        (false, None) => "Do not restart now. Nobody can know yet when the last room ends; look again later.".to_owned(),
    });
    if !seen.restart_is_safe {
        lines.push(
            "If it has to be: no saved answer is lost by it, and the time is given back by the exam's policy for outages."
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn servers(seen: &Standing) -> String {
    match seen.beat_ms {
        None => "No server has run on this database yet.".to_owned(),
        Some(at) if seen.now_ms - at <= limits::OUTAGE_GAP_MS => "A server is alive.".to_owned(),
        Some(at) => format!("No server is alive: the last sign of one is of {}.", rfc3339_ms(at)),
    }
}

fn line(room: &RoomStanding, now: i64) -> String {
    let until = match (room.phase, room.last_ms, room.starts_ms) {
        ("scheduled", _, Some(at)) => format!("starts {} (in {} min)", clock(at), (at - now).max(0) / 60_000),
        ("open", ..) => "not started".to_owned(),
        ("paused", ..) => "paused: nobody knows".to_owned(),
        (_, Some(at), _) => format!("{}{}", clock(at), if room.may_be_later { " or later: entry is open" } else { "" }),
        (_, None, _) => "nobody has begun".to_owned(),
    };
    let working = format!("{} of {}", room.working, room.candidates);
    let place: String = room.location.chars().take(24).collect();
    format!("{:<10} {:<40} {place:<24} {working:>9}  {until}", room.phase, room.id)
}

/// `2026-11-03 09:05:00`.
fn clock(at: i64) -> String {
    rfc3339_ms(at).get(..19).unwrap_or_default().replace('T', " ")
}
