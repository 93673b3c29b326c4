use super::*;
use crate::domain::clock::{Change, Facts, Kind, Reason, Targets};
use crate::domain::ids::Id;
use crate::domain::status::Person;
use crate::domain::status::sample::room_clock;

const START: Ms = 1_793_696_400_000;
const S: Ms = 1_000;

fn li() -> CandidateId {
    CandidateId::trusted("cd_li".into())
}

/// A room that started, with somebody at work.
fn room() -> (RoomClock, Status) {
    let entry = |rev, kind| Change {
        rev,
        at_ms: START,
        kind,
        targets: Targets::Room,
        reason: Reason { code: String::new(), text: String::new() },
        by: None,
    };
    let clock = room_clock(vec![entry(1, Kind::Open), entry(2, Kind::Start)]);
    let facts = Facts { joined_ms: Some(START - S), begun_ms: Some(START), ..Facts::default() };
    let person = Person { name: "Li Na".into(), student_id: None, class: None, seat: None };
    let mut row = Row::new(person, facts);
    row.presence = (Presence::Connected, START);
    let mut status = Status::default();
    status.rows.insert(li(), row);
    (clock, status)
}

fn change(status: &mut Status, edit: impl FnOnce(&mut Row)) {
    if let Some(row) = status.rows.get_mut(&li()) {
        edit(row);
    }
}

#[test]
fn away_is_found_once_it_lasts_longer_than_the_exam_allows() {
    let (clock, mut status) = room();
    change(&mut status, |row| row.attention = (Attention::Away, START + 10 * S));
    assert_eq!(Found::now(&status, &clock, START + 40 * S), []);
    let found = Found::now(&status, &clock, START + 41 * S);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(one.finding, Finding::Away { from_ms: START + 10 * S, limit_ms: 30 * S });
    assert_eq!(one.signs, [("attention.changed", START + 10 * S)]);
    let later = Found::now(&status, &clock, START + 90 * S);
    assert_eq!(later[0].key, one.key, "the same absence is the same finding");
    change(&mut status, |row| row.attention = (Attention::Here, START + 95 * S));
    assert_eq!(Found::now(&status, &clock, START + 200 * S), []);
}

#[test]
fn a_rule_that_is_off_finds_nothing() {
    let (clock, mut status) = room();
    change(&mut status, |row| row.attention = (Attention::Away, START));
    assert_eq!(Found::now(&status, &clock, START + 100 * S).len(), 1);
    status.cases.off.insert(li(), [Rule::Away].into());
    assert_eq!(Found::now(&status, &clock, START + 100 * S), [], "by the candidate's accommodation");
    status.cases.off.clear();
    status.cases.rules.away_seconds = None;
    assert_eq!(Found::now(&status, &clock, START + 100 * S), [], "by the exam");
    change(&mut status, |row| row.presence = (Presence::Lost, START + 50 * S));
    assert_eq!(Found::now(&status, &clock, START + 100 * S).len(), 1);
    status.cases.off.insert(li(), [Rule::Silent].into());
    assert_eq!(Found::now(&status, &clock, START + 100 * S), []);
}

#[test]
fn a_silence_and_the_time_lost_by_it_are_one_finding() {
    let (clock, mut status) = room();
    change(&mut status, |row| row.presence = (Presence::Lost, START + 60 * S));
    let from_ms = START + 45 * S;
    assert_eq!(Found::now(&status, &clock, START + 105 * S), []);
    let silent = Found::now(&status, &clock, START + 106 * S).remove(0);
    assert_eq!(silent.finding, Finding::Silent { from_ms, limit_ms: 60 * S });
    let lost = Lost { kind: LostKind::Connection, from_ms, to_ms: START + 120 * S, ms: 75 * S };
    assert_eq!(Found::lost(&li(), &lost).key, silent.key);
}

#[test]
fn nobody_is_found_who_does_not_work() {
    let (clock, mut status) = room();
    change(&mut status, |row| {
        row.attention = (Attention::Away, START - 100 * S);
        row.facts.begun_ms = None;
    });
    assert_eq!(Found::now(&status, &clock, START + 100 * S), [], "time has not begun");
    change(&mut status, |row| row.facts.begun_ms = Some(START + 90 * S));
    assert_eq!(Found::now(&status, &clock, START + 100 * S), [], "away before the begin counts from the begin");
    let over = START + 601 * S;
    change(&mut status, |row| row.facts.begun_ms = Some(START));
    assert_eq!(Found::now(&status, &clock, over + 10_000 * S), [], "time is over");
}

#[test]
fn several_are_as_many_as_the_exam_says() {
    assert_eq!(Found::devices(&li(), 2, 3, START), None);
    assert!(Found::devices(&li(), 3, 3, START).is_some());
    let addresses = |n: usize| (0..n).map(|i| format!("10.0.0.{i}")).collect::<Vec<_>>();
    assert_eq!(Found::addresses(&li(), addresses(1), 2), None);
    assert!(Found::addresses(&li(), addresses(2), 2).is_some());
}
