//! Every frame there is, once with all it can carry and once with the least.

use invigil::limits;
use invigil::protocol::*;
use serde_json::{Value, json};

const ROOM: &str = "rm_0199c5a4f1b47a0c8f2f6f2d3c4b5a69";
const PERSON: &str = "cd_0199c5a4f2c57d1e8a9b0c1d2e3f4051";
const TAKEOVER: &str = "tk_0199c5a6b0d17e3c9a1b2c3d4e5f6071";
const MESSAGE: &str = "mg_0199c5a6b0d17e3c9a1b2c3d4e5f6072";
const INCIDENT: &str = "in_0199c5a6b0d17e3c9a1b2c3d4e5f6081";
const NOW: i64 = 1_763_722_000_000;

/// The names of the variants of one enum, and a match over them: a new variant does not compile until it is listed here, and a listed
/// one fails the tests until it has a sample and a place in the document.
macro_rules! names {
    ($list:ident, $name_of:ident, $frame:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        pub const $list: &[&str] = &[$($name),*];
        pub fn $name_of(frame: &$frame) -> &'static str {
            match frame { $($frame::$variant { .. } => $name),* }
        }
    };
}

names!(CLIENT, client_name, ClientFrame {
    Answer = "answer", Submit = "submit", Attention = "attention", Seen = "seen", Message = "message", Hand = "hand",
    Signal = "signal", Sync = "sync", Rooms = "rooms", Takeover = "takeover",
});
names!(SERVER, server_name, ServerFrame {
    Welcome = "welcome", Paper = "paper", Clock = "clock", Tick = "tick", Saved = "saved", Refused = "refused",
    Submitted = "submitted", Sync = "sync", Rooms = "rooms", Takeover = "takeover", Message = "message",
    Hand = "hand", Incident = "incident", Error = "error", Bye = "bye",
});
names!(WATCHER, watcher_name, WatcherFrame {
    Snapshot = "snapshot", Delta = "delta", Beat = "beat", Error = "error", Bye = "bye",
});

/// Every close code, by a chain in which a new one has to be given its place.
pub fn closes() -> Vec<Close> {
    let after = |close: Close| match close {
        Close::Binary => Some(Close::TooBig),
        Close::TooBig => Some(Close::Draining),
        Close::Draining => Some(Close::Internal),
        Close::Internal => Some(Close::Slow),
        Close::Slow => Some(Close::Silent),
        Close::Silent => Some(Close::TooFast),
        Close::TooFast => Some(Close::Malformed),
        Close::Malformed => Some(Close::Revoked),
        Close::Revoked => Some(Close::Limit),
        Close::Limit => Some(Close::Forbidden),
        Close::Forbidden => Some(Close::Superseded),
        Close::Superseded => Some(Close::RoomOver),
        Close::RoomOver => None,
    };
    std::iter::successors(Some(Close::Binary), |close| after(*close)).collect()
}

fn answer(value: Value, leftover: bool) -> ClientFrame {
    ClientFrame::Answer(AnswerFrame {
        seq: 7,
        question: "q3".into(),
        value,
        pen: leftover.then_some(1),
        proof: leftover.then(|| "p1.proof".into()),
    })
}

pub fn client() -> Vec<ClientFrame> {
    vec![
        answer(json!({"capital": "Paris", "river": "Seine"}), true),
        answer(Value::Null, false),
        answer(json!(["b", "c"]), false),
        answer(json!("42"), false),
        ClientFrame::Submit { seq: 15, have: vec![(1, 12), (14, 14)] },
        ClientFrame::Attention { state: Attention::Here },
        ClientFrame::Attention { state: Attention::Away },
        ClientFrame::Seen { rev: Some(4), messages: Some(vec![MESSAGE.into()]) },
        ClientFrame::Seen { rev: None, messages: None },
        ClientFrame::Message { seq: 8, text: "The picture in question 4 does not load.".into() },
        ClientFrame::Hand { up: true },
        ClientFrame::Signal { seq: 9, kind: SignalKind::Paste, chars: 1_840, question: Some("q6".into()) },
        ClientFrame::Signal { seq: 9, kind: SignalKind::Paste, chars: 1_840, question: None },
        ClientFrame::Sync { id: 1, t0: 15_234.7 },
        ClientFrame::Rooms { id: 2 },
        ClientFrame::Takeover { id: TAKEOVER.into(), allow: true },
    ]
}

fn reason() -> ReasonInfo {
    ReasonInfo { code: "fire_alarm".into(), text: "second floor".into() }
}

