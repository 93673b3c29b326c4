//! Beats, the gaps between them, and an outage that is given back once.

use invigil::domain::clock::{Kind, Targets};
use invigil::domain::control::Gap;
use invigil::domain::event::{Body, Event, Presence};
use invigil::domain::ids::{EventId, Id, RoomId};
use invigil::domain::presence::Line;
use invigil::store::StoreError;
use invigil::store::outages::{Mark, OutageState};
use invigil::store::rooms::Plan;

use crate::fixture::{MINUTE, NINE, World, cd, change, event, nd, plan};

async fn runs(w: &World) -> RoomId {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    let mut start = plan(change(1, NINE, Kind::Start, Targets::Room));
    start.room.started_ms = Some(NINE);
    w.store.change_room(&room, &start).await.unwrap();
    room
}

pub async fn a_gap_is_an_outage_from_five_seconds_on(w: World) {
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE).await.unwrap(), [], "there is nothing before the first beat");
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 5_000).await.unwrap(), []);
    assert_eq!(w.store.beat(&nd("nd_b"), false, || NINE + 5_500).await.unwrap(), []);
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 10_400).await.unwrap(), [], "another node was alive");
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 4_000).await.unwrap(), [], "a clock that was set back");
    assert_eq!(w.store.last_beat_ms().await.unwrap(), Some(NINE + 5_500));
    let gap = Gap { after_ms: NINE + 5_500, from_ms: NINE + 5_500, to_ms: NINE + 10_501 };
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 10_501).await.unwrap(), [gap]);
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 11_000).await.unwrap(), [gap], "until it is settled");
    w.store.outage_settled(gap.after_ms, NINE).await.unwrap();
    assert_eq!(w.store.beat(&nd("nd_a"), false, || NINE + 12_000).await.unwrap(), []);
    w.store.beat_anew(&nd("nd_a"), NINE + 60 * MINUTE, None).await.unwrap();
    assert_eq!(
        w.store.beat(&nd("nd_a"), false, || NINE + 60 * MINUTE + 1_000).await.unwrap(),
        [],
        "time that was set is no outage"
    );
    w.store.beat_anew(&nd("nd_a"), NINE, None).await.unwrap();
    assert_eq!(w.store.last_beat_ms().await.unwrap(), Some(NINE), "beats of the wrong clock are gone");
}

pub async fn two_nodes_that_find_a_gap_find_one(w: World) {
    w.store.beat(&nd("nd_old"), false, || NINE).await.unwrap();
    let other = World::again(&w.url).await;
    let (a, b) = (nd("nd_a"), nd("nd_b"));
    let (one, two) = tokio::join!(w.store.beat(&a, false, || NINE + 90_000), other.store.beat(&b, false, || NINE + 90_007));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.len(), &one), (1, &two), "both are to settle the same");
}

pub async fn an_event_after_the_last_beat_is_a_sign_of_life_of_who_is_gone(w: World) {
    let room = runs(&w).await;
    w.store.beat(&nd("nd_a"), false, || NINE).await.unwrap();
    let signed = |at: i64, body| Event { id: EventId::make(NINE + at, [7; 10]), ..event(&room, None, NINE + at, body) };
    for (at, body) in [(700, Body::RoomEnded), (40_000, Body::RosterChanged { candidates: 1 })] {
        let told = Plan { from_rev: 1, events: vec![signed(at, body)], ..Plan::default() };
        w.store.change_room(&room, &told).await.unwrap();
    }
    let found = w.store.beat(&nd("nd_b"), false, || NINE + 90_000).await.unwrap();
    assert_eq!(found, [Gap { after_ms: NINE, from_ms: NINE + 700, to_ms: NINE + 90_000 }]);
    w.store.outage_settled(NINE, NINE).await.unwrap();
    let late = signed(90_600, Body::RosterChanged { candidates: 2 });
    w.store.change_room(&room, &Plan { from_rev: 1, events: vec![late], ..Plan::default() }).await.unwrap();
    let own = w.store.beat(&nd("nd_b"), false, || NINE + 180_000).await.unwrap();
    assert_eq!(own[0].from_ms, NINE + 90_000, "who lives on may have stored it just now");
}

