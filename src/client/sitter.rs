//! One candidate that survives its connections: joins, resumes with its pen, sends what is not saved until it is, hands in.
//!
//! `machine.rs` holds every rule and no socket; `run.rs` holds the socket and no rule. A caller gives commands, reads events
//! (which a slow reader may lose) or waits on the view (which is always the newest state), and a recorder sees every answer
//! that is attempted, saved and refused.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Problem;
use super::outbox::Outbox;
use super::rest::{Entry, Rest};
use crate::limits;
use crate::protocol::Attention;
use crate::time::Time;

/// The rules, without a socket.
mod machine;
/// The socket, without a rule.
mod run;
/// What a sitter is told, tells and shows.
mod words;

pub use words::{Command, Ending, Event, Paper, Record, Recorder, Report, Row, View};

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

/// The handle of one candidate's device. Dropping it ends the device.
pub struct Sitter {
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    view: watch::Receiver<View>,
    task: JoinHandle<Report>,
    /// Where the task leaves what it holds when it ends.
    keep: Arc<Mutex<Option<Outbox>>>,
    stop: CancellationToken,
    time: Time,
}

impl Sitter {
    /// Begins to sit: connects and stays connected until it is stopped or sent away.
    pub fn start(entry: &Entry, setup: &Setup) -> Self {
        Self::start_with(entry, setup, Outbox::default())
    }

    /// The same, with what this device or another one of this candidate held.
    pub fn start_with(entry: &Entry, setup: &Setup, outbox: Outbox) -> Self {
        let (commands, command_rx) = mpsc::channel(QUEUE);
        let (event_tx, events) = mpsc::channel(QUEUE);
        let (view_tx, view) = watch::channel(View::default());
        let setup = Setup { stop: setup.stop.child_token(), ..setup.clone() };
        let (stop, time) = (setup.stop.clone(), setup.time.clone());
        let keep = Arc::new(Mutex::new(None));
        let run = run::Run::new(entry.clone(), setup, outbox, command_rx, event_tx, view_tx);
        let left = Arc::clone(&keep);
        let task = tokio::spawn(async move {
            let (report, outbox) = run.run().await;
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(outbox);
            report
        });
        Self { commands, events, view, task, keep, stop, time }
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

    /// Writes to the staff of the room.
    pub async fn write(&self, text: &str) {
        self.tell(Command::Write(text.to_owned())).await;
    }

    /// Has read messages.
    pub async fn read(&self, ids: &[&str]) {
        self.tell(Command::Read(ids.iter().map(|id| (*id).to_owned()).collect())).await;
    }

    /// Raises or lowers the hand.
    pub async fn hand(&self, up: bool) {
        self.tell(Command::Hand(up)).await;
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

    /// Ends it and gives back what it holds: what was not saved, and what was. `start_with` goes on with it; on another device of the same
    /// candidate it is handed over first.
    pub async fn put_down(self) -> (Report, Outbox) {
        self.stop.cancel();
        let (keep, report) = (self.keep.clone(), self.finish().await);
        let outbox = keep.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        (report, outbox)
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
