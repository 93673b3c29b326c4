//! The verbs of a room. `plan` turns a wish into ledger entries, facts and a preview per candidate, or says why not. Pure: a dry run is
//! the same call without the transaction after it.

mod matrix;
mod outage;

use std::collections::{BTreeMap, BTreeSet};

use super::Ms;
use super::clock::{Change, Ended, EndedBy, Facts, Kind, Reason, RoomPhase, Target, Targets, Timing};
use super::ids::{CandidateId, UserId};
use super::status::RoomClock;
pub use matrix::{Care, Standing, Word, stands};
pub use outage::Gap;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Open the waiting room and pin the paper.
    Open,
    /// Start time.
    Start,
    /// Stop time.
    Pause,
    /// Let time run again, at once or at a given instant.
    Resume(Option<Ms>),
    /// Give or take time, ms.
    Extend(Ms),
    /// Give back time, ms.
    Credit(Ms),
    /// Another factor on the base, basis points.
    Accommodate(i64),
    /// End the room.
    End {
        /// Those with individual extra time keep their deadline.
        spare: bool,
    },
    /// End candidates.
    Terminate,
    /// Let candidates work again, with ms on top.
    Reopen(Ms),
    /// Cancel an earlier change.
    Revert(i64),
    /// Give back a time in which no node was alive, to those named who were working.
    Outage(Gap),
}

/// A wish.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What.
    pub verb: Verb,
    /// Whom; None: the room.
    pub candidates: Option<BTreeSet<CandidateId>>,
    /// Why.
    pub reason: Reason,
    /// By whom; None: the server.
    pub by: Option<UserId>,
    /// The newest paper, for `Open` and `Start`; 0: none.
    pub newest_paper: i64,
}

/// What the room looks like.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its time.
    pub clock: &'a RoomClock,
    /// Its candidates.
    pub facts: &'a BTreeMap<CandidateId, Facts>,
    /// Those connected now.
    pub connected: &'a BTreeSet<CandidateId>,
    /// Trusted time.
    pub now: Ms,
}

/// What becomes of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The change is for it.
    Applied,
    /// It is so already.
    Unchanged,
    /// Not possible in its phase.
    WrongPhase,
    /// It would have less than no time.
    NoTimeLeft,
    /// No such candidate in this room.
    NotFound,
}

/// One line of the preview. Deadlines in Unix ms; None while there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Who.
    pub candidate: CandidateId,
    /// What becomes of it.
    pub fate: Fate,
    /// Deadline before.
    pub before_ms: Option<Ms>,
    /// Deadline after.
    pub after_ms: Option<Ms>,
}

/// What a wish comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planned {
    /// Entries for the ledger; none: nothing to do.
    pub changes: Vec<Change>,
    /// The room opens: this paper version is pinned.
    pub pin: Option<i64>,
    /// Candidates whose time begins, and when.
    pub begun: Vec<(CandidateId, Ms)>,
    /// Candidates who end.
    pub ended: Vec<(CandidateId, Ended)>,
    /// Candidates who work again.
    pub reopened: Vec<CandidateId>,
    /// The room is over (true) or runs again (false).
    pub over: Option<bool>,
    /// One line a candidate.
    pub affected: Vec<Affected>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Not in this phase.
    Phase(RoomPhase),
    /// There is no paper to pin.
    PaperEmpty,
    /// Somebody would have less than no time; these.
    NoTimeLeft(Vec<CandidateId>),
    /// No such change, or one that cannot be taken back.
    NotRevertible,
    /// This verb names candidates.
    CandidatesNeeded,
}

/// Turns a wish into what has to be done.
pub fn plan(wish: &Wish, view: &View<'_>) -> Result<Planned, Refused> {
    let phase = view.clock.phase(view.now);
    let word = wish.verb.word();
    if !word.allowed().contains(&phase) {
        return Err(Refused::Phase(phase));
    }
    if word.needs_candidates() && wish.candidates.is_none() {
        return Err(Refused::CandidatesNeeded);
    }
    let mut planned = match wish.verb {
        Verb::Open => open(wish, view, phase)?,
        Verb::Start => start(wish, view, phase)?,
        Verb::End { spare } => end(wish, view, phase, spare),
        Verb::Revert(rev) => revert(wish, view, rev)?,
        Verb::Outage(gap) => outage::plan(wish, view, gap),
        _ if wish.candidates.is_some() => selection(wish, view),
        _ => whole_room(wish, view, phase),
    };
    preview(wish, view, &mut planned);
    check_time(&planned)?;
    Ok(planned)
}

