//! A room's table: the fold of what happened, and what of it watchers have not been told yet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::FEED;
use super::delta::Delta;
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::CandidateId;
use crate::domain::status::{Folded, RoomClock, Status};

/// The room's table.
#[derive(Debug, Clone)]
pub struct Table {
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// One row a candidate.
    pub status: Status,
    /// What happened lately, oldest first.
    pub feed: VecDeque<Event>,
    pub(super) dirty: BTreeSet<CandidateId>,
    pub(super) head_dirty: bool,
    /// Who asked for the teacher's eye when last looked.
    pub(super) troubled: BTreeSet<CandidateId>,
    pub(super) fresh_feed: Vec<Event>,
    pub(super) seq: i64,
}

impl Table {
    /// What was read from the store in place of what was here, which watchers go on following. `feed` is what happened lately, oldest first:
    /// what is new of it was not heard when it happened.
    pub(super) fn read(clock: RoomClock, status: Status, feed: Vec<Event>, was: Option<Self>) -> Self {
        let everybody = || status.rows.keys().cloned().collect();
        let clock = Arc::new(clock);
        let Some(was) = was else {
            let (dirty, feed) = (everybody(), VecDeque::from(feed));
            return Self {
                clock,
                status,
                feed,
                dirty,
                head_dirty: true,
                troubled: BTreeSet::new(),
                fresh_feed: Vec::new(),
                seq: 0,
            };
        };
        // A change that came while this was read is not taken back.
        let clock = if was.clock.rev > clock.rev { was.clock.clone() } else { clock };
        let mut dirty = if clock == was.clock { was.dirty } else { everybody() };
        dirty.extend(status.rows.iter().filter(|(id, row)| was.status.rows.get(*id) != Some(*row)).map(|(id, _)| id.clone()));
        let head_dirty = was.head_dirty || !dirty.is_empty() || was.status.rows.len() != status.rows.len();
        let mut table = Self { clock, status, dirty, head_dirty, troubled: was.troubled, ..was };
        let oldest = table.feed.front().map(|event| event.id.clone());
        for event in feed.into_iter().filter(|event| Some(&event.id) > oldest.as_ref()) {
            table.tell(&event);
        }
        table
    }

    /// Takes a newer clock; an older one is ignored.
    pub(super) fn set_clock(&mut self, clock: RoomClock) {
        if clock.rev > self.clock.rev || clock.ended_ms != self.clock.ended_ms || clock.rev == 0 {
            self.clock = Arc::new(clock);
            self.dirty = self.status.rows.keys().cloned().collect();
            self.head_dirty = true;
        }
    }

    /// The whole table as a watcher's first frame; its seq is that of the last delta.
    pub fn snapshot(&self, now: Ms) -> Delta {
        let rows = self.status.rows.iter().map(|(id, row)| (id.clone(), row.clone())).collect();
        Delta::new(self.seq, now, &self.clock, &self.status, rows, self.feed.iter().cloned().collect())
    }

    pub(super) fn fold(&mut self, event: &Event) -> Folded {
        let folded = self.status.fold(&self.clock, event);
        if let Folded::Row(candidate) = &folded {
            self.dirty.insert(candidate.clone());
        }
        if folded != Folded::Nothing && !event.body.is_routine() {
            self.tell(event);
        }
        folded
    }

    /// Tells watchers what happened, once.
    fn tell(&mut self, event: &Event) {
        if self.feed.iter().any(|other| other.id == event.id) {
            return;
        }
        self.feed.push_back(event.clone());
        self.fresh_feed.push(event.clone());
        while self.feed.len() > FEED {
            self.feed.pop_front();
        }
    }
}
