//! The one vocabulary of what happens in a room: timeline row, bus message and fold input are the same type.
//!
//! Events are absolute (folding one twice changes nothing) and free of text that people typed. Names are `noun.past_verb`; they grow
//! by addition.

use serde::{Deserialize, Serialize};

use super::Ms;
use super::attendance::Said;
use super::clock::{Ended, EndedBy};
use super::ids::{CandidateId, EventId, IncidentId, MessageId, QuestionId, RoomId, SessionId, TakeoverId, UserId};
use super::incident::Step;
use super::presence::Line;

mod group;
mod name;
mod told;

pub use group::Group;

/// Version of the vocabulary, stored with each row.
pub const VERSION: i64 = 1;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Sorts by time.
    pub id: EventId,
    /// Where.
    pub room: RoomId,
    /// When, in trusted time.
    pub at_ms: Ms,
    /// Whom it is about; None: the room.
    pub candidate: Option<CandidateId>,
    /// Who did it; None: the candidate or the server.
    pub by: Option<UserId>,
    /// What.
    #[serde(flatten)]
    pub body: Body,
}

/// Whether anything is heard from a candidate's device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Has not connected yet.
    Never,
    /// Heard within 10 s over its socket.
    Connected,
    /// Heard within 10 s without a socket: connected, but slow. What staff do reaches the page within seconds, not at once.
    Slow,
    /// Silent for 10 s.
    Unsteady,
    /// Silent for 15 s.
    Lost,
}

