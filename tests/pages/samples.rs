//! One sample of every page, with the hard cases in it: long names, takeover, lost connection, late answers.
#![expect(clippy::unwrap_used, reason = "a sample that cannot be made fails its test")]

use askama::Template;
use invigil::{
    domain::{
        Ms,
        access::Rights,
        clock::{Reason, TermKind},
        ids::{Id, TakeoverId},
        readiness::State,
        rules::Rules,
    },
    locale::Locale,
    view::{
        Attention, CandidatePhase, Delivery, EndedBy, ErrorPage, Kind, Presence, Problem, RoomPhase, Shell, Term, Trouble,
        accept::{AcceptPage, AcceptRow},
        colleagues::{BoardPage, BoardView, ChargeView, ColleagueView, StaffPage, Typed},
        command::{PreviewPage, PreviewRow, PreviewView},
        incidents::IncidentView,
        mail::{ComposePage, ComposeView, HandView, LetterView, TemplateView},
        people::{AttendancePage, AttendeeView},
        readiness::{CheckDoor, CheckPage, CheckPart, ComputerPage, ComputerRow, ReadinessPage, ReadinessPart, ReadyLine},
        rehearsal::{RehearsalPage, RehearsalPart},
        room::{Counts, DeliverySummary, FeedItem, Filter, HeadView, RoomInfo, RoomPage, RowView},
        rules::{RuleLine, RulesPage},
        staff::{Bar, CodesPage, ItemRow, LoginPage, ResultCell, ResultRow, ResultsPage, RoomItem, RoomsPage, SetupPage, Slip},
        student::{ClockView, EndedView, HomePage, OptionView, PaperView, Person, QuestionView, SitPage, SitState, Sitting},
        timeline::{Checked, SealView, TimelinePage, TimelineRow, Wanted},
    },
};

/// 2026-11-21 10:03:25 in Shanghai.
const NOW: Ms = 1_795_226_605_000;
const MIN: Ms = 60_000;
const ZONE: &str = "Asia/Shanghai";

fn shell(locale: Locale, path: &str, staff: bool) -> Shell {
    let user = staff.then(|| "Chen Min".to_owned());
    Shell { locale, csrf: "c5rf".into(), path: path.into(), user }
}

fn room() -> RoomInfo {
    RoomInfo {
        id: "rm_1".into(),
        title: "Physics, final examination".into(),
        location: "Building 3, room 204".into(),
        zone: ZONE.into(),
    }
}

fn page(template: &impl Template) -> String {
    template.render().unwrap()
}

/// Every page by name.
pub fn pages(locale: Locale) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = vec![
        ("home".into(), page(&HomePage { shell: shell(locale, "/", false), code: String::new(), problem: None })),
        (
            "home-wrong".into(),
            page(&HomePage {
                shell: shell(locale, "/", false),
                code: "PHY-4K7M 2QX9".into(),
                problem: Some(Problem::of(locale, "code_unknown")),
            }),
        ),
        (
            "error".into(),
            page(&ErrorPage {
                shell: shell(locale, "/x", false),
                status: 404,
                problem: Problem::of(locale, "not_found"),
                back: "/".into(),
            }),
        ),
        (
            "login".into(),
            page(&LoginPage {
                shell: shell(locale, "/staff/login", false),
                login: String::new(),
                next: "/staff".into(),
                problem: Some(Problem::of(locale, "login_failed")),
            }),
        ),
        (
            "setup".into(),
            page(&SetupPage {
                shell: shell(locale, "/staff/setup", false),
                name: String::new(),
                login: String::new(),
                problem: None,
            }),
        ),
        ("staff-rooms".into(), page(&rooms(locale))),
        ("staff-live".into(), page(&live(locale))),
        ("staff-compose".into(), page(&compose(locale))),
        ("staff-readiness".into(), page(&readiness(locale))),
        ("staff-check".into(), page(&check(locale))),
        ("staff-rehearsal".into(), page(&rehearsal(locale))),
        ("staff-rules".into(), page(&rules(locale))),
        ("staff-attendance".into(), page(&attendance(locale))),
        ("staff-staff".into(), page(&staff(locale))),
        ("staff-board".into(), page(&board(locale))),
        ("check".into(), page(&computer(locale))),
        ("staff-codes".into(), page(&codes(locale))),
        ("staff-results".into(), page(&results(locale))),
        ("staff-accept".into(), page(&accept(locale, None))),
        ("staff-accept-one".into(), page(&accept(locale, Some("07 Zhang <b>Li".into())))),
        ("staff-timeline".into(), page(&timeline(locale))),
        ("staff-preview-extend".into(), page(&preview(locale, "extend", Some(300), None))),
        ("staff-preview-accommodate".into(), page(&preview(locale, "accommodate", None, None))),
        ("staff-preview-end".into(), page(&preview(locale, "end", None, Some(true)))),
    ];
    for (name, state) in states() {
        all.push((format!("sit-{name}"), page(&sit(locale, state))));
    }
    all
}

