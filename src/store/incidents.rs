//! Incidents with their replies and links. Whatever changes one writes its entry of the timeline in the same transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::accounts::unreadable;
use super::outages::{Mark, insert_mark};
use super::timeline::insert_events;
use super::{Result, Store, StoreError, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, EventId, IncidentId, ReplyId, RoomId, UserId};
use crate::domain::incident::{Finding, Incident, Reply, State, Topic};
use crate::domain::message::Sender;
use crate::weaken;

/// Which incidents of a room to read.
#[derive(Debug, Clone, Default)]
pub struct IncidentFilter {
    /// Only about this candidate.
    pub candidate: Option<CandidateId>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this category.
    pub category: Option<String>,
    /// Only those that the candidate sees.
    pub shown: bool,
    /// Only older than this id; empty: from the newest.
    pub before: String,
    /// At most so many.
    pub limit: i64,
}

/// A reply to be stored.
#[derive(Debug, Clone)]
pub struct NewReply {
    /// Id.
    pub id: ReplyId,
    /// Who.
    pub sender: Sender,
    /// What.
    pub text: String,
    /// When, Unix ms.
    pub sent_ms: Ms,
    /// The key under which it was sent.
    pub once: String,
}

#[derive(sqlx::FromRow)]
struct IncidentRow {
    id: IncidentId,
    rev: i64,
    candidate_id: Option<CandidateId>,
    topic: String,
    state: String,
    finding: Option<String>,
    body: String,
    shown: bool,
    by_user: Option<UserId>,
    author: Option<String>,
    made_ms: Ms,
    decided_ms: Option<Ms>,
    decided_by: Option<UserId>,
    decider: Option<String>,
    credited_rev: Option<i64>,
    once: String,
}

/// A stored reply: incident, account, candidate, name, text, when.
type ReplyRow = (IncidentId, Option<UserId>, Option<CandidateId>, Option<String>, String, Ms);

const INCIDENT: &str = "select i.id, i.rev, i.candidate_id, i.topic, i.state, i.finding, i.body, i.shown, i.by_user, u.name as author, \
     i.made_ms, i.decided_ms, i.decided_by, d.name as decider, i.credited_rev, i.once \
     from incidents i left join users u on u.id = i.by_user left join users d on d.id = i.decided_by";
const REPLY: &str = "select r.incident_id, r.by_user, r.by_candidate, coalesce(u.name, c.name) as author, r.body, r.sent_ms \
     from incident_replies r left join users u on u.id = r.by_user left join candidates c on c.id = r.by_candidate";

macro_rules! sql {
    ($($part:expr),+) => { sqlx::AssertSqlSafe([$($part),+].concat()) };
}

