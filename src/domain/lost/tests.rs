use super::*;
use crate::domain::clock::{Change, Ended, EndedBy, Ledger, Reason, Target, Targets, Terms, Timing};
use crate::domain::ids::{EventId, ExamId, Id, RoomId};
use crate::domain::presence::Line;

const NINE: Ms = 1_793_696_400_000;
const S: Ms = 1_000;

fn ada() -> CandidateId {
    CandidateId::trusted("cd_ada".into())
}

fn room() -> RoomId {
    RoomId::trusted("rm_1".into())
}

/// A room of an hour that started at nine, with more entries.
fn clock(more: &[(Ms, Kind, &str)]) -> RoomClock {
    let entry = |(rev, (at, kind, code)): (i64, &(Ms, Kind, &str))| {
        let own = Targets::Only(vec![Target { candidate: ada(), from_ms: None }]);
        let targets = if matches!(kind, Kind::Credit { .. }) { own } else { Targets::Room };
        let reason = Reason { code: (*code).to_owned(), text: String::new() };
        Change { rev, at_ms: NINE + at, kind: *kind, targets, reason, by: None }
    };
    let first = [(0, Kind::Open, ""), (0, Kind::Start, "")];
    let ledger = Ledger::new((1..).zip(first.iter().chain(more)).map(entry).collect());
    RoomClock {
        room: room(),
        exam: ExamId::trusted("ex_1".into()),
        title: String::new(),
        location: String::new(),
        zone: "UTC".into(),
        terms: Terms { base_ms: 3600 * S, grace_ms: 3 * S, timing: Timing::WithRoom, late_entry_ms: None, window: None },
        scheduled_ms: None,
        rev: ledger.rev(),
        ledger,
        ended_ms: None,
        paper_version: None,
        questions: 0,
    }
}

fn facts() -> Facts {
    Facts { joined_ms: Some(NINE - 60 * S), begun_ms: Some(NINE), ..Facts::default() }
}

fn sign(at: Ms, body: Body) -> Event {
    Event { id: EventId::make(NINE + at, [0; 10]), room: room(), at_ms: NINE + at, candidate: Some(ada()), by: None, body }
}

fn is(at: Ms, presence: Presence) -> Event {
    sign(at, Body::PresenceChanged { presence, line: Line::default() })
}

fn here(at: Ms) -> Event {
    is(at, Presence::Connected)
}

fn gone(at: Ms) -> Event {
    is(at, Presence::Lost)
}

/// (kind, from and to after nine, lost), in seconds.
fn found(clock: &RoomClock, facts: &Facts, signs: &[Event]) -> Vec<(LostKind, Ms, Ms, Ms)> {
    let short = |lost: Lost| (lost.kind, (lost.from_ms - NINE) / S, (lost.to_ms - NINE) / S, lost.ms / S);
    lost(clock, &ada(), facts, signs).into_iter().map(short).collect()
}

#[test]
fn a_gap_counts_from_the_last_word_to_the_next() {
    use LostKind::Connection;
    let signs = [
        here(-50 * S),
        gone(615 * S),
        here(720 * S),
        gone(900 * S),
        here(914 * S),
        gone(1000 * S),
        here(1020 * S),
        gone(1500 * S),
    ];
    let expected = [(Connection, 600, 720, 120), (Connection, 985, 1020, 35)];
    assert_eq!(found(&clock(&[]), &facts(), &signs), expected, "29 s are too short, and the last one still lasts");
}