/// The time of somebody in `phase`, as known in full, or as little as there can be.
fn clock(phase: &str, full: bool) -> ClockFrame {
    let long = ExplainTerm {
        kind: "multiplier".into(),
        ms: 1_350_000,
        rev: Some(2),
        multiplier_bp: Some(12_500),
        reason: Some(reason()),
    };
    let short = ExplainTerm { kind: "window".into(), ms: -60_000, rev: None, multiplier_bp: None, reason: None };
    let change = |withdraws: Option<String>| ChangeInfo {
        rev: 4,
        kind: if withdraws.is_some() { "revert" } else { "extend" }.into(),
        withdraws,
        reason: reason(),
        before_ms: Some(NOW),
        after_ms: None,
    };
    ClockFrame {
        rev: if full { 4 } else { 0 },
        phase: phase.into(),
        now_ms: NOW,
        starts_ms: full.then_some(NOW - 1),
        deadline_ms: full.then_some(NOW + 9),
        remaining_ms: full.then_some(9),
        explain: if full { vec![long, short] } else { Vec::new() },
        change: full.then(|| change((phase == "paused").then(|| "extend".into()))),
    }
}

fn welcome(full: bool) -> ServerFrame {
    let row = |why: Option<&str>| AnswerInfo {
        question: "q1".into(),
        pen: 1,
        seq: 3,
        received_ms: NOW,
        counts: why.is_none(),
        why: why.map(Into::into),
    };
    ServerFrame::Welcome(Box::new(Welcome {
        epoch: "e0123456789abcdef".into(),
        pen: full.then_some(2),
        now_ms: NOW,
        candidate: CandidateInfo { id: PERSON.into(), name: "Li Na".into(), seat: full.then(|| "19".into()) },
        room: RoomInfo { id: ROOM.into(), title: "Physics II".into(), location: String::new(), phase: "running".into() },
        clock: clock(if full { "working" } else { "expected" }, full),
        takeover: full.then(|| TakeoverInfo { id: TAKEOVER.into(), at_ms: NOW }),
        answers: if full { vec![row(Some("late")), row(None)] } else { Vec::new() },
        unread: i64::from(full),
        messages: if full { vec![message(true), message(false)] } else { Vec::new() },
        hand: full.then(|| hand(true)),
        incidents: if full { vec![incident(true), incident(false)] } else { Vec::new() },
        limits: limits_info(),
    }))
}

fn message(full: bool) -> MessageFrame {
    MessageFrame {
        id: MESSAGE.into(),
        audience: "room".into(),
        author: "Ada Byron".into(),
        text: "Ten minutes left.".into(),
        sent_ms: NOW,
        withdrawn_ms: full.then_some(NOW + 1),
        seen_ms: full.then_some(NOW + 2),
        read_ms: full.then_some(NOW + 3),
    }
}

fn incident(full: bool) -> IncidentFrame {
    let reply = ReplyInfo { author: "Li Na".into(), own: true, text: "The cable was loose.".into(), sent_ms: NOW };
    IncidentFrame {
        id: INCIDENT.into(),
        rev: 2,
        shown: full,
        topic: "technical.connection".into(),
        title: "Technical: connection".into(),
        state: "open".into(),
        because: full.then(|| "Nothing has been heard.".into()),
        text: "Looked at the cable.".into(),
        made_ms: NOW,
        replies: if full { vec![reply] } else { Vec::new() },
    }
}

fn hand(up: bool) -> HandFrame {
    HandFrame { up, raised_ms: up.then_some(NOW), answered_ms: up.then_some(NOW), place: up.then_some(2) }
}

pub fn limits_info() -> LimitsInfo {
    LimitsInfo {
        message_bytes: i64::try_from(limits::SOCKET_MESSAGE_BYTES).unwrap(),
        window: i64::try_from(limits::UNSAVED_WINDOW).unwrap(),
    }
}

fn refused(full: bool) -> ServerFrame {
    ServerFrame::Refused(RefusedFrame {
        pen: 2,
        seq: 7,
        code: "busy".into(),
        detail: "Sent again by itself.".into(),
        retry: full,
        proof: full.then(|| "p1.proof".into()),
        missing: full.then(|| vec![(3, 3), (11, 12)]),
    })
}

fn submitted(by: &str, seq: Option<i64>) -> ServerFrame {
    ServerFrame::Submitted(SubmittedFrame {
        by: by.into(),
        at_ms: NOW,
        answered: 18,
        questions: 20,
        receipt: format!("h1:{}", "0f".repeat(32)),
        receipt_short: "4F7K-2M".into(),
        seq,
    })
}

