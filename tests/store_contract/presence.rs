//! Presence as several nodes tell it: believed under the lock of the candidate's row, told once.

use invigil::domain::clock::{Ended, EndedBy};
use invigil::domain::event::{Body, Presence};
use invigil::domain::presence::Word;
use invigil::store::StoreError;
use invigil::store::journal::{Join, JoinOutcome, Op, Outcome, Say};
use invigil::store::rooms::{CandidateFact, Plan, RoomFacts};

use crate::fixture::{NINE, World, cd, event, nd, ss};
use crate::hall::{Hall, joined};

/// Comes with a socket to a node, where nobody knows of another one.
async fn connect(hall: &Hall, session: &str, shown: Option<i64>, node: &str) -> JoinOutcome {
    let (room, candidate, session, socket) = (hall.room.clone(), cd("cd_a"), ss(session), Some(nd(node)));
    joined(hall.send(Op::Join(Join { room, candidate, session, shown, holder_connected: false, socket, at_ms: NINE })).await)
}

/// Whether what a node says is believed.
async fn says(hall: &Hall, node: &str, connection: i64, presence: Presence, dead: bool) -> bool {
    let word = Word { presence, connection, node: nd(node) };
    match hall.send(Op::Say(Say { room: hall.room.clone(), candidate: cd("cd_a"), word, dead })).await {
        Outcome::Noted => true,
        Outcome::Stale => false,
        other => panic!("{other:?}"),
    }
}

async fn left(hall: &Hall, connection: i64) {
    hall.send(Op::Left { room: hall.room.clone(), candidate: cd("cd_a"), connection }).await;
}

async fn presence(hall: &Hall) -> (Presence, Option<String>) {
    let heard = hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().presence.heard();
    (heard.presence, heard.line.node.map(|node| node.to_string()))
}

/// Beats of nodes so long before nine, in ms.
async fn beats(hall: &Hall, nodes: &[(&str, i64)]) {
    for (node, before) in nodes {
        hall.world.store.beat(&nd(node), false, || NINE - before).await.unwrap();
    }
}

pub async fn a_word_about_an_older_connection_is_not_believed(w: World) {
    let hall = Hall::running(w).await;
    let first = connect(&hall, "ss_a", None, "nd_a").await;
    let second = connect(&hall, "ss_a", first.pen, "nd_b").await;
    assert!(first.connection > 0 && second.connection > first.connection, "{first:?} {second:?}");
    assert_eq!(second.pen, first.pen);
    hall.told();
    for (node, connection) in [("nd_a", first.connection), ("nd_a", second.connection), ("nd_b", first.connection)] {
        assert!(!says(&hall, node, connection, Presence::Lost, false).await, "{node} {connection}");
    }
    assert!(hall.told().is_empty());
    assert_eq!(presence(&hall).await, (Presence::Connected, Some("nd_b".to_owned())));
    assert!(says(&hall, "nd_b", second.connection, Presence::Unsteady, false).await);
    assert!(!says(&hall, "nd_b", second.connection, Presence::Unsteady, false).await, "once an edge");
    assert_eq!(hall.told(), ["presence.changed"]);
    let told = hall.world.store.signs(&hall.room).await.unwrap();
    let numbers: Vec<i64> =
        told.iter().filter_map(|e| if let Body::PresenceChanged { line, .. } = &e.body { Some(line.n) } else { None }).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

pub async fn the_candidates_of_a_dead_node_are_lost_once(w: World) {
    let hall = Hall::running(w).await;
    beats(&hall, &[("nd_a", 11_000), ("nd_b", 0)]).await;
    let on_a = connect(&hall, "ss_a", None, "nd_a").await;
    let store = &hall.world.store;
    assert_eq!(store.dead_nodes(NINE - 10_000).await.unwrap(), [nd("nd_a")]);
    let left = store.answered_for(&nd("nd_a"), 9).await.unwrap();
    assert_eq!(left, [(cd("cd_a"), hall.room.clone(), on_a.connection)]);
    hall.told();
    assert!(says(&hall, "nd_a", on_a.connection, Presence::Lost, true).await);
    assert!(!says(&hall, "nd_a", on_a.connection, Presence::Lost, true).await);
    assert_eq!((hall.told(), presence(&hall).await), (vec!["presence.changed"], (Presence::Lost, None)));
    assert!(store.answered_for(&nd("nd_a"), 9).await.unwrap().is_empty());
    store.bury(&nd("nd_a"), NINE - 10_000, NINE).await.unwrap();
    assert!(store.dead_nodes(NINE - 10_000).await.unwrap().is_empty());
    let on_b = connect(&hall, "ss_a", Some(1), "nd_b").await;
    assert!(!says(&hall, "nd_b", on_b.connection, Presence::Lost, true).await, "a node that lives speaks for itself");
    assert_eq!(store.living_nodes(NINE - 10_000).await.unwrap(), [nd("nd_b")]);
    // One that was only frozen is there again, and may die again.
    beats(&hall, &[("nd_a", 10_500)]).await;
    assert_eq!(store.dead_nodes(NINE - 10_000).await.unwrap(), [nd("nd_a")]);
}

pub async fn a_holder_at_another_node_is_asked_while_that_lives(w: World) {
    let hall = Hall::running(w).await;
    beats(&hall, &[("nd_a", 0), ("nd_old", 11_000)]).await;
    let holder = connect(&hall, "ss_a", None, "nd_a").await;
    let newcomer = connect(&hall, "ss_b", None, "nd_b").await;
    assert_eq!((newcomer.pen, newcomer.connection), (None, 0));
    assert!(newcomer.takeover.is_some());
    assert_eq!(presence(&hall).await, (Presence::Connected, Some("nd_a".to_owned())), "whoever waits speaks for nobody");
    left(&hall, holder.connection + 7).await;
    assert!(connect(&hall, "ss_b", None, "nd_b").await.pen.is_none(), "another connection has left");
    left(&hall, holder.connection).await;
    let taken = connect(&hall, "ss_b", None, "nd_old").await;
    assert_eq!(taken.pen, Some(2), "a holder who has closed its socket holds nothing");
    assert_eq!(connect(&hall, "ss_c", None, "nd_a").await.pen, Some(3), "nor one of a node that is dead");
}

pub async fn of_two_sweeps_one_ends_a_room(w: World) {
    let hall = Hall::seated(w).await;
    let ended = Ended { at_ms: NINE, by: EndedBy::Deadline };
    let over = event(&hall.room, None, NINE, Body::RoomEnded);
    let plan = |n: i64| Plan {
        from_rev: 2,
        room: RoomFacts { ended_ms: Some(Some(NINE + n)), ..RoomFacts::default() },
        candidates: vec![(cd("cd_a"), CandidateFact::Ended { ended, on_rev: 2 }, Vec::new())],
        events: vec![event(&hall.room, None, NINE, Body::RoomEnded)],
        ..Plan::default()
    };
    let other = World::again(&hall.world.url).await;
    let (one, two) = (plan(1), plan(2));
    let both = tokio::join!(hall.world.store.change_room(&hall.room, &one), other.store.change_room(&hall.room, &two));
    let outcomes = [both.0, both.1];
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Moved))).count(), 1, "{outcomes:?}");
    let told = hall.world.store.timeline_back(&hall.room, "", 99).await.unwrap();
    assert_eq!(told.iter().filter(|event| event.body == over.body).count(), 1);
}
