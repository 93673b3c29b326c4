//! The group-commit writer of every hot write: answers, joins, submits, and what a device tells of itself.
//!
//! One task takes what waits (answers first), up to 256 rows or 1 MiB or 3 ms, and carries it out in one transaction: lock and load the
//! candidates, judge purely, insert answers and events, COMMIT. Only then does anybody hear of it: outcomes to whoever waits, events to
//! the bus. A batch that fails acknowledges nobody. A commit whose fate is unknown is answered with `Unknown`, and the key
//! (candidate, pen, seq) makes the repeat safe. A disk that fails to confirm ends the journal: it is never asked the same twice.

mod batch;
/// What the journal is asked and what it answers.
pub mod ops;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};
use crate::domain::clock::Verdict;
use crate::domain::event::Event;
use crate::time::Time;
use crate::{limits, metrics, weaken};
pub use ops::{Answer, HandOp, Join, JoinOutcome, NewMessage, Op, Outcome, Receipts, Refusal, Say, Submit};

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
    trouble: watch::Receiver<Option<Refusal>>,
    closing: CancellationToken,
}

/// The receiving ends, for the one task.
pub struct Lanes {
    answers: mpsc::Receiver<Entry>,
    others: mpsc::Receiver<Entry>,
    trouble: watch::Sender<Option<Refusal>>,
    closing: CancellationToken,
}

impl Journal {
    /// Two empty lanes.
    pub fn lanes() -> (Self, Lanes) {
        let (answers, answers_rx) = mpsc::channel(limits::JOURNAL_QUEUE);
        let (others, others_rx) = mpsc::channel(limits::JOURNAL_QUEUE);
        let (fares, trouble) = watch::channel(None);
        let closing = CancellationToken::new();
        let lanes = Lanes { answers: answers_rx, others: others_rx, trouble: fares, closing: closing.clone() };
        (Self { answers, others, trouble, closing }, lanes)
    }

    /// Takes no more; what is queued is still written, and then the task ends.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// What keeps it from writing, if anything does.
    pub fn trouble(&self) -> Option<Refusal> {
        self.trouble.borrow().clone()
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
    /// Writes until it is told to close and both lanes are empty, or until the disk fails to keep what it is given. `publish` gets the events
    /// of each committed batch.
    pub async fn run(self, store: Store, time: Time, publish: impl Fn(Vec<Event>) + Send) {
        let Self { mut answers, mut others, trouble, closing } = self;
        let mut writer = Writer { store, time, books: batch::Books::default(), trouble, publish };
        loop {
            let first = next(&closing, &mut answers, &mut others);
            let troubled = writer.trouble.borrow().is_some();
            let first = if troubled { timeout(limits::JOURNAL_PROBE, first).await } else { Ok(first.await) };
            let done = match first {
                Ok(Some(first)) => writer.write(company(first, &mut answers, &mut others).await).await,
                Ok(None) => return,
                Err(_) => writer.probe().await,
            };
            if let Err(Broken) = done {
                return;
            }
        }
    }
}

/// The next write, answers first; None: closed, and nothing is left.
async fn next(
    closing: &CancellationToken,
    answers: &mut mpsc::Receiver<Entry>,
    others: &mut mpsc::Receiver<Entry>,
) -> Option<Entry> {
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled(), if !answers.is_closed() => {
                answers.close();
                others.close();
            }
            Some(entry) = answers.recv() => return Some(entry),
            Some(entry) = others.recv() => return Some(entry),
            else => return None,
        }
    }
}

/// The next batch: whatever waits, answers first, and a few ms of patience for company. Notes wait longer, until something comes that
/// somebody waits for.
async fn company(first: Entry, answers: &mut mpsc::Receiver<Entry>, others: &mut mpsc::Receiver<Entry>) -> Vec<Entry> {
    let mut batch = Batch::default();
    batch.push(first);
    let _ = timeout(limits::NOTES_WAIT, batch.gather(answers, others, |batch| !batch.awaited)).await;
    let _ = timeout(limits::BATCH_WAIT, batch.gather(answers, others, |_| true)).await;
    batch.entries
}

/// What goes into one transaction.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    bytes: usize,
    /// Somebody waits for one of them.
    awaited: bool,
}

impl Batch {
    fn push(&mut self, entry: Entry) {
        self.bytes += entry.op.bytes();
        self.awaited |= !matches!(entry.op, Op::Note(_));
        self.entries.push(entry);
    }