pub fn server() -> Vec<ServerFrame> {
    let item = |why: Option<&str>| SavedItem {
        seq: 7,
        received_ms: NOW,
        counts: why.is_none(),
        why: why.map(Into::into),
        proof: why.is_none().then(|| "p1.1793696400123.00".into()),
    };
    let room = |starts_ms| RoomItem { id: ROOM.into(), title: "Physics II".into(), phase: "open".into(), starts_ms };
    let error = |id, seq| ServerFrame::Error { id, seq, code: "malformed".into(), detail: "t0 must be a number.".into() };
    let mut frames = vec![
        welcome(true),
        welcome(false),
        ServerFrame::Paper { version: 3, questions: Some(json!([{"id": "q1"}])), html: Some("<ol></ol>".into()) },
        ServerFrame::Paper { version: 3, questions: None, html: None },
        ServerFrame::Clock(clock("working", true)),
        ServerFrame::Clock(clock("paused", true)),
        ServerFrame::Clock(clock("waiting", false)),
        ServerFrame::Tick { rev: 4, now_ms: NOW, remaining_ms: Some(1) },
        ServerFrame::Tick { rev: 0, now_ms: NOW, remaining_ms: None },
        ServerFrame::Saved { pen: 2, items: vec![item(Some("late")), item(None)] },
        refused(true),
        refused(false),
        submitted("candidate", Some(15)),
        submitted("deadline", None),
        submitted("invigilator", None),
        ServerFrame::Sync { id: 1, t0: 15_234.7, t1: NOW, t2: NOW + 1 },
        ServerFrame::Rooms { id: 2, rooms: vec![room(Some(NOW)), room(None)] },
        ServerFrame::Takeover { id: TAKEOVER.into(), at_ms: NOW },
        ServerFrame::Message(message(true)),
        ServerFrame::Message(message(false)),
        ServerFrame::Hand(hand(true)),
        ServerFrame::Hand(hand(false)),
        ServerFrame::Incident(incident(true)),
        ServerFrame::Incident(incident(false)),
        error(Some(3), Some(4)),
        error(None, None),
    ];
    frames.extend(closes().into_iter().map(|close| ServerFrame::Bye {
        code: close.code(),
        reason: close.reason().into(),
        reconnect: close.reconnect(),
        after_ms: close.after_ms(),
    }));
    frames
}

fn letter() -> Value {
    json!({
        "id": MESSAGE, "audience": "room", "candidates": null, "author": {"user": "us_1", "candidate": null, "name": "Ada Byron"},
        "text": "Ten minutes left.", "sent_ms": NOW, "withdrawn_ms": null, "read_ms": null, "total": 33, "delivered": 31, "seen": 20,
        "missing": [PERSON],
    })
}

fn case() -> Value {
    json!({
        "id": INCIDENT, "rev": 2, "candidate": PERSON, "topic": "technical.connection", "state": "proposed", "finding": {"rule": "silent"},
        "suggests_ms": null, "text": "", "shown": false, "made_ms": NOW, "by": null, "decided_ms": null, "decided_by": null, "replies": 0,
    })
}

fn table(full: bool) -> TableFrame {
    TableFrame {
        seq: 41,
        now_ms: NOW,
        clock: clock("running", full),
        counts: serde_json::to_value(invigil::domain::status::Counts::default()).unwrap(),
        rows: if full {
            vec![json!({"id": PERSON, "html": "<tr></tr>"}), json!({"id": PERSON, "name": "Li Na"})]
        } else {
            Vec::new()
        },
        head: full.then(|| "<header></header>".into()),
        feed: if full { vec![json!({"kind": "answer.saved"})] } else { Vec::new() },
        messages: if full { vec![json!({"id": MESSAGE, "html": "<li></li>"}), letter()] } else { Vec::new() },
        incidents: if full { vec![json!({"id": INCIDENT, "waits": true, "html": "<li></li>"}), case()] } else { Vec::new() },
        hands: full.then(|| "<section></section>".into()),
    }
}

pub fn watcher() -> Vec<WatcherFrame> {
    let mut frames = vec![
        WatcherFrame::Snapshot(table(true)),
        WatcherFrame::Snapshot(table(false)),
        WatcherFrame::Delta(table(true)),
        WatcherFrame::Delta(table(false)),
        WatcherFrame::Beat { seq: 42, now_ms: NOW },
        WatcherFrame::Error { code: "unknown_type".into(), detail: "This connection only listens.".into() },
    ];
    frames.extend(closes().into_iter().map(|close| WatcherFrame::Bye {
        code: close.code(),
        reason: close.reason().into(),
        reconnect: close.reconnect(),
        after_ms: close.after_ms(),
    }));
    frames
}
