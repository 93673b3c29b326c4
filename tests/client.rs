//! The client against a whole node: one candidate through cuts and a takeover, a crowd, a load. Everything goes over the wire, except
//! the first account; what the store holds at the end is compared with what the clients heard.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use invigil::client::channel::{Channel, Watcher};
use invigil::client::checker::{Checker, Findings, Stored};
use invigil::client::crowd::{Crowd, Load, Pace};
use invigil::client::sitter::{Ending, Row, Setup};
use invigil::client::{Rest, Sitter};
use invigil::domain::access::Role;
use invigil::protocol::WatcherFrame;
use serde_json::{Value, json};
use support::app::TestApp;
use tokio_util::sync::CancellationToken;
use url::Url;

const WITHIN: Duration = Duration::from_secs(20);

/// A running room with its teacher.
struct Hall {
    app: TestApp,
    rest: Rest,
    teacher: Rest,
    room: String,
    codes: Vec<String>,
    checker: Checker,
}

fn paper() -> Value {
    let options = json!([{ "id": "a", "body": "A" }, { "id": "b", "body": "B" }, { "id": "c", "body": "C" }]);
    json!({ "questions": [
        { "id": "q1", "kind": "single", "body": "?", "points": 1, "options": options, "key": { "options": ["a"] } },
        { "id": "q2", "kind": "multiple", "body": "?", "points": 1, "options": options, "key": { "options": ["a", "b"] } },
        { "id": "q3", "kind": "numeric", "body": "?", "points": 1, "key": { "value": "3" } },
        { "id": "q4", "kind": "short", "body": "?", "points": 1, "key": { "accept": ["x"] } },
        { "id": "q5", "kind": "essay", "body": "?", "points": 1 },
    ] })
}

async fn hall(candidates: usize) -> Hall {
    let app = TestApp::start().await;
    let password = "five green bottles";
    let user = app.service.make_user("teacher", "T", Role::Teacher, password, None).await.expect("a teacher");
    app.service.store.create_user(&user).await.expect("a teacher");
    let rest = Rest::new(Url::parse(&app.base).expect("an address")).expect("a client");
    let (teacher, _) = rest.login("teacher", password).await.expect("signs in");
    let exam =
        json!({ "title": "E", "duration_seconds": 600, "takeover": "ask", "shuffle_questions": true, "shuffle_options": true });
    let exam = teacher.create_exam(exam).await.expect("an exam")["id"].as_str().expect("its id").to_owned();
    let tag = teacher.paper_of(&exam).await.expect("no paper yet").etag().expect("its tag").to_owned();
    teacher.put_paper(&exam, paper(), &tag).await.expect("a paper");
    let room = json!({ "exam": exam, "location": "L", "zone": "Europe/Berlin" });
    let room = teacher.create_room(room).await.expect("a room")["id"].as_str().expect("its id").to_owned();
    let lines: Vec<String> = (0..candidates).map(|n| format!("Student {n},S{n:03},A{n}\n")).collect();
    teacher.import_roster(&room, ["name,number,seat\n", &lines.concat()].concat()).await.expect("a roster");
    let codes = teacher.entry_codes(&room).await.expect("codes").into_iter().map(|(_, code)| code).collect();
    teacher.open(&room, json!({}), "open").await.expect("opens");
    teacher.start(&room, json!({}), "start").await.expect("starts");
    Hall { app, rest, teacher, room, codes, checker: Checker::default() }
}

impl Hall {
    fn setup(&self) -> Setup {
        let setup = Setup::new(self.app.service.time.clone(), CancellationToken::new(), 1);
        let (first_wait, wait_cap) = (Duration::from_millis(20), Duration::from_millis(200));
        Setup { first_wait, wait_cap, recorder: Some(self.checker.recorder()), ..setup }
    }