impl Store {
    /// The newest incidents of a room, oldest first.
    pub async fn newest_incidents(&self, room: &RoomId, limit: i64) -> Result<Vec<Arc<Incident>>> {
        let sql = sql!(INCIDENT, " where i.room_id = $1 order by i.id desc limit $2");
        let mut rows: Vec<IncidentRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(limit).fetch_all(db).await)?;
        rows.reverse();
        let Some(from) = rows.first().map(|row| row.id.clone()) else { return Ok(Vec::new()) };
        let sql = sql!(REPLY, " join incidents i on i.id = r.incident_id where i.room_id = $1 and i.id >= $2 order by r.id");
        let replies: Vec<ReplyRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(&from).fetch_all(db).await)?;
        let sql = "select e.incident_id, e.event_id from incident_events e join incidents i on i.id = e.incident_id \
                   where i.room_id = $1 and i.id >= $2 order by e.event_id";
        let events: Vec<(IncidentId, EventId)> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(&from).fetch_all(db).await)?;
        whole(rows, replies, events)
    }

    /// Incidents of a room by id.
    pub async fn incidents(&self, room: &RoomId, ids: &[IncidentId]) -> Result<Vec<Arc<Incident>>> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let sql = sql!(INCIDENT, " where i.room_id = $1 and i.id = $2");
            let row: Option<IncidentRow> =
                on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(id).fetch_optional(db).await)?;
            let Some(row) = row else { continue };
            let sql = sql!(REPLY, " where r.incident_id = $1 order by r.id");
            let replies: Vec<ReplyRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await)?;
            let sql = "select incident_id, event_id from incident_events where incident_id = $1 order by event_id";
            let events: Vec<(IncidentId, EventId)> = on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await)?;
            found.extend(whole(vec![row], replies, events)?);
        }
        Ok(found)
    }

    /// The incident that was made under a key.
    pub async fn incident_by_key(&self, room: &RoomId, key: &str) -> Result<Option<Arc<Incident>>> {
        let sql = "select id from incidents where room_id = $1 and once = $2";
        let id: Option<IncidentId> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(key).fetch_optional(db).await)?;
        Ok(self.incidents(room, id.as_slice()).await?.pop())
    }

    /// Ids of the incidents of a room that match, newest first.
    pub async fn incident_page(&self, room: &RoomId, f: &IncidentFilter) -> Result<Vec<IncidentId>> {
        let sql = "select id from incidents where room_id = $1 and ($2 = '' or candidate_id = $2) and ($3 = '' or state = $3) \
                   and ($4 = '' or topic like $4) and (not $5 or (shown and state <> 'proposed')) and ($6 = '' or id < $6) \
                   order by id desc limit $7";
        let category = f.category.as_deref().map(|category| format!("{category}.%")).unwrap_or_default();
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql)
            .bind(room)
            .bind(f.candidate.as_ref().map_or("", CandidateId::as_str))
            .bind(f.state.map_or("", State::as_str))
            .bind(&category)
            .bind(f.shown)
            .bind(&f.before)
            .bind(f.limit)
            .fetch_all(db)
            .await)?)
    }

    /// Adds an incident with its links, unless one was made under its key. Whether it was added.
    pub async fn add_incident(&self, room: &RoomId, i: &Incident, mark: Option<&Mark>, events: &[Event]) -> Result<bool> {
        let mut tx = self.begin().await?;
        if let Some(mark) = mark {
            insert_mark(&mut tx, room, mark).await?;
        }
        let sql = "insert into incidents (id, room_id, candidate_id, topic, state, finding, body, shown, by_user, made_ms, rev, once) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (once) do nothing";
        let fresh = run!(
            &mut tx,
            sqlx::query(sql)
                .bind(&i.id)
                .bind(room)
                .bind(&i.candidate)
                .bind(i.topic.as_str())
                .bind(i.state.as_str())
                .bind(finding_text(i)?)
                .bind(&i.text)
                .bind(i.shown)
                .bind(&i.by)
                .bind(i.made_ms)
                .bind(i.rev)
                .bind(&i.once)
        )?;
        if fresh == 1 {
            link(&mut tx, i).await?;
            insert_events(&mut tx, events).await?;
        }
        commit(tx).await?;
        Ok(fresh == 1)
    }

    /// Replaces an incident by its next rev. `Moved` when another came first.
    pub async fn change_incident(&self, room: &RoomId, next: &Incident, mark: Option<&Mark>, events: &[Event]) -> Result<()> {
        let mut tx = self.begin().await?;
        write(&mut tx, next).await?;
        let sql = "delete from incident_events where incident_id = $1";
        run!(&mut tx, sqlx::query(sql).bind(&next.id))?;
        link(&mut tx, next).await?;
        if let Some(mark) = mark {
            insert_mark(&mut tx, room, mark).await?;
        }
        insert_events(&mut tx, events).await?;
        commit(tx).await
    }

    /// Adds a reply under the incident's next rev; false when it was sent before. `Moved` when the incident has changed meanwhile,
    /// `KeyReused` when other words were sent under its key.
    pub async fn add_reply(&self, next: &Incident, r: &NewReply, event: &Event) -> Result<bool> {
        let mut tx = self.begin().await?;
        let (user, candidate) = match &r.sender {
            Sender::User(id) => (Some(id), None),
            Sender::Candidate(id) => (None, Some(id)),
        };
        let sql = "insert into incident_replies (id, incident_id, by_user, by_candidate, body, sent_ms, once) \
                   values ($1, $2, $3, $4, $5, $6, $7) on conflict (once) do nothing";
        let fresh = run!(
            &mut tx,
            sqlx::query(sql).bind(&r.id).bind(&next.id).bind(user).bind(candidate).bind(&r.text).bind(r.sent_ms).bind(&r.once)
        )?;
        if fresh == 0 {
            let sql = "select incident_id, body from incident_replies where once = $1";
            let before: (IncidentId, String) = tx!(&mut tx, fetch_one, sqlx::query_as(sql).bind(&r.once))?;
            return if before == (next.id.clone(), r.text.clone()) { Ok(false) } else { Err(StoreError::KeyReused) };
        }
        write(&mut tx, next).await?;
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await?;
        Ok(true)
    }

    /// The newest event of a kind about a candidate at an instant: what a finding rests on.
    pub async fn event_at(&self, room: &RoomId, candidate: &CandidateId, kind: &str, at: Ms) -> Result<Option<EventId>> {
        let sql = "select id from events where room_id = $1 and candidate_id = $2 and kind = $3 and at_ms = $4 order by id desc limit 1";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(candidate).bind(kind).bind(at).fetch_optional(db).await)?)
    }

    /// Those of these events that belong to a room, and to the candidate where one is named.
    pub async fn events_of(&self, room: &RoomId, ids: &[EventId]) -> Result<Vec<Event>> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let sql = "select id, room_id, at_ms, candidate_id, by_user, body from events where room_id = $1 and id = $2";
            let row: Option<super::timeline::EventRow> =
                on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(id).fetch_optional(db).await)?;
            found.extend(row.map(super::timeline::EventRow::read).transpose()?);
        }
        Ok(found)
    }
}

