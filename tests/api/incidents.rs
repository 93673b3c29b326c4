//! Incidents: recorded, shown, answered, decided; what rules propose; time that is given back once.

use std::time::Duration;

use invigil::auth::secrets::mint;
use invigil::domain::clock::Kind;
use invigil::domain::ids::{CandidateId, Id as _, RoomId};
use invigil::domain::incident::{Finding, Incident, Topic};
use serde_json::{Value, json};

use crate::world::{Room, World, text};

/// An incident of ada's about Li.
async fn record(w: &World, room: &Room, body: Value) -> Value {
    w.post(&format!("{}/incidents", room.path)).by("ada").json(&body).send().await.ok()
}

/// Waits for something that happens by itself.
pub async fn settle<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not happen within 30 s");
}

async fn list(w: &World, room: &Room, query: &str) -> Vec<Value> {
    w.get(&format!("{}/incidents?{query}", room.path)).by("ada").send().await.ok()["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_recorded_shown_answered_and_decided() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let body = json!({ "topic": "candidate.illness", "candidate": room.li, "text": "Felt sick.", "shown": false });
    let asked = || w.post(&format!("{}/incidents", room.path)).by("ada").header("Idempotency-Key", "k1");
    let made = asked().json(&body).send().await.ok();
    assert_eq!((&made["state"], &made["rev"], &made["topic"]), (&json!("open"), &json!(1), &json!("candidate.illness")));
    assert_eq!(asked().json(&body).send().await.ok()["id"], made["id"], "the same key again is the same incident");
    let other = json!({ "topic": "candidate.illness", "candidate": room.li, "text": "Something else." });
    asked().json(&other).send().await.refused(422, "key_reused");

    let path = format!("{}/incidents/{}", room.path, text(&made["id"]));
    let mine = format!("{}/candidates/me/incidents", room.path);
    assert_eq!(w.get(&mine).by("li").send().await.ok()["items"], json!([]), "not shown yet");
    let reply = format!("{mine}/{}/replies", text(&made["id"]));
    w.post(&reply).by("li").json(&json!({ "text": "?" })).send().await.refused(404, "not_found");
    let shown = w.patch(&path).by("ada").json(&json!({ "shown": true })).send().await.ok();
    assert_eq!((&shown["shown"], &shown["rev"]), (&json!(true), &json!(2)));
    assert_eq!(w.patch(&path).by("ada").json(&json!({ "shown": true })).send().await.ok()["rev"], 2, "a repeat changes nothing");
    let seen = w.get(&mine).by("li").send().await.ok();
    assert_eq!((&seen["items"][0]["text"], &seen["items"][0]["state"]), (&json!("Felt sick."), &json!("open")));
    assert!(seen["items"][0].get("by").is_none(), "who wrote it is not told");
    assert_eq!(w.get(&mine).by("sam").send().await.ok()["items"], json!([]), "another's is not shown");

    let answer = json!({ "text": "I am better now." });
    for _ in 0..2 {
        w.post(&reply).by("li").header("Idempotency-Key", "r1").json(&answer).send().await.ok();
    }
    w.post(&reply)
        .by("li")
        .header("Idempotency-Key", "r1")
        .json(&json!({ "text": "No." }))
        .send()
        .await
        .refused(422, "key_reused");
    w.post(&format!("{path}/replies")).by("ada").json(&json!({ "text": "Good." })).send().await.ok();
    let now = w.get(&path).by("ada").send().await.ok();
    let said: Vec<&str> = now["replies"].as_array().unwrap().iter().map(|r| r["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["I am better now.", "Good."]);
    assert_eq!(now["replies"][0]["author"]["candidate"], room.li.as_str());

    let event = w.get(&format!("{}/timeline?kind=incident.changed", room.path)).by("ada").send().await.ok();
    let first = &event["items"][0];
    assert_eq!((&first["step"], &first["candidate"]), (&json!("opened"), &json!(room.li)));
    let linked = w.patch(&path).by("ada").json(&json!({ "events": [first["id"]] })).send().await.ok();
    assert_eq!(linked["events"], json!([first["id"]]));
    w.patch(&path).by("ada").json(&json!({ "events": ["ev_0"] })).send().await.refused(400, "bad_field");
    let done = w.patch(&path).by("ada").json(&json!({ "state": "resolved" })).send().await.ok();
    assert_eq!((&done["state"], done["decided_at"].is_string()), (&json!("resolved"), true));
    w.patch(&path).by("ada").json(&json!({ "state": "proposed" })).send().await.refused(400, "bad_field");
    w.post(&format!("{path}/credit")).by("ada").json(&json!({})).send().await.refused(409, "not_proposed");
    assert_eq!(list(&w, &room, "state=open").await.len(), 0);
    assert_eq!(list(&w, &room, "state=resolved&category=candidate").await.len(), 1);
    assert_eq!(list(&w, &room, "category=technical").await.len(), 0);
    w.get(&format!("{}/incidents?category=guilt", room.path)).by("ada").send().await.refused(400, "bad_field");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_proposes_explains_itself_and_does_nothing_else() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let rules = format!("/exams/{}/incident-rules", room.exam);
    let set = w.put(&rules).by("ada").json(&json!({ "paste_chars": 100, "away_seconds": null })).send().await.ok();
    assert_eq!((&set["paste_chars"], &set["away_seconds"], &set["silent_seconds"]), (&json!(100), &Value::Null, &json!(60)));
    w.put(&rules).by("ada").json(&json!({ "devices": 1 })).send().await.refused(422, "out_of_range");
    w.post(&format!("{}/candidates/me/join", room.path)).by("li").send().await.ok();
    w.verb(&room, "start", json!({})).await.ok();
    let status = async || w.get(&format!("{}/status", room.path)).by("ada").send().await.ok();
    let row =
        |status: &Value| status["rows"].as_array().unwrap().iter().find(|r| r["candidate"] == room.li.as_str()).unwrap().clone();
    let before = row(&status().await);

    let signal = async |chars: i64, key: &str| {
        let body = json!({ "kind": "paste", "chars": chars, "question": "why", "key": key });
        w.post(&format!("{}/candidates/me/signals", room.path)).by("li").json(&body).send().await.status
    };
    assert_eq!(signal(100, "a").await, 204, "not more than the exam allows");
    assert_eq!((signal(101, "b").await, signal(101, "b").await), (204, 204));
    let found = list(&w, &room, "state=proposed").await;
    let [paste] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (&paste["rule"], &paste["topic"], &paste["candidate"]),
        (&json!("paste"), &json!("candidate.paste"), &json!(room.li))
    );
    let because = text(&paste["because"]);
    assert!(because.contains("101 characters") && because.contains("100"), "{because}");
    let chinese = w.get(&format!("{}/incidents", room.path)).by("ada").header("Accept-Language", "zh").send().await.ok();
    assert!(text(&chinese["items"][0]["because"]).contains("101 个字符"));
    assert_eq!(w.get(&format!("{}/candidates/me/incidents", room.path)).by("li").send().await.ok()["items"], json!([]));
    let after = row(&status().await);
    for fact in ["phase", "deadline_at", "ended_by", "rev"] {
        assert_eq!(before[fact], after[fact], "a rule has changed {fact}");
    }

    // As an accommodation the rule is off for her.
    let off = format!("{}/candidates/{}/rule-exemptions", room.path, room.li);
    w.put(&off).by("ada").json(&json!({ "rules": ["paste"] })).send().await.ok();
    assert_eq!(w.get(&off).by("ada").send().await.ok()["rules"], json!(["paste"]));
    assert_eq!(signal(5_000, "c").await, 204);
    assert_eq!(list(&w, &room, "").await.len(), 1);
    let dismissed = json!({ "state": "dismissed" });
    let path = format!("{}/incidents/{}", room.path, text(&paste["id"]));
    assert_eq!(w.patch(&path).by("ada").json(&dismissed).send().await.ok()["state"], "dismissed");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_from_several_devices_is_proposed() {
    let mut w = World::start().await;
    let room = w.entered().await;
    w.put(&format!("/exams/{}/incident-rules", room.exam)).by("ada").json(&json!({ "devices": 2 })).send().await.ok();
    w.post(&format!("{}/candidates/me/join", room.path)).by("li").send().await.ok();
    // A code cannot be printed after its candidate has come: a replacement is another device's.
    let body = json!({ "candidates": [room.li], "replace": true });
    let fresh = w.post(&format!("{}/entry-codes", room.path)).by("ada").json(&body).send().await.ok();
    let entered = w.post("/auth/entry").json(&json!({ "code": fresh["items"][0]["code"] })).send().await.ok();
    w.tokens.insert("li2".to_owned(), text(&entered["access_token"]));
    let joined = w.post(&format!("{}/candidates/me/join", room.path)).by("li2").send().await.ok();
    assert_eq!(joined["pen"], 2, "the first one is not connected: nobody is asked");
    let devices = settle(async || list(&w, &room, "state=proposed").await.into_iter().find(|i| i["rule"] == "devices")).await;
    assert!(text(&devices["because"]).starts_with("2 devices"), "{devices}");
    assert_eq!(devices["events"].as_array().unwrap().len(), 1, "it is linked with what it rests on");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_right_to_time_withholds_none() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let ivy = text(&w.get("/me").by("ivy").send().await.ok()["user"]["id"]);
    let grant = format!("{}/staff/{ivy}", room.path);
    w.put(&grant).by("ada").json(&json!({ "rights": ["watch", "message"] })).send().await.ok();
    let noise = record(&w, &room, json!({ "topic": "environment.noise" })).await;
    let path = format!("{}/incidents/{}", room.path, text(&noise["id"]));
    assert_eq!(w.patch(&path).by("ivy").json(&json!({ "state": "dismissed" })).send().await.ok()["state"], "dismissed");
    w.post(&format!("{path}/credit")).by("ivy").json(&json!({})).send().await.refused(403, "forbidden");
    w.patch(&path).by("bob").json(&json!({ "state": "open" })).send().await.refused(404, "not_found");
    w.app.stop().await;
}

/// Two teachers press the button at the same moment, more than once, on whichever node.
#[tokio::test(flavor = "multi_thread")]
async fn time_that_was_lost_is_given_back_once() {
    let mut w = World::start().await;
    let room = w.entered().await;
    w.post(&format!("{}/candidates/me/join", room.path)).by("li").send().await.ok();
    w.verb(&room, "start", json!({})).await.ok();
    let (id, li) = (RoomId::parse(&room.id).unwrap(), CandidateId::parse(&room.li).unwrap());
    let deadline = async || {
        let status = w.get(&format!("{}/status", room.path)).by("ada").send().await.ok();
        let rows = status["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["candidate"] == room.li.as_str()).unwrap();
        chrono::DateTime::parse_from_rfc3339(&text(&row["deadline_at"])).unwrap().timestamp_millis()
    };
    let before = deadline().await;
    for round in 1..=3_usize {
        let now = w.app.service.now();
        let finding = Finding::LostTime { from_ms: now - 60_000, to_ms: now, lost_ms: 60_000 };
        let new = Incident::new(mint(now), Topic::Connection, None, now);
        let found = Incident { candidate: Some(li.clone()), finding: Some(finding), ..new };
        assert!(w.app.service.store.add_incident(&id, &found, None, &[]).await.unwrap());
        let path = format!("{}/incidents/{}", room.path, found.id);
        let give = |n: usize| w.post(&format!("{path}/credit")).by(["ada", "root"][n % 2]).json(&json!({})).send();
        for given in futures_util::future::join_all((0..6).map(give)).await {
            given.ok();
        }
        let ledger = w.app.service.store.ledger(&id).await.unwrap();
        let credits = ledger.changes().iter().filter(|change| matches!(change.kind, Kind::Credit { .. })).count();
        assert_eq!(credits, round, "one for each incident");
        let now = w.get(&path).by("ada").send().await.ok();
        assert_eq!((&now["state"], now["credited_rev"].is_i64()), (&json!("resolved"), true), "{now}");
        w.patch(&path).by("ada").json(&json!({ "state": "dismissed" })).send().await.refused(409, "not_proposed");
        let wanted = before + 60_000 * i64::try_from(round).unwrap();
        settle(async || (deadline().await == wanted).then_some(())).await;
    }
    w.app.stop().await;
}
