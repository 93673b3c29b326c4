//! The store is read while things happen: what comes meanwhile is kept, so that none falls between.

use super::connections::Whom;
use super::{LiveRoom, lock};
use crate::domain::event::Event;
use crate::domain::status::{RoomClock, Status, Want};
use crate::live::Table;

/// A read of the store that is under way. Events that come meanwhile are kept for it.
#[derive(Debug)]
pub struct Reading<'a> {
    pub(super) room: &'a LiveRoom,
}

impl Reading<'_> {
    /// Takes what was read: the whole room, or a newer state of it, and folds again what came meanwhile; folding is absolute, so twice does
    /// no harm. `feed` is what happened lately, oldest first. Every watcher and socket looks again. Returns what has to be read once more.
    pub fn take(self, clock: RoomClock, status: Status, feed: Vec<Event>) -> Want {
        let mut guard = lock(&self.room.state);
        let state = &mut *guard;
        let mut table = Table::read(clock, status, feed, state.table.take().map(|table| *table));
        let want = state.since.iter().map(|event| table.status.wants(&table.clock, event)).max().unwrap_or(Want::Nothing);
        for event in &state.since {
            table.fold(event);
        }
        state.table = Some(Box::new(table));
        drop(guard);
        self.room.connections.ring(&Whom::Everybody);
        want
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.room.state);
        state.reads -= 1;
        if state.reads == 0 {
            state.since.clear();
        }
    }
}
