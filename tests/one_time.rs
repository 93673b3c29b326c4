//! One time on all nodes: the real program, twice, on machines whose clocks are wrong in either direction, over one PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use invigil::client::Rest;
use invigil::client::rest::fresh_key;
use invigil::time::{Time, parse_rfc3339};
use serde_json::json;
use sqlx::Connection as _;
use support::postgres::create_database;
use support::process::Process;
use support::room::{PASSWORD, Room, TEACHER, short_questions, text};
use support::site::Site;
use tokio::sync::Mutex;
use url::Url;

#[path = "one_time/deadline.rs"]
mod deadline;

/// One at a time: they tell times apart.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How far two nodes may be apart, ms.
const SPREAD_MS: i64 = 50;
/// Longest wait for something that takes a second or two on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The library that lies about the system clock, and about nothing else.
fn faketime() -> PathBuf {
    let triplet = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
    let path = std::env::var_os("FAKETIME_LIBRARY").map_or_else(|| PathBuf::from(triplet), PathBuf::from);
    assert!(path.exists(), "{} is missing: install the package faketime", path.display());
    path
}

/// A node whose machine's clock is off.
struct Node {
    process: Process,
    base: Url,
    teacher: Rest,
}

/// What a node calls now, against this test's own monotonic clock, in ms, and what that may be wrong by.
#[derive(Debug, Clone, Copy)]
struct Seen {
    offset_ms: i64,
    half_trip_ms: i64,
}

impl Node {
    async fn start(site: &Site, skew: &str) -> Self {
        let (process, base) = tokio::task::block_in_place(|| {
            let mut command: Command = site.program("serve");
            command.env("LD_PRELOAD", faketime()).env("FAKETIME", skew).env("NO_FAKE_STAT", "1");
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            let mut process = Process::start(command.args(["--listen", "127.0.0.1:0", "--log-level", "warn"]));
            let line = process.line_with("Invigil serves");
            (process, Url::parse(line.rsplit(' ').next().unwrap()).unwrap())
        });
        let (teacher, _) = Rest::new(base.clone()).unwrap().login(TEACHER, PASSWORD).await.unwrap();
        Self { process, base, teacher }
    }

    /// The quickest of many looks.
    async fn look(&self, room: &str, time: &Time) -> Seen {
        let mut looks = Vec::new();
        for _ in 0..40 {
            let asked = time.mono();
            let now = parse_rfc3339(&text(&self.teacher.clock(room).await.unwrap(), "now_at")).unwrap();
            let took = time.mono().saturating_sub(asked);
            looks.push((took, now - ms(asked + took / 2)));
        }
        let (took, offset_ms) = looks.into_iter().min().unwrap();
        Seen { offset_ms, half_trip_ms: ms(took) / 2 + 1 }
    }
}

fn ms(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap()
}

fn assert_one(what: &str, one: Seen, other: Seen) {
    let apart = (one.offset_ms - other.offset_ms).abs();
    println!("{what}: apart by {apart} ms, known to {} ms", one.half_trip_ms + other.half_trip_ms);
    assert!(
        apart <= SPREAD_MS + one.half_trip_ms + other.half_trip_ms,
        "{what}: the nodes are {apart} ms apart: {one:?} {other:?}"
    );
}