fn entry(wish: &Wish, view: &View<'_>, offset: i64, kind: Kind, targets: Targets) -> Change {
    let rev = view.clock.rev.max(view.clock.ledger.rev()) + offset;
    Change { rev, at_ms: view.now, kind, targets, reason: wish.reason.clone(), by: wish.by.clone() }
}

fn open(wish: &Wish, view: &View<'_>, phase: RoomPhase) -> Result<Planned, Refused> {
    if phase == RoomPhase::Open {
        return Ok(Planned::default());
    }
    if wish.newest_paper == 0 {
        return Err(Refused::PaperEmpty);
    }
    let changes = vec![entry(wish, view, 1, Kind::Open, Targets::Room)];
    Ok(Planned { changes, pin: Some(wish.newest_paper), ..Planned::default() })
}

/// The start of a scheduled room opens it first. Time begins for whoever has joined (`with_room`) or is connected (`on_entry`).
fn start(wish: &Wish, view: &View<'_>, phase: RoomPhase) -> Result<Planned, Refused> {
    if phase == RoomPhase::Running {
        return Ok(Planned::default());
    }
    let mut planned = if phase == RoomPhase::Scheduled { open(wish, view, phase)? } else { Planned::default() };
    let offset = i64::try_from(planned.changes.len()).unwrap_or(0) + 1;
    planned.changes.push(entry(wish, view, offset, Kind::Start, Targets::Room));
    let with_room = view.clock.terms.timing == Timing::WithRoom;
    for (id, facts) in view.facts {
        let here = facts.joined_ms.is_some() && (with_room || view.connected.contains(id));
        if here && facts.begun_ms.is_none() && facts.ended.is_none() {
            planned.begun.push((id.clone(), view.now));
        }
    }
    Ok(planned)
}

/// Ends at once all who have begun, or all of them without individual extra time; the room is over when nobody is left.
fn end(wish: &Wish, view: &View<'_>, phase: RoomPhase, spare: bool) -> Planned {
    if phase == RoomPhase::Ended {
        return Planned::default();
    }
    let mut planned = Planned { changes: vec![entry(wish, view, 1, Kind::End { spare }, Targets::Room)], ..Planned::default() };
    let mut left = false;
    for (id, facts) in view.facts.iter().filter(|(_, f)| f.begun_ms.is_some() && f.ended.is_none()) {
        if spare && view.clock.ledger.has_individual_time(id, facts) {
            left = true;
        } else {
            planned.ended.push((id.clone(), Ended { at_ms: view.now, by: EndedBy::Invigilator }));
        }
    }
    planned.over = (!left).then_some(true);
    planned
}

fn revert(wish: &Wish, view: &View<'_>, rev: i64) -> Result<Planned, Refused> {
    let ledger = &view.clock.ledger;
    let Some(change) = ledger.change(rev) else { return Err(Refused::NotRevertible) };
    if ledger.is_reverted(rev) {
        return Ok(Planned::default());
    }
    match change.kind {
        Kind::Extend { .. }
        | Kind::Credit { .. }
        | Kind::Accommodate { .. }
        | Kind::Pause
        | Kind::Resume { .. }
        | Kind::Outage { .. }
        | Kind::Revert { .. } => {
            let changes = vec![entry(wish, view, 1, Kind::Revert { rev }, change.targets.clone())];
            Ok(Planned { changes, ..Planned::default() })
        }
        Kind::Open | Kind::Start | Kind::End { .. } | Kind::Terminate | Kind::Reopen { .. } => Err(Refused::NotRevertible),
    }
}

/// The ledger entry of a verb that only moves time.
fn kind_of(verb: Verb, now: Ms) -> Kind {
    match verb {
        Verb::Resume(at) => Kind::Resume { at_ms: at.unwrap_or(now).max(now) },
        Verb::Extend(ms) => Kind::Extend { ms },
        Verb::Credit(ms) => Kind::Credit { ms },
        Verb::Accommodate(multiplier_bp) => Kind::Accommodate { multiplier_bp },
        Verb::Terminate => Kind::Terminate,
        Verb::Reopen(ms) => Kind::Reopen { ms },
        _ => Kind::Pause,
    }
}

fn whole_room(wish: &Wish, view: &View<'_>, phase: RoomPhase) -> Planned {
    let idle = stands(wish.verb.word(), phase, None) == Standing::Already && !matches!(wish.verb, Verb::Resume(Some(_)));
    let changes = if idle { Vec::new() } else { vec![entry(wish, view, 1, kind_of(wish.verb, view.now), Targets::Room)] };
    Planned { changes, ..Planned::default() }
}

