//! Joins through the journal: pens, takeovers, and when time begins.

use invigil::domain::clock::{Ended, EndedBy, Kind, Targets};
use invigil::store::journal::Refusal;
use invigil::store::rooms::{CandidateFact, Plan, RoomFacts};

use crate::fixture::{MINUTE, NINE, World, cd, change, only, plan, ss};
use crate::hall::{Hall, joined, refused};

pub async fn a_first_join_takes_a_pen(w: World) {
    let hall = Hall::scheduled(w, |_| {}).await;
    let outcome = hall.join("cd_a", "ss_a", None, NINE - MINUTE).await;
    assert_eq!((outcome.pen, outcome.takeover, outcome.superseded), (Some(1), None, false));
    let a = hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.joined_ms, a.begun_ms, a.pen, a.pen_session), (Some(NINE - MINUTE), None, 1, Some(ss("ss_a"))));
    let mut told = hall.told();
    told.sort_unstable();
    assert_eq!(told, ["candidate.joined", "pen.taken"]);
    assert_eq!(refused(hall.come("cd_x", "ss_x").await), Refusal::NotFound);
}

pub async fn a_reconnect_keeps_its_pen(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    for connected in [true, false] {
        let op = hall.join_op("cd_a", "ss_a", Some(1), connected, NINE + MINUTE);
        assert_eq!(joined(hall.send(op).await).pen, Some(1));
    }
    assert!(hall.told().is_empty(), "a reconnect is no news");
    assert_eq!(hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().joined_ms, Some(NINE));
    assert_eq!(joined(hall.come("cd_a", "ss_a").await).pen, Some(2), "a fresh page of the same device takes the pen at once");
}

pub async fn a_pen_that_was_taken_over_is_superseded(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.join("cd_a", "ss_b", None, NINE + 1).await.pen, Some(2));
    hall.told();
    let outcome = hall.join("cd_a", "ss_a", Some(1), NINE + 2).await;
    assert_eq!((outcome.pen, outcome.superseded), (None, true));
    assert!(hall.told().is_empty());
    assert_eq!(hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().pen_session, Some(ss("ss_b")));
}

pub async fn a_takeover_is_asked_for_once(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    let first = joined(hall.come("cd_a", "ss_b").await);
    assert_eq!(first.pen, None);
    assert_eq!(hall.told(), ["takeover.asked"]);
    let again = joined(hall.come("cd_a", "ss_b").await);
    assert_eq!(again.takeover, first.takeover);
    assert!(hall.told().is_empty());
    let other = joined(hall.come("cd_a", "ss_c").await);
    assert_ne!(other.takeover, first.takeover);
    assert_eq!(hall.world.store.open_takeovers(&hall.room).await.unwrap().len(), 2);
    assert_eq!(hall.world.store.pens(&cd("cd_a")).await.unwrap(), [(1, ss("ss_a"), NINE)]);
}

pub async fn takeover_policies_are_obeyed(w: World) {
    let hall = Hall::running_with(w, |e| e.takeover = "refuse".into()).await;
    hall.join("cd_a", "ss_a", None, NINE).await;
    assert_eq!(refused(hall.come("cd_a", "ss_b").await), Refusal::PenHeld);
    assert_eq!(hall.join("cd_a", "ss_b", None, NINE).await.pen, Some(2), "a holder who is gone holds nothing");
    let two = vec![hall.join_op("cd_b", "ss_1", None, false, NINE), hall.join_op("cd_b", "ss_2", None, true, NINE)];
    let mut outcomes = hall.batch(two).await;
    assert_eq!(refused(outcomes.remove(1)), Refusal::PenHeld, "also within one batch");
    assert_eq!(joined(outcomes.remove(0)).pen, Some(1));
}

