//! `status` and `doctor`, as whoever runs a server meets them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod support;

use std::net::TcpListener;
use std::process::{Output, Stdio};

use invigil::client::rest::fresh_key;
use invigil::time::parse_rfc3339;
use serde_json::{Value, json};
use support::postgres::create_database;
use support::room::{Room, short_questions};
use support::site::Site;

/// A command, its exit code and everything it says.
fn ask(site: &Site, verb: &str, options: &[&str]) -> (i32, String) {
    let mut command = site.program(verb);
    let Output { status, stdout, stderr } = command.args(options).stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    (status.code().unwrap(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

fn json_of(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

async fn status_tells_when_a_restart_is_safe(url: Option<String>) {
    let site = tokio::task::block_in_place(|| Site::new(url));
    let (code, said) = tokio::task::block_in_place(|| ask(&site, "status", &[]));
    assert!(code == 0 && said.contains("A restart is safe now") && said.contains("No server"), "{code}: {said}");

    let server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 3, json!({ "grace_seconds": 7 }), short_questions(1)).await.unwrap();
    let (code, said) = tokio::task::block_in_place(|| ask(&site, "status", &[]));
    assert!(code == 3 && said.contains("Do not restart now") && said.contains("A server is alive"), "{code}: {said}");
    assert!(said.contains(&room.id) && said.contains("Hall 1") && said.contains("running"), "{said}");
    let (code, said) = tokio::task::block_in_place(|| ask(&site, "status", &["--json"]));
    let seen = json_of(&said);
    assert_eq!((code, &seen["restart_is_safe"], &seen["pending_table_changes"]), (3, &json!(false), &json!([])));
    let clock = room.staff.clock(&room.id).await.unwrap();
    let starts = clock["changes"].as_array().unwrap().iter().find(|change| change["kind"] == "start").unwrap();
    let started = parse_rfc3339(starts["made_at"].as_str().unwrap()).unwrap();
    let last = parse_rfc3339(seen["safe_from_at"].as_str().unwrap()).unwrap();
    assert_eq!(last - started, 3_607_000, "an hour and the grace: {said}");
    assert_eq!((&seen["rooms"][0]["phase"], &seen["rooms"][0]["candidates"]), (&json!("running"), &json!(3)));

    room.staff.pause(&room.id, json!({ "reason": { "code": "other" } }), &fresh_key()).await.unwrap();
    let (code, said) = tokio::task::block_in_place(|| ask(&site, "status", &[]));
    assert!(code == 3 && said.contains("Nobody can know yet"), "{code}: {said}");
    room.staff.end(&room.id, json!({ "reason": { "code": "other" } }), &fresh_key()).await.unwrap();
    let (code, said) = tokio::task::block_in_place(|| ask(&site, "status", &["--json"]));
    assert!(code == 0 && json_of(&said)["rooms"] == json!([]), "{code}: {said}");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_when_a_restart_is_safe_on_sqlite() {
    status_tells_when_a_restart_is_safe(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_when_a_restart_is_safe_on_postgres() {
    let url = create_database().await;
    status_tells_when_a_restart_is_safe(Some(url)).await;
}

/// What doctor found of a check: (state, what it says with what to do).
fn found(said: &str, check: &str) -> Vec<(String, String)> {
    let report = json_of(said);
    let checks = report["checks"].as_array().unwrap().iter().filter(|one| one["check"] == check);
    let one = |one: &Value| {
        let word = |name: &str| one[name].as_str().unwrap().to_owned();
        assert!(word("state") == "good" || !word("do").is_empty(), "nothing to do about it: {one}");
        (word("state"), word("says") + " " + &word("do"))
    };
    checks.map(one).collect()
}

fn doctor_finds_a_sound_server_sound(url: Option<String>) {
    let site = Site::new(url);
    let listen = site.address().to_string();
    let free = ask(&site, "doctor", &["--json", "--listen", &listen]);
    assert_eq!((free.0, found(&free.1, "port")[0].0.as_str()), (0, "good"), "{}", free.1);
    assert_eq!(found(&free.1, "tables")[0].0, "good", "{}", free.1);
    assert!(!found(&free.1, "clock").is_empty() && !found(&free.1, "database").is_empty(), "{}", free.1);
    let server = site.serve();
    let (code, said) = ask(&site, "doctor", &["--listen", &listen]);
    assert!(code == 0 && said.contains("a server runs on this database"), "{code}: {said}");
    drop(server);
}

#[test]
fn doctor_finds_a_sound_server_sound_on_sqlite() {
    doctor_finds_a_sound_server_sound(None);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_sound_server_sound_on_postgres() {
    let url = create_database().await;
    tokio::task::block_in_place(|| doctor_finds_a_sound_server_sound(Some(url)));
}

#[test]
fn doctor_names_what_is_wrong_and_what_to_do() {
    let site = Site::new(None);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let (code, said) = ask(&site, "doctor", &["--json", "--listen", &listen]);
    let port = &found(&said, "port")[0];
    assert!(code == 3 && port.0 == "bad" && port.1.contains("another program") && port.1.contains("ss -ltnp"), "{said}");

    // A certificate that has ended, for another name.
    let mut params = rcgen::CertificateParams::new(vec!["other.example".into()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    std::fs::write(site.file("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(site.file("key.pem"), key.serialize_pem()).unwrap();
    let (cert, key) = (site.file("cert.pem"), site.file("key.pem"));
    let tls = [
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--tls-certificate",
        &cert,
        "--tls-key",
        &key,
        "--public-urls",
        "https://exam.example",
    ];
    let (code, said) = ask(&site, "doctor", &tls);
    let certificate: Vec<String> =
        found(&said, "certificate").into_iter().filter(|(state, _)| state == "bad").map(|(_, says)| says).collect();
    assert!(code == 3 && certificate[0].contains("2021-01-01") && certificate[1].contains("exam.example"), "{said}");

    let (code, said) = ask(
        &site,
        "doctor",
        &[
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            "postgres://u:hunter22@127.0.0.1:1/exams",
            "--nats-url",
            "nats://u:hunter22@127.0.0.1:1",
        ],
    );
    assert!(
        code == 3 && said.contains("BAD  database") && said.contains("does not answer") && !said.contains("hunter22"),
        "{said}"
    );
    assert!(said.contains("LOOK nats"), "{said}");

    // A backup that is three days old, and none at all.
    let dir = site.file("kept");
    std::fs::create_dir(&dir).unwrap();
    let options = ["--json", "--listen", "127.0.0.1:0", "--backup-dir", &dir];
    assert_eq!(found(&ask(&site, "doctor", &options).1, "backup")[0].0, "odd");
    std::fs::write(site.file("kept/invigil-20200103T090000123Z.db"), "").unwrap();
    let (code, said) = ask(&site, "doctor", &options);
    assert_eq!((code, found(&said, "backup")[0].0.as_str()), (3, "bad"), "{said}");
}
