//! The timeline: events as rows, written only inside the transaction of what they tell.

use super::accounts::unreadable;
use super::{Engine, Result, Store, StoreError, Tx, on};
use crate::domain::Ms;
use crate::domain::event::{Body, Event, Group, VERSION};
use crate::domain::ids::{CandidateId, EventId, RoomId, UserId};

/// Beginnings of kinds that a group has at most.
const PREFIXES: usize = 8;

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
    /// Only of this group.
    pub group: Option<Group>,
    /// Only what this account did.
    pub by: Option<UserId>,
    /// Only what is about nobody alone.
    pub room_only: bool,
    /// Newest first.
    pub newest_first: bool,
    /// Only behind this id, in that order.
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

    /// Events that match, oldest first unless the newest are asked for.
    pub async fn timeline(&self, room: &RoomId, f: &TimelineFilter) -> Result<Vec<Event>> {
        let order = if f.newest_first { "and ($2 = '' or id < $2) order by id desc" } else { "and id > $2 order by id" };
        let sql = [
            "select id, room_id, at_ms, candidate_id, by_user, body from events where room_id = $1 \
             and ($3 = '' or candidate_id = $3) and ($4 = '' or kind = $4) and ($5 = 0 or at_ms >= $5) and ($6 = 0 or at_ms < $6) \
             and ($8 = '' or by_user = $8) and ($9 = '' or kind like $9 or kind like $10 or kind like $11 or kind like $12 \
             or kind like $13 or kind like $14 or kind like $15 or kind like $16) and ($17 = 0 or candidate_id is null) ",
            order,
            " limit $7",
        ]
        .concat();
        let sql = sqlx::AssertSqlSafe(sql);
        let mut kinds: [String; PREFIXES] = Default::default();
        for (pattern, prefix) in kinds.iter_mut().zip(f.group.map_or(&[][..], Group::prefixes)) {
            *pattern = format!("{prefix}%");
        }
        let [k1, k2, k3, k4, k5, k6, k7, k8] = &kinds;
        let rows: Vec<EventRow> = on!(&self.read, |db| sqlx::query_as(sql)
            .bind(room)
            .bind(&f.after)
            .bind(f.candidate.as_ref().map_or("", CandidateId::as_str))
            .bind(f.kind.as_deref().unwrap_or(""))
            .bind(f.from_ms.unwrap_or(0))
            .bind(f.to_ms.unwrap_or(0))
            .bind(f.limit)
            .bind(f.by.as_ref().map_or("", UserId::as_str))
            .bind(k1)
            .bind(k2)
            .bind(k3)
            .bind(k4)
            .bind(k5)
            .bind(k6)
            .bind(k7)
            .bind(k8)
            .bind(i64::from(f.room_only))
            .fetch_all(db)
            .await)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// Accounts that did something in a room, with their names.
    pub async fn timeline_actors(&self, room: &RoomId) -> Result<Vec<(UserId, String)>> {
        let sql = "select u.id, u.name from users u where u.id in (select e.by_user from events e where e.room_id = $1 and e.by_user is not null) \
                   order by u.name, u.id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// Accounts that a room's timeline speaks of, with their names: who did something, and whom rights and hand-overs were about.
    pub async fn timeline_accounts(&self, room: &RoomId) -> Result<Vec<(UserId, String)>> {
        let sql = "select id, room_id, at_ms, candidate_id, by_user, body from events \
                   where room_id = $1 and kind in ('staff.changed', 'handover.offered')";
        let rows: Vec<EventRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        let mut names = self.timeline_actors(room).await?;
        let mut about = std::collections::BTreeSet::new();
        for row in rows {
            about.extend(row.read()?.accounts().filter(|id| names.iter().all(|(known, _)| known != *id)).cloned());
        }
        names.extend(self.user_names(&Vec::from_iter(about)).await?);
        Ok(names)
    }

    /// Names of accounts.
    pub async fn user_names(&self, users: &[UserId]) -> Result<Vec<(UserId, String)>> {
        let mut names = Vec::with_capacity(users.len());
        for user in users {
            let sql = "select name from users where id = $1";
            let name: Option<String> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(user).fetch_optional(db).await)?;
            names.extend(name.map(|name| (user.clone(), name)));
        }
        Ok(names)
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
