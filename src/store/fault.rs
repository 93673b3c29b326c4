//! What a database can fail with, by what it means for whoever wrote: an error is told apart by its kind, never by a constraint's name.

use std::sync::LazyLock;

use tokio_util::sync::CancellationToken;

use crate::weaken;

/// What a store function can fail with. Two words would do for most callers; the rest decides whether a client may try again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row that had to be unique is there already.
    #[error("already there")]
    Duplicate,
    /// The row has moved since it was read: compare-and-set failed.
    #[error("moved")]
    Moved,
    /// An Idempotency-Key came back with another request.
    #[error("key reused")]
    KeyReused,
    /// Somebody else holds the lock, or no connection was free in time.
    #[error("busy")]
    Busy(#[source] sqlx::Error),
    /// No space left.
    #[error("disk full")]
    DiskFull(#[source] sqlx::Error),
    /// The database cannot be reached, or cannot read or write its files at present; nothing was committed.
    #[error("database away")]
    Away(#[source] sqlx::Error),
    /// The connection was lost at COMMIT: it may or may not have happened.
    #[error("nobody knows whether it was committed")]
    Unsure(#[source] sqlx::Error),
    /// The disk did not confirm what was to be kept. Asking again could be answered with a lie: the process has to end.
    #[error("the disk failed to keep what was written")]
    Broken(#[source] sqlx::Error),
    /// The database will never take this value.
    #[error("a value that cannot be stored")]
    Rejected(#[source] sqlx::Error),
    /// A stored value cannot be read back: a bug or a foreign hand.
    #[error("stored value is unreadable: {0}")]
    Unreadable(String),
    /// Anything else.
    #[error("database error")]
    Other(#[source] sqlx::Error),
}

/// What store functions return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A fact about the process, not about one store: a disk that lost a write once is not asked again.
static BROKEN: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// Returns when a disk did not confirm what was to be kept. From then on nothing may be called saved by this process.
pub async fn broken() {
    BROKEN.cancelled().await;
}

/// What an engine's code means.
enum Kind {
    Busy,
    DiskFull,
    Away,
    Broken,
    Rejected,
    Other,
}

/// SQLite's numbers: the low byte is the kind, the rest says which step failed.
fn sqlite_kind(code: u32) -> Kind {
    const IOERR_FSYNC: u32 = 1034;
    const IOERR_DIR_FSYNC: u32 = 1290;
    const CONSTRAINT_FOREIGNKEY: u32 = 787;
    match (code, code & 0xff) {
        (IOERR_FSYNC | IOERR_DIR_FSYNC, _) if !weaken::on("fsync") => Kind::Broken,
        // BUSY, LOCKED.
        (_, 5 | 6) => Kind::Busy,
        // FULL.
        (_, 13) => Kind::DiskFull,
        // READONLY, IOERR, CANTOPEN: no write has been confirmed, and a failed write may be repeated.
        (_, 8 | 10 | 14) => Kind::Away,
        // A row that others refer to, or that is gone: no fault of the value.
        (CONSTRAINT_FOREIGNKEY, _) => Kind::Other,
        // TOOBIG, CONSTRAINT, MISMATCH, RANGE.
        (_, 18 | 19 | 20 | 25) => Kind::Rejected,
        _ => Kind::Other,
    }
}

/// PostgreSQL's five letters: the first two are the class.
fn postgres_kind(code: &str) -> Kind {
    match (code, code.get(..2).unwrap_or_default()) {
        // Lock not available, deadlock, serialization, statement timeout.
        ("55P03" | "40P01" | "40001" | "57014", _) => Kind::Busy,
        ("53100", _) => Kind::DiskFull,
        (_, "53") => Kind::Busy,
        // Read-only, idle in transaction for too long; then connection, operator (shutdown), system.
        ("25006" | "25P03", _) | (_, "08" | "57" | "58") => Kind::Away,
        ("23503", _) => Kind::Other,
        // Data, integrity, limits of the program.
        (_, "22" | "23" | "54") => Kind::Rejected,
        _ => Kind::Other,
    }
}

/// What a code means: PostgreSQL's have five letters, SQLite's are numbers of four digits at most.
fn kind(code: &str) -> Kind {
    match code.parse() {
        Ok(number) if code.len() < 5 => sqlite_kind(number),
        _ => postgres_kind(code),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(db) => match kind(&db.code().unwrap_or_default()) {
                Kind::Busy => Self::Busy(error),
                Kind::DiskFull => Self::DiskFull(error),
                Kind::Away => Self::Away(error),
                Kind::Broken => {
                    BROKEN.cancel();
                    Self::Broken(error)
                }
                Kind::Rejected => Self::Rejected(error),
                Kind::Other => Self::Other(error),
            },
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_) => Self::Away(error),
            _ => Self::Other(error),
        }
    }
}

impl StoreError {
    /// What an error at COMMIT means. Only a database that gave its own verdict is believed: PostgreSQL that goes down, or a line that
    /// breaks, may have committed before.
    pub(super) fn at_commit(error: sqlx::Error) -> Self {
        let verdict = match &error {
            sqlx::Error::Database(db) => {
                let code = db.code().unwrap_or_default();
                code.len() < 5 || !matches!(kind(&code), Kind::Away) && code != "40003"
            }
            _ => false,
        };
        if verdict { error.into() } else { Self::Unsure(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind};

    #[test]
    fn codes_of_both_engines_are_told_apart() {
        assert!(matches!(kind("1034"), Kind::Broken) && matches!(kind("1290"), Kind::Broken));
        assert!(["5", "517", "6", "262", "55P03", "40001", "57014", "53300"].iter().all(|c| matches!(kind(c), Kind::Busy)));
        assert!(["13", "53100"].iter().all(|c| matches!(kind(c), Kind::DiskFull)));
        assert!(
            ["8", "1032", "10", "778", "14", "57P01", "08006", "25006", "58030"].iter().all(|c| matches!(kind(c), Kind::Away))
        );
        assert!(["18", "19", "1811", "22021", "23514", "54000"].iter().all(|c| matches!(kind(c), Kind::Rejected)));
        assert!(["11", "1", "787", "", "42P01", "23503", "XX000"].iter().all(|c| matches!(kind(c), Kind::Other)));
    }
}
