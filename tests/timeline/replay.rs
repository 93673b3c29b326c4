//! Replay at t equals what a watcher's socket recorded live at t.

use std::collections::BTreeMap;
use std::time::Duration;

use invigil::client::channel::Watcher;
use invigil::client::rest::fresh_key;
use invigil::client::sitter::Setup;
use invigil::client::{Rest, Sitter};
use invigil::protocol::{Attention, WatcherFrame};
use invigil::time::{Time, parse_rfc3339};
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::PATIENCE;
use crate::support::postgres::create_database;
use crate::support::room::{Room, short_questions};
use crate::support::site::Site;

/// How long nothing happens around an instant that is compared.
const SETTLE: Duration = Duration::from_secs(1);

/// What a watcher has been shown so far.
#[derive(Debug, Clone, Default)]
struct Seen {
    rows: BTreeMap<String, Value>,
    phase: String,
    rev: i64,
}

/// The room, somebody who watches it, and what both said at instants at which nothing happened.
struct Script {
    room: Room,
    watcher: Watcher,
    seen: Seen,
    samples: Vec<(&'static str, Value, Seen)>,
}

/// Everything but the time.
fn still(mut status: Value) -> Value {
    status.as_object_mut().unwrap().remove("now_at");
    status
}

fn ms(at: &Value) -> Value {
    at.as_str().map_or(Value::Null, |text| parse_rfc3339(text).unwrap().into())
}

impl Script {
    /// Takes what the watcher's socket brings until it is quiet for a moment.
    async fn watch(&mut self) {
        while let Ok(frame) = tokio::time::timeout(SETTLE, self.watcher.frame()).await {
            match frame.expect("a watcher that stays") {
                WatcherFrame::Snapshot(table) | WatcherFrame::Delta(table) => {
                    (self.seen.phase, self.seen.rev) = (table.clock.phase, table.clock.rev);
                    self.seen.rows.extend(table.rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)));
                }
                _ => {}
            }
        }
    }

    /// Waits until `what` shows and then for an instant around which nothing happens, and keeps what is shown.
    async fn sample(&mut self, what: &'static str, shows: impl Fn(&Value, &dyn Fn(usize) -> Value) -> bool) {
        let ids: Vec<String> = self.room.codes.iter().map(|(id, _)| id.clone()).collect();
        let deadline = Time::anchored(0);
        loop {
            let one = self.room.staff.status(&self.room.id).await.unwrap();
            self.watch().await;
            let other = self.room.staff.status(&self.room.id).await.unwrap();
            let row = |n: usize| {
                let rows = one["rows"].as_array().unwrap();
                rows.iter().find(|row| row["candidate"] == ids[n].as_str()).cloned().unwrap_or_default()
            };
            if shows(&one, &row) && still(one.clone()) == still(other) {
                self.samples.push((what, one, self.seen.clone()));
                return;
            }
            assert!(deadline.mono() < PATIENCE, "{what} never shows: {one:#}");
        }
    }

    /// Each instant again.
    async fn replay(&self) {
        for (what, live, seen) in &self.samples {
            let at = live["now_at"].as_str().unwrap();
            let then = self.room.staff.get(&format!("/rooms/{}/status?at={at}", self.room.id)).await.unwrap();
            assert_eq!(then["now_at"], live["now_at"]);
            assert_eq!(still(then.clone()), still(live.clone()), "{what}");
            assert_eq!((then["phase"].as_str(), then["rev"].as_i64()), (Some(seen.phase.as_str()), Some(seen.rev)), "{what}");
            let rows = then["rows"].as_array().unwrap();
            assert_eq!(rows.len(), seen.rows.len(), "{what}");
            for row in rows {
                let shown = &seen.rows[row["candidate"].as_str().unwrap()];
                for field in
                    ["phase", "presence", "attention", "rev", "answered", "uncounted", "delivered_rev", "seen_rev", "ended_by"]
                {
                    assert_eq!(row[field], shown[field], "{what}: {field} of {row:#}");
                }
                for (field, told) in [
                    ("deadline_at", "deadline_ms"),
                    ("last_saved_at", "last_saved_ms"),
                    ("hand_at", "hand_ms"),
                    ("ended_at", "ended_ms"),
                ] {
                    assert_eq!(ms(&row[field]), shown[told], "{what}: {field} of {row:#}");
                }
                assert_eq!(row["takeover"]["id"], shown["takeover"]["id"], "{what}");
            }
        }
    }
}

async fn act(room: &Room, verb: &str, body: Value) {
    room.staff.command(&room.id, verb, body, &fresh_key()).await.unwrap();
}

