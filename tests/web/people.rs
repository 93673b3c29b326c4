//! Who works in a room: what was typed stays in the form when it is not taken.

use crate::browser::Browser;
use crate::hall::Hall;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_about_colleagues_stays() {
    let hall = Hall::new().await;
    let mut staff = Browser::new(&hall, false);
    staff.sign_in().await;
    let page = format!("/staff/rooms/{}/staff", hall.room);
    staff.get(&page).await;
    let chosen = |body: &str, right: &str| body.contains(&format!("name=\"right\" value=\"{right}\" checked"));

    let refused = staff.post(&page, &[("do", "add"), ("login", "<b>nobody"), ("right", "results")]).await;
    refused.is_harmless("en");
    assert!(refused.status >= 400 && refused.body.contains("account_unknown"), "{}", refused.body);
    assert_eq!(refused.field("login"), "&#60;b&#62;nobody");
    assert!(chosen(&refused.body, "results") && !chosen(&refused.body, "watch"), "{}", refused.body);

    let add = [("do", "add"), ("login", "bob"), ("right", "watch"), ("right", "control")];
    assert_eq!(staff.post(&page, &add).await.status, 303);
    let shown = staff.get(&page).await;
    let bob = shown.body.split("<option value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let long = "PC <b>12 is out. ".repeat(200);
    let refused = staff.post(&page, &[("do", "offer"), ("user", &bob), ("words", &long)]).await;
    refused.is_harmless("en");
    assert!(refused.status == 422 && refused.body.contains("too_long"), "{} {}", refused.status, refused.body);
    assert!(refused.body.contains("PC &#60;b&#62;12 is out. PC"), "the words are there to be shortened");
    assert!(refused.body.contains(&format!("<option value=\"{bob}\" selected>")), "{}", refused.body);
    hall.stop().await;
}
