//! Frames and close codes of the channel (`invigil.v1`): JSON text frames, serde only.
//!
//! State is absolute and carries a rev or a seq: newer replaces older, and a lost frame is healed by the next.
//! Instants and lengths are Unix milliseconds UTC (`*_ms`). Unknown fields are ignored; an unknown type is answered with `error`.
//! The document for other clients is `openapi/asyncapi.yaml`; a test holds every frame here against it.

mod close;
mod incident;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use close::Close;
pub use incident::{IncidentFrame, ReplyInfo, SignalKind};

/// The subprotocol a client must offer and the server answers with.
pub const SUBPROTOCOL: &str = "invigil.v1";
/// Prefix of the subprotocol that carries a bearer token.
pub const BEARER_SUBPROTOCOL: &str = "bearer.";

/// What a candidate's page sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Numbered: one value for one question. Settled by exactly one `saved` or `refused`.
    Answer(AnswerFrame),
    /// Numbered: hand in. Settled by exactly one `submitted` or `refused`.
    Submit {
        /// Position in this pen's numbering.
        seq: i64,
        /// Inclusive ranges of this pen's answer seqs that the page holds as valid.
        have: Vec<(i64, i64)>,
    },
    /// Told: whether the person looks at the paper.
    Attention {
        /// `here` or `away`.
        state: Attention,
    },
    /// Told: the person has seen a time change, or has read messages.
    Seen {
        /// The greatest rev the person has seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rev: Option<i64>,
        /// Messages the person has read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        messages: Option<Vec<String>>,
    },
    /// Numbered: words to the staff. Settled by exactly one `saved` or `refused`.
    Message {
        /// Position in this pen's numbering.
        seq: i64,
        /// Plain text.
        text: String,
    },
    /// Told: the own hand goes up or down. A `hand` says how it is.
    Hand {
        /// Whether it is to be up.
        up: bool,
    },
    /// Numbered: something of the page that a rule of the exam looks at. Settled by exactly one `saved` or `refused`.
    Signal {
        /// Position in this pen's numbering.
        seq: i64,
        /// What: `paste`.
        kind: SignalKind,
        /// How many characters were pasted at once.
        chars: i64,
        /// Into the answer to which question.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        question: Option<String>,
    },
    /// Asked: one exchange for the client's clock offset.
    Sync {
        /// Chosen by the client.
        id: i64,
        /// The client's own clock when it sent this, in its own milliseconds.
        t0: f64,
    },
    /// Asked: which rooms this credential reaches.
    Rooms {
        /// Chosen by the client.
        id: i64,
    },
    /// Asked: the holder of the pen answers a takeover request.
    Takeover {
        /// The request.
        id: String,
        /// Whether the other device may go on.
        allow: bool,
    },
}

/// One value for one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerFrame {
    /// Position in the pen's numbering; with the pen the answer's key.
    pub seq: i64,
    /// The question's id.
    pub question: String,
    /// The value; null clears.
    pub value: Value,
    /// An older pen whose leftover this is; absent for the current pen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pen: Option<i64>,
    /// Proof of when it was first received, from an earlier `refused` for our reasons, or from `saved` when the store was restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// Whether the person looks at the paper; never mixed with presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// The page is visible.
    Here,
    /// The page is hidden or the window has lost focus.
    Away,
}

/// What a candidate's page receives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The whole state, always first.
    Welcome(Box<Welcome>),
    /// The paper, to whoever has begun and not ended.
    Paper {
        /// Version pinned when the room opened.
        version: i64,
        /// Questions without keys, in this candidate's order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        questions: Option<Value>,
        /// The same as a fragment for pages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<String>,
    },
    /// The candidate's clock after a change.
    Clock(ClockFrame),
    /// Once a second, droppable.
    Tick {
        /// The candidate's rev.
        rev: i64,
        /// Trusted time.
        now_ms: i64,
        /// Null before begin.
        remaining_ms: Option<i64>,
    },
    /// Answers committed.
    Saved {
        /// The pen the seqs belong to.
        pen: i64,
        /// One item an answer.
        items: Vec<SavedItem>,
    },
    /// A numbered frame that was not taken.
    Refused(RefusedFrame),
    /// The exam is over for this candidate.
    Submitted(SubmittedFrame),
    /// Answer to `sync`.
    Sync {
        /// As asked.
        id: i64,
        /// As sent.
        t0: f64,
        /// Trusted time when the frame was read.
        t1: i64,
        /// Trusted time when this was written.
        t2: i64,
    },
    /// Answer to `rooms`.
    Rooms {
        /// As asked.
        id: i64,
        /// The rooms this credential reaches.
        rooms: Vec<RoomItem>,
    },
    /// Another device asks to continue.
    Takeover {
        /// The request; answer with a `takeover` frame.
        id: String,
        /// When it was asked.
        at_ms: i64,
    },
    /// A message: a new one, or one that is withdrawn or read now. Newer replaces older.
    Message(MessageFrame),
    /// How the own hand is.
    Hand(HandFrame),
    /// An incident that the candidate sees: a new one, or another now. Newer replaces older.
    Incident(IncidentFrame),
    /// Something told or asked could not be taken.
    Error {
        /// Of the asked frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<i64>,
        /// Of the numbered frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
        /// Stable code.
        code: String,
        /// What to do, in the reader's language.
        detail: String,
    },
    /// The last frame before the server closes.
    Bye {
        /// The close code that follows.
        code: u16,
        /// Its short reason.
        reason: String,
        /// Whether to come back.
        reconnect: bool,
        /// Wait a random time between these before coming back.
        after_ms: (i64, i64),
    },
}

