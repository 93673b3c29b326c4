//! Messages through the wire: at once, at return, withdrawn, read, refused; to those whom they are for and to nobody else.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

#[path = "messages/hands.rs"]
mod hands;
#[path = "messages/inbox.rs"]
mod inbox;
#[path = "messages/room.rs"]
mod room;

use room::{Hall, WITHIN, ids, settle};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_is_there_at_once_and_at_return() {
    let hall = Hall::running(3).await;
    let one = hall.sit(0).await;
    let two = hall.sit(1).await;
    let (_, put_down) = two.put_down().await;
    let id = hall.announce("Ten minutes left.").await;
    let view = one.until(WITHIN, |view| view.messages.contains_key(&id)).await.unwrap();
    let message = &view.messages[&id];
    assert_eq!((message.text.as_str(), message.audience.as_str(), view.unread), ("Ten minutes left.", "room", 1));
    assert_eq!(message.author, "ada");

    let delivered = |of: &Value| of["message"]["delivery"]["delivered"].as_i64();
    settle(async || delivered(&hall.message(&id).await) == Some(1)).await;
    let detail = hall.message(&id).await;
    assert_eq!(detail["message"]["delivery"]["total"], 3);
    let missing: Vec<&str> =
        detail["message"]["delivery"]["missing"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(missing, [hall.candidate(1), hall.candidate(2)], "who does not have it is named");

    // Whoever comes back finds it in the `welcome`, and only then it counts as delivered.
    let two = hall.sit_with(1, put_down).await;
    let view = two.until(WITHIN, |view| view.connected && view.unread == 1).await.unwrap();
    assert!(view.messages.contains_key(&id));
    settle(async || delivered(&hall.message(&id).await) == Some(2)).await;

    one.read(&[&id]).await;
    settle(async || hall.message(&id).await["message"]["delivery"]["seen"] == 1).await;
    let receipts = hall.message(&id).await["receipts"].as_array().unwrap().clone();
    let of = |n: usize| receipts.iter().find(|r| r["candidate"] == hall.candidate(n)).unwrap();
    assert!(of(0)["seen_at"].is_string() && of(0)["delivered_at"].is_string());
    assert!(of(1)["delivered_at"].is_string() && of(1)["seen_at"].is_null());
    assert!(of(2)["delivered_at"].is_null());
    let list = hall.staff.messages(&hall.room).await.unwrap();
    assert_eq!((list.len(), &list[0]["author"]["name"], &list[0]["delivery"]["seen"]), (1, &json!("ada"), &json!(1)));
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_to_some_reach_them_and_nobody_else() {
    let hall = Hall::running(3).await;
    let sitters = [hall.sit(0).await, hall.sit(1).await, hall.sit(2).await];
    let body = json!({ "text": "Please see me.", "candidates": [hall.candidate(0), hall.candidate(2)] });
    let private = ids(&hall.staff.send_message(&hall.room, body, "k1").await.unwrap());
    // What comes after it has come tells that it will not.
    let all = hall.announce("To everybody.").await;
    for (n, sitter) in sitters.iter().enumerate() {
        let view = sitter.until(WITHIN, |view| view.messages.contains_key(&all)).await.unwrap();
        assert_eq!(view.messages.contains_key(&private), n != 1, "candidate {n}");
    }
    let other = hall.as_candidate(1).await;
    let mine = other.my_messages().await.unwrap();
    assert_eq!((mine["items"].as_array().unwrap().len(), &mine["unread"]), (1, &json!(1)));
    // Neither by its id: not to read, not to mark, not to remove.
    assert_eq!(other.message(&hall.room, &private).await.unwrap_err().status, 404);
    assert_eq!(other.mark_messages(&[&private], "seen").await.unwrap()["marked"], 0);
    assert_eq!(other.remove_messages(&[&private]).await.unwrap()["items"][0]["code"], "not_found");
    sitters[1].read(&[&private]).await;
    settle(async || hall.message(&private).await["message"]["delivery"]["delivered"] == 2).await;
    assert_eq!(hall.message(&private).await["message"]["delivery"]["seen"], 0, "nobody sees for another");
    let twice = json!({ "text": "Please see me.", "candidates": [hall.candidate(0), hall.candidate(2)] });
    assert_eq!(ids(&hall.staff.send_message(&hall.room, twice, "k1").await.unwrap()), private, "a repeat is the same message");
    let stranger = json!({ "text": "x", "candidates": ["cd_00000000000000000000000000000000"] });
    assert_eq!(hall.staff.send_message(&hall.room, stranger, "k2").await.unwrap_err().code, "bad_field");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_shown_to_whoever_has_it_and_spares_the_others() {
    let hall = Hall::running(2).await;
    let one = hall.sit(0).await;
    let ids = [hall.announce("Question 6 is left out.").await, hall.announce("Question 7 is left out.").await];
    one.until(WITHIN, |view| view.messages.len() == 2).await.unwrap();
    for id in &ids {
        settle(async || hall.message(id).await["message"]["delivery"]["delivered"] == 1).await;
    }
    let lines = hall.staff.withdraw(&hall.room, &[&ids[0], &ids[1], "mg_0"]).await.unwrap();
    let outcomes: Vec<&str> = lines["items"].as_array().unwrap().iter().map(|l| l["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|o| **o == "applied").count(), 2, "{lines}");
    assert_eq!(outcomes.iter().filter(|o| **o == "refused").count(), 1, "{lines}");
    let again = hall.staff.withdraw(&hall.room, &[&ids[0]]).await.unwrap();
    assert_eq!(again["items"][0]["outcome"], "unchanged");
    one.until(WITHIN, |view| view.messages.values().all(|m| m.withdrawn_ms.is_some())).await.unwrap();
    let two = hall.sit(1).await;
    let view = two.until(WITHIN, |view| view.connected).await.unwrap();
    assert_eq!((view.messages.len(), view.unread), (0, 0), "what was withdrawn before it came never comes");
    assert!(hall.message(&ids[0]).await["message"]["withdrawn_at"].is_string(), "the history keeps it");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_writes_and_sees_that_it_was_read() {
    let hall = Hall::running(2).await;
    let mut one = hall.sit(0).await;
    one.write("The picture does not load.").await;
    let text = room::written(&mut one).await;
    assert_eq!(text, "The picture does not load.");
    let inbox = hall.staff.my_messages().await.unwrap();
    let (id, first) = (ids(&inbox["items"][0]), &inbox["items"][0]);
    assert_eq!(
        (&inbox["unread"], &first["audience"], &first["author"]["candidate"]),
        (&json!(1), &json!("staff"), &json!(hall.candidate(0)))
    );
    assert_eq!(hall.staff.status(&hall.room).await.unwrap()["counts"]["unread"], 1);
    assert_eq!(hall.staff.mark_messages(&[&id], "seen").await.unwrap()["unread"], 0);
    one.until(WITHIN, |view| view.messages.get(&id).is_some_and(|m| m.read_ms.is_some())).await.unwrap();
    // The same words under the same number are one message; from another device it is another's list.
    let other = hall.as_candidate(1).await;
    assert_eq!(other.my_messages().await.unwrap()["items"], json!([]));
    // Without a socket.
    let same = hall.as_candidate(0).await;
    let first = ids(&same.write_to_staff(&hall.room, "And the next one.", "k").await.unwrap());
    assert_eq!(ids(&same.write_to_staff(&hall.room, "And the next one.", "k").await.unwrap()), first);
    assert_eq!(same.write_to_staff(&hall.room, "Other words.", "k").await.unwrap_err().code, "conflict");
    assert_eq!(same.remove_messages(&[&first]).await.unwrap()["items"][0]["outcome"], "applied", "the own words are taken back");
    settle(async || hall.message(&first).await["message"]["withdrawn_at"].is_string()).await;
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_too_much_is_told_to_wait() {
    let hall = Hall::running(1).await;
    let one = hall.as_candidate(0).await;
    let mut taken = 0;
    let problem = loop {
        match one.write_to_staff(&hall.room, "Hello?", &format!("k{taken}")).await {
            Ok(_) => taken += 1,
            Err(problem) => break problem,
        }
        assert!(taken < 50, "nothing bounds it");
    };
    assert_eq!((problem.status, problem.code.as_str()), (429, "rate_limited"));
    assert!(problem.retry_after.is_some() && taken >= 5, "{taken}");
    // Over the socket it is refused with the permission to come again.
    let refused = room::refused_frame(&hall, 0).await;
    assert_eq!((refused["code"].as_str(), refused["retry"].as_bool()), (Some("rate_limited"), Some(true)));
    for (text, code) in [("", "bad_field"), (&*"x".repeat(1_001), "too_long"), ("a\u{7}b", "nul_character")] {
        assert_eq!(hall.staff.send_message(&hall.room, json!({ "text": text }), "").await.unwrap_err().code, code, "{text:?}");
    }
    hall.stop().await;
}
