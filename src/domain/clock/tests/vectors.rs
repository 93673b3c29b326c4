//! Deadlines worked out by hand.

use super::*;

struct Vector {
    name: &'static str,
    terms: Terms,
    facts: Facts,
    ledger: Ledger,
    /// When it is looked at.
    now: &'static str,
    deadline: Option<&'static str>,
    /// Phase and time left at `now`, where that is the point.
    left: Option<(Phase, &'static str)>,
}

fn vector(name: &'static str, lines: &[Line], deadline: &'static str) -> Vector {
    let (terms, facts, ledger) = (terms(), begun("10:00"), story(lines));
    Vector { name, terms, facts, ledger, now: "11:00", deadline: Some(deadline), left: None }
}

impl Vector {
    fn base(mut self, ms: Ms) -> Self {
        self.terms.base_ms = ms;
        self
    }
    fn times(mut self, bp: i64) -> Self {
        self.facts.multiplier_bp = bp;
        self
    }
    fn begun(mut self, time: &str) -> Self {
        self.terms.timing = Timing::OnEntry;
        self.facts = begun(time);
        self
    }
    fn window(mut self, ends: &str, hard: bool) -> Self {
        self.terms.window = Some(Window { ends_ms: at(ends), hard });
        self
    }
    fn seen(mut self, now: &'static str, phase: Phase, left: &'static str) -> Self {
        (self.now, self.left) = (now, Some((phase, left)));
        self
    }
    fn open(mut self) -> Self {
        self.deadline = None;
        self
    }
}

fn allowances() -> Vec<Vector> {
    use Kind::{Accommodate, Credit};
    vec![
        vector("plain", &[], "11:30").seen("10:00", Phase::Working, "01:30"),
        vector("plain, a latecomer loses time", &[], "11:30").seen("10:30:00.001", Phase::Working, "00:59:59.999"),
        vector("on the deadline", &[], "11:30").seen("11:30", Phase::Working, "00:00"),
        vector("after the deadline", &[], "11:30").seen("11:30:01", Phase::Working, "00:00"),
        vector("on entry", &[], "11:37:30.250").begun("10:07:30.250").seen("10:07:30.250", Phase::Working, "01:30"),
        vector("time and a quarter", &[], "11:52:30").times(12_500),
        vector("a quarter of a millisecond is dropped", &[], "11:52:30.001").base(5_400_001).times(12_500),
        vector("half a millisecond is given", &[], "11:52:30.003").base(5_400_002).times(12_500),
        vector("an odd factor", &[], "11:59:59.820").times(13_333),
        vector("less than the whole", &[], "10:45").times(5_000),
        vector("a negative factor is none", &[], "10:00").times(-5_000),
        vector("the factor is on the base only", &[room("10:30", extend(5))], "11:57:30").times(12_500),
        vector("the ledger overrides the roster", &[own("10:05", Accommodate { multiplier_bp: 12_500 })], "11:52:30")
            .times(15_000),
        vector(
            "the last accommodation holds",
            &[own("10:05", Accommodate { multiplier_bp: 15_000 }), own("10:06", Accommodate { multiplier_bp: 11_000 })],
            "11:39",
        ),
        vector("a negative extension", &[room("10:30", extend(-10))], "11:20"),
        vector("extension and credit", &[room("10:30", extend(5)), own("10:40", Credit { ms: 150_000 })], "11:37:30"),
        vector("an extension for another", &[(at("10:30"), extend(5), only("eve", None))], "11:30"),
        vector("an extension after the end re-opens it", &[room("11:40", extend(15))], "11:45"),
        vector("more taken than there was", &[room("10:30", extend(-120))], "09:30").seen("10:30", Phase::Working, "00:00"),
    ]
}

fn pauses() -> Vec<Vector> {
    use Kind::Pause;
    let (stop, go) = (room("10:10", Pause), room("10:20", resume("10:20")));
    vec![
        vector("a pause", &[stop.clone(), room("10:13:20", resume("10:13:20"))], "11:33:20"),
        vector("an open pause", std::slice::from_ref(&stop), "").open().seen("10:40", Phase::Paused, "01:20"),
        vector("a resume to come", &[stop.clone(), room("10:12", resume("10:20"))], "11:40").seen(
            "10:15",
            Phase::Paused,
            "01:20",
        ),
        vector("a resume that has come", &[stop.clone(), room("10:12", resume("10:20"))], "11:40").seen(
            "10:20",
            Phase::Working,
            "01:20",
        ),
        vector(
            "a resume moved forward",
            &[stop.clone(), room("10:12", resume("10:20")), room("10:14", resume("10:16"))],
            "11:36",
        ),
        vector("a resume moved back", &[stop.clone(), room("10:12", resume("10:20")), room("10:14", resume("10:25"))], "11:45"),
        vector(
            "a pause before the resume has come",
            &[stop.clone(), room("10:12", resume("10:20")), room("10:15", Pause), room("10:30", resume("10:30"))],
            "11:50",
        ),
        vector("a second resume is nothing", &[stop.clone(), go.clone(), room("10:40", resume("10:40"))], "11:40"),
        vector("a resume without a pause is nothing", std::slice::from_ref(&go), "11:30"),
        vector("room and own overlap", &[stop.clone(), own("10:15", Pause), go.clone(), own("10:30", resume("10:30"))], "11:50")
            .seen("10:25", Phase::Paused, "01:20"),
        vector("the room's resume is not one's own", &[stop.clone(), own("10:12", Pause), go.clone()], "").open().seen(
            "10:25",
            Phase::Paused,
            "01:20",
        ),
        vector(
            "one's own resume is not the room's",
            &[own("10:10", Pause), room("10:12", Pause), own("10:20", resume("10:20"))],
            "",
        )
        .open()
        .seen("10:25", Phase::Paused, "01:20"),
        vector("another's pause", &[(at("10:10"), Pause, only("eve", None))], "11:30").seen("10:15", Phase::Working, "01:15"),
        vector("begun within a pause", &[stop.clone(), go.clone()], "11:50").begun("10:15").seen("10:16", Phase::Paused, "01:30"),
        vector("a pause over the end", &[room("11:25", Pause), room("12:25", resume("12:25"))], "12:30").seen(
            "12:26",
            Phase::Working,
            "00:04",
        ),
        vector("a pause at the deadline stops nothing", &[room("11:30", Pause)], "11:30").seen(
            "11:30:01",
            Phase::Working,
            "00:00",
        ),
        vector("a pause just before the deadline", &[room("11:29:59.999", Pause)], "").open().seen(
            "12:30",
            Phase::Paused,
            "00:00:00.001",
        ),
    ]
}

fn overlaps() -> Vec<Vector> {
    let (stop, go) = (room("10:10", Kind::Pause), room("10:20", resume("10:20")));
    let pause = |more: &[Line]| [&[stop.clone(), go.clone()], more].concat();
    vec![
        vector("outage, then pause within it", &pause(&[outage("10:05", "10:15")]), "11:45"),
        vector("pause, then outage within it", &pause(&[outage("10:15", "10:30")]), "11:50"),
        vector("outage inside a pause", &pause(&[outage("10:12", "10:18")]), "11:40"),
        vector("outage around a pause", &pause(&[outage("10:05", "10:25")]), "11:50"),
        vector("the same twice", &pause(&[outage("10:10", "10:20")]), "11:40"),
        vector("side by side", &pause(&[outage("10:20", "10:25")]), "11:45"),
        vector("three deep", &pause(&[outage("10:15", "10:25"), outage("10:18", "10:30")]), "11:50"),
        vector("an outage backwards is none", &[outage("10:20", "10:10")], "11:30"),
        vector("an outage cut at the begin", &[outage("10:05", "10:20")], "11:50").begun("10:15"),
        vector("an outage before the begin", &[outage("10:05", "10:15")], "11:45").begun("10:15"),
        vector("an outage over the end counts whole", &[outage("11:25", "11:45")], "11:50").seen(
            "11:46",
            Phase::Working,
            "00:04",
        ),
        vector("an outage at the deadline", &[outage("11:30", "11:45")], "11:30"),
        vector("an outage 1 ms before the deadline", &[outage("11:29:59.999", "11:45")], "11:45:00.001"),
        vector("an outage after the deadline", &[outage("11:35", "11:37")], "11:30"),
        vector("a pause brings that outage in", &pause(&[outage("11:35", "11:37")]), "11:42"),
        vector("an extension brings that outage in", &[room("10:30", extend(10)), outage("11:35", "11:37")], "11:42"),
        vector("one outage brings the next in", &[outage("11:20", "11:30"), outage("11:35", "11:40")], "11:45"),
        vector("an outage around an open pause", &[outage("10:05", "10:30"), room("10:10", Kind::Pause)], "").open().seen(
            "10:20",
            Phase::Paused,
            "01:25",
        ),
    ]
}

fn reverts_windows_reopenings() -> Vec<Vector> {
    let (stop, go) = (room("10:10", Kind::Pause), room("10:20", resume("10:20")));
    let five = room("10:05", extend(5));
    vec![
        vector("a reverted extension", &[five.clone(), revert(3)], "11:30"),
        vector("a reverted revert", &[five.clone(), revert(3), revert(4)], "11:35"),
        vector("reverted three times", &[five.clone(), revert(3), revert(4), revert(5)], "11:30"),
        vector("two reverts of one, one of them reverted", &[five.clone(), revert(3), revert(3), revert(5)], "11:30"),
        vector("a reverted resume opens the pause", &[stop.clone(), go.clone(), revert(4)], "").open().seen(
            "10:30",
            Phase::Paused,
            "01:20",
        ),
        vector("a reverted pause", &[stop.clone(), go.clone(), revert(3)], "11:30"),
        vector("a reverted accommodation", &[own("10:05", Kind::Accommodate { multiplier_bp: 15_000 }), revert(3)], "11:52:30")
            .times(12_500),
        vector("a reverted outage", &[outage("10:05", "10:15"), revert(3)], "11:30"),
        vector("a hard window", &[], "11:20").window("11:20", true).seen("11:00", Phase::Working, "00:20"),
        vector("a hard window cuts an extension", std::slice::from_ref(&five), "11:32").window("11:32", true),
        vector("a hard window cuts a pause", &[stop.clone(), go.clone()], "11:35").window("11:35", true),
        vector("a hard window that does not bind", std::slice::from_ref(&five), "11:35").window("11:35", true),
        vector("a soft window", &[], "11:30").window("11:20", false),
        vector("a hard window before the begin", &[], "09:59").window("09:59", true).seen("10:00", Phase::Working, "00:00"),
        vector("a hard window goes on through an open pause", &[room("11:00", Kind::Pause)], "")
            .open()
            .window("11:20", true)
            .seen("11:05", Phase::Paused, "00:15"),
        vector("a pause after the hard window", &[room("11:25", Kind::Pause)], "11:20").window("11:20", true),
        vector("reopened after a hand-in", &[reopened("10:50", "10:40", 0)], "11:40").seen("10:50", Phase::Working, "00:50"),
        vector("reopened with more time", &[reopened("10:50", "10:40", minutes(5))], "11:45"),
        vector("reopened after the deadline", &[reopened("11:40", "11:30", minutes(10))], "11:50").seen(
            "11:40",
            Phase::Working,
            "00:10",
        ),
        vector("reopened with no time left", &[reopened("11:40", "11:30", 0)], "11:30").seen("11:40", Phase::Working, "00:00"),
        vector(
            "reopened into a pause",
            &[room("10:45", Kind::Pause), reopened("10:50", "10:40", 0), room("10:55", resume("10:55"))],
            "11:45",
        ),
        vector("reopened twice", &[reopened("10:50", "10:40", 0), reopened("11:05", "11:00", 0)], "11:45"),
        vector("a reverted reopening", &[reopened("10:50", "10:40", minutes(5)), revert(3)], "11:30"),
    ]
}

#[test]
fn deadlines_worked_out_by_hand() {
    let vectors: Vec<Vector> = [allowances(), pauses(), overlaps(), reverts_windows_reopenings()].into_iter().flatten().collect();
    assert!(vectors.len() >= 70, "{}", vectors.len());
    for vector in vectors {
        let clock = vector.ledger.clock(&vector.terms, None, &ada(), &vector.facts, at(vector.now));
        assert_eq!(clock.deadline_ms, vector.deadline.map(at), "deadline of: {}", vector.name);
        if let Some((phase, left)) = vector.left {
            assert_eq!((clock.phase, clock.remaining_ms), (phase, Some(at(left))), "left of: {}", vector.name);
        }
        let due = vector.ledger.due_ms(&vector.terms, &ada(), &vector.facts, at(vector.now));
        assert_eq!(due, vector.deadline.map(|deadline| at(deadline) + 3_000), "due of: {}", vector.name);
    }
}

#[test]
fn an_explanation_names_each_entry_once_and_sums_to_the_deadline() {
    let lines = [
        own("10:01", Kind::Accommodate { multiplier_bp: 12_500 }),
        room("10:05", extend(5)),
        room("10:10", Kind::Pause),
        room("10:13:20", resume("10:13:20")),
        outage("10:12", "10:15"),
        outage("10:13", "10:14"),
        reopened("10:50", "10:40", minutes(2)),
        own("10:55", Kind::Credit { ms: 30_000 }),
        revert(10),
    ];
    let terms = Terms { window: Some(Window { ends_ms: at("12:05"), hard: true }), ..terms() };
    let clock = story(&lines).clock(&terms, None, &ada(), &begun("10:00"), at("11:00"));
    let brief: Vec<_> = clock.explain.iter().map(|term| (term.kind, term.rev, term.ms)).collect();
    let expected = vec![
        (TermKind::Base, None, at("01:30")),
        (TermKind::Multiplier, Some(3), at("00:22:30")),
        (TermKind::Extension, Some(4), at("00:05")),
        (TermKind::Reopened, Some(9), at("00:12")),
        (TermKind::Pause, Some(5), at("00:03:20")),
        (TermKind::Outage, Some(7), at("00:01:40")),
        (TermKind::Outage, Some(8), 0),
        (TermKind::Window, None, -at("00:09:30")),
    ];
    assert_eq!(brief, expected);
    assert_eq!(clock.deadline_ms, Some(at("12:05")));
    let (multiplier, gap) = (&clock.explain[1], &clock.explain[3]);
    assert_eq!((multiplier.multiplier_bp, multiplier.reason.clone()), (Some(12_500), Some(reason("accommodate"))));
    assert_eq!((gap.from_ms, gap.to_ms), (Some(at("10:40")), Some(at("10:50"))));
}

#[test]
fn before_time_begins_the_clock_shows_what_it_would_give() {
    let waiting = Facts { joined_ms: Some(at("09:55")), ..Facts::default() };
    let left = |terms: &Terms, ledger: &Ledger, facts: &Facts, now: &str| {
        let clock = ledger.clock(terms, Some(at("10:00")), &ada(), facts, at(now));
        assert_eq!((clock.deadline_ms, clock.starts_ms), (None, Some(at("10:00"))));
        (clock.phase, clock.remaining_ms.unwrap())
    };
    let opened =
        Ledger::new(vec![change(1, at("09:50"), Kind::Open, Targets::Room), change(2, at("09:51"), extend(5), Targets::Room)]);
    assert_eq!(left(&terms(), &opened, &Facts::default(), "09:55"), (Phase::Expected, at("01:35")));
    assert_eq!(left(&terms(), &opened, &waiting, "09:55"), (Phase::Waiting, at("01:35")));
    let hard = Terms { window: Some(Window { ends_ms: at("11:30"), hard: true }), ..terms() };
    assert_eq!(left(&hard, &opened, &waiting, "09:55"), (Phase::Waiting, at("01:30")));
    assert_eq!(left(&terms(), &story(&[]), &Facts::default(), "10:30"), (Phase::Expected, at("01:00")));
    let entry = Terms { timing: Timing::OnEntry, ..terms() };
    let stopped = story(&[room("10:20", Kind::Pause)]);
    assert_eq!(left(&entry, &stopped, &waiting, "10:30"), (Phase::Waiting, at("01:30")));
    assert_eq!(left(&Terms { timing: Timing::OnEntry, ..hard }, &story(&[]), &waiting, "10:30"), (Phase::Waiting, at("01:00")));
}

#[test]
fn absurd_numbers_are_clamped_and_never_wrap() {
    let extremes = [Ms::MIN, Ms::MIN + 1, -1, 0, 1, Ms::MAX - 1, Ms::MAX];
    for a in extremes {
        for b in extremes {
            let lines = [
                own("10:01", Kind::Accommodate { multiplier_bp: a }),
                room("10:02", Kind::Extend { ms: a }),
                room("10:02", Kind::Extend { ms: a }),
                own("10:03", Kind::Reopen { ms: b }),
                room("10:04", Kind::Outage { from_ms: a, to_ms: b }),
                (a, Kind::Pause, Targets::Room),
                (b, Kind::Resume { at_ms: b }, Targets::Room),
                (at("10:50"), Kind::Reopen { ms: a }, only("ada", Some(b))),
            ];
            let window = Some(Window { ends_ms: b, hard: a > b });
            let terms = Terms { base_ms: b, grace_ms: a, timing: Timing::OnEntry, late_entry_ms: Some(a), window };
            for begin in extremes {
                let facts = Facts { begun_ms: Some(begin), multiplier_bp: b, ..Facts::default() };
                let clock = story(&lines).clock(&terms, Some(a), &ada(), &facts, b);
                assert!(clock.remaining_ms.unwrap() >= 0);
                story(&lines).clock(&terms, Some(a), &ada(), &Facts { begun_ms: None, ..facts }, b);
                story(&lines).judge(&terms, &ada(), &facts, a, b);
                story(&lines).room_can_end(&terms, [(&ada(), &facts)], a);
            }
        }
    }
    let forever = story(&[room("10:02", Kind::Extend { ms: Ms::MAX })]);
    assert_eq!(forever.due_ms(&terms(), &ada(), &begun("10:00"), 0), Some(Ms::MAX));
}
