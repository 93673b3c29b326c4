//! Times in which nobody could work: the server is killed, frozen, or cut off from its database, and the time is given back once, to
//! those who were working, before anybody is ended. Against the real program.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "outage/database.rs"]
mod database;
#[path = "outage/ends.rs"]
mod ends;
#[path = "outage/hall.rs"]
mod hall;
#[path = "outage/proposed.rs"]
mod proposed;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use hall::{Hall, Line, PATIENCE};
use invigil::client::rest::fresh_key;
use invigil::limits;
use serde_json::json;
use tokio::sync::Mutex;

/// One at a time: they tell times apart.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How long the server is away; `INVIGIL_OUTAGE_SECONDS=90` for the long run.
fn away() -> Duration {
    let seconds = std::env::var("INVIGIL_OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(12))
}

fn ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap()
}

/// Candidates 0 to 3 work, of whom 0 has 8 s left; 4 has gone to sleep.
async fn all_of_the_server_is_away(url: Option<String>) {
    let mut hall = Hall::on(url, 5, json!({})).await;
    let asleep = hall.candidate(4).to_owned();
    hall.sitters.pop().unwrap().stop().await;
    hall.wait("one asleep", |rows| rows[&asleep].presence == "lost").await;
    let inside = hall.leave(0, 8).await;
    let before = hall.rows().await.unwrap();
    let (alive, killed, down) = {
        let time = hall.time.clone();
        let mut server = std::mem::replace(&mut hall.server, support::process::Process::start(&mut Command::new("true")));
        let cut = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let alive = time.mono();
            tokio::task::block_in_place(|| server.kill());
            let killed = time.mono();
            tokio::time::sleep(away()).await;
            (alive, killed, time.mono())
        };
        hall.under_load(cut).await
    };
    hall.serve();
    let served = hall.time.mono();
    let after =
        hall.wait("everybody back", |rows| rows.iter().all(|(id, row)| *id == asleep || row.presence == "connected")).await;
    let outages = hall.outages().await.unwrap();
    let [(_, length, state)] = outages.as_slice() else { panic!("{outages:?}\n{}", hall.site.log()) };
    println!(
        "away for {} ms by this test's clock, given back {length} ms, off by {} ms",
        ms(served.saturating_sub(killed)),
        length - ms(served.saturating_sub(killed))
    );
    assert_eq!(state, "given");
    assert!(*length >= ms(down.saturating_sub(killed)) - 2, "{length} ms are less than it was away for");
    assert!(
        *length <= ms(served.saturating_sub(alive)) + 1_000,
        "{length} ms are more than it was away for: {:?}",
        served.saturating_sub(alive)
    );
    for (id, row) in &before {
        let earned = after[id].deadline.unwrap() - row.deadline.unwrap();
        assert_eq!(earned, if *id == asleep { 0 } else { *length }, "{id}");
        assert_eq!(after[id].phase, "working", "{id}");
    }
    assert!(hall.now().await > inside, "its old deadline has passed");
    assert_eq!(hall.changes("outage").await.len(), 1);
    hall.everybody(|view| {
        let explained = view.clock.iter().flat_map(|clock| &clock.explain).filter(|term| term.kind == "outage");
        explained.map(|term| term.ms).collect::<Vec<_>>() == [*length]
    })
    .await;
    again_at_once(&mut hall, &outages).await;
    for sitter in hall.sitters {
        let report = sitter.stop().await;
        assert_eq!((report.refused, report.lost), (0, 0), "{report:?}");
    }
}

