//! Candidates, codes, pens, takeovers.

use invigil::domain::event::{Body, Event};
use invigil::domain::ids::RoomId;
use invigil::domain::status::Person;
use invigil::store::StoreError;
use invigil::store::candidates::{NewCandidate, TakeoverRow};
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{NINE, World, candidate, cd, event, ss};
use crate::hall::{Hall, joined};

fn roster(room: &RoomId) -> Event {
    event(room, None, NINE, Body::RosterChanged { candidates: 1 })
}

async fn events(w: &World, room: &RoomId) -> usize {
    w.store.timeline(room, &TimelineFilter { limit: 100, ..TimelineFilter::default() }).await.unwrap().len()
}

pub async fn candidates_are_read_in_every_way(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_b", "cd_a"]).await;
    let all = w.store.candidates(&room).await.unwrap();
    assert_eq!(all.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["cd_a", "cd_b"]);
    let a = &all[0];
    assert_eq!(a.person(), candidate("cd_a").person);
    assert_eq!((a.multiplier_bp, a.seed, a.pen, &a.pen_session, &a.code_cipher), (10_000, 7, 0, &None, &None));
    let page = w.store.candidate_page(&room, "cd_a", 9).await.unwrap();
    assert_eq!(page.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["cd_b"]);
    assert_eq!(w.store.candidate_page(&room, "", 1).await.unwrap().len(), 1);
    assert_eq!(w.store.candidate_of_student(&room, "st-cd_b").await.unwrap().unwrap().id, cd("cd_b"));
    assert!(w.store.candidate_of_student(&room, "st-cd_x").await.unwrap().is_none());
    assert!(w.store.candidate(&cd("cd_x")).await.unwrap().is_none());
}

pub async fn a_roster_is_added_whole_or_not_at_all(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a"]).await;
    let with = |id: &str, student: Option<&str>, seat: Option<&str>| NewCandidate {
        person: Person { student_id: student.map(Into::into), seat: seat.map(Into::into), ..candidate(id).person },
        ..candidate(id)
    };
    for taken in
        [with("cd_c", Some("st-cd_a"), None), with("cd_c", None, Some("seat-cd_a")), with("cd_b", Some("new"), Some("new"))]
    {
        let result = w.store.add_candidates(&room, &[candidate("cd_b"), taken], NINE, &roster(&room)).await;
        assert!(matches!(result, Err(StoreError::Duplicate)), "{result:?}");
        assert_eq!(w.store.candidates(&room).await.unwrap().len(), 1);
    }
    assert_eq!(events(&w, &room).await, 1);
    let nameless = [with("cd_b", None, None), with("cd_c", None, None)];
    w.store.add_candidates(&room, &nameless, NINE, &roster(&room)).await.unwrap();
    assert_eq!(w.store.candidates(&room).await.unwrap().len(), 3, "who has neither student id nor seat clashes with nobody");
    let (left, right) = ([with("cd_d", Some("same"), None)], [with("cd_e", Some("same"), None)]);
    let (l, r) = (roster(&room), roster(&room));
    let race = tokio::join!(w.store.add_candidates(&room, &left, NINE, &l), w.store.add_candidates(&room, &right, NINE, &r));
    assert_eq!([&race.0, &race.1].iter().filter(|r| matches!(r, Err(StoreError::Duplicate))).count(), 1, "{race:?}");
}

pub async fn a_candidate_is_updated(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    let person = Person { name: "Żółć".into(), student_id: None, class: None, seat: Some("7".into()) };
    assert!(w.store.update_candidate(&room, &cd("cd_a"), &person, 12_500, &roster(&room)).await.unwrap());
    let a = w.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.person(), a.multiplier_bp), (person.clone(), 12_500));
    let clash = Person { seat: Some("seat-cd_b".into()), ..person.clone() };
    let result = w.store.update_candidate(&room, &cd("cd_a"), &clash, 12_500, &roster(&room)).await;
    assert!(matches!(result, Err(StoreError::Duplicate)), "{result:?}");
    assert!(!w.store.update_candidate(&room, &cd("cd_x"), &Person { seat: None, ..person }, 1, &roster(&room)).await.unwrap());
    assert_eq!(events(&w, &room).await, 2, "nothing is told of somebody who is gone");
}

pub async fn a_candidate_is_deleted_until_it_joins(w: World) {
    let hall = Hall::seated(w).await;
    let (store, room) = (&hall.world.store, &hall.room);
    let before = events(&hall.world, room).await;
    assert!(!store.delete_candidate(room, &cd("cd_a"), &roster(room)).await.unwrap());
    assert_eq!(events(&hall.world, room).await, before);
    assert!(store.delete_candidate(room, &cd("cd_b"), &roster(room)).await.unwrap());
    assert!(!store.delete_candidate(room, &cd("cd_b"), &roster(room)).await.unwrap());
    assert!(store.candidate(&cd("cd_b")).await.unwrap().is_none());
    assert_eq!(events(&hall.world, room).await, before + 1);
}

