//! A sitter against a server of a few lines that keeps its promises and breaks everything else: it cuts connections, loses
//! acknowledgements, refuses for its own reasons, repeats itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use url::Url;

use super::*;
use crate::client::checker::{Checker, Stored};
use crate::protocol::{AnswerFrame, ClientFrame, SUBPROTOCOL};

const WITHIN: Duration = Duration::from_secs(20);

/// What the server does besides keeping its promises.
#[derive(Clone, Copy, Default)]
struct Mood {
    /// Of 100 answers, how many end the connection after they are stored and before they are acknowledged.
    cut: u32,
    /// Of 100 answers, how many are refused as busy.
    busy: u32,
    /// Of 100 acknowledgements, how many come twice.
    twice: u32,
    /// The first hand-in is told that its last answer is missing.
    forgetful: bool,
}

#[derive(Default)]
struct Truth {
    stored: BTreeMap<(i64, i64), (String, Value, i64)>,
    pens: i64,
    pens_shown: Vec<String>,
    now_ms: i64,
    forgot: bool,
    said: Vec<Value>,
}

struct Server {
    truth: Arc<Mutex<Truth>>,
    rest: Rest,
}

async fn serve(mood: Mood) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let truth = Arc::new(Mutex::new(Truth::default()));
    let shared = Arc::clone(&truth);
    tokio::spawn(async move {
        for seed in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(visit(stream, Arc::clone(&shared), mood, StdRng::seed_from_u64(seed)));
        }
    });
    Server { truth, rest: Rest::new(base).unwrap() }
}

impl Server {
    fn entry(&self) -> Entry {
        let (candidate, room) = ("cd_1".to_owned(), "rm_1".to_owned());
        Entry { rest: self.rest.with_token("t"), candidate, room, json: Value::Null }
    }

    fn truth(&self) -> std::sync::MutexGuard<'_, Truth> {
        self.truth.lock().unwrap()
    }

    fn stored(&self) -> Vec<Stored> {
        let row = |pen, seq, question: &str, value: &Value| Row {
            candidate: "cd_1".to_owned(),
            pen,
            seq,
            question: question.to_owned(),
            value: value.clone(),
        };
        let truth = self.truth();
        truth.stored.iter().map(|(k, v)| Stored { row: row(k.0, k.1, &v.0, &v.1), received_ms: v.2 }).collect()
    }
}

fn clock(phase: &str) -> Value {
    json!({ "rev": 1, "phase": phase, "now_ms": 1_000, "starts_ms": 0, "deadline_ms": 9_000, "remaining_ms": 8_000, "explain": [] })
}

fn welcome(pen: Option<i64>, truth: &Truth) -> Value {
    let answers: Vec<Value> = truth
        .stored
        .iter()
        .map(|((pen, seq), (question, _, at))| {
            json!({ "question": question, "pen": pen, "seq": seq, "received_ms": at, "counts": true })
        })
        .collect();
    json!({
        "type": "welcome", "pen": pen, "now_ms": 1_000, "clock": clock("working"), "answers": answers, "unread": 0,
        "candidate": { "id": "cd_1", "name": "N", "seat": null },
        "room": { "id": "rm_1", "title": "T", "location": "L", "phase": "running" },
        "limits": { "message_bytes": 131_072, "window": 32 },
    })
}

