//! Which entries an explanation names, told from what each is defined to do: every one that concerns the candidate once, no other.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::property::{Case, case, config, holds};
use super::*;

/// When a pause ends: every later resume of its scope that is given while it lasts names the instant.
fn end_of(pause: &Change, held: &[&Change]) -> Option<Ms> {
    let room = |change: &Change| change.targets == Targets::Room;
    let mut end = None;
    for resume in held.iter().filter(|change| change.rev > pause.rev && room(change) == room(pause)) {
        if let Kind::Resume { at_ms } = resume.kind
            && end.is_none_or(|end| end > resume.at_ms)
        {
            end = Some(at_ms.max(pause.at_ms));
        }
    }
    end
}

fn expected(case: &Case, reach: Ms) -> Vec<i64> {
    let begin = case.facts.begun_ms.unwrap();
    let held: Vec<&Change> = (0..case.changes.len()).filter(|i| holds(&case.changes, *i)).map(|i| &case.changes[i]).collect();
    let mine: Vec<&Change> = held.into_iter().filter(|change| change.targets.includes(&ada())).collect();
    let factor = mine.iter().rfind(|change| matches!(change.kind, Kind::Accommodate { .. })).map(|change| change.rev);
    let counts = |from: Ms, to: Option<Ms>| from.max(begin) < reach && to.is_none_or(|to| from.max(begin) < to);
    let named = |change: &&&Change| match change.kind {
        Kind::Extend { .. } | Kind::Credit { .. } | Kind::Reopen { .. } => true,
        Kind::Accommodate { .. } => Some(change.rev) == factor,
        Kind::Outage { from_ms, to_ms } => counts(from_ms, Some(to_ms)),
        Kind::Pause => counts(change.at_ms, end_of(change, &mine)),
        _ => false,
    };
    mine.iter().filter(named).map(|change| change.rev).collect()
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let clock = Ledger::new(case.changes.clone()).clock(&case.terms, None, &ada(), &case.facts, 0);
    let hard = case.terms.window.filter(|window| window.hard).map_or(Ms::MAX, |window| window.ends_ms);
    let mut named: Vec<i64> = clock.explain.iter().filter_map(|term| term.rev).collect();
    named.sort_unstable();
    prop_assert_eq!(named, expected(case, clock.deadline_ms.unwrap_or(hard)));
    Ok(())
}

#[test]
fn every_entry_that_concerns_the_candidate_is_explained_once() {
    TestRunner::new(config()).run(&case(), |case| check(&case)).unwrap();
}
