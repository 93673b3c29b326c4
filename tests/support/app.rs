//! A whole Invigil in this process, on port 0: one node on a temporary SQLite, or, where `INVIGIL_TEST_STACK` is `nodes`, two nodes on
//! PostgreSQL and NATS behind a door that sends each connection to the next of them.

use clap::Parser;
use invigil::app::{App, Stop};
use invigil::config::{Config, ServeArgs};
use invigil::service::Shared;
use tokio::task::JoinHandle;

use super::balance::Balance;
use super::nats::Nats;
use super::postgres::create_database;
use super::temp::TempDir;
use super::{Stack, stack};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    serve: ServeArgs,
}

/// All of it, running.
pub struct TestApp {
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// Services of its first node.
    pub service: Shared,
    nodes: Vec<(Stop, JoinHandle<anyhow::Result<()>>)>,
    _shared: Option<(Balance, Nats)>,
    _home: TempDir,
}

impl TestApp {
    /// Starts it on a fresh database.
    pub async fn start() -> Self {
        Self::with(&[], TempDir::new()).await
    }

    /// Starts it with more options, with its files in `home`.
    pub async fn with(options: &[&str], home: TempDir) -> Self {
        match stack() {
            Stack::One => Self::one(options, home).await,
            Stack::Nodes => Self::two(options, home).await,
        }
    }

    async fn one(options: &[&str], home: TempDir) -> Self {
        let app = build(options, &["--database-url", &home.file("invigil.db")]).await;
        let (base, service) = (format!("http://{}", app.address), app.service.clone());
        Self { base, service, nodes: vec![run(app)], _shared: None, _home: home }
    }

    async fn two(options: &[&str], home: TempDir) -> Self {
        let (door, known) = Balance::door().await;
        let (base, database) = (format!("http://{}", door.address), create_database().await);
        let nats = tokio::task::spawn_blocking(Nats::start).await.expect("a NATS server");
        let url = nats.url();
        let own = ["--database-url", &database, "--nats-url", &url, "--public-urls", &base];
        let apps = [build(options, &own).await, build(options, &own).await];
        known.send_replace(apps.iter().map(|app| app.address).collect());
        let service = apps[0].service.clone();
        Self { base, service, nodes: apps.map(run).into(), _shared: Some((door, nats)), _home: home }
    }

    /// Drains and waits for the end.
    pub async fn stop(self) {
        for (stop, _) in &self.nodes {
            stop.doors.cancel();
        }
        for (_, running) in self.nodes {
            running.await.unwrap().unwrap();
        }
    }
}

async fn build(options: &[&str], own: &[&str]) -> App {
    let fixed = ["test", "--listen", "127.0.0.1:0"];
    let args = Args::parse_from(fixed.iter().chain(own).chain(options));
    App::build(&Config::resolve(args.serve).unwrap()).await.unwrap()
}

fn run(app: App) -> (Stop, JoinHandle<anyhow::Result<()>>) {
    (app.stop(), tokio::spawn(app.run()))
}
