//! What the journal is asked and what it answers.

use crate::domain::Ms;
use crate::domain::clock::{Ended, Verdict};
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, MessageId, NodeId, QuestionId, RoomId, SessionId, TakeoverId, UserId};
use crate::domain::message::{Audience, Hand, HandMove, Receipt, Sender};
use crate::domain::presence::Word;
use crate::store::StoreError;

/// One hot write.
#[derive(Debug, Clone)]
pub enum Op {
    /// One value for one question.
    Answer(Answer),
    /// A device comes to a candidate.
    Join(Join),
    /// Hand in.
    Submit(Submit),
    /// What a node says of how a device is heard.
    Say(Say),
    /// A socket was closed.
    Left {
        /// Room.
        room: RoomId,
        /// Candidate.
        candidate: CandidateId,
        /// Number of its connection.
        connection: i64,
    },
    /// What a device tells of itself: attention, receipts. Only a timeline row.
    Note(Event),
    /// Somebody writes.
    Message(NewMessage),
    /// Messages have come to somebody.
    Receipts(Receipts),
    /// A hand goes up or down.
    Hand(HandOp),
}

/// One value for one question, checked against the paper.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Room.
    pub room: RoomId,
    /// Candidate.
    pub candidate: CandidateId,
    /// Its pen.
    pub pen: i64,
    /// Its seq.
    pub seq: i64,
    /// Its question.
    pub question: QuestionId,
    /// Canonical JSON.
    pub value: String,
    /// Whether it clears the question.
    pub blank: bool,
    /// Trusted time when the frame was read: it alone decides.
    pub received_ms: Ms,
    /// It was read before, and came with the proof: then it is stored also where the room's start is not known any more.
    pub proven: bool,
}

/// A device comes to a candidate.
#[derive(Debug, Clone)]
pub struct Join {
    /// Room.
    pub room: RoomId,
    /// Candidate.
    pub candidate: CandidateId,
    /// The device.
    pub session: SessionId,
    /// The pen it shows: a page that comes back.
    pub shown: Option<i64>,
    /// Whether this node knows that the pen's holder is connected. Whether another one does stands in the candidate's row.
    pub holder_connected: bool,
    /// The node at which it comes with a socket; None: without one.
    pub socket: Option<NodeId>,
    /// When it came.
    pub at_ms: Ms,
}

/// What a node says of how a candidate's device is heard.
#[derive(Debug, Clone)]
pub struct Say {
    /// Room.
    pub room: RoomId,
    /// Candidate.
    pub candidate: CandidateId,
    /// What.
    pub word: Word,
    /// It is said for a node that has died, by another.
    pub dead: bool,
}

/// Hand in.
#[derive(Debug, Clone)]
pub struct Submit {
    /// Room.
    pub room: RoomId,
    /// Candidate.
    pub candidate: CandidateId,
    /// The pen it is written with.
    pub pen: i64,
    /// Inclusive ranges of the pen's seqs that the page holds as valid.
    pub have: Vec<(i64, i64)>,
    /// Trusted time when the frame was read.
    pub received_ms: Ms,
}

/// Somebody writes.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id, unless it was sent before.
    pub id: MessageId,
    /// Room.
    pub room: RoomId,
    /// Who.
    pub sender: Sender,
    /// For whom.
    pub audience: Audience,
    /// What.
    pub text: String,
    /// When it was read, Unix ms.
    pub sent_ms: Ms,
    /// The key that makes a repeat the same message.
    pub once: String,
}

/// Messages have come to somebody: all of them exist and are for the receiver.
#[derive(Debug, Clone)]
pub struct Receipts {
    /// Candidate or account.
    pub receiver: String,
    /// Which, and how far.
    pub messages: Vec<(MessageId, Receipt)>,
    /// What the timeline says of it; nothing of what concerns nobody but the receiver.
    pub events: Vec<Event>,
}

