//! The one transaction that changes a room.

use invigil::domain::clock::{Ended, EndedBy, Kind, Target, Targets};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::RoomId;
use invigil::store::StoreError;
use invigil::store::rooms::{CandidateFact, CommandKey, Plan, RoomFacts};
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{NINE, World, cd, change, event, only, plan};

async fn with_candidates(w: &World) -> RoomId {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    room
}

fn told(room: &RoomId, who: &str) -> Vec<Event> {
    vec![event(room, Some(who), NINE, Body::CandidateBegan { begun_ms: NINE })]
}

async fn kinds(w: &World, room: &RoomId) -> Vec<&'static str> {
    let all = TimelineFilter { limit: 100, ..TimelineFilter::default() };
    w.store.timeline(room, &all).await.unwrap().iter().map(|e| e.body.name()).collect()
}

pub async fn every_kind_of_change_is_read_back(w: World) {
    let room = with_candidates(&w).await;
    let kinds = [
        Kind::Open,
        Kind::Start,
        Kind::Pause,
        Kind::Resume { at_ms: NINE + 5 },
        Kind::Extend { ms: -7 },
        Kind::Credit { ms: 1 << 40 },
        Kind::Accommodate { multiplier_bp: 12_500 },
        Kind::Outage { from_ms: NINE, to_ms: NINE + 1 },
        Kind::Terminate,
        Kind::Reopen { ms: 60 },
        Kind::Revert { rev: 3 },
        Kind::End { spare: true },
    ];
    let ended = Targets::Only(vec![
        Target { candidate: cd("cd_a"), from_ms: Some(NINE + 1) },
        Target { candidate: cd("cd_b"), from_ms: None },
    ]);
    let mut made = Vec::new();
    for (n, kind) in (1..).zip(kinds) {
        let targets = if n % 2 == 0 { ended.clone() } else { Targets::Room };
        made.push(change(n, NINE + n, kind, targets));
    }
    made[11].by = None;
    w.store.change_room(&room, &Plan { changes: made.clone(), ..Plan::default() }).await.unwrap();
    let ledger = w.store.ledger(&room).await.unwrap();
    assert_eq!(ledger.changes(), made);
    let clock = w.store.room_clock(&room).await.unwrap().unwrap();
    assert_eq!((clock.rev, clock.ledger), (12, ledger));
}

pub async fn a_plan_on_an_old_rev_changes_nothing(w: World) {
    let room = with_candidates(&w).await;
    w.store.change_room(&room, &plan(change(1, NINE, Kind::Open, Targets::Room))).await.unwrap();
    let mut stale = plan(change(1, NINE, Kind::Start, Targets::Room));
    stale.room.started_ms = Some(NINE);
    stale.events = vec![event(&room, None, NINE, Body::RoomEnded)];
    stale.candidates = vec![(cd("cd_a"), CandidateFact::Begun(NINE), told(&room, "cd_a"))];
    let result = w.store.change_room(&room, &stale).await;
    assert!(matches!(result, Err(StoreError::Moved)), "{result:?}");
    assert_eq!(w.room_row(&room).await.started_ms, None);
    assert_eq!(w.store.candidate(&cd("cd_a")).await.unwrap().unwrap().begun_ms, None);
    assert_eq!(w.store.ledger(&room).await.unwrap().changes().len(), 1);
    assert_eq!(kinds(&w, &room).await, ["roster.changed"]);
}

pub async fn of_two_plans_on_one_rev_one_happens(w: World) {
    let room = with_candidates(&w).await;
    let plans = [
        plan(change(1, NINE, Kind::Extend { ms: 1 }, Targets::Room)),
        plan(change(1, NINE, Kind::Extend { ms: 2 }, Targets::Room)),
    ];
    let race = tokio::join!(w.store.change_room(&room, &plans[0]), w.store.change_room(&room, &plans[1]));
    let lost = [&race.0, &race.1].into_iter().filter(|r| matches!(r, Err(StoreError::Moved))).count();
    assert_eq!(lost, 1, "{race:?}");
    assert_eq!(w.store.ledger(&room).await.unwrap().changes().len(), 1);
    assert_eq!(w.room_row(&room).await.rev, 1);
}

