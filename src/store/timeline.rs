//! The timeline: events as rows, written only inside the transaction of what they tell.

use super::accounts::unreadable;
use super::{Engine, Result, Store, StoreError, Tx, on};
use crate::domain::Ms;
use crate::domain::event::{Body, Event, VERSION};
use crate::domain::ids::{CandidateId, EventId, RoomId, UserId};

/// Rows one statement inserts: 8 columns each, far below both engines' limits of parameters.
const ROWS: usize = 512;

/// Which part of a timeline to read.
#[derive(Debug, Clone, Default)]
pub struct TimelineFilter {
    /// Only about this candidate.
    pub candidate: Option<CandidateId>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only at or after this, Unix ms.
    pub from_ms: Option<Ms>,
    /// Only before this, Unix ms.
    pub to_ms: Option<Ms>,
    /// Only after this id.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    id: EventId,
    room_id: RoomId,
    at_ms: Ms,
    candidate_id: Option<CandidateId>,
    by_user: Option<UserId>,
    body: String,
}

impl EventRow {
    pub(super) fn read(self) -> Result<Event> {
        let body: Body = serde_json::from_str(&self.body).map_err(|_| unreadable("event", &self.body))?;
        Ok(Event { id: self.id, room: self.room_id, at_ms: self.at_ms, candidate: self.candidate_id, by: self.by_user, body })
    }
}

impl Store {
    /// The newest events before the event `before`, newest first; empty: from the end.
    pub async fn timeline_back(&self, room: &RoomId, before: &str, limit: i64) -> Result<Vec<Event>> {
        let sql = "select id, room_id, at_ms, candidate_id, by_user, body from events \
                   where room_id = $1 and ($2 = '' or id < $2) order by id desc limit $3";
        let rows: Vec<EventRow> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(before).bind(limit).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// Events that match, oldest first.
    pub async fn timeline(&self, room: &RoomId, f: &TimelineFilter) -> Result<Vec<Event>> {
        let sql = "select id, room_id, at_ms, candidate_id, by_user, body from events where room_id = $1 and id > $2 \
                   and ($3 = '' or candidate_id = $3) and ($4 = '' or kind = $4) and ($5 = 0 or at_ms >= $5) and ($6 = 0 or at_ms < $6) \
                   order by id limit $7";
        let rows: Vec<EventRow> = on!(&self.read, |db| sqlx::query_as(sql)
            .bind(room)
            .bind(&f.after)
            .bind(f.candidate.as_ref().map_or("", CandidateId::as_str))
            .bind(f.kind.as_deref().unwrap_or(""))
            .bind(f.from_ms.unwrap_or(0))
            .bind(f.to_ms.unwrap_or(0))
            .bind(f.limit)
            .fetch_all(db)
            .await)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// The newest events of a room that fold into a status but are kept nowhere else: attention, receipts of changes.
    pub async fn soft_events(&self, room: &RoomId) -> Result<Vec<Event>> {
        let sql = "select e.id, e.room_id, e.at_ms, e.candidate_id, e.by_user, e.body from events e join ( \
                   select max(id) as id from events where room_id = $1 and candidate_id is not null \
                   and kind in ('attention.changed', 'change.delivered', 'change.seen') group by candidate_id, kind \
                   ) last on last.id = e.id order by e.id";
        let rows: Vec<EventRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::read).collect()
    }
}

/// Writes events inside the transaction of what they tell.
pub(super) async fn insert_events(tx: &mut Tx, events: &[Event]) -> Result<()> {
    for part in events.chunks(ROWS) {
        let mut rows = Vec::with_capacity(part.len());
        for event in part {
            rows.push((event, serde_json::to_string(&event.body).map_err(|e| StoreError::Unreadable(e.to_string()))?));
        }
        macro_rules! insert {
            ($t:expr) => {{
                let mut sql = sqlx::QueryBuilder::new(
                    "insert into events (id, room_id, at_ms, candidate_id, by_user, kind, version, body) ",
                );
                sql.push_values(&rows, |mut row, (event, body)| {
                    row.push_bind(&event.id)
                        .push_bind(&event.room)
                        .push_bind(event.at_ms)
                        .push_bind(&event.candidate)
                        .push_bind(&event.by)
                        .push_bind(event.body.name())
                        .push_bind(VERSION)
                        .push_bind(body);
                });
                sql.build().persistent(false).execute(&mut **$t).await.map(drop)
            }};
        }
        match &mut *tx {
            Engine::Sqlite(t) => insert!(t),
            Engine::Postgres(t) => insert!(t),
        }?;
    }
    Ok(())
}
