//! Rehearsals: one of a room at a time, in a room of its own that no list shows and that is erased.

use invigil::domain::Ms;
use invigil::domain::ids::{Id, RoomId};
use invigil::store::rehearsals::RehearsalRow;
use invigil::store::rooms::{RoomFilter, RoomRow};

use crate::fixture::{MINUTE, NINE, World, room};

async fn stage(w: &World, of: &RoomId, id: &str) -> RoomRow {
    let stage = RoomRow { rehearsal_of: Some(of.clone()), ..room(id, "ex_1") };
    w.store.create_room(&stage).await.unwrap();
    w.candidates(&stage.id, &[&format!("cd_{id}")]).await;
    stage
}

fn row(of: &RoomId, stage: &RoomId, began_ms: Ms) -> RehearsalRow {
    RehearsalRow { room_id: of.clone(), stage_id: stage.clone(), people: 3, seconds: 30, began_ms, ended_ms: None, report: None }
}

pub async fn a_room_is_rehearsed_once_at_a_time(w: World) {
    let real = w.room(|_| {}).await;
    let stages = [RoomId::trusted("rm_s1".into()), RoomId::trusted("rm_s2".into())];
    let [first, second] = stages.each_ref().map(|id| row(&real, id, NINE));
    assert!(w.store.begin_rehearsal(&first, 0).await.unwrap());
    assert!(!w.store.begin_rehearsal(&second, 0).await.unwrap(), "one is under way");
    assert_eq!(w.store.rehearsal(&real).await.unwrap().unwrap(), first);
    assert!(w.store.begin_rehearsal(&second, NINE + 1).await.unwrap(), "nobody holds one that is so old");

    w.store.end_rehearsal(&first.stage_id, "late", NINE + MINUTE).await.unwrap();
    assert_eq!(w.store.rehearsal(&real).await.unwrap().unwrap().ended_ms, None, "the old one ends itself and no other");
    w.store.end_rehearsal(&second.stage_id, "stopped", NINE + MINUTE).await.unwrap();
    w.store.end_rehearsal(&second.stage_id, "done", NINE + 2 * MINUTE).await.unwrap();
    let ended = w.store.rehearsal(&real).await.unwrap().unwrap();
    assert_eq!((ended.ended_ms, ended.report.as_deref()), (Some(NINE + MINUTE), Some("stopped")), "what was said first stays");
    assert!(w.store.begin_rehearsal(&first, 0).await.unwrap(), "after it the next may begin");
    assert!(w.store.delete_room(&real).await.unwrap(), "a room goes with what is known of its rehearsal");
}

pub async fn a_rehearsals_room_is_not_listed_and_can_be_erased(w: World) {
    let real = w.room(|_| {}).await;
    w.candidates(&real, &["cd_1"]).await;
    let stage = stage(&w, &real, "rm_s1").await;
    let listed = w.store.rooms(&RoomFilter { limit: 9, ..RoomFilter::default() }).await.unwrap();
    assert_eq!(listed.into_iter().map(|room| room.id).collect::<Vec<_>>(), std::slice::from_ref(&real));
    assert_eq!(w.store.room(&stage.id).await.unwrap().unwrap().rehearsal_of.as_ref(), Some(&real));
    assert_eq!(w.store.joined_and_answers(&stage.id).await.unwrap(), (0, 0));

    assert!(!w.store.erase_stage(&real).await.unwrap(), "a real room is never erased");
    assert_eq!(w.store.candidates(&real).await.unwrap().len(), 1);
    assert!(w.store.old_stages(stage.created_ms).await.unwrap().is_empty());
    assert_eq!(w.store.old_stages(stage.created_ms + 1).await.unwrap(), std::slice::from_ref(&stage.id));
    assert!(w.store.erase_stage(&stage.id).await.unwrap());
    assert!(w.store.room(&stage.id).await.unwrap().is_none() && w.store.candidates(&stage.id).await.unwrap().is_empty());
    assert!(w.store.timeline_back(&stage.id, "", 9).await.unwrap().is_empty());
    assert!(!w.store.erase_stage(&stage.id).await.unwrap(), "again there is nothing");
    assert_eq!(w.store.candidates(&real).await.unwrap().len(), 1);
}
