//! Every operation with every kind of actor: who may not is told so in the one right way, and for each somebody succeeds.

use invigil::domain::access::{Action, Need, Right};
use serde_json::{Value, json};

use crate::document::operations;
use crate::world::{Answer, Room, World, paper, text};

/// Not by token, or not to be repeated in the walk.
const APART: [&str; 4] = ["login", "enter", "refresh", "logout"];
/// What is allowed finds nothing here: there is no such request, no such grant, no such template.
const FINDS_NOTHING: [&str; 6] = [
    "decide_outage",
    "decide_takeover",
    "delete_staff",
    "update_message_template",
    "delete_message_template",
    // The incident is about Li.
    "reply_to_my_incident",
];
/// Codes of a door that stays closed.
const CLOSED: [&str; 6] = ["token_missing", "token_invalid", "token_expired", "forbidden", "not_found", "not_enrolled"];

/// ada owns, bob teaches elsewhere, ivy may only watch, root administers, sam is the account of Wang, li sits here, kai in another room.
const ACTORS: [&str; 8] = ["nobody", "li", "kai", "sam", "bob", "ivy", "ada", "root"];

/// None: may. Else the status and code of the refusal.
fn expected(need: Need, who: &str) -> Option<(u16, &'static str)> {
    let (forbidden, hidden) = (Some((403, "forbidden")), Some((404, "not_found")));
    match (need, who) {
        (_, "nobody") => Some((401, "token_missing")),
        (Need::Nothing | Need::Person, _) => None,
        (Need::Account, "li" | "kai") => forbidden,
        (Need::Account, _) | (Need::Admin, "root") | (Need::Teacher, "ada" | "bob" | "ivy" | "root") => None,
        (Need::Admin | Need::Teacher, _) => forbidden,
        (Need::Owner | Need::Right(_), "ada" | "root") => None,
        (Need::Owner, _) => hidden,
        (Need::Right(Right::Watch), "ivy") => None,
        (Need::Right(_), "ivy") => forbidden,
        (Need::Right(_), _) => hidden,
        (Need::Sitter, "li" | "sam") => None,
        (Need::Sitter, _) => Some((403, "not_enrolled")),
    }
}

fn body(operation: &str, room: &Room) -> Value {
    match operation {
        "set_password" => json!({ "old": "not this one", "new": "a long enough secret" }),
        "create_user" => json!({ "login": "new", "name": "New", "role": "teacher", "password": "short" }),
        "create_exam" => json!({ "title": "Walk", "duration_seconds": 600 }),
        "create_room" => json!({ "exam": room.exam, "location": "Hall 3" }),
        "put_paper" => paper(),
        "put_staff" => json!({ "rights": [] }),
        "add_candidates" => json!({ "name": "Somebody" }),
        "set_accommodation" => json!({ "multiplier_bp": 11_000 }),
        "extend_room" | "credit_room" => json!({ "seconds": 60 }),
        "terminate_candidates" | "reopen_candidates" => json!({ "candidates": [room.li], "reason": { "code": "other" } }),
        "decide_outage" => json!({ "accept": true }),
        "accept_answers" | "accept_room_answers" => json!({ "reason": { "code": "network" } }),
        "decide_takeover" => json!({ "id": "tk_0", "allow": true }),
        "upload_answers" => json!({ "format": "", "room": "", "candidate": "", "hash": "", "answers": [] }),
        "record_answers" => json!({ "answers": [] }),
        "submit" => json!({ "pen": 1, "seq": 1, "have": [] }),
        "send_message" | "write_to_staff" => json!({ "text": "Walk" }),
        "mark_my_messages" => json!({ "state": "seen" }),
        "create_message_template" => json!({ "title": "Walk", "text": "Walk" }),
        "answer_hand" => json!({ "state": "coming" }),
        "start_rehearsal" => json!({ "people": 3 }),
        "record_incident" => json!({ "topic": "environment.noise" }),
        "reply_to_incident" | "reply_to_my_incident" => json!({ "text": "Walk" }),
        "tell_signal" => json!({ "kind": "paste", "chars": 5, "key": "walk" }),
        "put_rule_exemptions" => json!({ "rules": [] }),
        "add_staff" => json!({ "login": "sam", "rights": [] }),
        "offer_handover" => json!({ "to": "us_0" }),
        "put_attendance" => json!({ "said": "here" }),
        "set_my_hand" => json!({ "up": true }),
        _ => json!({}),
    }
}