fn selection(wish: &Wish, view: &View<'_>) -> Planned {
    let mut planned = Planned::default();
    let mut targets = Vec::new();
    for id in wish.candidates.iter().flatten() {
        let fate = view.facts.get(id).map_or(Fate::NotFound, |facts| fate_of(wish.verb, view, id, facts));
        planned.affected.push(Affected { candidate: id.clone(), fate, before_ms: None, after_ms: None });
        if fate != Fate::Applied {
            continue;
        }
        let ended = view.facts.get(id).and_then(|f| f.ended);
        let from_ms = if matches!(wish.verb, Verb::Reopen(_)) { ended.map(|e| e.at_ms) } else { None };
        targets.push(Target { candidate: id.clone(), from_ms });
        match wish.verb {
            Verb::Terminate => planned.ended.push((id.clone(), Ended { at_ms: view.now, by: EndedBy::Invigilator })),
            Verb::Reopen(_) => planned.reopened.push(id.clone()),
            _ => {}
        }
    }
    if targets.is_empty() {
        return planned;
    }
    planned.changes = vec![entry(wish, view, 1, kind_of(wish.verb, view.now), Targets::Only(targets))];
    planned.over = (!planned.reopened.is_empty() && view.clock.ended_ms.is_some()).then_some(false);
    planned
}

fn fate_of(verb: Verb, view: &View<'_>, id: &CandidateId, facts: &Facts) -> Fate {
    let phase = view.clock.clock(id, facts, view.now).phase;
    match stands(verb.word(), view.clock.phase(view.now), Some(phase)) {
        Standing::Possible => Fate::Applied,
        Standing::Already => Fate::Unchanged,
        Standing::WrongPhase | Standing::NeedsCandidates | Standing::RoomOnly => Fate::WrongPhase,
    }
}

/// The room and its candidates as they will be.
pub fn after(view: &View<'_>, planned: &Planned) -> (RoomClock, BTreeMap<CandidateId, Facts>) {
    let mut room = view.clock.clone();
    for change in &planned.changes {
        room.rev = change.rev;
        room.ledger.push(change.clone());
    }
    match planned.over {
        Some(true) => room.ended_ms = Some(view.now),
        Some(false) => room.ended_ms = None,
        None => {}
    }
    let mut facts = view.facts.clone();
    for (id, at) in &planned.begun {
        facts.entry(id.clone()).and_modify(|f| f.begun_ms = Some(*at));
    }
    for (id, ended) in &planned.ended {
        facts.entry(id.clone()).and_modify(|f| f.ended = Some(*ended));
    }
    for id in &planned.reopened {
        facts.entry(id.clone()).and_modify(|f| f.ended = None);
    }
    (room, facts)
}

/// Fills in before and after; for the whole room one line for everyone who is touched.
fn preview(wish: &Wish, view: &View<'_>, planned: &mut Planned) {
    let (later, facts) = after(view, planned);
    if wish.candidates.is_none() {
        let touched = |id: &CandidateId| planned.changes.iter().any(|c| c.targets.includes(id));
        planned.affected = view
            .facts
            .iter()
            .filter(|(id, f)| touched(id) && (f.ended.is_none()))
            .map(|(id, _)| Affected { candidate: id.clone(), fate: Fate::Applied, before_ms: None, after_ms: None })
            .collect();
    }
    for line in &mut planned.affected {
        let Some(before) = view.facts.get(&line.candidate) else { continue };
        line.before_ms = view.clock.deadline_ms(&line.candidate, before);
        let Some(now) = facts.get(&line.candidate) else { continue };
        // Whoever ends by this has no deadline any more but an end.
        let ends = now.ended.filter(|_| before.ended.is_none());
        line.after_ms = ends.map_or_else(|| later.deadline_ms(&line.candidate, now), |ended| Some(ended.at_ms));
        let nothing_left = || later.clock(&line.candidate, now, view.now).remaining_ms == Some(0);
        let shorter = line.after_ms.is_some_and(|at| at < view.now) || (now.begun_ms.is_none() && nothing_left());
        let takes =
            matches!(wish.verb, Verb::Extend(_) | Verb::Credit(_) | Verb::Reopen(_) | Verb::Revert(_) | Verb::Accommodate(_));
        if takes && shorter && line.fate == Fate::Applied && now.ended.is_none() {
            line.fate = Fate::NoTimeLeft;
        }
    }
}

/// Nobody is driven below no time: the whole wish is refused and names whom it would hit.
fn check_time(planned: &Planned) -> Result<(), Refused> {
    let hit: Vec<CandidateId> =
        planned.affected.iter().filter(|a| a.fate == Fate::NoTimeLeft).map(|a| a.candidate.clone()).collect();
    if hit.is_empty() { Ok(()) } else { Err(Refused::NoTimeLeft(hit)) }
}

#[cfg(test)]
mod tests;
