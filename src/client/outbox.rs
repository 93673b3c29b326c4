//! The queue of what is not saved yet. Pure: frames and outcomes in, frames out, no clock.
//!
//! Every answer that is pushed gets a number of the current pen and stays here until the server says `saved` or refuses it
//! for good: exactly one of the two, whatever is cut, repeated or reordered on the way. What an older pen leaves behind
//! keeps its pen and its number. What is saved is kept for a day more, in case the store is restored from before.

/// What was saved, in case it has to be sent again.
mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::limits;
use crate::protocol::{AnswerFrame, RefusedFrame, SavedItem};

/// Answers the queue takes before it says that it is full.
pub const ROWS: usize = 4096;

/// A pen and a number of it: the key of an answer.
pub type Key = (i64, i64);

/// An answer that was pushed.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// Its pen.
    pub pen: i64,
    /// Its number.
    pub seq: i64,
    /// Its question.
    pub question: String,
    /// Its value; null clears.
    pub value: Value,
    /// When it was meant to be sent, on the caller's monotonic clock.
    pub stamp: Duration,
}

/// What a `refused` meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// It is kept and sent again after `release`.
    Held,
    /// It is out of the queue: the server will never take it.
    Final(Pushed),
    /// It is not in the queue: settled before, or never pushed.
    NotMine,
}

/// Why an answer was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotQueued {
    /// Nobody has given this client a pen.
    #[error("no pen to write with")]
    NoPen,
    /// Too much is waiting.
    #[error("too many answers are waiting")]
    Full,
}

/// What a hand-in found missing on the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// Answers that are queued again.
    pub again: usize,
    /// Numbers of answers that were called saved: a broken promise.
    pub lost: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    InFlight,
    Held,
}

#[derive(Debug, Clone)]
struct Row {
    question: String,
    value: Value,
    stamp: Duration,
    proof: Option<String>,
    stage: Stage,
}

/// The queue of one candidate on one device.
#[derive(Debug, Clone)]
pub struct Outbox {
    /// The last pen that was given.
    pen: Option<i64>,
    /// Whether it is in hand on this connection.
    in_hand: bool,
    next: i64,
    rows: BTreeMap<Key, Row>,
    kept: kept::Kept,
    /// Numbers of the current pen whose answers are valid: pushed and not refused for good.
    valid: BTreeSet<i64>,
    in_flight: usize,
    window: usize,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            pen: None,
            in_hand: false,
            next: 1,
            rows: BTreeMap::new(),
            kept: kept::Kept::default(),
            valid: BTreeSet::new(),
            in_flight: 0,
            window: limits::UNSAVED_WINDOW,
        }
    }
}

impl Outbox {
    /// The pen in hand.
    pub fn pen(&self) -> Option<i64> {
        self.pen.filter(|_| self.in_hand)
    }

    /// The pen to show when coming back: the last one, also when nobody writes any more.
    pub fn shown(&self) -> Option<i64> {
        self.pen
    }

    /// The whole state has come: the pen, the greatest number the server has seen of it, and how much may be in flight. On a
    /// new connection `disconnected` comes before it, and everything that is not settled is sent again.
    pub fn welcome(&mut self, pen: Option<i64>, greatest: i64, window: usize) {
        if pen.is_some() && pen != self.pen {
            self.valid.clear();
            self.next = 1;
        }
        if pen.is_some() {
            self.next = self.next.max(greatest.saturating_add(1));
            self.pen = pen;
        }
        self.in_hand = pen.is_some();
        self.window = window.clamp(1, limits::UNSAVED_WINDOW);
    }

    /// The store behind the connection. If it is another one than before, it was restored: what it called saved is sent again, under its
    /// own pens and numbers, before anything else. Returns how many answers that are.
    pub fn epoch(&mut self, epoch: &str, now: Duration) -> usize {
        let again = self.kept.epoch(epoch, now);
        let count = again.len();
        for (key, row) in again {
            self.rows.entry(key).or_insert(row);
        }
        count
    }

    /// Another device goes on with what this one holds: it has no pen to show, and what is here keeps its own.
    pub fn handed_over(&mut self) {
        self.disconnected();
        (self.pen, self.in_hand) = (None, false);
        self.valid.clear();
    }

    /// The connection is gone: what was in flight may or may not have arrived.
    pub fn disconnected(&mut self) {
        self.release();
        for row in self.rows.values_mut().filter(|row| row.stage == Stage::InFlight) {
            row.stage = Stage::Waiting;
        }
        self.in_flight = 0;
    }

    /// Queues an answer under the next number of the pen.
    pub fn push(&mut self, question: &str, value: Value, stamp: Duration) -> Result<AnswerFrame, NotQueued> {
        let pen = self.pen().ok_or(NotQueued::NoPen)?;
        if self.rows.len() >= ROWS {
            return Err(NotQueued::Full);
        }
        let seq = self.take_number();
        let row = Row { question: question.to_owned(), value, stamp, proof: None, stage: Stage::Waiting };
        let frame = frame((pen, seq), &row, Some(pen));
        self.rows.insert((pen, seq), row);
        self.valid.insert(seq);
        Ok(frame)
    }

