use serde_json::{Value, json};

use crate::world::{World, text};

/// The line of a checklist about something.
#[track_caller]
fn line<'a>(list: &'a Value, check: &str) -> &'a Value {
    let lines = list["items"].as_array().unwrap();
    lines.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("nothing about {check}: {list}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_changes_as_things_are_mended() {
    let w = World::start().await;
    let room = w.room().await;
    let path = format!("{}/readiness", room.path);
    let before = w.get(&path).by("ada").send().await.ok();
    assert_eq!(before["state"], "bad");
    let codes = line(&before, "codes");
    assert_eq!(
        (&codes["state"], &codes["code"], &codes["says"]),
        (&json!("bad"), &json!("codes_missing"), &json!("2 students have no entry code."))
    );
    assert!(text(&codes["do"]).contains("print"), "{codes}");
    assert_eq!(line(&before, "seats")["state"], "good");
    assert_eq!(line(&before, "staff")["code"], "staff_alone");
    assert_eq!(line(&before, "address")["code"], "address_only_here");
    assert!(before["items"].as_array().unwrap().iter().all(|line| line["check"] != "clock"), "no clock was told");

    w.post(&format!("{}/entry-codes", room.path)).by("ada").json(&json!({})).send().await.ok();
    let theirs = invigil::time::rfc3339_ms(w.app.service.now() + 90_000);
    let after = w.get(&format!("{path}?client_now_at={theirs}")).by("ada").header("Accept-Language", "zh").send().await.ok();
    assert_eq!((&line(&after, "codes")["state"], &line(&after, "codes")["do"]), (&json!("good"), &Value::Null));
    assert_eq!((&line(&after, "clock")["code"], &after["state"]), (&json!("clock_ahead"), &json!("look")));
    assert!(text(&line(&after, "roster")["says"]).contains("应到"), "{after}");
    w.app.stop().await;
}

/// Another room in the same place at the same time is told of, and nothing else of it.
#[tokio::test(flavor = "multi_thread")]
async fn rooms_at_the_same_time_are_counted_and_not_named() {
    let w = World::start().await;
    let now = w.app.service.now();
    let at = |minutes: i64| invigil::time::rfc3339_ms(now + minutes * 60_000);
    let exam = w.exam().await;
    let make = async |place: &str, minutes| {
        let room = json!({ "exam": exam, "location": place, "zone": "UTC", "starts_at": at(minutes) });
        text(&w.post("/rooms").by("ada").json(&room).send().await.ok()["id"])
    };
    let mine = make("Hall 2", 60).await;
    let others = async || {
        let list = w.get(&format!("/rooms/{mine}/readiness")).by("ada").send().await.ok();
        list["items"].as_array().unwrap().iter().find(|line| line["check"] == "others").map(|line| text(&line["code"]))
    };
    make("Hall 2", 121).await;
    make("Hall 2", -1).await;
    assert_eq!(others().await, None, "one is over by then, one begins later");
    make("Hall 3", 30).await;
    assert_eq!(others().await.as_deref(), Some("others_n"));
    make("hall 2", 119).await;
    assert_eq!(others().await.as_deref(), Some("others_place"));
    w.app.stop().await;
}

/// As the page's script sends it.
fn report(code: &Value, computer: &str, socket: &str) -> Value {
    let measured = json!({ "scripts": "run", "socket": socket, "keeps": true, "space_mb": 900, "clock_off_ms": 12, "encrypts": false,
        "cookies": true, "width": 1280 });
    json!({ "code": code, "computer": computer, "name": format!("PC {computer}"), "measured": measured })
}

#[tokio::test(flavor = "multi_thread")]
async fn computers_report_to_a_check_that_is_open_and_to_no_other() {
    let w = World::start().await;
    let room = w.room().await;
    let path = format!("{}/check", room.path);
    let none = w.get(&path).by("ada").send().await.ok();
    assert_eq!((&none["code"], &none["open"], &none["items"]), (&Value::Null, &json!(false), &json!([])));
    let opened = w.post(&path).by("ada").send().await.ok();
    let code = &opened["code"];
    let tell = async |body: Value| w.page_post("/check", &body).await;

    let judged = tell(report(code, "12", "carries")).await.ok();
    assert_eq!(judged["ready"], true);
    let typed = json!(text(code).to_lowercase());
    let judged = tell(report(&typed, "30", "blocked")).await.ok();
    assert_eq!(judged["ready"], false);
    tell(report(code, "12", "carries")).await.ok();
    let seen = w.get(&path).by("ada").send().await.ok();
    assert_eq!((seen["items"].as_array().unwrap().len(), &seen["ready"]), (2, &json!(1)), "{seen}");
    let list = w.get(&format!("{}/readiness", room.path)).by("ada").send().await.ok();
    assert_eq!(line(&list, "computers")["says"], "1 of 2 computers are ready.");

    tell(report(&json!("XXXXXX"), "12", "carries")).await.refused(409, "check_closed");
    tell(report(&json!(""), "12", "carries")).await.ok();
    let long = "x".repeat(41);
    for bad in [
        json!({ "code": code, "computer": "", "name": "", "measured": report(code, "1", "carries")["measured"] }),
        json!({ "code": code, "computer": long, "name": "", "measured": report(code, "1", "carries")["measured"] }),
        json!({ "code": code, "computer": "1", "name": long, "measured": report(code, "1", "carries")["measured"] }),
    ] {
        tell(bad).await.refused(400, "bad_field");
    }
    let mut free = report(code, "1", "carries");
    free["measured"]["says"] = json!("whatever somebody wants to store");
    tell(free).await.refused(400, "bad_request");

    let closed = w.delete(&path).by("ada").send().await.ok();
    assert_eq!((&closed["open"], closed["items"].as_array().unwrap().len()), (&json!(false), 2));
    tell(report(code, "13", "carries")).await.refused(409, "check_closed");
    w.app.stop().await;
}

/// Whoever tries codes is stopped after some; whoever has the right one is then, too, for as long.
#[tokio::test(flavor = "multi_thread")]
async fn codes_of_checks_cannot_be_tried_out() {
    let w = World::start().await;
    let room = w.room().await;
    let mut statuses = Vec::new();
    // Each node counts for itself: of two, one may take a little longer.
    for n in 0..110 {
        statuses.push(w.page_post("/check", &report(&json!(format!("AAAA{n:02X}")), "1", "carries")).await.status);
    }
    let taken = statuses.iter().filter(|status| **status == 409).count();
    assert!((50..=102).contains(&taken) && statuses.contains(&429), "{statuses:?}");
    let code = w.post(&format!("{}/check", room.path)).by("ada").send().await.ok()["code"].clone();
    let mut right = Vec::new();
    while right.len() < 60 && !right.contains(&429) {
        right.push(w.page_post("/check", &report(&code, "1", "carries")).await.status);
    }
    assert!(right.contains(&429), "{right:?}");
    w.app.stop().await;
}
