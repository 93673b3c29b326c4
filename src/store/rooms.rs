//! Rooms, grants, the ledger, and the one transaction that changes a room.

use std::collections::BTreeMap;

use super::accounts::unreadable;
use super::candidates::{lock_candidates, lock_room_candidates};
use super::timeline::insert_events;
use super::{Result, Store, StoreError, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::access::Rights;
use crate::domain::clock::{Change, Ended, Kind, Ledger, Reason, Target, Targets, Terms, Timing, Window};
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, ExamId, RoomId, UserId};
use crate::domain::status::RoomClock;

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

const ROOM: &str = "select r.id, r.exam_id, e.owner_id, e.title, e.instructions, r.location, r.zone, r.starts_ms, r.window_ends_ms, \
     r.window_hard, r.entry_part, r.rev, r.next_due_ms, r.paper_version, e.paper_version as newest_version, p.questions, r.opened_ms, \
     r.started_ms, r.paused_ms, r.ended_ms, r.created_ms, e.base_ms, e.grace_ms, e.timing, e.late_entry_ms, e.takeover, \
     e.shuffle_questions, e.shuffle_options \
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

/// One ledger entry as stored.
#[derive(Debug, sqlx::FromRow)]
struct ChangeRow {
    rev: i64,
    at_ms: Ms,
    kind: String,
    targeted: bool,
    reason_code: String,
    reason_text: String,
    by_user: Option<UserId>,
}

/// What one transaction does to a room. Everything or nothing; compare-and-set on the room's rev.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The rev this was planned on.
    pub from_rev: i64,
    /// Entries for the ledger, revs from `from_rev + 1` on.
    pub changes: Vec<Change>,
    /// Facts of the room that become true.
    pub room: RoomFacts,
    /// Facts of candidates that become true, each with the events that say so; skipped where the candidate has moved on.
    pub candidates: Vec<(CandidateId, CandidateFact, Vec<Event>)>,
    /// Events of the room.
    pub events: Vec<Event>,
    /// The command's key and answer.
    pub command: Option<CommandKey>,
    /// When the sweep has to look next, as far as the plan knows: it may lower the bound and never raises it, for somebody may have
    /// begun since it was made.
    pub next_due_ms: Option<Ms>,
}

/// Facts of a room after a plan: None leaves as it is.
#[derive(Debug, Clone, Default)]
pub struct RoomFacts {
    /// Pin this paper and note the opening.
    pub opened: Option<(Ms, i64)>,
    /// Started.
    pub started_ms: Option<Ms>,
    /// Paused (Some(Some)) or running again (Some(None)).
    pub paused_ms: Option<Option<Ms>>,
    /// Over (Some(Some)) or running again (Some(None)).
    pub ended_ms: Option<Option<Ms>>,
}

/// A fact of a candidate that a plan makes true.
#[derive(Debug, Clone, Copy)]
pub enum CandidateFact {
    /// Time begins, unless it has.
    Begun(Ms),
    /// The end, unless it has come or the candidate's clock has moved since rev `on_rev`.
    Ended {
        /// When and by whom.
        ended: Ended,
        /// The candidate's rev when it was planned.
        on_rev: i64,
    },
    /// Works again.
    Reopened,
    /// Nothing but the rev.
    Touched,
}

/// A command that must take effect once.
#[derive(Debug, Clone)]
pub struct CommandKey {
    /// Who.
    pub actor: String,
    /// The Idempotency-Key.
    pub key: String,
    /// Digest of operation, target and body.
    pub request_hash: String,
    /// What it answers.
    pub response: String,
}

