//! The end is the server's: with nobody connected, after it was away at that very instant, with answers on the way.

use std::time::Duration;

use invigil::time::parse_rfc3339;
use serde_json::json;

use crate::ALONE;
use crate::hall::{Hall, Line};

fn ended(row: &Line, deadline: i64) -> bool {
    row.phase == "ended" && row.ended_by.as_deref() == Some("deadline") && row.ended == Some(deadline)
}

/// 0 goes home, 1 writes on and on; both have a deadline ahead and nobody else is in the room.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_end_comes_with_nobody_there_and_with_answers_on_the_way() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 2, json!({})).await;
    hall.sitters.swap_remove(0).stop().await;
    let (alone, writer) = (hall.leave(0, 3).await, hall.leave(1, 6).await);
    let ids = (hall.candidate(0).to_owned(), hall.candidate(1).to_owned());
    let rows = hall
        .under_load(async {
            let rows = hall.wait("both ended", |rows| rows.values().all(|row| row.phase == "ended")).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            rows
        })
        .await;
    assert!(ended(&rows[&ids.0], alone), "{rows:?} {alone}");
    assert!(ended(&rows[&ids.1], writer), "{rows:?} {writer}");
    let answers = hall.room.staff.answers_of(&hall.room.id, &ids.1).await.unwrap();
    let (mut before, mut grace, mut late) = (0, 0, 0);
    for answer in answers["items"].as_array().unwrap() {
        let received = parse_rfc3339(answer["received_at"].as_str().unwrap()).unwrap();
        let verdict = (answer["counts"].as_bool().unwrap(), answer["why"].as_str());
        let expected = match received - writer {
            ..=0 => (true, None),
            1..=3_000 => (true, Some("grace")),
            _ => (false, Some("late")),
        };
        assert_eq!(verdict, expected, "received {} ms after the deadline", received - writer);
        *(match expected {
            (true, None) => &mut before,
            (true, _) => &mut grace,
            _ => &mut late,
        }) += 1;
    }
    println!("{before} answers before the deadline, {grace} within grace, {late} later");
    assert!(before > 0 && grace > 0, "{before} {grace} {late}");
}

/// Where the exam wants no outage given back, an end that fell into one is made up for, at its own instant.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_end_that_fell_into_an_absence_is_recorded_where_it_was() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 2, json!({ "outages": "off" })).await;
    let (short, long) = (hall.candidate(0).to_owned(), hall.candidate(1).to_owned());
    let deadline = hall.leave(0, 5).await;
    tokio::task::block_in_place(|| hall.server.kill());
    tokio::time::sleep(Duration::from_secs(11)).await;
    hall.serve();
    let rows = hall.wait("one ended", |rows| rows[&short].phase == "ended").await;
    assert!(ended(&rows[&short], deadline), "{rows:?}");
    assert_eq!(rows[&long].phase, "working");
    let outages = hall.outages().await.unwrap();
    assert!(matches!(outages.as_slice(), [(_, 10_000.., state)] if state == "off"), "{outages:?}");
    assert!(hall.changes("outage").await.is_empty());
}

/// Whom an outage found asleep it took nothing from; and their end comes all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_absence_that_everybody_slept_through_holds_no_end_up() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 1, json!({})).await;
    let sleeper = hall.candidate(0).to_owned();
    hall.sitters.pop().unwrap().stop().await;
    hall.wait("known to be lost", |rows| rows[&sleeper].presence == "lost").await;
    let deadline = hall.leave(0, 8).await;
    tokio::task::block_in_place(|| hall.server.kill());
    tokio::time::sleep(Duration::from_secs(11)).await;
    hall.serve();
    let rows = hall.wait("ended", |rows| rows[&sleeper].phase == "ended").await;
    assert!(ended(&rows[&sleeper], deadline), "{rows:?}");
    let outages = hall.outages().await.unwrap();
    assert!(matches!(outages.as_slice(), [(_, _, state)] if state == "nobody"), "{outages:?}");
}
