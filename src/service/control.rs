//! The verbs of a room: one operation for the room, a selection, or one candidate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Service, Shared, in_range, phase_conflict};
use crate::auth::receipts::value_hash;
use crate::domain::Ms;
use crate::domain::access::Actor;
use crate::domain::clock::{Facts, Kind, Reason, RoomPhase, Targets};
use crate::domain::control::{Fate, Planned, Refused, Verb, View, Wish, after, plan};
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, IncidentId, RoomId};
use crate::domain::status::RoomClock;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::outages::{Mark, OutageState};
use crate::store::rooms::{CandidateFact, CommandKey, Plan, RoomFacts, RoomRow};
use crate::store::times::TimesRow;

/// A command as it was given.
#[derive(Debug, Clone)]
pub struct Command {
    /// What.
    pub verb: Verb,
    /// Whom; None: the room.
    pub candidates: Option<Vec<CandidateId>>,
    /// Why.
    pub reason: Reason,
    /// The rev the person saw; another one is `clock_moved`.
    pub expected_rev: Option<i64>,
    /// Only say what it would do.
    pub dry_run: bool,
    /// Makes a repeat harmless.
    pub key: Option<String>,
    /// For `open`: the browser's clock, Unix ms, to be compared with the server's.
    pub client_now_ms: Option<Ms>,
    /// For `open`: go on although they differ.
    pub accept_clock_difference: bool,
}

/// What a command came to. Kept with its key, so a repeat says the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The room's rev after it.
    pub rev: i64,
    /// Whether anything was changed.
    pub applied: bool,
    /// The room's phase after it.
    pub phase: String,
    /// One line a candidate.
    pub affected: Vec<Line>,
}

/// One line of it. Deadlines in Unix ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Who.
    pub candidate: CandidateId,
    /// `applied`, `unchanged`, `refused`.
    pub outcome: String,
    /// Why refused.
    pub code: Option<String>,
    /// Deadline before.
    pub before_ms: Option<Ms>,
    /// Deadline after.
    pub after_ms: Option<Ms>,
}

/// Times a command is planned again when the room moves under it.
const TRIES: usize = 5;

impl Service {
    /// Carries out a command, or says what it would do.
    pub async fn change(self: &Arc<Self>, actor: &Actor, room: &RoomId, command: &Command) -> Result<Change> {
        self.change_settling(actor, room, command, None).await
    }

    /// The same, and in its transaction an incident is settled that suggested it.
    pub(super) async fn change_settling(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        command: &Command,
        settles: Option<&IncidentId>,
    ) -> Result<Change> {
        self.room_for(actor, command.verb.word().action(), room).await?;
        check(command)?;
        self.check_clock(command)?;
        let key = command_key(actor, room, command);
        for _ in 0..TRIES {
            // Looked up on every try: the other of two equal requests may have come first meanwhile.
            if let Some((who, key, hash)) = &key
                && let Some(stored) = self.store.command(who, key, hash).await?
            {
                return serde_json::from_str(&stored).map_err(Error::internal);
            }
            match self.try_change(actor, room, command, key.as_ref(), settles).await {
                Err(error) if error.code == Code::Conflict => {}
                other => return other,
            }
        }
        Err(Code::ClockMoved.into())
    }

    fn check_clock(&self, command: &Command) -> Result<()> {
        let (Verb::Open, Some(theirs)) = (command.verb, command.client_now_ms) else { return Ok(()) };
        let difference = (theirs - self.now()).abs();
        if difference <= limits::CLOCK_DIFFERS_MS || command.accept_clock_difference {
            return Ok(());
        }
        Err(Error::from(Code::ClockDiffers)
            .arg("seconds", difference / 1000)
            .state(json!({ "difference_seconds": difference / 1000 })))
    }

