//! Logout, disabling, a new role and a replaced code end live sockets within two seconds, and their tokens at once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod support;

use std::time::Duration;

use invigil::client::Rest;
use invigil::client::channel::{Channel, Incoming, Socket, Watcher};
use invigil::domain::access::Role;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::app::TestApp;
use support::room::{PASSWORD, Room, TEACHER, short_questions, text};
use url::Url;

const WITHIN: Duration = Duration::from_secs(2);
const REVOKED: u16 = 4503;

async fn closed<F: DeserializeOwned>(socket: &mut Socket<F>) -> Option<u16> {
    let end = async {
        loop {
            if let Incoming::Closed(code) = socket.next().await {
                return code;
            }
        }
    };
    tokio::time::timeout(WITHIN, end).await.unwrap_or_else(|_| panic!("the socket is still open after {WITHIN:?}"))
}

async fn account(app: &TestApp, login: &str, role: Role) {
    let user = app.service.make_user(login, login, role, PASSWORD, None).await.unwrap();
    app.service.store.create_user(&user).await.unwrap();
}

/// A node with an administrator, a teacher and her running room of two.
async fn scene() -> (TestApp, Url, Rest, Room) {
    let app = TestApp::start().await;
    account(&app, TEACHER, Role::Teacher).await;
    account(&app, "root", Role::Admin).await;
    let base: Url = app.base.parse().unwrap();
    let (admin, _) = Rest::new(base.clone()).unwrap().login("root", PASSWORD).await.unwrap();
    let room = Room::running(&base, 2, Value::Null, short_questions(1)).await.unwrap();
    (app, base, admin, room)
}

#[tokio::test]
async fn a_candidate_who_logs_out_is_out() {
    let (app, base, _, room) = scene().await;
    let entry = Rest::new(base).unwrap().enter(&room.codes[0].1).await.unwrap();
    let mut socket = Channel::open(&entry.rest, None, None).await.unwrap();
    socket.frame().await.unwrap();
    entry.rest.logout().await.unwrap();
    assert_eq!(closed(&mut socket).await, Some(REVOKED));
    assert_eq!(entry.rest.me().await.unwrap_err().status, 401);
    app.stop().await;
}

#[tokio::test]
async fn a_replaced_code_ends_who_came_with_the_old_one() {
    let (app, base, _, room) = scene().await;
    let (candidate, code) = &room.codes[0];
    let guest = Rest::new(base).unwrap();
    let entry = guest.enter(code).await.unwrap();
    let mut socket = Channel::open(&entry.rest, None, None).await.unwrap();
    socket.frame().await.unwrap();
    let body = json!({ "candidates": [candidate], "replace": true });
    let made = room.staff.post(&format!("/rooms/{}/entry-codes", room.id), body).await.unwrap();
    assert_eq!(closed(&mut socket).await, Some(REVOKED));
    assert_eq!(guest.enter(code).await.err().unwrap().code, "code_unknown");
    guest.enter(&text(&made["items"][0], "code")).await.unwrap();
    app.stop().await;
}

#[tokio::test]
async fn a_disabled_or_changed_account_stops_watching() {
    let (app, _, admin, room) = scene().await;
    let me = text(&room.staff.me().await.unwrap()["user"], "id");
    let changes = [json!({ "role": "admin" }), json!({ "disabled": true })];
    for change in changes {
        let (staff, _) = room.staff.anonymous().login(TEACHER, PASSWORD).await.unwrap();
        let mut wall = Watcher::watch(&staff, &room.id).await.unwrap();
        wall.frame().await.unwrap();
        admin.update_user(&me, change).await.unwrap();
        assert_eq!(closed(&mut wall).await, Some(REVOKED));
        assert!(matches!(staff.me().await.unwrap_err().status, 401 | 403));
    }
    assert_eq!(room.staff.anonymous().login(TEACHER, PASSWORD).await.err().unwrap().code, "account_disabled");
    app.stop().await;
}