async fn visit(mut stream: TcpStream, truth: Arc<Mutex<Truth>>, mood: Mood, mut rng: StdRng) -> Option<()> {
    let mut query = String::new();
    // One of ten attempts is sent away before the upgrade.
    if rng.random_ratio(mood.cut.min(10), 100) {
        let refusal = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal.as_bytes()).await.ok()?;
        return None;
    }
    #[expect(clippy::result_large_err, reason = "the library's type")]
    let note = |request: &Request, mut response: Response| {
        query = request.uri().query().unwrap_or_default().to_owned();
        response.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        Ok(response)
    };
    let mut socket = tokio_tungstenite::accept_hdr_async(stream, note).await.ok()?;
    let shown: Option<i64> = query.strip_prefix("pen=").and_then(|pen| pen.parse().ok());
    let first = {
        let mut truth = truth.lock().unwrap();
        truth.pens_shown.push(query);
        if shown.is_none() {
            truth.pens += 1;
        }
        if shown.is_some_and(|pen| pen != truth.pens) {
            vec![json!({ "type": "bye", "code": 4510, "reason": "superseded", "reconnect": false, "after_ms": [0, 0] })]
        } else {
            let paper = json!({ "type": "paper", "version": 1, "questions": [{ "id": "q1", "kind": "short" }] });
            vec![welcome(Some(truth.pens), &truth), json!({ "type": "party" }), paper]
        }
    };
    let superseded = first.len() == 1;
    for frame in first {
        socket.send(Message::text(frame.to_string())).await.ok()?;
    }
    if superseded {
        return None;
    }
    let pen = shown.unwrap_or_else(|| truth.lock().unwrap().pens);
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let frame: ClientFrame = serde_json::from_str(&text).unwrap();
        let (replies, cut) = settle(frame, pen, &mut truth.lock().unwrap(), mood, &mut rng);
        if cut {
            socket.get_ref().set_zero_linger().unwrap();
            return None;
        }
        for reply in replies {
            socket.send(Message::text(reply.to_string())).await.ok()?;
        }
    }
    Some(())
}

fn settle(frame: ClientFrame, pen: i64, truth: &mut Truth, mood: Mood, rng: &mut StdRng) -> (Vec<Value>, bool) {
    match frame {
        ClientFrame::Answer(answer) => record(&answer, pen, truth, mood, rng),
        ClientFrame::Submit { seq, have } => {
            let last = have.last().map_or(0, |range| range.1);
            if mood.forgetful && !std::mem::replace(&mut truth.forgot, true) {
                truth.stored.remove(&(pen, last));
            }
            let held = have.iter().flat_map(|&(from, to)| from..=to);
            let missing: Vec<(i64, i64)> = held.filter(|s| !truth.stored.contains_key(&(pen, *s))).map(|s| (s, s)).collect();
            let reply = if missing.is_empty() {
                json!({ "type": "submitted", "by": "candidate", "at_ms": 5, "answered": 1, "questions": 1, "seq": seq,
                        "receipt": "h1:0", "receipt_short": "0000-00" })
            } else {
                json!({ "type": "refused", "pen": pen, "seq": seq, "code": "missing_answers", "detail": "", "retry": false,
                        "missing": missing })
            };
            (vec![reply], false)
        }
        ClientFrame::Sync { id, t0 } => (vec![json!({ "type": "sync", "id": id, "t0": t0, "t1": 5_000, "t2": 5_000 })], false),
        other => {
            truth.said.push(serde_json::to_value(other).unwrap());
            (Vec::new(), false)
        }
    }
}

fn record(a: &AnswerFrame, own: i64, truth: &mut Truth, mood: Mood, rng: &mut StdRng) -> (Vec<Value>, bool) {
    let key = (a.pen.unwrap_or(own), a.seq);
    let refuse = |code: &str, retry: bool| json!({ "type": "refused", "pen": key.0, "seq": key.1, "code": code, "detail": "", "retry": retry, "proof": retry.then_some("p") });
    if a.value == json!("bad") {
        return (vec![refuse("wrong_shape", false)], false);
    }
    let known = truth.stored.get(&key).cloned();
    if known.is_none() && a.proof.is_none() && rng.random_ratio(mood.busy, 100) {
        return (vec![refuse("busy", true)], false);
    }
    truth.now_ms += 1;
    let (question, value, at) = known.unwrap_or((a.question.clone(), a.value.clone(), truth.now_ms));
    assert_eq!((&question, &value), (&a.question, &a.value), "a number came again with another value");
    truth.stored.insert(key, (question, value, at));
    if rng.random_ratio(mood.cut, 100) {
        return (Vec::new(), true);
    }
    let saved = json!({ "type": "saved", "pen": key.0, "items": [{ "seq": key.1, "received_ms": at, "counts": true }] });
    let times = if rng.random_ratio(mood.twice, 100) { 2 } else { 1 };
    (vec![saved; times], false)
}

