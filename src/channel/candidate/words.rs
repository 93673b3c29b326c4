//! What a candidate's side of the channel is told, and what it wants done.

use serde_json::Value;

use super::{Mark, Version, cases};
use crate::domain::Ms;
use crate::domain::clock::Verdict;
use crate::domain::event::Attention;
use crate::domain::ids::MessageId;
use crate::error::Error;
use crate::live::Look;
use crate::protocol::{Close, ServerFrame, SubmittedFrame, Welcome};
use crate::service::inbox;

/// What the machine is told.
#[derive(Debug)]
pub enum Input {
    /// A text message, and when it was read.
    Text(String, Ms),
    /// Something that was asked has come to its end.
    Outcome(Outcome),
    /// The bell rang: how things stand now.
    Look(Box<Look>),
    /// A second has passed.
    Tick(Box<Look>),
    /// A pong with what its ping carried.
    Pong(Mark),
    /// The server closes the socket.
    Stop(Close),
}

/// The end of something the loop was told to do.
#[derive(Debug)]
pub enum Outcome {
    /// Everything for a `welcome` is here, with the version of its clock, and the paper if it may be seen.
    Arrived(Box<Welcome>, Version, Option<Box<ServerFrame>>),
    /// An answer is committed.
    Saved {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
        /// When it was received.
        received_ms: Ms,
        /// Whether it counts.
        verdict: Verdict,
        /// Keeps its time when it is sent again to a restored store.
        proof: String,
    },
    /// A numbered frame was not taken.
    Refused {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
        /// Why.
        error: Error,
        /// Keeps its time when it is sent again.
        proof: Option<String>,
    },
    /// Words to the staff are committed.
    Written {
        /// Their pen.
        pen: i64,
        /// Their seq.
        seq: i64,
        /// When they were taken first.
        sent_ms: Ms,
    },
    /// That messages have come, or were seen, could not be stored.
    Unreceived(Vec<MessageId>, inbox::Mark),
    /// Nobody knows whether an answer is committed: the page must resume.
    Unknown,
    /// The exam is over for the candidate.
    Submitted(Box<SubmittedFrame>),
    /// What the page must be told next could not be read. It comes back and is told then: without it, it would wait for ever.
    Unread(Error),
    /// Something told or asked failed.
    Failed {
        /// Of the asked frame.
        id: Option<i64>,
        /// Why.
        error: Error,
    },
    /// An answer to something asked.
    Answer(Box<ServerFrame>),
}

/// What the machine wants done.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Send(Box<ServerFrame>),
    /// Ping with the mark, soon.
    Ping,
    /// Say goodbye and close.
    Close(Close),
    /// Do this and report the outcome.
    Do(Command),
}

/// What the loop has to do.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Gather a `welcome` and the paper.
    Arrive,
    /// Record an answer.
    Record {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
        /// Its question.
        question: String,
        /// Its value.
        value: Value,
        /// Proof of an earlier receipt.
        proof: Option<String>,
        /// When it was read.
        received_ms: Ms,
    },
    /// Hand in.
    Submit {
        /// Its pen.
        pen: i64,
        /// Its seq.
        seq: i64,
        /// What the page holds.
        have: Vec<(i64, i64)>,
        /// When it was read.
        received_ms: Ms,
    },
    /// Gather the end and its receipt.
    Handed,
    /// Note whether the person looks.
    Attention(Attention),
    /// Note that the person has seen a change.
    Seen(i64),
    /// Note that a change has reached the device.
    Delivered(i64),
    /// Write to the staff.
    Write {
        /// Pen.
        pen: i64,
        /// Seq.
        seq: i64,
        /// Words.
        text: String,
        /// When it was read.
        received_ms: Ms,
    },
    /// Note that messages have come, or were seen.
    Received(Vec<MessageId>, inbox::Mark),
    /// Raise or lower the hand; when that was read.
    Hand(bool, Ms),
    /// Note a signal of the page.
    Signal(cases::Signal),
    /// Answer another device's request.
    Takeover(String, bool),
    /// Answer `rooms`.
    Rooms(i64),
}
