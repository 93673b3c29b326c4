//! Backups beside a running server, and back again: what is refused, what is moved aside, what a restored store knows of itself.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "backup/load.rs"]
mod load;

use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use invigil::client::rest::fresh_key;
use invigil::client::sitter::Ending;
use load::Class;
use serde_json::{Value, json};
use support::room::{Room, short_questions};
use support::site::Site;
use support::temp::TempDir;
use tokio_util::sync::CancellationToken;

/// Runs one verb of the program and gives back how it ended and what it said.
fn run(site: &Site, verb: &str, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, .. } =
        site.program(verb).args(["--log-level", "warn"]).args(arguments).output().expect("the program starts");
    (
        status.success(),
        format!("{}{}", String::from_utf8_lossy(&stdout), if status.success() { String::new() } else { site.log() }),
    )
}

/// Path or URL of the database that the program is run on.
fn database(site: &Site) -> String {
    let program = site.program("migrate");
    let found = program.get_envs().find(|(name, _)| *name == "INVIGIL_DATABASE_URL").and_then(|(_, value)| value);
    found.expect("a database").to_str().expect("in UTF-8").to_owned()
}

fn backups(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

async fn get(base: &url::Url, path: &str) -> Value {
    reqwest::get(base.join(path).unwrap()).await.unwrap().json().await.unwrap()
}

/// One room with a saved answer, backed up beside the server, restored twice.
async fn goes_round(url: Option<String>) {
    let sqlite = url.is_none();
    let site = tokio::task::block_in_place(|| Site::new(url));
    let mut server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 2, json!({}), short_questions(2)).await.unwrap();
    let entry = room.staff.enter(&room.codes[0].1).await.unwrap();
    let joined = entry.rest.join(&room.id, None).await.unwrap();
    let epoch = joined["epoch"].as_str().unwrap().to_owned();
    assert!(!epoch.is_empty());
    let frame = |seq: i64, value: &str| {
        serde_json::from_value(json!({ "seq": seq, "question": "q1", "value": value, "pen": 1 })).unwrap()
    };
    entry.rest.send_answers(&room.id, &[frame(1, "in the backup")]).await.unwrap();
    let noise = json!({ "topic": "environment.noise", "text": "Drilling next door" });
    let noise = room.staff.post(&format!("/rooms/{}/incidents", room.id), noise).await.unwrap();
    let dir = TempDir::new();
    let folder = dir.file("kept");
    let (done, said) = tokio::task::block_in_place(|| run(&site, "backup", &["--to", &folder]));
    assert!(done && said.contains("is made and verified"), "{said}");
    let made = backups(Path::new(&folder));
    assert_eq!(made.len(), 1, "nothing unfinished stays behind: {made:?}");
    assert_eq!(std::fs::metadata(&made[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let sent = entry.rest.send_answers(&room.id, &[frame(2, "after the backup")]).await.unwrap();
    let proof = sent["items"][0]["proof"].as_str().expect("a saved answer carries its proof").to_owned();

    let file = made[0].to_str().unwrap();
    let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[file, "--force"]));
    assert!(!done && said.contains("a server has this database open"), "{said}");
    server.kill();
    let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[file]));
    assert!(!done && said.contains("--force"), "{said}");
    let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[file, "--force"]));
    assert!(done && said.contains("1 answers") && said.contains("is now") && said.contains(&room.id), "{said}");

    let _server = tokio::task::block_in_place(|| site.serve());
    let joined = entry.rest.join(&room.id, Some(1)).await.unwrap();
    assert_ne!(joined["epoch"].as_str().unwrap(), epoch);
    assert_eq!(joined["pen"], 1001);
    let received = sent["items"][0]["received_at"].clone();
    let again: Value = json!({ "seq": 2, "question": "q1", "value": "after the backup", "pen": 1, "proof": proof });
    let again = entry.rest.send_answers(&room.id, &[serde_json::from_value(again).unwrap()]).await.unwrap();
    assert_eq!(
        (&again["items"][0]["outcome"], &again["items"][0]["received_at"]),
        (&json!("saved"), &received),
        "it keeps its time"
    );
    let kept = room.staff.list(&format!("/rooms/{}/incidents", room.id)).await.unwrap();
    assert_eq!(kept, [noise], "incidents come back with all that they had");
    let told = room.staff.list(&format!("/rooms/{}/timeline?kind=store.restored", room.id)).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    let ready = get(&site.base(), "/health/ready").await;
    assert_eq!(ready["backup"].is_object(), sqlite, "PostgreSQL makes none by itself: {ready}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_a_server_comes_back_on_sqlite() {
    goes_round(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_a_server_comes_back_on_postgres() {
    goes_round(Some(support::postgres::create_database().await)).await;
}

/// A flipped page of the file, and a file that was cut, are refused before anything is moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_refused_and_nothing_is_moved() {
    let site = tokio::task::block_in_place(|| Site::new(None));
    let dir = TempDir::new();
    let folder = dir.file("kept");
    let (done, said) = tokio::task::block_in_place(|| run(&site, "backup", &["--to", &folder]));
    assert!(done, "{said}");
    let good = backups(Path::new(&folder)).remove(0);
    let pages = std::fs::metadata(&good).unwrap().len() / 4096;
    let cut = dir.file("cut.db");
    std::fs::copy(&good, &cut).unwrap();
    std::fs::File::options().write(true).open(&cut).unwrap().set_len((pages - 5) * 4096).unwrap();
    let flipped = dir.file("flipped.db");
    std::fs::copy(&good, &flipped).unwrap();
    let file = std::fs::File::options().write(true).open(&flipped).unwrap();
    for page in 1..pages {
        file.write_at(&[0xa5; 64], page * 4096 + 8).unwrap();
    }
    let foreign = dir.file("foreign.db");
    std::fs::write(&foreign, "not a database at all").unwrap();
    for bad in [&cut, &flipped, &foreign] {
        let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[bad, "--force"]));
        assert!(!done, "{bad}: {said}");
    }
    let (done, said) = tokio::task::block_in_place(|| run(&site, "backup", &["--to", &folder]));
    assert!(done && !said.contains("before-restore"), "the database is where it was: {said}");
}