fn setup(checker: &Checker) -> Setup {
    let setup = Setup::new(Time::anchored(0), CancellationToken::new(), 1);
    let (first_wait, wait_cap) = (Duration::from_millis(2), Duration::from_millis(20));
    Setup { first_wait, wait_cap, recorder: Some(checker.recorder()), ..setup }
}

#[tokio::test]
async fn an_exam_goes_through_from_welcome_to_hand_in() {
    let (server, checker) = (serve(Mood::default()).await, Checker::default());
    let mut sitter = Sitter::start(&server.entry(), &setup(&checker));
    let view = sitter.until(WITHIN, |view| view.paper.is_some()).await.unwrap();
    assert_eq!((view.pen, view.phase.as_str()), (Some(1), "working"));
    sitter.answer("q1", json!("a")).await;
    sitter.answer("q1", json!("bad")).await;
    sitter.answer("q1", json!("b")).await;
    sitter.seen(4).await;
    sitter.submit().await;
    let view = sitter.until(WITHIN, |view| view.submitted.is_some()).await.unwrap();
    assert_eq!((view.report.attempted, view.report.acked, view.report.refused), (3, 2, 1));
    assert_eq!(view.report.unknown, 1, "the unknown frame is counted and harms nothing");
    assert_eq!(server.truth().said, [json!({ "type": "seen", "rev": 4 })]);
    let offset = sitter.until(WITHIN, |view| view.offset.is_some()).await.unwrap().offset.unwrap();
    assert!(offset.bound < 1_000.0);
    let mut kinds = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(50), sitter.event()).await {
        kinds.push(event);
    }
    assert!(matches!(kinds[0], Event::Welcome(_)));
    assert!(kinds.iter().any(|e| matches!(e, Event::Refused { key: Some((1, 2)), .. })));
    let findings = checker.compare(&server.stored());
    assert!(findings.clean() && findings.acked == 2, "{findings:?}");
    let report = sitter.stop().await;
    assert_eq!((report.ending, report.submitted, report.unsaved), (Ending::Asked, true, 0));
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_on_a_line_that_breaks_all_the_time() {
    let mood = Mood { cut: 12, busy: 10, twice: 20, forgetful: false };
    let (server, checker) = (serve(mood).await, Checker::default());
    let sitter = Sitter::start(&server.entry(), &setup(&checker));
    sitter.until(WITHIN, |view| view.pen.is_some()).await.unwrap();
    for n in 0..90 {
        sitter.answer("q1", json!(format!("v{n}"))).await;
        if n % 30 == 0 {
            sitter.drop_connection(Duration::from_millis(5)).await;
        }
    }
    sitter.submit().await;
    let end = sitter.until(WITHIN, |view| view.submitted.is_some()).await.unwrap();
    assert_eq!((end.report.acked, end.unsaved), (90, 0), "{:?}", end.report);
    assert!(end.report.connects > 5, "{:?}", end.report);
    let findings = checker.compare(&server.stored());
    assert!(findings.clean() && findings.stored == 90, "{findings:?}");
    let shown = std::mem::take(&mut server.truth().pens_shown);
    assert_eq!(shown[0], "");
    assert!(shown[1..].iter().all(|query| query == "pen=1"), "a page that comes back shows its pen: {shown:?}");
}

#[tokio::test]
async fn a_saved_answer_that_is_missing_at_hand_in_is_reported() {
    let (server, checker) = (serve(Mood { forgetful: true, ..Mood::default() }).await, Checker::default());
    let sitter = Sitter::start(&server.entry(), &setup(&checker));
    sitter.until(WITHIN, |view| view.pen.is_some()).await.unwrap();
    sitter.answer("q1", json!("a")).await;
    sitter.answer("q1", json!("b")).await;
    sitter.submit().await;
    let view = sitter.until(WITHIN, |view| view.submitted.is_some()).await.unwrap();
    assert_eq!(view.report.lost, 1);
    let findings = checker.compare(&server.stored());
    let key = ("cd_1".to_owned(), 1, 2);
    assert_eq!((findings.lost, findings.contradicted), (vec![key.clone()], vec![key]));
}

