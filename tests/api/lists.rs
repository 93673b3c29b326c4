use serde_json::{Value, json};

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_in_pages_without_gaps() {
    let w = World::start().await;
    let mut made = Vec::new();
    for n in 0..5 {
        let exam = json!({ "title": format!("Exam {n}"), "duration_seconds": 600 });
        let made_now = w.post("/exams").by("ada").json(&exam).send().await;
        assert_eq!(made_now.status, 201);
        let id = text(&made_now.json["id"]);
        assert_eq!(made_now.header("location"), format!("/api/v1/exams/{id}"));
        made.push(id);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    for size in [2, 2, 1] {
        let page = w.get(&format!("/exams?limit=2&after={after}")).by("ada").send().await.ok();
        let ids: Vec<String> = page["items"].as_array().unwrap().iter().map(|e| text(&e["id"])).collect();
        assert_eq!(ids.len(), size);
        seen.extend(ids);
        after = page["next"].as_str().unwrap_or_default().to_owned();
    }
    made.sort();
    assert_eq!((seen, after.as_str()), (made, ""), "the last page names no next one");
    w.get("/exams?limit=0").by("ada").send().await.refused(422, "out_of_range");
    w.get("/exams?limit=201").by("ada").send().await.refused(422, "out_of_range");
    assert_eq!(w.get("/exams").by("bob").send().await.ok()["items"], json!([]), "another teacher's are not shown");
    assert_eq!(w.get("/exams").by("root").send().await.ok()["items"].as_array().unwrap().len(), 5);
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_found_by_phase_exam_and_time() {
    let w = World::start().await;
    let room = w.room().await;
    let ids = |page: Value| -> Vec<String> { page["items"].as_array().unwrap().iter().map(|r| text(&r["id"])).collect() };
    for (query, found) in [
        ("phase=scheduled".to_owned(), true),
        ("phase=running".to_owned(), false),
        (format!("exam={}", room.exam), true),
        ("exam=ex_0".to_owned(), false),
        ("from=2020-01-01T00:00:00Z".to_owned(), false),
    ] {
        let page = w.get(&format!("/rooms?{query}")).by("ada").send().await.ok();
        assert_eq!(ids(page), if found { vec![room.id.clone()] } else { Vec::new() }, "{query}");
    }
    let starts = json!({ "starts_at": "2031-05-04T09:00:00+02:00" });
    let patched = w.patch(&room.path).by("ada").json(&starts).send().await.ok();
    assert_eq!((&patched["starts_at"], &patched["location"]), (&json!("2031-05-04T07:00:00.000Z"), &json!("Hall 2")));
    let page = w.get("/rooms?from=2031-01-01T00:00:00Z&to=2032-01-01T00:00:00Z").by("ada").send().await.ok();
    assert_eq!(ids(page), [room.id.as_str()]);
    let cleared = w.patch(&room.path).by("ada").json(&json!({ "starts_at": null })).send().await.ok();
    assert_eq!(cleared["starts_at"], Value::Null);
    assert_eq!(w.delete(&room.path).by("ada").send().await.status, 204);
    w.get(&room.path).by("ada").send().await.refused(404, "not_found");
    w.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_exams_and_grants_are_managed() {
    let w = World::start().await;
    let user = json!({ "login": "Zoe", "name": "Zoë", "role": "teacher", "password": "a long enough secret" });
    let zoe = text(&w.post("/users").by("root").json(&user).send().await.ok()["id"]);
    w.post("/users").by("root").json(&user).send().await.refused(409, "login_taken");
    let weak = json!({ "login": "kim", "name": "Kim", "role": "teacher", "password": "password" });
    w.post("/users").by("root").json(&weak).send().await.refused(422, "weak_password");
    let off = w.patch(&format!("/users/{zoe}")).by("root").json(&json!({ "disabled": true })).send().await.ok();
    assert_eq!((&off["disabled"], &off["login"]), (&json!(true), &json!("zoe")));
    let login = json!({ "login": "zoe", "password": "a long enough secret" });
    w.post("/auth/login").json(&login).send().await.refused(403, "account_disabled");
    let students = w.get("/users?role=student").by("root").send().await.ok();
    assert_eq!(students["items"][0]["student_id"], "2002");
    w.get("/users?role=wizard").by("root").send().await.refused(400, "bad_field");

    let room = w.room().await;
    let rules = format!("/exams/{}/incident-rules", room.exam);
    w.put(&rules).by("ada").json(&json!({ "paste_chars": 77 })).send().await.ok();
    let copy = w.post(&format!("/exams/{}/copy", room.exam)).by("ada").send().await.ok();
    assert_eq!((&copy["paper_version"], &copy["title"]), (&json!(1), &json!("Geography")));
    let copied = w.get(&format!("/exams/{}/incident-rules", text(&copy["id"]))).by("ada").send().await.ok();
    assert_eq!(copied["paste_chars"], 77, "what its rules look for comes along");
    assert_eq!(w.delete(&format!("/exams/{}", text(&copy["id"]))).by("ada").send().await.status, 204);
    w.delete(&format!("/exams/{}", room.exam)).by("ada").send().await.refused(409, "exam_in_use");
    let exam = json!({ "late_entry_seconds": 300, "timing": "on_entry" });
    let exam = w.patch(&format!("/exams/{}", room.exam)).by("ada").json(&exam).send().await.ok();
    assert_eq!(
        (&exam["late_entry_seconds"], &exam["timing"], &exam["title"]),
        (&json!(300), &json!("on_entry"), &json!("Geography"))
    );

    let ivy = text(&w.get("/me").by("ivy").send().await.ok()["user"]["id"]);
    let grant = format!("{}/staff/{ivy}", room.path);
    assert_eq!(w.put(&grant).by("ada").json(&json!({ "rights": ["watch", "time"] })).send().await.status, 204);
    let staff = w.get(&format!("{}/staff", room.path)).by("ada").send().await.ok();
    assert_eq!(staff["items"][0]["rights"], json!(["watch", "time"]));
    assert_eq!(w.get(&room.path).by("ivy").send().await.ok()["rights"], json!(["watch", "time"]));
    let path = format!("{}/candidates/{}", room.path, room.li);
    let patched = w.patch(&path).by("ada").json(&json!({ "seat": null, "name": "Li N." })).send().await.ok();
    assert_eq!((&patched["seat"], &patched["name"], &patched["student_id"]), (&Value::Null, &json!("Li N."), &json!("2001")));
    assert_eq!(w.delete(&path).by("ada").send().await.status, 204);
    assert_eq!(w.delete(&grant).by("ada").send().await.status, 204);
    w.get(&room.path).by("ivy").send().await.refused(404, "not_found");
    w.app.stop().await;
}