fn states() -> Vec<(&'static str, SitState)> {
    let ended = EndedView { by: EndedBy::Deadline, at_ms: NOW, answered: 10, total: 12, receipt: "4F7K-2M".into() };
    vec![
        ("confirm", SitState::Confirm),
        ("asking", SitState::Asking),
        ("waiting", SitState::Waiting),
        ("paper", SitState::Paper(PaperView { version: 1, questions: questions() })),
        ("ended", SitState::Ended(ended)),
        ("superseded", SitState::Superseded { at_ms: Some(NOW) }),
    ]
}

fn sit(locale: Locale, state: SitState) -> SitPage {
    let running = matches!(state, SitState::Paper(_));
    SitPage {
        shell: shell(locale, "/sit/rm_1", false),
        person: Person { name: "<b>Li Na 李娜".into(), number: "20260119".into(), class: "10-B".into(), seat: "19".into() },
        sitting: Sitting {
            room: "rm_1".into(),
            candidate: "cd_1".into(),
            title: room().title,
            instructions:
                "Answer **every** question. A calculator is allowed.\n\n- Give units.\n- Write in *English or Chinese*.".into(),
            location: room().location,
            starts_ms: Some(NOW + 2 * MIN),
            allowance_ms: 112 * MIN + 30_000,
            zone: ZONE.into(),
            with_room: true,
            kept: "one year after the exam".into(),
            outbox_key: "0123456789abcdef".repeat(4),
        },
        clock: ClockView {
            rev: 4,
            deadline_ms: running.then_some(NOW + 42 * MIN + 10_000),
            left_ms: running.then_some(42 * MIN + 10_000),
            paused: false,
            terms: terms(),
        },
        state,
        now_ms: NOW,
        problem: None,
    }
}

fn term(kind: TermKind, ms: Ms, code: &str) -> Term {
    let reason = (!code.is_empty()).then(|| Reason { code: code.into(), text: String::new() });
    Term {
        kind,
        ms,
        rev: None,
        multiplier_bp: (kind == TermKind::Multiplier).then_some(12_500),
        reason,
        from_ms: None,
        to_ms: None,
    }
}

fn terms() -> Vec<Term> {
    vec![
        term(TermKind::Base, 90 * MIN, ""),
        term(TermKind::Multiplier, 0, ""),
        term(TermKind::Extension, 5 * MIN, "fire_alarm"),
        term(TermKind::Pause, 200_000, ""),
    ]
}

fn question(number: u32, kind: Kind, body: &str, options: &[(&str, &str)], picked: &[&str], text: &str) -> QuestionView {
    let options =
        options.iter().map(|(id, label)| OptionView { id: (*id).into(), label: (*label).into(), picked: picked.contains(id) });
    QuestionView {
        id: format!("q{number}"),
        number,
        kind,
        body: body.into(),
        points: if number == 4 { "1".into() } else { "2.5".into() },
        options: options.collect(),
        text: text.into(),
        saved_ms: (!picked.is_empty() || !text.is_empty()).then_some(NOW - 4_000),
        max_chars: 10_000,
        unit: if kind == Kind::Numeric { "m/s²".into() } else { String::new() },
    }
}

