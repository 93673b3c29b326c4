//! What goes on in this database, for whoever wants to stop a server: which rooms run, and when a restart is safe. Reads only.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::Ms;
use crate::domain::clock::{Facts, Phase, Timing};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::status::RoomClock;
use crate::error::Result;
use crate::limits;
use crate::store::Store;
use crate::store::rooms::{RoomFilter, RoomRow};

/// A room that is open, runs, is paused, or starts soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomStanding {
    /// Id.
    pub id: RoomId,
    /// Title of the exam.
    pub title: String,
    /// Place.
    pub location: String,
    /// `scheduled`, `open`, `running` or `paused`.
    pub phase: &'static str,
    /// When the schedule starts it, Unix ms.
    pub starts_ms: Option<Ms>,
    /// On the roster.
    pub candidates: usize,
    /// Working or paused, or still expected where time runs for all.
    pub working: usize,
    /// When the last answer of those who have begun can be in time, Unix ms; none where nobody knows: paused, or nobody has begun.
    pub last_ms: Option<Ms>,
    /// Somebody may still begin, so that it may be later.
    pub may_be_later: bool,
}

/// What goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// When this was looked at, Unix ms.
    pub now_ms: Ms,
    /// The last sign of life of any server, Unix ms.
    pub beat_ms: Option<Ms>,
    /// The rooms, those that run first.
    pub rooms: Vec<RoomStanding>,
    /// Numbers of the changes that this version has to make to the tables.
    pub pending: Vec<i64>,
    /// Whether a restart disturbs nobody.
    pub restart_is_safe: bool,
    /// Otherwise when it might, as far as that is known, Unix ms.
    pub safe_from_ms: Option<Ms>,
}

/// Looks.
pub async fn look(store: &Store, now: Ms) -> Result<Standing> {
    let mut rooms = Vec::new();
    for phase in ["running", "paused", "open"] {
        for row in all(store, phase).await? {
            rooms.push(one(store, &row, now).await?);
        }
    }
    let soon = now.saturating_add(limits::RESTART_AHEAD_MS);
    let scheduled = all(store, "scheduled").await?.into_iter();
    for row in scheduled.filter(|row| row.starts_ms.is_some_and(|at| at <= soon)) {
        rooms.push(one(store, &row, now).await?);
    }
    let lasts = rooms.iter().map(|room| if room.may_be_later || room.phase != "running" { None } else { room.last_ms });
    let safe_from_ms = lasts.collect::<Option<Vec<Ms>>>().and_then(|lasts| lasts.into_iter().max());
    Ok(Standing {
        now_ms: now,
        beat_ms: store.last_beat_ms().await?,
        restart_is_safe: rooms.is_empty(),
        safe_from_ms,
        rooms,
        pending: store.pending().await?.unwrap_or_default(),
    })
}

async fn all(store: &Store, phase: &'static str) -> Result<Vec<RoomRow>> {
    let mut rows: Vec<RoomRow> = Vec::new();
    loop {
        let after = rows.last().map_or_else(String::new, |row| row.id.to_string());
        let filter = RoomFilter { phase: Some(phase), limit: limits::PAGE_MAX, after, ..RoomFilter::default() };
        let page = store.rooms(&filter).await?;
        let whole = i64::try_from(page.len()).unwrap_or(i64::MAX) < limits::PAGE_MAX;
        rows.extend(page);
        if whole {
            return Ok(rows);
        }
    }
}

async fn one(store: &Store, row: &RoomRow, now: Ms) -> Result<RoomStanding> {
    let clock = row.clock(store.ledger(&row.id).await?);
    let facts: BTreeMap<CandidateId, Facts> = store.times(&row.id).await?.iter().map(|c| (c.id.clone(), c.facts())).collect();
    let (working, last_ms, may_be_later) = outlook(&clock, &facts, now);
    Ok(RoomStanding {
        id: row.id.clone(),
        title: row.title.clone(),
        location: row.location.clone(),
        phase: clock.phase(now).as_str(),
        starts_ms: row.starts_ms,
        candidates: facts.len(),
        working,
        last_ms,
        may_be_later,
    })
}

/// How many work, until when the last of them may, and whether somebody could still begin.
fn outlook(clock: &RoomClock, facts: &BTreeMap<CandidateId, Facts>, now: Ms) -> (usize, Option<Ms>, bool) {
    let entry = clock.terms.timing == Timing::OnEntry && clock.ledger.entry_open(&clock.terms, now);
    // Who has not come yet may still come, and then has what the room has left.
    let started_ms = clock.ledger.started_ms().filter(|_| clock.terms.timing == Timing::WithRoom);
    let (mut working, mut last_ms, mut later) = (0, None, false);
    for (id, facts) in facts.iter().filter(|(_, facts)| facts.ended.is_none()) {
        let facts = &Facts { begun_ms: facts.begun_ms.or(started_ms), ..*facts };
        let read = clock.clock(id, facts, now);
        if matches!(read.phase, Phase::Working | Phase::Paused) {
            working += 1;
            later |= read.deadline_ms.is_none();
        }
        later |= facts.begun_ms.is_none() && entry;
        last_ms = last_ms.max(read.deadline_ms.map(|at| at.saturating_add(clock.terms.grace_ms)));
    }
    (working, last_ms, later)
}
