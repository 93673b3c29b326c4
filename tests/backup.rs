//! Backups beside a running server, and back again: what is refused, what is moved aside, what a restored store knows of itself.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "kill/node.rs"]
mod node;

use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Output;

use node::Site;
use serde_json::{Value, json};
use support::room::{Room, short_questions};
use support::temp::TempDir;

/// Runs one verb of the program and gives back how it ended and what it said.
fn run(site: &Site, verb: &str, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, .. } =
        site.program(verb).args(["--log-level", "warn"]).args(arguments).output().expect("the program starts");
    (
        status.success(),
        format!("{}{}", String::from_utf8_lossy(&stdout), if status.success() { String::new() } else { site.log() }),
    )
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