#[tokio::test]
async fn another_device_ends_this_one() {
    let (server, checker) = (serve(Mood::default()).await, Checker::default());
    let first = Sitter::start(&server.entry(), &setup(&checker));
    first.until(WITHIN, |view| view.pen == Some(1)).await.unwrap();
    let second = Sitter::start(&server.entry(), &setup(&checker));
    second.until(WITHIN, |view| view.pen == Some(2)).await.unwrap();
    // What it writes while it is cut off stays here: this server knows no HTTP.
    first.drop_connection(Duration::from_millis(30)).await;
    first.answer("q1", json!("late")).await;
    let report = first.finish().await;
    assert_eq!((report.ending, report.unsaved, report.not_queued), (Ending::Superseded, 1, 0));
    second.answer("q1", json!("x")).await;
    assert_eq!(second.until(WITHIN, |view| view.report.acked == 1).await.unwrap().pen, Some(2));
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for_and_stop_ends_the_wait() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rest = Rest::new(Url::parse(&format!("http://{gone}")).unwrap()).unwrap();
    let entry = Entry { rest, candidate: "cd_1".to_owned(), room: "rm_1".to_owned(), json: Value::Null };
    let sitter = Sitter::start(&entry, &setup(&Checker::default()));
    sitter.answer("q1", json!("no pen yet")).await;
    let view = sitter.until(WITHIN, |view| view.report.failures >= 3).await.unwrap();
    assert_eq!((view.connected, view.report.not_queued), (false, 1));
    let far = sitter.drop_connection(Duration::from_hours(1));
    far.await;
    let report = tokio::time::timeout(Duration::from_secs(5), sitter.stop()).await.unwrap();
    assert_eq!(report.ending, Ending::Asked);
}

mod rules {
    use super::super::machine::{Act, Machine};
    use super::*;
    use crate::client::Problem;
    use crate::protocol::ServerFrame;

    const NOW: Duration = Duration::from_secs(100);

    fn machine() -> Machine {
        Machine::new("cd_1".to_owned(), Setup { sync: false, ..Setup::new(Time::anchored(0), CancellationToken::new(), 3) })
    }

    fn frame(json: Value) -> ServerFrame {
        serde_json::from_value(json).unwrap()
    }

    fn arrived() -> Machine {
        let mut machine = machine();
        machine.opened(NOW);
        machine.on_frame(frame(welcome(Some(1), &Truth::default())), NOW);
        machine
    }

    fn answer(n: usize) -> Command {
        Command::Answer { question: format!("q{n}"), value: json!(n), stamp: NOW }
    }

    #[tokio::test]
    async fn close_codes_decide_by_their_range() {
        for (code, again) in [(None, true), (Some(1006), true), (Some(4001), true), (Some(4499), true)] {
            assert_eq!(matches!(arrived().on_closed(code), Act::Again(_)), again, "{code:?}");
        }
        for code in [4501, 4503, 4511, 4999] {
            assert!(matches!(arrived().on_closed(Some(code)), Act::Leave(Ending::Refused(_))), "{code}");
        }
        assert_eq!(arrived().on_closed(Some(4510)), Act::Leave(Ending::Superseded));
    }

    #[tokio::test]
    async fn a_bye_names_the_wait_and_the_cap_bounds_it() {
        for _ in 0..50 {
            let mut machine = arrived();
            let bye =
                json!({ "type": "bye", "code": 4001, "reason": "draining", "reconnect": true, "after_ms": [2_000, 60_000] });
            assert_eq!(machine.on_frame(frame(bye), NOW), Act::Stay);
            let Act::Again(wait) = machine.on_closed(Some(4001)) else { panic!("stays away") };
            assert!((Duration::from_secs(2)..=Duration::from_secs(10)).contains(&wait), "{wait:?}");
        }
    }