pub async fn with_the_room_time_began_when_the_room_did(w: World) {
    let hall = Hall::running(w).await;
    hall.join("cd_a", "ss_a", None, NINE + 20 * MINUTE).await;
    let a = hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.joined_ms, a.begun_ms), (Some(NINE + 20 * MINUTE), Some(NINE)));
    assert!(hall.told().contains(&"candidate.began"));
}

pub async fn on_entry_time_begins_with_the_join(w: World) {
    let hall = Hall::running_with(w, |e| e.timing = "on_entry".into()).await;
    for at in [NINE + 20 * MINUTE, NINE + 30 * MINUTE] {
        hall.join("cd_a", "ss_a", None, at).await;
        let a = hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
        assert_eq!((a.joined_ms, a.begun_ms), (Some(NINE + 20 * MINUTE), Some(NINE + 20 * MINUTE)), "written once");
    }
    assert_eq!(hall.told().iter().filter(|kind| **kind == "candidate.began").count(), 1);
}

pub async fn time_that_begins_wakes_the_sweep(w: World) {
    let hall = Hall::running_with(w, |e| e.timing = "on_entry".into()).await;
    let store = &hall.world.store;
    store.set_next_due(&hall.world.room_row(&hall.room).await, None).await.unwrap();
    hall.join("cd_a", "ss_a", None, NINE + 20 * MINUTE).await;
    let due = NINE + 80 * MINUTE + 3_000;
    assert_eq!(store.next_due().await.unwrap(), Some(due));
    let seen = hall.world.room_row(&hall.room).await;
    hall.join("cd_b", "ss_b", None, NINE + 21 * MINUTE).await;
    store.set_next_due(&seen, Some(due + 60 * MINUTE)).await.unwrap();
    assert!(store.next_due().await.unwrap().is_some_and(|at| at <= due), "a sweep that has not seen the join raises nothing");
}

pub async fn a_closed_entry_lets_nobody_begin(w: World) {
    let hall = Hall::running_with(w, |e| e.late_entry_ms = Some(10 * MINUTE)).await;
    hall.join("cd_a", "ss_a", None, NINE + 10 * MINUTE - 1).await;
    hall.told();
    let late = hall.send(hall.join_op("cd_b", "ss_b", None, false, NINE + 10 * MINUTE)).await;
    assert_eq!(refused(late), Refusal::EntryClosed);
    assert!(hall.told().is_empty());
    let b = hall.world.store.candidate(&cd("cd_b")).await.unwrap().unwrap();
    assert_eq!((b.joined_ms, b.begun_ms, b.pen), (None, None, 0));
    assert_eq!(hall.join("cd_a", "ss_a", Some(1), NINE + 50 * MINUTE).await.pen, Some(1), "who has begun comes back");
}

pub async fn a_room_that_is_over_lets_nobody_in(w: World) {
    let hall = Hall::seated(w).await;
    let facts = RoomFacts { ended_ms: Some(Some(NINE + MINUTE)), ..RoomFacts::default() };
    let end = change(3, NINE + MINUTE, Kind::End { spare: false }, Targets::Room);
    hall.carry_out(Plan { room: facts, ..plan(end) }).await;
    assert_eq!(refused(hall.come("cd_b", "ss_b").await), Refusal::RoomOver);
}

pub async fn one_who_has_ended_gets_no_pen(w: World) {
    let hall = Hall::seated(w).await;
    let ended = Ended { at_ms: NINE + MINUTE, by: EndedBy::Invigilator };
    let mut end = plan(change(3, NINE + MINUTE, Kind::Terminate, only(&["cd_a"])));
    end.candidates = vec![(cd("cd_a"), CandidateFact::Ended { ended, on_rev: 2 }, Vec::new())];
    hall.carry_out(end).await;
    hall.told();
    let outcome = hall.join("cd_a", "ss_b", None, NINE + 2 * MINUTE).await;
    assert_eq!((outcome.pen, outcome.takeover, outcome.superseded), (None, None, false));
    assert!(hall.told().is_empty());
    assert_eq!(hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().pen, 1);
}
