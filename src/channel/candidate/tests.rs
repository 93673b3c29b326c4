//! The machine without a socket: inputs in, outputs out, exact.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::domain::clock::{Change, Ended, EndedBy, Kind, Reason, Targets, Verdict};
use crate::domain::ids::{Id, TakeoverId};
use crate::domain::status::sample::room_clock;
use crate::domain::status::{RoomClock, Takeover};
use crate::protocol::SubmittedFrame;

const NOW: Ms = 1_000_000;

fn change(rev: i64, at_ms: Ms, kind: Kind) -> Change {
    Change { rev, at_ms, kind, targets: Targets::Room, reason: Reason { code: "x".into(), text: String::new() }, by: None }
}

fn room(changes: Vec<Change>) -> Arc<RoomClock> {
    Arc::new(room_clock(changes))
}

fn running() -> Arc<RoomClock> {
    room(vec![change(1, NOW - 2_000, Kind::Open), change(2, NOW - 1_000, Kind::Start)])
}

fn session(name: &str) -> SessionId {
    SessionId::trusted(format!("ss_{name}"))
}

fn look(clock: Arc<RoomClock>, begun: Option<Ms>) -> Look {
    Look {
        connection: 0,
        clock,
        facts: Facts { joined_ms: Some(NOW - 1_500), begun_ms: begun, ..Facts::default() },
        pen: Some((1, session("a"))),
        takeover: None,
        delivered_rev: 0,
        mail_version: 0,
        mail: None,
        hand: None,
        incidents: Vec::new(),
    }
}

/// A machine with pen 1 that has been welcomed with a clock of `version`.
fn opened() -> Candidate {
    Candidate::new(CandidateId::trusted("cd_1".into()), session("a"), Locale::En, Some(1), None, NOW)
}

fn welcomed(version: Version) -> Candidate {
    Candidate { version: Some(version), ..opened() }
}

fn sent(outputs: &[Output]) -> Vec<String> {
    outputs
        .iter()
        .map(|o| match o {
            Output::Send(frame) => {
                let value = serde_json::to_value(frame).unwrap();
                let code = value.get("code").and_then(Value::as_str).map(|c| format!(":{c}")).unwrap_or_default();
                format!("{}{code}", value["type"].as_str().unwrap())
            }
            Output::Ping => "ping".to_owned(),
            Output::Close(close) => format!("close {}", close.code()),
            Output::Do(command) => format!("do {}", format!("{command:?}").split([' ', '(', '{']).next().unwrap()),
        })
        .collect()
}

fn text(machine: &mut Candidate, frame: &Value) -> Vec<String> {
    sent(&machine.take(Input::Text(frame.to_string(), NOW), NOW))
}

#[test]
fn a_start_brings_the_clock_and_then_everything() {
    let mut machine = welcomed((1, None, None));
    let out = machine.take(Input::Look(Box::new(look(running(), Some(NOW - 1_000)))), NOW);
    assert_eq!(sent(&out), ["clock", "do Arrive", "ping"]);
    let again = machine.take(Input::Look(Box::new(look(running(), Some(NOW - 1_000)))), NOW);
    assert!(again.is_empty(), "looking twice tells nothing twice");
}

#[test]
fn a_look_older_than_the_welcome_is_ignored() {
    let mut machine = welcomed((2, Some(NOW - 1_000), None));
    let old = room(vec![change(1, NOW - 2_000, Kind::Open)]);
    assert!(machine.take(Input::Look(Box::new(look(old, None))), NOW).is_empty());
}

#[test]
fn an_extension_says_from_what_to_what_and_is_proven_by_its_pong() {
    let mut machine = welcomed((2, Some(NOW - 1_000), None));
    let mut changes = running().ledger.changes().to_vec();
    changes.push(change(3, NOW, Kind::Extend { ms: 60_000 }));
    let out = machine.take(Input::Look(Box::new(look(room(changes), Some(NOW - 1_000)))), NOW);
    assert_eq!(sent(&out), ["clock", "ping"]);
    assert_eq!(machine.mark(), Mark { rev: 3, mail: 0 });
    let Output::Send(frame) = &out[0] else { unreachable!() };
    let ServerFrame::Clock(clock) = &**frame else { unreachable!() };
    let change = clock.change.as_ref().unwrap();
    assert_eq!((change.before_ms, change.after_ms), (Some(NOW + 599_000), Some(NOW + 659_000)));
    assert!(machine.take(Input::Pong(Mark { rev: 9, mail: 0 }), NOW).is_empty(), "a pong for what was never sent proves nothing");
    assert_eq!(sent(&machine.take(Input::Pong(Mark { rev: 3, mail: 0 }), NOW)), ["do Delivered"]);
    assert!(machine.take(Input::Pong(Mark { rev: 3, mail: 0 }), NOW).is_empty());
}

#[test]
fn a_newer_pen_says_goodbye_for_good() {
    let mut machine = welcomed((2, Some(NOW), None));
    let taken = Look { pen: Some((2, session("b"))), ..look(running(), Some(NOW)) };
    assert_eq!(sent(&machine.take(Input::Look(Box::new(taken)), NOW)), ["close 4510"]);
}

