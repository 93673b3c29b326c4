//! The pages as a browser meets them: cookies, tokens, redirects, states, and what they must never show.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "web/browser.rs"]
mod browser;
#[path = "web/hall.rs"]
mod hall;
#[path = "web/people.rs"]
mod people;
#[path = "web/rules.rs"]
mod rules;

use browser::Browser;
use hall::{Hall, SECRET_TEXT};
use invigil::domain::control::Verb;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_student_goes_from_the_door_to_the_receipt() {
    let hall = Hall::new().await;
    let mut student = Browser::new(&hall, false);
    let room = &hall.room;
    let page = student.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("action=\"/enter\""));

    let wrong = student.post("/enter", &[("code", "ABCD-EFGH-JKMN")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("data-code=\"code_unknown\""), "{}", wrong.body);

    let entered = student.post("/enter", &[("code", &hall.codes[0])]).await;
    assert_eq!((entered.status, entered.location()), (303, format!("/sit/{room}")));
    let cookie = entered.cookie("invigil_sit").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Max-Age"), "{cookie}");

    let sit = format!("/sit/{room}");
    assert_eq!(student.get(&sit).await.state(), "confirm");
    assert_eq!(student.get(&sit).await.state(), "confirm", "looking is not joining");
    let joined = student.post(&format!("{sit}/join"), &[]).await;
    assert_eq!((joined.status, joined.location()), (303, sit.clone()));
    let waiting = student.get(&sit).await;
    assert_eq!(waiting.state(), "waiting");
    assert!(!waiting.body.contains(SECRET_TEXT), "nothing of the paper before the start");
    assert_eq!(student.get(&format!("{sit}/paper")).await.status, 409);

    hall.give(Verb::Start).await;
    let paper = student.get(&sit).await;
    assert_eq!(paper.state(), "paper");
    assert!(paper.body.contains(SECRET_TEXT) && !paper.body.contains("<img src=x"));

    let joined = student.send("POST", &format!("{sit}/join"), &json!({ "pen": 1 })).await;
    assert_eq!((joined.status, joined.json()["pen"].as_i64()), (200, Some(1)));
    let answers = json!({ "answers": [
        { "pen": 1, "seq": 1, "question": "q1", "value": "</textarea><script>alert(1)</script>" },
        { "pen": 1, "seq": 2, "question": "nope", "value": "x" },
    ] });
    let outcome = student.send("POST", &format!("{sit}/answers"), &answers).await.json();
    assert_eq!((&outcome["items"][0]["outcome"], &outcome["items"][0]["counts"]), (&json!("saved"), &json!(true)));
    assert_eq!((&outcome["items"][1]["code"], &outcome["items"][1]["retry"]), (&json!("unknown_question"), &json!(false)));
    let paper = student.get(&sit).await;
    assert!(paper.body.contains("alert(1)") && !paper.body.contains("<script>alert"), "the saved answer is in the page, as text");
    let saved = student.get(&format!("{sit}/answers")).await.json();
    assert_eq!((&saved["items"][0]["question"], &saved["items"][0]["seq"]), (&json!("q1"), &json!(1)));

    let missing = student.send("POST", &format!("{sit}/submit"), &json!({ "pen": 1, "seq": 4, "have": [[1, 1], [3, 3]] })).await;
    assert_eq!((missing.status, missing.json()["missing"].clone()), (409, json!([[3, 3]])), "{}", missing.body);
    assert_eq!(missing.header("content-type"), "application/problem+json");
    let handed = student.send("POST", &format!("{sit}/submit"), &json!({ "pen": 1, "seq": 4, "have": [[1, 1]] })).await.json();
    let ended = student.get(&sit).await;
    assert_eq!(ended.state(), "ended");
    assert!(ended.body.contains(handed["receipt_short"].as_str().unwrap()));
    assert!(!ended.body.contains(SECRET_TEXT), "the paper is gone from the page");

    let left = student.post(&format!("{sit}/leave"), &[]).await;
    assert_eq!((left.status, left.location().as_str()), (303, "/"));
    assert!(left.header("clear-site-data") == "\"cache\"" && left.cookie("invigil_sit").unwrap().contains("Max-Age=0"));
    let again = student.get(&sit).await;
    assert_eq!((again.status, again.location().as_str()), (303, "/"), "the session is over");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_takes_what_is_left_and_asks_for_what_is_held() {
    let hall = Hall::new().await;
    hall.give(Verb::Start).await;
    let sit = format!("/sit/{}", hall.room);
    let (mut first, mut second) = (Browser::new(&hall, false), Browser::new(&hall, false));
    for (browser, pen) in [(&mut first, 1), (&mut second, 2)] {
        browser.post("/enter", &[("code", &hall.codes[0])]).await;
        assert_eq!(browser.get(&sit).await.state(), "confirm", "a code is not a pen");
        let joined = browser.send("POST", &format!("{sit}/join"), &json!({})).await;
        assert_eq!(joined.json()["pen"], pen, "the holder is not connected, so the newcomer takes it");
    }
    assert_eq!(second.get(&sit).await.state(), "paper");
    let old = first.get(&sit).await;
    assert_eq!(old.state(), "superseded");
    assert!(!old.body.contains(SECRET_TEXT));
    let shown = first.send("POST", &format!("{sit}/join"), &json!({ "pen": 1 })).await;
    assert_eq!((shown.status, shown.json()["code"].clone()), (409, json!("pen_superseded")));

    hall.connect(second.secret("invigil_sit")).await;
    let mut third = Browser::new(&hall, false);
    third.post("/enter", &[("code", &hall.codes[0])]).await;
    third.get(&sit).await;
    let asked = third.send("POST", &format!("{sit}/join"), &json!({})).await.json();
    assert!(asked["pen"].is_null() && asked["takeover"]["id"].is_string(), "{asked}");
    let waits = third.get(&sit).await;
    assert_eq!(waits.state(), "asking");
    assert!(!waits.body.contains(SECRET_TEXT));
    let mut staff = Browser::new(&hall, false);
    staff.sign_in().await;
    let room = format!("/staff/rooms/{}", hall.room);
    let answer = hall.see(async || staff.get(&room).await.field_of("answer", "allow:")).await;
    let takeover = format!("{room}/takeover");
    assert_eq!(staff.post(&takeover, &[("answer", "allow:cd_1:nonsense")]).await.status, 400);
    assert_eq!(staff.post(&takeover, &[("answer", &answer)]).await.status, 303);
    assert_eq!(third.get(&sit).await.state(), "paper");
    assert_eq!(second.get(&sit).await.state(), "superseded");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_without_token_and_origin() {
    let hall = Hall::new().await;
    let (mut student, mut staff) = (Browser::new(&hall, false), Browser::new(&hall, false));
    student.post("/enter", &[("code", &hall.codes[0])]).await;
    staff.sign_in().await;
    let (sit, room) = (format!("/sit/{}", hall.room), format!("/staff/rooms/{}", hall.room));
    student.get(&sit).await;
    staff.get(&room).await;
    let before = hall.events().await;
    for (is_staff, path) in [
        (false, format!("{sit}/join")),
        (false, format!("{sit}/leave")),
        (true, format!("{room}/preview")),
        (true, format!("{room}/open")),
        (true, format!("{room}/codes")),
        (true, format!("{room}/takeover")),
        (true, format!("{room}/rules")),
        (true, format!("{room}/attendance")),
        (true, format!("{room}/staff")),
        (true, "/staff/logout".to_owned()),
    ] {
        let browser = if is_staff { &mut staff } else { &mut student };
        for token in [None, Some(""), Some("wrong")] {
            let refused = browser.raw_post(&path, token, true, &[("verb", "open")]).await;
            assert_eq!(refused.status, 403, "{path} with token {token:?}");
            assert!(refused.body.contains("csrf"), "{path}: {}", refused.body);
        }
        let token = browser.csrf.clone();
        let refused = browser.raw_post(&path, Some(&token), false, &[("verb", "open")]).await;
        assert_eq!((refused.status, refused.body.contains("origin_forbidden")), (403, true), "{path} from another site");
    }
    for path in ["/enter", "/staff/login", "/staff/setup"] {
        let refused = Browser::new(&hall, false).raw_post(path, None, false, &[("code", &hall.codes[1])]).await;
        assert_eq!(refused.status, 403, "{path} from another site");
        assert!(refused.cookies().is_empty());
    }
    let mut json = Browser::new(&hall, false);
    json.post("/enter", &[("code", &hall.codes[0])]).await;
    let refused = json.send("POST", &format!("{sit}/join"), &json!({})).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (403, json!("csrf")), "no page was read, so there is no token");
    assert_eq!(hall.events().await, before, "and nothing has happened");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_preview_confirm_and_see_what_happened() {
    let hall = Hall::new().await;
    let mut staff = Browser::new(&hall, false);
    let room = format!("/staff/rooms/{}", hall.room);
    let door = staff.get(&room).await;
    assert_eq!((door.status, door.location()), (303, format!("/staff/login?next={}", room.replace('/', "%2F"))));
    let wrong = staff.post("/staff/login", &[("login", "ada"), ("password", "no"), ("next", &room)]).await;
    assert!(wrong.status == 401 && wrong.body.contains("login_failed"), "{}", wrong.body);
    let entered = staff.post("/staff/login", &[("login", "ada"), ("password", hall::PASSWORD), ("next", &room)]).await;
    assert_eq!((entered.status, entered.location()), (303, room.clone()));
    let evil = Browser::new(&hall, false)
        .post("/staff/login", &[("login", "ada"), ("password", hall::PASSWORD), ("next", "//evil.example/staff")])
        .await;
    assert_eq!(evil.location(), "/staff");

    assert!(staff.get("/staff").await.body.contains(&room));
    let live = staff.get(&room).await;
    assert!(live.body.contains("data-rights=\"watch message time control paper results\""));
    let preview = staff.post(&format!("{room}/preview"), &[("verb", "start")]).await;
    let (rev, key) = (preview.field("expected_rev"), preview.field("key"));
    let fields = [("expected_rev", rev.as_str()), ("key", key.as_str()), ("reason_code", "other")];
    let given = staff.post(&format!("{room}/start"), &fields).await;
    assert_eq!(given.status, 303, "{}", given.body);
    let again = staff.post(&format!("{room}/start"), &fields).await;
    assert_eq!(again.location(), given.location(), "the second click is the first one");
    assert!(staff.get(&given.location()).await.body.contains("data-phase=\"running\""));

    let moved = [("expected_rev", rev.as_str()), ("key", "another-key"), ("minutes", "5"), ("reason_code", "noise")];
    let refused = staff.post(&format!("{room}/extend"), &moved).await;
    assert!(refused.status == 409 && refused.body.contains("clock_moved"), "{}", refused.body);
    let preview =
        staff.fragment(&format!("{room}/preview"), &[("verb", "extend"), ("minutes", "1.5"), ("reason_code", "noise")]).await;
    assert!(preview.body.starts_with("<form") && preview.body.contains("value=\"1.5\""), "{}", preview.body);
    let (rev, key) = (preview.field("expected_rev"), preview.field("key"));
    let fields = [("expected_rev", rev.as_str()), ("key", key.as_str()), ("minutes", "1.5"), ("reason_code", "noise")];
    let done = staff.fragment(&format!("{room}/extend"), &fields).await;
    assert!(done.status == 200 && done.body.contains("id=\"done\"") && done.body.contains("data-undo"), "{}", done.body);

    // What cannot be undone has to be typed.
    let preview = staff.post(&format!("{room}/preview"), &[("verb", "end")]).await;
    let (wanted, key) = (preview.field("wanted"), preview.field("key"));
    let rev_now = preview.field("expected_rev");
    let fields = [("expected_rev", rev_now.as_str()), ("key", key.as_str()), ("wanted", wanted.as_str()), ("typed", "nobody")];
    let refused = staff.post(&format!("{room}/end"), &fields).await;
    assert!(refused.status >= 400 && refused.body.contains("What you typed is not"), "{}", refused.body);
    assert!(staff.get(&room).await.body.contains("data-phase=\"running\""), "nothing was done");

    let change: i64 = rev.parse::<i64>().unwrap() + 1;
    let preview = staff.post(&format!("{room}/preview"), &[("verb", &format!("revert:{change}"))]).await;
    assert_eq!(preview.field("rev"), change.to_string());
    let (rev, key) = (preview.field("expected_rev"), preview.field("key"));
    let fields =
        [("expected_rev", rev.as_str()), ("key", key.as_str()), ("rev", &change.to_string()), ("reason_code", "staff_error")];
    assert_eq!(staff.post(&format!("{room}/revert"), &fields).await.status, 303);
    let timeline = staff.get(&format!("{room}/timeline")).await;
    assert!(timeline.body.contains("clock.changed") && timeline.body.contains("noise or disturbance"), "{}", timeline.body);
    assert_eq!(staff.post(&format!("{room}/nonsense"), &fields).await.status, 404);
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_writes_and_no_page_lets_text_become_markup() {
    let hall = Hall::new().await;
    let (mut student, mut staff) = (Browser::new(&hall, false), Browser::new(&hall, false));
    student.post("/enter", &[("code", &hall.codes[0])]).await;
    staff.sign_in().await;
    let (sit, room) = (format!("/sit/{}", hall.room), format!("/staff/rooms/{}", hall.room));
    student.get(&sit).await;
    student.post(&format!("{sit}/join"), &[]).await;
    let before = hall.events().await;
    let staff_pages = [
        "",
        "/codes",
        "/results",
        "/timeline",
        "/results.csv",
        "/rules",
        "/attendance",
        "/staff",
        "/board",
        "?q=%3Cb%3ELi&show=%3Cb%3ELi&done=%3Cb%3ELi",
    ];
    for lang in ["en", "zh-CN"] {
        for path in ["/".to_owned(), sit.clone()] {
            let page = student.get(&format!("{path}?lang={lang}")).await;
            page.is_harmless(lang);
            assert!(!page.body.contains(SECRET_TEXT), "{path}");
            assert!(page.cookie("lang").unwrap().contains(lang));
        }
        let mut paths: Vec<String> = staff_pages.iter().map(|path| format!("{room}{path}")).collect();
        paths.push("/staff".to_owned());
        for path in paths {
            let joiner = if path.contains('?') { '&' } else { '?' };
            let page = staff.get(&format!("{path}{joiner}lang={lang}")).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            assert!(page.header("cache-control").contains("no-store"), "{path}");
            if !page.header("content-type").contains("csv") {
                page.is_harmless(lang);
            }
        }
        assert!(staff.get(&room).await.body.contains(&format!("<html lang=\"{lang}\">")), "the choice is kept");
    }
    let typed = Browser::new(&hall, false).post("/enter", &[("code", "\"><b>Li")]).await;
    typed.is_harmless("en");
    assert_eq!(hall.events().await, before);
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_made_by_a_button_and_stand_in_a_fragment() {
    let hall = Hall::without_codes().await;
    let mut staff = Browser::new(&hall, false);
    staff.sign_in().await;
    let codes = format!("/staff/rooms/{}/codes", hall.room);
    let page = staff.get(&codes).await;
    assert!(!page.body.contains("<svg") && page.body.contains(&format!("action=\"{codes}\"")), "looking makes no codes");
    assert_eq!(staff.post(&codes, &[]).await.location(), codes);
    let page = staff.get(&codes).await;
    assert_eq!(page.body.matches("<svg").count(), 2, "{}", page.body);
    assert!(!page.body.contains(&format!("action=\"{codes}\"")));
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_yours_is_not_there() {
    let hall = Hall::new().await;
    let mut staff = Browser::new(&hall, false);
    staff.post("/staff/login", &[("login", "bob"), ("password", hall::PASSWORD)]).await;
    staff.get("/staff").await;
    for path in ["", "/codes", "/results", "/timeline", "/results.csv", "/rules", "/attendance", "/staff", "/board", "/charge"] {
        let page = staff.get(&format!("/staff/rooms/{}{path}", hall.room)).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("<h1>"), "an error is a page: {}", page.body);
    }
    assert_eq!(staff.get("/staff/rooms/nonsense").await.status, 404);
    let given = staff.post(&format!("/staff/rooms/{}/open", hall.room), &[("expected_rev", "0"), ("key", "12345678")]).await;
    assert_eq!(given.status, 404);
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_cookies_are_bound_to_the_host() {
    let hall = Hall::new().await;
    let mut student = Browser::new(&hall, true);
    let entered = student.post("/enter", &[("code", &hall.codes[0])]).await;
    assert!(entered.cookie("__Host-invigil_sit").unwrap().contains("; Secure"));
    assert_eq!(student.get(&format!("/sit/{}", hall.room)).await.state(), "confirm");
    student.rename("__Host-invigil_sit", "invigil_sit");
    assert_eq!(student.get(&format!("/sit/{}", hall.room)).await.status, 303, "a plain cookie could have been planted");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_typed_tagged_and_only_what_browsers_need() {
    let hall = Hall::new().await;
    let mut anybody = Browser::new(&hall, false);
    let sheet = anybody.get("/assets/css/base.css").await;
    assert_eq!((sheet.status, sheet.header("content-type").as_str()), (200, "text/css; charset=utf-8"));
    assert_eq!(sheet.header("cache-control"), "public, max-age=300, must-revalidate");
    let known = anybody.get_if_changed("/assets/css/base.css", &sheet.header("etag")).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    assert_eq!(anybody.get("/assets/js/sit.js").await.header("content-type"), "text/javascript; charset=utf-8");
    for hidden in ["/assets/locales/en.ftl", "/assets/none.css", "/assets/../Cargo.toml", "/assets/css/%2e%2e/%2e%2e/Cargo.toml"]
    {
        assert_eq!(anybody.get(hidden).await.status, 404, "{hidden}");
    }
    hall.stop().await;
}

/// The dialog that opens a room says what the computer's clock showed; if that is far off, a box has to be ticked.
#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_opened_under_another_clock_by_a_tick() {
    let hall = Hall::new().await;
    let mut staff = Browser::new(&hall, false);
    staff.sign_in().await;
    let room = format!("/staff/rooms/{}", hall.room);
    let preview = staff.post(&format!("{room}/preview"), &[("verb", "open")]).await;
    assert!(
        preview.body.contains("name=\"client_now\" data-now") && !preview.body.contains("accept_clock_difference"),
        "{}",
        preview.body
    );
    let (rev, key) = (preview.field("expected_rev"), preview.field("key"));
    let off = "1000000000000";
    let fields = [("expected_rev", rev.as_str()), ("key", key.as_str()), ("reason_code", "other"), ("client_now", off)];
    let refused = staff.post(&format!("{room}/open"), &fields).await;
    assert!(refused.status == 409 && refused.body.contains("name=\"accept_clock_difference\""), "{}", refused.body);
    let (rev, key) = (refused.field("expected_rev"), refused.field("key"));
    let fields = [
        ("expected_rev", rev.as_str()),
        ("key", key.as_str()),
        ("reason_code", "other"),
        ("client_now", off),
        ("accept_clock_difference", "1"),
    ];
    let opened = staff.post(&format!("{room}/open"), &fields).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
    hall.stop().await;
}