impl Store {
    /// Adds a room.
    pub async fn create_room(&self, r: &RoomRow) -> Result<()> {
        let sql = "insert into rooms (id, exam_id, location, zone, starts_ms, window_ends_ms, window_hard, entry_part, rev, next_due_ms, \
                   created_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $5, $9)";
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
        for sql in [
            "delete from clock_targets where room_id = $1",
            "delete from clock_changes where room_id = $1",
            "delete from takeovers where candidate_id in (select id from candidates where room_id = $1)",
            "delete from pens where candidate_id in (select id from candidates where room_id = $1)",
            "delete from candidates where room_id = $1",
            "delete from room_staff where room_id = $1",
            "delete from rooms where id = $1",
        ] {
            run!(&mut tx, sqlx::query(sql).bind(id))?;
        }
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
        let tail = " where r.id > $1 and ($2 = '' or e.owner_id = $2 or exists (select 1 from room_staff s where s.room_id = r.id and s.user_id = $2)) \
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

    /// A room's ledger.
    pub async fn ledger(&self, id: &RoomId) -> Result<Ledger> {
        let targets = "select rev, candidate_id, from_ms from clock_targets where room_id = $1 order by rev, candidate_id";
        let changes = on!(&self.read, |db| sqlx::query_as(CHANGES).bind(id).fetch_all(db).await)?;
        let targets = on!(&self.read, |db| sqlx::query_as(targets).bind(id).fetch_all(db).await)?;
        assemble(changes, targets)
    }

    /// A room's clock: room, exam and ledger.
    pub async fn room_clock(&self, id: &RoomId) -> Result<Option<RoomClock>> {
        let Some(room) = self.room(id).await? else { return Ok(None) };
        let ledger = self.ledger(id).await?;
        Ok(Some(room.clock(ledger)))
    }

    /// The grants of a room: (user, login, name, rights).
    pub async fn staff(&self, room: &RoomId) -> Result<Vec<(UserId, String, String, Rights)>> {
        let sql = "select s.user_id, u.login, u.name, s.rights from room_staff s join users u on u.id = s.user_id \
                   where s.room_id = $1 order by u.login";
        let rows: Vec<(UserId, String, String, String)> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|(id, login, name, rights)| (id, login, name, parse_rights(&rights))).collect())
    }

    /// One user's grant in a room.
    pub async fn grant(&self, room: &RoomId, user: &UserId) -> Result<Rights> {
        let sql = "select rights from room_staff where room_id = $1 and user_id = $2";
        let text: Option<String> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(user).fetch_optional(db).await)?;
        Ok(text.map_or(Rights::NONE, |t| parse_rights(&t)))
    }

    /// Sets one user's grant.
    pub async fn put_grant(&self, room: &RoomId, user: &UserId, rights: Rights) -> Result<()> {
        let sql = "insert into room_staff (room_id, user_id, rights) values ($1, $2, $3) \
                   on conflict (room_id, user_id) do update set rights = excluded.rights";
        let text = rights.names().join(",");
        on!(&self.write, |db| sqlx::query(sql).bind(room).bind(user).bind(&text).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Removes one user's grant; whether there was one.
    pub async fn delete_grant(&self, room: &RoomId, user: &UserId) -> Result<bool> {
        let sql = "delete from room_staff where room_id = $1 and user_id = $2";
        let n = on!(&self.write, |db| sqlx::query(sql).bind(room).bind(user).execute(db).await.map(|r| r.rows_affected()))?;
        Ok(n > 0)
    }

    /// What a command with this key has answered; `KeyReused` when it was another request.
    pub async fn command(&self, actor: &str, key: &str, request_hash: &str) -> Result<Option<String>> {
        let sql = "select request_hash, response from commands where actor = $1 and key = $2";
        let row: Option<(String, String)> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(actor).bind(key).fetch_optional(db).await)?;
        match row {
            Some((hash, _)) if hash != request_hash => Err(StoreError::KeyReused),
            Some((_, response)) => Ok(Some(response)),
            None => Ok(None),
        }
    }

    /// Carries out a plan in one transaction and returns the events that are now true, for the bus.
    pub async fn change_room(&self, room: &RoomId, plan: &Plan) -> Result<Vec<Event>> {
        let mut tx = self.begin().await?;
        let rev = plan.changes.last().map_or(plan.from_rev, |c| c.rev);
        let everyone = plan.changes.iter().any(|c| matches!(c.targets, Targets::Room));
        if everyone {
            lock_room_candidates(&mut tx, room).await?;
        } else {
            let ids: Vec<CandidateId> = plan.candidates.iter().map(|(id, ..)| id.clone()).collect();
            lock_candidates(&mut tx, &ids).await?;
        }
        set_room(&mut tx, room, plan, rev).await?;
        for change in &plan.changes {
            insert_change(&mut tx, room, change).await?;
        }
        let mut events = plan.events.clone();
        for (id, fact, told) in &plan.candidates {
            if set_candidate(&mut tx, id, *fact, rev).await? {
                events.extend(told.iter().cloned());
            }
        }
        if everyone {
            run!(&mut tx, sqlx::query("update candidates set rev = $2 where room_id = $1").bind(room).bind(rev))?;
        }
        insert_events(&mut tx, &events).await?;
        if let Some(command) = &plan.command {
            insert_command(&mut tx, command, events.first().map_or(0, |e| e.at_ms)).await?;
        }
        commit(tx).await?;
        Ok(events)
    }
}

const CHANGES: &str =
    "select rev, at_ms, kind, targeted, reason_code, reason_text, by_user from clock_changes where room_id = $1 order by rev";

/// A room's ledger as a transaction sees it.
pub(super) async fn ledger_in(tx: &mut Tx, id: &RoomId) -> Result<Ledger> {
    let targets = "select rev, candidate_id, from_ms from clock_targets where room_id = $1 order by rev, candidate_id";
    let changes = tx!(&mut *tx, fetch_all, sqlx::query_as(CHANGES).bind(id))?;
    let targets = tx!(&mut *tx, fetch_all, sqlx::query_as(targets).bind(id))?;
    assemble(changes, targets)
}

/// A room as a transaction sees it.
pub(super) async fn room_in(tx: &mut Tx, id: &RoomId) -> Result<Option<RoomRow>> {
    let sql = [ROOM, " where r.id = $1"].concat();
    Ok(tx!(&mut *tx, fetch_optional, sqlx::query_as(sqlx::AssertSqlSafe(sql.clone())).bind(id))?)
}

