//! A room as it was at an earlier instant.

use super::Service;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::RoomId;
use crate::domain::status::Replay;
use crate::error::{Code, Error, Result};
use crate::live::{FEED, Table};
use crate::store::timeline::TimelineFilter;

/// Events that are read at a time.
const READ: i64 = 1_000;
/// A room's letters at most: allowances keep far below.
const LETTERS: i64 = 100_000;

impl Service {
    /// The live table as it was at `at_ms`, folded from the timeline. What happened in the last second before may still be on its way into it.
    pub async fn get_status_at(&self, actor: &Actor, id: &RoomId, at_ms: Ms) -> Result<Table> {
        self.room_for(actor, Action::GetStatus, id).await?;
        if at_ms > self.now() {
            return Err(Error::field("at", "in_future"));
        }
        let clock = self.store.room_clock(id).await?.ok_or(Code::NotFound)?;
        let roster = self.store.candidates(id).await?;
        let roster = roster.into_iter().map(|c| (c.id.clone(), c.person(), c.multiplier_bp));
        let letters = self.store.newest_letters(id, LETTERS).await?;
        let mut replay = Replay::new(at_ms, clock, roster, &letters, FEED);
        let mut filter = TimelineFilter { to_ms: Some(at_ms.saturating_add(1)), limit: READ, ..TimelineFilter::default() };
        loop {
            let events = self.store.timeline(id, &filter).await?;
            for event in &events {
                replay.take(event);
            }
            match events.last() {
                Some(last) if i64::try_from(events.len()).is_ok_and(|n| n == READ) => filter.after = last.id.to_string(),
                _ => break,
            }
        }
        let (clock, mut status, feed) = replay.done();
        status.staff = self.names_in(&feed).await?;
        Ok(Table::still(clock, status, feed))
    }
}
