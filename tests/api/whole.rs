use serde_json::{Value, json};

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_exam_goes_over_rest_alone() {
    let mut w = World::start().await;
    let room = w.entered().await;
    let me = format!("{}/candidates/me", room.path);

    let waiting = w.post(&format!("{me}/join")).by("li").json(&json!({})).send().await.ok();
    assert_eq!((&waiting["pen"], &waiting["clock"]["phase"]), (&json!(1), &json!("waiting")));
    assert_eq!(waiting["candidate"]["seat"], "19");
    w.get(&format!("{me}/paper")).by("li").send().await.refused(409, "not_running");

    let started = w.verb(&room, "start", json!({})).await.ok();
    assert_eq!((&started["applied"], &started["phase"], &started["rev"]), (&json!(true), &json!("running"), &json!(2)));
    let line = &started["affected"].as_array().unwrap().iter().find(|l| l["candidate"] == room.li.as_str()).unwrap().clone();
    assert_eq!(line["before"]["deadline_at"], Value::Null);
    assert!(text(&line["after"]["deadline_at"]).ends_with('Z'));

    let joined = w.post(&format!("{me}/join")).by("li").json(&json!({ "pen": 1 })).send().await.ok();
    assert_eq!(joined["clock"]["deadline_at"], line["after"]["deadline_at"]);
    assert_eq!(joined["clock"]["explain"][0]["seconds"], 3600.0);
    let paper = w.get(&format!("{me}/paper")).by("li").send().await;
    assert!(!paper.text.contains("key"), "{}", paper.text);
    assert_eq!(paper.json["questions"].as_array().unwrap().len(), 3);

    let answers = json!({ "answers": [
        { "pen": 1, "seq": 1, "question": "capital", "value": ["b"] },
        { "pen": 1, "seq": 2, "question": "height", "value": "8850" },
        { "pen": 1, "seq": 3, "question": "moon", "value": "x" },
    ] });
    let saved = w.post(&format!("{me}/answers")).by("li").json(&answers).send().await.ok();
    let outcomes: Vec<&str> = saved["items"].as_array().unwrap().iter().map(|i| i["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["saved", "saved", "refused"]);
    assert_eq!((&saved["items"][2]["code"], &saved["items"][2]["retry"]), (&json!("unknown_question"), &json!(false)));
    let again = w.post(&format!("{me}/answers")).by("li").json(&answers).send().await.ok();
    assert_eq!(again["items"][0]["received_at"], saved["items"][0]["received_at"], "the first receipt stays");
    let own = w.get(&format!("{me}/answers")).by("li").send().await.ok();
    assert_eq!(own["items"][1]["value"], "8850");

    let missing = json!({ "pen": 1, "seq": 4, "have": [[1, 2], [9, 9]] });
    let missing = w.post(&format!("{me}/submit")).by("li").json(&missing).send().await.refused(409, "missing_answers");
    assert_eq!(missing["missing"], json!([[9, 9]]));
    let done = json!({ "pen": 1, "seq": 5, "have": [[1, 2]] });
    let receipt = w.post(&format!("{me}/submit")).by("li").json(&done).send().await.ok();
    assert_eq!((&receipt["by"], &receipt["answered"], &receipt["questions"]), (&json!("candidate"), &json!(2), &json!(3)));
    let repeat = w.post(&format!("{me}/submit")).by("li").json(&done).send().await.ok();
    assert_eq!(repeat, receipt);

    after(&w, &room).await;
    w.app.stop().await;
}

async fn after(w: &World, room: &crate::world::Room) {
    assert_eq!(w.verb(room, "end", json!({ "spare": false })).await.ok()["phase"], "ended");
    assert_eq!(w.get(&room.path).by("ada").send().await.ok()["phase"], "ended");

    let results = w.get(&format!("{}/results", room.path)).by("ada").send().await.ok();
    let li = results["items"].as_array().unwrap().iter().find(|r| r["candidate"] == room.li.as_str()).unwrap().clone();
    assert_eq!((&li["points"], &li["out_of"], &li["ended_by"]), (&json!(3.5), &json!(7.5), &json!("candidate")));
    let csv = w.get(&format!("{}/results?format=csv", room.path)).by("ada").send().await;
    assert!(csv.header("content-type").starts_with("text/csv"), "{:?}", csv.headers);
    assert!(csv.text.contains(",'=cmd(),"), "a name that a spreadsheet would run is guarded: {}", csv.text);
    let accepted = w.get(&format!("{}/results", room.path)).by("ada").header("Accept", "text/csv").send().await;
    assert_eq!(accepted.text, csv.text);

    let statistics = w.get(&format!("{}/statistics", room.path)).by("ada").send().await.ok();
    assert_eq!((&statistics["candidates"], &statistics["questions"][0]["facility"]), (&json!(1), &json!(1.0)));
    let csv = w.get(&format!("{}/statistics", room.path)).by("ada").header("Accept", "text/csv").send().await;
    assert!(csv.text.contains("capital,2.00,1,0,"), "{}", csv.text);

    let kinds = format!("{}/timeline?kind=candidate.ended&candidate={}", room.path, room.li);
    let ended = w.get(&kinds).by("ada").send().await.ok();
    assert_eq!(ended["items"].as_array().unwrap().len(), 1);
    assert_eq!((&ended["items"][0]["ended_by"], &ended["items"][0]["kind"]), (&json!("candidate"), &json!("candidate.ended")));
    assert!(text(&ended["items"][0]["ended_at"]).ends_with('Z'));

    let judged = w.get(&format!("{}/candidates/{}/answers", room.path, room.li)).by("ada").send().await.ok();
    assert_eq!(judged["items"].as_array().unwrap().len(), 2);
    let status = w.get(&format!("{}/status", room.path)).by("ada").send().await;
    let same = w.get(&format!("{}/status", room.path)).by("ada").header("If-None-Match", status.header("etag")).send().await;
    assert_eq!((status.status, same.status), (200, 304));
    assert_eq!(status.json["counts"]["expected"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_renewed_once_and_ends_at_logout() {
    let w = World::start().await;
    let body = json!({ "login": "ADA", "password": crate::world::PASSWORD });
    let signed = w.post("/auth/login").json(&body).send().await.ok();
    let refresh = json!({ "refresh_token": signed["refresh_token"] });
    let next = w.post("/auth/refresh").json(&refresh).send().await.ok();
    w.post("/auth/refresh").json(&refresh).send().await.refused(401, "token_invalid");
    let bearer = format!("Bearer {}", text(&next["access_token"]));
    assert_eq!(w.get("/me").header("Authorization", &bearer).send().await.ok()["user"]["login"], "ada");
    assert_eq!(w.post("/auth/logout").header("Authorization", &bearer).send().await.status, 204);
    w.get("/me").header("Authorization", &bearer).send().await.refused(401, "token_expired");
    w.post("/auth/login").json(&json!({ "login": "ada", "password": "wrong" })).send().await.refused(401, "login_failed");
    w.app.stop().await;
}