fn questions() -> Vec<QuestionView> {
    let forces = [
        ("a", "Gravity only"),
        ("b", "Gravity and the normal force, which is perpendicular to the plane"),
        ("c", "Friction"),
        ("d", "None"),
    ];
    vec![
        question(1, Kind::Single, "A block rests on a **rough** plane. Which forces act on it?", &forces, &["b"], ""),
        question(
            2,
            Kind::Multiple,
            "下列哪些是矢量?请选出所有正确项。",
            &[("a", "速度"), ("b", "质量"), ("c", "力"), ("d", "温度")],
            &["a", "c"],
            "",
        ),
        question(
            3,
            Kind::TrueFalse,
            "In free fall a feather and a stone fall equally fast in vacuum.",
            &[("true", ""), ("false", "")],
            &[],
            "",
        ),
        question(4, Kind::Numeric, "A car brakes from `20 m/s` to rest in 4 s. How great is its acceleration?", &[], &[], "-5"),
        question(5, Kind::Short, "Name the unit of force.", &[], &[], ""),
        question(
            6,
            Kind::Essay,
            "Explain why the sky is blue.\n\n```\nI ~ 1 / wavelength^4\n```",
            &[],
            &[],
            "Light is scattered by molecules </textarea><b>Li",
        ),
        question(7, Kind::Single, "Which planet is the largest?", &[("a", "Jupiter"), ("b", "Saturn")], &[], ""),
        question(8, Kind::Short, "State Ohm's law.", &[], &[], ""),
    ]
}

fn head() -> HeadView {
    HeadView {
        room: room(),
        phase: RoomPhase::Running,
        rev: 7,
        starts_ms: Some(NOW - 50 * MIN),
        deadline_ms: Some(NOW + 45 * MIN),
        left_ms: Some(45 * MIN),
        last_ms: Some(NOW + 65 * MIN),
        ended_ms: None,
        terms: vec![term(TermKind::Base, 90 * MIN, ""), term(TermKind::Extension, 5 * MIN, "fire_alarm")],
        counts: Counts { expected: 33, here: 30, working: 29, ended: 2, absent: 2, trouble: 4 },
        deliveries: vec![DeliverySummary {
            rev: 7,
            what: "+5 min, fire alarm.".into(),
            total: 33,
            delivered: 31,
            seen: 24,
            waiting: 2,
            missing: vec!["07 Zhang Wei".into(), "19 Li Na".into()],
            revertible: true,
        }],
    }
}

fn row(n: i64, name: &str) -> RowView {
    RowView {
        candidate: format!("cd_{n}"),
        room: "rm_1".into(),
        seat: format!("{n:02}"),
        name: name.into(),
        number: format!("202601{n:02}"),
        phase: CandidatePhase::Working,
        ended_by: None,
        ended_ms: None,
        presence: Presence::Connected,
        heard_ms: Some(NOW - 1_000),
        attention: Attention::Here,
        attention_since_ms: None,
        deadline_ms: Some(NOW + 45 * MIN),
        left_ms: Some(45 * MIN),
        terms: vec![term(TermKind::Base, 90 * MIN, ""), term(TermKind::Extension, 5 * MIN, "fire_alarm")],
        answered: u32::try_from(n % 12).unwrap_or(0),
        total: 12,
        saved_ms: Some(NOW - n * 3_700),
        extra_ms: 0,
        delivery: Delivery::Delivered,
        incidents: u32::from(n == 7),
        said: None,
        identified: n == 2,
        trouble: Vec::new(),
    }
}

