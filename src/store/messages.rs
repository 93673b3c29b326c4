//! Messages and their receipts, for reading; the journal writes them. Withdrawing one is done here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::accounts::unreadable;
use super::timeline::insert_events;
use super::{Result, Store, commit, on, run};
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, Id, MessageId, RoomId, UserId};
use crate::domain::message::{Audience, Letter, Receipt, Sender};

/// Which messages of a room to read.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Only those of this account.
    pub author: Option<UserId>,
    /// Only those that this candidate wrote or is named by.
    pub candidate: Option<CandidateId>,
    /// Only for `room`, `selection` or `staff`.
    pub audience: Option<String>,
    /// Only older than this id; empty: from the newest.
    pub before: String,
    /// At most so many.
    pub limit: i64,
}

/// A message as somebody finds it in the own list.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct OwnMessage {
    /// Id.
    pub id: MessageId,
    /// Room.
    pub room_id: RoomId,
    /// Who wrote it, of the staff.
    pub by_user: Option<UserId>,
    /// Who wrote it, of the candidates.
    pub by_candidate: Option<CandidateId>,
    /// The writer's name.
    pub author: String,
    /// `room`, `selection`, `staff`.
    pub audience: String,
    /// What it says.
    pub body: String,
    /// When it was sent, Unix ms.
    pub sent_ms: Ms,
    /// When it was withdrawn, Unix ms.
    pub withdrawn_ms: Option<Ms>,
    /// When it was known to be on the reader's device, Unix ms.
    pub delivered_ms: Option<Ms>,
    /// When the reader confirmed it, Unix ms.
    pub seen_ms: Option<Ms>,
    /// Of what a candidate wrote: when the first of the staff confirmed it, Unix ms.
    pub read_ms: Option<Ms>,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: MessageId,
    by_user: Option<UserId>,
    by_candidate: Option<CandidateId>,
    author: Option<String>,
    audience: String,
    body: String,
    sent_ms: Ms,
    withdrawn_ms: Option<Ms>,
}

/// A stored receipt: message, receiver, delivered, seen, removed.
type ReceiptRow = (MessageId, String, Option<Ms>, Option<Ms>, Option<Ms>);

const MESSAGE: &str = "select m.id, m.by_user, m.by_candidate, coalesce(u.name, c.name) as author, m.audience, m.body, m.sent_ms, m.withdrawn_ms \
     from messages m left join users u on u.id = m.by_user left join candidates c on c.id = m.by_candidate";
const OWN: &str = "select m.id, m.room_id, m.by_user, m.by_candidate, coalesce(u.name, c.name, '') as author, m.audience, m.body, m.sent_ms, \
     m.withdrawn_ms, r.delivered_ms, r.seen_ms, \
     (select min(s.seen_ms) from receipts s where s.message_id = m.id and m.audience = 'staff') as read_ms \
     from messages m left join users u on u.id = m.by_user left join candidates c on c.id = m.by_candidate \
     left join receipts r on r.message_id = m.id and r.receiver = ";
/// What a candidate finds: what is for it or of its own, but for what it took off its list and what was withdrawn before it came.
const FOUND: &str = " and m.id in (select a.id from messages a where a.room_id = $1 and a.audience = 'room' union all \
     select b.message_id from receipts b where b.receiver = $2 union all select d.id from messages d where d.by_candidate = $2) \
     and r.removed_ms is null and (m.withdrawn_ms is null or m.by_candidate = $2 or r.delivered_ms is not null)";
/// Rooms whose messages an account gets: its own exams', and those in which it may watch.
const WORKS: &str = "m.audience = 'staff' and r.removed_ms is null and ($3 or exists (select 1 from rooms o join exams e on e.id = o.exam_id \
     where o.id = m.room_id and e.owner_id = $1) or exists (select 1 from room_staff g where g.room_id = m.room_id and g.user_id = $1 \
     and g.rights like '%watch%')) and ($2 = '' or m.room_id = $2)";

macro_rules! sql {
    ($($part:expr),+) => { sqlx::AssertSqlSafe([$($part),+].concat()) };
}

