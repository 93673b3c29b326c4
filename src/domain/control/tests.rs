use super::*;
use crate::domain::clock::{Ledger, Terms, WHOLE_BP};
use crate::domain::ids::{ExamId, Id, RoomId};

const NINE: Ms = 1_793_696_400_000;
const MINUTE: Ms = 60_000;

fn cd(name: &str) -> CandidateId {
    CandidateId::trusted(format!("cd_{name}"))
}

/// A room of an hour, started at nine, with more entries for everybody.
fn clock(more: &[(Ms, Kind)]) -> RoomClock {
    let entries = [(0, Kind::Open), (0, Kind::Start)].into_iter().chain(more.iter().copied());
    let entry =
        |(rev, (at, kind))| Change { rev, at_ms: NINE + at, kind, targets: Targets::Room, reason: Reason::default(), by: None };
    let ledger = Ledger::new((1..).zip(entries).map(entry).collect());
    RoomClock {
        room: RoomId::trusted("rm_1".into()),
        exam: ExamId::trusted("ex_1".into()),
        title: String::new(),
        location: String::new(),
        zone: "UTC".into(),
        terms: Terms { base_ms: 60 * MINUTE, grace_ms: 3_000, timing: Timing::WithRoom, late_entry_ms: None, window: None },
        scheduled_ms: None,
        rev: ledger.rev(),
        ledger,
        ended_ms: None,
        paper_version: Some(1),
        questions: 1,
    }
}

fn working() -> Facts {
    Facts { joined_ms: Some(NINE), begun_ms: Some(NINE), ended: None, multiplier_bp: WHOLE_BP }
}

fn ended(at: Ms, by: EndedBy) -> Facts {
    Facts { ended: Some(Ended { at_ms: NINE + at, by }), ..working() }
}

fn gap(from: Ms, to: Ms) -> Gap {
    Gap { after_ms: NINE + from, from_ms: NINE + from, to_ms: NINE + to }
}

fn give(clock: &RoomClock, facts: &[(&str, Facts)], awake: Option<&[&str]>, gap: Gap, now: Ms) -> Planned {
    let facts = facts.iter().map(|(name, facts)| (cd(name), *facts)).collect();
    let candidates = awake.map(|names| names.iter().map(|name| cd(name)).collect());
    let wish = Wish { verb: Verb::Outage(gap), candidates, reason: Reason::default(), by: None, newest_paper: 1 };
    plan(&wish, &View { clock, facts: &facts, connected: &BTreeSet::new(), now: NINE + now }).unwrap()
}

fn deadlines(planned: &Planned) -> Vec<(String, Option<Ms>)> {
    planned.affected.iter().map(|line| (line.candidate.to_string(), line.after_ms.map(|at| (at - NINE) / MINUTE))).collect()
}

#[test]
fn an_outage_in_which_nobody_slept_is_the_room_s() {
    let facts = [("a", working()), ("b", working()), ("c", Facts::default()), ("d", ended(5 * MINUTE, EndedBy::Candidate))];
    let planned = give(&clock(&[]), &facts, Some(&["a", "b", "c", "d"]), gap(10 * MINUTE, 20 * MINUTE), 21 * MINUTE);
    assert_eq!(planned.changes.len(), 1);
    assert_eq!(planned.changes[0].targets, Targets::Room);
    assert_eq!(deadlines(&planned), [("cd_a".into(), Some(70)), ("cd_b".into(), Some(70))]);
}

#[test]
fn who_slept_earns_nothing() {
    let facts = [("a", working()), ("b", working())];
    let planned = give(&clock(&[]), &facts, Some(&["a"]), gap(10 * MINUTE, 20 * MINUTE), 21 * MINUTE);
    assert_eq!(planned.changes[0].targets, Targets::Only(vec![Target { candidate: cd("a"), from_ms: None }]));
    assert_eq!(deadlines(&planned), [("cd_a".into(), Some(70))]);
    let nobody = give(&clock(&[]), &facts, Some(&[]), gap(10 * MINUTE, 20 * MINUTE), 21 * MINUTE);
    assert_eq!(nobody, Planned::default());
}

#[test]
fn who_was_paused_or_done_was_not_working() {
    let whole = gap(10 * MINUTE, 20 * MINUTE);
    let paused = clock(&[(5 * MINUTE, Kind::Pause)]);
    assert_eq!(give(&paused, &[("a", working())], None, whole, 21 * MINUTE), Planned::default());
    let resumes = clock(&[(5 * MINUTE, Kind::Pause), (6 * MINUTE, Kind::Resume { at_ms: NINE + 15 * MINUTE })]);
    let planned = give(&resumes, &[("a", working())], None, whole, 21 * MINUTE);
    assert_eq!(deadlines(&planned), [("cd_a".into(), Some(75))], "paused from 5 to 15, away until 20");
    let before = [("a", ended(8 * MINUTE, EndedBy::Candidate)), ("b", ended(9 * MINUTE, EndedBy::Invigilator))];
    assert_eq!(give(&clock(&[]), &before, None, whole, 21 * MINUTE), Planned::default());
    let after_time = give(&clock(&[]), &[("a", working())], None, gap(61 * MINUTE, 70 * MINUTE), 71 * MINUTE);
    assert_eq!(after_time, Planned::default(), "time had run out");
}

#[test]
fn whoever_was_ended_by_the_deadline_meanwhile_works_again_with_what_was_left() {
    let facts = [("a", ended(60 * MINUTE, EndedBy::Deadline)), ("b", ended(58 * MINUTE, EndedBy::Candidate))];
    let mut over = clock(&[]);
    over.ended_ms = Some(NINE + 70 * MINUTE);
    let planned = give(&over, &facts, Some(&["a", "b"]), gap(55 * MINUTE, 70 * MINUTE), 75 * MINUTE);
    assert_eq!((planned.reopened.as_slice(), planned.over), ([cd("a")].as_slice(), Some(false)));
    assert_eq!(deadlines(&planned), [("cd_a".into(), Some(80))], "five minutes were left");
    let revs: Vec<i64> = planned.changes.iter().map(|change| change.rev).collect();
    assert_eq!(revs, [3, 4]);
}