fn rows() -> Vec<RowView> {
    let names = [
        "Wang Fang",
        "Anna Schmidt",
        "Liu Yang",
        "Maximiliane von Hohenstein-Waldburg",
        "Chen Jie",
        "Omar Haddad",
        "Zhang Wei",
        "Zhao Lei",
        "Sofia García",
        "Wu Min",
        "Sun Li",
        "Ivan Petrov",
        "Li Na",
    ];
    let mut rows: Vec<RowView> = names.iter().zip(1..).map(|(name, n)| row(n, name)).collect();
    rows[1].extra_ms = 22 * MIN + 30_000;
    rows[1].terms = terms();
    rows[1].delivery = Delivery::Seen;
    rows[2].attention = Attention::Away;
    rows[2].attention_since_ms = Some(NOW - 72_000);
    rows[4].phase = CandidatePhase::Ended;
    rows[4].ended_by = Some(EndedBy::Candidate);
    rows[4].ended_ms = Some(NOW - 5 * MIN);
    rows[4].left_ms = None;
    rows[4].deadline_ms = None;
    rows[4].answered = 12;
    rows[5].presence = Presence::Unsteady;
    rows[6].presence = Presence::Lost;
    rows[6].trouble = vec![Trouble::Lost { since_ms: NOW - 40_000 }];
    rows[6].delivery = Delivery::Queued;
    rows[8].phase = CandidatePhase::Expected;
    rows[8].presence = Presence::Never;
    rows[8].left_ms = None;
    rows[8].saved_ms = None;
    rows[8].answered = 0;
    rows[8].delivery = Delivery::None;
    rows[8].trouble = vec![Trouble::Absent];
    rows[10].trouble = vec![Trouble::Quiet { since_ms: Some(NOW - 9 * MIN) }];
    rows[11].trouble = vec![Trouble::Hand { since_ms: NOW - 12 * 20_000, answered: true }];
    rows[3].trouble = vec![Trouble::Hand { since_ms: NOW - 80_000, answered: false }];
    rows[12].trouble = vec![Trouble::Takeover { id: TakeoverId::parse("tk_1").unwrap(), at_ms: NOW - 8_000 }];
    rows
}

/// A time to be given back, what a rule found, and what staff recorded.
fn incidents() -> Vec<IncidentView> {
    let one = |n: i64, who: &str, title: &str, state| IncidentView {
        id: format!("in_{n}"),
        room: "rm_1".into(),
        who: who.into(),
        title: title.into(),
        topic: "technical.connection".into(),
        state,
        because: None,
        text: String::new(),
        author: String::new(),
        made_ms: NOW - n * 70_000,
        decided: None,
        credit: None,
        shown: false,
        personal: true,
        exempt: None,
        replies: 0,
    };
    let lost = IncidentView {
        because: Some("No connection from 10:01:10 to 10:02:40, 1 min 30 s of it working time.".into()),
        credit: Some("1 min 30 s".into()),
        ..one(1, "07 Zhang Wei", "Technical: connection", "proposed")
    };
    let away = IncidentView {
        because: Some("The page was in the background from 09:58:02 on, longer than the 30 s that this exam allows.".into()),
        ..one(2, "03 Liu Yang", "Candidate: left the page", "proposed")
    };
    let ill = IncidentView {
        text: "Went out with <b>Li for ten minutes.".into(),
        author: "Chen Min".into(),
        shown: true,
        replies: 2,
        ..one(3, "11 Sun Li", "Candidate: illness", "open")
    };
    vec![lost, away, ill]
}

fn live(locale: Locale) -> RoomPage {
    let feed = [
        "19 Li Na: another computer asks to continue",
        "07 Zhang Wei: no connection",
        "+5 min for 33 students, fire alarm",
        "05 Chen Jie handed in",
    ];
    let feed = feed.iter().zip(0..).map(|(text, n)| FeedItem {
        id: format!("ev_{n}"),
        kind: "room.ended",
        at_ms: NOW - n * 41_000,
        text: (*text).into(),
    });
    RoomPage {
        shell: shell(locale, "/staff/rooms/rm_1", true),
        rights: "watch message time control paper results".into(),
        head: head(),
        rows: rows(),
        feed: feed.collect(),
        filter: Filter::default(),
        now_ms: NOW,
        notice: None,
        incidents: incidents(),
        letters: letters(),
        hands: hands(),
        charge: charge(),
    }
}

