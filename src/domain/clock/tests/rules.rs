//! The ledger's order, phases, entry, and the end of a room.

use super::*;

#[test]
fn a_ledger_takes_only_greater_revs_and_sorts_what_it_is_given() {
    let mut ledger = Ledger::new(vec![
        change(4, 4, Kind::Start, Targets::Room),
        change(2, 2, Kind::Open, Targets::Room),
        change(4, 5, Kind::Pause, Targets::Room),
    ]);
    let revs: Vec<_> = ledger.changes().iter().map(|change| (change.rev, change.at_ms)).collect();
    assert_eq!((revs, ledger.rev()), (vec![(2, 2), (4, 4)], 4));
    assert!(!ledger.push(change(4, 6, Kind::Pause, Targets::Room)));
    assert!(!ledger.push(change(3, 6, Kind::Pause, Targets::Room)));
    assert!(ledger.push(change(9, 6, Kind::Revert { rev: 4 }, Targets::Room)));
    assert_eq!((ledger.rev(), ledger.started_ms()), (9, None));
    assert!(ledger.push(change(10, 7, Kind::Revert { rev: 10 }, Targets::Room)), "one cannot revert itself");
    assert!(ledger.push(change(11, 7, Kind::Revert { rev: 12 }, Targets::Room)), "nor what is to come");
    assert!(ledger.push(change(12, 8, Kind::Start, Targets::Room)));
    assert_eq!(ledger.started_ms(), Some(8));
    let effective: Vec<_> = ledger.effective().map(|change| change.rev).collect();
    assert_eq!(effective, [2, 9, 10, 11, 12]);
    assert_eq!(Ledger::default().rev(), 0);
}

#[test]
fn a_candidates_rev_is_that_of_the_last_change_that_touches_them() {
    let lines = [own("10:05", extend(5)), (at("10:06"), extend(5), only("eve", None))];
    let mut ledger = story(&lines);
    assert_eq!((ledger.candidate_rev(&ada()), ledger.candidate_rev(&candidate("eve"))), (3, 4));
    assert_eq!((ledger.candidate_rev(&candidate("bob")), ledger.candidate_rev(&candidate("dan"))), (4, 2));
    ledger.push(change(5, at("10:07"), Kind::Revert { rev: 3 }, Targets::Only(vec![])));
    ledger.push(change(6, at("10:08"), Kind::Revert { rev: 5 }, Targets::Only(vec![])));
    assert_eq!((ledger.candidate_rev(&ada()), ledger.candidate_rev(&candidate("eve"))), (6, 4));
    assert_eq!(Ledger::default().candidate_rev(&ada()), 0);
}

#[test]
fn a_room_goes_through_its_phases() {
    let phase = |lines: &[Line], now: &str| story(lines).room_phase(at(now), None);
    assert_eq!(Ledger::default().room_phase(0, None), RoomPhase::Scheduled);
    assert_eq!(Ledger::new(vec![change(1, 0, Kind::Open, Targets::Room)]).room_phase(0, None), RoomPhase::Open);
    assert_eq!(phase(&[], "10:00"), RoomPhase::Running);
    assert_eq!(phase(&[own("10:10", Kind::Pause)], "10:15"), RoomPhase::Running);
    assert_eq!(phase(&[room("10:10", Kind::Pause)], "10:10"), RoomPhase::Paused);
    let planned = [room("10:10", Kind::Pause), room("10:12", resume("10:20"))];
    assert_eq!(phase(&planned, "10:19:59.999"), RoomPhase::Paused);
    assert_eq!(phase(&planned, "10:20"), RoomPhase::Running);
    assert_eq!(phase(&[revert(2)], "10:10"), RoomPhase::Open);
    assert_eq!(story(&planned).room_phase(at("10:15"), Some(at("10:14"))), RoomPhase::Ended);
}

