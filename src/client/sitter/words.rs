//! What a sitter is told, tells and shows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::client::Problem;
use crate::client::offset::Estimate;
use crate::client::outbox::Pushed;
use crate::protocol::{Attention, ClockFrame, HandFrame, IncidentFrame, MessageFrame, SubmittedFrame, Welcome};

/// Sees every answer, from many tasks at once.
pub type Recorder = Arc<dyn Fn(&Record) + Send + Sync>;

/// What a recorder sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An answer got its number; it may reach the server from now on.
    Attempted(Row),
    /// The server called it saved.
    Saved {
        /// The answer.
        row: Row,
        /// When the server received it.
        received_ms: i64,
        /// Whether it counts.
        counts: bool,
        /// From the instant it was meant to be sent to its acknowledgement.
        took: Duration,
    },
    /// The server will never take it.
    Refused {
        /// The answer.
        row: Row,
        /// Why.
        code: String,
    },
    /// A hand-in found it missing although it had been called saved.
    Lost {
        /// Candidate id.
        candidate: String,
        /// Its pen.
        pen: i64,
        /// Its number.
        seq: i64,
    },
    /// A message came that was not there before.
    Message,
    /// A tick came.
    Tick {
        /// Since the one before on the same connection.
        gap: Duration,
    },
}

/// An answer as a recorder sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Candidate id.
    pub candidate: String,
    /// Its pen.
    pub pen: i64,
    /// Its number.
    pub seq: i64,
    /// Its question.
    pub question: String,
    /// Its value.
    pub value: Value,
}

/// What a person does.
#[derive(Debug)]
pub enum Command {
    /// Gives a value to a question. `stamp` is the instant it was meant for, on `Time::mono`.
    Answer {
        /// Its id.
        question: String,
        /// Its value; null clears.
        value: Value,
        /// The instant it was meant for.
        stamp: Duration,
    },
    /// Hands in once everything is saved.
    Submit,
    /// Looks at the paper or away from it.
    Attention(Attention),
    /// Has seen the clock's change.
    Seen(i64),
    /// Writes to the staff.
    Write(String),
    /// Has read messages.
    Read(Vec<String>),
    /// Raises or lowers the hand.
    Hand(bool),
    /// Answers another device that wants to go on.
    Decide {
        /// The request.
        id: String,
        /// Whether it may.
        allow: bool,
    },
    /// Cuts the connection hard and stays away for this long.
    Drop(Duration),
    /// Ends without handing in.
    Stop,
}

/// What happens to a person.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Connected, with the whole state.
    Welcome(Box<Welcome>),
    /// The paper.
    Paper(Arc<Paper>),
    /// The clock changed.
    Clock(Arc<ClockFrame>),
    /// A second passed; only if asked for.
    Tick {
        /// Rev.
        rev: i64,
        /// Trusted time.
        now_ms: i64,
        /// What is left.
        remaining_ms: Option<i64>,
    },
    /// An answer is saved.
    Saved {
        /// The answer.
        answer: Pushed,
        /// When it was received.
        received_ms: i64,
        /// Whether it counts.
        counts: bool,
        /// Why not, or its mark.
        why: Option<String>,
    },
    /// An answer will never be taken, or could not be queued.
    Refused {
        /// Pen and number; None when it got none.
        key: Option<(i64, i64)>,
        /// Its question.
        question: String,
        /// Why.
        code: String,
    },
    /// The hand-in was not taken.
    SubmitRefused {
        /// Why.
        code: String,
    },
    /// The exam is over for this candidate.
    Submitted(SubmittedFrame),
    /// Another device asks to go on; answer with `decide`.
    Takeover {
        /// The request.
        id: String,
    },
    /// A message, new or another now.
    Message(MessageFrame),
    /// How the own hand is.
    Hand(HandFrame),
    /// Words to the staff are taken.
    Written {
        /// The words.
        text: String,
        /// When the server took them.
        sent_ms: i64,
    },
    /// Words to the staff were not taken.
    NotWritten {
        /// The words.
        text: String,
        /// Why.
        code: String,
    },
    /// Something told or asked was not taken.
    Error {
        /// Why.
        code: String,
    },
    /// A frame of a kind this client does not know.
    Unknown(String),
    /// The connection is over, with the server's close code.
    Disconnected(Option<u16>),
    /// A connection was refused, or the server could not be reached.
    NotConnected(Problem),
    /// It will not come back.
    Stopped(Ending),
}

/// The paper as it was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paper {
    /// Version pinned when the room opened.
    pub version: i64,
    /// Questions without keys, or null when they came as HTML.
    pub questions: Value,
}

/// Why a sitter does not come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Ending {
    /// It has not ended.
    #[default]
    None,
    /// It was told to.
    Asked,
    /// Another device writes now.
    Superseded,
    /// The server will not have it: the problem's code or the close reason.
    Refused(String),
}

/// The newest state of a sitter.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Whether a connection is welcomed.
    pub connected: bool,
    /// The pen in hand.
    pub pen: Option<i64>,
    /// Phase of the candidate.
    pub phase: String,
    /// The last clock that was taken.
    pub clock: Option<Arc<ClockFrame>>,
    /// The paper.
    pub paper: Option<Arc<Paper>>,
    /// Answers that are not settled.
    pub unsaved: usize,
    /// Its own request to take over, while it waits.
    pub asking: Option<String>,
    /// Another device's request.
    pub asked: Option<String>,
    /// Messages by id, as they were sent last.
    pub messages: Arc<BTreeMap<String, MessageFrame>>,
    /// Incidents that the person sees, by id.
    pub incidents: Arc<BTreeMap<String, IncidentFrame>>,
    /// How many of them the person has not read.
    pub unread: i64,
    /// The own hand, while it is up.
    pub hand: Option<HandFrame>,
    /// How it ended for the candidate.
    pub submitted: Option<SubmittedFrame>,
    /// The server's clock against this one, in milliseconds.
    pub offset: Option<Estimate>,
    /// What has been counted.
    pub report: Report,
}

/// What a sitter has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Answers that got a number.
    pub attempted: u64,
    /// Answers saved.
    pub acked: u64,
    /// Answers refused for good.
    pub refused: u64,
    /// Answers that found no place in the queue, or no pen.
    pub not_queued: u64,
    /// Answers called saved and found missing.
    pub lost: u64,
    /// Saved answers that were sent again because the store was restored.
    pub again: u64,
    /// Connections that were welcomed.
    pub connects: u64,
    /// Attempts to connect that failed.
    pub failures: u64,
    /// Frames of an unknown kind.
    pub unknown: u64,
    /// Events a slow reader lost.
    pub unheard: u64,
    /// Whether the candidate has handed in or was ended.
    pub submitted: bool,
    /// Answers that were never settled.
    pub unsaved: u64,
    /// Why it does not come back.
    pub ending: Ending,
}
