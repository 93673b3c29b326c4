use super::*;
use crate::domain::{
    clock::{Change, Ended, Reason, Target, Terms},
    event::Body,
    ids::{EventId, QuestionId, TakeoverId},
    status::{Trouble, sample::room_clock},
};

const MIN: Ms = 60_000;

fn id(n: u32) -> CandidateId {
    CandidateId::trusted(format!("cd_{n}"))
}

fn change(rev: i64, at_ms: Ms, kind: Kind, targets: Targets, reason: &str) -> Change {
    Change { rev, at_ms, kind, targets, reason: Reason { code: reason.into(), text: String::new() }, by: None }
}

fn only(n: u32) -> Targets {
    Targets::Only(vec![Target { candidate: id(n), from_ms: None }])
}

fn clock(changes: Vec<Change>) -> RoomClock {
    let plain = room_clock(changes);
    let terms = Terms { base_ms: 60 * MIN, ..plain.terms };
    RoomClock { title: "<b>Physics</b>".into(), location: "Hall".into(), terms, questions: 4, ..plain }
}

fn running() -> Vec<Change> {
    vec![change(1, 0, Kind::Open, Targets::Room, ""), change(2, 0, Kind::Start, Targets::Room, "")]
}

fn person() -> Person {
    Person { name: "<b>Li</b>".into(), student_id: Some("S1".into()), class: None, seat: Some("07".into()) }
}

fn working() -> Row {
    let mut row = Row::new(person(), Facts { joined_ms: Some(0), begun_ms: Some(0), ..Facts::default() });
    row.presence = (event::Presence::Connected, MIN);
    row
}

#[test]
fn a_row_shows_what_is_left_and_what_was_given_to_it_alone() {
    let mut changes = running();
    changes.push(change(3, MIN, Kind::Extend { ms: 5 * MIN }, Targets::Room, "noise"));
    changes.push(change(4, MIN, Kind::Credit { ms: 2 * MIN }, only(1), "device"));
    let clock = clock(changes);
    let mut own = working();
    own.delivered_rev = 3;
    let view = row(Locale::En, &clock, &id(1), &own, 10 * MIN - 1);
    assert_eq!((view.deadline_ms, view.left_ms, view.extra_ms), (Some(67 * MIN), Some(57 * MIN + 1), 2 * MIN));
    assert_eq!(view.delivery, Delivery::Queued, "the page has rev 3, not 4");
    assert!(view.trouble.is_empty());
    let other = row(Locale::En, &clock, &id(2), &own, 10 * MIN);
    assert_eq!((other.extra_ms, other.delivery), (0, Delivery::Delivered));
    assert_eq!(other.trouble, [Trouble::Quiet { since_ms: None }]);
    own.facts.multiplier_bp = 12_500;
    assert_eq!(row(Locale::En, &clock, &id(2), &own, MIN).extra_ms, 15 * MIN);
}

#[test]
fn a_paused_row_has_no_end_and_a_clock_that_stands() {
    let mut changes = running();
    changes.push(change(3, 10 * MIN, Kind::Pause, Targets::Room, "fire_alarm"));
    let view = row(Locale::En, &clock(changes), &id(1), &working(), 30 * MIN);
    assert_eq!((view.phase, view.deadline_ms, view.left_ms), (CandidatePhase::Paused, None, Some(50 * MIN)));
}

#[test]
fn trouble_is_named() {
    let clock = clock(running());
    let mut lost = working();
    lost.presence = (event::Presence::Lost, 5 * MIN);
    let trouble = |row: &Row, now| super::row(Locale::En, &clock, &id(1), row, now).trouble;
    assert_eq!(trouble(&lost, 6 * MIN), [Trouble::Lost { since_ms: 5 * MIN - 15_000 }]);
    assert_eq!(trouble(&Row::new(person(), Facts::default()), MIN), [Trouble::Absent]);
    lost.facts.ended = Some(Ended { at_ms: 60 * MIN, by: time::EndedBy::Deadline });
    assert_eq!(trouble(&lost, 61 * MIN), [Trouble::Unsent]);
    lost.presence.1 = 62 * MIN;
    assert!(trouble(&lost, 63 * MIN).is_empty(), "it was there at the end and went home");
    let tk = TakeoverId::trusted("tk_1".into());
    lost.takeover = Some(status::Takeover { id: tk.clone(), session: Id::trusted("ss_1".into()), at_ms: 7 });
    assert_eq!(trouble(&lost, 63 * MIN), [Trouble::Takeover { id: tk, at_ms: 7 }]);
}