#[test]
fn pauses_outages_and_what_lies_behind_the_end_were_no_time_of_theirs() {
    use LostKind::Connection;
    let signs = [here(-50 * S), gone(615 * S), here(720 * S)];
    let outage = |from: Ms, to: Ms| (to, Kind::Outage { from_ms: NINE + from, to_ms: NINE + to }, "outage");
    let pause = [(620 * S, Kind::Pause, ""), (650 * S, Kind::Resume { at_ms: NINE + 650 * S }, "")];
    assert_eq!(found(&clock(&[outage(590 * S, 660 * S)]), &facts(), &signs), [(Connection, 600, 720, 60)]);
    assert_eq!(found(&clock(&pause), &facts(), &signs), [(Connection, 600, 720, 90)]);
    let both = [pause[0], pause[1], outage(640 * S, 680 * S)];
    assert_eq!(found(&clock(&both), &facts(), &signs), [(Connection, 600, 720, 60)], "together, not twice");
    assert!(found(&clock(&[outage(590 * S, 700 * S)]), &facts(), &signs).is_empty());
    let other = [(800 * S, Kind::Pause, ""), (820 * S, Kind::Resume { at_ms: NINE + 820 * S }, "")];
    assert_eq!(found(&clock(&other), &facts(), &signs), [(Connection, 600, 720, 120)], "a pause that came later is none of it");
    let other = [(100 * S, Kind::Pause, ""), (120 * S, Kind::Resume { at_ms: NINE + 120 * S }, "")];
    assert_eq!(found(&clock(&other), &facts(), &signs), [(Connection, 600, 720, 120)], "nor is one that was over");
    let handed = Facts { ended: Some(Ended { at_ms: NINE + 640 * S, by: EndedBy::Invigilator }), ..facts() };
    assert_eq!(found(&clock(&[]), &handed, &signs), [(Connection, 600, 640, 40)]);
    let over = [here(-50 * S), gone(3575 * S), here(4000 * S)];
    assert_eq!(found(&clock(&[]), &facts(), &over), [(Connection, 3560, 3600, 40)], "the deadline");
}

#[test]
fn whoever_could_not_be_reached_at_the_beginning_had_the_paper_late() {
    use LostKind::Paper;
    let late = [here(-50 * S), gone(-5 * S), here(40 * S)];
    assert_eq!(found(&clock(&[]), &facts(), &late), [(Paper, 0, 40, 40)]);
    let noticed_later = [here(-50 * S), gone(10 * S), sign(25 * S, Body::ChangeDelivered { rev: 2 })];
    assert_eq!(found(&clock(&[]), &facts(), &noticed_later), [(Paper, 0, 25, 25)]);
    let quick = [here(-50 * S), gone(-5 * S), here(9 * S)];
    assert!(found(&clock(&[]), &facts(), &quick).is_empty());
    let there_all_along = [here(-50 * S), sign(2 * S, Body::ChangeDelivered { rev: 2 })];
    assert!(found(&clock(&[]), &facts(), &there_all_along).is_empty());
    let without_a_socket = [is(-50 * S, Presence::Slow), gone(615 * S), is(720 * S, Presence::Slow)];
    assert_eq!(
        found(&clock(&[]), &facts(), &without_a_socket),
        [(LostKind::Connection, 600, 720, 120)],
        "who is heard by HTTP is here"
    );
    let latecomer = Facts { joined_ms: Some(NINE + 300 * S), ..facts() };
    assert!(found(&clock(&[]), &latecomer, &[here(301 * S)]).is_empty(), "coming late is no late paper");
    assert!(found(&clock(&[]), &Facts { begun_ms: None, ..facts() }, &late).is_empty());
}

#[test]
fn what_was_given_back_is_not_proposed_again() {
    let signs = [here(-50 * S), gone(615 * S), here(720 * S), gone(1015 * S), here(1100 * S)];
    let credit = |at: Ms, code| (at, Kind::Credit { ms: 120 * S }, code);
    let left = found(&clock(&[credit(800 * S, "lost_time")]), &facts(), &signs);
    assert_eq!(left, [(LostKind::Connection, 1000, 1100, 100)], "what came later is");
    assert_eq!(found(&clock(&[credit(800 * S, "noise")]), &facts(), &signs).len(), 2, "another reason is another matter");
    let withdrawn = [credit(800 * S, "lost_time"), (810 * S, Kind::Revert { rev: 3 }, "")];
    assert_eq!(found(&clock(&withdrawn), &facts(), &signs).len(), 2);
}
