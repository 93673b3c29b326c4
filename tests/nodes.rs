//! Several processes of the program over one PostgreSQL and one NATS: what happens on one shows on all; where NATS is away, frozen or cut,
//! everything goes on and shows within seconds; a node that dies takes nobody with it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "nodes/mute.rs"]
mod mute;
#[path = "nodes/reach.rs"]
mod reach;
#[path = "nodes/rig.rs"]
mod rig;
#[path = "nodes/rolling.rs"]
mod rolling;

use std::time::Duration;

use invigil::client::Sitter;
use invigil::client::channel::{Channel, Incoming, Watcher};
use invigil::client::rest::fresh_key;
use invigil::client::sitter::View;
use invigil::protocol::{AnswerFrame, ClientFrame, SavedItem, ServerFrame, WatcherFrame};
use rig::{Nodes, PATIENCE, patiently};
use serde_json::{Value, json};
use support::room::{PASSWORD, text};
use tokio::sync::Mutex;

/// One run at a time: each fills the machine.
static ALONE: Mutex<()> = Mutex::const_new(());
/// What a command takes from one node to a device at another: half of them. One that nobody heard would come with the next reading, after
/// seconds.
const COMMAND: Duration = Duration::from_secs(2);
/// The slowest of them on a machine that does other things too.
const SLOWEST: Duration = Duration::from_secs(10);
/// What it takes while nodes do not hear each other, on such a machine: twice what is promised.
const CUT: Duration = Duration::from_secs(20);
/// From the death of a node to its candidates shown as lost, on such a machine: twice what is promised.
const DEAD: Duration = Duration::from_secs(30);
const REVOKED: Option<u16> = Some(4503);
const SUPERSEDED: Option<u16> = Some(4510);

