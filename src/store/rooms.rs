//! Rooms: what they are, which to list, which are due.

mod grants;
mod ledger;
mod plan;

use super::candidates::lock_room_candidates;
use super::timeline::insert_events;
use super::{Result, Store, StoreError, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::clock::{Ledger, Terms, Timing, Window};
use crate::domain::event::Event;
use crate::domain::ids::{ExamId, RoomId, UserId};
use crate::domain::status::RoomClock;
use crate::weaken;
pub use grants::ChargeRow;
pub(in crate::store) use ledger::ledger_in;
pub use plan::{CandidateFact, CommandKey, Plan, RoomFacts};

/// A room with what its exam says, as stored. Instants in Unix ms.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RoomRow {
    /// Id.
    pub id: RoomId,
    /// Of which exam.
    pub exam_id: ExamId,
    /// Whose exam.
    pub owner_id: UserId,
    /// Title of the exam.
    pub title: String,
    /// What candidates read first.
    pub instructions: String,
    /// Place.
    pub location: String,
    /// IANA zone.
    pub zone: String,
    /// When the schedule starts it.
    pub starts_ms: Option<Ms>,
    /// No deadline lies after this, if `window_hard`.
    pub window_ends_ms: Option<Ms>,
    /// Whether the window caps deadlines.
    pub window_hard: bool,
    /// First part of its entry codes.
    pub entry_part: String,
    /// Rev of the last change.
    pub rev: i64,
    /// Lower bound of the next thing the sweep has to do.
    pub next_due_ms: Option<Ms>,
    /// The pinned paper.
    pub paper_version: Option<i64>,
    /// The exam's newest paper; 0: none.
    pub newest_version: i64,
    /// Questions of the pinned, else of the newest paper.
    pub questions: Option<i64>,
    /// Fact of the ledger.
    pub opened_ms: Option<Ms>,
    /// Fact of the ledger.
    pub started_ms: Option<Ms>,
    /// Fact of the ledger: set while paused.
    pub paused_ms: Option<Ms>,
    /// When it was over.
    pub ended_ms: Option<Ms>,
    /// Made at.
    pub created_ms: Ms,
    /// Of the exam: allowance.
    pub base_ms: Ms,
    /// Of the exam: grace.
    pub grace_ms: Ms,
    /// Of the exam: when time begins.
    pub timing: String,
    /// Of the exam: cut-off.
    pub late_entry_ms: Option<Ms>,
    /// Of the exam: policy of takeovers.
    pub takeover: String,
    /// Of the exam.
    pub shuffle_questions: bool,
    /// Of the exam.
    pub shuffle_options: bool,
    /// Of a rehearsal's own room: the room that is rehearsed. Lists do not show it.
    pub rehearsal_of: Option<RoomId>,
}

impl RoomRow {
    /// What the exam allows in this room.
    pub fn terms(&self) -> Terms {
        Terms {
            base_ms: self.base_ms,
            grace_ms: self.grace_ms,
            timing: if self.timing == "on_entry" { Timing::OnEntry } else { Timing::WithRoom },
            late_entry_ms: self.late_entry_ms,
            window: self.window_ends_ms.map(|ends_ms| Window { ends_ms, hard: self.window_hard }),
        }
    }
    /// The version that candidates get: the pinned one.
    pub fn version(&self) -> i64 {
        self.paper_version.unwrap_or(self.newest_version)
    }
    /// The room's clock with its ledger.
    pub fn clock(&self, ledger: Ledger) -> RoomClock {
        RoomClock {
            room: self.id.clone(),
            exam: self.exam_id.clone(),
            title: self.title.clone(),
            location: self.location.clone(),
            zone: self.zone.clone(),
            terms: self.terms(),
            scheduled_ms: self.starts_ms,
            ledger,
            ended_ms: self.ended_ms,
            paper_version: self.paper_version,
            questions: self.questions.unwrap_or(0),
            rev: self.rev,
        }
    }
}

