//! The group-commit writer of every hot write: answers, joins, submits, and what a device tells of itself.
//!
//! One task takes what waits (answers first), up to 256 rows or 1 MiB or 3 ms, and carries it out in one transaction: lock and load the
//! candidates, judge purely, insert answers and events, COMMIT. Only then does anybody hear of it: outcomes to whoever waits, events to
//! the bus. A batch that fails acknowledges nobody. A commit whose fate is unknown is answered with `Unknown`, and the key
//! (candidate, pen, seq) makes the repeat safe.

mod batch;
/// What the journal is asked and what it answers.
pub mod ops;

use std::future::Future;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Store, StoreError};
use crate::domain::clock::Verdict;
use crate::domain::event::Event;
use crate::time::Time;
use crate::{limits, metrics, weaken};
pub use ops::{Answer, Join, JoinOutcome, Op, Outcome, Refusal, Submit};

/// One write and who waits for it.
pub struct Entry {
    /// What to write.
    pub op: Op,
    /// Told exactly once what became of it.
    pub reply: Reply,
}

/// Called once with the outcome, after COMMIT.
pub type Reply = Box<dyn FnOnce(Outcome) + Send>;

/// The way in: two bounded lanes.
#[derive(Clone, Debug)]
pub struct Journal {
    answers: mpsc::Sender<Entry>,
    others: mpsc::Sender<Entry>,
}

/// The receiving ends, for the one task.
pub struct Lanes {
    answers: mpsc::Receiver<Entry>,
    others: mpsc::Receiver<Entry>,
}

impl Journal {
    /// Two empty lanes.
    pub fn lanes() -> (Self, Lanes) {
        let (answers, answers_rx) = mpsc::channel(limits::JOURNAL_QUEUE);
        let (others, others_rx) = mpsc::channel(limits::JOURNAL_QUEUE);
        (Self { answers, others }, Lanes { answers: answers_rx, others: others_rx })
    }

    /// Queues a write; gives it back when its lane is full or the journal is gone.
    pub fn send(&self, op: Op, reply: Reply) -> Result<(), Box<Entry>> {
        let lane = if matches!(op, Op::Answer(_)) { &self.answers } else { &self.others };
        lane.try_send(Entry { op, reply }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(entry) | mpsc::error::TrySendError::Closed(entry) => Box::new(entry),
        })
    }
}

impl Lanes {
    /// Writes until both lanes are closed and empty. `publish` gets the events of each committed batch.
    pub async fn run(mut self, store: Store, time: Time, publish: impl Fn(Vec<Event>) + Send) {
        let mut books = batch::Books::default();
        while let Some(entries) = self.gather().await {
            write(&store, &time, &mut books, entries, &publish).await;
        }
    }

    /// The next batch: whatever waits, answers first, and a few ms of patience for company.
    async fn gather(&mut self) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        let first = tokio::select! {
            biased;
            Some(entry) = self.answers.recv() => entry,
            Some(entry) = self.others.recv() => entry,
            else => return None,
        };
        bytes += first.op.bytes();
        entries.push(first);
        let company = async {
            while entries.len() < limits::BATCH_ROWS && bytes < limits::BATCH_BYTES {
                let next = tokio::select! {
                    biased;
                    Some(entry) = self.answers.recv() => entry,
                    Some(entry) = self.others.recv() => entry,
                    else => break,
                };
                bytes += next.op.bytes();
                entries.push(next);
            }
        };
        patience(company).await;
        Some(entries)
    }
}

/// Waits for company at most `BATCH_WAIT`.
async fn patience(company: impl Future<Output = ()>) {
    let _ = timeout(limits::BATCH_WAIT, company).await;
}

/// Carries out one batch and tells everybody. A batch that fails for a row's sake is tried row by row, so that one poisonous row
/// cannot block the others.
async fn write(
    store: &Store,
    time: &Time,
    books: &mut batch::Books,
    entries: Vec<Entry>,
    publish: &(impl Fn(Vec<Event>) + Send),
) {
    let began = time.mono();
    let (ops, replies): (Vec<Op>, Vec<Reply>) = entries.into_iter().map(|e| (e.op, e.reply)).unzip();
    let mut replies: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
    if weaken::on("ack_before_commit") {
        acknowledge_early(&ops, &mut replies).await;
    }
    match batch::carry_out(store, time.now(), books, &ops).await {
        Ok((outcomes, events)) => {
            metrics::journal_batch(ops.len(), time.mono().saturating_sub(began).as_secs_f64());
            publish(events);
            tell(&mut replies, outcomes);
        }
        Err(batch::Failure::Ambiguous(error)) => {
            tracing::error!(error = ?error, "journal.ambiguous_commit");
            tell(&mut replies, ops.iter().map(|_| Outcome::Unknown).collect());
        }
        Err(batch::Failure::Store(error)) => fail(store, time, books, ops, replies, error, publish).await,
    }
}

async fn fail(
    store: &Store,
    time: &Time,
    books: &mut batch::Books,
    ops: Vec<Op>,
    mut replies: Vec<Option<Reply>>,
    error: StoreError,
    publish: &(impl Fn(Vec<Event>) + Send),
) {
    books.forget();
    let ours = matches!(error, StoreError::Busy(_) | StoreError::DiskFull(_) | StoreError::Away(_));
    tracing::error!(error = ?error, rows = ops.len(), "journal.failed");
    if ours || ops.len() == 1 {
        let refusal = Refusal::of(&error);
        tell(&mut replies, ops.iter().map(|_| Outcome::Refused(refusal.clone())).collect());
        return;
    }
    for (op, reply) in ops.into_iter().zip(replies) {
        let entry = Entry { op, reply: reply.unwrap_or_else(|| Box::new(drop)) };
        Box::pin(write(store, time, books, vec![entry], publish)).await;
    }
}

fn tell(replies: &mut [Option<Reply>], outcomes: Vec<Outcome>) {
    for (reply, outcome) in replies.iter_mut().zip(outcomes) {
        if let Some(reply) = reply.take() {
            reply(outcome);
        }
    }
}

/// The mistake that law 1 forbids, for the test that must find it: answers are called saved before they are. A slow disk between the two
/// makes sure that a test which cuts in there finds something.
async fn acknowledge_early(ops: &[Op], replies: &mut [Option<Reply>]) {
    for (op, reply) in ops.iter().zip(replies) {
        if let (Op::Answer(a), Some(reply)) = (op, reply.take_if(|_| matches!(op, Op::Answer(_)))) {
            reply(Outcome::Saved { received_ms: a.received_ms, verdict: Verdict::PLAIN });
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
}
