//! Incidents: something recorded about a candidate or the room, by staff or proposed by a rule. What a rule finds is a proposal and nothing
//! else: it explains itself, and people decide.
//!
//! An incident is absolute and has a rev of its own: of two copies the greater rev is the newer.

mod casebook;
mod topic;

use serde::{Deserialize, Serialize};

use super::Ms;
use super::ids::{CandidateId, EventId, IncidentId, QuestionId, UserId};
use super::message::Sender;
use super::rules::Rule;

pub use casebook::Casebook;
pub use topic::Topic;

/// How far an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// A rule has found it, and nobody has looked yet.
    Proposed,
    /// Somebody looks after it.
    Open,
    /// Done.
    Resolved,
    /// It is none.
    Dismissed,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Proposed, Self::Open, Self::Resolved, Self::Dismissed];
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }
    /// Whether somebody has still to do something.
    pub fn waits(self) -> bool {
        matches!(self, Self::Proposed | Self::Open)
    }
}

/// What happened to an incident, for the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A rule found it.
    Proposed,
    /// Somebody looks after it: recorded by hand, taken up, or taken up again.
    Opened,
    /// Done.
    Resolved,
    /// It is none.
    Dismissed,
    /// The time that it suggests has been given back.
    Credited,
    /// Its words, its topic, its links, or whether the student sees it.
    Edited,
    /// Somebody wrote to it.
    Replied,
}

/// What a rule has found: the facts, from which the explanation in words is made. Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Finding {
    /// The page was in the background for longer than `limit_ms`.
    Away {
        /// Since when.
        from_ms: Ms,
        /// What the exam allows.
        limit_ms: Ms,
    },
    /// Nothing was heard of the device for longer than `limit_ms`.
    Silent {
        /// Since when.
        from_ms: Ms,
        /// What the exam allows.
        limit_ms: Ms,
    },
    /// The connection was away in the midst of work; the device is back.
    LostTime {
        /// From when.
        from_ms: Ms,
        /// Until when.
        to_ms: Ms,
        /// How much of it was working time.
        lost_ms: Ms,
    },
    /// The paper came late.
    LatePaper {
        /// From when.
        from_ms: Ms,
        /// Until when.
        to_ms: Ms,
        /// How much of it was working time.
        lost_ms: Ms,
    },
    /// The service was away.
    Outage {
        /// From when.
        from_ms: Ms,
        /// Until when.
        to_ms: Ms,
        /// Number of the outage.
        outage: Ms,
    },
    /// Another device asked to continue while the first one was connected.
    Takeover {
        /// When.
        at_ms: Ms,
    },
    /// The candidate has written from several devices.
    Devices {
        /// How many.
        devices: i64,
        /// From how many on it is proposed.
        limit: i64,
    },
    /// The candidate's devices came from several addresses.
    Addresses {
        /// Which.
        addresses: Vec<String>,
        /// From how many on it is proposed.
        limit: i64,
    },
    /// Much was pasted into an answer at once.
    Paste {
        /// When.
        at_ms: Ms,
        /// How many characters.
        chars: i64,
        /// What the exam allows.
        limit: i64,
        /// Into which answer.
        question: Option<QuestionId>,
    },
}

impl Finding {
    /// Which rule.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Away { .. } => Rule::Away,
            Self::Silent { .. } => Rule::Silent,
            Self::LostTime { .. } => Rule::LostTime,
            Self::LatePaper { .. } => Rule::LatePaper,
            Self::Outage { .. } => Rule::Outage,
            Self::Takeover { .. } => Rule::Takeover,
            Self::Devices { .. } => Rule::Devices,
            Self::Addresses { .. } => Rule::Addresses,
            Self::Paste { .. } => Rule::Paste,
        }
    }
    /// What it is about, until somebody says otherwise.
    pub fn topic(&self) -> Topic {
        match self {
            Self::Away { .. } => Topic::LeftPage,
            Self::Silent { .. } | Self::LostTime { .. } => Topic::Connection,
            Self::LatePaper { .. } => Topic::LatePaper,
            Self::Outage { .. } => Topic::Service,
            Self::Takeover { .. } | Self::Devices { .. } | Self::Addresses { .. } => Topic::Device,
            Self::Paste { .. } => Topic::Paste,
        }
    }
    /// The time that it suggests to give back.
    pub fn credit_ms(&self) -> Option<Ms> {
        match self {
            Self::LostTime { lost_ms, .. } | Self::LatePaper { lost_ms, .. } => Some(*lost_ms),
            Self::Outage { from_ms, to_ms, .. } => Some(to_ms - from_ms),
            _ => None,
        }
    }
}

/// Words that somebody has written to an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who.
    pub sender: Sender,
    /// The name.
    pub author: String,
    /// What.
    pub text: String,
    /// When, Unix ms.
    pub sent_ms: Ms,
}

/// An incident with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Counts its changes.
    pub rev: i64,
    /// About whom; None: the room.
    pub candidate: Option<CandidateId>,
    /// About what.
    pub topic: Topic,
    /// How far it is.
    pub state: State,
    /// What a rule has found; None: staff recorded it.
    pub finding: Option<Finding>,
    /// What staff wrote; may be empty.
    pub text: String,
    /// Whether the candidate sees it and may answer.
    pub shown: bool,
    /// Who recorded it.
    pub by: Option<UserId>,
    /// The name.
    pub author: String,
    /// When it was made, Unix ms.
    pub made_ms: Ms,
    /// When its state was last decided by a person, Unix ms.
    pub decided_ms: Option<Ms>,
    /// By whom.
    pub decided_by: Option<UserId>,
    /// The name.
    pub decider: String,
    /// The entry of the ledger by which the lost time was given back.
    pub credited_rev: Option<i64>,
    /// The key under which it was made.
    pub once: String,
    /// Entries of the timeline that belong to it.
    pub events: Vec<EventId>,
    /// What was written to it, oldest first.
    pub replies: Vec<Reply>,
}

impl Incident {
    /// One that a rule proposes, about the room, with nothing in it yet. `once` is its key; without one it has its own.
    pub fn new(id: IncidentId, topic: Topic, once: Option<String>, made_ms: Ms) -> Self {
        Self {
            once: once.unwrap_or_else(|| id.to_string()),
            id,
            rev: 1,
            candidate: None,
            topic,
            state: State::Proposed,
            finding: None,
            text: String::new(),
            shown: false,
            by: None,
            author: String::new(),
            made_ms,
            decided_ms: None,
            decided_by: None,
            decider: String::new(),
            credited_rev: None,
            events: Vec::new(),
            replies: Vec::new(),
        }
    }
    /// The time that waits to be given back; None: nothing to give, or given.
    pub fn suggests_ms(&self) -> Option<Ms> {
        self.finding.as_ref().and_then(Finding::credit_ms).filter(|_| self.credited_rev.is_none() && self.state.waits())
    }
    /// Whether the candidate sees it: never what a rule has only proposed.
    pub fn is_shown_to(&self, candidate: &CandidateId) -> bool {
        self.shown && self.state != State::Proposed && self.candidate.as_ref() == Some(candidate)
    }
}

#[cfg(test)]
mod tests;
