use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, paper};

/// The shape of every problem.
#[track_caller]
fn shaped(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.header("content-type").starts_with("application/problem+json"), "{:?}", answer.headers);
    assert_eq!(answer.json["code"], code, "{}", answer.text);
    assert_eq!(answer.json["status"], status);
    assert_eq!(answer.json["type"], format!("/docs/errors#{code}"));
    for member in ["title", "detail"] {
        assert!(answer.json[member].as_str().is_some_and(|text| text.len() > 3 && !text.contains("error-")), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_class_of_error_has_one_shape() {
    let w = World::start().await;
    let exam = json!({ "title": "x", "duration_seconds": 600 });
    let missing = w.get("/rooms").send().await;
    shaped(&missing, 401, "token_missing");
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    shaped(&w.get("/rooms").header("Authorization", "Bearer nonsense").send().await, 401, "token_invalid");
    shaped(&w.post("/exams").by("ada").body("application/json", "{").send().await, 400, "bad_request");
    shaped(
        &w.post("/exams").by("ada").body("application/x-www-form-urlencoded", "a=b").send().await,
        415,
        "unsupported_media_type",
    );
    shaped(&w.get("/rooms?from=yesterday").by("ada").send().await, 400, "bad_field");
    shaped(&w.get("/users").by("ada").send().await, 403, "forbidden");
    shaped(&w.get("/exams/ex_0190").by("ada").send().await, 404, "not_found");
    shaped(&w.get("/exams/rm_0190").by("ada").send().await, 404, "not_found");
    shaped(&w.get("/exams/ex_'--").by("ada").send().await, 404, "not_found");
    shaped(&w.get("/nothing/here").by("ada").send().await, 404, "not_found");
    let method = w.put("/exams").by("ada").json(&exam).send().await;
    shaped(&method, 405, "method_not_allowed");
    assert_eq!(method.header("allow"), "GET, HEAD, POST");
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(400_000));
    w.post("/exams").by("ada").body("application/json", large).send().await.refused(413, "too_large");
    shaped(&w.post("/exams").by("ada").json(&json!({ "title": "x", "duration_seconds": 1 })).send().await, 422, "out_of_range");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_at_fault_is_named() {
    let w = World::start().await;
    let faults = |answer: Answer| -> Vec<(String, String)> {
        let problem = answer.refused(400, "bad_field");
        let pair = |e: &Value| (e["path"].as_str().unwrap().to_owned(), e["code"].as_str().unwrap().to_owned());
        problem["errors"].as_array().unwrap().iter().map(pair).collect()
    };
    let named = |path: &str, code: &str| (path.to_owned(), code.to_owned());
    let exam = json!({ "title": 5, "timing": "later", "colour": "red" });
    let found = faults(w.post("/exams").by("ada").json(&exam).send().await);
    for fault in [
        named("title", "wrong_type"),
        named("timing", "unknown_word"),
        named("colour", "unknown_field"),
        named("duration_seconds", "required"),
    ] {
        assert!(found.contains(&fault), "{fault:?} in {found:?}");
    }
    let room = json!({ "exam": "rm_1", "location": "x", "starts_at": "tomorrow" });
    let found = faults(w.post("/rooms").by("ada").json(&room).send().await);
    assert_eq!(found, [named("exam", "not_an_id"), named("starts_at", "not_an_instant")]);
    // No body at all is told what it lacks.
    assert_eq!(faults(w.post("/auth/entry").send().await), [named("code", "required")]);
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_do_is_said_in_the_readers_language() {
    let w = World::start().await;
    let english = w.get("/users").by("ada").header("Accept-Language", "en").send().await;
    let chinese = w.get("/users").by("ada").header("Accept-Language", "zh-TW,en;q=0.5").send().await;
    assert_eq!((english.header("content-language"), chinese.header("content-language")), ("en", "zh-CN"));
    assert!(english.json["detail"].as_str().unwrap().is_ascii());
    assert!(!chinese.json["detail"].as_str().unwrap().is_ascii(), "{}", chinese.text);
    assert_eq!(english.json["code"], chinese.json["code"]);
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_replaced_only_on_top_of_the_one_that_was_read() {
    let w = World::start().await;
    let path = format!("/exams/{}/paper", w.exam().await);
    let read = w.get(&path).by("ada").send().await;
    assert_eq!((read.header("etag"), read.json["questions"].as_array().unwrap().len()), ("\"v1\"", 3));
    w.put(&path).by("ada").json(&paper()).send().await.refused(428, "precondition_required");
    w.put(&path).by("ada").header("If-Match", "\"v0\"").json(&paper()).send().await.refused(412, "precondition_failed");
    w.put(&path).by("ada").header("If-Match", "v1").json(&paper()).send().await.refused(412, "precondition_failed");
    let put = w.put(&path).by("ada").header("If-Match", "\"v1\"").json(&paper()).send().await;
    assert_eq!((put.header("etag"), put.status), ("\"v2\"", 200));

    let mut wrong = paper();
    wrong["questions"][0]["kind"] = json!("riddle");
    wrong["questions"][1]["kee"] = json!({});
    let problem = w.put(&path).by("ada").header("If-Match", "\"v2\"").json(&wrong).send().await.refused(422, "paper_invalid");
    let paths: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|e| &e["path"]).collect();
    assert_eq!(paths, [&json!("questions[0].kind"), &json!("questions[1].kee")]);
    let mut wrong = paper();
    wrong["questions"][0]["key"] = json!({ "options": ["z"] });
    let problem = w.put(&path).by("ada").header("If-Match", "\"v2\"").json(&wrong).send().await.refused(422, "paper_invalid");
    assert!(problem["errors"][0]["path"].as_str().unwrap().starts_with("questions[0]"), "{problem}");
    // Whoever may not see the exam hears nothing of the paper's faults.
    w.put(&path).by("bob").header("If-Match", "\"v2\"").json(&wrong).send().await.refused(404, "not_found");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_is_imported_whole_or_not_at_all() {
    let w = World::start().await;
    let room = w.room().await;
    let path = format!("{}/candidates", room.path);
    let roster = "name,seat\nOne,1\nTwo,1\n,3\n";
    let problem = w.post(&path).by("ada").body("text/csv; charset=utf-8", roster).send().await.refused(422, "roster_invalid");
    assert!(problem["errors"][0]["path"].as_str().unwrap().starts_with("line "), "{problem}");
    w.post(&path).by("ada").json(&json!({ "name": "Zhou", "seat": "19" })).send().await.refused(409, "seat_taken");
    let tried = w.post(&format!("{path}?dry_run=true")).by("ada").body("text/csv", "name\nNew\n").send().await;
    assert_eq!((tried.status, &tried.json["applied"]), (200, &json!(false)));
    assert_eq!(w.get(&path).by("ada").send().await.ok()["items"].as_array().unwrap().len(), 2);
    let one = w.post(&path).by("ada").json(&json!({ "name": "Zhou", "seat": "21" })).send().await;
    assert_eq!((one.status, &one.json["items"][0]["phase"]), (201, &json!("expected")));
    w.post(&path).by("ada").body("text/plain", "name\nNew\n").send().await.refused(415, "unsupported_media_type");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_served_without_a_network() {
    let w = World::start().await;
    let docs = w.outside("/docs").send().await;
    let policy = docs.header("content-security-policy").to_owned();
    assert_eq!(policy.matches("'sha256-").count(), 3, "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let codes = w.outside("/docs/errors").header("Accept-Language", "zh").send().await;
    assert!(codes.text.contains("id=\"clock_moved\"") && codes.text.contains("lang=\"zh-CN\""));
    let document = w.outside("/openapi.json").send().await;
    assert_eq!(document.json["openapi"], "3.0.0");
    assert_eq!(w.ask(Method::HEAD, "/me").by("ada").send().await.status, 200);
    w.app.stop().await;
}
