//! Candidates: roster, entry codes, pens and takeovers.

use super::presence::PresenceRow;
use super::timeline::insert_events;
use super::{Engine, Result, Store, StoreError, Tx, commit, on, run, times, tx};
use crate::domain::Ms;
use crate::domain::attendance::{Attended, Said};
use crate::domain::clock::Facts;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, RoomId, SessionId, TakeoverId, UserId};
use crate::domain::message::Hand;
use crate::domain::status::Person;

/// A candidate as stored. Instants in Unix ms.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CandidateRow {
    /// Id.
    pub id: CandidateId,
    /// Room.
    pub room_id: RoomId,
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub student_id: Option<String>,
    /// Class.
    pub class: Option<String>,
    /// Seat.
    pub seat: Option<String>,
    /// Accommodation from the roster, basis points.
    pub multiplier_bp: i64,
    /// Orders questions and options.
    pub seed: i64,
    /// First joined.
    pub joined_ms: Option<Ms>,
    /// Time began.
    pub begun_ms: Option<Ms>,
    /// Ended.
    pub ended_ms: Option<Ms>,
    /// By whom.
    pub ended_by: Option<String>,
    /// Rev of the last change that touched it.
    pub rev: i64,
    /// The current pen; 0: none yet.
    pub pen: i64,
    /// Whose the current pen is.
    pub pen_session: Option<SessionId>,
    /// After a restore: the least pen that the holder's page may still show.
    pub pen_since: Option<i64>,
    /// The entry code, encrypted; None once it may not be printed any more.
    pub code_cipher: Option<String>,
    /// Since when the hand is up.
    pub hand_ms: Option<Ms>,
    /// When staff said that they are coming.
    pub hand_answered_ms: Option<Ms>,
    /// What staff say: here or missing.
    pub attendance: Option<String>,
    /// When that was last said.
    pub attendance_ms: Option<Ms>,
    /// When it was last said who it is.
    pub identity_ms: Option<Ms>,
    /// Who made sure who it is.
    pub identified_by: Option<UserId>,
    /// How its device is heard.
    #[sqlx(flatten)]
    pub presence: PresenceRow,
}

impl CandidateRow {
    /// Facts of time.
    pub fn facts(&self) -> Facts {
        let ended = times::ended(self.ended_ms, self.ended_by.as_deref());
        Facts { joined_ms: self.joined_ms, begun_ms: self.begun_ms, ended, multiplier_bp: self.multiplier_bp }
    }
    /// The raised hand.
    pub fn hand(&self) -> Option<Hand> {
        Some(Hand { raised_ms: self.hand_ms?, answered_ms: self.hand_answered_ms })
    }
    /// What staff have seen.
    pub fn attended(&self) -> Attended {
        Attended {
            said: self.attendance.as_deref().and_then(Said::parse),
            said_ms: self.attendance_ms.unwrap_or(0),
            identified: self.identified_by.clone(),
            identity_ms: self.identity_ms.unwrap_or(0),
        }
    }
    /// Who it is.
    pub fn person(&self) -> Person {
        Person {
            name: self.name.clone(),
            student_id: self.student_id.clone(),
            class: self.class.clone(),
            seat: self.seat.clone(),
        }
    }
}

pub(super) const CANDIDATE: &str = "select c.id, c.room_id, c.name, c.student_id, c.class, c.seat, c.multiplier_bp, c.seed, c.joined_ms, \
     c.begun_ms, c.ended_ms, c.ended_by, c.rev, c.pen, p.session_id as pen_session, p.since as pen_since, c.code_cipher, \
     c.hand_ms, c.hand_answered_ms, c.attendance, c.attendance_ms, c.identity_ms, c.identified_by, \
     c.presence, c.presence_ms, c.presence_n, c.connection, c.presence_node, c.left_ms \
     from candidates c left join pens p on p.candidate_id = c.id and p.pen = c.pen";

/// A candidate to be stored.
#[derive(Debug, Clone)]
pub struct NewCandidate {
    /// Id.
    pub id: CandidateId,
    /// Who.
    pub person: Person,
    /// Accommodation, basis points.
    pub multiplier_bp: i64,
    /// Orders questions and options.
    pub seed: i64,
}

/// A request to take over, as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TakeoverRow {
    /// Id.
    pub id: TakeoverId,
    /// About whom.
    pub candidate_id: CandidateId,
    /// Which device asks.
    pub session_id: SessionId,
    /// When.
    pub asked_ms: Ms,
    /// When it was answered.
    pub decided_ms: Option<Ms>,
    /// How.
    pub allowed: Option<bool>,
}