/// The reader is asked to take the room over.
fn charge() -> ChargeView {
    ChargeView {
        room: "rm_1".into(),
        rights: "watch message time control paper results".into(),
        holder: "us_1".into(),
        holder_name: "Chen Min".into(),
        mine: false,
        since: None,
        offer: Some(("Ms Wang".into(), "Chen Min".into(), "10:02".into())),
        before: None,
        words: Some("PC 12 <b>Li is out.".into()),
        decides: false,
        asked: true,
    }
}

/// An announcement on its way, one that was withdrawn, and what a student wrote.
fn letters() -> Vec<LetterView> {
    let letter = |n: i64, author: &str, to: &str, text: &str, how: &str| LetterView {
        id: format!("mg_{n}"),
        room: "rm_1".into(),
        sent_ms: NOW - n * 61_000,
        author: author.into(),
        to: to.into(),
        text: text.into(),
        how: how.into(),
        waits: false,
        withdrawn_ms: None,
        candidate: None,
        unread: false,
    };
    let own = LetterView {
        candidate: Some("cd_12".into()),
        unread: true,
        ..letter(1, "12 Ivan Petrov", "the staff", "The picture in question 4 <b>Li does not load.", "Not read yet")
    };
    let going = LetterView {
        waits: true,
        ..letter(
            2,
            "Chen Min",
            "everyone",
            "Question 7: read “at least” instead of “at most”.\nThe rest stays as it is.",
            "Delivered 31 of 33, read by 20. Not yet: 07 Zhang Wei, 19 Li Na; it comes when they connect.",
        )
    };
    let back = LetterView {
        withdrawn_ms: Some(NOW - 100_000),
        ..letter(3, "Chen Min", "everyone", "Question 6 is left out.", "Delivered 30 of 33, read by 4.")
    };
    vec![own, going, back]
}

fn hands() -> Vec<HandView> {
    let hand = |n: i64, who: &str, answered_ms| HandView {
        candidate: format!("cd_{n}"),
        who: who.into(),
        raised_ms: NOW - n * 20_000,
        answered_ms,
    };
    vec![hand(12, "12 Ivan Petrov", Some(NOW - 60_000)), hand(4, "04 Maximiliane von Hohenstein-Waldburg", None)]
}

fn compose(locale: Locale) -> ComposePage {
    let template = |n: i64, title: &str, own| TemplateView { id: format!("mt_{n}"), title: title.into(), own };
    ComposePage {
        shell: shell(locale, "/staff/rooms/rm_1", true),
        compose: ComposeView {
            room: room(),
            to: vec![("cd_7".into(), "07 Zhang Wei".into()), ("cd_19".into(), "19 <b>Li Na".into())],
            everybody: 33,
            text: "Please keep your <b>Li\ncalculator on the desk.".into(),
            templates: vec![template(1, "Ten minutes left", false), template(2, "Speak to nobody in the corridor", true)],
            key: "0123456789abcdef".into(),
            problem: Some(Problem::of(locale, "too_long")),
            notice: Some("Kept as a template.".into()),
        },
    }
}

fn rooms(locale: Locale) -> RoomsPage {
    let item = |title: &str, phase, start: Ms, trouble| RoomItem {
        room: RoomInfo { title: title.into(), ..room() },
        phase,
        starts_ms: Some(NOW + start * MIN),
        ends_ms: Some(NOW + (start + 90) * MIN),
        expected: 33,
        here: if phase == RoomPhase::Running { 30 } else { 0 },
        ended: if phase == RoomPhase::Ended { 31 } else { 0 },
        trouble,
    };
    RoomsPage {
        shell: shell(locale, "/staff", true),
        rooms: vec![
            item("Physics, final examination", RoomPhase::Running, -50, 4),
            item("Chemistry 2", RoomPhase::Open, 1, 0),
            item("高一数学期末考试", RoomPhase::Scheduled, 300, 0),
            item("History", RoomPhase::Ended, -300, 0),
        ],
    }
}

