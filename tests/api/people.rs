//! Who is here; who did what.

use serde_json::{Value, json};

use crate::incidents::settle;
use crate::world::{Room, World, text};

async fn attendance(w: &World, room: &Room) -> Vec<Value> {
    w.get(&format!("{}/attendance", room.path)).by("ivy").send().await.ok()["items"].as_array().unwrap().clone()
}

/// ivy works in the room with these rights.
async fn grant(w: &World, room: &Room, rights: &[&str]) -> String {
    let ivy = text(&w.get("/me").by("ivy").send().await.ok()["user"]["id"]);
    w.put(&format!("{}/staff/{ivy}", room.path)).by("ada").json(&json!({ "rights": rights })).send().await.ok();
    ivy
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_say_who_is_here_and_who_it_is_and_no_time_changes() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let ivy = grant(&w, &room, &["watch", "message"]).await;
    let states = |rows: &[Value]| rows.iter().map(|row| text(&row["state"])).collect::<Vec<_>>();
    assert_eq!(states(&attendance(&w, &room).await), ["expected", "expected"]);
    w.post(&format!("{}/candidates/me/join", room.path)).by("li").send().await.ok();
    assert_eq!(states(&attendance(&w, &room).await), ["here", "expected"]);
    w.verb(&room, "start", json!({})).await.ok();
    assert_eq!(states(&attendance(&w, &room).await), ["here", "missing"]);
    let live = async || w.get(&format!("{}/status", room.path)).by("ada").send().await.ok();
    let before = live().await;

    let wang = format!("{}/candidates/{}", room.path, room.wang);
    for _ in 0..2 {
        let said = json!({ "said": "here" });
        assert_eq!(w.put(&format!("{wang}/attendance")).by("ivy").json(&said).send().await.status, 204);
        assert_eq!(w.put(&format!("{wang}/identity")).by("ivy").send().await.status, 204);
        assert_eq!(w.put(&format!("{wang}/identity")).by("ada").send().await.status, 204, "who did so first stays named");
    }
    w.put(&format!("{wang}/attendance")).by("ivy").json(&json!({ "said": "asleep" })).send().await.refused(400, "bad_field");
    let rows = attendance(&w, &room).await;
    assert_eq!((&rows[1]["state"], &rows[1]["said"], rows[1]["joined_at"].is_null()), (&json!("here"), &json!("here"), true));
    assert_eq!((&rows[1]["identified_by"], &rows[1]["identified_by_name"]), (&json!(ivy), &json!("ivy")));
    assert_eq!((&rows[0]["said"], &rows[0]["identified_at"]), (&Value::Null, &Value::Null));

    // The other node hears of it in its own time.
    let after = settle(async || Some(live().await).filter(|seen| seen["rows"][1]["identified_at"].is_string())).await;
    assert_eq!((&after["rows"][1]["said"], &after["rows"][1]["identified_at"]), (&json!("here"), &rows[1]["identified_at"]));
    for fact in ["phase", "deadline_at", "rev", "presence"] {
        assert_eq!(before["rows"][1][fact], after["rows"][1][fact], "attendance has changed {fact}");
    }
    for what in ["identity", "attendance", "identity", "attendance"] {
        assert_eq!(w.delete(&format!("{wang}/{what}")).by("ada").send().await.status, 204);
    }
    let rows = attendance(&w, &room).await;
    assert_eq!((&rows[1]["state"], &rows[1]["identified_by"]), (&json!("missing"), &Value::Null));
    let told = w.get(&format!("{}/timeline?group=people", room.path)).by("ivy").send().await.ok();
    let told: Vec<(String, bool)> =
        told["items"].as_array().unwrap().iter().map(|e| (text(&e["kind"]), e["by"] == ivy.as_str())).collect();
    let expected = [
        ("staff.changed", false),
        ("attendance.changed", true),
        ("identity.confirmed", true),
        ("identity.withdrawn", false),
        ("attendance.changed", false),
    ];
    assert_eq!(told, expected.map(|(kind, ivys)| (kind.to_owned(), ivys)));

    grant(&w, &room, &["watch"]).await;
    w.put(&format!("{wang}/identity")).by("ivy").send().await.refused(403, "forbidden");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_given_and_taken_by_who_has_them_and_the_timeline_says_so() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let staff = format!("{}/staff", room.path);
    let add = async |who: &str, login: &str, rights: &[&str]| {
        w.post(&staff).by(who).json(&json!({ "login": login, "rights": rights })).send().await
    };
    let ivy = text(&add("ada", " IVY ", &["watch", "control"]).await.ok()["user"]);
    for nobody in ["nobody", "sam"] {
        add("ada", nobody, &["watch"]).await.refused(422, "account_unknown");
    }
    let bob = text(&add("ivy", "bob", &["watch"]).await.ok()["user"]);
    let put = async |who: &str, user: &str, rights: &[&str]| {
        w.put(&format!("{staff}/{user}")).by(who).json(&json!({ "rights": rights })).send().await
    };
    put("ivy", &bob, &["watch", "results"]).await.refused(403, "forbidden");
    put("ivy", &ivy, &["watch"]).await.refused(409, "rights_fixed");
    let ada = text(&w.get("/me").by("ada").send().await.ok()["user"]["id"]);
    put("ivy", &ada, &[]).await.refused(409, "rights_fixed");
    for _ in 0..2 {
        assert_eq!(put("ada", &bob, &["watch", "results"]).await.status, 204);
    }
    put("ivy", &bob, &["watch"]).await.refused(403, "forbidden");
    assert_eq!(put("ivy", &bob, &["watch", "control", "results"]).await.status, 204, "what stays is nobody's business");
    w.delete(&format!("{staff}/{bob}")).by("ivy").send().await.refused(403, "forbidden");
    w.delete(&format!("{staff}/{bob}")).by("ada").send().await.ok();
    w.delete(&format!("{staff}/{bob}")).by("ada").send().await.refused(404, "not_found");
    let told = w.get(&format!("{}/timeline?kind=staff.changed", room.path)).by("ada").send().await.ok();
    let told: Vec<_> = told["items"].as_array().unwrap().iter().map(|e| (e["user"].clone(), e["rights"].clone())).collect();
    let line = |user: &str, rights: &[&str]| (json!(user), json!(rights));
    let expected = [
        line(&ivy, &["watch", "control"]),
        line(&bob, &["watch"]),
        line(&bob, &["watch", "results"]),
        line(&bob, &["watch", "control", "results"]),
        line(&bob, &[]),
    ];
    assert_eq!(told, expected, "a repeat is told once");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_handed_over_when_the_other_takes_it() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let ivy = grant(&w, &room, &["watch"]).await;
    let path = format!("{}/handover", room.path);
    let offer =
        async |who: &str, to: &str, words: &str| w.put(&path).by(who).json(&json!({ "to": to, "text": words })).send().await;
    let ada = text(&w.get(&path).by("ivy").send().await.ok()["holder"]["user"]);
    offer("ada", &ivy, "").await.refused(422, "cannot_take_over");
    grant(&w, &room, &["watch", "control"]).await;
    offer("ada", &ada, "").await.refused(422, "cannot_take_over");
    offer("ivy", &ivy, "").await.refused(409, "not_in_charge");
    w.post(&format!("{path}/accept")).by("ivy").send().await.refused(409, "not_offered");

    for _ in 0..2 {
        let asked = offer("ada", &ivy, "PC 12 is out.").await.ok();
        assert_eq!((&asked["offered_to"]["name"], &asked["holder"]["user"]), (&json!("ivy"), &json!(ada)), "nothing changes yet");
    }
    assert_eq!(w.delete(&path).by("ivy").send().await.status, 204);
    offer("ada", &ivy, "PC 12 is out.").await.ok();
    for _ in 0..2 {
        let taken = w.post(&format!("{path}/accept")).by("ivy").send().await.ok();
        assert_eq!((&taken["holder"]["user"], &taken["offered_to"]), (&json!(ivy), &Value::Null));
        assert_eq!((&taken["offered_by"]["name"], &taken["text"]), (&json!("ada"), &json!("PC 12 is out.")));
    }
    let told = w.get(&format!("{}/timeline?group=people", room.path)).by("ada").send().await.ok();
    let kinds: Vec<String> = told["items"].as_array().unwrap().iter().map(|e| text(&e["kind"])).collect();
    let [asked, taken] = ["handover.offered", "handover.accepted"];
    assert_eq!(kinds[2..], [asked, "handover.withdrawn", asked, taken].map(str::to_owned), "a repeat is told once");
    assert_eq!(told["items"][3]["declined"], true);
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_shows_time_and_announcements_and_no_name() {
    let mut w = World::start().await;
    let room = w.entered().await;
    w.verb(&room, "start", json!({})).await.ok();
    let send = async |body: Value| w.post(&format!("{}/messages", room.path)).by("ada").json(&body).send().await.ok();
    send(json!({ "text": "Question 4: read at least." })).await;
    send(json!({ "text": "Sit straight.", "candidates": [room.li] })).await;
    let gone = text(&send(json!({ "text": "Wrong." })).await["id"]);
    w.delete(&format!("{}/messages/{gone}", room.path)).by("ada").send().await.ok();
    let read = async || w.get(&format!("{}/board", room.path)).by("ada").send().await.ok();
    let said = |board: &Value| board["announcements"].as_array().unwrap().iter().map(|a| text(&a["text"])).collect::<Vec<_>>();
    let board = settle(async || Some(read().await).filter(|board| said(board) == ["Question 4: read at least."])).await;
    assert_eq!((&board["title"], &board["phase"]), (&json!("Geography"), &json!("running")));
    assert!(board["remaining_seconds"].as_f64().is_some_and(|left| (3500.0..=3600.0).contains(&left)), "{board}");
    for name in ["Li Na", "=cmd()", "2001"] {
        assert!(!board.to_string().contains(name), "{board}");
    }
    w.app.stop().await;
}
