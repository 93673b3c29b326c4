//! `openapi/asyncapi.yaml` and `src/protocol.rs` say the same, both ways: no frame, field or word in one that the other lacks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

#[path = "asyncapi/document.rs"]
mod document;
#[path = "asyncapi/samples.rs"]
mod samples;

use std::collections::BTreeSet;

use document::{Document, Keys};
use invigil::domain::clock::{EndedBy, Kind, Phase, RoomPhase, TermKind, Why};
use invigil::error::Code;
use invigil::protocol::{BEARER_SUBPROTOCOL, ClientFrame, SUBPROTOCOL, ServerFrame, WatcherFrame};
use serde::Serialize;
use serde_json::{Value, json};

/// A sample beside the name of the message that documents it.
struct Sample {
    message: String,
    kind: &'static str,
    wire: Value,
}

fn sample(side: &str, kind: &'static str, frame: &impl Serialize) -> Sample {
    let capital = kind[..1].to_uppercase() + &kind[1..];
    Sample { message: format!("{side}{capital}"), kind, wire: serde_json::to_value(frame).unwrap() }
}

fn all_samples() -> Vec<Sample> {
    let client = samples::client().into_iter().map(|f| sample("client", samples::client_name(&f), &f));
    let server = samples::server().into_iter().map(|f| sample("server", samples::server_name(&f), &f));
    let watcher = samples::watcher().into_iter().map(|f| sample("watcher", samples::watcher_name(&f), &f));
    client.chain(server).chain(watcher).collect()
}

/// The names of the messages that the code has, from its enums.
fn messages_of_code() -> BTreeSet<String> {
    let side = |side: &'static str, kinds: &'static [&'static str]| {
        kinds.iter().map(move |kind| format!("{side}{}{}", kind[..1].to_uppercase(), &kind[1..]))
    };
    side("client", samples::CLIENT).chain(side("server", samples::SERVER)).chain(side("watcher", samples::WATCHER)).collect()
}

/// Reads a wire value the way its receiver does and writes it again.
fn through_serde(message: &str, wire: Value) -> Result<Value, serde_json::Error> {
    match message {
        m if m.starts_with("client") => serde_json::to_value(serde_json::from_value::<ClientFrame>(wire)?),
        m if m.starts_with("server") => serde_json::to_value(serde_json::from_value::<ServerFrame>(wire)?),
        _ => serde_json::to_value(serde_json::from_value::<WatcherFrame>(wire)?),
    }
}

#[test]
fn the_document_has_the_messages_of_the_code_and_no_other() {
    let doc = Document::load();
    let frames = all_samples();
    let sampled: BTreeSet<String> = frames.iter().map(|s| s.message.clone()).collect();
    assert_eq!(sampled, messages_of_code(), "a frame without a sample");
    assert_eq!(doc.names("/components/messages"), messages_of_code(), "document against code");
    for sample in &frames {
        assert_eq!(sample.wire["type"], sample.kind);
        assert_eq!(doc.at(&format!("/components/messages/{}/name", sample.message)), sample.kind);
    }
}

#[test]
fn every_message_travels_on_its_channel_in_its_direction() {
    let doc = Document::load();
    let on = |channel: &str| doc.refs(&format!("/channels/{channel}/messages"));
    let (exam, room) = (on("examClock"), on("roomWatch"));
    let (watcher, others): (BTreeSet<_>, BTreeSet<_>) = messages_of_code().into_iter().partition(|m| m.starts_with("watcher"));
    assert_eq!(exam.values().cloned().collect::<BTreeSet<_>>(), others);
    assert_eq!(room.values().cloned().collect::<BTreeSet<_>>(), watcher);
    assert_eq!(doc.at("/channels/examClock/address"), "/ws/exam-clock");
    assert_eq!(doc.at("/channels/roomWatch/address"), "/ws/rooms/{room}");

    let mut used = BTreeSet::new();
    for operation in doc.at("/operations").as_object().unwrap().values() {
        let received = operation["action"] == "receive";
        let first = Document::message_refs(&operation["messages"]).into_iter().map(|m| (m, received));
        let replies = Document::message_refs(&operation["reply"]["messages"]).into_iter().map(|m| (m, false));
        for ((channel, key), received) in first.chain(replies) {
            let message = on(&channel).remove(&key).unwrap_or_else(|| panic!("no message {key} on {channel}"));
            assert_eq!(message.starts_with("client"), received, "{message} goes the wrong way");
            used.insert(message);
        }
    }
    assert_eq!(used, messages_of_code(), "a message that no operation uses");
}

#[test]
fn every_frame_is_valid_and_every_field_is_documented() {
    let doc = Document::load();
    let mut keys = Keys::default();
    for sample in all_samples() {
        let validator = doc.validator(&sample.message);
        if let Err(error) = validator.validate(&sample.wire) {
            panic!("{}: {error} at {} in {}", sample.message, error.instance_path(), sample.wire);
        }
        doc.walk(&doc.payload(&sample.message), &sample.wire, &mut keys);
    }
    keys.agree_with(&doc);
}

#[test]
fn a_wrong_frame_is_refused() {
    let doc = Document::load();
    for sample in all_samples() {
        let validator = doc.validator(&sample.message);
        for (path, parent, key) in document::members(&sample.wire) {
            let mut wrong = sample.wire.clone();
            wrong.pointer_mut(&parent).unwrap()[&key] = json!({"wrong": [1]});
            assert!(!validator.is_valid(&wrong), "{} accepts nonsense at {path}", sample.message);
        }
        for (name, other) in [("type", json!("nonsense")), ("type", Value::Null)] {
            let mut wrong = sample.wire.clone();
            wrong[name] = other;
            assert!(!validator.is_valid(&wrong), "{} accepts another type", sample.message);
        }
    }
}

