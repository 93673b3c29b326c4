//! Answers right before and right after a deadline, on nodes whose clocks are wrong: an oracle that knows the true time agrees.

use invigil::client::Rest;
use invigil::client::rest::fresh_key;
use invigil::protocol::AnswerFrame;
use invigil::time::{Time, parse_rfc3339};
use serde_json::{Value, json};

use super::{ALONE, Node, SPREAD_MS};
use crate::support::postgres::create_database;
use crate::support::room::{Room, short_questions, text};
use crate::support::site::Site;

/// How far around the deadline answers are sent, ms.
const AROUND_MS: i64 = 200;
/// Candidates of one room, half on each node.
const PEOPLE: usize = 20;

/// One answer: when it was sent and when the outcome was there, by the true clock; what the node says.
#[derive(Debug)]
struct Sent {
    from_ms: i64,
    to_ms: i64,
    received_ms: i64,
    counts: bool,
}

async fn sit(node: Rest, room: String, pen: i64, time: Time, limit_ms: i64) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    // On however slow a machine: one at once, and one that left when it was surely late.
    while sent.last().is_none_or(|last| last.from_ms <= limit_ms + SPREAD_MS) || time.now() < limit_ms + AROUND_MS {
        if sent.len() == 1 {
            time.sleep_until(limit_ms - AROUND_MS).await;
        }
        let seq = i64::try_from(sent.len()).unwrap() + 1;
        let frame = AnswerFrame { seq, question: "q1".to_owned(), value: json!(format!("{seq}")), pen: Some(pen), proof: None };
        let from_ms = time.now();
        let outcome = node.send_answers(&room, &[frame]).await.unwrap();
        let item = &outcome["items"][0];
        assert_eq!(item["outcome"], "saved", "{outcome}");
        let received_ms = parse_rfc3339(&text(item, "received_at")).unwrap();
        sent.push(Sent { from_ms, to_ms: time.now(), received_ms, counts: item["counts"] == true });
    }
    sent
}

/// Rounds of it; `INVIGIL_DEADLINE_ROUNDS` for the long run.
fn rounds() -> usize {
    std::env::var("INVIGIL_DEADLINE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn answers_at_the_deadline_are_judged_alike_on_nodes_with_wrong_clocks() {
    let _alone = ALONE.lock().await;
    let url = create_database().await;
    let site = tokio::task::block_in_place(|| Site::new(Some(url)));
    let nodes = [Node::start(&site, "+5").await, Node::start(&site, "-5").await];
    let (mut all, mut near) = (Vec::new(), 0);
    for _ in 0..rounds() {
        let room = Room::running(&nodes[0].base, PEOPLE, json!({ "grace_seconds": 0 }), short_questions(1)).await.unwrap();
        let time = Time::anchored(Time::wall_ms());
        let mut people = Vec::new();
        for (n, (_, code)) in room.codes.iter().enumerate() {
            let entry = Rest::new(nodes[n % 2].base.clone()).unwrap().enter(code).await.unwrap();
            let joined = entry.rest.join(&room.id, None).await.unwrap();
            people.push((entry.rest, joined["pen"].as_i64().unwrap()));
        }
        let clock = room.staff.clock(&room.id).await.unwrap();
        let now_ms = parse_rfc3339(&text(&clock, "now_at")).unwrap();
        let starts = clock["changes"].as_array().unwrap().iter().find(|change| change["kind"] == "start").unwrap();
        let deadline = parse_rfc3339(&text(starts, "made_at")).unwrap() + 3_600_000;
        // The room's hour is cut to some seconds from now.
        let cut = json!({ "seconds": (now_ms + 8_000 - deadline) / 1000, "reason": { "code": "other" } });
        let change = room.staff.extend(&room.id, cut, &fresh_key()).await.unwrap();
        let limit_ms = deadline + (now_ms + 8_000 - deadline) / 1000 * 1000;
        assert_eq!(change["applied"], true, "{change}");
        let sitting = people.into_iter().map(|(rest, pen)| tokio::spawn(sit(rest, room.id.clone(), pen, time.clone(), limit_ms)));
        for person in sitting.collect::<Vec<_>>() {
            for answer in person.await.unwrap() {
                near += i32::from((answer.received_ms - limit_ms).abs() <= AROUND_MS);
                judge(&answer, limit_ms);
                all.push(answer);
            }
        }
        let stored: Vec<Value> =
            room.staff.answers_of(&room.id, &room.codes[0].0).await.unwrap()["items"].as_array().unwrap().clone();
        assert!(stored.iter().any(|item| item["counts"] == true), "{stored:?}");
    }
    let late = all.iter().filter(|answer| !answer.counts).count();
    println!("{} answers, {near} received within {AROUND_MS} ms of the deadline, {late} late: as the oracle says", all.len());
    assert!(late > 0 && late < all.len(), "the deadline was missed");
}

/// The oracle knows the true time at which the answer left and at which its outcome was there; in between it was received.
fn judge(answer: &Sent, limit_ms: i64) {
    let Sent { from_ms, to_ms, received_ms, counts } = *answer;
    assert!(received_ms >= from_ms - SPREAD_MS && received_ms <= to_ms + SPREAD_MS, "stamped by another time: {answer:?}");
    if to_ms < limit_ms - SPREAD_MS {
        assert!(counts, "in time and not counted, limit {limit_ms}: {answer:?}");
    }
    if from_ms > limit_ms + SPREAD_MS {
        assert!(!counts, "late and counted, limit {limit_ms}: {answer:?}");
    }
    assert_eq!(counts, received_ms <= limit_ms, "the verdict is not that of its instant, limit {limit_ms}: {answer:?}");
}
