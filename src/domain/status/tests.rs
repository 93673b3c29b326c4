use super::fold::fold_row;
use super::sample::room_clock;
use super::{Person, Row};
use crate::domain::attendance::Said;
use crate::domain::clock::Facts;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, Id, SessionId, TakeoverId};

/// A row after these, and what it shows after each: the pen's session and whether somebody asks.
fn steps(bodies: Vec<Body>) -> Vec<(Option<String>, bool)> {
    let (clock, id) = (room_clock(Vec::new()), CandidateId::trusted("cd_1".into()));
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

#[test]
fn of_two_words_about_attendance_the_newer_holds_whichever_comes_first() {
    let (clock, id) = (room_clock(Vec::new()), CandidateId::trusted("cd_1".into()));
    let said = |said| Body::AttendanceChanged { said };
    let words = [(3, said(Some(Said::Here))), (2, said(None)), (5, Body::IdentityWithdrawn), (4, Body::IdentityConfirmed)];
    let fold = |order: &[usize]| {
        let mut row = Row::new(Person { name: "Li Na".into(), student_id: None, class: None, seat: None }, Facts::default());
        for (at_ms, body) in order.iter().map(|n| words[*n].clone()) {
            let (room, by) = (clock.room.clone(), Some(Id::trusted("us_1".into())));
            let event = Event { id: EventId::trusted("ev_1".into()), room, at_ms, candidate: Some(id.clone()), by, body };
            fold_row(&mut row, &clock, &id, &event);
        }
        row.attended
    };
    let told = fold(&[1, 0, 3, 2]);
    assert_eq!((told.said, &told.identified), (Some(Said::Here), &None));
    assert_eq!(fold(&[0, 1, 2, 3]), told);
}