/// A database whose own clock can be set: `clock_timestamp` is found in another schema first.
async fn settable() -> (Site, sqlx::PgConnection) {
    let url = create_database().await;
    let mut admin = sqlx::PgConnection::connect(&url).await.unwrap();
    let name = url.rsplit('/').next().unwrap();
    for sql in [
        "create schema lie".to_owned(),
        "create table lie.shift (ms bigint not null)".to_owned(),
        "insert into lie.shift values (0)".to_owned(),
        "create function lie.clock_timestamp() returns timestamptz language sql volatile as \
         $$ select pg_catalog.clock_timestamp() + (select ms from lie.shift) * interval '1 millisecond' $$"
            .to_owned(),
        format!("alter database {name} set search_path = public, lie, pg_catalog"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
    let site = tokio::task::block_in_place(|| Site::new(Some(url)));
    (site, admin)
}

async fn set_database_clock(admin: &mut sqlx::PgConnection, shift_ms: i64) {
    sqlx::query("update lie.shift set ms = $1").bind(shift_ms).execute(admin).await.unwrap();
}

/// A gauge of a node, in seconds.
async fn gauge(node: &Node, name: &str) -> f64 {
    let text = reqwest::get(node.base.join("/metrics").unwrap()).await.unwrap().text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap_or_else(|| panic!("{name} is missing"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Five seconds fast and five slow: both have the database's time, from the first moment on, and after a start in mid-exam too.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nodes_with_wrong_clocks_have_one_time() {
    let _alone = ALONE.lock().await;
    let url = create_database().await;
    let site = tokio::task::block_in_place(|| Site::new(Some(url)));
    let fast = Node::start(&site, "+5").await;
    let slow = Node::start(&site, "-5").await;
    let room = Room::running(&fast.base, 2, json!({}), short_questions(1)).await.unwrap();
    let time = Time::anchored(Time::wall_ms());
    // PostgreSQL runs on this machine, under its true clock.
    let truth = Seen { offset_ms: time.now() - ms(time.mono()), half_trip_ms: 1 };
    let (one, other) = (fast.look(&room.id, &time).await, slow.look(&room.id, &time).await);
    assert_one("fast and slow", one, other);
    assert_one("fast and the database", one, truth);
    assert_one("slow and the database", other, truth);
    let mut slow = slow;
    tokio::task::block_in_place(|| slow.process.kill());
    let again = Node::start(&site, "-5").await;
    assert_one("fast and a node started in mid-exam", fast.look(&room.id, &time).await, again.look(&room.id, &time).await);
    for (node, skew) in [(&fast, 5.0), (&again, -5.0)] {
        let offset = gauge(node, "invigil_clock_offset_seconds").await;
        assert!(offset.abs() <= 0.05, "{offset}");
        let drift = gauge(node, "invigil_clock_drift_seconds").await;
        assert!((drift - skew).abs() < 1.0, "its own clock shows as drift: {drift}");
    }
}

/// The database's clock jumps an hour in mid-exam: nothing moves, on no node, on none that starts afterwards either; when the exam is
/// over time follows, on all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_step_of_the_database_s_clock_in_mid_exam_moves_nothing() {
    const HOUR_MS: i64 = 3_600_000;
    let _alone = ALONE.lock().await;
    let (site, mut admin) = settable().await;
    let (one, other) = (Node::start(&site, "+0").await, Node::start(&site, "-5").await);
    let room = Room::running(&one.base, 2, json!({}), short_questions(1)).await.unwrap();
    let time = Time::anchored(0);
    let before = one.look(&room.id, &time).await;
    for step in [HOUR_MS, -HOUR_MS / 2] {
        set_database_clock(&mut admin, step).await;
        let lead = |seconds: f64| (seconds + f64::from(i32::try_from(step / 1000).unwrap())).abs() < 5.0;
        let held = async || {
            lead(gauge(&one, "invigil_clock_lead_seconds").await) && lead(gauge(&other, "invigil_clock_lead_seconds").await)
        };
        let begun = time.mono();
        while !held().await {
            assert!(time.mono().saturating_sub(begun) < PATIENCE, "the step of {step} ms was not noticed\n{}", site.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_one("one node before and after", before, one.look(&room.id, &time).await);
        assert_one("the other", before, other.look(&room.id, &time).await);
        let third = Node::start(&site, "+5").await;
        assert_one("one that starts now", before, third.look(&room.id, &time).await);
    }
    assert!(site.whole_log().contains("database_clock_step"), "{}", site.log());
    let ended = one.teacher.end(&room.id, json!({ "reason": { "code": "other" } }), &fresh_key()).await.unwrap();
    assert_eq!(ended["phase"], "ended", "{ended}");
    // Ahead of what has happened the database's clock may be followed; behind it, not.
    set_database_clock(&mut admin, HOUR_MS).await;
    let begun = time.mono();
    let moved = async |node: &Node| {
        // A token lives for ten minutes of a time that moves by an hour: it may be over before it is shown.
        let Ok((teacher, _)) = Rest::new(node.base.clone()).unwrap().login(TEACHER, PASSWORD).await else { return 0 };
        let Ok(clock) = teacher.clock(&room.id).await else { return 0 };
        let now = parse_rfc3339(&text(&clock, "now_at")).unwrap();
        now - ms(time.mono()) - before.offset_ms
    };
    for node in [&one, &other] {
        while (moved(node).await - HOUR_MS).abs() > 2_000 {
            assert!(time.mono().saturating_sub(begun) < PATIENCE, "no room is open, and time did not follow\n{}", site.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
