//! Domain values as frames.

use serde_json::{Value, json};

use crate::domain::Ms;
use crate::domain::clock::{Clock, Reason, Term};
use crate::domain::event::Event;
use crate::domain::ids::CandidateId;
use crate::domain::incident::Incident;
use crate::domain::message::{Audience, Hand, Letter, Sender, Tally};
use crate::domain::status::{News, RoomClock, Row};
use crate::error::{Code, Error};
use crate::live::delta::Delta;
use crate::locale::{self, Locale, error_words};
use crate::protocol::{
    ChangeInfo, ClockFrame, ExplainTerm, HandFrame, IncidentFrame, MessageFrame, ReasonInfo, RefusedFrame, ReplyInfo,
    ServerFrame, TableFrame,
};
use crate::store::messages::OwnMessage;
use crate::view;

/// `error` for something told or asked.
pub(super) fn error_frame(locale: Locale, error: &Error, id: Option<i64>, seq: Option<i64>) -> ServerFrame {
    let (_, detail) = error_words(locale, error);
    ServerFrame::Error { id, seq, code: error.code.as_str().to_owned(), detail }
}

/// `refused` for a numbered frame.
pub(super) fn refused_frame(locale: Locale, pen: i64, seq: i64, error: &Error, proof: Option<String>) -> ServerFrame {
    let (_, detail) = error_words(locale, error);
    let missing = error.state.as_ref().and_then(|s| s.get("missing")).and_then(|m| serde_json::from_value(m.clone()).ok());
    let retry = error.is_ours() || matches!(error.code, Code::MissingAnswers | Code::RateLimited);
    crate::metrics::refused(error.code.as_str());
    ServerFrame::Refused(RefusedFrame { pen, seq, code: error.code.as_str().to_owned(), detail, retry, proof, missing })
}

/// A candidate's clock, with what is new in it.
pub(super) fn clock_frame(clock: &Clock, now: Ms, news: Option<News<'_>>) -> ClockFrame {
    ClockFrame {
        rev: clock.rev,
        phase: clock.phase.as_str().to_owned(),
        now_ms: now,
        starts_ms: clock.starts_ms,
        deadline_ms: clock.deadline_ms,
        remaining_ms: clock.remaining_ms,
        explain: clock.explain.iter().map(term).collect(),
        change: news.as_ref().map(change_info),
    }
}

fn change_info(news: &News<'_>) -> ChangeInfo {
    ChangeInfo {
        rev: news.change.rev,
        kind: news.change.kind.name().to_owned(),
        withdraws: news.withdraws.map(|kind| kind.name().to_owned()),
        reason: reason(&news.change.reason),
        before_ms: news.before_ms,
        after_ms: news.after_ms,
    }
}

fn reason(reason: &Reason) -> ReasonInfo {
    ReasonInfo { code: reason.code.clone(), text: reason.text.clone() }
}

fn term(term: &Term) -> ExplainTerm {
    ExplainTerm {
        kind: term.kind.as_str().to_owned(),
        ms: term.ms,
        rev: term.rev,
        multiplier_bp: term.multiplier_bp,
        reason: term.reason.as_ref().map(reason),
    }
}

/// The room's clock for watchers: the time of somebody without accommodation who begins with the room.
pub(super) fn room_clock_frame(room: &RoomClock, now: Ms) -> ClockFrame {
    let plain = clock_frame(&room.plain_clock(now), now, None);
    ClockFrame { rev: room.rev, phase: room.phase(now).as_str().to_owned(), ..plain }
}

/// One row as data.
fn row_json(clock: &RoomClock, id: &CandidateId, row: &Row, now: Ms) -> Value {
    let time = clock.clock(id, &row.facts, now);
    json!({
        "id": id,
        "name": row.person.name,
        "student_id": row.person.student_id,
        "class": row.person.class,
        "seat": row.person.seat,
        "phase": time.phase.as_str(),
        "ended_by": row.facts.ended.map(|e| e.by.as_str()),
        "ended_ms": row.facts.ended.map(|e| e.at_ms),
        "presence": row.presence.0,
        "presence_ms": row.presence.1,
        "attention": row.attention.0,
        "attention_ms": row.attention.1,
        "rev": time.rev,
        "deadline_ms": time.deadline_ms,
        "remaining_ms": time.remaining_ms,
        "answered": row.answered(),
        "questions": clock.questions,
        "last_saved_ms": row.last_saved_ms,
        "uncounted": row.uncounted.len(),
        "delivered_rev": row.delivered_rev,
        "seen_rev": row.seen_rev,
        "takeover": row.takeover.as_ref().map(|t| json!({ "id": t.id, "at_ms": t.at_ms })),
        "hand_ms": row.hand.map(|hand| hand.raised_ms),
        "incidents": row.incidents,
        "said": row.attended.said,
        "identified_ms": row.attended.identified.as_ref().map(|_| row.attended.identity_ms),
    })
}

/// A message as data.
fn letter_json(letter: &Letter, tally: &Tally) -> Value {
    let (user, candidate) = match &letter.sender {
        Sender::User(id) => (Some(id), None),
        Sender::Candidate(id) => (None, Some(id)),
    };
    json!({
        "id": letter.id,
        "audience": letter.audience.as_str(),
        "candidates": if let Audience::Some(ids) = &letter.audience { Some(ids) } else { None },
        "author": { "user": user, "candidate": candidate, "name": letter.author },
        "text": letter.text,
        "sent_ms": letter.sent_ms,
        "withdrawn_ms": letter.withdrawn_ms,
        "read_ms": letter.read_ms,
        "total": tally.total,
        "delivered": tally.delivered,
        "seen": tally.seen,
        "missing": tally.missing,
    })
}