#[test]
fn what_the_document_requires_of_a_client_the_server_requires() {
    let doc = Document::load();
    for sample in all_samples().iter().filter(|s| s.message.starts_with("client")) {
        let validator = doc.validator(&sample.message);
        for key in sample.wire.as_object().unwrap().keys() {
            let mut less = sample.wire.clone();
            less.as_object_mut().unwrap().remove(key);
            let read = through_serde(&sample.message, less.clone());
            assert_eq!(validator.is_valid(&less), read.is_ok(), "{} without {key}: {read:?}", sample.message);
        }
    }
}

#[test]
fn every_example_is_valid_and_read_in_full() {
    let doc = Document::load();
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for message in messages_of_code() {
        let examples = doc.at(&format!("/components/messages/{message}/examples")).as_array().cloned().unwrap_or_default();
        assert!(!examples.is_empty(), "{message} has no example");
        for example in examples {
            let wire = &example["payload"];
            let validator = doc.validator(&message);
            assert!(validator.is_valid(wire), "{message}: {:?} {wire}", validator.validate(wire).err());
            let again = through_serde(&message, wire.clone()).unwrap_or_else(|error| panic!("{message}: {error} {wire}"));
            assert_eq!(&again, wire, "{message}: serde loses or adds something");
            if let Some(code) = wire["code"].as_str() {
                assert!(codes.contains(code), "{message}: no code {code}");
            }
            if let Some(limits) = wire.get("limits") {
                assert_eq!(limits, &serde_json::to_value(samples::limits_info()).unwrap());
            }
        }
    }
}

#[test]
fn close_codes_are_those_of_the_code() {
    let doc = Document::load();
    let mut table = doc.at("/x-close-codes").as_array().unwrap().clone();
    for row in &mut table {
        let meaning = row.as_object_mut().unwrap().remove("meaning").unwrap();
        assert!(meaning.as_str().is_some_and(|m| !m.is_empty()), "{row} says nothing");
    }
    let code: Vec<Value> = samples::closes()
        .into_iter()
        .map(|c| json!({"code": c.code(), "reason": c.reason(), "reconnect": c.reconnect(), "after_ms": c.after_ms()}))
        .collect();
    assert_eq!(table, code);
}

#[test]
fn words_are_those_of_the_domain() {
    fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Value {
        all.iter().map(|item| word(*item)).collect()
    }
    let doc = Document::load();
    let schema = |path: &str| doc.at(&format!("/components/schemas/{path}"));
    assert_eq!(schema("RoomPhase/enum"), &words(RoomPhase::ALL, RoomPhase::as_str));
    assert_eq!(schema("CandidatePhase/enum"), &words(Phase::ALL, Phase::as_str));
    assert_eq!(schema("EndedBy/enum"), &words(EndedBy::ALL, EndedBy::as_str));
    assert_eq!(schema("Why/x-words"), &words(Why::ALL, Why::as_str));
    assert_eq!(schema("ExplainTerm/properties/kind/x-words"), &words(TermKind::ALL, TermKind::as_str));
    assert_eq!(schema("Change/properties/kind/x-words"), &json!(change_kinds()));
}

/// Every kind of change, by a chain in which a new one has to be given its place.
fn change_kinds() -> Vec<&'static str> {
    let after = |kind: Kind| match kind {
        Kind::Open => Some(Kind::Start),
        Kind::Start => Some(Kind::Pause),
        Kind::Pause => Some(Kind::Resume { at_ms: 0 }),
        Kind::Resume { .. } => Some(Kind::Extend { ms: 0 }),
        Kind::Extend { .. } => Some(Kind::Credit { ms: 0 }),
        Kind::Credit { .. } => Some(Kind::Accommodate { multiplier_bp: 0 }),
        Kind::Accommodate { .. } => Some(Kind::Outage { from_ms: 0, to_ms: 0 }),
        Kind::Outage { .. } => Some(Kind::Terminate),
        Kind::Terminate => Some(Kind::Reopen { ms: 0 }),
        Kind::Reopen { .. } => Some(Kind::Revert { rev: 0 }),
        Kind::Revert { .. } => Some(Kind::End { spare: false }),
        Kind::End { .. } => None,
    };
    std::iter::successors(Some(Kind::Open), |kind| after(*kind)).map(|kind| kind.name()).collect()
}

#[test]
fn the_text_names_the_subprotocols_and_only_codes_that_exist() {
    let doc = Document::load();
    let text = doc.at("/info/description").as_str().unwrap();
    assert!(text.contains(&format!("`{SUBPROTOCOL}, {BEARER_SUBPROTOCOL}<token>`")));
    let refusals = ["token_missing", "token_expired", "token_invalid", "account_disabled", "not_enrolled", "origin_forbidden"];
    for code in refusals.into_iter().chain(["not_found", "room_required", "entry_closed", "pen_held", "too_long", "unknown_type"])
    {
        assert!(text.contains(&format!("`{code}`")), "the text does not name {code}");
        assert!(Code::ALL.iter().any(|known| known.as_str() == code), "no code {code}");
    }
}