/// A hand goes up or down.
#[derive(Debug, Clone)]
pub struct HandOp {
    /// Room.
    pub room: RoomId,
    /// Whose.
    pub candidate: CandidateId,
    /// Up, answered or down.
    pub wish: HandMove,
    /// One of the staff; None: the candidate.
    pub by: Option<UserId>,
    /// When, Unix ms.
    pub at_ms: Ms,
}

impl Op {
    /// Bytes it brings, for the batch's bound.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Answer(a) => a.value.len() + 64,
            Self::Message(m) => m.text.len() + 64,
            Self::Receipts(r) => r.messages.len() * 64,
            Self::Join(_) | Self::Submit(_) | Self::Note(_) | Self::Hand(_) | Self::Say(_) | Self::Left { .. } => 64,
        }
    }
    /// Whom it touches.
    pub fn candidate(&self) -> Option<&CandidateId> {
        match self {
            Self::Answer(a) => Some(&a.candidate),
            Self::Join(j) => Some(&j.candidate),
            Self::Submit(s) => Some(&s.candidate),
            Self::Say(s) => Some(&s.candidate),
            Self::Left { candidate, .. } => Some(candidate),
            Self::Hand(h) => Some(&h.candidate),
            Self::Note(_) | Self::Message(_) | Self::Receipts(_) => None,
        }
    }
}

/// What became of a write; never said before COMMIT.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The answer is committed.
    Saved {
        /// When it was received: the first time, on every repeat.
        received_ms: Ms,
        /// Whether it counts as things stand.
        verdict: Verdict,
    },
    /// The device is in.
    Joined(JoinOutcome),
    /// The candidate has ended, now or before.
    Submitted(Ended),
    /// It is written.
    Noted,
    /// The message is written, now or before.
    Sent {
        /// Its id.
        id: MessageId,
        /// When it was taken first, Unix ms.
        sent_ms: Ms,
    },
    /// How the hand is.
    Hand(Option<Hand>),
    /// It is no news, or has been overtaken: nothing is written.
    Stale,
    /// Not taken.
    Refused(Refusal),
    /// It may or may not be committed: send it again.
    Unknown,
}

/// What a device got.
#[derive(Debug, Clone, Default)]
pub struct JoinOutcome {
    /// The pen it writes with.
    pub pen: Option<i64>,
    /// Its request, while it waits.
    pub takeover: Option<(TakeoverId, Ms)>,
    /// The pen it showed has been taken over.
    pub superseded: bool,
    /// Number of its connection; 0 without a socket or a pen.
    pub connection: i64,
}

/// Why a write was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No such candidate.
    NotFound,
    /// No such pen.
    UnknownPen,
    /// The key has another value already. Final.
    Conflict,
    /// The candidate's time has not begun.
    NotRunning,
    /// Another connection writes now.
    PenSuperseded,
    /// Another device holds the pen and the exam forbids to take it.
    PenHeld,
    /// Entry is closed.
    EntryClosed,
    /// The room is over.
    RoomOver,
    /// Hand-in names answers that are not stored: these ranges.
    Missing(Vec<(i64, i64)>),
    /// We are busy.
    Busy,
    /// We have no space.
    DiskFull,
    /// Our database is away.
    Away,
    /// The database will never take this value. Final.
    Unstorable,
    /// Something went wrong here.
    Internal,
}

impl Refusal {
    /// From what the store said.
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::Busy,
            StoreError::DiskFull(_) => Self::DiskFull,
            StoreError::Away(_) => Self::Away,
            StoreError::Rejected(_) => Self::Unstorable,
            _ => Self::Internal,
        }
    }
    /// The public name of what keeps the journal from writing.
    pub fn as_trouble(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::DiskFull => "disk_full",
            Self::Away => "database_away",
            _ => "failed",
        }
    }
    /// Whether it happened for our reasons, so that the same write may be sent again.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Busy | Self::DiskFull | Self::Away | Self::Internal)
    }
}
