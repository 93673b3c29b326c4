//! The server underneath.

use super::{Line, Seen, Value};
use crate::domain::Ms;
use crate::limits;

/// How students reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Encrypted.
    Secure,
    /// In plain HTTP: whoever is on the network can read along, and browsers keep some of their abilities back.
    Plain,
    /// Only from the server itself.
    OnlyHere,
}

/// The backups of this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupSeen {
    /// It makes none.
    Off,
    /// There is none yet.
    None,
    /// The last try failed.
    Failed,
    /// The newest is this old, ms.
    Aged(Ms),
}

/// The server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSeen {
    /// How it is reached.
    pub reach: Reach,
    /// Free space where the database is, bytes; None: another machine's, or not known.
    pub free_bytes: Option<u64>,
    /// Its backups.
    pub backup: BackupSeen,
    /// Whether answers can be saved now.
    pub saves: bool,
    /// Whether nodes hear each other; None: there is one.
    pub heard: Option<bool>,
    /// The machine's clock less trusted time, ms.
    pub drift_ms: Ms,
}

pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    let server = &seen.server;
    let mut lines = vec![reach(server.reach), saves(server.saves)];
    lines.extend(server.free_bytes.map(disk));
    lines.push(backup(server.backup));
    lines.extend(server.heard.map(heard));
    lines.extend(drift(server.drift_ms));
    lines
}

fn reach(reach: Reach) -> Line {
    match reach {
        Reach::Secure => Line::good("address", "address-secure"),
        Reach::Plain => Line::look("address", "address-plain"),
        Reach::OnlyHere => Line::look("address", "address-only-here"),
    }
}

fn saves(saves: bool) -> Line {
    if saves { Line::good("database", "database-saves") } else { Line::bad("database", "database-away") }
}

fn disk(free: u64) -> Line {
    let line = match free {
        ..limits::SPACE_BAD => Line::bad("disk", "disk-full"),
        limits::SPACE_BAD..limits::SPACE_ODD => Line::look("disk", "disk-little"),
        _ => Line::good("disk", "disk-good"),
    };
    let tenths = i64::try_from(free / (1 << 30) * 10 + free % (1 << 30) * 10 / (1 << 30)).unwrap_or(i64::MAX);
    line.with("size", Value::Text(format!("{}.{}", tenths / 10, tenths % 10)))
}

fn backup(backup: BackupSeen) -> Line {
    match backup {
        BackupSeen::Off => Line::look("backup", "backup-off"),
        BackupSeen::None => Line::look("backup", "backup-none"),
        BackupSeen::Failed => Line::bad("backup", "backup-failed"),
        BackupSeen::Aged(age) => {
            let old = age > limits::BACKUP_STALE_MS;
            let line = if old { Line::bad("backup", "backup-old") } else { Line::good("backup", "backup-good") };
            line.with("age", Value::Length(age))
        }
    }
}

fn heard(heard: bool) -> Line {
    if heard { Line::good("nodes", "nodes-heard") } else { Line::look("nodes", "nodes-cut") }
}

/// A clock that runs as it should is not worth a line.
fn drift(drift: Ms) -> Option<Line> {
    let off = drift.saturating_abs();
    (off > limits::CLOCK_STEP_MS).then(|| Line::look("server-clock", "server-clock-off").with("off", Value::Length(off)))
}
