//! A whole node in this process: temporary SQLite, port 0.

use clap::Parser;
use invigil::app::{App, Stop};
use invigil::config::{Config, ServeArgs};
use invigil::service::Shared;
use tokio::task::JoinHandle;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    serve: ServeArgs,
}

/// A running node.
pub struct TestApp {
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// Its services.
    pub service: Shared,
    stop: Stop,
    running: JoinHandle<anyhow::Result<()>>,
    _home: super::temp::TempDir,
}

impl TestApp {
    /// Starts one on a fresh SQLite file.
    pub async fn start() -> Self {
        let home = super::temp::TempDir::new();
        Self::with(&[], home).await
    }

    /// Starts one with more options, with its database in `home`.
    pub async fn with(options: &[&str], home: super::temp::TempDir) -> Self {
        let database = home.file("invigil.db");
        let fixed = ["test", "--listen", "127.0.0.1:0", "--database-url", &database];
        let args = Args::parse_from(fixed.iter().chain(options));
        let config = Config::resolve(args.serve).unwrap();
        let app = App::build(&config).await.unwrap();
        let (base, service, stop) = (format!("http://{}", app.address), app.service.clone(), app.stop());
        let running = tokio::spawn(app.run());
        Self { base, service, stop, running, _home: home }
    }

    /// Drains and waits for the end.
    pub async fn stop(self) {
        self.stop.doors.cancel();
        self.running.await.unwrap().unwrap();
    }
}
