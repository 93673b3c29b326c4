//! The ledger itself: order, reverts, and which entries stop time for whom.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Change, Kind, RoomPhase, Targets, TermKind};
use crate::domain::Ms;
use crate::domain::ids::CandidateId;

/// A room's changes, sorted by rev.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Change>", into = "Vec<Change>")]
pub struct Ledger {
    changes: Vec<Change>,
    /// Revs that an effective revert cancels.
    cancelled: BTreeSet<i64>,
}

impl From<Vec<Change>> for Ledger {
    fn from(changes: Vec<Change>) -> Self {
        Self::new(changes)
    }
}

impl From<Ledger> for Vec<Change> {
    fn from(ledger: Ledger) -> Self {
        ledger.changes
    }
}

/// A time that one entry removes; open while `to` is none.
pub(super) struct Span<'a> {
    pub(super) change: &'a Change,
    pub(super) kind: TermKind,
    pub(super) from: Ms,
    pub(super) to: Option<Ms>,
}

impl Ledger {
    /// Takes the changes of one room in any order; of two with one rev the first stays.
    pub fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by_key(|change| change.rev);
        changes.dedup_by_key(|change| change.rev);
        let cancelled = cancelled(&changes);
        Self { changes, cancelled }
    }

    /// Every change, by rev.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The room's rev: that of the last change, 0 before the first.
    pub fn rev(&self) -> i64 {
        self.changes.last().map_or(0, |change| change.rev)
    }

    /// Appends a change if its rev is greater than the room's; says whether it did.
    pub fn push(&mut self, change: Change) -> bool {
        if change.rev <= self.rev() {
            return false;
        }
        let reverts = matches!(change.kind, Kind::Revert { .. });
        self.changes.push(change);
        if reverts {
            self.cancelled = cancelled(&self.changes);
        }
        true
    }

    /// The changes that no revert cancels, by rev.
    pub fn effective(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.changes.iter().filter(|change| !self.is_reverted(change.rev))
    }

    /// Whether a revert that holds cancels this change.
    pub fn is_reverted(&self, rev: i64) -> bool {
        self.cancelled.contains(&rev)
    }

    /// The change with this rev.
    pub fn change(&self, rev: i64) -> Option<&Change> {
        self.changes.binary_search_by_key(&rev, |change| change.rev).ok().and_then(|at| self.changes.get(at))
    }

    /// The ledger as it stood before this rev.
    #[must_use]
    pub fn before(&self, rev: i64) -> Self {
        Self::new(self.changes.iter().filter(|change| change.rev < rev).cloned().collect())
    }

    /// When the room started.
    pub fn started_ms(&self) -> Option<Ms> {
        self.effective().find(|change| change.kind == Kind::Start).map(|change| change.at_ms)
    }

    /// What the room is doing; `ended_ms` is the stored fact that it is over.
    pub fn room_phase(&self, now: Ms, ended_ms: Option<Ms>) -> RoomPhase {
        if ended_ms.is_some() {
            RoomPhase::Ended
        } else if self.started_ms().is_some() {
            let paused = self.pauses(None).iter().any(|span| span.to.is_none_or(|to| span.from <= now && now < to));
            if paused { RoomPhase::Paused } else { RoomPhase::Running }
        } else if self.effective().any(|change| change.kind == Kind::Open) {
            RoomPhase::Open
        } else {
            RoomPhase::Scheduled
        }
    }

    /// The candidate's rev: the last change that touches them, reverted or not.
    pub fn candidate_rev(&self, candidate: &CandidateId) -> i64 {
        self.changes.iter().rev().find(|change| self.touches(change, candidate)).map_or(0, |change| change.rev)
    }

    /// A revert touches also whom the reverted change touched.
    fn touches(&self, change: &Change, candidate: &CandidateId) -> bool {
        let mut change = change;
        loop {
            if change.targets.includes(candidate) {
                return true;
            }
            match change.kind {
                Kind::Revert { rev } if rev < change.rev => match self.change(rev) {
                    Some(reverted) => change = reverted,
                    None => return false,
                },
                _ => return false,
            }
        }
    }

    /// The effective changes for a candidate, or those for the whole room.
    pub(super) fn of(&self, who: Option<&CandidateId>) -> impl DoubleEndedIterator<Item = &Change> {
        self.effective().filter(move |change| match (&change.targets, who) {
            (Targets::Room, _) => true,
            (Targets::Only(_), Some(candidate)) => change.targets.includes(candidate),
            (Targets::Only(_), None) => false,
        })
    }

    /// Pauses for a candidate, or of the room alone. The room's resumes end the room's pauses, a candidate's own only their own.
    pub(super) fn pauses(&self, who: Option<&CandidateId>) -> Vec<Span<'_>> {
        let (mut room, mut own) = (Vec::new(), Vec::new());
        for change in self.of(who) {
            let scope = if change.targets == Targets::Room { &mut room } else { &mut own };
            match change.kind {
                Kind::Pause => scope.push(Span { change, kind: TermKind::Pause, from: change.at_ms, to: None }),
                Kind::Resume { at_ms } => {
                    for span in scope.iter_mut().filter(|span| span.to.is_none_or(|to| to > change.at_ms)) {
                        span.to = Some(at_ms.max(span.from));
                    }
                }
                _ => {}
            }
        }
        room.append(&mut own);
        room
    }

    /// How much of a time was the candidate's: without every removed interval, each millisecond once.
    pub fn counted_ms(&self, candidate: &CandidateId, from: Ms, to: Ms) -> Ms {
        // What began after `to`, or ended before `from`, is nothing between them.
        let between = |span: &Span<'_>| (span.from.max(from), span.to.unwrap_or(to).min(to));
        let mut spans: Vec<(Ms, Ms)> = self.spans(Some(candidate)).iter().map(between).filter(|(from, to)| from < to).collect();
        spans.sort_unstable();
        let (mut counted, mut at) = (0, from);
        for (start, end) in spans {
            counted += (start - at).max(0);
            at = at.max(end);
        }
        counted + (to - at).max(0)
    }

    /// What holds entry open: the room's removed intervals, and every outage, also where it was given back to some only: nobody could come
    /// in.
    pub(super) fn room_spans(&self) -> Vec<Span<'_>> {
        let mut spans = self.spans(None);
        for change in self.effective().filter(|change| change.targets != Targets::Room) {
            if let Kind::Outage { from_ms, to_ms } = change.kind {
                spans.push(Span { change, kind: TermKind::Outage, from: from_ms, to: Some(to_ms) });
            }
        }
        spans
    }

    /// Every removed interval for a candidate, or of the room alone, unclipped and unsorted.
    pub(super) fn spans(&self, who: Option<&CandidateId>) -> Vec<Span<'_>> {
        let mut spans = self.pauses(who);
        for change in self.of(who) {
            match change.kind {
                Kind::Outage { from_ms, to_ms } => {
                    spans.push(Span { change, kind: TermKind::Outage, from: from_ms, to: Some(to_ms) });
                }
                Kind::Reopen { .. } => {
                    let ended = who.and_then(|candidate| change.targets.own(candidate)).and_then(|target| target.from_ms);
                    if let Some(from) = ended {
                        spans.push(Span { change, kind: TermKind::Reopened, from, to: Some(change.at_ms) });
                    }
                }
                _ => {}
            }
        }
        spans
    }
}

/// From the last change backwards, so that a reverted revert reverts nothing.
fn cancelled(changes: &[Change]) -> BTreeSet<i64> {
    let mut cancelled = BTreeSet::new();
    for change in changes.iter().rev() {
        if let Kind::Revert { rev } = change.kind
            && rev < change.rev
            && !cancelled.contains(&change.rev)
        {
            cancelled.insert(rev);
        }
    }
    cancelled
}
