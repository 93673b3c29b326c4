//! An outage given back: to whoever was working when it came.

use super::{Affected, Fate, Planned, View, Wish, entry};
use crate::domain::Ms;
use crate::domain::clock::{EndedBy, Facts, Kind, Phase, Target, Targets};
use crate::domain::ids::CandidateId;

/// A time in which no node was alive, Unix ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last beat before it, by which it is known.
    pub after_ms: Ms,
    /// The last sign of life: where it begins.
    pub from_ms: Ms,
    /// The first beat after it.
    pub to_ms: Ms,
}

impl Gap {
    /// How long it was.
    pub fn length_ms(&self) -> Ms {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// Removes the gap for those of the wish (the awake) who were working. If nobody who worked slept it is a change of the room, so that it
/// also holds entry open. Whoever was ended by a deadline since, because staff decide late, works again.
pub(super) fn plan(wish: &Wish, view: &View<'_>, gap: Gap) -> Planned {
    let worked = view.facts.iter().filter(|(id, facts)| was_working(view, id, facts, gap));
    let (awake, asleep): (Vec<_>, Vec<_>) =
        worked.partition(|(id, _)| wish.candidates.as_ref().is_none_or(|awake| awake.contains(*id)));
    if awake.is_empty() {
        return Planned::default();
    }
    let target = |(id, from_ms): (&CandidateId, Option<Ms>)| Target { candidate: id.clone(), from_ms };
    let everyone = awake.iter().map(|(id, _)| target((id, None))).collect();
    let targets = if asleep.is_empty() { Targets::Room } else { Targets::Only(everyone) };
    let kind = Kind::Outage { from_ms: gap.from_ms, to_ms: gap.to_ms };
    let mut planned = Planned { changes: vec![entry(wish, view, 1, kind, targets)], ..Planned::default() };
    let ended: Vec<Target> =
        awake.iter().filter_map(|(id, facts)| facts.ended.map(|ended| target((id, Some(ended.at_ms))))).collect();
    if !ended.is_empty() {
        planned.reopened = ended.iter().map(|target| target.candidate.clone()).collect();
        planned.over = view.clock.ended_ms.is_some().then_some(false);
        planned.changes.push(entry(wish, view, 2, Kind::Reopen { ms: 0 }, Targets::Only(ended)));
    }
    let line = |id: &CandidateId| Affected { candidate: id.clone(), fate: Fate::Applied, before_ms: None, after_ms: None };
    planned.affected = awake.iter().map(|(id, _)| line(id)).collect();
    planned
}

/// Time ran for the candidate at the end of the gap, and had not run out when it began. Nobody can pause in a gap, but a resume may
/// have been set for an instant within it.
fn was_working(view: &View<'_>, id: &CandidateId, facts: &Facts, gap: Gap) -> bool {
    let open = facts.ended.is_none_or(|ended| ended.by == EndedBy::Deadline && ended.at_ms > gap.from_ms);
    let begun = facts.begun_ms.is_some_and(|begun| begun < gap.to_ms);
    let clock = view.clock.clock(id, &Facts { ended: None, ..*facts }, gap.to_ms - 1);
    open && begun && clock.phase == Phase::Working && clock.deadline_ms.is_none_or(|deadline| deadline > gap.from_ms)
}
