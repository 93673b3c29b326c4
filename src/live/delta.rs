//! What changed in a room since the delta before. Its text is made once per kind of reader, by the first who needs it.

use std::sync::{Arc, OnceLock};

use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::CandidateId;
use crate::domain::status::{Counts, RoomClock, Row};

/// How many kinds of readers there are: data, and pages in each language.
pub const READERS: usize = 3;

/// What changed.
#[derive(Debug)]
pub struct Delta {
    /// Last + 1.
    pub seq: i64,
    /// Trusted time.
    pub now_ms: Ms,
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// How many are in each state.
    pub counts: Counts,
    /// Rows that changed.
    pub rows: Vec<(CandidateId, Row)>,
    /// What happened, oldest first.
    pub feed: Vec<Event>,
    texts: [OnceLock<Arc<str>>; READERS],
}

impl Delta {
    /// A delta without texts yet.
    pub fn new(
        seq: i64,
        now_ms: Ms,
        clock: Arc<RoomClock>,
        counts: Counts,
        rows: Vec<(CandidateId, Row)>,
        feed: Vec<Event>,
    ) -> Self {
        Self { seq, now_ms, clock, counts, rows, feed, texts: Default::default() }
    }
    /// The text for one kind of reader, made once.
    pub fn text(&self, reader: usize, make: impl FnOnce(&Self) -> String) -> Option<Arc<str>> {
        self.texts.get(reader).map(|cell| cell.get_or_init(|| make(self).into()).clone())
    }
}