async fn a_replay_is_what_was_seen(database: Option<String>) {
    let site = block_in_place(|| Site::new(database));
    let _server = site.serve();
    let exam = json!({ "timing": "on_entry" });
    let room = Room::running(&site.base(), 5, exam, short_questions(3)).await.unwrap();
    let watcher = Watcher::watch(&room.staff, &room.id).await.unwrap();
    let mut s = Script { room, watcher, seen: Seen::default(), samples: Vec::new() };
    s.sample("before anybody", |status, _| status["counts"]["absent"] == 5).await;

    let time = Time::anchored(0);
    let mut sitters = Vec::new();
    for (n, (_, code)) in s.room.codes.iter().enumerate().take(3) {
        let setup = Setup::new(time.clone(), CancellationToken::new(), u64::try_from(n).unwrap());
        sitters.push(Sitter::enter(&Rest::new(site.base()).unwrap(), code, &setup).await.unwrap());
    }
    s.sample("three at work", |_, row| (0..3).all(|n| row(n)["phase"] == "working" && row(n)["presence"] == "connected")).await;
    sitters[0].answer("q1", json!("yes")).await;
    sitters[0].answer("q2", json!("no")).await;
    sitters[1].answer("q1", json!("yes")).await;
    sitters[1].attention(Attention::Away).await;
    s.sample("answers", |_, row| row(0)["answered"] == 2 && row(1)["answered"] == 1 && row(1)["attention"] == "away").await;
    sitters[0].answer("q2", Value::Null).await;
    s.sample("an answer is cleared", |_, row| row(0)["answered"] == 1).await;
    act(&s.room, "pause", json!({})).await;
    s.sample("paused", |status, row| status["phase"] == "paused" && row(2)["delivered_rev"] == row(2)["rev"]).await;
    act(&s.room, "resume", json!({})).await;
    let first = s.room.codes[0].0.clone();
    act(&s.room, "extend", json!({ "seconds": 300, "candidates": [first] })).await;
    s.sample("extended", |status, row| status["phase"] == "running" && row(0)["delivered_rev"] == row(0)["rev"]).await;
    sitters[1].hand(true).await;
    act(&s.room, "messages", json!({ "text": "Five minutes are for Candidate 0 alone." })).await;
    s.sample("a hand", |status, row| status["counts"]["hands"] == 1 && row(1)["hand_at"].is_string()).await;
    // Lost after 15 s, and for long enough to be seen on a disk that stalls.
    sitters[2].drop_connection(Duration::from_secs(30)).await;
    s.sample("lost", |_, row| row(2)["presence"] == "lost").await;
    let second = Rest::new(site.base()).unwrap().enter(&s.room.codes[0].1).await.unwrap();
    second.rest.join(&s.room.id, None).await.unwrap();
    s.sample("another device asks", |status, _| status["counts"]["takeovers"] == 1).await;
    let asked = s.samples.last().unwrap().1["rows"].as_array().unwrap().iter().find_map(|row| row["takeover"]["id"].as_str());
    let asked = asked.unwrap().to_owned();
    s.room.staff.decide_takeover(&s.room.id, &s.room.codes[0].0, &asked, false).await.unwrap();
    sitters[1].hand(false).await;
    sitters[0].submit().await;
    s.sample("handed in", |_, row| {
        row(0)["phase"] == "ended" && row(1)["hand_at"].is_null() && row(2)["presence"] == "connected"
    })
    .await;
    let reason = json!({ "candidates": [s.room.codes[1].0], "reason": { "code": "other" } });
    act(&s.room, "terminate", reason.clone()).await;
    s.sample("ended by staff", |_, row| row(1)["ended_by"] == "invigilator").await;
    act(&s.room, "reopen", reason).await;
    s.room.staff.add_candidate(&s.room.id, json!({ "name": "Late" })).await.unwrap();
    s.sample("reopened", |status, row| row(1)["phase"] == "working" && status["counts"]["expected"] == 6).await;
    act(&s.room, "end", json!({ "spare": false })).await;
    s.sample("over", |status, _| status["phase"] == "ended" && status["counts"]["ended"] == 3).await;
    s.replay().await;
    let refused = s.room.staff.get(&format!("/rooms/{}/status?at=2999-01-01T00:00:00Z", s.room.id)).await.unwrap_err();
    assert_eq!(refused.status, 400, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_from_a_file_is_what_was_seen() {
    a_replay_is_what_was_seen(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_from_postgres_is_what_was_seen() {
    a_replay_is_what_was_seen(Some(create_database().await)).await;
}
