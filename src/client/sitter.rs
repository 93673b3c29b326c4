//! One candidate that survives its connections: joins, resumes with its pen, sends what is not saved until it is, hands in.
//!
//! `machine.rs` holds every rule and no socket; `run.rs` holds the socket and no rule. A caller gives commands, reads events
//! (which a slow reader may lose) or waits on the view (which is always the newest state), and a recorder sees every answer
//! that is attempted, saved and refused.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Problem;
use super::offset::Estimate;
use super::outbox::Pushed;
use super::rest::{Entry, Rest};
use crate::limits;
use crate::protocol::{Attention, ClockFrame, SubmittedFrame, Welcome};
use crate::time::Time;

/// The rules, without a socket.
mod machine;
/// The socket, without a rule.
mod run;

/// Commands and events that may wait for their reader.
const QUEUE: usize = 1024;

/// How a sitter behaves.
#[derive(Clone)]
pub struct Setup {
    /// Its clock.
    pub time: Time,
    /// Ends it, wherever it is.
    pub stop: CancellationToken,
    /// For the waits between attempts: the same seed waits the same.
    pub seed: u64,
    /// Longest wait before the first new attempt after a connection broke; it doubles from there.
    pub first_wait: Duration,
    /// Longest wait between two attempts, also when the server asks for more. Tests shorten it.
    pub wait_cap: Duration,
    /// Without anything heard for this long the connection is given up.
    pub silent: Duration,
    /// Whether to ask the server's clock: a burst of six after `welcome`, then every 20 s.
    pub sync: bool,
    /// Whether ticks are passed on as events.
    pub ticks: bool,
    /// Sees every answer.
    pub recorder: Option<Recorder>,
}

impl Setup {
    /// As a page behaves.
    pub fn new(time: Time, stop: CancellationToken, seed: u64) -> Self {
        Self {
            time,
            stop,
            seed,
            first_wait: Duration::from_millis(500),
            wait_cap: limits::BACKOFF_CAP,
            silent: Duration::from_millis(limits::LOST_MS.unsigned_abs()),
            sync: true,
            ticks: false,
            recorder: None,
        }
    }
}

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

/// The handle of one candidate's device. Dropping it ends the device.
pub struct Sitter {
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    view: watch::Receiver<View>,
    task: JoinHandle<Report>,
    stop: CancellationToken,
    time: Time,
}

impl Sitter {
    /// Begins to sit: connects and stays connected until it is stopped or sent away.
    pub fn start(entry: &Entry, setup: &Setup) -> Self {
        let (commands, command_rx) = mpsc::channel(QUEUE);
        let (event_tx, events) = mpsc::channel(QUEUE);
        let (view_tx, view) = watch::channel(View::default());
        let setup = Setup { stop: setup.stop.child_token(), ..setup.clone() };
        let (stop, time) = (setup.stop.clone(), setup.time.clone());
        let run = run::Run::new(entry.clone(), setup, command_rx, event_tx, view_tx);
        Self { commands, events, view, task: tokio::spawn(run.run()), stop, time }
    }

    /// Enters by code and begins to sit.
    pub async fn enter(rest: &Rest, code: &str, setup: &Setup) -> Result<Self, Problem> {
        Ok(Self::start(&rest.enter_patiently(code, 20, &setup.stop).await?, setup))
    }

    /// Gives a value to a question.
    pub async fn answer(&self, question: &str, value: Value) {
        self.answer_at(question, value, self.time.mono()).await;
    }

    /// The same, meant for an instant that may be past: latency is measured from there.
    pub async fn answer_at(&self, question: &str, value: Value, stamp: Duration) {
        self.tell(Command::Answer { question: question.to_owned(), value, stamp }).await;
    }

    /// Hands in once everything is saved.
    pub async fn submit(&self) {
        self.tell(Command::Submit).await;
    }

    /// Looks at the paper or away from it.
    pub async fn attention(&self, state: Attention) {
        self.tell(Command::Attention(state)).await;
    }

    /// Has seen the clock's change.
    pub async fn seen(&self, rev: i64) {
        self.tell(Command::Seen(rev)).await;
    }

    /// Answers another device that wants to go on.
    pub async fn decide(&self, id: &str, allow: bool) {
        self.tell(Command::Decide { id: id.to_owned(), allow }).await;
    }

    /// Cuts the connection hard and stays away for this long.
    pub async fn drop_connection(&self, away: Duration) {
        self.tell(Command::Drop(away)).await;
    }

    /// Gives a command; one that has ended hears nothing any more.
    pub async fn tell(&self, command: Command) {
        // The only failure is that the device has ended, and its view says so.
        drop(self.commands.send(command).await);
    }

    /// What happens next; None when it has ended and all is read.
    pub async fn event(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The newest state.
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until the state is as wanted. Err with the last state when it has ended before or `within` is over.
    pub async fn until(&self, within: Duration, wanted: impl FnMut(&View) -> bool) -> Result<View, Box<View>> {
        let mut view = self.view.clone();
        let found = match tokio::time::timeout(within, view.wait_for(wanted)).await {
            Ok(Ok(found)) => Some(found.clone()),
            Ok(Err(_)) | Err(_) => None,
        };
        found.ok_or_else(|| Box::new(self.view()))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends it without handing in, and waits for it.
    pub async fn stop(self) -> Report {
        self.stop.cancel();
        self.finish().await
    }

    /// Waits until it ends by itself.
    pub async fn finish(mut self) -> Report {
        // Events keep being read, so that none is counted as lost after the last reader.
        while self.events.recv().await.is_some() {}
        let last = self.view();
        (&mut self.task).await.unwrap_or(last.report)
    }
}

impl Drop for Sitter {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests;
