//! A hand goes up, waits its turn, is answered, comes down.

use serde_json::{Value, json};

use crate::room::{Hall, WITHIN, settle};

fn names(hands: &Value) -> Vec<String> {
    hands["items"].as_array().unwrap().iter().map(|h| h["candidate"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hands_stand_in_the_order_in_which_they_went_up() {
    let hall = Hall::running(3).await;
    let (one, two) = (hall.sit(0).await, hall.sit(1).await);
    two.hand(true).await;
    let view = two.until(WITHIN, |view| view.hand.is_some()).await.unwrap();
    let raised = view.hand.unwrap();
    assert_eq!((raised.place, raised.answered_ms), (Some(1), None));
    one.hand(true).await;
    let second = one.until(WITHIN, |view| view.hand.is_some()).await.unwrap().hand.unwrap();
    assert_eq!(second.place, Some(2));
    // Without a socket, and twice: it keeps its age.
    let third = hall.as_candidate(2).await;
    let up = third.set_my_hand(&hall.room, true).await.unwrap();
    assert_eq!((&up["up"], &up["place"]), (&json!(true), &json!(3)));
    assert_eq!(third.set_my_hand(&hall.room, true).await.unwrap()["raised_at"], up["raised_at"]);
    let queue = hall.staff.hands(&hall.room).await.unwrap();
    assert_eq!(names(&queue), [hall.candidate(1), hall.candidate(0), hall.candidate(2)]);
    settle(async || hall.staff.status(&hall.room).await.unwrap()["counts"]["hands"] == 3).await;

    // Somebody comes: the page says so. Then it is done, and the next one moves up.
    hall.staff.answer_hand(&hall.room, hall.candidate(1), "coming").await.unwrap();
    two.until(WITHIN, |view| view.hand.as_ref().is_some_and(|hand| hand.answered_ms.is_some())).await.unwrap();
    let done = hall.staff.answer_hand(&hall.room, hall.candidate(1), "done").await.unwrap();
    assert_eq!(done["up"], false);
    two.until(WITHIN, |view| view.hand.is_none()).await.unwrap();
    one.until(WITHIN, |view| view.hand.as_ref().is_some_and(|hand| hand.place == Some(1))).await.unwrap();
    one.hand(false).await;
    one.until(WITHIN, |view| view.hand.is_none()).await.unwrap();
    let told = hall.staff.timeline(&hall.room).await.unwrap();
    let told: Vec<&str> = told.iter().filter_map(|e| e["kind"].as_str()).filter(|k| k.starts_with("hand.")).collect();
    assert_eq!(told, ["hand.raised", "hand.raised", "hand.raised", "hand.answered", "hand.lowered", "hand.lowered"]);
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_that_is_up_is_there_at_return() {
    let hall = Hall::running(1).await;
    let one = hall.sit(0).await;
    one.hand(true).await;
    one.until(WITHIN, |view| view.hand.is_some()).await.unwrap();
    let (_, held) = one.put_down().await;
    let again = hall.sit_with(0, held).await;
    assert_eq!(again.view().hand.and_then(|hand| hand.place), Some(1));
    hall.stop().await;
}