fn assemble(changes: Vec<ChangeRow>, targets: Vec<(i64, CandidateId, Option<Ms>)>) -> Result<Ledger> {
    let mut by_rev: BTreeMap<i64, Vec<Target>> = BTreeMap::new();
    for (rev, candidate, from_ms) in targets {
        by_rev.entry(rev).or_default().push(Target { candidate, from_ms });
    }
    let mut entries = Vec::with_capacity(changes.len());
    for row in changes {
        let kind: Kind = serde_json::from_str(&row.kind).map_err(|_| unreadable("clock change", &row.kind))?;
        let targets = if row.targeted { Targets::Only(by_rev.remove(&row.rev).unwrap_or_default()) } else { Targets::Room };
        let reason = Reason { code: row.reason_code, text: row.reason_text };
        entries.push(Change { rev: row.rev, at_ms: row.at_ms, kind, targets, reason, by: row.by_user });
    }
    Ok(Ledger::new(entries))
}

fn parse_rights(text: &str) -> Rights {
    Rights::from_names(text.split(',').filter(|t| !t.is_empty())).unwrap_or(Rights::NONE)
}

async fn set_room(tx: &mut Tx, room: &RoomId, plan: &Plan, rev: i64) -> Result<()> {
    let sql = "update rooms set rev = $3, opened_ms = coalesce(opened_ms, $4), paper_version = coalesce(paper_version, $5), \
               started_ms = coalesce(started_ms, $6), paused_ms = case when $7 then $8 else paused_ms end, \
               ended_ms = case when $9 then $10 else ended_ms end, \
               next_due_ms = case when next_due_ms is null or next_due_ms > $11 then $11 else next_due_ms end where id = $1 and rev = $2";
    let facts = &plan.room;
    let done = run!(
        &mut *tx,
        sqlx::query(sql)
            .bind(room)
            .bind(plan.from_rev)
            .bind(rev)
            .bind(facts.opened.map(|(at, _)| at))
            .bind(facts.opened.map(|(_, version)| version))
            .bind(facts.started_ms)
            .bind(facts.paused_ms.is_some())
            .bind(facts.paused_ms.flatten())
            .bind(facts.ended_ms.is_some())
            .bind(facts.ended_ms.flatten())
            .bind(plan.next_due_ms)
    )?;
    if done == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

async fn insert_change(tx: &mut Tx, room: &RoomId, c: &Change) -> Result<()> {
    let kind = serde_json::to_string(&c.kind).map_err(|e| StoreError::Unreadable(e.to_string()))?;
    let sql = "insert into clock_changes (room_id, rev, at_ms, kind, targeted, reason_code, reason_text, by_user) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    run!(
        &mut *tx,
        sqlx::query(sql)
            .bind(room)
            .bind(c.rev)
            .bind(c.at_ms)
            .bind(&kind)
            .bind(matches!(c.targets, Targets::Only(_)))
            .bind(&c.reason.code)
            .bind(&c.reason.text)
            .bind(&c.by)
    )?;
    if let Targets::Only(targets) = &c.targets {
        let sql = "insert into clock_targets (room_id, rev, candidate_id, from_ms) values ($1, $2, $3, $4)";
        for target in targets {
            run!(&mut *tx, sqlx::query(sql).bind(room).bind(c.rev).bind(&target.candidate).bind(target.from_ms))?;
        }
    }
    Ok(())
}

/// Makes a fact true; whether it was news. A candidate's row carries the rev of the last change that touched it: whoever judges an
/// answer under the row's lock knows from it whether the ledger at hand is new enough.
async fn set_candidate(tx: &mut Tx, id: &CandidateId, fact: CandidateFact, rev: i64) -> Result<bool> {
    let done = match fact {
        CandidateFact::Begun(at) => {
            let sql = "update candidates set begun_ms = $2, rev = $3 where id = $1 and begun_ms is null and ended_ms is null";
            run!(&mut *tx, sqlx::query(sql).bind(id).bind(at).bind(rev))?
        }
        CandidateFact::Ended { ended, on_rev } => {
            let sql =
                "update candidates set ended_ms = $2, ended_by = $3, rev = $4 where id = $1 and ended_ms is null and rev <= $5";
            run!(&mut *tx, sqlx::query(sql).bind(id).bind(ended.at_ms).bind(ended.by.as_str()).bind(rev).bind(on_rev))?
        }
        CandidateFact::Reopened => {
            let sql = "update candidates set ended_ms = null, ended_by = null, rev = $2 where id = $1 and ended_ms is not null";
            run!(&mut *tx, sqlx::query(sql).bind(id).bind(rev))?
        }
        CandidateFact::Touched => run!(&mut *tx, sqlx::query("update candidates set rev = $2 where id = $1").bind(id).bind(rev))?,
    };
    Ok(done == 1)
}

async fn insert_command(tx: &mut Tx, c: &CommandKey, now: Ms) -> Result<()> {
    let sql = "insert into commands (actor, key, request_hash, response, created_ms) values ($1, $2, $3, $4, $5)";
    run!(&mut *tx, sqlx::query(sql).bind(&c.actor).bind(&c.key).bind(&c.request_hash).bind(&c.response).bind(now))?;
    Ok(())
}
