use super::fold::fold_row;
use super::{Person, RoomClock, Row};
use crate::domain::clock::{Facts, Ledger, Terms, Timing};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, ExamId, Id, RoomId, SessionId, TakeoverId};

fn clock() -> RoomClock {
    RoomClock {
        room: RoomId::trusted("rm_1".into()),
        exam: ExamId::trusted("ex_1".into()),
        title: "T".into(),
        location: "L".into(),
        zone: "UTC".into(),
        terms: Terms { base_ms: 600_000, grace_ms: 3_000, timing: Timing::WithRoom, late_entry_ms: None, window: None },
        scheduled_ms: None,
        ledger: Ledger::new(Vec::new()),
        ended_ms: None,
        paper_version: Some(1),
        questions: 3,
        rev: 0,
    }
}

/// A row after these, and what it shows after each: the pen's session and whether somebody asks.
fn steps(bodies: Vec<Body>) -> Vec<(Option<String>, bool)> {
    let (clock, id) = (clock(), CandidateId::trusted("cd_1".into()));
    let mut row = Row::new(Person { name: "Li Na".into(), student_id: None, class: None, seat: None }, Facts::default());
    let fold = |body: Body| {
        let (room, candidate) = (clock.room.clone(), Some(id.clone()));
        let event = Event { id: EventId::trusted("ev_1".into()), room, at_ms: 1_000, candidate, by: None, body };
        fold_row(&mut row, &clock, &id, &event);
        (row.pen.as_ref().map(|(_, session)| session.to_string()), row.takeover.is_some())
    };
    bodies.into_iter().map(fold).collect()
}

fn ss(name: &str) -> SessionId {
    SessionId::trusted(name.into())
}

fn tk() -> TakeoverId {
    TakeoverId::trusted("tk_1".into())
}

#[test]
fn an_allowed_request_is_open_until_its_pen_is_taken() {
    let seen = steps(vec![
        Body::PenTaken { pen: 1, session: ss("ss_a") },
        Body::TakeoverAsked { id: tk(), session: ss("ss_b") },
        Body::TakeoverDecided { id: tk(), session: ss("ss_b"), allowed: true },
        Body::PenTaken { pen: 2, session: ss("ss_b") },
    ]);
    let [a, b] = ["ss_a", "ss_b"].map(|s| Some(s.to_owned()));
    assert_eq!(seen, [(a.clone(), false), (a.clone(), true), (a, true), (b, false)]);
}

#[test]
fn a_refused_request_is_over_at_once() {
    let seen = steps(vec![
        Body::PenTaken { pen: 1, session: ss("ss_a") },
        Body::TakeoverAsked { id: tk(), session: ss("ss_b") },
        Body::TakeoverDecided { id: tk(), session: ss("ss_b"), allowed: false },
    ]);
    assert_eq!(seen.last(), Some(&(Some("ss_a".to_owned()), false)));
}
