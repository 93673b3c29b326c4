//! A change made at one node reaches everybody, at whichever node they are.

use std::time::Duration;

use serde_json::json;

use crate::rig::Nodes;
use crate::{extend, long_run, p99};

/// Changes that are timed while nodes hear each other, and while they do not.
const CHANGES: (usize, usize) = (20, 3);
/// Nobody changes a room's time twice in a second; after this, what the devices have said of a change is in the store.
const APART: Duration = Duration::from_millis(1_500);
/// What is promised, and asked of a machine that does nothing else.
const PROMISED: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// What a short run asks of a machine that does other things too.
const SHORT: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(20));

/// `INVIGIL_SOAK_DEVICES` says how many they are and makes the promise binding.
pub async fn a_hall_has_a_change_soon() {
    let devices = long_run("INVIGIL_SOAK_DEVICES");
    let (people, limits) = devices.map_or((40, SHORT), |n| (n, PROMISED));
    let mut nodes = Nodes::start(2).await;
    let room = nodes.room(people, json!({})).await;
    let sitters = nodes.sit(&room.codes, &[nodes.base(0), nodes.base(1)]).await;
    let mut took = Vec::new();
    for _ in 0..CHANGES.0 {
        took.extend(extend(&nodes, &room.staff, &room.id, &sitters).await);
        tokio::time::sleep(APART).await;
    }
    let slowest = p99(&mut took);
    println!("extend on A -> {people} devices on A and B, {} times: p50 {:?}, p99 {slowest:?}", CHANGES.0, took[took.len() / 2]);
    assert!(slowest <= limits.0, "p99 {slowest:?}");
    nodes.nats.kill();
    for n in 0..2 {
        nodes.until_ready(n, "degraded", "away").await;
    }
    let mut took = Vec::new();
    for _ in 0..CHANGES.1 {
        took.extend(extend(&nodes, &room.staff, &room.id, &sitters).await);
    }
    let slowest = took.iter().max().copied().unwrap_or_default();
    println!("without NATS, {} times: p99 {:?}, slowest {slowest:?}", CHANGES.1, p99(&mut took));
    assert!(slowest <= limits.1, "slowest {slowest:?}");
    for sitter in sitters {
        assert_eq!(sitter.stop().await.lost, 0);
    }
}