    #[tokio::test]
    async fn waits_grow_to_the_cap_and_are_spread_over_all_of_it() {
        let mut machine = arrived();
        let gone = || Problem::no_answer("gone");
        let waits: Vec<Duration> = (0..200)
            .map(|_| if let Act::Again(wait) = machine.on_problem(gone()) { wait } else { panic!("stays away") })
            .collect();
        assert!(waits[0] <= Duration::from_millis(500) && waits[1] <= Duration::from_secs(1));
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(10)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_secs(9)));
        assert!(waits[20..].iter().any(|wait| *wait < Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn refusals_of_a_connection_are_final_unless_time_may_heal_them() {
        let at = |status, code: &str| Problem::of(status, Some("30"), format!(r#"{{"code":"{code}"}}"#).as_bytes());
        assert_eq!(machine().on_problem(at(409, "pen_superseded")), Act::Leave(Ending::Superseded));
        assert_eq!(machine().on_problem(at(401, "token_expired")), Act::Leave(Ending::Refused("token_expired".to_owned())));
        assert_eq!(machine().on_problem(at(503, "busy")), Act::Again(Duration::from_secs(30)));
    }

    #[tokio::test]
    async fn silence_ends_a_connection_and_any_life_keeps_it() {
        let mut machine = arrived();
        let silent = NOW + Duration::from_secs(15);
        assert_eq!(machine.next_timer(), silent);
        machine.heard(NOW + Duration::from_secs(14));
        assert_eq!(machine.on_timer(silent), Act::Stay);
        assert!(matches!(machine.on_timer(NOW + Duration::from_secs(29)), Act::Again(_)));
        assert!(!machine.view.connected);
    }

    #[tokio::test]
    async fn a_connection_without_a_welcome_is_given_up_however_alive_it_is() {
        let mut machine = machine();
        machine.opened(NOW);
        for seconds in [4, 8, 12] {
            let now = NOW + Duration::from_secs(seconds);
            machine.heard(now);
            assert_eq!(machine.on_timer(now), Act::Stay);
        }
        let due = machine.next_timer();
        assert_eq!(due, NOW + Duration::from_secs(15));
        assert!(matches!(machine.on_timer(due), Act::Again(_)));
    }

    #[tokio::test]
    async fn an_older_clock_replaces_nothing() {
        let mut machine = arrived();
        let clock = |rev: i64, deadline: i64| {
            let mut json = clock("working");
            (json["type"], json["rev"], json["deadline_ms"]) = (json!("clock"), json!(rev), json!(deadline));
            frame(json)
        };
        machine.on_frame(clock(3, 30), NOW);
        machine.on_frame(clock(2, 20), NOW);
        assert_eq!(machine.view.clock.as_ref().unwrap().deadline_ms, Some(30));
    }

    #[tokio::test]
    async fn a_second_welcome_sends_nothing_twice() {
        let mut machine = arrived();
        machine.on_command(answer(1), NOW);
        assert_eq!(machine.take_frames().len(), 1);
        machine.on_frame(frame(welcome(Some(1), &Truth::default())), NOW);
        assert_eq!(machine.take_frames().len(), 0);
        assert_eq!(machine.view.report.connects, 1);
    }

    #[tokio::test]
    async fn a_newcomer_waits_for_the_pen_and_leaves_when_told_no() {
        let mut machine = machine();
        machine.opened(NOW);
        let mut waiting = welcome(None, &Truth::default());
        waiting["takeover"] = json!({ "id": "tk_1", "at_ms": 5 });
        machine.on_frame(frame(waiting), NOW);
        assert_eq!((machine.view.pen, machine.view.asking.as_deref()), (None, Some("tk_1")));
        let mut granted = welcome(Some(2), &Truth::default());
        let denied = json!({ "type": "error", "code": "takeover_refused", "detail": "" });
        let refused = Ending::Refused("takeover_refused".to_owned());
        assert_eq!(machine.on_frame(frame(denied.clone()), NOW), Act::Leave(refused));
        granted["takeover"] = Value::Null;
        machine.on_frame(frame(granted), NOW);
        assert_eq!((machine.view.pen, machine.view.asking.as_deref()), (Some(2), None));
        assert_eq!(machine.on_frame(frame(denied), NOW), Act::Stay);
    }

    #[tokio::test]
    async fn what_a_long_outage_left_is_sent_without_a_flood() {
        let mut machine = arrived();
        machine.on_closed(None);
        (0..300).for_each(|n| {
            machine.on_command(answer(n), NOW);
        });
        machine.opened(NOW);
        machine.on_frame(frame(welcome(Some(1), &Truth::default())), NOW);
        let (mut now, mut at) = (NOW, HashMap::<u64, usize>::new());
        for _ in 0..10_000 {
            let frames = machine.take_frames();
            *at.entry((now.saturating_sub(NOW)).as_secs()).or_default() += frames.len();
            for sent in frames {
                let ClientFrame::Answer(answer) = sent else { panic!("only answers") };
                let saved =
                    json!({ "type": "saved", "pen": 1, "items": [{ "seq": answer.seq, "received_ms": 1, "counts": true }] });
                machine.on_frame(frame(saved), now);
            }
            if machine.view.unsaved == 0 {
                break;
            }
            if machine.outbox.waits() {
                now = machine.next_timer().max(now);
                machine.on_timer(now);
            }
        }
        assert_eq!(machine.view.report.acked, 300);
        assert!(at[&0] <= 125 && at.iter().all(|(second, n)| *second == 0 || *n <= 25), "{at:?}");
    }

    #[tokio::test]
    async fn a_hand_in_waits_until_everything_is_saved_and_keeps_its_number_space() {
        let mut machine = arrived();
        machine.on_command(answer(1), NOW);
        machine.take_frames();
        machine.on_command(Command::Submit, NOW);
        assert!(machine.take_frames().is_empty());
        let saved = json!({ "type": "saved", "pen": 1, "items": [{ "seq": 1, "received_ms": 1, "counts": true }] });
        machine.on_frame(frame(saved), NOW);
        assert_eq!(machine.take_frames(), [ClientFrame::Submit { seq: 2, have: vec![(1, 1)] }]);
        // Not taken for the server's reasons: again after a wait, under a fresh number.
        let busy = json!({ "type": "refused", "pen": 1, "seq": 2, "code": "busy", "detail": "", "retry": true });
        machine.on_frame(frame(busy), NOW);
        assert!(machine.take_frames().is_empty());
        machine.on_timer(NOW + Duration::from_secs(1));
        assert_eq!(machine.take_frames(), [ClientFrame::Submit { seq: 3, have: vec![(1, 1)] }]);
        // Refused for good: not again.
        let not_running = json!({ "type": "refused", "pen": 1, "seq": 3, "code": "not_running", "detail": "", "retry": false });
        machine.on_frame(frame(not_running), NOW);
        machine.on_timer(NOW + Duration::from_secs(2));
        assert!(machine.take_frames().is_empty());
    }

    #[tokio::test]
    async fn what_was_posted_without_a_socket_is_settled() {
        let mut machine = arrived();
        for n in 1..=4 {
            machine.on_command(answer(n), NOW);
        }
        let items = [
            json!({ "pen": 1, "seq": 1, "received_at": "1970-01-01T00:00:01.500Z", "counts": true }),
            json!({ "pen": 1, "seq": 2, "outcome": "refused", "received_at": null, "code": "conflict", "retry": false }),
            json!({ "pen": 1, "seq": 3, "outcome": "refused", "code": "busy", "retry": true, "proof": "p" }),
            json!({ "pen": 1, "seq": 4, "outcome": "unknown", "received_at": null, "code": null, "retry": true }),
            json!({ "seq": "nonsense" }),
        ];
        machine.on_posted(&items, NOW);
        let report = &machine.view.report;
        assert_eq!((report.acked, report.refused, machine.view.unsaved), (1, 1, 2));
        let events = machine.take_events();
        assert!(events.iter().any(|e| matches!(e, Event::Saved { received_ms: 1_500, .. })));
    }
}
