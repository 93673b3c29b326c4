//! Rooms, grants, what the sweep looks for.

use invigil::domain::access::{Right, Rights};
use invigil::domain::clock::{Kind, Targets, Timing, Window};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{ExamId, Id, RoomId, UserId};
use invigil::store::StoreError;
use invigil::store::rooms::{Plan, RoomFacts, RoomFilter, RoomRow};

use crate::fixture::{MINUTE, NINE, World, change, event, exam, plan, room, user};

pub async fn a_room_is_read_with_its_exam(w: World) {
    w.exam(|e| (e.timing, e.late_entry_ms) = ("on_entry".into(), Some(5))).await;
    let mut new = room("rm_1", "ex_1");
    (new.window_ends_ms, new.window_hard) = (Some(NINE + MINUTE), true);
    w.store.create_room(&new).await.unwrap();
    w.store.put_paper(&new.exam_id, 0, "{}", 12, NINE).await.unwrap();
    let read = w.room_row(&new.id).await;
    assert_eq!((read.owner_id.as_str(), read.title.as_str(), read.instructions.as_str()), ("us_t", "Chemistry", "Read first."));
    assert_eq!((read.location.as_str(), read.zone.as_str(), read.entry_part.as_str()), ("Hall 1", "Europe/Warsaw", "Prm_1"));
    assert_eq!((read.rev, read.starts_ms, read.next_due_ms, read.created_ms), (0, Some(NINE), Some(NINE), new.created_ms));
    assert_eq!((read.paper_version, read.newest_version, read.questions, read.version()), (None, 1, Some(12), 1));
    assert_eq!((read.takeover.as_str(), read.shuffle_questions, read.shuffle_options), ("ask", true, false));
    let terms = read.terms();
    assert_eq!(
        (terms.base_ms, terms.grace_ms, terms.timing, terms.late_entry_ms),
        (60 * MINUTE, 3_000, Timing::OnEntry, Some(5))
    );
    assert_eq!(terms.window, Some(Window { ends_ms: NINE + MINUTE, hard: true }));
    let twice = w.store.create_room(&room("rm_1", "ex_1")).await;
    assert!(matches!(twice, Err(StoreError::Duplicate)), "{twice:?}");
    assert!(w.store.room(&RoomId::trusted("rm_9".into())).await.unwrap().is_none());
    assert!(w.store.room_clock(&RoomId::trusted("rm_9".into())).await.unwrap().is_none());
}

/// Rooms `rm_1` to `rm_5`, one in each phase; starts an hour apart.
async fn one_in_each_phase(w: &World) {
    w.exam(|_| {}).await;
    let phases = ["scheduled", "open", "running", "paused", "ended"];
    for (n, _) in (1..).zip(phases) {
        let mut new = room(&format!("rm_{n}"), "ex_1");
        new.starts_ms = Some(NINE + n * 60 * MINUTE);
        w.store.create_room(&new).await.unwrap();
        let facts = RoomFacts {
            opened: (n > 1).then_some((NINE, 0)),
            started_ms: (n > 2).then_some(NINE + n * 60 * MINUTE),
            paused_ms: (n == 4).then_some(Some(NINE)),
            ended_ms: (n == 5).then_some(Some(NINE)),
        };
        w.store.change_room(&new.id, &Plan { room: facts, ..Plan::default() }).await.unwrap();
    }
}

async fn found(w: &World, filter: RoomFilter) -> Vec<String> {
    let filter = RoomFilter { limit: if filter.limit == 0 { 100 } else { filter.limit }, ..filter };
    w.store.rooms(&filter).await.unwrap().into_iter().map(|r| r.id.to_string()).collect()
}