pub async fn an_outage_is_given_back_once(w: World) {
    let room = runs(&w).await;
    w.store.beat(&nd("nd_a"), false, || NINE + 1_000).await.unwrap();
    let gap = w.store.beat(&nd("nd_b"), false, || NINE + 91_000).await.unwrap()[0];
    let concerned = w.store.rooms_concerned(gap).await.unwrap();
    assert_eq!(concerned, [(room.clone(), "automatic".to_owned())]);
    let give = |rev: i64, state| {
        let kind = Kind::Outage { from_ms: gap.from_ms, to_ms: gap.to_ms };
        let mark = Mark { after_ms: gap.after_ms, state, rev: Some(rev), at_ms: NINE, by: None };
        Plan { outage: Some(mark), ..plan(change(rev, NINE + 91_000, kind, Targets::Room)) }
    };
    w.store.change_room(&room, &give(2, OutageState::Given)).await.unwrap();
    let again = w.store.change_room(&room, &give(3, OutageState::Given)).await;
    assert!(matches!(again, Err(StoreError::Moved)), "{again:?}");
    assert_eq!(w.store.ledger(&room).await.unwrap().rev(), 2, "the ledger's entry went with it");
    assert_eq!(w.store.rooms_concerned(gap).await.unwrap(), []);
    let stored = w.store.room_outages(&room).await.unwrap();
    assert_eq!((stored.len(), stored[0].gap, stored[0].state, stored[0].rev), (1, gap, OutageState::Given, Some(2)));
}

pub async fn a_proposal_is_decided_once(w: World) {
    let room = runs(&w).await;
    w.store.beat(&nd("nd_a"), false, || NINE + 1_000).await.unwrap();
    let gap = w.store.beat(&nd("nd_b"), false, || NINE + 91_000).await.unwrap()[0];
    let mark = |state| Mark { after_ms: gap.after_ms, state, rev: None, at_ms: NINE, by: None };
    let told = event(&room, None, NINE + 91_000, Body::OutageProposed { from_ms: gap.from_ms, to_ms: gap.to_ms });
    w.store.mark_outage(&room, &mark(OutageState::Proposed), Some(&told)).await.unwrap();
    w.store.mark_outage(&room, &mark(OutageState::Dismissed), None).await.unwrap();
    let again = w.store.mark_outage(&room, &mark(OutageState::Accepted), None).await;
    assert!(matches!(again, Err(StoreError::Moved)), "{again:?}");
    assert_eq!(w.store.room_outages(&room).await.unwrap()[0].state, OutageState::Dismissed);
}

pub async fn who_was_lost_is_known_for_every_instant(w: World) {
    let room = runs(&w).await;
    let is =
        |at: i64, who, presence| event(&room, Some(who), NINE + at, Body::PresenceChanged { presence, line: Line::default() });
    let events = vec![
        is(1, "cd_a", Presence::Connected),
        is(2, "cd_b", Presence::Connected),
        is(60_000, "cd_a", Presence::Lost),
        is(90_000, "cd_a", Presence::Connected),
        is(90_001, "cd_b", Presence::Lost),
    ];
    w.store.change_room(&room, &Plan { from_rev: 1, events, ..Plan::default() }).await.unwrap();
    assert_eq!(w.store.lost_at(&room, NINE + 59_999).await.unwrap(), []);
    assert_eq!(w.store.lost_at(&room, NINE + 60_000).await.unwrap(), [cd("cd_a")]);
    assert_eq!(w.store.lost_at(&room, NINE + 99_999).await.unwrap(), [cd("cd_b")]);
    assert_eq!(w.store.signs(&room).await.unwrap().len(), 5);
}