/// A second kill, with a start right after it, gives nothing more.
async fn again_at_once(hall: &mut Hall, outages: &[(i64, i64, String)]) {
    let killed = hall.time.mono();
    tokio::task::block_in_place(|| hall.server.kill());
    hall.serve();
    let down = hall.time.mono().saturating_sub(killed);
    hall.wait("working again", |rows| rows.values().all(|row| row.phase == "working")).await;
    let now = hall.outages().await.unwrap();
    assert_eq!(now[..outages.len()], *outages);
    // A machine so slow that the start takes five seconds had a second outage.
    assert!(now.len() == outages.len() || down > Duration::from_secs(4), "{now:?} after {down:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_server_that_was_away_gives_the_time_back_once_on_sqlite() {
    let _alone = ALONE.lock().await;
    all_of_the_server_is_away(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_server_that_was_away_gives_the_time_back_once_on_postgres() {
    let _alone = ALONE.lock().await;
    let url = support::postgres::create_database().await;
    all_of_the_server_is_away(Some(url)).await;
}

/// A machine that stands still beats no more; what it did not do meanwhile it does not do to the candidates afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_server_that_was_frozen_gives_the_time_back() {
    let _alone = ALONE.lock().await;
    let hall = Hall::on(None, 2, json!({})).await;
    let inside = hall.leave(0, 6).await;
    let before = hall.rows().await.unwrap();
    // The outage begins with the last beat: one has to come after everybody has begun, or a part of it was nobody's time.
    tokio::time::sleep(2 * limits::BEAT_EVERY).await;
    hall.server.freeze();
    let frozen = hall.time.mono();
    tokio::time::sleep(Duration::from_secs(11)).await;
    let thawed = hall.time.mono();
    hall.server.thaw();
    let length = given(&hall).await;
    assert!(length >= ms(thawed.saturating_sub(frozen)) - 2, "{length}");
    let after = moved(&hall, &before, length).await;
    assert!(hall.now().await > inside);
    assert!(after.values().all(|row| row.phase == "working"), "{after:?}");
}

/// Waits until everybody's deadline lies `length` ms further than before: the live table comes after the ledger.
async fn moved(hall: &Hall, before: &BTreeMap<String, Line>, length: i64) -> BTreeMap<String, Line> {
    let shifted = |row: &Line| row.deadline.map(|at| at + length);
    hall.wait("everybody's deadline moved", |rows| before.iter().all(|(id, row)| rows[id].deadline == shifted(row))).await
}

/// Waits for the first outage to be given back, and returns its length.
async fn given(hall: &Hall) -> i64 {
    let begun = hall.time.mono();
    loop {
        let seen = hall.outages().await;
        if let Ok(outages) = &seen
            && let [(_, length, state)] = outages.as_slice()
        {
            assert_eq!(state, "given");
            return *length;
        }
        assert!(hall.time.mono().saturating_sub(begun) < PATIENCE, "nothing was given back: {seen:?}\n{}", hall.site.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The server runs and answers, but nothing could be saved.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_database_that_was_away_gives_the_time_back() {
    let _alone = ALONE.lock().await;
    let url = support::postgres::create_database_to_break().await;
    let mut database = database::Database::of(&url).await;
    let hall = Hall::on(Some(url), 3, json!({})).await;
    let inside = hall.leave(0, 8).await;
    let before = hall.rows().await.unwrap();
    let (stopped, started) = {
        let time = hall.time.clone();
        let cut = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokio::task::block_in_place(|| database.stop());
            let stopped = time.mono();
            tokio::time::sleep(away()).await;
            let started = time.mono();
            tokio::task::block_in_place(|| database.start());
            (stopped, started)
        };
        hall.under_load(cut).await
    };
    let length = given(&hall).await;
    assert!(length >= ms(started.saturating_sub(stopped)) - 2, "{length} ms are less than it was away for");
    assert!(length <= ms(hall.time.mono().saturating_sub(stopped)) + 2_000, "{length} ms are more than it was away for");
    let after = moved(&hall, &before, length).await;
    assert!(hall.now().await > inside);
    assert!(after.values().all(|row| row.phase == "working"), "{after:?}");
    assert_eq!(hall.changes("outage").await.len(), 1);
    // A change like any other: staff take it back.
    let rev = hall.changes("outage").await[0]["rev"].as_i64().unwrap();
    let refused = hall.room.staff.revert(&hall.room.id, rev, json!({}), &fresh_key()).await.unwrap_err();
    assert_eq!(refused.code, "no_time_left", "one of them has lived on it");
    let others = json!({ "seconds": 600, "candidates": [hall.candidate(0)], "reason": { "code": "other" } });
    hall.room.staff.extend(&hall.room.id, others, &fresh_key()).await.unwrap();
    hall.room.staff.revert(&hall.room.id, rev, json!({}), &fresh_key()).await.unwrap();
    let as_before = |id: &str, rows: &BTreeMap<String, Line>| rows[id].deadline == before[id].deadline;
    let (one, other) = (hall.candidate(1), hall.candidate(2));
    hall.wait("taken back", |rows| as_before(one, rows) && as_before(other, rows)).await;
}
