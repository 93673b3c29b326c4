//! A room's time as data: an append-only ledger of changes, and pure functions from it to deadlines, their explanation and verdicts.
//!
//! Nothing here reads a clock or counts down. A deadline depends on the ledger and a candidate's facts alone; `now` only tells
//! which phase that makes and how much is left of it. The rule, in one line:
//!
//! ```text
//! deadline = begin + base × multiplier + extensions + credits + (pauses ∪ outages ∪ reopen gaps), at most the hard window's end
//! ```
//!
//! An interval is removed from `begin` on, and only if it starts before the deadline as known without it; each of its
//! milliseconds is removed once, however many entries cover it. Sums are made in 128 bits and clamped to `Ms` at the end.

use serde::{Deserialize, Serialize};

use crate::domain::Ms;
use crate::domain::ids::{CandidateId, UserId};

mod deadline;
mod entry;
mod judge;
mod ledger;
#[cfg(test)]
mod tests;
mod words;

pub use judge::{Row, Verdict, current, resolve};
pub use ledger::Ledger;
pub use words::{EndedBy, OutagePolicy, Phase, RoomPhase, TermKind, Timing, Why};

/// The whole of something in basis points: an accommodation of 12,500 is time and a quarter.
pub const WHOLE_BP: i64 = 10_000;

/// The hours in which an exam may be sat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The window's end.
    pub ends_ms: Ms,
    /// Whether it cuts deadlines; a soft end only closes entry.
    pub hard: bool,
}

/// What the exam says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The allowance of a candidate without accommodation.
    pub base_ms: Ms,
    /// How long after the deadline an answer may still arrive and count.
    pub grace_ms: Ms,
    /// When time begins.
    pub timing: Timing,
    /// Entry closes this long after the room's start; the room's pauses and outages are not counted.
    pub late_entry_ms: Option<Ms>,
    /// The hours in which the exam may be sat.
    pub window: Option<Window>,
}

/// Why staff, or the server, changed the time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// One of a short list, for reports.
    pub code: String,
    /// Free words, shown to people.
    pub text: String,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Opens the waiting room.
    Open,
    /// Starts the room.
    Start,
    /// Stops time.
    Pause,
    /// Lets time run again; ends every pause of the same scope that is still running when it is given.
    Resume {
        /// From when; may lie in the future, and a later resume may name another instant until then.
        at_ms: Ms,
    },
    /// Gives time, or takes it.
    Extend {
        /// How much; may be negative.
        ms: Ms,
    },
    /// Gives time back for an incident.
    Credit {
        /// How much; may be negative.
        ms: Ms,
    },
    /// Sets the factor on the base allowance; the last one holds, also over the roster's.
    Accommodate {
        /// Basis points.
        multiplier_bp: i64,
    },
    /// Removes a time in which the service could not be reached.
    Outage {
        /// Its first instant.
        from_ms: Ms,
        /// The first instant after it.
        to_ms: Ms,
    },
    /// Staff ended candidates.
    Terminate,
    /// Candidates work again; the time since their end is removed.
    Reopen {
        /// What they get on top.
        ms: Ms,
    },
    /// Cancels an earlier change, which may itself be a revert.
    Revert {
        /// The change that is cancelled.
        rev: i64,
    },
    /// Ends the room: entry closes.
    End {
        /// Whether those with individual extra time keep their deadline.
        spare: bool,
    },
}

impl Kind {
    /// The word as stored and sent.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume { .. } => "resume",
            Self::Extend { .. } => "extend",
            Self::Credit { .. } => "credit",
            Self::Accommodate { .. } => "accommodate",
            Self::Outage { .. } => "outage",
            Self::Terminate => "terminate",
            Self::Reopen { .. } => "reopen",
            Self::Revert { .. } => "revert",
            Self::End { .. } => "end",
        }
    }

    /// Whether it moves the deadline of somebody whose time has begun and goes on, so that their page has to show another one.
    pub fn moves_deadlines(&self) -> bool {
        !matches!(self, Self::Open | Self::Start | Self::Terminate | Self::End { .. })
    }
}

/// One candidate a change is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The candidate.
    pub candidate: CandidateId,
    /// Of a reopen: when that candidate had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<Ms>,
}

/// Whom a change is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// Everyone in the room, also who joins later.
    Room,
    /// These and nobody else.
    Only(Vec<Target>),
}

impl Targets {
    /// Whether the change is for this candidate.
    pub fn includes(&self, candidate: &CandidateId) -> bool {
        matches!(self, Self::Room) || self.own(candidate).is_some()
    }

    /// The candidate's own target; none if the change is for the whole room.
    pub fn own(&self, candidate: &CandidateId) -> Option<&Target> {
        match self {
            Self::Room => None,
            Self::Only(list) => list.iter().find(|target| target.candidate == *candidate),
        }
    }
}

/// One entry of a room's ledger. Never edited: a mistake is reverted by another entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its place in the ledger; strictly growing within a room.
    pub rev: i64,
    /// When it was made.
    pub at_ms: Ms,
    /// What it does.
    pub kind: Kind,
    /// Whom it is for.
    pub targets: Targets,
    /// Why it was made.
    pub reason: Reason,
    /// Who made it; none is the server itself.
    pub by: Option<UserId>,
}

/// How and when a candidate's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When; of the sweep: the deadline, not the instant of the sweep.
    pub at_ms: Ms,
    /// Who did it.
    pub by: EndedBy,
}

/// What is stored of a candidate, beside the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The first join.
    pub joined_ms: Option<Ms>,
    /// When time began; written once.
    pub begun_ms: Option<Ms>,
    /// The end; cleared by a reopen.
    pub ended: Option<Ended>,
    /// The roster's accommodation in basis points; a change in the ledger overrides it.
    pub multiplier_bp: i64,
}

impl Default for Facts {
    fn default() -> Self {
        Self { joined_ms: None, begun_ms: None, ended: None, multiplier_bp: WHOLE_BP }
    }
}

/// One term of a deadline's explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// What it stands for.
    pub kind: TermKind,
    /// What it adds to the deadline; 0 for a pause that is still open, and where another entry covers it wholly.
    pub ms: Ms,
    /// The ledger entry behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    /// That entry's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Of a multiplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier_bp: Option<i64>,
    /// Of an interval: its first instant that concerns the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<Ms>,
    /// Of an interval: the first instant after it; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_ms: Option<Ms>,
}

/// A candidate's clock at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The last change that touches the candidate; 0 if none does.
    pub rev: i64,
    /// What the candidate is doing.
    pub phase: Phase,
    /// The room's start: the stored one, or else the schedule's.
    pub starts_ms: Option<Ms>,
    /// When time began.
    pub begun_ms: Option<Ms>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// None before time began and while a pause has no known end.
    pub deadline_ms: Option<Ms>,
    /// What is left, never negative: stands still while paused, 0 after the end; before time began, what it would be if it began now.
    pub remaining_ms: Option<Ms>,
    /// The terms of the deadline. Where it is known they sum to deadline − begin; before time began they sum to the allowance.
    pub explain: Vec<Term>,
}

impl Clock {
    /// Orders two clocks of one candidate: the greater one replaces the other.
    pub fn version(&self) -> (i64, Option<Ms>, Option<Ms>) {
        (self.rev, self.begun_ms, self.ended.map(|ended| ended.at_ms))
    }
}
