//! The one transaction that changes a room.

use super::super::candidates::{lock_candidates, lock_room_candidates};
use super::super::outages::{Mark, insert_mark};
use super::super::timeline::insert_events;
use super::super::{Result, Store, StoreError, Tx, commit, on, run};
use crate::domain::Ms;
use crate::domain::clock::{Change, Ended, Targets};
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::incident::Incident;
use crate::weaken;

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
    /// The outage that this gives back.
    pub outage: Option<Mark>,
    /// The incident that this settles, as its next rev.
    pub incident: Option<Incident>,
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
        if let Some(mark) = &plan.outage {
            insert_mark(&mut tx, room, mark).await?;
        }
        if let Some(incident) = &plan.incident {
            super::super::incidents::write(&mut tx, incident).await?;
        }
        if let Some(command) = &plan.command {
            insert_command(&mut tx, command, events.first().map_or(0, |e| e.at_ms)).await?;
        }
        commit(tx).await?;
        Ok(events)
    }
}

/// Compare and set, on the rev and on the end: the sweep ends a room without a new rev, and every node sweeps.
async fn set_room(tx: &mut Tx, room: &RoomId, plan: &Plan, rev: i64) -> Result<()> {
    let sql = "update rooms set rev = $3, opened_ms = coalesce(opened_ms, $4), paper_version = coalesce(paper_version, $5), \
               started_ms = coalesce(started_ms, $6), paused_ms = case when $7 then $8 else paused_ms end, \
               ended_ms = case when $9 then $10 else ended_ms end, \
               next_due_ms = case when next_due_ms is null or next_due_ms > $11 then $11 else next_due_ms end \
               where id = $1 and rev = $2 and ($12 or $10 is null or ended_ms is null)";
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
            .bind(weaken::on("ended_twice"))
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
