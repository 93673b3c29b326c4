//! Backups: made while people write, verified before they are called made, found again, counted and told of.

/// Files of backups: names, rights, order, what goes.
pub mod files;
/// A verified copy of a database that others write to.
pub mod make;
/// From a file back to a store.
pub mod restore;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::Service;
use crate::bus::Message;
use crate::domain::Ms;
use crate::domain::event::Body;
use crate::live::lock;
use crate::store::StoreError;
use crate::store::backup::Tally;
use crate::store::backup::postgres::ToolError;
use crate::time::next_local;
use crate::{limits, metrics};

/// Why there is no backup, or why one is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or folder.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] std::io::Error),
    /// The database.
    #[error("the database cannot be read: {0}")]
    Store(#[from] StoreError),
    /// A tool of PostgreSQL's.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The copy is not what it has to be.
    #[error("the copy is not good: {0}")]
    Bad(String),
    /// A server has this database open.
    #[error("a server has this database open: stop it first")]
    Running,
    /// There is something where the restored database has to go.
    #[error("{0} exists: say --force to move it aside (nothing is deleted)")]
    Exists(String),
}

impl BackupError {
    /// A stable word for logs, metrics and `/health/ready`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(_, error) if error.kind() == std::io::ErrorKind::StorageFull => "disk_full",
            Self::File(..) => "file",
            Self::Store(StoreError::DiskFull(_)) => "disk_full",
            Self::Store(_) => "database",
            Self::Tool(ToolError::Missing(_)) => "pg_tools_missing",
            Self::Tool(_) => "pg_tools_failed",
            Self::Bad(_) => "not_verified",
            Self::Running => "running",
            Self::Exists(_) => "exists",
        }
    }
}

/// What backups return.
pub type Result<T> = std::result::Result<T, BackupError>;

/// When and where backups are made by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The folder.
    pub dir: PathBuf,
    /// How many are kept.
    pub keep: usize,
    /// Minute of the day, on the clock on this machine's wall.
    pub minute: u32,
}

/// A backup that has been verified.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What is in it; None: only the tool that wrote it can read it.
    pub tally: Option<Tally>,
}

/// What this node knows of its backups.
#[derive(Debug)]
pub struct Backups {
    plan: Option<Plan>,
    url: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    started_ms: Ms,
    newest_ms: Option<Ms>,
    failed: Option<(Ms, &'static str)>,
    /// After an exam: when the first room ended, and when to begin.
    after: Option<(Ms, Ms)>,
}

/// What `/health/ready` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// How old the newest backup is.
    pub age_ms: Option<Ms>,
    /// Code of the last failure, when nothing has gone well since.
    pub last_error: Option<&'static str>,
    /// Whether somebody has to look.
    pub degraded: bool,
}

impl Backups {
    /// Of a node that starts at `now`. `url` names the database.
    pub fn new(plan: Option<Plan>, url: String, now: Ms) -> Self {
        let newest_ms = plan.as_ref().and_then(|plan| files::newest(&plan.dir));
        let started_ms = now;
        Self { plan, url, state: Mutex::new(State { started_ms, newest_ms, ..State::default() }) }
    }

    /// How backups stand; None when this node makes none.
    pub fn health(&self, now: Ms) -> Option<Health> {
        self.plan.as_ref()?;
        let state = lock(&self.state);
        let last_error = state.failed.map(|(_, code)| code);
        // Where there is none yet, the start counts.
        let old = now - state.newest_ms.unwrap_or(state.started_ms) > limits::BACKUP_STALE_MS;
        Some(Health { age_ms: state.newest_ms.map(|at| (now - at).max(0)), last_error, degraded: old || last_error.is_some() })
    }

    /// A room is over: one backup follows, for all rooms that end about then.
    pub fn room_ended(&self, now: Ms) {
        let mut state = lock(&self.state);
        let (first, _) = state.after.unwrap_or((now, now));
        state.after = Some((first, (now + limits::BACKUP_AFTER_END_MS).min(first + limits::BACKUP_PUT_OFF_MS)));
    }

    /// When the next one is due; None when this node makes none.
    pub fn due_ms(&self, now: Ms) -> Option<Ms> {
        let plan = self.plan.as_ref()?;
        let state = lock(&self.state);
        let nightly = next_local(state.newest_ms.unwrap_or(0).max(now - DAY_MS), plan.minute).max(now);
        // After a start there is peace first; the last night's is made up for.
        let nightly = if nightly <= now { nightly.max(state.started_ms + limits::BACKUP_CATCH_UP_MS) } else { nightly };
        let next = state.after.map_or(nightly, |(_, at)| at.min(nightly));
        Some(state.failed.map_or(next, |(at, _)| next.max(at + limits::BACKUP_CATCH_UP_MS)))
    }
}