#[test]
fn the_clock_of_one_who_has_ended_stands() {
    let ended = Ended { at_ms: at("10:40"), by: EndedBy::Candidate };
    let facts = Facts { ended: Some(ended), ..begun("10:00") };
    let ledger = story(&[room("10:30", Kind::Pause), room("10:32", resume("10:32")), room("10:50", Kind::Pause)]);
    let clock = ledger.clock(&terms(), None, &ada(), &facts, at("10:55"));
    assert_eq!((clock.phase, clock.remaining_ms, clock.ended), (Phase::Ended, Some(0), Some(ended)));
    assert_eq!(clock.deadline_ms, Some(at("11:32")), "a pause after the hand-in moves nothing");
    assert_eq!(ledger.due_ms(&terms(), &ada(), &facts, at("10:55")), None);
    let running = ledger.clock(&terms(), None, &ada(), &begun("10:00"), at("10:55"));
    assert!(running.version() < clock.version());
    let mut later = ledger.clone();
    later.push(change(9, at("10:56"), Kind::Reopen { ms: 0 }, only("ada", Some(at("10:40")))));
    assert!(later.clock(&terms(), None, &ada(), &begun("10:00"), at("10:56")).version() > clock.version());
}

#[test]
fn entry_closes_by_the_rule_of_the_exam() {
    let entry = Terms { timing: Timing::OnEntry, ..terms() };
    let late = Terms { late_entry_ms: Some(minutes(15)), ..terms() };
    let window = |terms: Terms, ends: &str, hard| Terms { window: Some(Window { ends_ms: at(ends), hard }), ..terms };
    let pause = [room("10:10", Kind::Pause), room("10:20", resume("10:20"))];
    let cases: &[(&str, Terms, &[Line], Option<&str>)] = &[
        ("with the room: its plain deadline", terms(), &[], Some("11:30")),
        ("moved by the room's extensions", terms(), &[room("10:05", extend(5))], Some("11:35")),
        ("not by one's own", terms(), &[own("10:05", extend(5))], Some("11:30")),
        ("moved by the room's pauses", terms(), &pause, Some("11:40")),
        ("not by one's own pause", terms(), &[own("10:10", Kind::Pause)], Some("11:30")),
        ("cut by a hard window", window(terms(), "11:00", true), &[], Some("11:00")),
        ("not cut by a soft one", window(terms(), "11:00", false), &[], Some("11:30")),
        ("a cut-off", late, &[], Some("10:15")),
        ("a cut-off is not moved by extensions", late, &[room("10:05", extend(5))], Some("10:15")),
        ("a cut-off does not count pauses", late, &pause, Some("10:25")),
        ("nor outages", late, &[outage("10:14", "10:34")], Some("10:35")),
        ("a pause after the cut-off", late, &[room("10:15", Kind::Pause)], Some("10:15")),
        ("open while the room is paused before it", late, &[room("10:10", Kind::Pause)], None),
        ("a cut-off within a hard window", window(late, "10:12", true), &[], Some("10:12")),
        ("on entry: open until ended", entry, &[], None),
        ("on entry: the window's end, soft", window(entry, "11:00", false), &[], Some("11:00")),
        ("on entry with a cut-off", Terms { timing: Timing::OnEntry, ..late }, &[], Some("10:15")),
        ("ended", entry, &[room("10:40", Kind::End { spare: true })], Some("10:40")),
        ("an end reverted", entry, &[room("10:40", Kind::End { spare: true }), revert(3)], None),
    ];
    for &(name, terms, lines, closes) in cases {
        let ledger = story(lines);
        assert_eq!(ledger.entry_closes_ms(&terms), closes.map(at), "{name}");
        let last = closes.map_or(at("20:00"), at);
        let ended = lines.iter().any(|line| matches!(line.1, Kind::End { .. })) && closes.is_some();
        assert_eq!(ledger.entry_open(&terms, last - 1), !ended, "{name}");
        assert_eq!(ledger.entry_open(&terms, last), closes.is_none(), "{name}");
    }
    assert!(!Ledger::default().entry_open(&terms(), 0));
    assert_eq!(Ledger::default().entry_closes_ms(&terms()), None);
}

