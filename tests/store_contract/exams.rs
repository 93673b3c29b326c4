//! Exams and papers.

use invigil::domain::clock::{Kind, Targets};
use invigil::domain::ids::{ExamId, Id, UserId};
use invigil::store::StoreError;
use invigil::store::rooms::{Plan, RoomFacts};

use crate::fixture::{MINUTE, NINE, World, change, exam, plan, user};

pub async fn exams_are_listed_by_owner(w: World) {
    w.exam(|_| {}).await;
    w.store.create_user(&user("us_2", "two", "teacher")).await.unwrap();
    w.store.create_exam(&exam("ex_2", "us_2")).await.unwrap();
    w.store.create_exam(&exam("ex_3", "us_t")).await.unwrap();
    let owner = UserId::trusted("us_t".into());
    let ids = |rows: Vec<invigil::store::exams::ExamRow>| rows.into_iter().map(|e| e.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(w.store.exams(None, "", 9).await.unwrap()), ["ex_1", "ex_2", "ex_3"]);
    assert_eq!(ids(w.store.exams(Some(&owner), "", 9).await.unwrap()), ["ex_1", "ex_3"]);
    assert_eq!(ids(w.store.exams(Some(&owner), "ex_1", 9).await.unwrap()), ["ex_3"]);
    assert_eq!(ids(w.store.exams(None, "", 2).await.unwrap()), ["ex_1", "ex_2"]);
    let foreign = w.store.create_exam(&exam("ex_4", "us_nobody")).await;
    assert!(matches!(foreign, Err(StoreError::Other(_))), "{foreign:?}");
}

pub async fn an_exam_changes_until_a_room_opens(w: World) {
    let room = w.room(|_| {}).await;
    let mut row = w.store.exam(&ExamId::trusted("ex_1".into())).await.unwrap().unwrap();
    (row.title, row.timing, row.takeover) = ("Physics".into(), "on_entry".into(), "allow".into());
    (row.base_ms, row.grace_ms, row.late_entry_ms) = (MINUTE, 1, Some(2));
    (row.shuffle_questions, row.shuffle_options) = (false, true);
    w.store.update_exam(&row).await.unwrap();
    let read = w.store.exam(&row.id).await.unwrap().unwrap();
    assert_eq!((&read.title, &read.timing, &read.takeover), (&row.title, &row.timing, &row.takeover));
    assert_eq!((read.base_ms, read.grace_ms, read.late_entry_ms), (MINUTE, 1, Some(2)));
    assert_eq!((read.shuffle_questions, read.shuffle_options, read.created_ms), (false, true, NINE));
    let facts = RoomFacts { opened: Some((NINE, 0)), ..RoomFacts::default() };
    w.store.change_room(&room, &Plan { room: facts, ..plan(change(1, NINE, Kind::Open, Targets::Room)) }).await.unwrap();
    row.base_ms = 2 * MINUTE;
    let promised = w.store.update_exam(&row).await;
    assert!(matches!(promised, Err(StoreError::Moved)), "{promised:?}");
    assert_eq!(w.store.exam(&row.id).await.unwrap().unwrap().base_ms, MINUTE);
}

pub async fn a_paper_is_put_on_the_version_it_was_read_at(w: World) {
    let id = w.exam(|_| {}).await;
    assert_eq!(w.store.paper(&id, 1).await.unwrap(), None);
    assert_eq!(w.store.put_paper(&id, 0, "{\"a\":1}", 3, NINE).await.unwrap(), 1);
    let stale = w.store.put_paper(&id, 0, "{}", 0, NINE).await;
    assert!(matches!(stale, Err(StoreError::Moved)), "{stale:?}");
    let race = tokio::join!(w.store.put_paper(&id, 1, "{\"l\":1}", 1, NINE), w.store.put_paper(&id, 1, "{\"r\":1}", 1, NINE));
    assert_eq!([&race.0, &race.1].iter().filter(|r| matches!(r, Ok(2))).count(), 1, "{race:?}");
    assert_eq!([&race.0, &race.1].iter().filter(|r| matches!(r, Err(StoreError::Moved))).count(), 1, "{race:?}");
    assert_eq!(w.store.paper(&id, 1).await.unwrap().as_deref(), Some("{\"a\":1}"));
    assert_eq!(w.store.exam(&id).await.unwrap().unwrap().paper_version, 2);
}

pub async fn only_an_unused_exam_is_deleted(w: World) {
    let room = w.room(|_| {}).await;
    let id = ExamId::trusted("ex_1".into());
    w.store.put_paper(&id, 0, "{}", 0, NINE).await.unwrap();
    assert!(!w.store.delete_exam(&id).await.unwrap());
    assert!(w.store.delete_room(&room).await.unwrap());
    assert!(w.store.delete_exam(&id).await.unwrap());
    assert!(w.store.exam(&id).await.unwrap().is_none());
    assert_eq!(w.store.paper(&id, 1).await.unwrap(), None);
}