pub async fn facts_of_a_room_are_set_and_cleared(w: World) {
    let room = with_candidates(&w).await;
    let facts =
        RoomFacts { opened: Some((NINE, 3)), started_ms: Some(NINE + 1), paused_ms: Some(Some(NINE + 2)), ended_ms: None };
    w.store.change_room(&room, &Plan { room: facts, next_due_ms: Some(NINE - 9), ..Plan::default() }).await.unwrap();
    let row = w.room_row(&room).await;
    assert_eq!((row.opened_ms, row.paper_version, row.started_ms), (Some(NINE), Some(3), Some(NINE + 1)));
    assert_eq!((row.paused_ms, row.ended_ms, row.next_due_ms), (Some(NINE + 2), None, Some(NINE - 9)));
    let facts = RoomFacts {
        opened: Some((NINE + 5, 4)),
        started_ms: Some(NINE + 5),
        paused_ms: Some(None),
        ended_ms: Some(Some(NINE + 6)),
    };
    w.store.change_room(&room, &Plan { room: facts, ..Plan::default() }).await.unwrap();
    let row = w.room_row(&room).await;
    assert_eq!((row.opened_ms, row.paper_version, row.started_ms), (Some(NINE), Some(3), Some(NINE + 1)), "written once");
    assert_eq!((row.paused_ms, row.ended_ms), (None, Some(NINE + 6)));
    let facts = RoomFacts { ended_ms: Some(None), ..RoomFacts::default() };
    w.store.change_room(&room, &Plan { room: facts, ..Plan::default() }).await.unwrap();
    assert_eq!(w.room_row(&room).await.ended_ms, None);
}

pub async fn facts_of_candidates_are_news_once(w: World) {
    let room = with_candidates(&w).await;
    let begin = |rev, who: &str| {
        let mut plan = plan(change(rev, NINE, Kind::Start, only(&[who])));
        plan.candidates = vec![(cd(who), CandidateFact::Begun(NINE + rev), told(&room, who))];
        plan
    };
    assert_eq!(w.store.change_room(&room, &begin(1, "cd_a")).await.unwrap().len(), 1);
    assert_eq!(w.store.change_room(&room, &begin(2, "cd_a")).await.unwrap().len(), 0, "no event for what is no news");
    let a = w.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.begun_ms, a.rev), (Some(NINE + 1), 1));
    let reopen = |rev| Plan {
        candidates: vec![(cd("cd_a"), CandidateFact::Reopened, told(&room, "cd_a"))],
        ..plan(change(rev, NINE, Kind::Reopen { ms: 0 }, only(&["cd_a"])))
    };
    assert_eq!(w.store.change_room(&room, &reopen(3)).await.unwrap().len(), 0, "who has not ended is not reopened");
    let ended = Ended { at_ms: NINE + 8, by: EndedBy::Invigilator };
    let mut end = plan(change(4, NINE, Kind::Terminate, only(&["cd_a"])));
    end.candidates = vec![(cd("cd_a"), CandidateFact::Ended { ended, on_rev: 3 }, told(&room, "cd_a"))];
    assert_eq!(w.store.change_room(&room, &end).await.unwrap().len(), 1);
    assert_eq!(w.store.candidate(&cd("cd_a")).await.unwrap().unwrap().facts().ended, Some(ended));
    assert_eq!(w.store.change_room(&room, &reopen(5)).await.unwrap().len(), 1);
    let a = w.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    assert_eq!((a.facts().ended, a.rev), (None, 5));
}