fn codes(locale: Locale) -> CodesPage {
    let qr = qrcode::QrCode::new("http://192.168.1.20:8080/#PHY4K7M2QX9").unwrap();
    let svg = qr.render::<qrcode::render::svg::Color<'_>>().min_dimensions(120, 120).quiet_zone(false).build();
    let slips = rows().into_iter().map(|r| Slip {
        name: r.name,
        number: r.number,
        class: "10-B".into(),
        code: (r.seat != "03").then(|| "PHY · 4K7M-2QX9".to_owned()),
        qr: (r.seat != "03").then(|| svg.clone()),
        seat: r.seat,
    });
    CodesPage {
        shell: shell(locale, "/staff/rooms/rm_1/codes", true),
        room: room(),
        starts_ms: Some(NOW),
        address: "http://192.168.1.20:8080".into(),
        slips: slips.collect(),
        unmade: 1,
    }
}

fn results(locale: Locale) -> ResultsPage {
    let items = (1..=12).map(|n| ItemRow {
        number: n,
        title: "A block rests on a rough plane. Which forces act on it?".into(),
        points: "2.5".into(),
        facility: format!("{} %", 30 + n * 5),
        facility_percent: 30 + n * 5,
        omitted: format!("{}", n % 4),
    });
    let marks = ["right", "partly", "wrong", "omitted", "unmarked"];
    let row = |r: RowView| ResultRow {
        candidate: r.candidate,
        seat: r.seat.clone(),
        name: r.name,
        number: r.number,
        ended: EndedBy::Deadline.text(locale),
        score: if r.seat == "09" { String::new() } else { "17.5".into() },
        cells: (0..12)
            .map(|i| ResultCell {
                points: ["2.5", "1", "0", "0", ""][i % 5].into(),
                mark: marks[i % 5],
                not_counted: (r.seat == "07" && i == 3).then(|| "late".to_owned()),
            })
            .collect(),
    };
    let bars = [("0–5", 1), ("6–10", 4), ("11–15", 12), ("16–20", 11), ("21–25", 3), ("26–30", 0)];
    ResultsPage {
        shell: shell(locale, "/staff/rooms/rm_1/results", true),
        room: room(),
        provisional: true,
        total: "30".into(),
        scored: 31,
        mean: "14.2".into(),
        median: "14.5".into(),
        deviation: "4.1".into(),
        bars: bars.iter().map(|(label, count)| Bar { label: (*label).into(), count: *count }).collect(),
        items: items.collect(),
        rows: rows().into_iter().map(row).collect(),
    }
}

fn accept(locale: Locale, only: Option<String>) -> AcceptPage {
    let row = |n: usize, who: &str, value: &str, why: &'static str, reason: &str| AcceptRow {
        key: format!("cd_{n}:1:{n}"),
        who: who.into(),
        question: n,
        value: value.into(),
        at_ms: NOW + 90_000,
        why,
        reason: reason.into(),
    };
    let long = "The work done by friction is the force times the way, so it is negative and the block comes to rest after two metres\u{2026}";
    AcceptPage {
        shell: shell(locale, "/staff/rooms/rm_1/accept", true),
        room: room(),
        open: vec![
            row(3, "07 Zhang Wei", "4.5", "late", ""),
            row(12, "07 Zhang Wei", long, "late", ""),
            row(4, "19 Li Na <b>Li", "", "ended", ""),
            row(5, "31 Wang Fang", "a, c", "not_running", ""),
        ],
        accepted: if only.is_some() { Vec::new() } else { vec![row(7, "09 Chen Min", "12 N", "", "network trouble")] },
        notice: only.is_none().then(|| locale.t1("accept-did", "n", 1)),
        only,
        problem: None,
    }
}

