//! Meta, keys, accounts, sessions.

use invigil::domain::access::Role;
use invigil::domain::clock::{Kind, Targets};
use invigil::domain::ids::Id;
use invigil::domain::ids::UserId;
use invigil::store::StoreError;
use invigil::store::accounts::NewSession;
use invigil::store::rooms::{Plan, RoomFacts};

use crate::fixture::{MINUTE, NINE, World, cd, change, plan, ss, user};

fn session(id: &str, secret: &str) -> NewSession {
    NewSession {
        id: ss(id),
        secret_hash: secret.into(),
        user: Some(UserId::trusted("us_t".into())),
        candidate: None,
        generation: 1,
        now: NINE,
        expires_ms: NINE + MINUTE,
    }
}

pub async fn meta_is_set_and_taken_once(w: World) {
    assert_eq!(w.store.meta("setup").await.unwrap(), None);
    w.store.set_meta("setup", "one").await.unwrap();
    w.store.set_meta("setup", "two").await.unwrap();
    assert_eq!(w.store.meta("setup").await.unwrap().as_deref(), Some("two"));
    assert_eq!(w.store.take_meta("setup").await.unwrap().as_deref(), Some("two"));
    assert_eq!(w.store.take_meta("setup").await.unwrap(), None);
    w.store.ping().await.unwrap();
}

pub async fn server_keys_are_newest_first(w: World) {
    w.store.add_server_key("a", "c2VjcmV0", NINE).await.unwrap();
    w.store.add_server_key("b", "b3RoZXI=", NINE + 1).await.unwrap();
    w.store.add_server_key("a", "changed", NINE + 2).await.unwrap();
    let keys = w.store.server_keys().await.unwrap();
    assert_eq!(keys, [("b".into(), "b3RoZXI=".into(), NINE + 1), ("a".into(), "c2VjcmV0".into(), NINE)]);
}

pub async fn users_are_found_and_updated(w: World) {
    let mut tess = user("us_t", "tess", "teacher");
    w.store.create_user(&tess).await.unwrap();
    w.store.create_user(&user("us_s", "stan", "student")).await.unwrap();
    tess.name = "Тесс 蘇".into();
    tess.student_id = Some("s-1".into());
    (tess.generation, tess.disabled, tess.password) = (2, true, "new".into());
    w.store.update_user(&tess).await.unwrap();
    let read = w.store.user_by_login("tess").await.unwrap().unwrap();
    assert_eq!((&read.name, &read.student_id, &read.password), (&tess.name, &tess.student_id, &tess.password));
    assert_eq!((read.generation, read.disabled, read.role(), read.created_ms), (2, true, Role::Teacher, NINE));
    assert_eq!(w.store.user(&tess.id).await.unwrap().unwrap().login, "tess");
    assert!(w.store.user_by_login("nobody").await.unwrap().is_none());
    let ids = |rows: Vec<invigil::store::accounts::UserRow>| rows.into_iter().map(|u| u.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(w.store.users(None, "", 10).await.unwrap()), ["us_s", "us_t"]);
    assert_eq!(ids(w.store.users(Some("student"), "", 10).await.unwrap()), ["us_s"]);
    assert_eq!(ids(w.store.users(None, "us_s", 10).await.unwrap()), ["us_t"]);
    assert_eq!(ids(w.store.users(None, "", 1).await.unwrap()), ["us_s"]);
}

pub async fn a_login_is_taken_once(w: World) {
    w.store.create_user(&user("us_1", "tess", "teacher")).await.unwrap();
    let again = w.store.create_user(&user("us_2", "tess", "teacher")).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
}

pub async fn administrators_are_counted(w: World) {
    assert_eq!(w.store.count_admins().await.unwrap(), 0);
    for (id, disabled) in [("us_1", false), ("us_2", true)] {
        let mut admin = user(id, id, "admin");
        admin.disabled = disabled;
        w.store.create_user(&admin).await.unwrap();
    }
    w.store.create_user(&user("us_3", "us_3", "teacher")).await.unwrap();
    assert_eq!(w.store.count_admins().await.unwrap(), 1);
}