    /// Takes what comes while there is room and it wants more.
    async fn gather(
        &mut self,
        answers: &mut mpsc::Receiver<Entry>,
        others: &mut mpsc::Receiver<Entry>,
        wants: impl Fn(&Self) -> bool,
    ) {
        while self.entries.len() < limits::BATCH_ROWS && self.bytes < limits::BATCH_BYTES && wants(self) {
            let next = tokio::select! {
                biased;
                Some(entry) = answers.recv() => entry,
                Some(entry) = others.recv() => entry,
                else => return,
            };
            self.push(next);
        }
    }
}

/// The disk did not confirm what was to be kept: the journal ends, and the process with it.
struct Broken;

/// The one writer: what it writes to, and how it fares.
struct Writer<P> {
    store: Store,
    time: Time,
    books: batch::Books,
    trouble: watch::Sender<Option<Refusal>>,
    publish: P,
}

impl<P: Fn(Vec<Event>) + Send> Writer<P> {
    /// Carries out one batch and tells everybody.
    async fn write(&mut self, entries: Vec<Entry>) -> Result<(), Broken> {
        let began = self.time.mono();
        let (ops, replies): (Vec<Op>, Vec<Reply>) = entries.into_iter().map(|e| (e.op, e.reply)).unzip();
        let mut replies: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
        if weaken::on("ack_before_commit") {
            acknowledge_early(&ops, &mut replies).await;
        }
        match batch::carry_out(&self.store, self.time.now(), &mut self.books, &ops).await {
            Ok((outcomes, events)) => {
                metrics::journal_batch(ops.len(), self.time.mono().saturating_sub(began).as_secs_f64());
                self.fares(None);
                (self.publish)(events);
                tell(&mut replies, outcomes);
                Ok(())
            }
            Err(error) => self.fail(ops, replies, error).await,
        }
    }

    /// A batch that fails for our reasons is refused with the permission to come again. One that fails for a row's sake is halved until
    /// the row stands alone, so that a poisonous row harms only itself. Whose fate is unknown hears neither.
    async fn fail(&mut self, mut ops: Vec<Op>, mut replies: Vec<Option<Reply>>, error: StoreError) -> Result<(), Broken> {
        self.books.forget();
        let refusal = Refusal::of(&error);
        match &error {
            StoreError::Broken(_) => {
                tracing::error!(error = ?error, rows = ops.len(), "journal.fsync_failed");
                self.fares(Some(refusal));
                return Err(Broken);
            }
            StoreError::Unsure(_) => {
                tracing::error!(error = ?error, rows = ops.len(), "journal.ambiguous_commit");
                self.fares(Some(Refusal::Away));
                tell(&mut replies, ops.iter().map(|_| Outcome::Unknown).collect());
                return Ok(());
            }
            StoreError::Busy(_) | StoreError::DiskFull(_) | StoreError::Away(_) => self.fares(Some(refusal.clone())),
            _ if ops.len() > 1 => {
                let half = ops.len() / 2;
                let (later, later_replies) = (ops.split_off(half), replies.split_off(half));
                Box::pin(self.write(entries(ops, replies))).await?;
                return Box::pin(self.write(entries(later, later_replies))).await;
            }
            _ => {}
        }
        tracing::error!(error = ?error, rows = ops.len(), "journal.failed");
        tell(&mut replies, ops.iter().map(|_| Outcome::Refused(refusal.clone())).collect());
        Ok(())
    }

    /// Whether it can write, for `/health/ready`.
    fn fares(&self, trouble: Option<Refusal>) {
        self.trouble.send_if_modified(|now| {
            let changed = *now != trouble;
            if changed {
                tracing::warn!(from = ?now, to = ?trouble, "journal.fares");
                *now = trouble;
            }
            changed
        });
    }

    /// Nobody asks while nothing can be written: it finds out by itself when that is over.
    async fn probe(&self) -> Result<(), Broken> {
        match self.store.probe(self.time.now()).await {
            Ok(()) => self.fares(None),
            Err(StoreError::Broken(_)) => return Err(Broken),
            Err(_) => {}
        }
        Ok(())
    }
}

/// What is tried again: who has been told already is not told twice.
fn entries(ops: Vec<Op>, replies: Vec<Option<Reply>>) -> Vec<Entry> {
    ops.into_iter().zip(replies).map(|(op, reply)| Entry { op, reply: reply.unwrap_or_else(|| Box::new(drop)) }).collect()
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

#[cfg(test)]
mod tests;
