//! Lists, rights, templates, and what stays out of the timeline.

use invigil::domain::access::Role;
use serde_json::json;

use crate::room::{Hall, ids, settle};

#[tokio::test(flavor = "multi_thread")]
async fn the_own_list_is_marked_and_cleared_without_a_socket() {
    let hall = Hall::running(2).await;
    let one = hall.as_candidate(0).await;
    let sent = [hall.announce("One").await, hall.announce("Two").await, hall.announce("Three").await];
    let list = one.my_messages().await.unwrap();
    let texts: Vec<&str> = list["items"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!((texts, &list["unread"]), (vec!["Three", "Two", "One"], &json!(3)));
    assert_eq!(hall.message(&sent[0]).await["message"]["delivery"]["delivered"], 0, "reading the list proves nothing");
    let marked = one.mark_messages(&[&sent[0], &sent[1]], "delivered").await.unwrap();
    assert_eq!((&marked["marked"], &marked["unread"]), (&json!(2), &json!(3)));
    assert_eq!(one.mark_messages(&[&sent[0]], "delivered").await.unwrap()["marked"], 0, "a repeat changes nothing");
    let all = one.patch("/me/messages", json!({ "state": "seen" })).await.unwrap();
    assert_eq!((&all["marked"], &all["unread"]), (&json!(3), &json!(0)));
    assert_eq!(hall.message(&sent[0]).await["message"]["delivery"]["seen"], 1);
    let off = one.remove_messages(&[&sent[0], &sent[2]]).await.unwrap();
    assert_eq!(off["items"].as_array().unwrap().len(), 2);
    let left = one.my_messages().await.unwrap();
    assert_eq!((left["items"].as_array().unwrap().len(), ids(&left["items"][0])), (1, sent[1].clone()));
    assert_eq!(hall.as_candidate(1).await.my_messages().await.unwrap()["items"].as_array().unwrap().len(), 3);
    assert_eq!(hall.staff.messages(&hall.room).await.unwrap().len(), 3, "the sender keeps them");
    assert_eq!(one.delete("/me/messages?ids=").await.unwrap_err().code, "bad_field");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_act_within_their_rights() {
    let hall = Hall::running(1).await;
    let (bob, ivy, root) = (
        hall.account("bob", Role::Teacher).await,
        hall.account("ivy", Role::Teacher).await,
        hall.account("root", Role::Admin).await,
    );
    let grant = async |who: &invigil::client::Rest, rights: &[&str]| {
        let id = ids(&who.get("/me").await.unwrap()["user"]);
        hall.staff.put(&format!("/rooms/{}/staff/{id}", hall.room), json!({ "rights": rights })).await.unwrap();
    };
    grant(&ivy, &["watch", "message"]).await;
    let id = hall.announce("Ten minutes left.").await;
    assert_eq!(bob.messages(&hall.room).await.unwrap_err().status, 404, "not bob's room");
    assert_eq!(ivy.messages(&hall.room).await.unwrap().len(), 1);
    let line = ivy.withdraw(&hall.room, &[&id]).await.unwrap();
    assert_eq!(line["items"][0]["code"], "forbidden", "it is somebody else's");
    assert_eq!(ivy.delete(&format!("/rooms/{}/messages/{id}", hall.room)).await.unwrap_err().status, 403);
    let own = ids(&ivy.send_message(&hall.room, json!({ "text": "Mine" }), "k").await.unwrap());
    hall.staff.delete(&format!("/rooms/{}/messages/{own}", hall.room)).await.unwrap();
    root.delete(&format!("/rooms/{}/messages/{id}", hall.room)).await.unwrap();
    let author = ids(&ivy.get("/me").await.unwrap()["user"]);
    let by = hall.staff.list(&format!("/rooms/{}/messages?author={author}", hall.room)).await.unwrap();
    assert_eq!((by.len(), &by[0]["text"]), (1, &json!("Mine")));

    let one = hall.as_candidate(0).await;
    let note = ids(&one.write_to_staff(&hall.room, "Help", "k").await.unwrap());
    for who in [&hall.staff, &ivy, &root] {
        assert_eq!(who.my_messages().await.unwrap()["unread"], 1);
    }
    assert_eq!(bob.my_messages().await.unwrap()["items"], json!([]));
    ivy.mark_messages(&[&note], "seen").await.unwrap();
    assert_eq!(hall.staff.my_messages().await.unwrap()["unread"], 1, "everybody has a list of their own");
    assert_eq!(hall.staff.withdraw(&hall.room, &[&note]).await.unwrap()["items"][0]["code"], "forbidden");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_kept_and_used_by_those_whose_they_are() {
    let hall = Hall::running(1).await;
    let (bob, root) = (hall.account("bob", Role::Teacher).await, hall.account("root", Role::Admin).await);
    let own = ids(&hall.staff.create_message_template("Time", "Ten minutes left.").await.unwrap());
    let house = ids(&root.create_message_template("Fire", "Leave the room.").await.unwrap());
    let list = hall.staff.message_templates().await.unwrap();
    let shown: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|t| (t["title"].as_str().unwrap(), t["house"] == true)).collect();
    assert_eq!(shown, [("Fire", true), ("Time", false)]);
    assert_eq!(bob.message_templates().await.unwrap()["items"].as_array().unwrap().len(), 1);
    let change = |text: &str| json!({ "text": text });
    let at = |id: &str| format!("/message-templates/{id}");
    assert_eq!(bob.patch(&at(&own), change("x")).await.unwrap_err().status, 404);
    assert_eq!(bob.patch(&at(&house), change("x")).await.unwrap_err().status, 403);
    let changed = hall.staff.patch(&at(&own), change("Five minutes left.")).await.unwrap();
    assert_eq!((&changed["title"], &changed["text"]), (&json!("Time"), &json!("Five minutes left.")));
    root.patch(&at(&house), change("Leave the room now.")).await.unwrap();
    hall.staff.delete(&at(&own)).await.unwrap();
    assert_eq!(hall.staff.delete(&at(&own)).await.unwrap_err().status, 404);
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_says_that_somebody_wrote_and_never_what() {
    let hall = Hall::running(1).await;
    let one = hall.sit(0).await;
    let id = hall.announce("The secret word is swordfish.").await;
    settle(async || hall.message(&id).await["message"]["delivery"]["delivered"] == 1).await;
    one.read(&[&id]).await;
    settle(async || hall.message(&id).await["message"]["delivery"]["seen"] == 1).await;
    let told = hall.staff.timeline(&hall.room).await.unwrap();
    let kinds: Vec<&str> = told.iter().filter_map(|e| e["kind"].as_str()).filter(|k| k.starts_with("message.")).collect();
    assert_eq!(kinds, ["message.sent", "message.delivered", "message.seen"]);
    assert!(!told.iter().any(|e| e.to_string().contains("swordfish")));
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_into_a_room_that_is_over() {
    let hall = Hall::running(1).await;
    let one = hall.as_candidate(0).await;
    hall.staff.end(&hall.room, json!({ "spare": false }), "end").await.unwrap();
    settle(async || hall.staff.status(&hall.room).await.unwrap()["phase"] == "ended").await;
    assert_eq!(hall.staff.send_message(&hall.room, json!({ "text": "x" }), "").await.unwrap_err().code, "phase_conflict");
    assert_eq!(one.write_to_staff(&hall.room, "x", "k").await.unwrap_err().code, "room_over");
    assert_eq!(one.set_my_hand(&hall.room, true).await.unwrap_err().code, "room_over");
    hall.stop().await;
}
