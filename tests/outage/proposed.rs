//! What is not given back by itself: the exam leaves it to staff, or it was too long.

use std::time::Duration;

use serde_json::json;

use crate::ALONE;
use crate::hall::Hall;

async fn absent(hall: &mut Hall) {
    tokio::task::block_in_place(|| hall.server.kill());
    tokio::time::sleep(Duration::from_secs(11)).await;
    hall.serve();
}

/// The sweep does not wait for staff; whoever it ended works again when they accept, with what was left.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn staff_give_back_what_was_proposed_and_nobody_stays_ended() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 2, json!({ "outages": "propose" })).await;
    let (short, long) = (hall.candidate(0).to_owned(), hall.candidate(1).to_owned());
    let deadline = hall.leave(0, 7).await;
    let before = hall.rows().await.unwrap();
    let left = deadline - hall.now().await;
    absent(&mut hall).await;
    hall.wait("one ended", |rows| rows[&short].phase == "ended").await;
    let outages = hall.outages().await.unwrap();
    let [(number, length, state)] = outages.as_slice() else { panic!("{outages:?}") };
    assert_eq!(state, "proposed");
    let told = hall.room.staff.timeline(&hall.room.id).await.unwrap();
    assert_eq!(told.iter().filter(|event| event["kind"] == "outage.proposed").count(), 1);

    let change = hall.room.staff.decide_outage(&hall.room.id, *number, true).await.unwrap();
    assert_eq!((&change["applied"], change["affected"].as_array().unwrap().len()), (&json!(true), 2), "{change}");
    let after = hall.wait("at work again", |rows| rows[&short].phase == "working").await;
    let got = after[&short].deadline.unwrap() - hall.now().await;
    assert!(got > 0 && got <= left, "{got} ms of the {left} ms that were left when the server went");
    assert_eq!(after[&long].deadline.unwrap() - before[&long].deadline.unwrap(), *length);
    let again = hall.room.staff.decide_outage(&hall.room.id, *number, true).await.unwrap();
    assert_eq!(again["applied"], false);
    let refused = hall.room.staff.decide_outage(&hall.room.id, *number, false).await.unwrap_err();
    assert_eq!(refused.code, "not_proposed");
    assert_eq!(hall.rows().await.unwrap()[&long].deadline, after[&long].deadline);

    absent(&mut hall).await;
    let outages = hall.outages().await.unwrap();
    let [_, (number, _, state)] = outages.as_slice() else { panic!("{outages:?}") };
    assert_eq!(state, "proposed");
    let change = hall.room.staff.decide_outage(&hall.room.id, *number, false).await.unwrap();
    assert_eq!(change["applied"], true);
    assert_eq!(hall.outages().await.unwrap()[1].2, "dismissed");
    assert_eq!(hall.changes("outage").await.len(), 1);
    assert_eq!(hall.rows().await.unwrap()[&long].deadline, after[&long].deadline);
}

/// A laptop shut overnight with a room that nobody ended gives nine hours to nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_long_absence_is_proposed_only() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 1, json!({})).await;
    let before = hall.rows().await.unwrap();
    tokio::task::block_in_place(|| hall.server.kill());
    hall.site.execute("update nodes set beat_ms = beat_ms - 9 * 3600000").await;
    hall.serve();
    let outages = hall.outages().await.unwrap();
    let [(_, length, state)] = outages.as_slice() else { panic!("{outages:?}") };
    assert!(*length > 8 * 3_600_000 && state == "proposed", "{outages:?}");
    let after = hall.rows().await.unwrap();
    assert_eq!(
        after.values().map(|row| row.deadline).collect::<Vec<_>>(),
        before.values().map(|row| row.deadline).collect::<Vec<_>>()
    );
}
