//! What the verbs are told and answer.

use poem_openapi::Object;

use crate::api::replies::Reason;
use crate::api::types::{At, at};
use crate::domain::Ms;
use crate::domain::ids::{CandidateId, TakeoverId};
use crate::service::control;

/// A deadline at some moment.
#[derive(Object)]
pub(in crate::api) struct Deadline {
    /// Null before time begins and while paused.
    pub(in crate::api) deadline_at: Option<At>,
}

impl From<Option<Ms>> for Deadline {
    fn from(ms: Option<Ms>) -> Self {
        Self { deadline_at: at(ms) }
    }
}

/// What a command came to, or would come to.
#[derive(Object)]
pub(in crate::api) struct Change {
    /// The room's rev after it.
    pub(in crate::api) rev: i64,
    /// Whether anything was changed; false for a dry run and where all was so already.
    pub(in crate::api) applied: bool,
    /// The room's phase after it.
    pub(in crate::api) phase: String,
    /// One line for each candidate it touches.
    pub(in crate::api) affected: Vec<Affected>,
}

/// What it is for one candidate.
#[derive(Object)]
pub(in crate::api) struct Affected {
    /// Who.
    pub(in crate::api) candidate: CandidateId,
    /// `applied`, `unchanged` or `refused`.
    pub(in crate::api) outcome: String,
    /// Why refused.
    pub(in crate::api) code: Option<String>,
    /// The deadline before.
    pub(in crate::api) before: Deadline,
    /// The deadline after.
    pub(in crate::api) after: Deadline,
}

impl From<control::Change> for Change {
    fn from(change: control::Change) -> Self {
        let affected = change.affected.into_iter().map(|line| Affected {
            candidate: line.candidate,
            outcome: line.outcome,
            code: line.code,
            before: line.before_ms.into(),
            after: line.after_ms.into(),
        });
        Self { rev: change.rev, applied: change.applied, phase: change.phase, affected: affected.collect() }
    }
}

/// A command for the whole room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct RoomCommand {
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw; refused with `clock_moved` if there is another one.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// Open the waiting room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct OpenCommand {
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
    /// Your own clock. Refused with `clock_differs` when it and the server's are a minute apart.
    pub(in crate::api) client_now_at: Option<At>,
    /// Open although they differ: you have compared both with a clock you trust.
    #[oai(default)]
    pub(in crate::api) accept_clock_difference: bool,
}

/// A command for the room or for some of its candidates.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct SelectionCommand {
    /// Whom; the room when absent.
    pub(in crate::api) candidates: Option<Vec<CandidateId>>,
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// Let time run again.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct ResumeCommand {
    /// Whom; the room when absent.
    pub(in crate::api) candidates: Option<Vec<CandidateId>>,
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
    /// From when; at once when absent.
    pub(in crate::api) resume_at: Option<At>,
}

/// Give time, or take it.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct SecondsCommand {
    /// How much; negative takes time away, within what is left.
    pub(in crate::api) seconds: i64,
    /// Whom; the room when absent.
    pub(in crate::api) candidates: Option<Vec<CandidateId>>,
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// End the room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct EndCommand {
    /// Those with individual extra time keep their deadline and the room runs until the last of them; true when absent.
    pub(in crate::api) spare: Option<bool>,
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// End candidates.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct TerminateCommand {
    /// Whom.
    pub(in crate::api) candidates: Vec<CandidateId>,
    /// Why; needed.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// Let candidates work again.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct ReopenCommand {
    /// Whom.
    pub(in crate::api) candidates: Vec<CandidateId>,
    /// What they get on top of the time that was left when they ended.
    #[oai(default)]
    pub(in crate::api) seconds: i64,
    /// Why; needed.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// A candidate's factor on the allowance.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct Accommodation {
    /// Basis points, 5,000 to 50,000; 12,500 is time and a quarter.
    pub(in crate::api) multiplier_bp: i64,
    /// Why.
    pub(in crate::api) reason: Option<Reason>,
    /// The rev you saw.
    pub(in crate::api) expected_rev: Option<i64>,
}

/// The answer to another device's request.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct Decision {
    /// The request, as in the live table.
    pub(in crate::api) id: TakeoverId,
    /// Whether the other device may go on.
    pub(in crate::api) allow: bool,
}