/// A message to a candidate's page, from memory.
pub(super) fn message_frame(letter: &Letter, id: &CandidateId) -> MessageFrame {
    MessageFrame {
        id: letter.id.to_string(),
        audience: letter.audience.as_str().to_owned(),
        author: letter.author.clone(),
        text: letter.text.clone(),
        sent_ms: letter.sent_ms,
        withdrawn_ms: letter.withdrawn_ms,
        seen_ms: letter.receipt(id).seen_ms,
        read_ms: letter.read_ms,
    }
}

/// The same, from the store.
pub(super) fn own_message(m: OwnMessage) -> MessageFrame {
    MessageFrame {
        id: m.id.to_string(),
        audience: m.audience,
        author: m.author,
        text: m.body,
        sent_ms: m.sent_ms,
        withdrawn_ms: m.withdrawn_ms,
        seen_ms: m.seen_ms,
        read_ms: m.read_ms,
    }
}

/// How a hand is, with its place in the queue.
pub(super) fn hand_frame(hand: Option<(Hand, i64)>) -> HandFrame {
    HandFrame {
        up: hand.is_some(),
        raised_ms: hand.map(|(hand, _)| hand.raised_ms),
        answered_ms: hand.and_then(|(hand, _)| hand.answered_ms),
        place: hand.map(|(_, place)| place),
    }
}

/// An incident to a candidate's page.
pub(super) fn incident_frame(locale: Locale, i: &Incident, zone: &str) -> IncidentFrame {
    let replies = i.replies.iter().map(|reply| ReplyInfo {
        author: reply.author.clone(),
        own: matches!(reply.sender, Sender::Candidate(_)),
        text: reply.text.clone(),
        sent_ms: reply.sent_ms,
    });
    IncidentFrame {
        id: i.id.to_string(),
        rev: i.rev,
        shown: true,
        topic: i.topic.as_str().to_owned(),
        title: locale::topic(locale, i.topic),
        state: i.state.as_str().to_owned(),
        because: i.finding.as_ref().map(|finding| locale::finding(locale, finding, zone)),
        text: i.text.clone(),
        made_ms: i.made_ms,
        replies: replies.collect(),
    }
}

/// One that the candidate sees no more.
pub(super) fn incident_gone(id: String, rev: i64) -> IncidentFrame {
    let (topic, title, state, text) = (String::new(), String::new(), String::new(), String::new());
    IncidentFrame { id, rev, shown: false, topic, title, state, because: None, text, made_ms: 0, replies: Vec::new() }
}

/// An incident as data.
fn incident_json(i: &Incident) -> Value {
    json!({
        "id": i.id,
        "rev": i.rev,
        "candidate": i.candidate,
        "topic": i.topic.as_str(),
        "state": i.state.as_str(),
        "finding": i.finding,
        "suggests_ms": i.suggests_ms(),
        "text": i.text,
        "shown": i.shown,
        "made_ms": i.made_ms,
        "by": i.by,
        "decided_ms": i.decided_ms,
        "decided_by": i.decided_by,
        "replies": i.replies.len(),
    })
}

/// One event as a line of the feed; None for what people need not read.
fn feed_item(locale: Locale, delta: &Delta, event: &Event) -> Option<Value> {
    let html = view::live::feed_html(locale, &delta.clock, (&delta.people, &delta.staff), std::slice::from_ref(event));
    (!html.trim().is_empty()).then(|| json!({ "id": event.id, "at_ms": event.at_ms, "html": html }))
}

/// The parts of a snapshot or delta, as data or as fragments of a page.
pub(super) fn table_frame(delta: &Delta, html: Option<Locale>) -> TableFrame {
    let (clock, now) = (&*delta.clock, delta.now_ms);
    let (rows, head, feed, messages, incidents, hands) = match html {
        None => (
            delta.rows.iter().map(|(id, row)| row_json(clock, id, row, now)).collect(),
            None,
            delta.feed.iter().map(|event| serde_json::to_value(event).unwrap_or(Value::Null)).collect(),
            delta.letters.iter().map(|(letter, tally)| letter_json(letter, tally)).collect(),
            delta.incidents.iter().map(|incident| incident_json(incident)).collect(),
            None,
        ),
        Some(locale) => (
            delta
                .rows
                .iter()
                .map(|(id, row)| json!({ "id": id, "html": view::live::row_html(locale, clock, id, row, now) }))
                .collect(),
            Some(view::live::head_html(locale, clock, &delta.counts, &delta.deliveries, &delta.people, now)),
            delta.feed.iter().filter_map(|event| feed_item(locale, delta, event)).collect(),
            delta
                .letters
                .iter()
                .map(|(letter, tally)| {
                    let html = view::mail::letter_html(locale, clock, &delta.people, letter, tally);
                    json!({ "id": letter.id, "html": html })
                })
                .collect(),
            delta
                .incidents
                .iter()
                .map(|incident| {
                    let html = view::incidents::item_html(locale, clock, &delta.people, incident);
                    json!({ "id": incident.id, "waits": incident.state.waits(), "html": html })
                })
                .collect(),
            Some(view::mail::hands_html(locale, clock, &delta.people, &delta.hands, now)),
        ),
    };
    let counts = serde_json::to_value(delta.counts).unwrap_or(Value::Null);
    TableFrame {
        seq: delta.seq,
        now_ms: now,
        clock: room_clock_frame(clock, now),
        counts,
        rows,
        head,
        feed,
        messages,
        incidents,
        hands,
    }
}
