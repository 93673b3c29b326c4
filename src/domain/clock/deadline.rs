//! From ledger and facts to a deadline, its explanation and what is left.

use super::ledger::Span;
use super::{Change, Clock, EndedBy, Facts, Kind, Ledger, Phase, Term, TermKind, Terms, Timing, WHOLE_BP};
use crate::domain::Ms;
use crate::domain::ids::CandidateId;

/// Wide enough that no ledger of 64-bit values overflows it.
type Wide = i128;

/// One interval that moved the deadline, or is covered by one that did.
pub(super) struct Counted<'a> {
    pub(super) change: &'a Change,
    pub(super) kind: TermKind,
    pub(super) from: Ms,
    pub(super) to: Option<Ms>,
    /// The part no earlier interval covers.
    ms: Wide,
}

/// An allowance laid along the time line, around the intervals that are removed from it.
pub(super) struct Course<'a> {
    /// The end, had every open interval no length.
    end: Wide,
    /// Where work stopped for an interval that has no known end.
    stopped: Option<Wide>,
    /// At most this, if the window is hard.
    cap: Option<Ms>,
    pub(super) counted: Vec<Counted<'a>>,
}

impl<'a> Course<'a> {
    /// Lays `allowance` from `begin` on. Intervals are cut to `begin` and to `until`.
    pub(super) fn lay(mut spans: Vec<Span<'a>>, begin: Ms, allowance: Wide, cap: Option<Ms>, until: Option<Ms>) -> Self {
        for span in &mut spans {
            span.from = span.from.max(begin);
            span.to = span.to.into_iter().chain(until).min();
        }
        spans.retain(|span| span.to.is_none_or(|to| span.from < to));
        spans.sort_by_key(|span| (span.from, span.change.rev));
        let mut course = Self { end: Wide::from(begin) + allowance, stopped: None, cap, counted: Vec::new() };
        let mut covered = Wide::from(begin);
        for Span { change, kind, from, to } in spans {
            if course.reach().is_some_and(|reach| Wide::from(from) >= reach) {
                break;
            }
            let free = covered.max(Wide::from(from));
            let ms = match to {
                _ if course.stopped.is_some() => 0,
                None => {
                    course.stopped = Some(free);
                    0
                }
                Some(to) => (Wide::from(to) - free).max(0),
            };
            covered = free + ms;
            course.end += ms;
            course.counted.push(Counted { change, kind, from, to, ms });
        }
        course
    }

    /// The deadline as known so far; none if nothing bounds it.
    fn reach(&self) -> Option<Wide> {
        let end = if self.stopped.is_some() { None } else { Some(self.end) };
        end.into_iter().chain(self.cap.map(Wide::from)).min()
    }

    /// The deadline; none while an interval that counts is open.
    pub(super) fn deadline(&self) -> Option<Ms> {
        if self.stopped.is_some() { None } else { self.reach().map(narrow) }
    }

    /// Whether a pause that counts covers this instant.
    pub(super) fn pause_covers(&self, at: Ms) -> bool {
        self.pauses().any(|(from, to)| from <= at && to.is_none_or(|to| at < to))
    }

    /// Whether time stands still now. An open pause holds even if a node's clock is a little behind the one that recorded it.
    fn paused(&self, now: Ms) -> bool {
        self.stopped.is_some() || self.pause_covers(now)
    }

    fn pauses(&self) -> impl Iterator<Item = (Ms, Option<Ms>)> {
        self.counted.iter().filter(|counted| counted.kind == TermKind::Pause).map(|counted| (counted.from, counted.to))
    }

    /// What is left at `now`: behind a pause it is what will be left when the pause ends. Only a hard window goes on through a
    /// pause without a known end: nothing is promised that resuming now would not give.
    fn remaining(&self, now: Ms) -> Ms {
        let left = if let Some(stopped) = self.stopped {
            let window = self.cap.map(|cap| Wide::from(cap) - Wide::from(now));
            window.into_iter().chain([self.end - stopped]).min()
        } else {
            let resumes = self.pauses().fold(now, |at, (from, to)| match to {
                Some(to) if from <= at && at < to => to,
                _ => at,
            });
            self.reach().map(|reach| reach - Wide::from(resumes))
        };
        narrow(left.unwrap_or(0).max(0))
    }

