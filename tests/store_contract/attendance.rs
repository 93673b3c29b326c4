//! Who is here, as staff say.

use invigil::domain::access::Rights;
use invigil::domain::attendance::{Attended, Said};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{Id as _, RoomId, UserId};
use invigil::store::StoreError;
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{NINE, World, cd, event, user};

/// Somebody says it at nine and so many ms.
async fn says(w: &World, room: &RoomId, after_ms: i64, by: &str, body: Body) -> bool {
    let event = Event { by: Some(UserId::trusted(by.into())), ..event(room, Some("cd_a"), NINE + after_ms, body) };
    w.store.attend(&event).await.unwrap()
}

pub async fn what_staff_see_is_kept_once_and_the_newer_word_holds(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    w.store.create_user(&user("us_2", "uma", "teacher")).await.unwrap();
    let said = |said| Body::AttendanceChanged { said };
    assert!(!says(&w, &room, 0, "us_t", said(None)).await, "nothing was said before");
    assert!(says(&w, &room, 2, "us_t", said(Some(Said::Missing))).await);
    assert!(!says(&w, &room, 3, "us_t", said(Some(Said::Missing))).await, "a repeat");
    assert!(!says(&w, &room, 1, "us_t", said(Some(Said::Here))).await, "an older word");
    assert!(says(&w, &room, 4, "us_t", said(Some(Said::Here))).await);

    assert!(!says(&w, &room, 0, "us_t", Body::IdentityWithdrawn).await);
    assert!(says(&w, &room, 5, "us_2", Body::IdentityConfirmed).await);
    assert!(!says(&w, &room, 6, "us_t", Body::IdentityConfirmed).await, "who did so first stays named");
    let uma = UserId::trusted("us_2".into());
    let a = w.store.candidate(&cd("cd_a")).await.unwrap().unwrap();
    let seen = Attended { said: Some(Said::Here), said_ms: NINE + 4, identified: Some(uma.clone()), identity_ms: NINE + 5 };
    assert_eq!(a.attended(), seen);
    let rows = w.store.attendance(&room).await.unwrap();
    let line = |n: usize| (rows[n].id.as_str(), rows[n].said(), rows[n].identified_by.as_ref(), rows[n].identifier.as_deref());
    assert_eq!(line(0), ("cd_a", Some(Said::Here), Some(&uma), Some("Name of uma")));
    assert_eq!(line(1), ("cd_b", None, None, None));

    assert!(says(&w, &room, 7, "us_t", Body::IdentityWithdrawn).await);
    assert!(!says(&w, &room, 6, "us_2", Body::IdentityConfirmed).await, "an older word");
    assert!(says(&w, &room, 8, "us_t", said(None)).await);
    let attended = w.store.candidate(&cd("cd_a")).await.unwrap().unwrap().attended();
    assert_eq!((attended.said, attended.identified), (None, None));
    let told = w.store.timeline(&room, &TimelineFilter { limit: 100, ..TimelineFilter::default() }).await.unwrap();
    let kinds: Vec<&str> = told.iter().map(|event| event.body.name()).collect();
    let change = "attendance.changed";
    assert_eq!(kinds, ["roster.changed", change, change, "identity.confirmed", "identity.withdrawn", change]);
}

pub async fn a_room_is_handed_over_by_who_is_in_charge_to_who_takes_it(w: World) {
    let room = w.room(|_| {}).await;
    let [tess, uma, vic] = ["us_t", "us_u", "us_v"].map(|id| UserId::trusted(id.into()));
    for (id, login) in [("us_u", "uma"), ("us_v", "vic")] {
        w.store.create_user(&user(id, login, "teacher")).await.unwrap();
        let told = event(&room, None, NINE, Body::StaffChanged { user: UserId::trusted(id.into()), rights: Vec::new() });
        assert!(w.store.put_grant(&room, &UserId::trusted(id.into()), Rights::INVIGILATOR, &told).await.unwrap());
    }
    let by = |user: &UserId, after_ms, body| Event { by: Some(user.clone()), ..event(&room, None, NINE + after_ms, body) };
    let offered = |to: &UserId, after_ms| by(&tess, after_ms, Body::HandoverOffered { to: to.clone() });
    let charge = async || w.store.charge(&room).await.unwrap().unwrap();
    assert_eq!((charge().await.holder, charge().await.charge_ms), (tess.clone(), None));

    let early = w.store.take_room(&room, &uma, &by(&uma, 0, Body::HandoverAccepted)).await;
    assert!(matches!(early, Err(StoreError::Moved)), "{early:?}");
    w.store.offer_room(&room, &tess, &vic, "", &offered(&vic, 1)).await.unwrap();
    w.store.offer_room(&room, &tess, &uma, "PC 12 is out.", &offered(&uma, 2)).await.unwrap();
    let late = w.store.take_room(&room, &vic, &by(&vic, 3, Body::HandoverAccepted)).await;
    assert!(matches!(late, Err(StoreError::Moved)), "another was asked since: {late:?}");
    w.store.take_room(&room, &uma, &by(&uma, 4, Body::HandoverAccepted)).await.unwrap();
    let now = charge().await;
    assert_eq!((&now.holder, now.charge_ms, &now.offered_to), (&uma, Some(NINE + 4), &None));
    assert_eq!((now.holder_name.as_str(), now.offered_by_name.as_deref()), ("Name of uma", Some("Name of tess")));
    assert_eq!(now.offered_words.as_deref(), Some("PC 12 is out."));

    let stale = w.store.offer_room(&room, &tess, &vic, "", &offered(&vic, 5)).await;
    assert!(matches!(stale, Err(StoreError::Moved)), "tess is not in charge any more: {stale:?}");
    w.store.offer_room(&room, &uma, &vic, "", &offered(&vic, 6)).await.unwrap();
    let withdrawn = by(&uma, 7, Body::HandoverWithdrawn { declined: false });
    assert!(w.store.withdraw_offer(&room, &vic, &withdrawn).await.unwrap());
    assert!(!w.store.withdraw_offer(&room, &vic, &withdrawn).await.unwrap());
    let left = w.store.charge(&room).await.unwrap().unwrap();
    assert_eq!(
        (left.offered_to, left.offered_by, left.offered_words),
        (None, None, None),
        "it would read as the words of the one before"
    );

    let gone = by(&tess, 8, Body::StaffChanged { user: uma.clone(), rights: Vec::new() });
    assert!(w.store.delete_grant(&room, &uma, &gone).await.unwrap());
    assert_eq!(charge().await.holder, tess, "who may not control the room is not in charge of it");
    let names = w.store.timeline_accounts(&room).await.unwrap();
    assert!(names.contains(&(vic, "Name of vic".to_owned())), "whom entries are about has a name: {names:?}");
}
