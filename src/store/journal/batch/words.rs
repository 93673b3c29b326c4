//! Messages, receipts and hands in a batch.

use std::collections::BTreeMap;

use super::super::super::{Engine, StoreError, Tx, run, tx};
use super::super::ops::{HandOp, NewMessage, Outcome, Receipts, Refusal};
use super::{Work, in_order};
use crate::domain::Ms;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, Id, MessageId, RoomId, UserId};
use crate::domain::message::{Audience, Receipt, Sender, move_hand};

/// Rows one statement inserts: 5 columns each.
const ROWS: usize = 1_000;

/// The receipts of a batch by message and receiver: each row once, for a statement may touch it only once.
pub(super) type Gathered = BTreeMap<(MessageId, String), Receipt>;

impl Work<'_> {
    pub(super) async fn message(&mut self, m: &NewMessage) -> Result<Outcome, StoreError> {
        let (user, candidate) = match &m.sender {
            Sender::User(id) => (Some(id), None),
            Sender::Candidate(id) => (None, Some(id)),
        };
        let sql = "insert into messages (id, room_id, by_user, by_candidate, audience, body, sent_ms, once) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (once) do nothing";
        let fresh = run!(
            &mut self.tx,
            sqlx::query(sql)
                .bind(&m.id)
                .bind(&m.room)
                .bind(user)
                .bind(candidate)
                .bind(m.audience.as_str())
                .bind(&m.text)
                .bind(m.sent_ms)
                .bind(&m.once)
        )?;
        if fresh == 0 {
            return self.sent_before(m).await;
        }
        if let Audience::Some(ids) = &m.audience {
            let rows = ids.iter().map(|id| ((m.id.clone(), id.to_string()), Receipt::default())).collect();
            insert_receipts(&mut self.tx, &rows).await?;
        }
        let body = Body::MessageSent {
            message: m.id.clone(),
            audience: m.audience.as_str().to_owned(),
            candidates: m.audience.selection(),
        };
        self.told(&m.room, candidate, user, body);
        Ok(Outcome::Sent { id: m.id.clone(), sent_ms: m.sent_ms })
    }

    /// The same key again is the same message, and with other words a mistake.
    async fn sent_before(&mut self, m: &NewMessage) -> Result<Outcome, StoreError> {
        let sql = "select id, body, sent_ms from messages where once = $1";
        let (id, text, sent_ms): (MessageId, String, Ms) = tx!(&mut self.tx, fetch_one, sqlx::query_as(sql).bind(&m.once))?;
        Ok(if text == m.text { Outcome::Sent { id, sent_ms } } else { Outcome::Refused(Refusal::Conflict) })
    }

    pub(super) fn receive(&mut self, r: &Receipts) -> Outcome {
        for (id, receipt) in &r.messages {
            let known = self.receipts.entry((id.clone(), r.receiver.clone())).or_default();
            *known = known.with(*receipt);
        }
        self.events.extend(r.events.iter().cloned());
        Outcome::Noted
    }

    pub(super) async fn hand(&mut self, h: &HandOp) -> Result<Outcome, StoreError> {
        let Some(mut candidate) = self.candidate(&h.candidate, &h.room) else { return Ok(Outcome::Refused(Refusal::NotFound)) };
        let (hand, said) = move_hand(candidate.hand(), h.wish, h.at_ms);
        let Some(body) = said else { return Ok(Outcome::Hand(hand)) };
        candidate.hand_ms = hand.map(|hand| hand.raised_ms);
        candidate.hand_answered_ms = hand.and_then(|hand| hand.answered_ms);
        let sql = "update candidates set hand_ms = $2, hand_answered_ms = $3 where id = $1";
        run!(&mut self.tx, sqlx::query(sql).bind(&h.candidate).bind(candidate.hand_ms).bind(candidate.hand_answered_ms))?;
        self.candidates.insert(h.candidate.clone(), candidate);
        self.told(&h.room, Some(&h.candidate), h.by.as_ref(), body);
        Ok(Outcome::Hand(hand))
    }

    fn told(&mut self, room: &RoomId, candidate: Option<&CandidateId>, by: Option<&UserId>, body: Body) {
        let id = EventId::make(self.now, in_order(self.events.len(), rand::random()));
        let (room, candidate, by) = (room.clone(), candidate.cloned(), by.cloned());
        self.events.push(Event { id, room, at_ms: self.now, candidate, by, body });
    }
}

/// Adds what is known of receipts; what was known before stays.
pub(super) async fn insert_receipts(tx: &mut Tx, rows: &Gathered) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().collect();
    for part in rows.chunks(ROWS) {
        macro_rules! insert {
            ($t:expr) => {{
                let mut sql =
                    sqlx::QueryBuilder::new("insert into receipts (message_id, receiver, delivered_ms, seen_ms, removed_ms) ");
                sql.push_values(part, |mut row, ((message, receiver), receipt)| {
                    row.push_bind(message)
                        .push_bind(receiver)
                        .push_bind(receipt.delivered_ms)
                        .push_bind(receipt.seen_ms)
                        .push_bind(receipt.removed_ms);
                });
                sql.push(
                    " on conflict (message_id, receiver) do update set delivered_ms = coalesce(receipts.delivered_ms, excluded.delivered_ms), \
                     seen_ms = coalesce(receipts.seen_ms, excluded.seen_ms), removed_ms = coalesce(receipts.removed_ms, excluded.removed_ms)",
                );
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