/// Candidates, and from one of their answers to the next.
const PEOPLE: usize = 30;
const GAP: Duration = Duration::from_millis(100);

async fn comes_back(url: Option<String>) {
    let site = tokio::task::block_in_place(|| Site::new(url));
    let mut server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), PEOPLE, json!({ "takeover": "allow" }), short_questions(6)).await.unwrap();
    let class = Class::default();
    let (mut entries, mut sitters) = (Vec::new(), Vec::new());
    for (seed, (_, code)) in (0..).zip(&room.codes) {
        let (entry, sitter) = class.enter(&room.staff, code, seed).await;
        entries.push(entry);
        sitters.push(sitter);
    }
    let (dir, stop) = (TempDir::new(), CancellationToken::new());
    let folder = dir.file("kept");
    // 300 answers a second, also while the backup is made.
    let story = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = class.acked();
        let (done, said) = tokio::task::block_in_place(|| run(&site, "backup", &["--to", &folder]));
        assert!(done, "{said}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.cancel();
        before
    };
    let (before, ()) = tokio::join!(story, load::write(&sitters, GAP, &stop));
    let during = class.ack.quantiles();
    // After the backup some go on on another computer: the backup knows neither the session nor the pen.
    let mut replaced = Vec::new();
    for (index, (_, code)) in room.codes.iter().enumerate().take(3) {
        let (_, other) = class.enter(&room.staff, code, 100 + index as u64).await;
        let old = std::mem::replace(&mut sitters[index], other);
        old.until(Duration::from_secs(30), |view| view.report.ending == Ending::Superseded).await.expect("taken over");
        replaced.push((entries[index].clone(), old.put_down().await.1));
    }
    let stop = CancellationToken::new();
    let crash = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.kill();
        stop.cancel();
    };
    tokio::join!(crash, load::write(&sitters, GAP, &stop));
    let acked = class.acked().len();

    let file = backups(Path::new(&folder)).remove(0);
    let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[file.to_str().unwrap(), "--force"]));
    assert!(done, "{said}");
    let restored = load::check_prefix(&database(&site), &room, &before).await;
    assert!(restored < acked, "the crash came after the backup: {restored} of {acked}");
    let _server = tokio::task::block_in_place(|| site.serve());
    let mut again = 0;
    for (index, (entry, outbox)) in replaced.into_iter().enumerate() {
        // By the backup this computer holds the pen; then the other one takes it again.
        let first = class.open_again(&entry, 300 + index as u64, outbox);
        load::settle(std::slice::from_ref(&first), &site).await;
        let old = sitters.remove(index);
        sitters.insert(index, class.enter_again(&room.staff, &room.codes[index].1, 200 + index as u64, old).await);
        again += first.stop().await.again;
    }
    // They go on writing as soon as they are back.
    let stop = CancellationToken::new();
    let more = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.cancel();
    };
    tokio::join!(more, load::write(&sitters, GAP, &stop));
    load::settle(&sitters, &site).await;
    for sitter in sitters {
        let report = sitter.stop().await;
        assert_eq!((report.refused, report.lost), (0, 0), "{report:?}");
        again += report.again;
    }
    let found = class.checker.compare(&room.stored().await.unwrap());
    println!(
        "ack p99 {:?} beside the backup; {acked} acked before the crash, {restored} in the backup, {again} sent again; then {} acked, {} stored: \
         lost {}, duplicated {}, phantom {}, altered {}, contradicted {}",
        during.p99,
        found.acked,
        found.stored,
        found.lost.len(),
        found.duplicated.len(),
        found.phantom.len(),
        found.altered.len(),
        found.contradicted.len()
    );
    assert!(found.clean(), "{found:?}");
    assert!(again > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_restore_in_mid_exam_loses_nothing_on_sqlite() {
    comes_back(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_restore_in_mid_exam_loses_nothing_on_postgres() {
    comes_back(Some(support::postgres::create_database().await)).await;
}

/// The exam ended while a device was away: what it sends again, without a pen, counts by when it was first received.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_makes_nobody_late() {
    let site = tokio::task::block_in_place(|| Site::new(None));
    let mut server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 1, json!({}), short_questions(6)).await.unwrap();
    let class = Class::default();
    let (_, sitter) = class.enter(&room.staff, &room.codes[0].1, 1).await;
    let dir = TempDir::new();
    let folder = dir.file("kept");
    let (done, said) = tokio::task::block_in_place(|| run(&site, "backup", &["--to", &folder]));
    assert!(done, "{said}");
    for n in 1..=6 {
        sitter.answer(&format!("q{n}"), json!("after the backup")).await;
    }
    sitter.until(Duration::from_secs(30), |view| view.report.acked == 6).await.expect("saved");
    sitter.drop_connection(Duration::from_secs(20)).await;
    sitter.until(Duration::from_secs(30), |view| !view.connected).await.expect("away");
    server.kill();
    let file = backups(Path::new(&folder)).remove(0);
    let (done, said) = tokio::task::block_in_place(|| run(&site, "restore", &[file.to_str().unwrap(), "--force"]));
    assert!(done, "{said}");
    let _server = tokio::task::block_in_place(|| site.serve());
    room.staff.end(&room.id, json!({ "spare": false }), &fresh_key()).await.unwrap();
    sitter.until(Duration::from_secs(60), |view| view.report.again == 6 && view.unsaved == 0).await.expect("sent again");
    let listed = room.staff.answers_of(&room.id, &room.codes[0].0).await.unwrap();
    let counts: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["counts"]).collect();
    assert_eq!(counts, [&json!(true); 6], "{listed}");
    let found = class.checker.compare(&room.stored().await.unwrap());
    assert!(found.clean(), "{found:?}");
}