#[test]
fn a_newcomer_waits_and_is_let_in_or_not() {
    let id = TakeoverId::trusted("tk_1".into());
    let new = || Candidate::new(CandidateId::trusted("cd_1".into()), session("b"), Locale::En, None, Some("tk_1".into()), NOW);
    let asked = Some(Takeover { id, session: session("b"), at_ms: NOW });
    let mut machine = new();
    let before = look(running(), Some(NOW));
    assert!(sent(&machine.take(Input::Look(Box::new(before.clone())), NOW)).is_empty(), "the bus is still on its way");
    let pending = Look { takeover: asked.clone(), ..before.clone() };
    assert!(machine.take(Input::Look(Box::new(pending.clone())), NOW).is_empty());
    let allowed = Look { pen: Some((2, session("b"))), ..before.clone() };
    assert_eq!(sent(&machine.take(Input::Look(Box::new(allowed)), NOW)), ["do Arrive"]);
    assert_eq!(machine.pen(), Some(2));
    let mut refused = new();
    refused.take(Input::Look(Box::new(pending)), NOW);
    assert_eq!(sent(&refused.take(Input::Look(Box::new(before)), NOW)), ["error:takeover_refused", "close 4507"]);
    let held = text(&mut new(), &json!({"type": "answer", "seq": 1, "question": "q", "value": null}));
    assert_eq!(held, ["error:pen_held"], "who waits writes nothing");
}

#[test]
fn the_holder_is_asked_once() {
    let mut machine = welcomed((2, Some(NOW), None));
    let asked = Takeover { id: TakeoverId::trusted("tk_1".into()), session: session("b"), at_ms: NOW };
    let pending = Look { takeover: Some(asked), ..look(running(), Some(NOW)) };
    assert_eq!(sent(&machine.take(Input::Look(Box::new(pending.clone())), NOW)), ["takeover", "ping"]);
    assert!(machine.take(Input::Look(Box::new(pending)), NOW).is_empty());
}

#[test]
fn the_end_is_told_once_and_the_room_closes_after_it() {
    let mut machine = welcomed((2, Some(NOW), None));
    let mut ended = look(running(), Some(NOW));
    ended.facts.ended = Some(Ended { at_ms: NOW, by: EndedBy::Deadline });
    let first = machine.take(Input::Look(Box::new(ended.clone())), NOW);
    assert_eq!(sent(&first), ["clock", "ping", "do Handed"]);
    assert!(machine.take(Input::Look(Box::new(ended.clone())), NOW).is_empty(), "gathered once");
    let frame = || {
        Box::new(SubmittedFrame {
            by: "deadline".into(),
            at_ms: NOW,
            answered: 0,
            questions: 3,
            receipt: "h1:0".into(),
            receipt_short: "0000-00".into(),
            seq: None,
        })
    };
    assert_eq!(sent(&machine.take(Input::Outcome(Outcome::Submitted(frame())), NOW)), ["submitted"]);
    assert!(machine.take(Input::Outcome(Outcome::Submitted(frame())), NOW).is_empty());
    let over = RoomClock { ended_ms: Some(NOW), ..(*ended.clock).clone() };
    ended.clock = Arc::new(over);
    assert_eq!(sent(&machine.take(Input::Look(Box::new(ended)), NOW)), ["close 4511"]);
}

#[test]
fn a_page_that_cannot_be_told_what_it_waits_for_comes_back() {
    let away = || Input::Outcome(Outcome::Unread(Code::DatabaseAway.into()));
    assert_eq!(sent(&opened().take(away(), NOW)), ["error:database_away", "close 4004"], "there would be no welcome");
    let mut machine = welcomed((2, Some(NOW), None));
    assert_eq!(sent(&machine.take(away(), NOW)), ["error:database_away", "close 4004"], "nor the paper, nor the receipt");
}

#[test]
fn what_cannot_be_read_is_answered_and_ten_of_it_close() {
    let mut machine = welcomed((2, Some(NOW), None));
    let newer = json!({"type": "hologram", "seq": 4});
    assert_eq!(text(&mut machine, &newer), ["error:unknown_type"]);
    for n in 1..=9 {
        assert_eq!(text(&mut machine, &json!({"type": "answer", "n": n})), ["error:malformed"]);
    }
    assert_eq!(text(&mut machine, &json!([])), ["error:malformed", "close 4501"]);
    let long = json!({"type": "seen", "rev": 1, "padding": "x".repeat(limits::SMALL_FRAME_BYTES)});
    assert_eq!(text(&mut welcomed((2, Some(NOW), None)), &long), ["error:too_long"]);
}

#[test]
fn thirty_two_unsaved_answers_stop_the_reading() {
    let mut machine = welcomed((2, Some(NOW), None));
    for seq in 1..=32 {
        assert!(machine.reads());
        assert_eq!(text(&mut machine, &json!({"type": "answer", "seq": seq, "question": "q", "value": null})), ["do Record"]);
    }
    assert!(!machine.reads());
    let saved = Outcome::Saved { pen: 1, seq: 1, received_ms: NOW, verdict: Verdict::PLAIN, proof: String::new() };
    assert_eq!(sent(&machine.take(Input::Outcome(saved), NOW)), ["saved"]);
    assert!(machine.reads());
}

#[test]
fn a_flood_is_cut_and_patience_is_not() {
    let mut machine = welcomed((2, Some(NOW), None));
    let sync = json!({"type": "sync", "id": 1, "t0": 0.0}).to_string();
    let flood = (0..400).map(|_| machine.take(Input::Text(sync.clone(), NOW), NOW)).find(|o| sent(o) == ["close 4013"]);
    assert!(flood.is_some());
    let mut calm = welcomed((2, Some(NOW), None));
    for second in 0..1_000 {
        assert_eq!(sent(&calm.take(Input::Text(sync.clone(), NOW + second * 1_000), NOW)), ["sync"]);
    }
}

#[test]
fn an_unknown_fate_is_never_called_saved() {
    let mut machine = welcomed((2, Some(NOW), None));
    assert_eq!(sent(&machine.take(Input::Outcome(Outcome::Unknown), NOW)), ["close 4004"]);
}

/// Messages and the hand against what the page knows.
mod mail;