impl Store {
    /// The newest messages of a room with every receipt, oldest first.
    pub async fn newest_letters(&self, room: &RoomId, limit: i64) -> Result<Vec<Arc<Letter>>> {
        let sql = sql!(MESSAGE, " where m.room_id = $1 order by m.id desc limit $2");
        let mut rows: Vec<MessageRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(limit).fetch_all(db).await)?;
        rows.reverse();
        let Some(from) = rows.first().map(|row| row.id.clone()) else { return Ok(Vec::new()) };
        let sql = "select r.message_id, r.receiver, r.delivered_ms, r.seen_ms, r.removed_ms from receipts r \
                   join messages m on m.id = r.message_id where m.room_id = $1 and m.id >= $2";
        let receipts: Vec<ReceiptRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(&from).fetch_all(db).await)?;
        letters(rows, receipts)
    }

    /// Messages of a room by id, with every receipt.
    pub async fn letters(&self, room: &RoomId, ids: &[MessageId]) -> Result<Vec<Arc<Letter>>> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let sql = sql!(MESSAGE, " where m.room_id = $1 and m.id = $2");
            let row: Option<MessageRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(id).fetch_optional(db).await)?;
            let Some(row) = row else { continue };
            let sql = "select message_id, receiver, delivered_ms, seen_ms, removed_ms from receipts where message_id = $1";
            let receipts: Vec<ReceiptRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await)?;
            found.extend(letters(vec![row], receipts)?);
        }
        Ok(found)
    }

    /// Ids of the messages of a room that match, newest first.
    pub async fn message_page(&self, room: &RoomId, f: &MessageFilter) -> Result<Vec<MessageId>> {
        let sql = "select m.id from messages m where m.room_id = $1 and ($2 = '' or m.by_user = $2) and ($3 = '' or m.by_candidate = $3 \
                   or exists (select 1 from receipts r where r.message_id = m.id and r.receiver = $3)) \
                   and ($4 = '' or m.audience = $4) and ($5 = '' or m.id < $5) order by m.id desc limit $6";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql)
            .bind(room)
            .bind(f.author.as_ref().map_or("", UserId::as_str))
            .bind(f.candidate.as_ref().map_or("", CandidateId::as_str))
            .bind(f.audience.as_deref().unwrap_or(""))
            .bind(&f.before)
            .bind(f.limit)
            .fetch_all(db)
            .await)?)
    }

    /// What a candidate finds in the own list, newest first, before the id `before` (empty: from the newest).
    pub async fn candidate_messages(
        &self,
        room: &RoomId,
        candidate: &CandidateId,
        before: &str,
        limit: i64,
    ) -> Result<Vec<OwnMessage>> {
        let sql = sql!(OWN, "$2 where m.room_id = $1", FOUND, " and ($3 = '' or m.id < $3) order by m.id desc limit $4");
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(candidate).bind(before).bind(limit).fetch_all(db).await)?)
    }

    /// Messages for a candidate that it has not confirmed.
    pub async fn candidate_unread(&self, room: &RoomId, candidate: &CandidateId) -> Result<i64> {
        let sql = sql!(
            "select count(*) from messages m left join receipts r on r.message_id = m.id and r.receiver = $2 where m.room_id = $1",
            FOUND,
            " and m.by_candidate is null and r.seen_ms is null and m.withdrawn_ms is null"
        );
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(candidate).fetch_one(db).await)?)
    }

    /// What candidates wrote to an account's rooms, newest first; an administrator's are all. `room` empty: every room.
    pub async fn staff_messages(
        &self,
        user: &UserId,
        all: bool,
        room: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<OwnMessage>> {
        let sql = sql!(OWN, "$1 where ", WORKS, " and ($4 = '' or m.id < $4) order by m.id desc limit $5");
        Ok(on!(&self.read, |db| sqlx::query_as(sql)
            .bind(user)
            .bind(room)
            .bind(all)
            .bind(before)
            .bind(limit)
            .fetch_all(db)
            .await)?)
    }

    /// How many of them the account has not confirmed.
    pub async fn staff_unread(&self, user: &UserId, all: bool, room: &str) -> Result<i64> {
        let sql = sql!(
            "select count(*) from messages m left join receipts r on r.message_id = m.id and r.receiver = $1 where ",
            WORKS,
            " and r.seen_ms is null and m.withdrawn_ms is null"
        );
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(user).bind(room).bind(all).fetch_one(db).await)?)
    }

    /// Place of a candidate's hand among those of its room, from 1.
    pub async fn hand_place(&self, room: &RoomId, candidate: &CandidateId, raised_ms: Ms) -> Result<i64> {
        let sql = "select count(*) + 1 from candidates where room_id = $1 and (hand_ms < $2 or (hand_ms = $2 and id < $3))";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(raised_ms).bind(candidate).fetch_one(db).await)?)
    }

    /// Withdraws messages, each with its event in the same transaction. Those that were withdrawn before are left as they are; returns
    /// the events of the others.
    pub async fn withdraw_messages(&self, by: Option<&UserId>, told: Vec<(MessageId, Event)>) -> Result<Vec<Event>> {
        let mut tx = self.begin().await?;
        let mut events = Vec::new();
        for (id, event) in told {
            let sql = "update messages set withdrawn_ms = $2, withdrawn_by = $3 where id = $1 and withdrawn_ms is null";
            if run!(&mut tx, sqlx::query(sql).bind(&id).bind(event.at_ms).bind(by))? == 1 {
                events.push(event);
            }
        }
        insert_events(&mut tx, &events).await?;
        commit(tx).await?;
        Ok(events)
    }
}

fn letters(rows: Vec<MessageRow>, receipts: Vec<ReceiptRow>) -> Result<Vec<Arc<Letter>>> {
    let mut of: BTreeMap<MessageId, Vec<(String, Receipt)>> = BTreeMap::new();
    for (id, receiver, delivered_ms, seen_ms, removed_ms) in receipts {
        of.entry(id).or_default().push((receiver, Receipt { delivered_ms, seen_ms, removed_ms }));
    }
    rows.into_iter().map(|row| letter(of.remove(&row.id).unwrap_or_default(), row).map(Arc::new)).collect()
}

fn letter(receipts: Vec<(String, Receipt)>, row: MessageRow) -> Result<Letter> {
    let sender = match (row.by_user, row.by_candidate) {
        (Some(id), _) => Sender::User(id),
        (None, Some(id)) => Sender::Candidate(id),
        (None, None) => return Err(unreadable("message", row.id.as_str())),
    };
    let candidate = |(receiver, receipt): &(String, Receipt)| Some((CandidateId::parse(receiver).ok()?, *receipt));
    let to: BTreeMap<CandidateId, Receipt> = receipts.iter().filter_map(candidate).collect();
    let audience = match row.audience.as_str() {
        "room" => Audience::Room,
        "selection" => Audience::Some(to.keys().cloned().collect()),
        "staff" => Audience::Staff,
        other => return Err(unreadable("audience", other)),
    };
    let read_ms = if audience == Audience::Staff { receipts.iter().filter_map(|(_, r)| r.seen_ms).min() } else { None };
    Ok(Letter {
        id: row.id,
        sender,
        author: row.author.unwrap_or_default(),
        audience,
        text: row.body,
        sent_ms: row.sent_ms,
        withdrawn_ms: row.withdrawn_ms,
        receipts: to,
        read_ms,
    })
}
