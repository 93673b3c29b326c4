//! What may be asked for in which phase, of the room or of one candidate, and how much care it takes. The pages, REST and `plan` ask here;
//! `docs/CONTROL.md` shows it as a table and is compared with it.

use super::Verb;
use crate::domain::Ms;
use crate::domain::access::Action;
use crate::domain::clock::{Phase, RoomPhase};

/// Time given is taken back by one press of a button, up to this much; more is looked at first, since it may be a slip of the finger.
const LIGHT_MS: Ms = 30 * 60_000;

/// A verb without its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// Open the waiting room.
    Open,
    /// Start time.
    Start,
    /// Stop time.
    Pause,
    /// Let time run again.
    Resume,
    /// Give or take time.
    Extend,
    /// Give back time for an incident.
    Credit,
    /// Another factor on the base.
    Accommodate,
    /// End the room.
    End,
    /// End candidates.
    Terminate,
    /// Let candidates work again.
    Reopen,
    /// Cancel an earlier change.
    Revert,
    /// Give an outage back.
    Outage,
}

/// Whether a verb may be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It would do something.
    Possible,
    /// It is so already: asking does no harm and changes nothing.
    Already,
    /// Not in this phase.
    WrongPhase,
    /// It is for candidates, and none is named.
    NeedsCandidates,
    /// It is for the whole room.
    RoomOnly,
}

impl Standing {
    /// As sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Already => "already",
            Self::WrongPhase => "wrong_phase",
            Self::NeedsCandidates => "needs_candidates",
            Self::RoomOnly => "room_only",
        }
    }
}

/// How a page makes sure that a person means it: the more harm, the more care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Done at once, with a way back.
    Undo,
    /// Shown before it is done.
    Look,
    /// Shown, and what is shown has to be typed.
    Typed,
}

impl Care {
    /// As sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Look => "look",
            Self::Typed => "typed",
        }
    }
}

impl Word {
    /// Those that people give, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Open,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Extend,
        Self::Credit,
        Self::Accommodate,
        Self::Reopen,
        Self::Terminate,
        Self::End,
        Self::Revert,
    ];

    /// As written and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Extend => "extend",
            Self::Credit => "credit",
            Self::Accommodate => "accommodate",
            Self::End => "end",
            Self::Terminate => "terminate",
            Self::Reopen => "reopen",
            Self::Revert => "revert",
            Self::Outage => "outage",
        }
    }

    /// The action that has to be allowed.
    pub fn action(self) -> Action {
        match self {
            Self::Open => Action::OpenRoom,
            Self::Start => Action::StartRoom,
            Self::Pause => Action::PauseRoom,
            Self::Resume => Action::ResumeRoom,
            Self::Extend => Action::ExtendRoom,
            Self::Credit => Action::CreditRoom,
            Self::Accommodate => Action::SetAccommodation,
            Self::End => Action::EndRoom,
            Self::Terminate => Action::TerminateCandidates,
            Self::Reopen => Action::ReopenCandidates,
            Self::Revert => Action::RevertChange,
            Self::Outage => Action::DecideOutage,
        }
    }

    /// Phases of the room in which it may be asked for.
    pub fn allowed(self) -> &'static [RoomPhase] {
        use RoomPhase::{Ended, Open, Paused, Running, Scheduled};
        match self {
            Self::Open => &[Scheduled, Open],
            Self::Start => &[Scheduled, Open, Running],
            Self::Pause | Self::Resume => &[Running, Paused],
            Self::End => &[Running, Paused, Ended],
            Self::Extend | Self::Credit | Self::Accommodate | Self::Terminate => &[Scheduled, Open, Running, Paused],
            Self::Reopen | Self::Outage => &[Running, Paused, Ended],
            Self::Revert => &[Scheduled, Open, Running, Paused, Ended],
        }
    }

    /// It names candidates always.
    pub fn needs_candidates(self) -> bool {
        matches!(self, Self::Terminate | Self::Reopen | Self::Accommodate)
    }

    /// It is about the whole room always.
    pub fn is_for_the_room(self) -> bool {
        matches!(self, Self::Open | Self::Start | Self::End | Self::Revert)
    }

    /// A repeat would have a second effect, so it needs an Idempotency-Key.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Extend | Self::Credit | Self::Reopen)
    }
}

/// Whether `word` may be asked for while the room is in phase `room`, for a candidate in phase `who`, or for the room.
pub fn stands(word: Word, room: RoomPhase, who: Option<Phase>) -> Standing {
    if !word.allowed().contains(&room) {
        return Standing::WrongPhase;
    }
    match who {
        None if word.needs_candidates() => Standing::NeedsCandidates,
        None => match (word, room) {
            (Word::Open, RoomPhase::Open)
            | (Word::Start | Word::Resume, RoomPhase::Running)
            | (Word::Pause, RoomPhase::Paused)
            | (Word::End, RoomPhase::Ended) => Standing::Already,
            _ => Standing::Possible,
        },
        Some(_) if word.is_for_the_room() => Standing::RoomOnly,
        Some(phase) => match (word, phase) {
            (Word::Reopen, Phase::Ended) => Standing::Possible,
            (Word::Reopen, _) | (Word::Terminate, Phase::Ended) => Standing::Already,
            (_, Phase::Ended) | (Word::Pause | Word::Resume, Phase::Expected | Phase::Waiting) => Standing::WrongPhase,
            (Word::Pause, Phase::Paused) | (Word::Resume, Phase::Working) => Standing::Already,
            _ => Standing::Possible,
        },
    }
}

impl Verb {
    /// The verb without its numbers.
    pub fn word(self) -> Word {
        match self {
            Self::Open => Word::Open,
            Self::Start => Word::Start,
            Self::Pause => Word::Pause,
            Self::Resume(_) => Word::Resume,
            Self::Extend(_) => Word::Extend,
            Self::Credit(_) => Word::Credit,
            Self::Accommodate(_) => Word::Accommodate,
            Self::End { .. } => Word::End,
            Self::Terminate => Word::Terminate,
            Self::Reopen(_) => Word::Reopen,
            Self::Revert(_) => Word::Revert,
            Self::Outage(_) => Word::Outage,
        }
    }

    /// How a page makes sure that it is meant.
    pub fn care(self) -> Care {
        match self {
            Self::Extend(ms) | Self::Credit(ms) if (1..=LIGHT_MS).contains(&ms) => Care::Undo,
            Self::End { .. } | Self::Terminate => Care::Typed,
            _ => Care::Look,
        }
    }
}

#[cfg(test)]
mod tests;