    async fn try_change(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        command: &Command,
        key: Option<&(String, String, String)>,
        settles: Option<&IncidentId>,
    ) -> Result<Change> {
        let row = self.store.room(room).await?.ok_or(Code::NotFound)?;
        let clock = row.clock(self.store.ledger(room).await?);
        if command.expected_rev.is_some_and(|rev| rev != row.rev) {
            return Err(Error::from(Code::ClockMoved).state(json!({ "rev": row.rev })));
        }
        let candidates = self.store.times(room).await?;
        let facts: BTreeMap<CandidateId, Facts> = candidates.iter().map(|c| (c.id.clone(), c.facts())).collect();
        let now = self.now();
        let alive = self.store.living_nodes(now - limits::LEASE_MS).await?;
        let connected = |c: &&TimesRow| c.node().is_some_and(|node| alive.contains(node));
        let connected = candidates.iter().filter(connected).map(|c| c.id.clone()).collect();
        let view = View { clock: &clock, facts: &facts, connected: &connected, now };
        let wish = Wish {
            verb: command.verb,
            candidates: command.candidates.clone().map(BTreeSet::from_iter),
            reason: command.reason.clone(),
            by: actor.user().cloned(),
            newest_paper: row.newest_version,
        };
        let planned = plan(&wish, &view).map_err(|refused| explain(&refused, command.verb))?;
        let (later, later_facts) = after(&view, &planned);
        let change = answer(&planned, &later, now, command.dry_run);
        if command.dry_run || planned.changes.is_empty() {
            return Ok(Change { applied: false, ..change });
        }
        let response = serde_json::to_string(&change).map_err(Error::internal)?;
        let command_key =
            key.map(|(who, key, hash)| CommandKey { actor: who.clone(), key: key.clone(), request_hash: hash.clone(), response });
        let mut plan = self.as_plan(actor, &row, &planned, &later, &later_facts, command_key);
        plan.outage = mark(actor, command.verb, &planned, now);
        if let Some(id) = settles {
            self.settle_in(&mut plan, actor, room, id).await?;
        }
        self.commit(room, plan).await?;
        Ok(change)
    }

    /// Carries out what was planned, and tells of it.
    pub(crate) async fn commit(self: &Arc<Self>, room: &RoomId, plan: Plan) -> Result<()> {
        let (service, room): (Shared, RoomId) = (self.clone(), room.clone());
        self.show_after(async move { Ok(((), service.store.change_room(&room, &plan).await?)) }).await
    }

    fn as_plan(
        &self,
        actor: &Actor,
        row: &RoomRow,
        planned: &Planned,
        later: &RoomClock,
        facts: &BTreeMap<CandidateId, Facts>,
        command: Option<CommandKey>,
    ) -> Plan {
        let now = self.now();
        let rev = planned.changes.last().map_or(row.rev, |c| c.rev);
        let mut plan = Plan { from_rev: row.rev, changes: planned.changes.clone(), command, ..Plan::default() };
        for change in &planned.changes {
            plan.events.push(self.event(&row.id, None, actor, clock_changed(change)));
        }
        for (id, at) in &planned.begun {
            let event = self.event(&row.id, Some(id), actor, Body::CandidateBegan { begun_ms: *at });
            plan.candidates.push((id.clone(), CandidateFact::Begun(*at), vec![event]));
        }
        for (id, ended) in &planned.ended {
            let event = self.event(&row.id, Some(id), actor, Body::ended(*ended));
            plan.candidates.push((id.clone(), CandidateFact::Ended { ended: *ended, on_rev: row.rev }, vec![event]));
        }
        for id in &planned.reopened {
            let event = self.event(&row.id, Some(id), actor, Body::CandidateReopened { rev });
            plan.candidates.push((id.clone(), CandidateFact::Reopened, vec![event]));
        }
        for id in touched(planned) {
            plan.candidates.push((id, CandidateFact::Touched, Vec::new()));
        }
        if planned.over == Some(true) {
            plan.events.push(self.event(&row.id, None, actor, Body::RoomEnded));
        }
        plan.room = room_facts(planned, later, row, now);
        plan.next_due_ms = next_due(later, facts, now);
        plan
    }
}

fn check(c: &Command) -> Result<()> {
    let (Verb::Extend(ms) | Verb::Credit(ms) | Verb::Reopen(ms)) = c.verb else {
        if let Verb::Accommodate(bp) = c.verb {
            in_range("multiplier_bp", bp, 5_000, 50_000)?;
        }
        return check_reason(c);
    };
    let min = if matches!(c.verb, Verb::Reopen(_)) { 0 } else { -limits::CHANGE_SECONDS_MAX };
    in_range("seconds", ms / 1000, min, limits::CHANGE_SECONDS_MAX)?;
    if ms == 0 && !matches!(c.verb, Verb::Reopen(_)) {
        return Err(Error::field("seconds", "zero"));
    }
    if c.verb.word().needs_key() && c.key.is_none() && !c.dry_run {
        return Err(Code::KeyRequired.into());
    }
    check_reason(c)
}

fn check_reason(c: &Command) -> Result<()> {
    if matches!(c.verb, Verb::Terminate | Verb::Reopen(_)) && c.reason.code.is_empty() {
        return Err(Code::ReasonRequired.into());
    }
    if c.reason.code.len() > 60 || c.reason.text.chars().count() > 500 {
        return Err(Error::field("reason", "too_long"));
    }
    if c.candidates.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::field("candidates", "empty"));
    }
    Ok(())
}

/// (actor, key, digest of the request); a repeat has to be the same request.
fn command_key(actor: &Actor, room: &RoomId, c: &Command) -> Option<(String, String, String)> {
    let key = c.key.clone().filter(|_| !c.dry_run)?;
    let who = actor.user().map_or_else(|| "server".to_owned(), ToString::to_string);
    let request = format!("{room}|{:?}|{:?}|{:?}|{:?}", c.verb, c.candidates, c.reason, c.expected_rev);
    Some((who, key, value_hash(&request)))
}

