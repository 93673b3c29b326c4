//! The command line: `serve`, `demo`, `status`, `doctor`, `openapi`, `migrate`, `backup`, `restore`, `verify`, `verify-receipt`, `user`.

mod backup;
mod crowd;
mod demo;
mod doctor;
mod logging;
mod status;
mod verify;
mod verify_receipt;

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{self, App, Stop};
use crate::config::{Config, ServeArgs};
use crate::domain::access::Role;
use crate::store::Store;

/// How `status` and `doctor` end when they have found what should be otherwise; 1 means that they could not look.
const NOT_WELL: u8 = 3;

/// Timed exams, live: one clock everyone can trust, and no saved answer ever lost.
#[derive(Parser)]
#[command(name = "invigil", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a server.
    Serve(Box<ServeArgs>),
    /// Show it all on this machine: a class of simulated students sits a paper live.
    Demo(demo::DemoArgs),
    /// Say which rooms run and whether a restart is safe. Exit 0: it is; 3: it is not.
    Status(status::StatusArgs),
    /// Look at everything a server needs and say what is wrong and what to do. Exit 0: nothing is broken; 3: something is.
    Doctor(doctor::DoctorArgs),
    /// The simulated students of a rehearsal; a server starts them.
    #[command(hide = true)]
    Crowd,
    /// Print the OpenAPI document, or check that a file is up to date.
    Openapi {
        /// Compare this file (default `openapi/openapi.json`) instead of printing; exit 1 when it differs.
        #[arg(long, num_args = 0..=1, default_missing_value = "openapi/openapi.json")]
        check: Option<PathBuf>,
    },
    /// Bring the database's tables up to date and stop.
    Migrate(Box<ServeArgs>),
    /// Copy the database, also while a server runs on it, and verify the copy.
    Backup(backup::BackupArgs),
    /// Make the database from a backup. No server may run on it.
    Restore(backup::RestoreArgs),
    /// Hold timelines against their seals, and these against heads that the log has told. Exit 0: whole; 3: something is wrong.
    Verify(verify::VerifyArgs),
    /// Say whether a receipt fits answers. Exit 1 when it does not.
    VerifyReceipt(verify_receipt::VerifyArgs),
    /// Manage accounts without a server.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make an account. The password is read from standard input.
    Add {
        /// Sign-in name.
        login: String,
        /// Name for people; the sign-in name when it is not given.
        #[arg(long)]
        name: Option<String>,
        /// `admin` or `teacher`.
        #[arg(long, default_value = "teacher")]
        role: String,
        #[command(flatten)]
        settings: Box<ServeArgs>,
    },
}

/// Reads the command line and does it.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("invigil: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Status(args) => return status::run(args).await,
        Command::Doctor(args) => return doctor::run(args).await,
        Command::Verify(args) => return verify::run(args).await,
        Command::Serve(args) => serve(*args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Crowd => crowd::run().await,
        Command::Openapi { check } => openapi(check),
        Command::Migrate(args) => migrate(*args).await,
        Command::Backup(args) => backup::make(args).await,
        Command::Restore(args) => backup::restore(args).await,
        Command::VerifyReceipt(args) => verify_receipt::verify(args).await,
        Command::User { command: UserCommand::Add { login, name, role, settings } } => {
            add_user(&login, name, &role, *settings).await
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn migrate(args: ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(args)?;
    let store = Store::open_with(&config.database.url(), app::tables(&config)).await?;
    println!("The tables of {} are up to date.", config.database);
    store.close().await;
    Ok(())
}

async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(args)?;
    logging::start(&config.log_level, config.log_format);
    let app = App::build(&config).await?;
    let nats = config.nats.as_ref().map(ToString::to_string).unwrap_or_default();
    tracing::info!(address = %app.address, urls = app.urls.join(" "), database = %config.database, nats, "serving");
    let url = app.urls.first().cloned().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    writeln!(out, "Invigil serves {url}")?;
    if let Some(secret) = &app.setup_secret {
        writeln!(out, "There is no account yet. Open {url}/staff/setup and enter this one-time secret: {secret}")?;
    }
    out.flush()?;
    drop(out);
    stop_on_signals(app.stop());
    app.run().await
}

/// Ctrl-C and SIGTERM drain; a second one does not wait.
pub(crate) fn stop_on_signals(stop: Stop) {
    tokio::spawn(async move {
        for first in [true, false] {
            wait_for_signal().await;
            if !first {
                std::process::exit(130);
            }
            tracing::info!("draining");
            stop.doors.cancel();
        }
    });
}

async fn wait_for_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn openapi(check: Option<PathBuf>) -> anyhow::Result<()> {
    let document = crate::api::document();
    let Some(path) = check else {
        println!("{document}");
        return Ok(());
    };
    let there = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    if there.trim() != document.trim() {
        bail!("{} is out of date; write it again with: cargo run -- openapi > {}", path.display(), path.display());
    }
    println!("{} is up to date.", path.display());
    Ok(())
}

async fn add_user(login: &str, name: Option<String>, role: &str, settings: ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(settings)?;
    let role = Role::parse(role).with_context(|| format!("{role} is not a role: admin, teacher or student"))?;
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let name = name.unwrap_or_else(|| login.to_owned());
    match app::add_user(&config, login, &name, role, password.trim_end_matches(['\r', '\n'])).await {
        Ok(id) => println!("{login} is {id}, role {}.", role.as_str()),
        Err(error) => bail!("the account was not made: {}", reason(&error)),
    }
    Ok(())
}

/// The catalogue's sentence for an error of the services.
pub(crate) fn reason(error: &anyhow::Error) -> String {
    error.downcast_ref::<crate::error::Error>().map_or_else(|| format!("{error:#}"), app::words)
}