pub async fn rooms_are_filtered(w: World) {
    one_in_each_phase(&w).await;
    for (n, phase) in (1..).zip(["scheduled", "open", "running", "paused", "ended"]) {
        assert_eq!(found(&w, RoomFilter { phase: Some(phase), ..RoomFilter::default() }).await, [format!("rm_{n}")], "{phase}");
    }
    w.store.create_user(&user("us_2", "two", "teacher")).await.unwrap();
    w.store.create_exam(&exam("ex_2", "us_2")).await.unwrap();
    w.store.create_room(&room("rm_6", "ex_2")).await.unwrap();
    let two = Some(UserId::trusted("us_2".into()));
    assert_eq!(found(&w, RoomFilter { user: two.clone(), ..RoomFilter::default() }).await, ["rm_6"]);
    w.store
        .put_grant(
            &RoomId::trusted("rm_3".into()),
            two.as_ref().unwrap(),
            Rights::INVIGILATOR,
            &told(&RoomId::trusted("rm_3".into())),
        )
        .await
        .unwrap();
    assert_eq!(found(&w, RoomFilter { user: two, ..RoomFilter::default() }).await, ["rm_3", "rm_6"]);
    let exam = Some(ExamId::trusted("ex_2".into()));
    assert_eq!(found(&w, RoomFilter { exam, ..RoomFilter::default() }).await, ["rm_6"]);
    let (from_ms, to_ms) = (Some(NINE + 2 * 60 * MINUTE), Some(NINE + 4 * 60 * MINUTE));
    assert_eq!(found(&w, RoomFilter { from_ms, to_ms, ..RoomFilter::default() }).await, ["rm_2", "rm_3"]);
    assert_eq!(found(&w, RoomFilter { after: "rm_4".into(), ..RoomFilter::default() }).await, ["rm_5", "rm_6"]);
    assert_eq!(found(&w, RoomFilter { limit: 2, ..RoomFilter::default() }).await, ["rm_1", "rm_2"]);
}

pub async fn a_room_moves_until_it_starts(w: World) {
    let id = w.room(|_| {}).await;
    let mut row = w.room_row(&id).await;
    (row.location, row.starts_ms, row.zone) = ("Hall 2".into(), Some(NINE + MINUTE), "Asia/Shanghai".into());
    let told = event(&id, None, NINE, Body::RosterChanged { candidates: 0 });
    w.store.update_room(&row, &told).await.unwrap();
    let read = w.room_row(&id).await;
    assert_eq!((read.location.as_str(), read.starts_ms, read.next_due_ms), ("Hall 2", Some(NINE + MINUTE), Some(NINE + MINUTE)));
    let told = event(&id, None, NINE, Body::RosterChanged { candidates: 0 });
    let other = w.store.update_room(&RoomRow { rev: 9, ..row.clone() }, &told).await;
    assert!(matches!(other, Err(StoreError::Moved)), "{other:?}");
    let facts = RoomFacts { started_ms: Some(NINE), ..RoomFacts::default() };
    w.store.change_room(&id, &Plan { room: facts, ..Plan::default() }).await.unwrap();
    let late = w.store.update_room(&row, &told).await;
    assert!(matches!(late, Err(StoreError::Moved)), "{late:?}");
    assert_eq!(w.store.last_event_ms().await.unwrap(), Some(NINE));
    let all = invigil::store::timeline::TimelineFilter { limit: 9, ..Default::default() };
    assert_eq!(w.store.timeline(&id, &all).await.unwrap().len(), 1, "what did not happen is not told");
}

pub async fn a_room_is_deleted_until_it_opens(w: World) {
    let id = w.room(|_| {}).await;
    w.candidates(&id, &["cd_a"]).await;
    w.store.put_grant(&id, &UserId::trusted("us_t".into()), Rights::ALL, &told(&id)).await.unwrap();
    // An accommodation is a change of the clock and is made before the day.
    let early = change(1, NINE, Kind::Accommodate { multiplier_bp: 12_500 }, crate::fixture::only(&["cd_a"]));
    w.store.change_room(&id, &plan(early)).await.unwrap();
    assert!(w.store.delete_room(&id).await.unwrap());
    assert!(w.store.room(&id).await.unwrap().is_none());
    assert!(w.store.candidates(&id).await.unwrap().is_empty());
    w.store.create_room(&room("rm_1", "ex_1")).await.unwrap();
    assert_eq!(w.store.ledger(&id).await.unwrap().rev(), 0, "nothing of the old room is left");
    let facts = RoomFacts { opened: Some((NINE, 0)), ..RoomFacts::default() };
    w.store.change_room(&id, &Plan { room: facts, ..plan(change(1, NINE, Kind::Open, Targets::Room)) }).await.unwrap();
    assert!(!w.store.delete_room(&id).await.unwrap());
    assert!(w.store.room(&id).await.unwrap().is_some());
}