/// What paths name.
struct Named {
    room: Room,
    sam: String,
    message: String,
    incident: String,
}

async fn ask(w: &World, named: &Named, who: &str, (method, path, operation): &(String, String, Value)) -> Answer {
    let Named { room, sam, message, incident } = named;
    let name = operation["operationId"].as_str().unwrap();
    let path = path.replace("{room}", &room.id).replace("{exam}", &room.exam).replace("{user}", sam);
    let mut path = path.replace("{candidate}", &room.li).replace("{rev}", "1").replace("{outage}", "1");
    path = path.replace("{message}", message).replace("{incident}", incident).replace("{template}", "mt_0");
    if matches!(name, "withdraw_messages" | "remove_my_messages") {
        path = format!("{path}?ids={message}");
    }
    // An account of role student has to say in which room.
    if name.ends_with("_my_messages") && who == "sam" {
        path = format!("{path}{}room={}", if path.contains('?') { '&' } else { '?' }, room.id);
    }
    if operation["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "dry_run") {
        path.push_str("?dry_run=true");
    }
    let mut request = w.ask(method.parse().unwrap(), &path);
    if who != "nobody" {
        request = request.by(who);
    }
    if operation["requestBody"].is_object() {
        request = request.json(&body(name, room));
    }
    request.send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_denies_by_default() {
    let mut w = World::start().await;
    w.entered().await;
    let kai = w.tokens["li"].clone();
    let room = w.entered().await;
    w.tokens.insert("kai".to_owned(), kai);
    let (ivy, sam) = (w.get("/me").by("ivy").send().await.ok(), w.get("/me").by("sam").send().await.ok());
    let (ivy, sam) = (text(&ivy["user"]["id"]), text(&sam["user"]["id"]));
    w.put(&format!("{}/staff/{ivy}", room.path)).by("ada").json(&json!({ "rights": ["watch"] })).send().await.ok();
    // Who has come cannot be deleted, so the walk may try.
    for who in ["li", "sam"] {
        w.post(&format!("{}/candidates/me/join", room.path)).by(who).send().await.ok();
    }

    let message = w.post(&format!("{}/messages", room.path)).by("ada").json(&json!({ "text": "Walk" })).send().await.ok();
    let incident = json!({ "topic": "candidate.illness", "candidate": room.li, "shown": true });
    let incident = w.post(&format!("{}/incidents", room.path)).by("ada").json(&incident).send().await.ok();
    let named = Named { room, sam, message: text(&message["id"]), incident: text(&incident["id"]) };
    let mut walked = 0;
    for operation in operations() {
        let name = text(&operation.2["operationId"]);
        if APART.contains(&name.as_str()) {
            continue;
        }
        let action = Action::ALL.iter().find(|a| a.id() == name).unwrap();
        let mut allowed = 0;
        for who in ACTORS {
            let answer = ask(&w, &named, who, &operation).await;
            let code = answer.json["code"].as_str().unwrap_or_default();
            if let Some(refusal) = expected(action.need(), who) {
                assert_eq!((answer.status, code), refusal, "{who} {name}: {}", answer.text);
            } else {
                let open = !CLOSED.contains(&code) && answer.status < 500 && code != "bad_field";
                assert!(open || FINDS_NOTHING.contains(&name.as_str()), "{who} {name}: {}", answer.text);
                allowed += 1;
            }
            walked += 1;
        }
        assert!(allowed > 0, "nobody may {name}");
    }
    assert!(walked > 350, "{walked}");
    w.post("/auth/logout").send().await.refused(401, "token_missing");
    w.app.stop().await;
}
