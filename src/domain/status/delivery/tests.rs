use crate::domain::Ms;
use crate::domain::clock::{Change, Facts, Kind, Reason, Target, Targets, WHOLE_BP};
use crate::domain::ids::{CandidateId, Id};
use crate::domain::status::sample::room_clock;
use crate::domain::status::{Person, Reach, RoomClock, Row, Status};

const MIN: Ms = 60_000;

fn cd(name: &str) -> CandidateId {
    CandidateId::trusted(format!("cd_{name}"))
}

fn change(rev: i64, kind: Kind, who: Option<&str>) -> Change {
    let only = |name: &str| Targets::Only(vec![Target { candidate: cd(name), from_ms: None }]);
    Change { rev, at_ms: 0, kind, targets: who.map_or(Targets::Room, only), reason: Reason::default(), by: None }
}

/// A running room of ten minutes with more changes.
fn clock(more: Vec<Change>) -> RoomClock {
    let begun = [change(1, Kind::Open, None), change(2, Kind::Start, None)];
    room_clock(begun.into_iter().chain(more).collect())
}

fn working() -> Facts {
    Facts { joined_ms: Some(0), begun_ms: Some(0), ended: None, multiplier_bp: WHOLE_BP }
}

fn status(rows: &[(&str, i64, i64)]) -> Status {
    let mut status = Status::default();
    for (name, delivered, seen) in rows {
        let person = Person { name: (*name).to_owned(), student_id: None, class: None, seat: None };
        let row = Row { delivered_rev: *delivered, seen_rev: *seen, ..Row::new(person, working()) };
        status.rows.insert(cd(name), row);
    }
    status
}

#[test]
fn a_change_is_queued_delivered_and_seen() {
    let clock = clock(vec![change(3, Kind::Extend { ms: 5 * MIN }, None)]);
    let status = status(&[("a", 2, 0), ("b", 3, 0), ("c", 3, 3)]);
    let reach: Vec<_> = status.rows.iter().filter_map(|(id, row)| row.newest_reach(&clock, id)).collect();
    assert_eq!(reach, [Reach::Queued, Reach::Delivered, Reach::Seen]);
    let [all] = &status.deliveries(&clock)[..] else { panic!("one change") };
    assert_eq!((all.total, all.delivered, all.seen, &all.missing[..]), (3, 2, 1, &[cd("a")][..]));
}

#[test]
fn an_older_change_is_shown_as_long_as_somebody_lacks_it() {
    let changes = vec![change(3, Kind::Extend { ms: MIN }, Some("a")), change(4, Kind::Extend { ms: MIN }, Some("b"))];
    let clock = clock(changes);
    let revs = |status: &Status| status.deliveries(&clock).iter().map(|d| d.rev).collect::<Vec<_>>();
    assert_eq!(revs(&status(&[("a", 2, 0), ("b", 4, 0)])), [4, 3]);
    assert_eq!(revs(&status(&[("a", 3, 0), ("b", 4, 0)])), [4]);
    assert_eq!(revs(&status(&[("a", 3, 0), ("b", 2, 0)])), [4]);
}

#[test]
fn whoever_was_away_is_told_of_everything_at_once() {
    let clock = clock(vec![
        change(3, Kind::Extend { ms: 5 * MIN }, None),
        change(4, Kind::Extend { ms: 2 * MIN }, Some("b")),
        change(5, Kind::Credit { ms: 3 * MIN }, Some("a")),
    ]);
    let news = clock.news(&cd("a"), &working(), 2).unwrap();
    assert_eq!((news.change.rev, news.before_ms, news.after_ms), (5, Some(10 * MIN), Some(18 * MIN)));
    let later = clock.news(&cd("a"), &working(), 3).unwrap();
    assert_eq!((later.before_ms, later.after_ms), (Some(15 * MIN), Some(18 * MIN)));
    assert_eq!(clock.news(&cd("a"), &working(), 5), None);
}

#[test]
fn what_is_taken_back_says_what_it_was_and_a_start_is_no_news_on_arrival() {
    let reverted = clock(vec![change(3, Kind::Extend { ms: 5 * MIN }, None), change(4, Kind::Revert { rev: 3 }, None)]);
    let news = reverted.news(&cd("a"), &working(), 3).unwrap();
    assert_eq!(news.withdraws, Some(Kind::Extend { ms: 5 * MIN }));
    assert_eq!((news.before_ms, news.after_ms), (Some(15 * MIN), Some(10 * MIN)));
    assert_eq!(clock(Vec::new()).unconfirmed(&cd("a"), &working(), 0), None);
    assert_eq!(reverted.unconfirmed(&cd("a"), &working(), 4), None, "confirmed");
    let ended = Facts {
        ended: Some(crate::domain::clock::Ended { at_ms: 1, by: crate::domain::clock::EndedBy::Candidate }),
        ..working()
    };
    assert_eq!(reverted.unconfirmed(&cd("a"), &ended, 0), None, "nothing is to be done any more");
}
