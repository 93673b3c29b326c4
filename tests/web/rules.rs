//! What rules look for, and what is off for one student: kept by forms, without a script.

use invigil::domain::control::Verb;
use serde_json::json;

use crate::browser::Browser;
use crate::hall::{Hall, PASSWORD};

async fn signed_in(hall: &Hall, login: &str) -> Browser {
    let mut browser = Browser::new(hall, false);
    assert_eq!(browser.post("/staff/login", &[("login", login), ("password", PASSWORD)]).await.status, 303);
    browser.get("/staff").await;
    browser
}

fn checked(body: &str, name: &str, value: &str) -> bool {
    body.contains(&format!("name=\"{name}\" value=\"{value}\" checked"))
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_kept_and_what_is_wrong_stands_beside_its_field() {
    let hall = Hall::new().await;
    let mut staff = signed_in(&hall, "ada").await;
    let rules = format!("/staff/rooms/{}/rules", hall.room);
    let list = staff.get(&format!("/staff/rooms/{}/incidents", hall.room)).await;
    assert!(list.body.contains(&format!("href=\"{rules}\"")), "the way to them: {}", list.body);
    let page = staff.get(&rules).await;
    assert!(page.body.contains("A rule proposes an incident and says why. It ends nothing"), "{}", page.body);
    assert_eq!((page.field("away_seconds"), page.field("paste_chars")), ("30".into(), "300".into()));
    assert!(checked(&page.body, "on", "away") && checked(&page.body, "on", "takeover") && !checked(&page.body, "shown", "1"));

    // What is no number, and what is off and therefore needs none.
    let fields =
        [("on", "away"), ("away_seconds", "45"), ("on", "paste"), ("paste_chars", "\"><b>Li"), ("devices", ""), ("shown", "1")];
    let refused = staff.post(&rules, &fields).await;
    refused.is_harmless("en");
    assert_eq!((refused.status, refused.body.matches("data-code=\"not_a_number\"").count()), (400, 1), "{}", refused.body);
    assert_eq!(refused.field("away_seconds"), "45", "what was typed stays");
    assert!(refused.body.contains("&#34;&#62;&#60;b&#62;Li") && checked(&refused.body, "shown", "1"), "{}", refused.body);
    assert!(!checked(&refused.body, "on", "devices"));
    let fields =
        [("on", "away"), ("away_seconds", "4"), ("on", "devices"), ("devices", "21"), ("on", "paste"), ("paste_chars", "60")];
    let refused = staff.post(&rules, &fields).await;
    assert_eq!(
        (refused.status, refused.body.matches("data-code=\"out_of_range\"").count()),
        (422, 3),
        "two fields, and the head: {}",
        refused.body
    );
    assert!(refused.body.contains("Type a whole number from 5 to 3600."), "{}", refused.body);
    assert_eq!((refused.field("away_seconds"), refused.field("devices")), ("4".into(), "21".into()));
    assert_eq!(staff.get(&rules).await.field("away_seconds"), "30", "nothing of it was kept");

    let fields =
        [("on", "away"), ("away_seconds", " 45 "), ("silent_seconds", "nonsense"), ("on", "paste"), ("paste_chars", "60")];
    let kept = staff.post(&rules, &fields).await;
    assert_eq!((kept.status, kept.location()), (303, format!("{rules}?kept=1")), "{}", kept.body);
    let page = staff.get(&kept.location()).await;
    assert!(page.body.contains("role=\"status\">Kept."), "{}", page.body);
    assert_eq!((page.field("away_seconds"), page.field("paste_chars")), ("45".into(), "60".into()));
    assert!(!checked(&page.body, "on", "takeover") && !checked(&page.body, "on", "silent"));
    assert_eq!(page.field("silent_seconds"), "60", "of a rule that is off the field has a number to begin with");

    for token in [None, Some("wrong")] {
        assert_eq!(staff.raw_post(&rules, token, true, &fields).await.status, 403);
    }
    let token = staff.csrf.clone();
    assert_eq!(staff.raw_post(&rules, Some(&token), false, &fields).await.status, 403);
    // They belong to whoever has the exam, whatever else somebody may do in the room.
    hall.grant("bob", &["watch", "message", "time", "control"]).await;
    let mut bob = signed_in(&hall, "bob").await;
    assert!(!bob.get(&format!("/staff/rooms/{}/incidents", hall.room)).await.body.contains(&rules));
    assert_eq!(bob.get(&rules).await.status, 404);
    for fields in [&fields[..], &[("on", "paste"), ("paste_chars", "x")]] {
        assert_eq!(bob.post(&rules, fields).await.status, 404);
    }
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_turned_off_for_one_student() {
    let hall = Hall::new().await;
    let mut staff = signed_in(&hall, "ada").await;
    let all = hall.candidates().await;
    let page = |n: usize| format!("/staff/rooms/{}/candidates/{}", hall.room, all[n]);
    let off = async |staff: &mut Browser, n: usize| {
        let body = staff.get(&page(n)).await.body;
        ["away", "silent", "takeover", "devices", "addresses", "paste"].map(|rule| checked(&body, "off", rule))
    };
    assert_eq!(off(&mut staff, 0).await, [false; 6]);
    let kept = staff.post(&format!("{}/rules", page(0)), &[("off", "paste"), ("off", "away")]).await;
    assert_eq!((kept.status, kept.location()), (303, format!("{}?kept=1#rules", page(0))));
    assert_eq!(off(&mut staff, 0).await, [true, false, false, false, false, true]);
    assert_eq!(off(&mut staff, 1).await, [false; 6], "for nobody else");
    let refused = staff.post(&format!("{}/rules", page(0)), &[("off", "lost_time")]).await;
    assert_eq!((refused.status, refused.body.contains("bad_field")), (400, true), "what gives time back cannot be off");
    assert_eq!(staff.post(&format!("/staff/rooms/{}/candidates/cd_nobody/rules", hall.room), &[]).await.status, 404);
    for token in [None, Some("wrong")] {
        assert_eq!(staff.raw_post(&format!("{}/rules", page(0)), token, true, &[]).await.status, 403);
    }

    hall.grant("bob", &["watch", "message"]).await;
    let mut bob = signed_in(&hall, "bob").await;
    let looks = bob.get(&page(0)).await;
    assert!(
        looks.body.contains("Away from the page, Much pasted at once") && !looks.body.contains("name=\"off\""),
        "{}",
        looks.body
    );
    assert_eq!(bob.post(&format!("{}/rules", page(0)), &[]).await.status, 403);
    assert_eq!(off(&mut staff, 0).await, [true, false, false, false, false, true]);
    assert_eq!(staff.post(&format!("{}/rules", page(0)), &[]).await.status, 303);
    assert_eq!(off(&mut staff, 0).await, [false; 6], "with none ticked all are on again");
    hall.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_and_another_address_are_proposed_and_change_nothing() {
    let hall = Hall::new().await;
    hall.give(Verb::Start).await;
    let sit = format!("/sit/{}", hall.room);
    let (mut first, mut second) = (Browser::new(&hall, false), Browser::new(&hall, false));
    for (n, browser) in [&mut first, &mut second].into_iter().enumerate() {
        browser.address = Some(format!("192.0.2.{}", n + 1).parse().unwrap());
        browser.post("/enter", &[("code", &hall.codes[0])]).await;
        browser.get(&sit).await;
    }
    assert_eq!(first.send("POST", &format!("{sit}/join"), &json!({})).await.json()["pen"], 1);
    hall.connect(first.secret("invigil_sit")).await;
    let asks = second.send("POST", &format!("{sit}/join"), &json!({})).await.json();
    assert!(asks["takeover"]["id"].is_string(), "{asks}");
    let mut staff = signed_in(&hall, "ada").await;
    let list = format!("/staff/rooms/{}/incidents?state=proposed", hall.room);
    let says = "another computer asked to continue while the first one was connected";
    let page = hall.see(async || Some(staff.get(&list).await).filter(|page| page.body.contains(says))).await;
    assert!(page.body.contains("The devices came from 2 addresses: 192.0.2.1, 192.0.2.2;"), "{}", page.body);
    assert_eq!(page.body.matches("data-incident=").count(), 2, "{}", page.body);
    assert_eq!((first.get(&sit).await.state(), second.get(&sit).await.state()), ("paper".into(), "asking".into()));

    // Of one for whom the rule is off nothing is proposed.
    let all = hall.candidates().await;
    let off = [("off", "addresses")];
    assert_eq!(staff.post(&format!("/staff/rooms/{}/candidates/{}/rules", hall.room, all[1]), &off).await.status, 303);
    let (mut third, mut fourth) = (Browser::new(&hall, false), Browser::new(&hall, false));
    for (n, browser) in [&mut third, &mut fourth].into_iter().enumerate() {
        browser.address = Some(format!("192.0.2.{}", n + 1).parse().unwrap());
        browser.post("/enter", &[("code", &hall.codes[1])]).await;
        browser.get(&sit).await;
        browser.send("POST", &format!("{sit}/join"), &json!({})).await.json();
    }
    assert_eq!(staff.get(&list).await.body.matches("data-incident=").count(), 2);
    hall.stop().await;
}
