//! What came of a rehearsal.

use serde::{Deserialize, Serialize};

use super::{Line, Place, Seen, Value, is_ready};
use crate::domain::Ms;

/// What a simulated crowd did, and what the database had of it afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rehearsed {
    /// Simulated students.
    pub people: i64,
    /// Those who were let in.
    pub entered: i64,
    /// Answers that they gave.
    pub given: i64,
    /// Answers that they were told are saved.
    pub saved: i64,
    /// Answers that the database had.
    pub stored: i64,
    /// Answers that were called saved and missing at the hand-in.
    pub lost: i64,
    /// Those who handed in.
    pub handed_in: i64,
    /// Longest wait from an answer to its confirmation, ms.
    pub worst_ms: Ms,
}

/// How a rehearsal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Rehearsal {
    /// It is under way.
    Running,
    /// It was carried out.
    Done(Rehearsed),
    /// Somebody stopped it, or the server did when it went away.
    Stopped,
    /// The crowd could not sit.
    Failed,
}

/// Longest wait for a confirmation that nobody minds, ms.
const WORST_GOOD_MS: Ms = 1_000;
/// Longest that an exam can be held with, ms.
const WORST_BAD_MS: Ms = 5_000;

/// What a rehearsal has found.
pub fn judge_rehearsal(rehearsal: Rehearsal) -> Vec<Line> {
    match rehearsal {
        Rehearsal::Running => vec![Line::look("rehearsal", "re-running")],
        Rehearsal::Stopped => vec![Line::look("rehearsal", "re-stopped")],
        Rehearsal::Failed => vec![Line::bad("rehearsal", "re-failed")],
        Rehearsal::Done(r) => vec![entered(&r), saved(&r), wait(&r), handed_in(&r)],
    }
}

fn n(line: Line, n: i64) -> Line {
    line.with("n", Value::Number(n))
}

fn entered(r: &Rehearsed) -> Line {
    if r.entered == r.people {
        n(Line::good("entered", "re-entered"), r.people)
    } else {
        n(Line::bad("entered", "re-entered-not"), r.people - r.entered).with("people", Value::Number(r.people))
    }
}

fn saved(r: &Rehearsed) -> Line {
    let missing = r.lost.max(r.saved - r.stored);
    if missing > 0 {
        return n(Line::bad("saved", "re-lost"), missing);
    }
    match r.given - r.saved {
        _ if r.given == 0 => Line::bad("saved", "re-nothing"),
        0 => n(Line::good("saved", "re-saved"), r.saved),
        unsaved => n(Line::bad("saved", "re-unsaved"), unsaved).with("given", Value::Number(r.given)),
    }
}

fn wait(r: &Rehearsed) -> Line {
    let line = if r.worst_ms <= WORST_GOOD_MS {
        Line::good("wait", "re-wait")
    } else if r.worst_ms <= WORST_BAD_MS {
        Line::look("wait", "re-wait-long")
    } else {
        Line::bad("wait", "re-wait-bad")
    };
    line.with("seconds", Value::Text(format!("{}.{:02}", r.worst_ms / 1000, r.worst_ms % 1000 / 10)))
}

fn handed_in(r: &Rehearsed) -> Line {
    let missing = r.entered - r.handed_in;
    if missing == 0 { Line::good("handed-in", "re-handed-in") } else { n(Line::bad("handed-in", "re-handed-in-not"), missing) }
}

/// The checklist's line; a room that has begun needs no rehearsal any more.
pub(super) fn line(seen: &Seen) -> Option<Line> {
    let line = match seen.rehearsed {
        _ if seen.times.started => return None,
        None | Some((_, Rehearsal::Stopped)) => Line::look("rehearsal", "rehearsal-none"),
        Some((_, Rehearsal::Running)) => Line::look("rehearsal", "rehearsal-running"),
        Some((at, rehearsal)) => {
            let well = is_ready(&judge_rehearsal(rehearsal));
            let line = if well { Line::good("rehearsal", "rehearsal-well") } else { Line::bad("rehearsal", "rehearsal-bad") };
            line.with("time", Value::At(at))
        }
    };
    Some(line.at(Place::Rehearsal))
}