pub async fn codes_are_set_and_replaced(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    let code = |id: &str, hash: &str| (cd(id), hash.to_owned(), format!("cipher of {hash}"));
    w.store.set_codes(&[code("cd_a", "h1"), code("cd_b", "h2")]).await.unwrap();
    let b = w.store.candidate_by_code("h2").await.unwrap().unwrap();
    assert_eq!((b.id, b.code_cipher.as_deref()), (cd("cd_b"), Some("cipher of h2")));
    w.store.set_codes(&[code("cd_b", "h3")]).await.unwrap();
    assert!(w.store.candidate_by_code("h2").await.unwrap().is_none());
    let result = w.store.set_codes(&[code("cd_b", "h4"), code("cd_a", "h3"), code("cd_b", "h3")]).await;
    assert!(matches!(result, Err(StoreError::Duplicate)), "{result:?}");
    assert_eq!(w.store.candidate_by_code("h3").await.unwrap().unwrap().id, cd("cd_b"), "all or none");
}

pub async fn a_code_is_printable_until_its_candidate_enters(w: World) {
    let hall = Hall::running(w).await;
    hall.world.store.set_codes(&[(cd("cd_a"), "h1".into(), "cipher".into())]).await.unwrap();
    hall.join("cd_a", "ss_a", None, NINE).await;
    let a = hall.world.store.candidate_by_code("h1").await.unwrap().expect("the code still opens the door");
    assert_eq!(a.code_cipher, None);
}

/// `cd_a` holds pen 1 with `ss_a`; `ss_b` asks.
async fn asked(w: World) -> (Hall, TakeoverRow) {
    let hall = Hall::seated(w).await;
    let (id, _) = joined(hall.come("cd_a", "ss_b").await).takeover.expect("a request");
    let row = hall.world.store.takeover(&id).await.unwrap().unwrap();
    (hall, row)
}

fn decided(hall: &Hall, t: &TakeoverRow, allowed: bool) -> impl Fn(i64) -> Vec<Event> {
    let (room, id, session) = (hall.room.clone(), t.id.clone(), t.session_id.clone());
    move |pen| {
        let taken = Body::PenTaken { pen, session: session.clone() };
        let body = Body::TakeoverDecided { id: id.clone(), session: session.clone(), allowed };
        vec![event(&room, Some("cd_a"), NINE, body), event(&room, Some("cd_a"), NINE, taken)]
    }
}

pub async fn a_takeover_is_decided_once(w: World) {
    let (hall, t) = asked(w).await;
    let store = &hall.world.store;
    assert_eq!((&t.candidate_id, &t.session_id, t.decided_ms, t.allowed), (&cd("cd_a"), &ss("ss_b"), None, None));
    assert_eq!(store.open_takeovers(&hall.room).await.unwrap().len(), 1);
    assert_eq!(store.decide_takeover(&t, true, NINE + 5, &decided(&hall, &t, true)).await.unwrap(), Some(2));
    let again = store.decide_takeover(&t, true, NINE + 6, &decided(&hall, &t, true)).await;
    assert!(matches!(again, Err(StoreError::Moved)), "{again:?}");
    assert_eq!(store.pens(&cd("cd_a")).await.unwrap(), [(1, ss("ss_a"), NINE), (2, ss("ss_b"), NINE + 5)]);
    let a = store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.pen, a.pen_session), (2, Some(ss("ss_b"))));
    let row = store.takeover(&t.id).await.unwrap().unwrap();
    assert_eq!((row.decided_ms, row.allowed), (Some(NINE + 5), Some(true)));
    assert!(store.open_takeovers(&hall.room).await.unwrap().is_empty());
    let filter = TimelineFilter { kind: Some("pen.taken".into()), limit: 9, ..TimelineFilter::default() };
    let told = store.timeline(&hall.room, &filter).await.unwrap();
    assert!(told.iter().any(|e| e.body == Body::PenTaken { pen: 2, session: ss("ss_b") }), "{told:?}");
}

pub async fn a_refused_takeover_moves_no_pen(w: World) {
    let (hall, t) = asked(w).await;
    let store = &hall.world.store;
    assert_eq!(store.decide_takeover(&t, false, NINE + 5, &decided(&hall, &t, false)).await.unwrap(), None);
    assert_eq!(store.candidate(&cd("cd_a")).await.unwrap().unwrap().pen, 1);
    assert_eq!(store.takeover(&t.id).await.unwrap().unwrap().allowed, Some(false));
    let again = joined(hall.come("cd_a", "ss_b").await).takeover.expect("a new request");
    assert_ne!(again.0, t.id);
}
