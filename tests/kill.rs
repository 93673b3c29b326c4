//! Law 1 against the real program: it is killed again and again while answers come in, and what it has acknowledged is there.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "kill/drain.rs"]
mod drain;
#[path = "kill/traffic.rs"]
mod traffic;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::room::{Room, short_questions};
use support::site::Site;
use tokio::sync::Mutex;
use traffic::{IN_FLIGHT, Traffic};

/// One run at a time: each fills the machine.
static ALONE: Mutex<()> = Mutex::const_new(());

const CANDIDATES: usize = 50;

async fn survives(url: Option<String>, kills: usize) {
    let site = tokio::task::block_in_place(|| Site::new(url));
    let server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), CANDIDATES, json!({}), short_questions(6)).await.unwrap();
    let traffic = Traffic::new(&site, server);
    let sitters = traffic.enter(&room).await;
    let run = traffic.run(sitters, kills).await;
    traffic.cut_at_rest();
    let stored = room.stored().await.unwrap();
    let found = traffic.checker.compare(&stored);
    let rate = run.acked_in_time * 100 / run.offered;
    println!(
        "{} offered at 200/s, {rate} % acked in time, in flight at the kills {:?}, restarts {:?}, ack p50 {:?} p99 {:?} max {:?}; {} acked, {} stored: \
         lost {}, duplicated {}, phantom {}, altered {}",
        run.offered,
        run.cuts,
        run.restarts,
        run.ack.p50,
        run.ack.p99,
        run.ack.max,
        found.acked,
        found.stored,
        found.lost.len(),
        found.duplicated.len(),
        found.phantom.len(),
        found.altered.len(),
    );
    let log = site.log();
    assert!(found.clean(), "{found:?}\n{log}");
    assert_eq!((found.attempted, found.acked, found.stored), (run.offered, run.offered, run.offered), "{log}");
    assert_eq!(told_once(&room).await, run.offered, "each answer is in the timeline exactly once");
    let deep = run.cuts.iter().filter(|in_flight| **in_flight >= IN_FLIGHT).count();
    assert!(deep >= kills, "too few answers were in flight at the kills: {:?}", run.cuts);
    assert!(rate >= 90, "only {rate} % of the offered rate was acknowledged in time: {run:?}\n{log}");
    assert!(run.connects >= (CANDIDATES * (1 + run.cuts.len())) as u64, "not everybody came back by themselves: {run:?}");
}

/// Answers the timeline tells of; panics if it tells of one twice.
async fn told_once(room: &Room) -> usize {
    let events = room.staff.list(&format!("/rooms/{}/timeline?kind=answer.saved", room.id)).await.unwrap();
    let mut told = BTreeMap::<(String, i64, i64), usize>::new();
    for event in &events {
        let number = |name: &str| event["data"][name].as_i64().or(event[name].as_i64()).unwrap();
        let candidate = event.get("candidate").and_then(Value::as_str).unwrap().to_owned();
        *told.entry((candidate, number("pen"), number("seq"))).or_default() += 1;
    }
    let twice: Vec<_> = told.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "told twice: {twice:?}");
    told.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_acknowledged_survives_kills_on_sqlite() {
    let _alone = ALONE.lock().await;
    survives(None, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_acknowledged_survives_kills_on_postgres() {
    let _alone = ALONE.lock().await;
    let url = support::postgres::create_database().await;
    survives(Some(url), 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_drain_says_goodbye_and_loses_nothing() {
    let _alone = ALONE.lock().await;
    drain::drains().await;
}
