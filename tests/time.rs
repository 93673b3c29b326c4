//! Trusted time against the machine's clocks: the real program under a clock that steps, lies, or begins anew.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "outage/hall.rs"]
mod hall;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use hall::{Hall, Line, PATIENCE};
use invigil::client::Rest;
use invigil::time::{Time, parse_rfc3339};
use serde_json::json;
use support::room::{PASSWORD, text};
use support::site::Site;
use tokio::sync::Mutex;

/// One at a time: they tell times apart.
static ALONE: Mutex<()> = Mutex::const_new(());

/// The library that lies about the system clock, and about nothing else.
fn faketime() -> PathBuf {
    let triplet = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
    let path = std::env::var_os("FAKETIME_LIBRARY").map_or_else(|| PathBuf::from(triplet), PathBuf::from);
    assert!(
        path.exists(),
        "{} is missing: install the package faketime, or name the library in FAKETIME_LIBRARY",
        path.display()
    );
    path
}

/// Makes a program see the system clock shifted by what stands in `file`.
fn lie<'a>(command: &'a mut Command, file: &str) -> &'a mut Command {
    let command = command.env("LD_PRELOAD", faketime()).env("FAKETIME_TIMESTAMP_FILE", file);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1")
}

/// The server's trusted time against this process's monotonic clock, from the quickest of some looks, in ms.
async fn offset(hall: &Hall) -> i64 {
    let mut looks = Vec::new();
    for _ in 0..20 {
        let asked = hall.time.mono();
        let now = hall.now().await;
        let took = hall.time.mono().saturating_sub(asked);
        looks.push((took, now - i64::try_from((asked + took / 2).as_millis()).unwrap()));
    }
    looks.sort_unstable();
    println!("asked in {:?} at best", looks[0].0);
    looks[0].1
}