pub async fn sessions_know_what_they_rest_on(w: World) {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a"]).await;
    w.store.create_session(&session("ss_t", "h1")).await.unwrap();
    let entry = NewSession { user: None, candidate: Some((cd("cd_a"), room.clone())), ..session("ss_c", "h2") };
    w.store.create_session(&entry).await.unwrap();
    let staff = w.store.session_by_secret("h1").await.unwrap().unwrap();
    assert_eq!((staff.role.as_deref(), staff.user_generation, staff.disabled), (Some("teacher"), Some(1), Some(false)));
    assert_eq!((staff.candidate_id, staff.room_ended_ms, staff.ended_ms), (None, None, None));
    let facts = RoomFacts { ended_ms: Some(Some(NINE + 5)), ..RoomFacts::default() };
    let end = change(1, NINE + 5, Kind::End { spare: false }, Targets::Room);
    w.store.change_room(&room, &Plan { room: facts, ..plan(end) }).await.unwrap();
    let sitter = w.store.session(&ss("ss_c")).await.unwrap().unwrap();
    assert_eq!((sitter.candidate_id, sitter.room_id, sitter.room_ended_ms), (Some(cd("cd_a")), Some(room), Some(NINE + 5)));
    assert_eq!((sitter.user_id, sitter.role, sitter.disabled), (None, None, None));
    let twice = w.store.create_session(&session("ss_x", "h1")).await;
    assert!(matches!(twice, Err(StoreError::Duplicate)), "{twice:?}");
}

pub async fn a_rotated_secret_works_once(w: World) {
    w.store.create_session(&session("ss_t", "old")).await.unwrap();
    let id = ss("ss_t");
    assert!(w.store.rotate_session(&id, "old", "new", NINE + 1, NINE + 9).await.unwrap());
    assert!(!w.store.rotate_session(&id, "old", "thief", NINE + 2, NINE + 9).await.unwrap());
    assert!(w.store.session_by_secret("old").await.unwrap().is_none());
    let now = w.store.session_by_secret("new").await.unwrap().unwrap();
    assert_eq!((now.used_ms, now.expires_ms), (NINE + 1, NINE + 9));
    let race = tokio::join!(
        w.store.rotate_session(&id, "new", "left", NINE + 3, NINE + 9),
        w.store.rotate_session(&id, "new", "right", NINE + 3, NINE + 9)
    );
    assert_eq!([race.0.unwrap(), race.1.unwrap()].iter().filter(|won| **won).count(), 1);
}

pub async fn ended_sessions_stay_ended(w: World) {
    w.store.create_session(&session("ss_t", "h1")).await.unwrap();
    let id = ss("ss_t");
    w.store.touch_session(&id, NINE + 1, NINE + 2 * MINUTE).await.unwrap();
    assert_eq!(w.store.session(&id).await.unwrap().unwrap().expires_ms, NINE + 2 * MINUTE);
    w.store.end_session(&id, NINE + 2).await.unwrap();
    w.store.end_session(&id, NINE + 3).await.unwrap();
    w.store.touch_session(&id, NINE + 4, NINE + 9 * MINUTE).await.unwrap();
    assert!(!w.store.rotate_session(&id, "h1", "h2", NINE + 5, NINE + 9).await.unwrap());
    let session = w.store.session(&id).await.unwrap().unwrap();
    assert_eq!((session.ended_ms, session.used_ms, session.expires_ms), (Some(NINE + 2), NINE + 1, NINE + 2 * MINUTE));
}

pub async fn all_sessions_of_one_person_end(w: World) {
    let room = w.room(|_| {}).await;
    for id in ["ss_1", "ss_2"] {
        w.store.create_session(&session(id, id)).await.unwrap();
    }
    let entry = NewSession { user: None, candidate: Some((cd("cd_a"), room)), ..session("ss_c", "c") };
    w.store.create_session(&entry).await.unwrap();
    w.store.end_session(&ss("ss_2"), NINE).await.unwrap();
    let tess = UserId::trusted("us_t".into());
    assert_eq!(w.store.end_sessions_of(Some(&tess), None, NINE + 1).await.unwrap(), [ss("ss_1")]);
    assert_eq!(w.store.end_sessions_of(Some(&tess), None, NINE + 2).await.unwrap(), []);
    assert_eq!(w.store.end_sessions_of(None, None, NINE + 2).await.unwrap(), []);
    assert_eq!(w.store.end_sessions_of(None, Some(&cd("cd_a")), NINE + 3).await.unwrap(), [ss("ss_c")]);
}