const DAY_MS: Ms = 24 * 3_600_000;

impl Service {
    /// Makes backups for as long as the node lives: every night, and when exams have ended.
    pub async fn keep_backups(self: Arc<Self>) {
        let mut messages = self.bus.follow();
        while let Some(due) = self.backups.due_ms(self.now()) {
            tokio::select! {
                () = self.time.sleep_until(due) => self.back_up().await,
                message = messages.recv() => match message {
                    Ok(Message::Events(events)) if events.iter().any(|e| e.body == Body::RoomEnded) => self.backups.room_ended(self.now()),
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => self.backups.room_ended(self.now()),
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
            }
        }
        // No backups here: an end would be taken for a failure.
        std::future::pending::<()>().await;
    }

    /// Makes one now, forgets what is too old, and remembers how it went.
    pub async fn back_up(&self) {
        let Some(plan) = &self.backups.plan else { return };
        let (now, began) = (self.now(), self.time.mono());
        let made = make::make(&self.backups.url, &plan.dir, now).await;
        let seconds = self.time.mono().saturating_sub(began).as_secs_f64();
        let mut state = lock(&self.backups.state);
        state.after = None;
        match made {
            Ok(made) => {
                state.newest_ms = Some(now);
                state.failed = None;
                drop(state);
                metrics::backup("made", seconds);
                tracing::info!(file = %made.file.display(), bytes = made.bytes, seconds, "backup.made");
                files::prune(&plan.dir, plan.keep);
            }
            Err(error) => {
                state.failed = Some((now, error.code()));
                drop(state);
                metrics::backup("failed", seconds);
                tracing::error!(code = error.code(), %error, "backup.failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Ms = 1_793_696_400_000;

    fn backups() -> Backups {
        Backups::new(Some(Plan { dir: "/nonexistent".into(), keep: 2, minute: 150 }), String::new(), NOW)
    }

    #[test]
    fn rooms_that_end_together_get_one_backup() {
        let b = backups();
        lock(&b.state).newest_ms = Some(NOW);
        b.room_ended(NOW);
        assert_eq!(b.due_ms(NOW), Some(NOW + limits::BACKUP_AFTER_END_MS));
        b.room_ended(NOW + 60_000);
        assert_eq!(b.due_ms(NOW + 60_000), Some(NOW + 60_000 + limits::BACKUP_AFTER_END_MS));
        for minute in 2..60 {
            b.room_ended(NOW + minute * 60_000);
        }
        assert_eq!(b.due_ms(NOW), Some(NOW + limits::BACKUP_PUT_OFF_MS), "ends do not put it off for ever");
    }

    #[test]
    fn a_night_that_was_missed_is_made_up_for_and_a_failure_is_tried_again() {
        let b = backups();
        assert_eq!(b.due_ms(NOW), Some(NOW + limits::BACKUP_CATCH_UP_MS), "there is none at all");
        lock(&b.state).newest_ms = Some(NOW);
        let next = b.due_ms(NOW).unwrap();
        assert!(next > NOW && next <= NOW + 26 * 3_600_000);
        assert_eq!(b.due_ms(next + 5).unwrap(), next + 5, "due until it is made");
        lock(&b.state).failed = Some((next, "disk_full"));
        assert_eq!(b.due_ms(next + 5).unwrap(), next + limits::BACKUP_CATCH_UP_MS);
    }

    #[test]
    fn health_asks_for_a_look_when_backups_are_old_or_fail() {
        let b = backups();
        let of = |now| b.health(now).unwrap();
        assert_eq!(of(NOW), Health { age_ms: None, last_error: None, degraded: false });
        assert!(of(NOW + limits::BACKUP_STALE_MS + 1).degraded);
        lock(&b.state).newest_ms = Some(NOW + 7);
        assert_eq!(of(NOW + 10), Health { age_ms: Some(3), last_error: None, degraded: false });
        lock(&b.state).failed = Some((NOW, "disk_full"));
        assert!(of(NOW + 10).degraded);
        assert_eq!(Backups::new(None, String::new(), NOW).health(NOW), None);
    }
}