impl Store {
    /// The candidates of a room, in id order: the roster's.
    pub async fn candidates(&self, room: &RoomId) -> Result<Vec<CandidateRow>> {
        let sql = sqlx::AssertSqlSafe([CANDIDATE, " where c.room_id = $1 order by c.id"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// A page of them.
    pub async fn candidate_page(&self, room: &RoomId, after: &str, limit: i64) -> Result<Vec<CandidateRow>> {
        let sql = sqlx::AssertSqlSafe([CANDIDATE, " where c.room_id = $1 and c.id > $2 order by c.id limit $3"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(after).bind(limit).fetch_all(db).await)?)
    }

    /// A candidate by id.
    pub async fn candidate(&self, id: &CandidateId) -> Result<Option<CandidateRow>> {
        let sql = sqlx::AssertSqlSafe([CANDIDATE, " where c.id = $1"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?)
    }

    /// The candidate that bears a student id in a room.
    pub async fn candidate_of_student(&self, room: &RoomId, student: &str) -> Result<Option<CandidateRow>> {
        let sql = sqlx::AssertSqlSafe([CANDIDATE, " where c.room_id = $1 and c.student_id = $2"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(student).fetch_optional(db).await)?)
    }

    /// The candidate with this code.
    pub async fn candidate_by_code(&self, hash: &str) -> Result<Option<CandidateRow>> {
        let sql = sqlx::AssertSqlSafe([CANDIDATE, " where c.code_hash = $1"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(hash).fetch_optional(db).await)?)
    }

    /// Adds candidates, all or none. `Duplicate` when a student id or a seat is taken, `Moved` when the room is gone.
    pub async fn add_candidates(&self, room: &RoomId, new: &[NewCandidate], now: Ms, event: &Event) -> Result<()> {
        let mut tx = self.begin().await?;
        // Locks the room: no change of its clock may pass between the rev that is read here and the rows that carry it.
        let sql = "update rooms set rev = rev where id = $1 returning rev";
        let rev: Option<i64> = tx!(&mut tx, fetch_optional, sqlx::query_scalar(sql).bind(room))?;
        let rev = rev.ok_or(StoreError::Moved)?;
        for c in new {
            insert_candidate(&mut tx, room, c, rev, now).await?;
        }
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await
    }

    /// Replaces who a candidate is; false when it is gone. `Duplicate` when the seat or the student id is taken.
    pub async fn update_candidate(
        &self,
        room: &RoomId,
        id: &CandidateId,
        p: &Person,
        multiplier_bp: i64,
        event: &Event,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "update candidates set name = $3, student_id = $4, class = $5, seat = $6, multiplier_bp = $7 where room_id = $1 and id = $2";
        let done = run!(
            &mut tx,
            sqlx::query(sql)
                .bind(room)
                .bind(id)
                .bind(&p.name)
                .bind(&p.student_id)
                .bind(&p.class)
                .bind(&p.seat)
                .bind(multiplier_bp)
        )?;
        if done == 1 {
            insert_events(&mut tx, std::slice::from_ref(event)).await?;
        }
        commit(tx).await?;
        Ok(done == 1)
    }

    /// Removes a candidate who never joined; false when it did or is gone.
    pub async fn delete_candidate(&self, room: &RoomId, id: &CandidateId, event: &Event) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "delete from candidates where room_id = $1 and id = $2 and joined_ms is null";
        let done = run!(&mut tx, sqlx::query(sql).bind(room).bind(id))?;
        if done == 1 {
            insert_events(&mut tx, std::slice::from_ref(event)).await?;
        }
        commit(tx).await?;
        Ok(done == 1)
    }

    /// Sets entry codes: (candidate, lookup hash, ciphertext).
    pub async fn set_codes(&self, codes: &[(CandidateId, String, String)]) -> Result<()> {
        let mut tx = self.begin().await?;
        let ids: Vec<CandidateId> = codes.iter().map(|(id, ..)| id.clone()).collect();
        lock_candidates(&mut tx, &ids).await?;
        for (id, hash, cipher) in codes {
            let sql = "update candidates set code_hash = $2, code_cipher = $3 where id = $1";
            run!(&mut tx, sqlx::query(sql).bind(id).bind(hash).bind(cipher))?;
        }
        commit(tx).await
    }

    /// The pens of a candidate: (pen, session).
    pub async fn pens(&self, id: &CandidateId) -> Result<Vec<(i64, SessionId, Ms)>> {
        let sql = "select pen, session_id, taken_ms from pens where candidate_id = $1 order by pen";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_all(db).await)?)
    }

    /// Requests of a room that wait for an answer.
    pub async fn open_takeovers(&self, room: &RoomId) -> Result<Vec<TakeoverRow>> {
        let sql = "select t.id, t.candidate_id, t.session_id, t.asked_ms, t.decided_ms, t.allowed from takeovers t \
                   join candidates c on c.id = t.candidate_id where c.room_id = $1 and t.decided_ms is null order by t.id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// A request by id.
    pub async fn takeover(&self, id: &TakeoverId) -> Result<Option<TakeoverRow>> {
        let sql = "select id, candidate_id, session_id, asked_ms, decided_ms, allowed from takeovers where id = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?)
    }

    /// Answers a request; when allowed the asking session takes the next pen. Returns that pen. `Moved` when it was answered before.
    pub async fn decide_takeover(
        &self,
        t: &TakeoverRow,
        allow: bool,
        now: Ms,
        events: &(dyn Fn(i64) -> Vec<Event> + Sync),
    ) -> Result<Option<i64>> {
        let mut tx = self.begin().await?;
        let sql = "update takeovers set decided_ms = $2, allowed = $3 where id = $1 and decided_ms is null";
        if run!(&mut tx, sqlx::query(sql).bind(&t.id).bind(now).bind(allow))? != 1 {
            return Err(StoreError::Moved);
        }
        let pen = if allow { Some(take_pen(&mut tx, &t.candidate_id, &t.session_id, now).await?) } else { None };
        insert_events(&mut tx, &events(pen.unwrap_or(0))).await?;
        commit(tx).await?;
        Ok(pen)
    }
}

/// Gives a session the next pen of a candidate.
pub(super) async fn take_pen(tx: &mut Tx, id: &CandidateId, session: &SessionId, now: Ms) -> Result<i64> {
    let sql = "update candidates set pen = pen + 1 where id = $1 returning pen";
    let pen: i64 = tx!(&mut *tx, fetch_one, sqlx::query_scalar(sql).bind(id))?;
    let sql = "insert into pens (candidate_id, pen, session_id, taken_ms) values ($1, $2, $3, $4)";
    run!(&mut *tx, sqlx::query(sql).bind(id).bind(pen).bind(session).bind(now))?;
    Ok(pen)
}

/// Locks candidates' rows in id order, so that two writers wait for each other and never in a circle. Every transaction that also
/// touches the room's row takes the candidates first. SQLite has one writer, who is alone already.
///
/// Lock and load are two statements: PostgreSQL gives a statement that waited the new version of the row it waited for, but of other
/// tables (the pens) what it saw before.
async fn lock(tx: &mut Tx, ids: &[&CandidateId]) -> Result<()> {
    if let Engine::Postgres(t) = tx {
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        let sql = "select 1 from candidates where id = any($1) order by id for no key update";
        sqlx::query(sql).bind(ids).fetch_all(&mut **t).await?;
    }
    Ok(())
}

/// Locks every candidate of a room, in id order.
pub(super) async fn lock_room_candidates(tx: &mut Tx, room: &RoomId) -> Result<()> {
    if let Engine::Postgres(t) = tx {
        let sql = "select 1 from candidates where room_id = $1 order by id for no key update";
        sqlx::query(sql).bind(room).fetch_all(&mut **t).await?;
    }
    Ok(())
}

/// Locks candidates and returns them as they are now.
pub(super) async fn lock_candidates(tx: &mut Tx, ids: &[CandidateId]) -> Result<Vec<CandidateRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sorted: Vec<&CandidateId> = ids.iter().collect();
    sorted.sort();
    sorted.dedup();
    lock(tx, &sorted).await?;
    macro_rules! load {
        ($t:expr) => {{
            let mut sql = sqlx::QueryBuilder::new(CANDIDATE);
            sql.push(" where c.id in (");
            let mut list = sql.separated(", ");
            for id in sorted {
                list.push_bind(id);
            }
            sql.push(")");
            sql.build_query_as().persistent(false).fetch_all(&mut **$t).await
        }};
    }
    Ok(match tx {
        Engine::Sqlite(t) => load!(t),
        Engine::Postgres(t) => load!(t),
    }?)
}

async fn insert_candidate(tx: &mut Tx, room: &RoomId, c: &NewCandidate, rev: i64, now: Ms) -> Result<()> {
    let sql = "insert into candidates (id, room_id, name, student_id, class, seat, multiplier_bp, seed, rev, pen, created_ms) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)";
    run!(
        &mut *tx,
        sqlx::query(sql)
            .bind(&c.id)
            .bind(room)
            .bind(&c.person.name)
            .bind(&c.person.student_id)
            .bind(&c.person.class)
            .bind(&c.person.seat)
            .bind(c.multiplier_bp)
            .bind(c.seed)
            .bind(rev)
            .bind(now)
    )?;
    Ok(())
}