fn timeline(locale: Locale) -> TimelinePage {
    let entry = |n: i64, text: &str, who: &str, by: &str| TimelineRow {
        at_ms: NOW - n * 47_000,
        kind: "clock.extended".into(),
        text: text.into(),
        who: who.into(),
        by: by.into(),
    };
    let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    TimelinePage {
        shell: shell(locale, "/staff/rooms/rm_1/timeline", true),
        room: room(),
        rights: "watch time control results".into(),
        wanted: Wanted { q: "li na".into(), candidate: "cd_1".into(), ..Wanted::default() },
        groups: vec![choice("time", "Time"), choice("answers", "Answers")],
        people: vec![choice("cd_1", "19 Li Na")],
        actors: vec![choice("us_1", "Chen Min")],
        rows: vec![
            entry(1, "Another computer asks to continue", "19 Li Na", ""),
            entry(2, "+5 min, fire alarm", "", "Chen Min"),
            entry(3, "Connection lost", "07 Zhang Wei", ""),
            entry(9, "Exam started", "", "Chen Min"),
        ],
        older: Some("?before=ev_1".into()),
        file: "candidate=cd_1".into(),
        seal: SealView {
            mark: Some((format!("rm_1/7/{NOW}/h1:{}", "5d".repeat(32)), NOW)),
            checked: Some(Checked { entries: 128, erased: 0, faults: vec!["Entries 4 to 5 are gone.".into()] }),
        },
    }
}

fn preview(locale: Locale, verb: &str, seconds: Option<i64>, spare: Option<bool>) -> PreviewPage {
    let line = |r: RowView| PreviewRow {
        candidate: r.candidate.clone(),
        who: format!("{} {}", r.seat, r.name),
        seat: r.seat.clone(),
        before_ms: r.deadline_ms,
        after_ms: r.deadline_ms.map(|at| at + 5 * MIN),
        left_ms: r.left_ms.map(|ms| ms + 5 * MIN),
        refused: (r.phase == CandidatePhase::Ended).then(|| locale.t("ended-by-candidate")),
    };
    PreviewPage {
        shell: shell(locale, "/staff/rooms/rm_1/preview", true),
        preview: PreviewView {
            room: room(),
            verb: verb.into(),
            rev: None,
            candidates: Vec::new(),
            seconds,
            percent: (verb == "accommodate").then(|| "25".to_owned()),
            spare,
            expected_rev: 7,
            key: "k1".into(),
            rows: rows().into_iter().map(line).collect(),
            problem: None,
            problem_of_typing: None,
            clock_differs: false,
            reason_code: "fire_alarm".into(),
            reason_text: String::new(),
        },
    }
}

fn ready_line(state: State, fix: &str, place: Option<&'static str>) -> ReadyLine {
    ReadyLine { state, says: "Zhang <b>Li, Wang".into(), fix: fix.into(), place }
}

fn readiness(locale: Locale) -> ReadinessPage {
    let lines = vec![
        ready_line(State::Bad, "Make the codes that are missing.", Some("codes")),
        ready_line(State::Look, "Try them.", Some("check")),
        ready_line(State::Good, "", None),
    ];
    let part = ReadinessPart { locale, room: "rm_1".into(), state: State::Bad, lines };
    ReadinessPage { shell: shell(locale, "/staff/rooms/rm_1/readiness", true), rights: "watch".into(), room: room(), part }
}

fn check(locale: Locale) -> CheckPage {
    let row = |name: &str, ready| ComputerRow {
        name: name.into(),
        mark: "3F2A".into(),
        ready,
        troubles: if ready { Vec::new() } else { vec![ready_line(State::Bad, "Use another browser.", None)] },
        at_ms: NOW,
    };
    let computers = vec![row("30 <b>Li", false), row("", true), row("12", true)];
    CheckPage {
        shell: shell(locale, "/staff/rooms/rm_1/check", true),
        rights: "watch control".into(),
        room: room(),
        door: Some(CheckDoor {
            code: "K3F2QX".into(),
            address: "https://exam.example.org/check/K3F2QX".into(),
            qr: None,
            closes_ms: NOW + 60 * MIN,
        }),
        part: Some(CheckPart { locale, zone: ZONE.into(), computers }),
    }
}