/// The whole state of a candidate at connect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Which store this is. Another one than before has been restored from a backup: send again what it had called saved.
    #[serde(default)]
    pub epoch: String,
    /// The pen this connection writes with; null while another device holds it or after the end.
    pub pen: Option<i64>,
    /// Trusted time.
    pub now_ms: i64,
    /// Who sits here.
    pub candidate: CandidateInfo,
    /// Where and what.
    pub room: RoomInfo,
    /// The candidate's clock.
    pub clock: ClockFrame,
    /// This connection's own request to take over, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takeover: Option<TakeoverInfo>,
    /// Every answer row that is the answer to its question, without values.
    pub answers: Vec<AnswerInfo>,
    /// Messages not read yet.
    pub unread: i64,
    /// The newest messages for this candidate and of its own, oldest first.
    #[serde(default)]
    pub messages: Vec<MessageFrame>,
    /// The own hand, if it is up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand: Option<HandFrame>,
    /// Incidents that the candidate sees, oldest first.
    #[serde(default)]
    pub incidents: Vec<IncidentFrame>,
    /// What the server will take.
    pub limits: LimitsInfo,
}

/// A message as its receiver gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFrame {
    /// Its id.
    pub id: String,
    /// `room`, `selection`; `staff`: the candidate's own words.
    pub audience: String,
    /// Name of whoever wrote it.
    pub author: String,
    /// Plain text.
    pub text: String,
    /// When it was sent.
    pub sent_ms: i64,
    /// When it was withdrawn: it holds no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_ms: Option<i64>,
    /// When the person confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms: Option<i64>,
    /// Of the candidate's own words: when the first of the staff confirmed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_ms: Option<i64>,
}

/// How a candidate's hand is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandFrame {
    /// Whether it is up.
    pub up: bool,
    /// Since when.
    pub raised_ms: Option<i64>,
    /// When one of the staff said that they are coming.
    pub answered_ms: Option<i64>,
    /// Place in the queue, from 1.
    pub place: Option<i64>,
}

/// Who sits here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateInfo {
    /// Candidate id.
    pub id: String,
    /// Name as on the roster.
    pub name: String,
    /// Seat as on the roster.
    pub seat: Option<String>,
}

/// Where and what is sat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomInfo {
    /// Room id.
    pub id: String,
    /// Title of the exam.
    pub title: String,
    /// Place.
    pub location: String,
    /// Phase of the room.
    pub phase: String,
}

/// A request to take over that waits for an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeoverInfo {
    /// Request id.
    pub id: String,
    /// When it was asked.
    pub at_ms: i64,
}

/// Where an answer stands, without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerInfo {
    /// Question id.
    pub question: String,
    /// Pen it was written with.
    pub pen: i64,
    /// Seq within the pen.
    pub seq: i64,
    /// When it was received.
    pub received_ms: i64,
    /// Whether it counts as things stand.
    pub counts: bool,
    /// Why not, or the mark it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What the server will take from this connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitsInfo {
    /// Largest message in bytes.
    pub message_bytes: i64,
    /// Unsaved answers in flight before the server stops reading.
    pub window: i64,
}

