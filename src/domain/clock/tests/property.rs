//! The same clock by another road: a walk that looks at every millisecond and counts those that are worked.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// Stories happen in this many milliseconds; the walk goes on long enough for everything they can add.
const STORY: Ms = 160;
const HORIZON: Ms = 1_200;

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) terms: Terms,
    pub(super) facts: Facts,
    pub(super) changes: Vec<Change>,
}

/// A set of milliseconds of the horizon.
#[derive(Debug)]
struct Times(Vec<bool>);

impl Default for Times {
    fn default() -> Self {
        Self((0..HORIZON).map(|_| false).collect())
    }
}

impl Times {
    fn has(&self, t: Ms) -> bool {
        usize::try_from(t).is_ok_and(|t| self.0.get(t) == Some(&true))
    }
    fn add(&mut self, times: std::ops::Range<Ms>) {
        times.for_each(|t| self.0[usize::try_from(t).unwrap()] = true);
    }
}

/// What a walk finds.
#[derive(Debug, Default)]
struct Walk {
    allowance: Ms,
    deadline: Option<Ms>,
    room: Times,
    own: Times,
    outage: Times,
    gap: Times,
}

impl Walk {
    fn paused(&self, t: Ms) -> bool {
        self.room.has(t) || self.own.has(t)
    }
    fn removed(&self, t: Ms) -> bool {
        self.paused(t) || self.outage.has(t) || self.gap.has(t)
    }
}

/// By its definition: a change holds unless some later revert that itself holds names it.
pub(super) fn holds(changes: &[Change], at: usize) -> bool {
    let later = (at + 1)..changes.len();
    !later.into_iter().any(|i| matches!(changes[i].kind, Kind::Revert { rev } if rev == changes[at].rev) && holds(changes, i))
}

/// One scope's pauses as a switch thrown forwards in time: off, on, or on until an instant.
fn switch(mine: &[&Change], scope: impl Fn(&Targets) -> bool) -> Times {
    let mut until: Option<Ms> = None;
    let mut on = Times::default();
    for t in 0..HORIZON {
        for change in mine.iter().filter(|change| change.at_ms == t && scope(&change.targets)) {
            match change.kind {
                Kind::Pause => until = Some(Ms::MAX),
                Kind::Resume { at_ms } if until.is_some_and(|end| end > t) => until = Some(at_ms),
                _ => {}
            }
        }
        if until.is_some_and(|end| t < end) {
            on.add(t..t + 1);
        }
    }
    on
}

fn walk(case: &Case) -> Walk {
    let held = (0..case.changes.len()).filter(|i| holds(&case.changes, *i)).map(|i| &case.changes[i]);
    let mine: Vec<&Change> = held.filter(|change| change.targets.includes(&ada())).collect();
    let (mut bp, mut more, mut walk) = (case.facts.multiplier_bp, 0, Walk::default());
    for change in &mine {
        match change.kind {
            Kind::Accommodate { multiplier_bp } => bp = multiplier_bp,
            Kind::Extend { ms } | Kind::Credit { ms } => more += ms,
            Kind::Outage { from_ms, to_ms } => walk.outage.add(from_ms..to_ms),
            Kind::Reopen { ms } => {
                more += ms;
                let from = change.targets.own(&ada()).and_then(|target| target.from_ms).unwrap_or(change.at_ms);
                walk.gap.add(from..change.at_ms);
            }
            _ => {}
        }
    }
    let whole_and_half = 2 * case.terms.base_ms * bp + WHOLE_BP;
    walk.allowance = whole_and_half / (2 * WHOLE_BP) + more;
    walk.room = switch(&mine, |targets| *targets == Targets::Room);
    walk.own = switch(&mine, |targets| *targets != Targets::Room);
    walk.deadline = deadline(&walk, case, &mine);
    walk
}