fn computer(locale: Locale) -> ComputerPage {
    let lines = Some(vec![ready_line(State::Bad, "Use another browser.", None)]);
    ComputerPage { shell: shell(locale, "/check", false), code: "K3F2QX".into(), name: "30 <b>Li".into(), lines, problem: None }
}

fn attendance(locale: Locale) -> AttendancePage {
    let row = |n: i64, state, identified: Option<&str>| AttendeeView {
        candidate: format!("cd_{n}"),
        seat: format!("{n:02}"),
        name: "Maximiliane von <b>Li-Waldburg".into(),
        number: "2026".into(),
        state,
        said: n == 2,
        identified: identified.map(|name| (name.to_owned(), "10:02".to_owned())),
    };
    AttendancePage {
        shell: shell(locale, "/staff/rooms/rm_1/attendance", true),
        rights: "watch message".into(),
        room: room(),
        rows: vec![row(1, "here", Some("Ms <b>Li")), row(2, "missing", None), row(3, "expected", None)],
    }
}

fn staff(locale: Locale) -> StaffPage {
    let colleague = |n: i64, own| ColleagueView {
        user: format!("us_{n}"),
        name: "Ms <b>Li".into(),
        login: "wang".into(),
        rights: Rights::INVIGILATOR,
        own,
    };
    StaffPage {
        shell: shell(locale, "/staff/rooms/rm_1/staff", true),
        rights: "watch message time control".into(),
        own: Rights::INVIGILATOR,
        room: room(),
        owner: "Chen Min".into(),
        colleagues: vec![colleague(1, true), colleague(2, false)],
        charge: ChargeView { decides: true, asked: false, ..charge() },
        takers: vec![("us_2".into(), "Ms <b>Li".into())],
        typed: Typed { login: "wnag".into(), words: "PC <b>12".into(), ..Typed::default() },
        problem: Some(Problem::of(locale, "account_unknown")),
    }
}

fn board(locale: Locale) -> BoardPage {
    let board = BoardView {
        room: room(),
        sentence: "Ends at 11:30".into(),
        left_ms: Some(86 * MIN),
        now: "10:03".into(),
        runs: true,
        enter: Some(("exam.example.org".into(), None)),
        announcements: vec![("10:01".into(), "Question 7: read <b>“at least”.".into())],
    };
    BoardPage { shell: shell(locale, "/staff/rooms/rm_1/board", true), board }
}

fn rehearsal(locale: Locale) -> RehearsalPage {
    let lines = vec![ready_line(State::Good, "", None), ready_line(State::Bad, "Look at the log.", None)];
    RehearsalPage {
        shell: shell(locale, "/staff/rooms/rm_1/rehearsal", true),
        rights: "watch control".into(),
        room: room(),
        people: 33,
        part: RehearsalPart { locale, running: false, headline: "33 <b>Li".into(), state: State::Bad, lines },
        problem: Some(Problem::of(locale, "exams_near")),
    }
}

fn rules(locale: Locale) -> RulesPage {
    let mut lines = RuleLine::all(&Rules::default());
    for line in &mut lines {
        if let Some(number) = line.number.as_mut().filter(|_| line.code == "away") {
            (number.text, number.wrong) = ("<b>Li".into(), Some("not_a_number".into()));
        }
    }
    RulesPage {
        shell: shell(locale, "/staff/rooms/rm_1/rules", true),
        rights: "watch message time control paper results".into(),
        room: room(),
        lines,
        shown: true,
        kept: true,
        problem: Some(Problem::of(locale, "bad_field")),
    }
}