    /// Compares what the store holds with what the clients attempted and heard.
    async fn findings(&self) -> Findings {
        let rows = self.app.service.store.room_answers(&self.room.parse().expect("a room")).await.expect("answers");
        let stored: Vec<Stored> = rows
            .into_iter()
            .map(|a| Stored {
                row: Row {
                    candidate: a.candidate_id.to_string(),
                    pen: a.pen,
                    seq: a.seq,
                    question: a.question_id.to_string(),
                    value: serde_json::from_str(&a.value).expect("JSON"),
                },
                received_ms: a.received_ms,
            })
            .collect();
        self.checker.compare(&stored)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_candidate_goes_through_a_cut_and_a_takeover_to_the_hand_in() {
    let hall = hall(1).await;
    let setup = hall.setup();
    let first = Sitter::enter(&hall.rest, &hall.codes[0], &setup).await.expect("enters");
    let view = first.until(WITHIN, |view| view.paper.is_some()).await.expect("the paper");
    assert_eq!((view.pen, view.phase.as_str()), (Some(1), "working"));
    first.answer("q1", json!(["a"])).await;
    first.drop_connection(Duration::from_millis(100)).await;
    first.answer("q2", json!(["z"])).await;
    first.answer("q3", json!("5")).await;
    let view = first.until(WITHIN, |view| view.report.attempted == 3 && view.unsaved == 0).await.expect("settled");
    assert_eq!((view.report.acked, view.report.refused, view.report.connects), (2, 1, 2));

    let second = Sitter::enter(&hall.rest, &hall.codes[0], &setup).await.expect("enters");
    let asked = first.until(WITHIN, |view| view.asked.is_some()).await.expect("is asked").asked.expect("a request");
    assert!(second.view().paper.is_none(), "a device that waits sees nothing of the paper");
    // The first agrees, loses its connection, and has written one more answer meanwhile.
    first.decide(&asked, true).await;
    first.drop_connection(Duration::from_millis(600)).await;
    first.answer("q4", json!("left over")).await;
    second.until(WITHIN, |view| view.pen == Some(2) && view.paper.is_some()).await.expect("the pen");
    let report = first.finish().await;
    assert_eq!((report.ending, report.unsaved, report.acked), (Ending::Superseded, 0, 3), "its leftover went without a socket");

    second.answer("q5", json!("the end")).await;
    second.submit().await;
    let end = second.until(WITHIN, |view| view.submitted.is_some()).await.expect("handed in").submitted.expect("a receipt");
    assert_eq!((end.by.as_str(), end.answered, end.questions), ("candidate", 4, 5));
    assert_eq!(second.stop().await.unknown, 0, "every frame is one of the protocol");
    let findings = hall.findings().await;
    assert!(findings.clean() && findings.stored == 4, "{findings:?}");

    let mut watcher = Watcher::watch(&hall.teacher, &hall.room).await.expect("watches");
    assert!(matches!(watcher.frame().await, Some(WatcherFrame::Snapshot(table)) if table.rows.len() == 1));
    watcher.close().await;
    let problem = Channel::open(&hall.rest, None, None).await.err().expect("nobody");
    assert_eq!((problem.status, problem.code.as_str()), (401, "token_missing"));
    hall.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_every_kind_sits_and_nothing_is_lost() {
    let hall = hall(20).await;
    let crowd = Crowd {
        base: hall.rest.base().clone(),
        time: hall.app.service.time.clone(),
        seed: 7,
        pace: Pace { speed: 150.0, ramp: Duration::from_millis(10) },
        hints: Arc::default(),
        recorder: Some(hall.checker.recorder()),
    };
    let (codes, stop) = (hall.codes.clone(), CancellationToken::new());
    let sitting = tokio::spawn(async move { crowd.run(codes, &stop).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let more = json!({ "seconds": 60, "reason": { "code": "other", "text": "fire alarm" } });
    hall.teacher.extend(&hall.room, more, "extend").await.expect("extends");
    // Those who never hand in would stay for ten minutes.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let all = json!({ "spare": false, "reason": { "code": "other", "text": "over" } });
    hall.teacher.end(&hall.room, all, "end").await.expect("ends");
    let report = tokio::time::timeout(WITHIN, sitting).await.expect("ends in time").expect("no panic").expect("a report");
    assert_eq!((report.people, report.entered, report.submitted, report.lost, report.unsaved), (20, 20, 20, 0, 0), "{report:?}");
    assert!(report.acked > 80 && report.reconnects > 0 && report.takeovers > 0, "{report:?}");
    let findings = hall.findings().await;
    assert!(findings.clean(), "{findings:?}");
    assert_eq!(findings.acked as u64, report.acked);
    hall.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_is_measured_from_when_each_answer_was_due() {
    let hall = hall(20).await;
    let load = Load {
        base: hall.rest.base().clone(),
        time: hall.app.service.time.clone(),
        seed: 1,
        every: Duration::from_millis(250),
        length: Duration::from_secs(3),
        settle: WITHIN,
        wait_cap: Duration::from_secs(1),
        hand_in: true,
        recorder: Some(hall.checker.recorder()),
    };
    let report = load.run(hall.codes.clone(), &CancellationToken::new()).await.expect("a report");
    assert_eq!((report.crowd.submitted, report.crowd.unsaved, report.crowd.lost), (20, 0, 0), "{report:?}");
    assert_eq!((report.crowd.sent, report.ack.count), (240, 240), "{report:?}");
    let findings = hall.findings().await;
    assert!(findings.clean() && findings.stored == 240, "{findings:?}");
    hall.app.stop().await;
}