pub async fn an_end_planned_before_an_extension_is_not_made(w: World) {
    let room = with_candidates(&w).await;
    let mut extend = plan(change(1, NINE, Kind::Extend { ms: 9 }, only(&["cd_a"])));
    extend.candidates = vec![(cd("cd_a"), CandidateFact::Touched, Vec::new())];
    w.store.change_room(&room, &extend).await.unwrap();
    let fact = CandidateFact::Ended { ended: Ended { at_ms: NINE, by: EndedBy::Deadline }, on_rev: 0 };
    let sweep = Plan {
        from_rev: 1,
        candidates: vec![(cd("cd_a"), fact, told(&room, "cd_a")), (cd("cd_b"), fact, told(&room, "cd_b"))],
        ..Plan::default()
    };
    let events = w.store.change_room(&room, &sweep).await.unwrap();
    assert_eq!(events.iter().map(|e| e.candidate.clone().unwrap()).collect::<Vec<_>>(), [cd("cd_b")]);
    assert_eq!(w.store.candidate(&cd("cd_a")).await.unwrap().unwrap().ended_ms, None);
    assert_eq!(w.store.candidate(&cd("cd_b")).await.unwrap().unwrap().ended_by.as_deref(), Some("deadline"));
    assert_eq!(kinds(&w, &room).await, ["roster.changed", "candidate.began"]);
}

pub async fn a_room_wide_change_touches_everyone(w: World) {
    let room = with_candidates(&w).await;
    w.store.change_room(&room, &plan(change(1, NINE, Kind::Extend { ms: 1 }, only(&["cd_a"])))).await.unwrap();
    w.store.change_room(&room, &plan(change(2, NINE, Kind::Extend { ms: 1 }, Targets::Room))).await.unwrap();
    let revs: Vec<i64> = w.store.candidates(&room).await.unwrap().iter().map(|c| c.rev).collect();
    assert_eq!(revs, [2, 2]);
}

/// Whoever judges an answer learns from the row whether the ledger at hand is new enough: also of somebody who came after the
/// last change.
pub async fn a_late_candidate_carries_the_rev_of_the_room(w: World) {
    let room = with_candidates(&w).await;
    w.store.change_room(&room, &plan(change(1, NINE, Kind::Start, Targets::Room))).await.unwrap();
    w.candidates(&room, &["cd_late"]).await;
    assert_eq!(w.store.candidate(&cd("cd_late")).await.unwrap().unwrap().rev, 1);
}

fn command(key: &str, hash: &str, response: &str) -> CommandKey {
    CommandKey { actor: "us_t".into(), key: key.into(), request_hash: hash.into(), response: response.into() }
}

pub async fn a_command_is_kept_in_the_same_transaction(w: World) {
    let room = with_candidates(&w).await;
    assert_eq!(w.store.command("us_t", "k", "h").await.unwrap(), None);
    let mut extend = plan(change(1, NINE, Kind::Extend { ms: 1 }, Targets::Room));
    extend.command = Some(command("k", "h", "{\"rev\":1}"));
    w.store.change_room(&room, &extend).await.unwrap();
    assert_eq!(w.store.command("us_t", "k", "h").await.unwrap().as_deref(), Some("{\"rev\":1}"));
    assert_eq!(w.store.command("us_2", "k", "h").await.unwrap(), None, "keys are each actor's own");
    let other = w.store.command("us_t", "k", "another body").await;
    assert!(matches!(other, Err(StoreError::KeyReused)), "{other:?}");
    let moved = w.store.change_room(&room, &Plan { command: Some(command("k2", "h", "{}")), ..extend.clone() }).await;
    assert!(matches!(moved, Err(StoreError::Moved)), "{moved:?}");
    assert_eq!(w.store.command("us_t", "k2", "h").await.unwrap(), None, "what did not happen answered nothing");
}

pub async fn a_repeated_key_rolls_the_whole_plan_back(w: World) {
    let room = with_candidates(&w).await;
    let first = Plan { command: Some(command("k", "h", "{}")), ..plan(change(1, NINE, Kind::Extend { ms: 1 }, Targets::Room)) };
    w.store.change_room(&room, &first).await.unwrap();
    let again = Plan { command: Some(command("k", "h", "{}")), ..plan(change(2, NINE, Kind::Extend { ms: 1 }, Targets::Room)) };
    let result = w.store.change_room(&room, &again).await;
    assert!(matches!(result, Err(StoreError::Duplicate)), "{result:?}");
    assert_eq!(w.store.ledger(&room).await.unwrap().changes().len(), 1);
    assert_eq!(w.room_row(&room).await.rev, 1);
}