#[test]
fn an_end_spares_those_with_time_of_their_own() {
    let has = |lines: &[Line], bp| story(lines).has_individual_time(&ada(), &Facts { multiplier_bp: bp, ..begun("10:00") });
    assert!(!has(&[], 10_000));
    assert!(!has(&[room("10:05", extend(5)), room("10:06", Kind::Pause)], 10_000));
    assert!(has(&[], 10_001));
    assert!(!has(&[own("10:05", Kind::Accommodate { multiplier_bp: 10_000 })], 12_500));
    assert!(has(&[own("10:05", Kind::Accommodate { multiplier_bp: 12_500 })], 10_000));
    assert!(has(&[own("10:05", extend(5))], 10_000));
    assert!(!has(&[own("10:05", extend(5)), revert(3)], 10_000));
    assert!(!has(&[own("10:05", extend(5)), own("10:06", extend(-5))], 10_000));
    assert!(!has(&[own("10:05", extend(-5))], 10_000));
    assert!(has(&[own("10:05", Kind::Credit { ms: 1 })], 10_000));
    assert!(has(&[reopened("10:50", "10:40", 0)], 10_000));
    assert!(!has(&[(at("10:05"), extend(5), only("eve", None))], 10_000));
}

#[test]
fn a_room_ends_when_nobody_may_work_or_come_in() {
    let (ada, bob) = (ada(), candidate("bob"));
    let absent = Facts::default();
    let ended = Facts { ended: Some(Ended { at_ms: at("10:40"), by: EndedBy::Candidate }), ..begun("10:00") };
    let can = |ledger: &Ledger, ada_facts: &Facts, now: &str| {
        ledger.room_can_end(&terms(), [(&ada, ada_facts), (&bob, &absent)], at(now))
    };
    assert!(!can(&Ledger::default(), &absent, "12:00"), "not started");
    assert!(!can(&story(&[]), &ended, "11:29:59.999"), "someone may still come");
    assert!(can(&story(&[]), &ended, "11:30"));
    assert!(!can(&story(&[]), &begun("10:00"), "11:30:02.999"), "grace runs");
    assert!(can(&story(&[]), &begun("10:00"), "11:30:03"));
    assert!(!can(&story(&[own("10:10", Kind::Pause)]), &begun("10:00"), "20:00"), "paused alone");
    assert!(!can(&story(&[room("10:10", Kind::Pause)]), &ended, "20:00"), "paused, and entry with it");
    let spared = story(&[own("10:05", extend(30)), room("10:40", Kind::End { spare: true })]);
    assert!(!can(&spared, &begun("10:00"), "11:59"));
    assert!(can(&spared, &ended, "10:40"));
}

#[test]
fn words_are_the_same_in_code_and_in_json() {
    fn same<W: Copy + PartialEq + std::fmt::Debug + Serialize>(
        all: &[W],
        text: fn(W) -> &'static str,
        parse: fn(&str) -> Option<W>,
    ) {
        for word in all {
            assert_eq!(serde_json::to_value(word).unwrap(), text(*word));
            assert_eq!(parse(text(*word)), Some(*word));
        }
        assert_eq!(parse("nothing of the kind"), None);
    }
    same(Timing::ALL, Timing::as_str, Timing::parse);
    same(RoomPhase::ALL, RoomPhase::as_str, RoomPhase::parse);
    same(Phase::ALL, Phase::as_str, Phase::parse);
    same(EndedBy::ALL, EndedBy::as_str, EndedBy::parse);
    same(TermKind::ALL, TermKind::as_str, TermKind::parse);
    same(Why::ALL, Why::as_str, Why::parse);
    let lines = [own("10:05", extend(5)), reopened("10:50", "10:40", 1), outage("10:10", "10:11"), revert(3)];
    let ledger = story(&lines);
    let json = serde_json::to_value(&ledger).unwrap();
    assert_eq!(json[2]["kind"], serde_json::json!({"kind": "extend", "ms": 300_000}));
    assert_eq!(serde_json::from_value::<Ledger>(json.clone()).unwrap(), ledger);
    for (change, json) in ledger.changes().iter().zip(json.as_array().unwrap()) {
        assert_eq!(json["kind"]["kind"], change.kind.name());
    }
}
