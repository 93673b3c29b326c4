use serde_json::{Value, json};

use crate::world::{Answer, Room, World};

async fn extend(w: &World, room: &Room, key: &str, seconds: i64) -> Answer {
    let body = json!({ "seconds": seconds, "reason": { "code": "noise", "text": "drill" } });
    w.post(&format!("{}/extend", room.path)).by("ada").header("Idempotency-Key", key).json(&body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_can_be_tried_repeated_and_bound_to_a_rev() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let tried = w.verb(&room, "start?dry_run=true", json!({})).await.ok();
    assert_eq!((&tried["applied"], &tried["phase"]), (&json!(false), &json!("running")));
    assert_eq!(w.get(&room.path).by("ada").send().await.ok()["phase"], "open", "a dry run does nothing");
    w.verb(&room, "pause", json!({})).await.refused(409, "phase_conflict");
    w.verb(&room, "start", json!({})).await.ok();

    w.verb(&room, "extend", json!({ "seconds": 60 })).await.refused(400, "key_required");
    let first = extend(&w, &room, "k1", 60).await.ok();
    let second = extend(&w, &room, "k1", 60).await.ok();
    assert_eq!(first, second);
    extend(&w, &room, "k1", 61).await.refused(422, "key_reused");
    let clock = w.get(&format!("{}/clock", room.path)).by("ada").send().await.ok();
    let kinds: Vec<&Value> = clock["changes"].as_array().unwrap().iter().map(|c| &c["kind"]).collect();
    assert_eq!(kinds, ["open", "start", "extend"], "the repeat had no effect");
    assert_eq!(clock["changes"][2]["reason"], json!({ "code": "noise", "text": "drill" }));

    let rev = first["rev"].as_i64().unwrap();
    w.verb(&room, "pause", json!({ "expected_rev": rev - 1 })).await.refused(409, "clock_moved");
    w.verb(&room, "pause", json!({ "expected_rev": rev })).await.ok();
    let change = w.get(&format!("{}/clock/changes/{rev}", room.path)).by("ada").send().await.ok();
    assert_eq!((&change["kind"], &change["seconds"], &change["reverted"]), (&json!("extend"), &json!(60.0), &json!(false)));
    let reverted = w.post(&format!("{}/clock/changes/{rev}/revert", room.path)).by("ada").send().await.ok();
    assert_eq!(reverted["applied"], true);
    let clock = w.get(&format!("{}/clock", room.path)).by("ada").send().await.ok();
    let last = clock["changes"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["kind"], &last["reverts"], &clock["changes"][2]["reverted"]),
        (&json!("revert"), &json!(rev), &json!(true))
    );
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_asked_eight_times_at_once_takes_effect_once() {
    let mut w = World::start().await;
    let room = w.entered().await;
    w.verb(&room, "start", json!({})).await.ok();
    let answers = futures_util::future::join_all((0..8).map(|_| extend(&w, &room, "double click", 60))).await;
    let answers: Vec<Value> = answers.into_iter().map(Answer::ok).collect();
    assert!(answers.iter().all(|a| *a == answers[0]), "every repeat says the same");
    let clock = w.get(&format!("{}/clock", room.path)).by("ada").send().await.ok();
    let extends = clock["changes"].as_array().unwrap().iter().filter(|c| c["kind"] == "extend").count();
    assert_eq!(extends, 1);
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_answered_line_by_line() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let body = json!({ "multiplier_bp": 15_000, "reason": { "code": "accommodation" } });
    let path = format!("{}/candidates/{}/accommodation", room.path, room.li);
    let change = w.put(&path).by("ada").json(&body).send().await.ok();
    assert_eq!((change["affected"].as_array().unwrap().len(), &change["affected"][0]["outcome"]), (1, &json!("applied")));
    w.verb(&room, "start", json!({})).await.ok();
    let body = json!({ "candidates": [room.li, "cd_00000000000000000000000000000000"], "seconds": 30 });
    let extend = w.post(&format!("{}/extend", room.path)).by("ada").header("Idempotency-Key", "s").json(&body).send().await.ok();
    let codes: Vec<&Value> = extend["affected"].as_array().unwrap().iter().map(|line| &line["code"]).collect();
    assert!(codes.contains(&&json!("not_found")) && codes.contains(&&Value::Null), "{extend}");
    let none = json!({ "candidates": [room.li] });
    w.verb(&room, "terminate", none).await.refused(400, "reason_required");
    let missing = json!({ "reason": { "code": "conduct" } });
    let problem = w.verb(&room, "terminate", missing).await.refused(400, "bad_field");
    assert_eq!(problem["errors"][0]["path"], "candidates");
    let differs = json!({ "client_now_at": "2020-01-01T00:00:00Z" });
    w.verb(&room, "open", differs).await.refused(409, "clock_differs");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_waits_until_somebody_decides() {
    let mut w = World::start().await;
    let room = w.entered().await;
    w.verb(&room, "start", json!({})).await.ok();
    let join = format!("{}/candidates/me/join", room.path);
    assert_eq!(w.post(&join).by("li").json(&json!({})).send().await.ok()["pen"], 1);
    // A page that comes back with a pen that is not its own takes nothing.
    w.post(&join).by("li").json(&json!({ "pen": 7 })).send().await.refused(409, "pen_superseded");
    let path = format!("{}/candidates/{}/takeover", room.path, room.li);
    let decision = json!({ "id": "tk_00000000000000000000000000000000", "allow": true });
    w.post(&path).by("ada").json(&decision).send().await.refused(404, "not_found");
    w.app.stop().await;
}

/// Whoever opens a room with a clock that is off is asked to look first, and may go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_room_opens_under_another_clock_only_knowingly() {
    let w = World::start().await;
    let room = w.room().await;
    let theirs = invigil::time::rfc3339_ms(w.app.service.now() + 120_500);
    let refused = w.verb(&room, "open", json!({ "client_now_at": theirs })).await;
    assert_eq!(
        (refused.status, &refused.json["code"], &refused.json["difference_seconds"]),
        (409, &json!("clock_differs"), &json!(120))
    );
    assert_eq!(w.get(&room.path).by("ada").send().await.ok()["phase"], "scheduled");
    let near = invigil::time::rfc3339_ms(w.app.service.now() - 30_000);
    assert_eq!(w.verb(&room, "open?dry_run=true", json!({ "client_now_at": near })).await.ok()["phase"], "open");
    let knowing = json!({ "client_now_at": theirs, "accept_clock_difference": true });
    assert_eq!(w.verb(&room, "open", knowing).await.ok()["applied"], true);
    w.app.stop().await;
}
