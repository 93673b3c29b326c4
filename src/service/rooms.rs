//! Rooms, grants, and what is seen of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Service, allow, text};
use crate::auth::codes::RoomPart;
use crate::auth::secrets::{mint, random_bytes};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Rights, Role, Scope};
use crate::domain::clock::{Change, Facts, Ledger};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, ExamId, RoomId, UserId};
use crate::domain::status::{Reach, RoomClock, Row, Status, Takeover, Want};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::{self, LiveRoom, Table};
use crate::store::StoreError;
use crate::store::rooms::{RoomFilter, RoomRow};

/// Entries of the timeline that are read to find the last that a watcher would have been told.
const RECENT: i64 = 400;
/// Times a room is read again when it changes under the reading.
const LOADS: usize = 4;

/// Where and when a room is.
#[derive(Debug, Clone)]
pub struct RoomWords {
    /// Place.
    pub location: String,
    /// IANA zone.
    pub zone: String,
    /// When the schedule starts it, Unix ms.
    pub starts_ms: Option<Ms>,
    /// End of the window, Unix ms.
    pub window_ends_ms: Option<Ms>,
    /// Whether the window caps deadlines.
    pub window_hard: bool,
}

/// A room and what the actor may do there.
pub struct RoomView {
    /// The room.
    pub room: RoomRow,
    /// The actor's rights.
    pub rights: Rights,
}

/// One change and how far it has come.
pub struct ChangeView {
    /// The ledger entry.
    pub change: Change,
    /// Whether a later entry has cancelled it.
    pub reverted: bool,
    /// One line a candidate it touches: deadline before and after (Unix ms), how far.
    pub candidates: Vec<(CandidateId, Option<Ms>, Option<Ms>, Reach)>,
}

impl Service {
    /// Rooms the actor owns or works in; an administrator's are all.
    pub async fn list_rooms(&self, actor: &Actor, filter: RoomFilter) -> Result<Vec<RoomRow>> {
        allow(actor, Action::ListRooms, Scope::Organisation)?;
        let all = matches!(actor, Actor::User { role: Role::Admin, .. });
        let user = if all { None } else { actor.user().cloned() };
        Ok(self.store.rooms(&RoomFilter { user, ..filter }).await?)
    }

    /// Makes a room of an exam.
    pub async fn create_room(&self, actor: &Actor, exam: &ExamId, words: RoomWords) -> Result<RoomRow> {
        let exam = self.exam_for(actor, Action::CreateRoom, exam).await?;
        check(&words)?;
        let now = self.now();
        let id: RoomId = mint(now);
        for _ in 0..8 {
            let room = RoomRow {
                id: id.clone(),
                exam_id: exam.id.clone(),
                owner_id: exam.owner_id.clone(),
                title: exam.title.clone(),
                instructions: exam.instructions.clone(),
                location: words.location.trim().to_owned(),
                zone: words.zone.clone(),
                starts_ms: words.starts_ms,
                window_ends_ms: words.window_ends_ms,
                window_hard: words.window_hard,
                entry_part: RoomPart::make(random_bytes()).as_str().to_owned(),
                rev: 0,
                next_due_ms: words.starts_ms,
                paper_version: None,
                newest_version: exam.paper_version,
                questions: None,
                opened_ms: None,
                started_ms: None,
                paused_ms: None,
                ended_ms: None,
                created_ms: now,
                base_ms: exam.base_ms,
                grace_ms: exam.grace_ms,
                timing: exam.timing.clone(),
                late_entry_ms: exam.late_entry_ms,
                takeover: exam.takeover.clone(),
                shuffle_questions: exam.shuffle_questions,
                shuffle_options: exam.shuffle_options,
                rehearsal_of: None,
            };
            // Four random characters: another room may have them already.
            match self.store.create_room(&room).await {
                Err(StoreError::Duplicate) => {}
                other => return Ok(other.map(|()| room)?),
            }
        }
        Err(Code::Busy.into())
    }

    /// One room.
    pub async fn get_room(&self, actor: &Actor, id: &RoomId) -> Result<RoomView> {
        let room = self.room_for(actor, Action::GetRoom, id).await?;
        let rights = match actor {
            Actor::User { role: Role::Admin, .. } => Rights::ALL,
            _ => self.rights(actor, &room).await?,
        };
        Ok(RoomView { room, rights })
    }

    /// Replaces place and schedule of a room that has not started.
    pub async fn update_room(self: &Arc<Self>, actor: &Actor, id: &RoomId, words: RoomWords) -> Result<RoomRow> {
        let mut room = self.room_for(actor, Action::UpdateRoom, id).await?;
        check(&words)?;
        words.location.trim().clone_into(&mut room.location);
        room.zone = words.zone;
        room.starts_ms = words.starts_ms;
        room.window_ends_ms = words.window_ends_ms;
        room.window_hard = words.window_hard;
        let event = self.event(id, None, actor, Body::RosterChanged { candidates: self.count_candidates(id).await? });
        let service = self.clone();
        self.tell_after(async move {
            match service.store.update_room(&room, &event).await {
                Err(StoreError::Moved) => return Err(Code::RoomStarted.into()),
                other => other?,
            }
            Ok((room, vec![event]))
        })
        .await
    }

    pub(crate) async fn count_candidates(&self, id: &RoomId) -> Result<i64> {
        Ok(i64::try_from(self.store.times(id).await?.len()).unwrap_or(i64::MAX))
    }

    /// Removes a room that has not opened.
    pub async fn delete_room(&self, actor: &Actor, id: &RoomId) -> Result<()> {
        self.room_for(actor, Action::DeleteRoom, id).await?;
        if !self.store.delete_room(id).await? {
            return Err(Code::RoomStarted.into());
        }
        self.live.forget(id);
        Ok(())
    }