    /// Completes the allowance's terms by what the intervals and the window did. A reopen has one term for its gap and its extra.
    fn explain(&self, mut terms: Vec<Term>) -> Vec<Term> {
        for counted in &self.counted {
            let from_ms = Some(counted.from);
            let reopened = terms.iter_mut().find(|term| term.rev == Some(counted.change.rev));
            if let Some(term) = reopened {
                (term.from_ms, term.to_ms) = (from_ms, counted.to);
                term.ms = narrow(Wide::from(term.ms) + counted.ms);
            } else {
                let term = Term::of(counted.kind, counted.ms, counted.change);
                terms.push(Term { from_ms, to_ms: counted.to, ..term });
            }
        }
        if let (Some(cap), None) = (self.cap, self.stopped)
            && self.end > Wide::from(cap)
        {
            terms.push(Term::bare(TermKind::Window, Wide::from(cap) - self.end));
        }
        terms
    }
}

impl Term {
    fn bare(kind: TermKind, ms: Wide) -> Self {
        Self { kind, ms: narrow(ms), rev: None, reason: None, multiplier_bp: None, from_ms: None, to_ms: None }
    }

    fn of(kind: TermKind, ms: Wide, change: &Change) -> Self {
        Self { rev: Some(change.rev), reason: Some(change.reason.clone()), ..Self::bare(kind, ms) }
    }
}

impl Terms {
    /// The instant no deadline may pass.
    pub(super) fn cap(&self) -> Option<Ms> {
        self.window.filter(|window| window.hard).map(|window| window.ends_ms)
    }
}

impl Ledger {
    /// The candidate's clock at `now`.
    pub fn clock(&self, terms: &Terms, scheduled_start: Option<Ms>, candidate: &CandidateId, facts: &Facts, now: Ms) -> Clock {
        let started = self.started_ms();
        let starts_ms = started.or(scheduled_start);
        let allowance = self.allowance(terms, Some(candidate), facts.multiplier_bp);
        let mut clock = Clock {
            rev: self.candidate_rev(candidate),
            phase: if facts.joined_ms.is_some() { Phase::Waiting } else { Phase::Expected },
            starts_ms,
            begun_ms: facts.begun_ms,
            ended: facts.ended,
            deadline_ms: None,
            remaining_ms: Some(0),
            explain: Vec::new(),
        };
        if let Some(course) = self.lay(terms, candidate, facts, &allowance) {
            clock.phase = if course.paused(now) { Phase::Paused } else { Phase::Working };
            clock.deadline_ms = course.deadline();
            clock.remaining_ms = Some(course.remaining(now));
            clock.explain = course.explain(allowance.explain());
        } else {
            let begin = match (terms.timing, started) {
                (Timing::WithRoom, Some(started)) => started,
                (Timing::OnEntry, Some(_)) => now,
                (_, None) => starts_ms.map_or(now, |starts| starts.max(now)),
            };
            let course = Course::lay(self.spans(Some(candidate)), begin, allowance.sum(), terms.cap(), None);
            clock.remaining_ms = Some(course.remaining(now.max(begin)));
            clock.explain = allowance.explain();
        }
        if facts.ended.is_some() {
            (clock.phase, clock.remaining_ms) = (Phase::Ended, Some(0));
        }
        clock
    }

    /// When the sweep ends this candidate: deadline + grace. None while that is not known, before time began and after the end.
    /// The instant of asking does not enter: a sweep that comes late finds the same deadline.
    pub fn due_ms(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts, _now: Ms) -> Option<Ms> {
        if facts.ended.is_some() {
            return None;
        }
        Some(self.deadline_ms(terms, candidate, facts)?.saturating_add(terms.grace_ms.max(0)))
    }