/// Whether the candidate looks at the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// The page is visible.
    Here,
    /// It is hidden or has lost the focus.
    Away,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Body {
    /// The ledger has a new entry. Nodes load it; only the rev travels.
    #[serde(rename = "clock.changed")]
    ClockChanged {
        /// Its rev.
        rev: i64,
        /// Its kind, like `extend`.
        change: String,
        /// Seconds it adds, for kinds that add some.
        seconds: Option<i64>,
        /// Whom it touches; None: the room.
        candidates: Option<Vec<CandidateId>>,
    },
    /// No node was alive for a while: staff decide whether that time is given back.
    #[serde(rename = "outage.proposed")]
    OutageProposed {
        /// From when.
        from_ms: Ms,
        /// Until when.
        to_ms: Ms,
    },
    /// Staff have not given it back.
    #[serde(rename = "outage.dismissed")]
    OutageDismissed {
        /// From when.
        from_ms: Ms,
        /// Until when.
        to_ms: Ms,
    },
    /// The room is over.
    #[serde(rename = "room.ended")]
    RoomEnded,
    /// The store is a copy from `from_ms`: what happened between the two instants is known only as far as devices send it again.
    #[serde(rename = "store.restored")]
    StoreRestored {
        /// When the copy was taken.
        from_ms: Ms,
        /// When it was restored.
        to_ms: Ms,
    },
    /// The roster has changed.
    #[serde(rename = "roster.changed")]
    RosterChanged {
        /// Candidates in the room now.
        candidates: i64,
    },
    /// The exam's rules are others now, or with a candidate those that are off for one. What they say stands in the store.
    #[serde(rename = "rules.changed")]
    RulesChanged,
    /// The candidate has come.
    #[serde(rename = "candidate.joined")]
    CandidateJoined {
        /// Through which session.
        session: SessionId,
    },
    /// The candidate's time has begun.
    #[serde(rename = "candidate.began")]
    CandidateBegan {
        /// From when it counts.
        begun_ms: Ms,
    },
    /// The exam is over for the candidate.
    #[serde(rename = "candidate.ended")]
    CandidateEnded {
        /// When.
        ended_ms: Ms,
        /// By whom.
        ended_by: EndedBy,
    },
    /// The candidate works again.
    #[serde(rename = "candidate.reopened")]
    CandidateReopened {
        /// Rev of the change that did it.
        rev: i64,
    },
    /// Another connection writes now.
    #[serde(rename = "pen.taken")]
    PenTaken {
        /// The current pen.
        pen: i64,
        /// Whose it is.
        session: SessionId,
    },
    /// Another device asks to continue.
    #[serde(rename = "takeover.asked")]
    TakeoverAsked {
        /// The request.
        id: TakeoverId,
        /// Whose it is.
        session: SessionId,
    },
    /// The request has an answer.
    #[serde(rename = "takeover.decided")]
    TakeoverDecided {
        /// The request.
        id: TakeoverId,
        /// Whose it was.
        session: SessionId,
        /// The answer.
        allowed: bool,
    },
    /// A member of staff brings an emergency file; its answers follow, each with a row of its own.
    #[serde(rename = "answers.uploaded")]
    AnswersUploaded {
        /// How many the file holds.
        answers: i64,
    },
    /// An answer is committed.
    #[serde(rename = "answer.saved")]
    AnswerSaved {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
        /// Its question.
        question: QuestionId,
        /// Whether it clears the question.
        blank: bool,
        /// When it was received.
        received_ms: Ms,
    },
    /// Staff count an answer that did not count.
    #[serde(rename = "answer.accepted")]
    AnswerAccepted {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
    },
    /// Staff take back that they counted an answer.
    #[serde(rename = "answer.acceptance_withdrawn")]
    AcceptanceWithdrawn {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
    },
    /// The device is heard, or not.
    #[serde(rename = "presence.changed")]
    PresenceChanged {
        /// Now.
        presence: Presence,
        /// Over what, and who answers for it.
        #[serde(default)]
        line: Line,
    },
    /// The person looks, or not.
    #[serde(rename = "attention.changed")]
    AttentionChanged {
        /// Now.
        attention: Attention,
    },
    /// A change of time has reached the device: a pong came after it.
    #[serde(rename = "change.delivered")]
    ChangeDelivered {
        /// Of the change.
        rev: i64,
    },
    /// The person has confirmed a change of time.
    #[serde(rename = "change.seen")]
    ChangeSeen {
        /// Of the change.
        rev: i64,
    },
    /// Somebody has written. What it says stands in the store.
    #[serde(rename = "message.sent")]
    MessageSent {
        /// The message.
        message: MessageId,
        /// `room`, `selection`, `staff`.
        audience: String,
        /// The selection.
        candidates: Option<Vec<CandidateId>>,
    },
    /// It does not hold any more.
    #[serde(rename = "message.withdrawn")]
    MessageWithdrawn {
        /// The message.
        message: MessageId,
    },
    /// Messages have reached the device: a pong came after them, or the page has said so.
    #[serde(rename = "message.delivered")]
    MessageDelivered {
        /// The messages.
        messages: Vec<MessageId>,
    },
    /// The candidate has confirmed messages; or with `by` one of the staff what the candidate wrote.
    #[serde(rename = "message.seen")]
    MessageSeen {
        /// The messages.
        messages: Vec<MessageId>,
    },
    /// The candidate took messages off the own list.
    #[serde(rename = "message.removed")]
    MessageRemoved {
        /// The messages.
        messages: Vec<MessageId>,
    },
    /// A hand is up.
    #[serde(rename = "hand.raised")]
    HandRaised {
        /// Since when.
        raised_ms: Ms,
    },
    /// One of the staff is coming.
    #[serde(rename = "hand.answered")]
    HandAnswered {
        /// Since when.
        answered_ms: Ms,
    },
    /// A hand is down; with `by` staff are done.
    #[serde(rename = "hand.lowered")]
    HandLowered,
    /// An incident is another now. What it says stands in the store.
    #[serde(rename = "incident.changed")]
    IncidentChanged {
        /// The incident.
        incident: IncidentId,
        /// Its rev.
        incident_rev: i64,
        /// What happened to it.
        step: Step,
        /// What it is about.
        topic: String,
    },
    /// Staff say whether the candidate is here; None: they say nothing any more.
    #[serde(rename = "attendance.changed")]
    AttendanceChanged {
        /// Here or missing.
        said: Option<Said>,
    },
    /// One of the staff has made sure who the candidate is.
    #[serde(rename = "identity.confirmed")]
    IdentityConfirmed,
    /// That is taken back.
    #[serde(rename = "identity.withdrawn")]
    IdentityWithdrawn,
    /// Somebody may do this in the room now; no rights: nothing.
    #[serde(rename = "staff.changed")]
    StaffChanged {
        /// Who.
        user: UserId,
        /// What.
        rights: Vec<String>,
    },
    /// Somebody is asked to take the room over.
    #[serde(rename = "handover.offered")]
    HandoverOffered {
        /// Who.
        to: UserId,
    },
    /// Whoever was asked is in charge now.
    #[serde(rename = "handover.accepted")]
    HandoverAccepted,
    /// Nobody is asked any more.
    #[serde(rename = "handover.withdrawn")]
    HandoverWithdrawn {
        /// By whoever was asked.
        declined: bool,
    },
}

impl Body {
    /// An end, as an event.
    pub fn ended(ended: Ended) -> Self {
        Self::CandidateEnded { ended_ms: ended.at_ms, ended_by: ended.by }
    }
}