fn deadline(walk: &Walk, case: &Case, mine: &[&Change]) -> Option<Ms> {
    let begin = case.facts.begun_ms.unwrap();
    let cap = case.terms.window.filter(|window| window.hard).map_or(Ms::MAX, |window| window.ends_ms);
    if walk.allowance <= 0 || cap <= begin {
        return Some((begin + walk.allowance).min(cap));
    }
    let unanswered = |pause: &Change| {
        let resumed = |change: &&Change| {
            matches!(change.kind, Kind::Resume { .. })
                && change.rev > pause.rev
                && (change.targets == Targets::Room) == (pause.targets == Targets::Room)
        };
        pause.kind == Kind::Pause && !mine.iter().any(resumed)
    };
    let open = mine.iter().filter(|change| unanswered(change)).map(|change| change.at_ms).min().unwrap_or(Ms::MAX);
    let mut worked = 0;
    for t in begin..HORIZON {
        if worked == walk.allowance || t == cap {
            return Some(t);
        }
        if t >= open {
            return None;
        }
        worked += Ms::from(!walk.removed(t));
    }
    panic!("the walk found no end")
}

/// What happens next: after how long, what, and two numbers for it.
type Step = (Ms, u8, Ms, Ms);

fn step() -> impl Strategy<Value = Step> {
    (0..14_i64, 0..16_u8, 0..40_i64, 0..30_i64)
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let window = prop_oneof![Just(None), (20..120_i64, any::<bool>()).prop_map(Some)];
    let factor = prop_oneof![Just(10_000_i64), Just(12_500), Just(13_333), Just(5_000), Just(15_000)];
    (10..70_i64, 0..6_i64, 0..30_i64, factor, window, proptest::collection::vec(step(), 1..12)).prop_map(build)
}

type Parts = (Ms, Ms, Ms, i64, Option<(Ms, bool)>, Vec<Step>);

fn build((base_ms, grace_ms, begin, factor, window, steps): Parts) -> Case {
    let window = window.map(|(ends_ms, hard)| Window { ends_ms, hard });
    let terms = Terms { base_ms, grace_ms, timing: Timing::OnEntry, late_entry_ms: None, window };
    let facts = Facts { joined_ms: Some(0), begun_ms: Some(begin), ended: None, multiplier_bp: factor };
    let mut changes = vec![change(1, 0, Kind::Open, Targets::Room), change(2, 0, Kind::Start, Targets::Room)];
    let mut t = 10;
    for (rev, (wait, what, a, b)) in (3..).zip(steps) {
        t += wait;
        let all = Targets::Room;
        let (kind, targets) = match what {
            0 => (Kind::Pause, all),
            1..=3 => (Kind::Resume { at_ms: t + (a - 25).max(0) }, all),
            4 => (Kind::Pause, only("ada", None)),
            5 => (Kind::Resume { at_ms: t + (a - 25).max(0) }, only("ada", None)),
            6 => (Kind::Pause, only("eve", None)),
            7 => (Kind::Extend { ms: a - 12 }, all),
            8 => (Kind::Credit { ms: a - 12 }, only("ada", None)),
            9 => (Kind::Accommodate { multiplier_bp: 10_000 + a * 100 }, only("ada", None)),
            10..=12 => {
                let targets = if what == 12 { only("ada", None) } else { all };
                (Kind::Outage { from_ms: (t - b).max(0), to_ms: (t - b).max(0) + a }, targets)
            }
            13 => (Kind::Reopen { ms: a / 4 }, only("ada", Some((t - b).max(begin)))),
            _ => (Kind::Revert { rev: rev - 1 - a % (rev - 1).min(4) }, all),
        };
        // Open and start hold: a room that never started has no clock to compare.
        let kind = if matches!(kind, Kind::Revert { rev } if rev < 3) { Kind::Terminate } else { kind };
        changes.push(change(rev, t, kind, targets));
    }
    Case { terms, facts, changes }
}

