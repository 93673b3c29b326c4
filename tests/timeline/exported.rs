//! Found by what it is about, by whom, when and in words; and written out for spreadsheets and programs.

use invigil::client::rest::{Content, fresh_key};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::support::room::{Room, short_questions};
use crate::support::site::Site;

async fn found(room: &Room, query: &str) -> Vec<Value> {
    room.staff.list(&format!("/rooms/{}/timeline?{query}", room.id)).await.unwrap()
}

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

async fn file(room: &Room, query: &str) -> String {
    let path = format!("/rooms/{}/timeline/export?{query}", room.id);
    let reply = room.staff.call(Method::GET, &path, Content::Nothing, &[]).await.unwrap();
    String::from_utf8(reply.bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_and_written_out() {
    let site = block_in_place(|| Site::new(None));
    let _server = site.serve();
    let room = Room::running(&site.base(), 3, json!({}), short_questions(1)).await.unwrap();
    let late = room.staff.add_candidate(&room.id, json!({ "name": "=HYPERLINK(\"http://x\")", "seat": "B7" })).await.unwrap();
    let late = late["items"][0]["id"].as_str().unwrap().to_owned();
    let reason = json!({ "seconds": 60, "reason": { "code": "noise", "text": "+1 Bohrmaschine" } });
    room.staff.extend(&room.id, reason, &fresh_key()).await.unwrap();
    let reason = json!({ "candidates": [late], "reason": { "code": "illness", "text": "went home" } });
    room.staff.command(&room.id, "terminate", reason, &fresh_key()).await.unwrap();

    let all = found(&room, "").await;
    assert_eq!(kinds(&found(&room, "group=time&q=bohrmaschine").await), ["clock.changed"]);
    assert_eq!(kinds(&found(&room, "q=HYPERLINK%20b7").await), ["candidate.ended"]);
    assert!(found(&room, "q=hyperlink%20bohrmaschine").await.is_empty(), "all words, not any");
    assert_eq!(found(&room, &format!("candidate={late}")).await.len(), 1);
    assert!(kinds(&found(&room, "group=room").await).iter().all(|kind| *kind == "roster.changed"));
    let me = room.staff.get("/me").await.unwrap()["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(found(&room, &format!("by={me}")).await.len(), all.iter().filter(|item| item["by"] == me.as_str()).count());
    assert_eq!(found(&room, "limit=1").await, all, "page by page it is the same");
    assert_eq!(found(&room, "limit=1&q=changed").await, found(&room, "q=changed").await, "a search, too");

    let lines = file(&room, "").await;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all);
    let csv = file(&room, "format=csv").await;
    assert!(csv.starts_with("\u{feff}id,happened_at,local_time,kind,candidate,seat,"), "{csv}");
    assert_eq!(csv.lines().count(), all.len() + 1);
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "no formula: {csv}");
    assert!(csv.contains("noise +1 Bohrmaschine"), "{csv}");
    assert_eq!(file(&room, "format=csv&group=attention").await.lines().count(), 1, "a head and nothing else");

    // More than is read at a time; nothing twice, nothing left out.
    for _ in 0..6 {
        let people: Vec<String> = (0..100).map(|n| format!("Further {n}\n")).collect();
        let people = people.concat();
        room.staff.import_roster(&room.id, format!("name\n{people}")).await.unwrap();
    }
    let codes = room.staff.entry_codes(&room.id).await.unwrap();
    let ids: Vec<&String> = codes.iter().map(|(id, _)| id).take(600).collect();
    let body = json!({ "candidates": ids, "reason": { "code": "other" } });
    room.staff.command(&room.id, "terminate", body, &fresh_key()).await.unwrap();
    let all = found(&room, "limit=200").await;
    assert!(all.len() > 600, "{}", all.len());
    let lines = file(&room, "format=ndjson").await;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all);
}