/// A clock: the candidate's own, or the room's for watchers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockFrame {
    /// Rev of the last change that touches the reader.
    pub rev: i64,
    /// Phase of the candidate (of the room for watchers).
    pub phase: String,
    /// Trusted time.
    pub now_ms: i64,
    /// When the room starts or started.
    pub starts_ms: Option<i64>,
    /// Null before begin and while paused.
    pub deadline_ms: Option<i64>,
    /// Stands still while there is no deadline.
    pub remaining_ms: Option<i64>,
    /// The deadline's terms: `deadline = begin + sum of ms`.
    pub explain: Vec<ExplainTerm>,
    /// The change that made this, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeInfo>,
}

/// One term of a deadline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainTerm {
    /// `base`, `multiplier`, `extension`, `credit`, `pause`, `outage`, `reopened`, `window`.
    pub kind: String,
    /// Milliseconds it adds.
    pub ms: i64,
    /// The ledger entry it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    /// Basis points, for `multiplier`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier_bp: Option<i64>,
    /// The reason given by staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonInfo>,
}

/// Why staff did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonInfo {
    /// From the list of reasons.
    pub code: String,
    /// Free text, may be empty.
    pub text: String,
}

/// A time change from the reader's side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeInfo {
    /// Rev of the change.
    pub rev: i64,
    /// What it was.
    pub kind: String,
    /// Of a `revert`: the kind of the change that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<String>,
    /// Why.
    pub reason: ReasonInfo,
    /// The deadline before.
    pub before_ms: Option<i64>,
    /// The deadline after.
    pub after_ms: Option<i64>,
}

/// One committed answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedItem {
    /// Seq within the pen.
    pub seq: i64,
    /// When it was received: the first time, on every repeat.
    pub received_ms: i64,
    /// Whether it counts as things stand.
    pub counts: bool,
    /// Why not, or the mark it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Proof of `received_ms`: sent again with it to a restored store, the answer keeps its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// A numbered frame that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefusedFrame {
    /// The pen of the frame.
    pub pen: i64,
    /// Its seq.
    pub seq: i64,
    /// Stable code.
    pub code: String,
    /// What to do, in the reader's language.
    pub detail: String,
    /// Whether the same frame may be sent again later.
    pub retry: bool,
    /// When we refused for our own reasons: proof of when it was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// For `submit`: ranges of seqs that are not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<(i64, i64)>>,
}

/// The exam is over for this candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubmittedFrame {
    /// Who ended it: `candidate`, `deadline`, `invigilator`.
    pub by: String,
    /// When.
    pub at_ms: i64,
    /// Questions with an answer that counts.
    pub answered: i64,
    /// Questions of the paper.
    pub questions: i64,
    /// `h1:` digest of all rows committed by then.
    pub receipt: String,
    /// The digest's first 30 bits for people, like `4F7K-2M`.
    pub receipt_short: String,
    /// The seq of the `submit` that this settles, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

/// A room this credential reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoomItem {
    /// Room id.
    pub id: String,
    /// Title of its exam.
    pub title: String,
    /// Phase of the room.
    pub phase: String,
    /// When it starts or started.
    pub starts_ms: Option<i64>,
}

/// What a watcher receives. It sends nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WatcherFrame {
    /// The whole table, always first.
    Snapshot(TableFrame),
    /// What changed since the frame before: its seq is the last one's + 1.
    Delta(TableFrame),
    /// Nothing has changed for a while.
    Beat {
        /// Of the last snapshot or delta.
        seq: i64,
        /// Trusted time.
        now_ms: i64,
    },
    /// The watcher sent something.
    Error {
        /// Stable code.
        code: String,
        /// What to do, in the reader's language.
        detail: String,
    },
    /// The last frame before the server closes.
    Bye {
        /// The close code that follows.
        code: u16,
        /// Its short reason.
        reason: String,
        /// Whether to come back.
        reconnect: bool,
        /// Wait a random time between these before coming back.
        after_ms: (i64, i64),
    },
}

/// A whole table or the part of it that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableFrame {
    /// Counts up by one a frame.
    pub seq: i64,
    /// Trusted time.
    pub now_ms: i64,
    /// The room's clock.
    pub clock: ClockFrame,
    /// How many candidates are in each state.
    pub counts: Value,
    /// One row a candidate: data, or `{id, html}`.
    pub rows: Vec<Value>,
    /// The head of the page as a fragment, for pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// What happened lately, newest last.
    pub feed: Vec<Value>,
    /// Messages that are new or another, oldest first: data, or `{id, html}`.
    #[serde(default)]
    pub messages: Vec<Value>,
    /// Incidents that are new or another, oldest first: data, or `{id, waits, html}`.
    #[serde(default)]
    pub incidents: Vec<Value>,
    /// The queue of raised hands as a fragment, for pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hands: Option<String>,
}