pub(super) fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(512);
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn check_clock(case: &Case) -> Result<(), TestCaseError> {
    let (walk, ledger) = (walk(case), Ledger::new(case.changes.clone()));
    let begin = case.facts.begun_ms.unwrap();
    let hard = case.terms.window.is_some_and(|window| window.hard);
    let clock_at = |now: Ms| ledger.clock(&case.terms, None, &ada(), &case.facts, now);
    let clock = clock_at(STORY);
    prop_assert_eq!(clock.deadline_ms, walk.deadline);
    let of_time_begun = |term: &Term| term.from_ms.is_none_or(|from| from >= begin && term.to_ms.is_none_or(|to| to > from));
    prop_assert!(clock.explain.iter().all(of_time_begun), "an interval that does not concern the candidate");
    let mut revs: Vec<i64> = clock.explain.iter().filter_map(|term| term.rev).collect();
    prop_assert!(revs.iter().all(|rev| ledger.effective().any(|change| change.rev == *rev)));
    revs.sort_unstable();
    let named = revs.len();
    revs.dedup();
    prop_assert_eq!(revs.len(), named, "an entry is explained twice");
    if let Some(deadline) = walk.deadline {
        prop_assert_eq!(clock.explain.iter().map(|term| term.ms).sum::<Ms>(), deadline - begin);
    }
    let stands = (0..HORIZON).rev().find(|t| !walk.removed(*t)).map_or(0, |last| last + 1);
    let mut before: Option<Clock> = None;
    for now in begin..STORY + 90 {
        let clock = clock_at(now);
        let left = clock.remaining_ms.unwrap();
        prop_assert!(left >= 0);
        match (clock.phase, walk.deadline) {
            (Phase::Working, deadline) => prop_assert_eq!(Some(left), deadline.map(|deadline| (deadline - now).max(0))),
            (Phase::Paused, Some(deadline)) => {
                prop_assert!(walk.paused(now));
                let resumes = (now..HORIZON).find(|t| !walk.paused(*t)).unwrap_or(HORIZON);
                prop_assert_eq!(left, (deadline - resumes).max(0));
            }
            (Phase::Paused, None) if !hard && now >= stands => {
                let worked: Ms = (begin..now).map(|t| Ms::from(!walk.removed(t))).sum();
                prop_assert_eq!(left, walk.allowance - worked);
            }
            (Phase::Paused, None) => {}
            _ => prop_assert!(false, "phase {:?}", clock.phase),
        }
        if let Some(before) = before.filter(|before| !hard && before.phase == Phase::Paused && clock.phase == Phase::Paused) {
            prop_assert_eq!(before.remaining_ms.unwrap(), left, "it moved while paused");
            prop_assert_eq!(&before.explain, &clock.explain);
        }
        before = Some(clock);
    }
    Ok(())
}

fn check_verdicts(case: &Case) -> Result<(), TestCaseError> {
    let (walk, ledger) = (walk(case), Ledger::new(case.changes.clone()));
    let begin = case.facts.begun_ms.unwrap();
    for received in 0..STORY + 90 {
        let verdict = ledger.judge(&case.terms, &ada(), &case.facts, received, STORY * 2);
        let expected = match walk.deadline {
            _ if received < begin => Verdict::out(Why::NotRunning),
            // A gap has its own rule, told in examples; and an end just there is no part of the gap.
            _ if walk.gap.has(received) || walk.gap.has(received - 1) => continue,
            // A pause under a hard window marks on; told in examples too.
            Some(deadline) if received >= deadline && walk.paused(deadline) => continue,
            None if walk.paused(received) => Verdict::marked(Why::Paused),
            Some(deadline) if received < deadline && walk.paused(received) => Verdict::marked(Why::Paused),
            None => Verdict::PLAIN,
            Some(deadline) if received <= deadline => Verdict::PLAIN,
            Some(deadline) if received <= deadline + case.terms.grace_ms => Verdict::marked(Why::Grace),
            Some(_) => Verdict::out(Why::Late),
        };
        prop_assert_eq!(verdict, expected, "received {} of {:?}", received, walk.deadline);
    }
    Ok(())
}

fn check_extension(case: &Case, ms: Ms, end: Option<(Ms, u8)>) -> Result<(), TestCaseError> {
    let before = Ledger::new(case.changes.clone());
    let mut after = before.clone();
    let extension = |rev| change(rev, STORY, Kind::Extend { ms }, Targets::Room);
    prop_assert!(!after.push(extension(before.rev())));
    prop_assert!(after.push(extension(before.rev() + 1)));
    prop_assert!(after.candidate_rev(&ada()) > before.candidate_rev(&ada()));
    let deadline = before.clock(&case.terms, None, &ada(), &case.facts, STORY).deadline_ms;
    let ended = end.map(|(at_ms, by)| match (by, deadline) {
        (0, Some(deadline)) => Ended { at_ms: deadline, by: EndedBy::Deadline },
        (1, _) => Ended { at_ms, by: EndedBy::Invigilator },
        _ => Ended { at_ms, by: EndedBy::Candidate },
    });
    let facts = Facts { ended, ..case.facts };
    for received in 0..STORY + 90 {
        let judged = |ledger: &Ledger| ledger.judge(&case.terms, &ada(), &facts, received, STORY * 2);
        prop_assert!(!judged(&before).counts || judged(&after).counts, "received {}", received);
    }
    Ok(())
}