/// That somebody's rights have changed.
fn told(room: &RoomId) -> Event {
    event(room, None, NINE, Body::StaffChanged { user: UserId::trusted("us_t".into()), rights: Vec::new() })
}

pub async fn grants_are_set_read_and_removed(w: World) {
    let id = w.room(|_| {}).await;
    let tess = UserId::trusted("us_t".into());
    assert_eq!(w.store.grant(&id, &tess).await.unwrap(), Rights::NONE);
    for news in [true, false] {
        assert_eq!(w.store.put_grant(&id, &tess, Rights::INVIGILATOR, &told(&id)).await.unwrap(), news);
    }
    assert_eq!(w.store.grant(&id, &tess).await.unwrap(), Rights::INVIGILATOR);
    let few = Rights::NONE.with(Right::Watch).with(Right::Results);
    assert!(w.store.put_grant(&id, &tess, few, &told(&id)).await.unwrap());
    assert_eq!(w.store.staff(&id).await.unwrap(), [(tess.clone(), "tess".into(), "Name of tess".into(), few)]);
    assert!(w.store.delete_grant(&id, &tess, &told(&id)).await.unwrap());
    assert!(!w.store.delete_grant(&id, &tess, &told(&id)).await.unwrap());
    assert_eq!(w.store.grant(&id, &tess).await.unwrap(), Rights::NONE);
    let unknown = w.store.put_grant(&id, &UserId::trusted("us_x".into()), few, &told(&id)).await;
    assert!(matches!(unknown, Err(StoreError::Other(_))), "{unknown:?}");
}

pub async fn due_rooms_are_found(w: World) {
    one_in_each_phase(&w).await;
    let due: Vec<String> = w.store.due_rooms(NINE + 3 * 60 * MINUTE).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(due, ["rm_1", "rm_2", "rm_3"]);
    assert_eq!(w.store.due_rooms(NINE + 60 * MINUTE - 1).await.unwrap(), []);
    let late: Vec<String> = w.store.due_rooms(i64::MAX).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(late, ["rm_1", "rm_2", "rm_3", "rm_4"], "a room that is over is never due");
    assert_eq!(w.store.next_due().await.unwrap(), Some(NINE + 60 * MINUTE));
    let ids = [RoomId::trusted("rm_2".into()), RoomId::trusted("rm_x".into())];
    assert_eq!(w.store.room_revs(&ids).await.unwrap(), [(ids[0].clone(), 0)]);
}

pub async fn only_who_saw_the_bound_raises_it(w: World) {
    let id = w.room(|_| {}).await;
    let seen = w.room_row(&id).await;
    w.store.set_next_due(&RoomRow { rev: 7, ..seen.clone() }, Some(NINE + 2)).await.unwrap();
    assert_eq!(w.store.next_due().await.unwrap(), Some(NINE), "another rev");
    w.store.set_next_due(&seen, Some(NINE + 1)).await.unwrap();
    assert_eq!(w.store.next_due().await.unwrap(), Some(NINE + 1));
    w.store.set_next_due(&seen, Some(NINE + 2)).await.unwrap();
    assert_eq!(w.store.next_due().await.unwrap(), Some(NINE + 1), "another bound");
    w.store.set_next_due(&w.room_row(&id).await, None).await.unwrap();
    assert_eq!(w.store.next_due().await.unwrap(), None);
    assert_eq!(w.store.due_rooms(i64::MAX).await.unwrap(), []);
    w.store.set_next_due(&w.room_row(&id).await, Some(NINE)).await.unwrap();
    assert_eq!(w.store.next_due().await.unwrap(), Some(NINE));
}

pub async fn a_plan_lowers_the_bound_and_never_raises_it(w: World) {
    let id = w.room(|_| {}).await;
    for (due, expected) in [(None, NINE), (Some(NINE + 5), NINE), (Some(NINE - 5), NINE - 5)] {
        w.store.change_room(&id, &Plan { next_due_ms: due, ..Plan::default() }).await.unwrap();
        assert_eq!(w.store.next_due().await.unwrap(), Some(expected), "{due:?}");
    }
}