#[test]
fn the_head_counts_says_the_end_and_who_lacks_the_new_time() {
    let mut changes = running();
    changes.push(change(3, MIN, Kind::Extend { ms: 5 * MIN }, Targets::Room, "fire_alarm"));
    let clock = clock(changes);
    let mut table = status::Status::default();
    table.rows.insert(id(1), working());
    let mut slow = working();
    slow.facts.multiplier_bp = 15_000;
    table.rows.insert(id(2), slow);
    let people = BTreeMap::from([(id(1), person())]);
    let now = 10 * MIN;
    let view = head(Locale::En, &clock, &table.counts(&clock, now), &table.deliveries(&clock), &people, now);
    assert_eq!((view.deadline_ms, view.last_ms, view.left_ms), (Some(65 * MIN), Some(95 * MIN), Some(55 * MIN)));
    assert_eq!((view.counts.expected, view.counts.here, view.counts.working), (2, 2, 2));
    assert_eq!(view.counts.trouble, 2, "both are quiet for ten minutes");
    let delivery = view.deliveries.first().expect("a change is on its way");
    assert_eq!((delivery.what.as_str(), delivery.total, delivery.delivered), ("+5 min, fire alarm", 2, 0));
    assert_eq!(delivery.missing, ["07 <b>Li</b>", "cd_2"]);
}

#[test]
fn fragments_escape_and_the_feed_leaves_noise_out() {
    let clock = clock(running());
    let people = BTreeMap::from([(id(1), person())]);
    let staff = BTreeMap::from([(Id::trusted("us_1".into()), "Ms Wang".to_owned())]);
    let who = (&people, &staff);
    let event = |n: u32, body| Event {
        id: EventId::trusted(format!("ev_{n}")),
        room: clock.room.clone(),
        at_ms: 5,
        candidate: Some(id(1)),
        by: None,
        body,
    };
    let saved = Body::AnswerSaved { pen: 1, seq: 1, question: QuestionId("q".into()), blank: false, received_ms: 5 };
    let lost = Body::PresenceChanged { presence: event::Presence::Lost, line: crate::domain::presence::Line::default() };
    let joined = Body::CandidateJoined { session: Id::trusted("ss_1".into()) };
    let events = [event(1, joined), event(2, saved), event(3, lost)];
    for locale in Locale::ALL {
        let items = feed(locale, &clock, who, &events);
        assert_eq!(items.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["ev_3", "ev_1"]);
        assert_eq!(item_html(locale, &clock, who, &events[1]), None);
        let counts = status::Counts::default();
        let html = format!(
            "{}{}{}",
            feed_html(locale, &clock, who, &events),
            row_html(locale, &clock, &id(1), &working(), 9),
            head_html(locale, &clock, &counts, &[], &people, 9)
        );
        assert!(html.contains("Li") && html.contains("Physics") && !html.contains("<b>"), "{html}");
        assert!(!html.contains("event-"), "{html}");
    }
    assert_eq!(feed(Locale::En, &clock, who, &events)[0].text, "07 <b>Li</b>: connection lost");
    let ada = Some(Id::trusted("us_1".into()));
    let acts = [
        Event { candidate: None, by: ada.clone(), ..event(4, Body::RosterChanged { candidates: 2 }) },
        Event { by: ada, ..event(5, Body::IdentityConfirmed) },
        Event { by: Some(Id::trusted("us_2".into())), ..event(6, Body::IdentityConfirmed) },
    ];
    let said = |locale| feed(locale, &clock, who, &acts).into_iter().rev().map(|item| item.text).collect::<Vec<_>>();
    let nameless = "07 <b>Li</b>: identity confirmed";
    assert_eq!(
        said(Locale::En),
        ["Ms Wang: Roster changed: 2 students", "Ms Wang \u{b7} 07 <b>Li</b>: identity confirmed", nameless]
    );
    assert_eq!(said(Locale::Zh)[0], "Ms Wang：名单已更改:2 名学生");
}