/// A number that a long run gives in the environment.
fn long_run(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn p99(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// Extends the room at one node and waits until every sitter has it; how long each took.
async fn extend(nodes: &Nodes, staff: &invigil::client::Rest, room: &str, sitters: &[Sitter]) -> Vec<Duration> {
    let begun = nodes.time.mono();
    let key = fresh_key();
    let change = patiently(async || staff.extend(room, json!({ "seconds": 60 }), &key).await).await;
    let rev = change["rev"].as_i64().unwrap();
    let has = |view: &View| view.clock.as_ref().is_some_and(|clock| clock.rev >= rev);
    let seen = sitters.iter().map(async |sitter| {
        sitter.until(PATIENCE, has).await.unwrap_or_else(|view| panic!("rev {rev} never came: {view:?}\n{}", nodes.log()));
        nodes.time.mono().saturating_sub(begun)
    });
    futures_util::future::join_all(seen).await
}

/// Waits until a watcher is shown that a candidate has so many answers.
async fn shown(watcher: &mut Watcher, candidate: &str, answered: i64) {
    let wanted = |rows: &[Value]| rows.iter().any(|row| row["id"] == candidate && row["answered"].as_i64() >= Some(answered));
    let watching = async {
        loop {
            match watcher.frame().await.expect("a watcher that stays") {
                WatcherFrame::Snapshot(table) | WatcherFrame::Delta(table) if wanted(&table.rows) => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, watching).await.expect("the answer is shown");
}

async fn closed(channel: &mut Channel) -> Option<u16> {
    let end = async {
        loop {
            if let Incoming::Closed(code) = channel.next().await {
                return code;
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the socket ends")
}

async fn sends(channel: &mut Channel, seq: i64, question: &str, value: &str) -> SavedItem {
    let frame = AnswerFrame { seq, question: question.to_owned(), value: json!(value), pen: None, proof: None };
    channel.send(&ClientFrame::Answer(frame)).await.unwrap();
    let settled = async {
        loop {
            match channel.frame().await.expect("a socket that stays") {
                ServerFrame::Saved { items, .. } => {
                    if let Some(item) = items.into_iter().find(|item| item.seq == seq) {
                        return item;
                    }
                }
                ServerFrame::Refused(refused) => panic!("{refused:?}"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, settled).await.expect("settled")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_hall_has_a_change_soon() {
    let _alone = ALONE.lock().await;
    reach::a_hall_has_a_change_soon().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_happens_on_one_node_shows_on_the_others() {
    let _alone = ALONE.lock().await;
    let mut nodes = Nodes::start(2).await;
    let room = nodes.room(12, json!({})).await;
    let there = nodes.staff(1).await;
    let mut watcher = Watcher::watch(&there, &room.id).await.unwrap();
    let sitters = nodes.sit(&room.codes[..10], &[nodes.base(0), nodes.base(1)]).await;
    sitters[0].answer("q1", json!("at A")).await;
    shown(&mut watcher, &room.codes[0].0, 1).await;
    let (mut took, mut n) = (Vec::new(), 0);
    while n < 20 {
        took.extend(extend(&nodes, &room.staff, &room.id, &sitters).await);
        n += 1;
    }
    let p99 = p99(&mut took);
    let p50 = took[took.len() / 2];
    println!("extend on A -> {} devices on A and B, {n} times: p50 {p50:?}, p99 {p99:?}", sitters.len());
    assert!(p50 <= COMMAND && p99 <= SLOWEST, "{took:?}");
    nodes
        .rows(&there, &room.id, "everybody connected, seen from B", |rows| {
            room.codes[..10]
                .iter()
                .all(|(id, _)| rows[id]["presence"] == "connected" && rows[id]["delivered_rev"] == rows[id]["rev"])
        })
        .await;

    // Another device of a candidate of A comes to B: the holder is connected, so it is asked.
    let (first, code) = &room.codes[1];
    let other = nodes.enter(nodes.base(0), code).await;
    let joined = other.rest.join(&room.id, None).await.unwrap();
    assert!(joined["pen"].is_null() && joined["takeover"].is_string() || joined["takeover"].is_object(), "{joined}");
    let asked = sitters[1].until(PATIENCE, |view| view.asked.is_some()).await;
    asked.unwrap_or_else(|view| panic!("{first} was not asked: {view:?}"));

    // A session that ends at A ends its socket at B.
    let entry = nodes.enter(nodes.base(1), &room.codes[10].1).await;
    let mut channel = Channel::open(&entry.rest, None, None).await.unwrap();
    channel.frame().await.unwrap();
    let body = json!({ "candidates": [room.codes[10].0], "replace": true });
    let begun = nodes.time.mono();
    let codes = format!("/rooms/{}/entry-codes", room.id);
    patiently(async || room.staff.post(&codes, body.clone()).await).await;
    assert_eq!(closed(&mut channel).await, REVOKED);
    let took = nodes.time.mono().saturating_sub(begun);
    println!("revoked on A -> socket on B closed in {took:?}");
    assert!(took <= SLOWEST, "{took:?}");

    // An account that is disabled at A watches no more at B.
    tokio::task::block_in_place(|| nodes.all[0].site.add_user("root", "admin"));
    let (admin, _) = room.staff.anonymous().login("root", PASSWORD).await.unwrap();
    let me = text(&room.staff.me().await.unwrap()["user"], "id");
    let begun = nodes.time.mono();
    admin.update_user(&me, json!({ "disabled": true })).await.unwrap();
    while watcher.frame().await.is_some() {}
    let took = nodes.time.mono().saturating_sub(begun);
    println!("disabled on A -> watcher on B closed in {took:?}");
    assert!(took <= SLOWEST, "{took:?}");
    admin.update_user(&me, json!({ "disabled": false })).await.unwrap();
    for sitter in sitters {
        assert_eq!(sitter.stop().await.lost, 0);
    }
    nodes.until_all_equal_the_store(&room.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_mute_socket_here_and_requests_there_are_a_slow_line() {
    let _alone = ALONE.lock().await;
    mute::is_a_slow_line().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_nats_everything_goes_on() {
    let _alone = ALONE.lock().await;
    let mut nodes = Nodes::start(2).await;
    let room = nodes.room(6, json!({ "takeover": "allow" })).await;
    let there = nodes.staff(1).await;
    let sitters = nodes.sit(&room.codes[..4], &[nodes.base(0), nodes.base(1)]).await;
    for frozen in [true, false] {
        let mut watcher = Watcher::watch(&there, &room.id).await.unwrap();
        if frozen {
            nodes.nats.freeze();
        } else {
            nodes.nats.kill();
        }
        nodes.until_ready(0, "degraded", "away").await;
        nodes.until_ready(1, "degraded", "away").await;
        let begun = nodes.time.mono();
        let value = if frozen { 1 } else { 2 };
        sitters[0].answer(&format!("q{value}"), json!("without NATS")).await;
        shown(&mut watcher, &room.codes[0].0, value).await;
        let took = nodes.time.mono().saturating_sub(begun);
        println!("answer on A -> watcher on B without NATS: {took:?}");
        assert!(took <= CUT, "{took:?}");
        let took = extend(&nodes, &room.staff, &room.id, &sitters).await;
        println!("extend on A -> devices without NATS: {took:?}");
        assert!(took.iter().all(|took| *took <= CUT), "{took:?}");

        let code = &room.codes[if frozen { 4 } else { 5 }];
        let entry = nodes.enter(nodes.base(1), &code.1).await;
        let mut channel = Channel::open(&entry.rest, None, None).await.unwrap();
        channel.frame().await.unwrap();
        let body = json!({ "candidates": [code.0], "replace": true });
        let begun = nodes.time.mono();
        let codes = format!("/rooms/{}/entry-codes", room.id);
        patiently(async || room.staff.post(&codes, body.clone()).await).await;
        assert_eq!(closed(&mut channel).await, REVOKED);
        let took = nodes.time.mono().saturating_sub(begun);
        println!("revoked on A -> socket on B closed without NATS: {took:?}");
        assert!(took <= CUT, "{took:?}");

        if frozen {
            nodes.nats.thaw();
        } else {
            nodes.nats.begin();
        }
        nodes.until_ready(0, "ready", "ok").await;
        nodes.until_ready(1, "ready", "ok").await;
        let took = nodes.until_all_equal_the_store(&room.id).await;
        println!("every table equal to the store {took:?} after NATS is back");
    }
    // They hear each other again at once.
    nodes
        .until("a fast extension", async || {
            extend(&nodes, &room.staff, &room.id, &sitters).await.iter().all(|took| *took < COMMAND)
        })
        .await;
    for sitter in sitters {
        assert_eq!(sitter.stop().await.lost, 0);
    }
}

/// The journal's look at the candidate's row decides, not what its node has heard.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_cut_node_takes_nothing_for_a_pen_that_moved() {
    let _alone = ALONE.lock().await;
    let mut nodes = Nodes::start(2).await;
    let room = nodes.room(1, json!({ "takeover": "allow" })).await;
    let (candidate, code) = &room.codes[0];
    let old = nodes.enter(nodes.base(0), code).await;
    let mut at_a = Channel::open(&old.rest, None, None).await.unwrap();
    assert!(sends(&mut at_a, 1, "q1", "old").await.counts);
    nodes.nats.kill();
    nodes.until_ready(0, "degraded", "away").await;

    let new = nodes.enter(nodes.base(1), code).await;
    let mut at_b = Channel::open(&new.rest, None, None).await.unwrap();
    assert!(sends(&mut at_b, 1, "q1", "new").await.counts);
    // What its own socket would send, were it as fast: by the path that no look of the node's own closes.
    let frame = |seq: i64, question: &str, value: &str| AnswerFrame {
        seq,
        question: question.to_owned(),
        value: json!(value),
        pen: Some(1),
        proof: None,
    };
    let sent = old.rest.send_answers(&room.id, &[frame(2, "q1", "old again"), frame(3, "q2", "only here")]).await.unwrap();
    let (overtaken, left) = (&sent["items"][0], &sent["items"][1]);
    assert_eq!((&overtaken["counts"], &overtaken["why"]), (&json!(false), &json!("superseded")), "{sent}");
    assert_eq!((&left["counts"], &left["why"]), (&json!(true), &json!("older_pen")), "{sent}");
    let refused = old.rest.submit(&room.id, 1, 4, &[(1, 3)]).await.unwrap_err();
    assert_eq!(refused.code, "pen_superseded");
    let begun = nodes.time.mono();
    assert_eq!(closed(&mut at_a).await, SUPERSEDED);
    assert!(nodes.time.mono().saturating_sub(begun) <= CUT);
    let answers = room.staff.answers_of(&room.id, candidate).await.unwrap();
    let current: Vec<_> = answers["items"].as_array().unwrap().iter().filter(|a| a["counts"] == true).collect();
    let value = |question: &str| {
        current.iter().filter(|a| a["question"] == question).max_by_key(|a| a["pen"].as_i64()).unwrap()["value"].clone()
    };
    assert_eq!((value("q1"), value("q2")), (json!("new"), json!("only here")));
    let status = room.staff.status(&room.id).await.unwrap();
    assert_eq!(status["rows"][0]["phase"], "working", "whoever does not hold the pen does not hand in: {status}");
    nodes.nats.begin();
    nodes.until_ready(1, "ready", "ok").await;
    nodes.until_all_equal_the_store(&room.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_dead_node_takes_nobody_with_it() {
    let _alone = ALONE.lock().await;
    let mut nodes = Nodes::start(3).await;
    let room = nodes.room(9, json!({})).await;
    let there = nodes.staff(1).await;
    let stay = nodes.sit(&room.codes[..3], &[nodes.base(0)]).await;
    let move_on = nodes.sit(&room.codes[3..], &[nodes.anywhere()]).await;
    let all = |rows: &rig::Rows, from: usize, to: usize, presence: &str| {
        room.codes[from..to].iter().all(|(id, _)| rows[id]["presence"] == presence)
    };
    nodes.rows(&there, &room.id, "everybody connected", |rows| all(rows, 0, 9, "connected")).await;
    nodes.kill(0);
    let (_, took) = nodes.rows(&there, &room.id, "those of the dead node lost", |rows| all(rows, 0, 3, "lost")).await;
    println!("node killed -> its candidates shown as lost elsewhere in {took:?}");
    assert!(took <= DEAD, "{took:?}");
    let (_, took) = nodes.rows(&there, &room.id, "the others back", |rows| all(rows, 3, 9, "connected")).await;
    println!("and the others back in {took:?} more");
    // Longer than the lease, so that whoever might still speak for them has spoken.
    tokio::time::sleep(Duration::from_secs(12)).await;
    nodes.rows(&there, &room.id, "nobody overridden", |rows| all(rows, 3, 9, "connected") && all(rows, 0, 3, "lost")).await;
    let lost = |timeline: &[Value], id: &str| {
        timeline.iter().filter(|e| e["kind"] == "presence.changed" && e["presence"] == "lost" && e["candidate"] == id).count()
    };
    let timeline = patiently(async || there.timeline(&room.id).await).await;
    for (n, (id, _)) in room.codes.iter().enumerate() {
        assert_eq!(lost(&timeline, id), usize::from(n < 3), "{id}\n{timeline:?}");
    }
    nodes.serve(0).await;
    nodes.rows(&there, &room.id, "everybody back", |rows| all(rows, 0, 9, "connected")).await;
    nodes.until_all_equal_the_store(&room.id).await;
    for sitter in stay.into_iter().chain(move_on) {
        assert_eq!(sitter.stop().await.lost, 0);
    }
}

/// An outage is given back once and a room ends once, although every node sees that it is time.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_nodes_do_by_themselves_is_done_once() {
    let _alone = ALONE.lock().await;
    let mut nodes = Nodes::start(3).await;
    let room = nodes.room(6, json!({ "duration_seconds": 20, "grace_seconds": 0 })).await;
    let sitters = nodes.sit(&room.codes, &[nodes.base(0), nodes.base(1), nodes.base(2)]).await;
    for n in 0..3 {
        nodes.kill(n);
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    for n in 0..3 {
        nodes.begin(n).await;
    }
    let staff = nodes.staff(1).await;
    let clock = patiently(async || staff.clock(&room.id).await).await;
    let given = clock["changes"].as_array().unwrap().iter().filter(|change| change["kind"] == "outage").count();
    assert_eq!(given, 1, "{clock}\n{}", nodes.log());
    nodes.until("the room over", async || patiently(async || staff.room(&room.id).await).await["phase"] == "ended").await;
    let timeline = patiently(async || staff.timeline(&room.id).await).await;
    let count = |kind: &str| timeline.iter().filter(|event| event["kind"] == kind).count();
    assert_eq!((count("room.ended"), count("candidate.ended"), count("clock.changed")), (1, 6, 3), "{timeline:?}");
    for sitter in sitters {
        assert_eq!(sitter.stop().await.lost, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_rolling_restart_loses_nothing() {
    let _alone = ALONE.lock().await;
    rolling::loses_nothing().await;
}