/// Writes the next rev of an incident over the one before; in a transaction that changes more, too.
pub(super) async fn write(tx: &mut Tx, next: &Incident) -> Result<()> {
    let sql = "update incidents set topic = $3, state = $4, finding = $5, body = $6, shown = $7, decided_ms = $8, decided_by = $9, \
               credited_rev = $10, rev = $2 where id = $1 and (rev = $2 - 1 or $11)";
    let done = run!(
        &mut *tx,
        sqlx::query(sql)
            .bind(&next.id)
            .bind(next.rev)
            .bind(next.topic.as_str())
            .bind(next.state.as_str())
            .bind(finding_text(next)?)
            .bind(&next.text)
            .bind(next.shown)
            .bind(next.decided_ms)
            .bind(&next.decided_by)
            .bind(next.credited_rev)
            .bind(weaken::on("incident_twice"))
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

async fn link(tx: &mut Tx, i: &Incident) -> Result<()> {
    for event in &i.events {
        let sql = "insert into incident_events (incident_id, event_id) values ($1, $2) on conflict do nothing";
        run!(&mut *tx, sqlx::query(sql).bind(&i.id).bind(event))?;
    }
    Ok(())
}

fn finding_text(i: &Incident) -> Result<Option<String>> {
    let text = i.finding.as_ref().map(serde_json::to_string).transpose();
    text.map_err(|e| StoreError::Unreadable(e.to_string()))
}

fn whole(rows: Vec<IncidentRow>, replies: Vec<ReplyRow>, events: Vec<(IncidentId, EventId)>) -> Result<Vec<Arc<Incident>>> {
    let mut written: BTreeMap<IncidentId, Vec<Reply>> = BTreeMap::new();
    for (id, user, candidate, author, text, sent_ms) in replies {
        let sender = user.map(Sender::User).or(candidate.map(Sender::Candidate));
        let sender = sender.ok_or_else(|| unreadable("reply", id.as_str()))?;
        written.entry(id).or_default().push(Reply { sender, author: author.unwrap_or_default(), text, sent_ms });
    }
    let mut linked: BTreeMap<IncidentId, Vec<EventId>> = BTreeMap::new();
    for (id, event) in events {
        linked.entry(id).or_default().push(event);
    }
    rows.into_iter()
        .map(|row| {
            let (replies, events) = (written.remove(&row.id).unwrap_or_default(), linked.remove(&row.id).unwrap_or_default());
            incident(row, replies, events).map(Arc::new)
        })
        .collect()
}

fn incident(row: IncidentRow, replies: Vec<Reply>, events: Vec<EventId>) -> Result<Incident> {
    let finding: Option<Finding> = match &row.finding {
        Some(text) => Some(serde_json::from_str(text).map_err(|_| unreadable("finding", text))?),
        None => None,
    };
    Ok(Incident {
        rev: row.rev,
        candidate: row.candidate_id,
        topic: Topic::parse(&row.topic).ok_or_else(|| unreadable("topic", &row.topic))?,
        state: State::parse(&row.state).ok_or_else(|| unreadable("state", &row.state))?,
        id: row.id,
        finding,
        text: row.body,
        shown: row.shown,
        by: row.by_user,
        author: row.author.unwrap_or_default(),
        made_ms: row.made_ms,
        decided_ms: row.decided_ms,
        decided_by: row.decided_by,
        decider: row.decider.unwrap_or_default(),
        credited_rev: row.credited_rev,
        once: row.once,
        events,
        replies,
    })
}