/// Waits for the alarm that the system clock is now ahead by so many seconds.
async fn alarmed(hall: &Hall, seconds: i64) {
    let begun = hall.time.mono();
    let says = |line: &str| line.split_once("clock_step drift_ms=").and_then(|(_, ms)| ms.trim().parse::<i64>().ok());
    while !hall.site.log().lines().filter_map(says).any(|ms| (ms - seconds * 1000).abs() < 2_000) {
        assert!(hall.time.mono().saturating_sub(begun) < PATIENCE, "the log never said {seconds} s:\n{}", hall.site.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The gauge of `/metrics`, in seconds.
async fn drift(site: &Site) -> f64 {
    let text = reqwest::get(site.base().join("/metrics").unwrap()).await.unwrap().text().await.unwrap();
    let line = text.lines().find(|line| line.starts_with("invigil_clock_drift_seconds ")).expect("the gauge");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// An hour forward, then two back: it is said, and nothing else happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_step_of_the_system_clock_in_mid_exam_moves_nothing() {
    let _alone = ALONE.lock().await;
    let (site, server, file) = tokio::task::block_in_place(|| {
        let site = Site::new(None);
        let file = site.file("clock");
        std::fs::write(&file, "+0").unwrap();
        let mut command = site.program("serve");
        lie(&mut command, &file);
        let server = site.serve_by(command);
        (site, server, file)
    });
    let hall = Hall::enter(site, server, 3, json!({})).await;
    let (before, rows) = (offset(&hall).await, hall.rows().await.unwrap());
    let mut moved = Vec::new();
    for (step, seconds) in [("+3600", 3_600), ("-7200", -7_200)] {
        std::fs::write(&file, step).unwrap();
        alarmed(&hall, seconds).await;
        let shown = drift(&hall.site).await;
        assert!((shown - f64::from(i32::try_from(seconds).unwrap())).abs() < 2.0, "the gauge says {shown} s");
        moved.push(offset(&hall).await - before);
        assert_eq!(hall.rows().await.unwrap(), rows, "deadlines, phases and presence stay");
    }
    println!("remaining time moved by {moved:?} ms at the steps of +1 h and -2 h");
    assert!(moved.iter().all(|ms| ms.abs() <= 50), "{moved:?}");
    assert!(hall.outages().await.unwrap().is_empty());
    for (n, sitter) in hall.sitters.iter().enumerate() {
        sitter.answer("q1", json!(format!("still here {n}"))).await;
        let view = sitter.until(PATIENCE, |view| view.report.acked == 1).await.unwrap();
        assert_eq!((view.report.connects, view.report.acked), (1, 1), "its connection never broke: {view:?}");
    }
    let again = hall::sign_in(&hall.site).await;
    assert_eq!(text(&again.room(&hall.room.id).await.unwrap(), "phase"), "running");
}

/// What a start says and whether it is one, under a clock that is off.
fn start_under(site: &Site, shift: &str, options: &[&str]) -> (bool, String) {
    let file = site.file("shift");
    std::fs::write(&file, shift).unwrap();
    let mut command = site.program("serve");
    lie(&mut command, &file).args(["--listen", "127.0.0.1:0", "--log-level", "warn"]).args(options);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let output = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    let _ = child.kill();
    let _ = child.wait();
    (line.contains("serves"), site.log())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_start_far_behind_the_last_event_is_refused_until_it_is_accepted() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 1, json!({})).await;
    let last = hall.now().await;
    tokio::task::block_in_place(|| {
        hall.server.kill();
        let (served, log) = start_under(&hall.site, "-7200", &[]);
        assert!(!served && log.contains("behind") && log.contains("--accept-clock-behind"), "{log}");
        let (served, log) = start_under(&hall.site, "-7200", &["--accept-clock-behind"]);
        assert!(served && log.contains("clock_behind_last_event"), "{log}");
        let (served, log) = start_under(&hall.site, "-60", &[]);
        assert!(served, "a minute is not refused\n{log}");
        let (served, log) = start_under(&hall.site, "+2d", &[]);
        assert!(served && log.contains("clock_far_from_last_event"), "{log}");
    });
    // Accepted once: under the false clock time goes on from the last event, and who sat still sits.
    let file = hall.site.file("shift");
    std::fs::write(&file, "-7200").unwrap();
    let mut command = hall.site.program("serve");
    lie(&mut command, &file).arg("--accept-clock-behind");
    hall.server = tokio::task::block_in_place(|| hall.site.serve_by(command));
    assert!(hall.now().await >= last - 1_000, "time went back behind what has happened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_clock_before_the_day_of_the_build_is_doubted() {
    let _alone = ALONE.lock().await;
    let (served, log) = tokio::task::block_in_place(|| start_under(&Site::new(None), "@2020-01-01 00:00:00", &[]));
    assert!(served && log.contains("clock_before_build"), "{log}");
}

/// After a reboot the monotonic clock begins anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn another_monotonic_clock_is_no_matter() {
    let _alone = ALONE.lock().await;
    let mut hall = Hall::on(None, 2, json!({})).await;
    let (before, rows) = (offset(&hall).await, hall.rows().await.unwrap());
    let unshare = ["unshare", "--user", "--map-root-user", "--time", "--monotonic", "86400", "--boottime", "86400"];
    tokio::task::block_in_place(|| hall.server.kill());
    let command = hall.site.program_under(&unshare, "serve");
    hall.server = tokio::task::block_in_place(|| hall.site.serve_by(command));
    let after = hall.wait("everybody back", |rows| rows.values().all(|row| row.presence == "connected")).await;
    assert!((offset(&hall).await - before).abs() < 1_000, "trusted time is anchored by the system clock");
    let deadline = |rows: &BTreeMap<String, Line>| rows.values().map(|row| row.deadline).collect::<Vec<_>>();
    if hall.outages().await.unwrap().is_empty() {
        assert_eq!(deadline(&after), deadline(&rows));
    }
    assert!(!hall.site.log().contains("machine_slept"), "{}", hall.site.log());
}

/// While nobody sits, trusted time follows the system clock by itself; while somebody does, only on command, and nobody loses by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn trusted_time_is_set_on_command_or_while_no_room_is_open() {
    let _alone = ALONE.lock().await;
    let (site, server, file) = tokio::task::block_in_place(|| {
        let site = Site::new(None);
        site.add_user("root", "admin");
        let file = site.file("clock");
        std::fs::write(&file, "+0").unwrap();
        let mut command = site.program("serve");
        lie(&mut command, &file);
        let server = site.serve_by(command);
        (site, server, file)
    });
    let root = sign_in_as_root(&site).await;
    std::fs::write(&file, "+300").unwrap();
    let time = Time::anchored(0);
    let shown = async || parse_rfc3339(&text(&root.reanchor(true).await.unwrap(), "before_at")).unwrap();
    // The token would be good for another ten minutes of trusted time: 300 s leave it alive.
    while (shown().await - Time::wall_ms() - 300_000).abs() > 1_500 {
        assert!(time.mono() < PATIENCE, "no room is open, and time did not follow\n{}", site.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let hall = Hall::enter(site, server, 2, json!({})).await;
    let left = |rows: &BTreeMap<String, Line>, now: i64| rows.values().map(|row| row.deadline.unwrap() - now).max();
    std::fs::write(&file, "+900").unwrap();
    alarmed(&hall, 600).await;
    let (rows, before, asked) = (hall.rows().await.unwrap(), hall.now().await, hall.time.mono());
    let done = sign_in_as_root(&hall.site).await.reanchor(false).await.unwrap();
    assert!((done["difference_seconds"].as_f64().unwrap() - 600.0).abs() < 1.5, "{done}");
    // A token lives for ten minutes of trusted time, and that has just moved by as much.
    let staff = hall::sign_in(&hall.site).await;
    let after = hall.now_as(&staff).await;
    let passed = i64::try_from(hall.time.mono().saturating_sub(asked).as_millis()).unwrap();
    assert!((after - before - 600_000 - passed).abs() < 1_500, "{before} {after}");
    let rows_after = hall.rows_as(&staff).await.unwrap();
    let lost = left(&rows, before).unwrap() - left(&rows_after, after).unwrap() - passed;
    assert!(lost.abs() < 1_500, "somebody lost {lost} ms by the step");
    let changes = hall.changes_as(&staff, "outage").await;
    assert_eq!((changes.len(), changes[0]["reason"]["code"].as_str()), (1, Some("clock_step")), "{changes:?}");
    std::fs::write(&file, "+0").unwrap();
    alarmed(&hall, -900).await;
    let refused = sign_in_as_root(&hall.site).await.reanchor(false).await.unwrap_err();
    assert_eq!(refused.code, "rooms_running");
}

async fn sign_in_as_root(site: &Site) -> Rest {
    Rest::new(site.base()).unwrap().login("root", PASSWORD).await.unwrap().0
}