/// What hangs on a room that has not opened; what refers to something before what it refers to.
pub(super) const HANGS: &[&str] = &[
    "delete from check_reports where room_id = $1",
    "delete from checks where room_id = $1",
    "delete from rehearsals where room_id = $1",
    "delete from clock_targets where room_id = $1",
    "delete from clock_changes where room_id = $1",
    "delete from incident_events where incident_id in (select id from incidents where room_id = $1)",
    "delete from incident_replies where incident_id in (select id from incidents where room_id = $1)",
    "delete from incidents where room_id = $1",
    "delete from candidate_addresses where candidate_id in (select id from candidates where room_id = $1)",
    "delete from receipts where message_id in (select id from messages where room_id = $1)",
    "delete from messages where room_id = $1",
    "delete from takeovers where candidate_id in (select id from candidates where room_id = $1)",
    "delete from pens where candidate_id in (select id from candidates where room_id = $1)",
    "delete from candidates where room_id = $1",
    "delete from room_staff where room_id = $1",
];

const ROOM: &str = "select r.id, r.exam_id, e.owner_id, e.title, e.instructions, r.location, r.zone, r.starts_ms, r.window_ends_ms, \
     r.window_hard, r.entry_part, r.rev, r.next_due_ms, r.paper_version, e.paper_version as newest_version, p.questions, r.opened_ms, \
     r.started_ms, r.paused_ms, r.ended_ms, r.created_ms, e.base_ms, e.grace_ms, e.timing, e.late_entry_ms, e.takeover, \
     e.shuffle_questions, e.shuffle_options, r.rehearsal_of \
     from rooms r join exams e on e.id = r.exam_id \
     left join papers p on p.exam_id = r.exam_id and p.version = coalesce(r.paper_version, e.paper_version)";

/// Which rooms to list.
#[derive(Debug, Clone, Default)]
pub struct RoomFilter {
    /// Only those this user owns or works in.
    pub user: Option<UserId>,
    /// Only of this exam.
    pub exam: Option<ExamId>,
    /// Only in this phase, by its facts.
    pub phase: Option<&'static str>,
    /// Only those that start at or after this.
    pub from_ms: Option<Ms>,
    /// Only those that start before this.
    pub to_ms: Option<Ms>,
    /// Only after this id.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

impl Store {
    /// Adds a room.
    pub async fn create_room(&self, r: &RoomRow) -> Result<()> {
        let sql = "insert into rooms (id, exam_id, location, zone, starts_ms, window_ends_ms, window_hard, entry_part, rev, next_due_ms, \
                   created_ms, rehearsal_of) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $5, $9, $10)";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&r.id)
            .bind(&r.exam_id)
            .bind(&r.location)
            .bind(&r.zone)
            .bind(r.starts_ms)
            .bind(r.window_ends_ms)
            .bind(r.window_hard)
            .bind(&r.entry_part)
            .bind(r.created_ms)
            .bind(&r.rehearsal_of)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Replaces place and schedule of a room that has not started; `Moved` when it has, or when its rev is another.
    pub async fn update_room(&self, r: &RoomRow, event: &Event) -> Result<()> {
        let sql = "update rooms set location = $3, zone = $4, starts_ms = $5, window_ends_ms = $6, window_hard = $7, next_due_ms = $5 \
                   where id = $1 and rev = $2 and started_ms is null";
        let mut tx = self.begin().await?;
        let query_rows = run!(
            &mut tx,
            sqlx::query(sql)
                .bind(&r.id)
                .bind(r.rev)
                .bind(&r.location)
                .bind(&r.zone)
                .bind(r.starts_ms)
                .bind(r.window_ends_ms)
                .bind(r.window_hard)
        )?;
        if query_rows != 1 {
            return Err(StoreError::Moved);
        }
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await
    }

    /// Removes a room that has not opened, with its roster and grants; false when it has.
    pub async fn delete_room(&self, id: &RoomId) -> Result<bool> {
        let mut tx = self.begin().await?;
        lock_room_candidates(&mut tx, id).await?;
        let sql = "update rooms set rev = rev where id = $1 and opened_ms is not null";
        if run!(&mut tx, sqlx::query(sql).bind(id))? > 0 {
            return Ok(false);
        }
        for sql in HANGS {
            run!(&mut tx, sqlx::query(*sql).bind(id))?;
        }
        run!(&mut tx, sqlx::query("delete from rooms where id = $1").bind(id))?;
        commit(tx).await?;
        Ok(true)
    }