fn check_counted(case: &Case, from: Ms, to: Ms) -> Result<(), TestCaseError> {
    let walk = walk(case);
    let counted = Ledger::new(case.changes.clone()).counted_ms(&ada(), from, to);
    prop_assert_eq!(counted, (from..to).map(|t| Ms::from(!walk.removed(t))).sum::<Ms>());
    Ok(())
}

#[test]
fn what_counts_of_a_time_agrees_with_the_walk() {
    let input = (case(), 0..STORY, 0..STORY);
    TestRunner::new(config()).run(&input, |(case, from, to)| check_counted(&case, from, to)).unwrap();
}

#[test]
fn the_clock_agrees_with_a_walk_through_every_millisecond() {
    TestRunner::new(config()).run(&case(), |case| check_clock(&case)).unwrap();
}

#[test]
fn verdicts_agree_with_the_walk() {
    TestRunner::new(config()).run(&case(), |case| check_verdicts(&case)).unwrap();
}

#[test]
fn a_later_extension_takes_no_answer_away() {
    let input = (case(), 0..60_i64, proptest::option::of((0..STORY, 0..3_u8)));
    TestRunner::new(config()).run(&input, |(case, ms, end)| check_extension(&case, ms, end)).unwrap();
}

/// A property over cases that never overlap would prove nothing: each class is at least 5 % of what is generated.
#[test]
fn the_cases_hold_every_kind_of_overlap() {
    const CASES: usize = 600;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for _ in 0..CASES {
        let case = case().new_tree(&mut runner).unwrap().current();
        let walk = walk(&case);
        let begin = case.facts.begun_ms.unwrap();
        let clock = Ledger::new(case.changes.clone()).clock(&case.terms, None, &ada(), &case.facts, STORY);
        let spans = || clock.explain.iter().filter(|term| term.from_ms.is_some());
        let some = |test: &dyn Fn(Ms) -> bool| (begin..HORIZON).any(test);
        let outages = spans().filter(|term| term.kind == TermKind::Outage);
        let outages: Vec<(Ms, Ms)> = outages.filter_map(|term| term.from_ms.zip(term.to_ms)).collect();
        let twice = outages.iter().enumerate().any(|(n, a)| outages[..n].iter().any(|b| a.0 < b.1 && b.0 < a.1));
        let own = |change: &Change| matches!(change.kind, Kind::Outage { .. }) && change.targets != Targets::Room;
        let classes = [
            ("two outages", twice),
            ("own outage", case.changes.iter().any(own)),
            ("pause and outage", some(&|t| walk.outage.has(t) && walk.paused(t))),
            ("room and own pause", some(&|t| walk.room.has(t) && walk.own.has(t))),
            ("gap and another", some(&|t| walk.gap.has(t) && (walk.paused(t) || walk.outage.has(t)))),
            ("wholly covered", walk.deadline.is_some() && spans().any(|term| term.kind != TermKind::Reopened && term.ms == 0)),
            ("cut at the begin", spans().any(|term| term.from_ms == Some(begin))),
            ("over the end", spans().any(|term| term.to_ms.is_some_and(|to| to >= begin + walk.allowance))),
            ("after the deadline", walk.deadline.is_some_and(|end| (end..HORIZON).any(|t| walk.removed(t)))),
            ("open pause", walk.deadline.is_none()),
            ("hard window", clock.explain.iter().any(|term| term.kind == TermKind::Window)),
            ("reverted", case.changes.iter().any(|change| Ledger::new(case.changes.clone()).is_reverted(change.rev))),
        ];
        for (class, holds) in classes {
            *seen.entry(class).or_default() += usize::from(holds);
        }
    }
    for (class, count) in seen {
        assert!(count * 20 >= CASES, "{class}: {count} of {CASES}");
    }
}
