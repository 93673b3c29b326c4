//! Every node seals, the log has the heads, `invigil verify` and the API hold the store against both.

use std::process::Command;

use invigil::client::rest::fresh_key;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::support::postgres::create_database;
use crate::support::process::Process;
use crate::support::room::{Room, short_questions};
use crate::support::site::Site;
use crate::{execute, until};

/// Starts it with a log that tells heads.
fn serve(site: &Site) -> Process {
    let listen = site.address().to_string();
    let mut process = Process::start(site.program("serve").args(["--listen", &listen, "--log-level", "info"]));
    process.line_with("serves");
    process
}

/// `invigil verify` with the logs of all sites: its exit code and what it says.
fn verify(site: &Site, logs: &[&Site]) -> (Option<i32>, String) {
    let mut command: Command = site.program("verify");
    let logs: Vec<String> = logs.iter().map(|site| site.file("log")).collect();
    // A node that sealed nothing tells no head: it is no fault, as long as another does.
    let quiet = site.file("quiet");
    std::fs::write(&quiet, "").unwrap();
    for log in logs.iter().chain([&quiet]) {
        command.args(["--heads", log]);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

async fn report(room: &Room, head: &str) -> Value {
    room.staff.get(&format!("/rooms/{}/timeline/seal?head={head}", room.id)).await.unwrap()
}

/// A room in which something happens at every node, until all of it is sealed; the last head.
async fn exam(sites: &[&Site]) -> (Room, String) {
    let room = Room::running(&sites[0].base(), 3, json!({}), short_questions(2)).await.unwrap();
    for n in 0..6 {
        let staff = invigil::client::Rest::new(sites[n % sites.len()].base()).unwrap();
        let (staff, _) = staff.login(crate::support::room::TEACHER, crate::support::room::PASSWORD).await.unwrap();
        staff.extend(&room.id, json!({ "seconds": 60 }), &fresh_key()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    }
    let mut head = String::new();
    until("all is sealed", async || {
        let report = room.staff.get(&format!("/rooms/{}/timeline/seal", room.id)).await.unwrap();
        report["head"].as_str().unwrap_or_default().clone_into(&mut head);
        report["unsealed"] == 0 && report["entries"].as_i64() >= Some(8)
    })
    .await;
    (room, head)
}

async fn what_is_done_to_the_store_is_found(database: Option<String>) {
    let site = block_in_place(|| Site::new(database));
    let mut server = serve(&site);
    let (room, head) = exam(&[&site]).await;
    let good = report(&room, &head).await;
    assert!(good["whole"] == true && good["told"] == 1, "{good}");
    let (code, text) = verify(&site, &[&site]);
    assert!(code == Some(0) && text.contains("heads from outside are as they were told"), "{text}\n{}", site.log());

    let seals = good["seals"].as_i64().unwrap();
    execute(site.database(), &format!("delete from events where room_id = '{}' and place = 2", room.id)).await;
    let bad = report(&room, &head).await;
    assert!(bad["whole"] == false && bad["items"][0]["kind"] == "deleted" && bad["items"][0]["place"] == 2, "{bad}");
    let (code, text) = verify(&site, &[&site]);
    assert!(code == Some(3) && text.contains("the entry at place 2 is gone"), "{text}");

    // The end is cut off: every row that is left fits.
    let first: i64 = 1;
    for sql in [
        format!(
            "delete from events where room_id = '{}' and place > (select last_place from seals where room_id = '{0}' and n = {first})",
            room.id
        ),
        format!("delete from seals where room_id = '{}' and n > {first}", room.id),
    ] {
        execute(site.database(), &sql).await;
    }
    server.ask_to_end();
    block_in_place(|| server.wait());
    let (code, text) = verify(&site, &[&site]);
    assert!(code == Some(3) && text.contains(&format!("truncated: seal {seals} of")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_a_file_is_found() {
    what_is_done_to_the_store_is_found(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_postgres_is_found() {
    what_is_done_to_the_store_is_found(Some(create_database().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_make_one_chain() {
    let database = create_database().await;
    let first = block_in_place(|| Site::new(Some(database.clone())));
    let second = Site::beside(database);
    let mut servers = [serve(&first), serve(&second)];
    let (room, head) = exam(&[&first, &second]).await;
    let told = report(&room, &head).await;
    assert!(told["whole"] == true, "{told}");
    for server in &mut servers {
        server.ask_to_end();
        block_in_place(|| server.wait());
    }
    let (code, text) = verify(&first, &[&first, &second]);
    assert!(code == Some(0), "{text}");
    let logs = first.whole_log() + &second.whole_log();
    let heads = logs.matches("timeline.sealed").count();
    let expected = format!("{heads} heads from outside are as they were told");
    assert!(i64::try_from(heads).unwrap() >= told["seals"].as_i64().unwrap() && text.contains(&expected), "{text}\n{logs}");
    assert!(!logs.contains("seal.failed"), "{logs}");
}