    /// A room by id.
    pub async fn room(&self, id: &RoomId) -> Result<Option<RoomRow>> {
        let sql = sqlx::AssertSqlSafe([ROOM, " where r.id = $1"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?)
    }

    /// Rooms that match, in id order.
    pub async fn rooms(&self, f: &RoomFilter) -> Result<Vec<RoomRow>> {
        let tail = " where r.id > $1 and (r.rehearsal_of is null or $8) and ($2 = '' or e.owner_id = $2 or exists (select 1 from room_staff s where s.room_id = r.id and s.user_id = $2)) \
             and ($3 = '' or r.exam_id = $3) \
             and ($4 = '' or $4 = case when r.ended_ms is not null then 'ended' when r.paused_ms is not null then 'paused' \
                  when r.started_ms is not null then 'running' when r.opened_ms is not null then 'open' else 'scheduled' end) \
             and ($5 = 0 or coalesce(r.started_ms, r.starts_ms) >= $5) and ($6 = 0 or coalesce(r.started_ms, r.starts_ms) < $6) \
             order by r.id limit $7";
        let sql = sqlx::AssertSqlSafe([ROOM, tail].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql)
            .bind(&f.after)
            .bind(f.user.as_ref().map_or("", UserId::as_str))
            .bind(f.exam.as_ref().map_or("", ExamId::as_str))
            .bind(f.phase.unwrap_or(""))
            .bind(f.from_ms.unwrap_or(0))
            .bind(f.to_ms.unwrap_or(0))
            .bind(f.limit)
            .bind(weaken::on("rehearsal_listed"))
            .fetch_all(db)
            .await)?)
    }

    /// Rooms the sweep has to look at: due, not over.
    pub async fn due_rooms(&self, now: Ms) -> Result<Vec<RoomId>> {
        let sql =
            "select id from rooms where ended_ms is null and next_due_ms is not null and next_due_ms <= $1 order by next_due_ms";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(now).fetch_all(db).await)?)
    }

    /// When the sweep has to wake next.
    pub async fn next_due(&self) -> Result<Option<Ms>> {
        let sql = "select min(next_due_ms) from rooms where ended_ms is null";
        Ok(on!(&self.read, |db| sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(db).await)?)
    }

    /// Sets the lower bound for the sweep, unless the room is no more as it was `seen`: somebody whose time has begun meanwhile has
    /// lowered the bound, and the next pass sees them. Only this raises it.
    pub async fn set_next_due(&self, seen: &RoomRow, due: Option<Ms>) -> Result<()> {
        let sql = "update rooms set next_due_ms = $4 where id = $1 and rev = $2 and next_due_ms is not distinct from $3";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&seen.id)
            .bind(seen.rev)
            .bind(seen.next_due_ms)
            .bind(due)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Revs of rooms, to see which have moved.
    pub async fn room_revs(&self, ids: &[RoomId]) -> Result<Vec<(RoomId, i64)>> {
        let mut revs = Vec::with_capacity(ids.len());
        for id in ids {
            let sql = "select id, rev from rooms where id = $1";
            let row: Option<(RoomId, i64)> = on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?;
            revs.extend(row);
        }
        Ok(revs)
    }

    /// A room's clock: room, exam and ledger.
    pub async fn room_clock(&self, id: &RoomId) -> Result<Option<RoomClock>> {
        let Some(room) = self.room(id).await? else { return Ok(None) };
        let ledger = self.ledger(id).await?;
        Ok(Some(room.clock(ledger)))
    }
}

/// A room as a transaction sees it.
pub(super) async fn room_in(tx: &mut Tx, id: &RoomId) -> Result<Option<RoomRow>> {
    let sql = [ROOM, " where r.id = $1"].concat();
    Ok(tx!(&mut *tx, fetch_optional, sqlx::query_as(sqlx::AssertSqlSafe(sql.clone())).bind(id))?)
}
