//! `backup` and `restore`: without a server, and the first also beside one.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::logging;
use crate::config::{Config, Database, ServeArgs};
use crate::service::backup::{files, make, restore};
use crate::time::{Time, rfc3339_ms};

/// Options of `backup`.
#[derive(Args)]
pub(super) struct BackupArgs {
    /// Folder to put the backup in; `backup_dir` of the settings when it is not given.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

/// Options of `restore`.
#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The backup.
    #[arg(required_unless_present = "in_place")]
    file: Option<PathBuf>,
    /// The database has been restored by other means: only give it another epoch, so that devices send again what it has lost.
    #[arg(long, conflicts_with_all = ["file", "force"])]
    in_place: bool,
    /// Move what is in the database's place aside. It is never deleted.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

pub(super) async fn make(args: BackupArgs) -> anyhow::Result<()> {
    let config = Config::resolve(*args.settings)?;
    logging::start(&config.log_level, config.log_format);
    let named = args.to.or_else(|| config.backups.as_ref().map(|plan| plan.dir.clone()));
    let dir = named.context("name a folder with --to, or backup_dir in the settings")?;
    let made = make::make(&config.database.url(), &dir, Time::anchored(Time::wall_ms()).now()).await?;
    println!("{} ({} bytes) is made and verified.", made.file.display(), made.bytes);
    match made.tally {
        Some(t) => println!("It holds {} candidates, {} answers, {} timeline rows.", t.candidates, t.answers, t.events),
        None => println!("Its contents are listed by pg_restore as they should be; to be sure of them, restore it elsewhere."),
    }
    // Only where backups are kept anyway: a folder that was named by hand is the person's own.
    if let Some(plan) = config.backups.filter(|plan| plan.dir == dir) {
        files::prune(&plan.dir, plan.keep);
    }
    Ok(())
}

pub(super) async fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let config = Config::resolve(*args.settings)?;
    logging::start(&config.log_level, config.log_format);
    let now = Time::anchored(Time::wall_ms()).now();
    if let Some(file) = args.file.as_ref().filter(|file| !file.is_file()) {
        bail!("{} is not a file", file.display());
    }
    let report = match (&args.file, &config.database) {
        (Some(file), Database::Sqlite(path)) => restore::sqlite(file, path, args.force, now).await?,
        (Some(file), Database::Postgres(url)) => restore::postgres(file, url.expose(), args.force, now).await?,
        (None, Database::Sqlite(path)) => restore::in_place(&config.database.url(), Some(path), now).await?,
        (None, Database::Postgres(_)) => restore::in_place(&config.database.url(), None, now).await?,
    };
    let (t, restored) = (report.tally, report.restored);
    println!("{} is restored: {} candidates, {} answers, {} timeline rows.", config.database, t.candidates, t.answers, t.events);
    if let Some(aside) = report.aside {
        println!("What was there before is now {aside}.");
    }
    println!(
        "What happened after {} is not in it. Devices send again what they keep, for 24 hours.",
        rfc3339_ms(restored.from_ms)
    );
    for room in &restored.rooms {
        println!("Room {room} was going on: look at its phase, its time and its timeline before anybody comes back.");
    }
    Ok(())
}