    /// The candidate's deadline alone, Unix ms. None while that is not known, and before time began.
    pub fn deadline_ms(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts) -> Option<Ms> {
        self.course(terms, candidate, facts)?.deadline()
    }

    /// The candidate's course; none before time began. What happens after a person ended the work moves it no more.
    pub(super) fn course(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts) -> Option<Course<'_>> {
        self.lay(terms, candidate, facts, &self.allowance(terms, Some(candidate), facts.multiplier_bp))
    }

    fn lay(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts, allowance: &Allowance<'_>) -> Option<Course<'_>> {
        let begin = facts.begun_ms?;
        let until = facts.ended.filter(|ended| ended.by != EndedBy::Deadline).map(|ended| ended.at_ms);
        Some(Course::lay(self.spans(Some(candidate)), begin, allowance.sum(), terms.cap(), until))
    }

    /// The factor on the base: the ledger's last, or else the roster's; never negative. With the change that set it.
    pub(super) fn multiplier(&self, who: Option<&CandidateId>, roster_bp: i64) -> (i64, Option<&Change>) {
        let set = self.of(who).rev().find_map(|change| match change.kind {
            Kind::Accommodate { multiplier_bp } => Some((multiplier_bp, Some(change))),
            _ => None,
        });
        let (bp, change) = set.unwrap_or((roster_bp, None));
        (bp.max(0), change)
    }

    /// What a candidate, or a plain one of the room, may work.
    pub(super) fn allowance(&self, terms: &Terms, who: Option<&CandidateId>, roster_bp: i64) -> Allowance<'_> {
        let base = Wide::from(terms.base_ms.max(0));
        let (bp, set_by) = self.multiplier(who, roster_bp);
        let given = self.of(who).filter_map(|change| match change.kind {
            Kind::Extend { ms } => Some((TermKind::Extension, ms, change)),
            Kind::Credit { ms } => Some((TermKind::Credit, ms, change)),
            Kind::Reopen { ms } => Some((TermKind::Reopened, ms, change)),
            _ => None,
        });
        Allowance { base, bp, set_by, given: given.collect() }
    }
}

/// base × multiplier, rounded half up, and what was given or taken.
pub(super) struct Allowance<'a> {
    base: Wide,
    bp: i64,
    /// The change that set the multiplier; None: the roster's.
    set_by: Option<&'a Change>,
    given: Vec<(TermKind, Ms, &'a Change)>,
}

impl Allowance<'_> {
    /// What the multiplier adds.
    fn more(&self) -> Wide {
        let whole = Wide::from(WHOLE_BP);
        (self.base * Wide::from(self.bp) + whole / 2) / whole - self.base
    }

    /// In all.
    pub(super) fn sum(&self) -> Wide {
        self.base + self.more() + self.given.iter().map(|(_, ms, _)| Wide::from(*ms)).sum::<Wide>()
    }

    /// Its terms, in the order in which they are told.
    fn explain(&self) -> Vec<Term> {
        let mut terms = vec![Term::bare(TermKind::Base, self.base)];
        if self.bp != WHOLE_BP || self.set_by.is_some() {
            let plain = Term::bare(TermKind::Multiplier, self.more());
            let term = self.set_by.map_or(plain, |change| Term::of(TermKind::Multiplier, self.more(), change));
            terms.push(Term { multiplier_bp: Some(self.bp), ..term });
        }
        terms.extend(self.given.iter().map(|(kind, ms, change)| Term::of(*kind, Wide::from(*ms), change)));
        terms
    }
}

/// Clamps to 64 bits: an absurd ledger gives an absurd deadline, never a wrapped one.
fn narrow(wide: Wide) -> Ms {
    Ms::try_from(wide).unwrap_or(if wide < 0 { Ms::MIN } else { Ms::MAX })
}