    /// The live table.
    pub async fn get_status(&self, actor: &Actor, id: &RoomId) -> Result<Table> {
        self.room_for(actor, Action::GetStatus, id).await?;
        self.live_room(id).await?.read(Table::clone).ok_or_else(|| Code::Busy.into())
    }

    /// The live room, for a watcher's socket.
    pub async fn watch_room(&self, actor: &Actor, id: &RoomId) -> Result<Arc<LiveRoom>> {
        self.room_for(actor, Action::WatchRoom, id).await?;
        self.live_room(id).await
    }

    /// The room's clock with its ledger.
    pub async fn get_clock(&self, actor: &Actor, id: &RoomId) -> Result<RoomClock> {
        let room = self.room_for(actor, Action::GetClock, id).await?;
        let ledger = self.store.ledger(id).await?;
        Ok(room.clock(ledger))
    }

    /// One change: what it did to whom, and how far it has come.
    pub async fn get_clock_change(&self, actor: &Actor, id: &RoomId, rev: i64) -> Result<ChangeView> {
        self.room_for(actor, Action::GetClockChange, id).await?;
        let live = self.live_room(id).await?;
        let (clock, rows) = live.read(|t| (t.clock.clone(), t.status.rows.clone())).ok_or(Code::Busy)?;
        let change = clock.ledger.change(rev).cloned().ok_or(Code::NotFound)?;
        let candidates = delivery(&clock, &rows, &change);
        Ok(ChangeView { reverted: clock.ledger.is_reverted(rev), change, candidates })
    }

    /// Reads a room from the store into the live rooms, again if something came meanwhile that only the store can tell.
    pub(crate) async fn load(&self, live: &LiveRoom) -> Result<()> {
        for _ in 0..LOADS {
            let reading = live.read_store();
            let clock = self.store.room_clock(&live.id).await?.ok_or(Code::NotFound)?;
            let mut status = self.read_status(&clock).await?;
            let feed = self.recent(&live.id).await?;
            status.staff = self.names_in(&feed).await?;
            if reading.take(clock, status, feed) == Want::Nothing {
                return Ok(());
            }
        }
        // It moves faster than it can be read: `reconcile` comes back to it.
        live.set_stale();
        Ok(())
    }

    /// What somebody who watches would have been told last, oldest first.
    async fn recent(&self, room: &RoomId) -> Result<Vec<Event>> {
        let mut events = self.store.timeline_back(room, "", RECENT).await?;
        events.retain(|event| !event.body.is_routine());
        events.truncate(live::FEED);
        events.reverse();
        Ok(events)
    }

    /// Names of the accounts that events speak of.
    pub(super) async fn names_in(&self, events: &[Event]) -> Result<BTreeMap<UserId, String>> {
        let accounts: BTreeSet<UserId> = events.iter().flat_map(Event::accounts).cloned().collect();
        Ok(self.store.user_names(&Vec::from_iter(accounts)).await?.into_iter().collect())
    }

    /// Folds what the store has of a room.
    async fn read_status(&self, clock: &RoomClock) -> Result<Status> {
        let mut status = Status::default();
        for c in self.store.candidates(&clock.room).await? {
            let mut row = Row::new(c.person(), c.facts());
            row.pen = c.pen_session.clone().map(|session| (c.pen, session));
            row.hand = c.hand();
            row.attended = c.attended();
            let heard = c.presence.heard();
            (row.presence, row.line) = ((heard.presence, heard.at_ms), heard.line);
            status.rows.insert(c.id, row);
        }
        for t in self.store.open_takeovers(&clock.room).await? {
            // Nobody can be let in to an exam that has ended.
            if let Some(row) = status.rows.get_mut(&t.candidate_id).filter(|row| row.facts.ended.is_none()) {
                row.takeover = Some(Takeover { id: t.id, session: t.session_id, at_ms: t.asked_ms });
            }
        }
        super::results::fold_answers(&mut status, clock, self.store.room_answers(&clock.room).await?, self.now());
        let newest = i64::try_from(limits::LIVE_MESSAGES).unwrap_or(i64::MAX);
        for letter in self.store.newest_letters(&clock.room, newest).await? {
            status.mail.put(&letter);
        }
        self.read_cases(&mut status, clock).await?;
        for event in self.store.soft_events(&clock.room).await? {
            status.fold(clock, &event);
        }
        Ok(status)
    }
}

fn delivery(
    clock: &RoomClock,
    rows: &BTreeMap<CandidateId, Row>,
    change: &Change,
) -> Vec<(CandidateId, Option<Ms>, Option<Ms>, Reach)> {
    let (before, after) = (clock.ledger.before(change.rev), clock.ledger.before(change.rev + 1));
    let deadline = |ledger: &Ledger, id: &CandidateId, facts: &Facts| ledger.deadline_ms(&clock.terms, id, facts);
    rows.iter()
        .filter(|(id, _)| change.targets.includes(id))
        .map(|(id, row)| (id.clone(), deadline(&before, id, &row.facts), deadline(&after, id, &row.facts), row.reach(change.rev)))
        .collect()
}

fn check(words: &RoomWords) -> Result<()> {
    text("location", &words.location, 200)?;
    words.zone.parse::<chrono_tz::Tz>().map_err(|_| Error::field("zone", "unknown_zone"))?;
    if words.starts_ms.zip(words.window_ends_ms).is_some_and(|(start, end)| end <= start) {
        return Err(Error::field("window_ends_at", "before_start"));
    }
    Ok(())
}