fn explain(refused: &Refused, verb: Verb) -> Error {
    match refused {
        Refused::Phase(phase) => {
            let allowed: Vec<&str> = verb.word().allowed().iter().map(|p| p.as_str()).collect();
            phase_conflict(phase.as_str(), &allowed)
        }
        Refused::PaperEmpty => Code::PaperEmpty.into(),
        Refused::NoTimeLeft(ids) => Error::from(Code::NoTimeLeft).arg("count", ids.len()).state(json!({ "candidates": ids })),
        Refused::NotRevertible => Code::NotRevertible.into(),
        Refused::CandidatesNeeded => Error::field("candidates", "required"),
    }
}

fn answer(planned: &Planned, later: &RoomClock, now: Ms, dry_run: bool) -> Change {
    let line = |a: &crate::domain::control::Affected| {
        let (outcome, code) = match a.fate {
            Fate::Applied => ("applied", None),
            Fate::Unchanged => ("unchanged", None),
            Fate::WrongPhase => ("refused", Some(Code::PhaseConflict)),
            Fate::NoTimeLeft => ("refused", Some(Code::NoTimeLeft)),
            Fate::NotFound => ("refused", Some(Code::NotFound)),
        };
        Line {
            candidate: a.candidate.clone(),
            outcome: outcome.to_owned(),
            code: code.map(|c| c.as_str().to_owned()),
            before_ms: a.before_ms,
            after_ms: a.after_ms,
        }
    };
    Change {
        rev: later.rev,
        applied: !dry_run && !planned.changes.is_empty(),
        phase: later.phase(now).as_str().to_owned(),
        affected: planned.affected.iter().map(line).collect(),
    }
}

fn clock_changed(change: &crate::domain::clock::Change) -> Body {
    let seconds = match change.kind {
        Kind::Extend { ms } | Kind::Credit { ms } | Kind::Reopen { ms } => Some(ms / 1000),
        _ => None,
    };
    let candidates = match &change.targets {
        Targets::Room => None,
        Targets::Only(targets) => Some(targets.iter().map(|t| t.candidate.clone()).collect()),
    };
    Body::ClockChanged { rev: change.rev, change: change.kind.name().to_owned(), seconds, candidates }
}

/// Of an outage: that it has been given back, and by which entry.
fn mark(actor: &Actor, verb: Verb, planned: &Planned, now: Ms) -> Option<Mark> {
    let Verb::Outage(gap) = verb else { return None };
    let state = if *actor == Actor::Server { OutageState::Given } else { OutageState::Accepted };
    let rev = planned.changes.first().map(|change| change.rev);
    Some(Mark { after_ms: gap.after_ms, state, rev, at_ms: now, by: actor.user().cloned() })
}

/// Candidates whose rows only take the new rev; a change for the whole room does that in one statement.
fn touched(planned: &Planned) -> Vec<CandidateId> {
    let known: BTreeSet<&CandidateId> = planned
        .ended
        .iter()
        .map(|(id, _)| id)
        .chain(planned.reopened.iter())
        .chain(planned.begun.iter().map(|(id, _)| id))
        .collect();
    let mut ids: Vec<CandidateId> = Vec::new();
    for change in &planned.changes {
        if let Targets::Only(targets) = &change.targets {
            ids.extend(targets.iter().map(|t| t.candidate.clone()).filter(|id| !known.contains(id)));
        }
    }
    ids
}

fn room_facts(planned: &Planned, later: &RoomClock, row: &RoomRow, now: Ms) -> RoomFacts {
    let paused = later.phase(now) == RoomPhase::Paused;
    RoomFacts {
        opened: planned.pin.map(|version| (now, version)),
        started_ms: planned.changes.iter().find(|c| c.kind == Kind::Start).map(|c| c.at_ms),
        paused_ms: Some(if paused { row.paused_ms.or(Some(now)) } else { None }),
        ended_ms: planned.over.map(|over| over.then_some(now)),
    }
}

/// When the sweep has to look at a room next: the schedule, the earliest deadline + grace, the end of entry; None: nothing is due.
pub(crate) fn next_due(clock: &RoomClock, facts: &BTreeMap<CandidateId, Facts>, now: Ms) -> Option<Ms> {
    if clock.ended_ms.is_some() {
        return None;
    }
    let Some(_) = clock.ledger.started_ms() else { return clock.scheduled_ms };
    let dues = facts.iter().filter_map(|(id, f)| clock.ledger.due_ms(&clock.terms, id, f, now));
    dues.chain(clock.ledger.entry_closes_ms(&clock.terms).filter(|at| *at > now)).min()
}