    /// A number of the pen for a frame that is not an answer.
    pub fn number(&mut self) -> Option<i64> {
        self.pen().map(|_| self.take_number())
    }

    fn take_number(&mut self) -> i64 {
        let seq = self.next;
        self.next = self.next.saturating_add(1);
        seq
    }

    /// What may be sent now, `most` at most, oldest pen and number first; from here on it is in flight.
    pub fn due(&mut self, most: usize) -> Vec<AnswerFrame> {
        let (pen, room) = (self.pen(), self.window.saturating_sub(self.in_flight).min(most));
        if pen.is_none() || room == 0 {
            return Vec::new();
        }
        let waiting = self.rows.iter_mut().filter(|(_, row)| row.stage == Stage::Waiting).take(room);
        let frames: Vec<AnswerFrame> = waiting
            .map(|(key, row)| {
                row.stage = Stage::InFlight;
                frame(*key, row, pen)
            })
            .collect();
        self.in_flight += frames.len();
        frames
    }

    /// The server has it. None when it is settled already.
    pub fn on_saved(&mut self, pen: i64, item: &SavedItem, now: Duration) -> Option<Pushed> {
        let key = (pen, item.seq);
        if let Some(row) = self.rows.get(&key) {
            self.kept.keep(key, row, item, now);
        }
        self.take(key)
    }

    /// The server has not taken it.
    pub fn on_refused(&mut self, refused: &RefusedFrame) -> Refused {
        let key = (refused.pen, refused.seq);
        let Some(row) = self.rows.get_mut(&key) else { return Refused::NotMine };
        if refused.retry {
            if row.stage == Stage::InFlight {
                self.in_flight -= 1;
            }
            row.stage = Stage::Held;
            // The first proof is the earliest: a later one never replaces it by nothing.
            row.proof = refused.proof.clone().or(row.proof.take());
            return Refused::Held;
        }
        if self.pen == Some(refused.pen) {
            self.valid.remove(&refused.seq);
        }
        self.take(key).map_or(Refused::NotMine, Refused::Final)
    }

    fn take(&mut self, key: Key) -> Option<Pushed> {
        let row = self.rows.remove(&key)?;
        if row.stage == Stage::InFlight {
            self.in_flight -= 1;
        }
        let Row { question, value, stamp, .. } = row;
        Some(Pushed { pen: key.0, seq: key.1, question, value, stamp })
    }

    /// Lets what was refused for the server's reasons be sent again.
    pub fn release(&mut self) {
        for row in self.rows.values_mut().filter(|row| row.stage == Stage::Held) {
            row.stage = Stage::Waiting;
        }
    }

    /// Whether something could be sent if it were allowed.
    pub fn waits(&self) -> bool {
        let room = self.pen().is_some() && self.in_flight < self.window;
        room && self.rows.values().any(|row| row.stage == Stage::Waiting)
    }

    /// How many answers are not settled.
    pub fn unsaved(&self) -> usize {
        self.rows.len()
    }

    /// How many saved answers are kept.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Inclusive ranges of the current pen's answers that are valid, for `submit`.
    pub fn have(&self) -> Vec<(i64, i64)> {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for &seq in &self.valid {
            match ranges.last_mut() {
                Some((_, to)) if *to + 1 == seq => *to = seq,
                _ => ranges.push((seq, seq)),
            }
        }
        ranges
    }

    /// The server lacks these of the current pen.
    pub fn on_missing(&mut self, ranges: &[(i64, i64)]) -> Missing {
        let Some(pen) = self.pen else { return Missing::default() };
        let ranges = ranges.iter().filter(|(from, to)| from <= to);
        let named: BTreeSet<i64> = ranges.flat_map(|(from, to)| self.valid.range(from..=to)).copied().collect();
        let mut missing = Missing::default();
        for seq in named {
            let Some(row) = self.rows.get_mut(&(pen, seq)) else {
                self.valid.remove(&seq);
                missing.lost.push(seq);
                continue;
            };
            if row.stage == Stage::InFlight {
                self.in_flight -= 1;
            }
            row.stage = Stage::Waiting;
            missing.again += 1;
        }
        missing
    }

    /// Everything that is not settled, each frame with its pen, to be sent without a socket.
    pub fn leftovers(&self, most: usize) -> Vec<AnswerFrame> {
        self.rows.iter().take(most).map(|(key, row)| frame(*key, row, None)).collect()
    }
}

fn frame((pen, seq): Key, row: &Row, current: Option<i64>) -> AnswerFrame {
    AnswerFrame {
        seq,
        question: row.question.clone(),
        value: row.value.clone(),
        pen: (current != Some(pen)).then_some(pen),
        proof: row.proof.clone(),
    }
}

#[cfg(test)]
mod tests;
