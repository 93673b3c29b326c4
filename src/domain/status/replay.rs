//! A room as it was at an earlier instant: its timeline folded again, up to there.
//!
//! What somebody who watched saw then and no event tells is taken as it is now: names, seats, what the exam allows, the paper.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Cell, Person, RoomClock, Row, Status};
use crate::domain::Ms;
use crate::domain::clock::Facts;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, QuestionId, made_ms};
use crate::domain::message::Letter;

/// One candidate's answers by key, with what no answer can tell: whether staff counted it.
type Answers = BTreeMap<(i64, i64), (QuestionId, Cell)>;

/// A replay under way. It is fed with the events up to its instant, oldest first.
#[derive(Debug)]
pub struct Replay {
    at_ms: Ms,
    clock: RoomClock,
    status: Status,
    /// Greatest rev that was given by then.
    rev: i64,
    ended_ms: Option<Ms>,
    answers: BTreeMap<CandidateId, Answers>,
    accepted: BTreeSet<(CandidateId, i64, i64)>,
    feed: VecDeque<Event>,
    feed_length: usize,
}

impl Replay {
    /// Begins with the room's clock, roster and letters as they are now; `feed_length` is how many events a feed shows.
    pub fn new(
        at_ms: Ms,
        clock: RoomClock,
        roster: impl Iterator<Item = (CandidateId, Person, i64)>,
        letters: &[Arc<Letter>],
        feed_length: usize,
    ) -> Self {
        let mut status = Status::default();
        for (id, person, multiplier_bp) in roster {
            // Who was put on the roster later was not there.
            if made_ms(id.as_str()).is_none_or(|made| made <= at_ms) {
                status.rows.insert(id, Row::new(person, Facts { multiplier_bp, ..Facts::default() }));
            }
        }
        for letter in letters.iter().filter(|letter| letter.sent_ms <= at_ms) {
            // How far it had come then is in the timeline.
            let bare = Letter { withdrawn_ms: None, receipts: BTreeMap::new(), read_ms: None, ..Letter::clone(letter) };
            status.mail.put(&Arc::new(bare));
        }
        Self {
            at_ms,
            clock,
            status,
            rev: 0,
            ended_ms: None,
            answers: BTreeMap::new(),
            accepted: BTreeSet::new(),
            feed: VecDeque::new(),
            feed_length,
        }
    }

    /// The next event; one that came later than the instant is nothing to it.
    pub fn take(&mut self, event: &Event) {
        if event.at_ms > self.at_ms {
            return;
        }
        match (&event.body, &event.candidate) {
            (Body::ClockChanged { rev, change, .. }, _) => {
                self.rev = self.rev.max(*rev);
                // Only a reopening lets a room that is over run again.
                self.ended_ms = self.ended_ms.filter(|_| change != "reopen");
            }
            (Body::RoomEnded, _) => self.ended_ms = Some(event.at_ms),
            (Body::CandidateReopened { .. }, Some(id)) => {
                if let Some(row) = self.status.rows.get_mut(id) {
                    row.facts.ended = None;
                }
            }
            (Body::AnswerSaved { pen, seq, question, blank, received_ms }, Some(id)) => {
                let cell = Cell { pen: *pen, seq: *seq, received_ms: *received_ms, blank: *blank };
                self.answers.entry(id.clone()).or_default().insert((*pen, *seq), (question.clone(), cell));
            }
            (Body::AnswerAccepted { pen, seq }, Some(id)) => drop(self.accepted.insert((id.clone(), *pen, *seq))),
            (Body::AcceptanceWithdrawn { pen, seq }, Some(id)) => drop(self.accepted.remove(&(id.clone(), *pen, *seq))),
            _ => drop(self.status.fold(&self.clock, event)),
        }
        if !event.body.is_routine() {
            self.feed.push_back(event.clone());
            if self.feed.len() > self.feed_length {
                self.feed.pop_front();
            }
        }
    }

    /// The room as it was: clock, rows, and what had happened lately, oldest first.
    pub fn done(mut self) -> (RoomClock, Status, Vec<Event>) {
        // The end is stored with its own instant, a moment before the event that tells of it.
        let stored =
            self.clock.ended_ms.filter(|stored| self.ended_ms.is_some_and(|told| (0..60_000).contains(&(told - stored))));
        self.clock.ended_ms = stored.or(self.ended_ms);
        self.clock.ledger = self.clock.ledger.before(self.rev.saturating_add(1));
        self.clock.rev = self.rev;
        for (id, answers) in self.answers {
            let Some(row) = self.status.rows.get_mut(&id) else { continue };
            for ((pen, seq), (question, cell)) in answers {
                row.last_saved_ms = row.last_saved_ms.max(Some(cell.received_ms));
                let verdict = self.clock.ledger.judge(&self.clock.terms, &id, &row.facts, cell.received_ms, self.at_ms);
                if verdict.counts || self.accepted.contains(&(id.clone(), pen, seq)) {
                    // They come by (pen, seq): the last one wins.
                    row.answers.insert(question, cell);
                } else {
                    row.uncounted.insert((pen, seq));
                }
            }
        }
        (self.clock, self.status, self.feed.into())
    }
}
