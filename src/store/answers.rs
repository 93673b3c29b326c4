//! Answers as rows. Only the journal writes them; staff's decision on one is added here.

use super::timeline::insert_events;
use super::{Engine, Result, Store, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, QuestionId, RoomId, UserId};

/// One answer as stored; append-only.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct AnswerRow {
    /// Whose.
    pub candidate_id: CandidateId,
    /// Its pen.
    pub pen: i64,
    /// Its seq within the pen.
    pub seq: i64,
    /// Its question.
    pub question_id: QuestionId,
    /// Canonical JSON.
    pub value: String,
    /// When it was received, Unix ms.
    pub received_ms: Ms,
    /// When staff accepted it although it did not count, Unix ms.
    pub accepted_ms: Option<Ms>,
    /// Why staff decided on it last, as JSON.
    pub accepted_reason: Option<String>,
}

/// Staff's decision on answers of one candidate.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whose.
    pub candidate: CandidateId,
    /// Whether they count; else an earlier acceptance is taken back.
    pub accept: bool,
    /// When, Unix ms.
    pub at_ms: Ms,
    /// Who.
    pub by: Option<UserId>,
    /// Why, as JSON.
    pub reason: String,
}

const ANSWER: &str = "select candidate_id, pen, seq, question_id, value, received_ms, accepted_ms, accepted_reason from answers";

impl Store {
    /// Every answer of a candidate, by (pen, seq).
    pub async fn answers(&self, candidate: &CandidateId) -> Result<Vec<AnswerRow>> {
        let sql = sqlx::AssertSqlSafe([ANSWER, " where candidate_id = $1 order by pen, seq"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(candidate).fetch_all(db).await)?)
    }

    /// Every answer of a room, by (candidate, pen, seq).
    pub async fn room_answers(&self, room: &RoomId) -> Result<Vec<AnswerRow>> {
        let sql = sqlx::AssertSqlSafe([ANSWER, " where room_id = $1 order by candidate_id, pen, seq"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// Accepts answers, or takes that back, with the event of each in the same transaction. Those that are so already are left as they
    /// are; returns the others with their events.
    pub async fn decide_answers(&self, d: &Decision, told: Vec<((i64, i64), Event)>) -> Result<Vec<((i64, i64), Event)>> {
        let mut tx = self.begin().await?;
        let mut done = Vec::new();
        for (key, event) in told {
            let sql = "update answers set accepted_ms = $4, accepted_by = $5, accepted_reason = $6 \
                       where candidate_id = $1 and pen = $2 and seq = $3 and (accepted_ms is null) = $7";
            let at = d.accept.then_some(d.at_ms);
            let changed = run!(
                &mut tx,
                sqlx::query(sql).bind(&d.candidate).bind(key.0).bind(key.1).bind(at).bind(&d.by).bind(&d.reason).bind(d.accept)
            )?;
            if changed == 1 {
                done.push((key, event));
            }
        }
        let events: Vec<Event> = done.iter().map(|(_, event)| event.clone()).collect();
        insert_events(&mut tx, &events).await?;
        commit(tx).await?;
        Ok(done)
    }
}

/// Which seqs of a pen are stored, ascending.
pub(super) async fn stored_seqs(tx: &mut Tx, candidate: &CandidateId, pen: i64) -> Result<Vec<i64>> {
    let sql = "select seq from answers where candidate_id = $1 and pen = $2 order by seq";
    Ok(tx!(&mut *tx, fetch_all, sqlx::query_scalar(sql).bind(candidate).bind(pen))?)
}

/// What newer pens have for a question: when each row was received, and when it was accepted.
pub(super) async fn of_newer_pens(
    tx: &mut Tx,
    candidate: &CandidateId,
    pen: i64,
    question: &QuestionId,
) -> Result<Vec<(Ms, Option<Ms>)>> {
    let sql = "select received_ms, accepted_ms from answers where candidate_id = $1 and pen > $2 and question_id = $3";
    Ok(tx!(&mut *tx, fetch_all, sqlx::query_as(sql).bind(candidate).bind(pen).bind(question))?)
}

/// Those of `keys` (candidate, pen, seq) that are stored already.
pub(super) async fn existing(tx: &mut Tx, keys: &[(&CandidateId, i64, i64)]) -> Result<Vec<AnswerRow>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    macro_rules! find {
        ($t:expr) => {{
            let mut sql = sqlx::QueryBuilder::new(
                "select a.candidate_id, a.pen, a.seq, a.question_id, a.value, a.received_ms, a.accepted_ms, a.accepted_reason from (",
            );
            sql.push_values(keys, |mut row, (candidate, pen, seq)| {
                row.push_bind(*candidate).push_bind(*pen).push_bind(*seq);
            });
            sql.push(") as v join answers a on a.candidate_id = v.column1 and a.pen = v.column2 and a.seq = v.column3");
            sql.build_query_as().persistent(false).fetch_all(&mut **$t).await
        }};
    }
    Ok(match tx {
        Engine::Sqlite(t) => find!(t),
        Engine::Postgres(t) => find!(t),
    }?)
}

/// Appends answers; their keys are known to be free under the candidates' locks.
pub(super) async fn insert(tx: &mut Tx, rows: &[(RoomId, AnswerRow)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    macro_rules! insert {
        ($t:expr) => {{
            let mut sql = sqlx::QueryBuilder::new(
                "insert into answers (candidate_id, pen, seq, room_id, question_id, value, received_ms) ",
            );
            sql.push_values(rows, |mut row, (room, a)| {
                row.push_bind(&a.candidate_id)
                    .push_bind(a.pen)
                    .push_bind(a.seq)
                    .push_bind(room)
                    .push_bind(&a.question_id)
                    .push_bind(&a.value)
                    .push_bind(a.received_ms);
            });
            sql.build().persistent(false).execute(&mut **$t).await.map(drop)
        }};
    }
    match tx {
        Engine::Sqlite(t) => insert!(t),
        Engine::Postgres(t) => insert!(t),
    }?;
    Ok(())
}
