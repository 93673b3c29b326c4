//! The student's path without a socket: join, paper, answers, submit, for the page's script, with cookie and token. The same services
//! as under `/api/v1/rooms/{room}/candidates/me/…`, and the same bodies.
//!
//! The script joins by HTTP and shows the pen it got here when it opens its socket, so that one visit takes one pen; a socket that is
//! opened without a pen (a reload that lost its own) takes the next one by itself. A browser without scripts joins by the same address
//! with the form, and is shown the page.

use poem::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{data, redirect};
use super::ask::Ask;
use super::cases::incident_json;
use super::student;
use super::words::{bag_json, hand_json};
use crate::domain::Ms;
use crate::domain::clock::{Clock, Verdict};
use crate::domain::status::News;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::locale::{Locale, error_words};
use crate::service::sitting::{Desk, Handed, Incoming, Recorded};
use crate::store::answers::AnswerRow;
use crate::time::rfc3339_ms;
use crate::view;

#[derive(Deserialize)]
struct JoinBody {
    pen: Option<i64>,
}

/// `POST /sit/{room}/join`.
pub(super) async fn join(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let service = &ask.web.service;
    if !ask.is_json() {
        return match service.join(&visitor.actor, None).await {
            Ok(_) => Ok(redirect(&student::sit_path(&ask.room()?))),
            Err(error) => student::show(&ask, &visitor, Some(&error)).await,
        };
    }
    let body: JoinBody = ask.json()?;
    let joined = service.join(&visitor.actor, body.pen).await?;
    let me = service.me(&visitor.actor)?;
    service.note_address(&me.room, &me.candidate, &ask.address()).await;
    if joined.superseded {
        return Err(Code::PenSuperseded.into());
    }
    let desk = service.desk(&visitor.actor).await?;
    let now = service.now();
    let (room, facts) = (service.clock_of(&desk.room).await?, desk.candidate.facts());
    let clock = room.clock(&desk.candidate.id, &facts, now);
    let seen = service.seen_rev(&service.me(&visitor.actor)?).await?;
    let news = room.unconfirmed(&desk.candidate.id, &facts, seen);
    let pen = joined.pen.filter(|_| clock.ended.is_none());
    // Whoever waits for the pen may be somebody else.
    let bag = if joined.takeover.is_some() { None } else { Some(service.postbag(&visitor.actor).await?) };
    let (unread, messages, hand) = bag.as_ref().map(bag_json).unwrap_or_default();
    let takeover = joined.takeover.map(|(id, at_ms)| json!({ "id": id, "at_ms": at_ms }));
    Ok(data(&json!({
        "epoch": service.epoch, "pen": pen, "takeover": takeover, "now_ms": now, "clock": clock_json(&clock, now, news), "answers": saved(&desk),
        "unread": unread, "messages": messages, "hand": hand,
    })))
}

/// The members of a `clock` frame.
fn clock_json(clock: &Clock, now_ms: Ms, news: Option<News<'_>>) -> Value {
    let explain = clock.explain.iter().map(|term| {
        let reason = term.reason.as_ref().map(|r| json!({ "code": r.code, "text": r.text }));
        json!({ "kind": term.kind.as_str(), "ms": term.ms, "rev": term.rev, "multiplier_bp": term.multiplier_bp, "reason": reason })
    });
    json!({
        "rev": clock.rev, "phase": clock.phase.as_str(), "now_ms": now_ms, "starts_ms": clock.starts_ms, "deadline_ms": clock.deadline_ms,
        "remaining_ms": clock.remaining_ms, "explain": explain.collect::<Vec<_>>(),
        "change": news.as_ref().map(change_json),
    })
}

/// What is new in a clock.
fn change_json(news: &News<'_>) -> Value {
    let reason = json!({ "code": news.change.reason.code, "text": news.change.reason.text });
    json!({
        "rev": news.change.rev, "kind": news.change.kind.name(), "withdraws": news.withdraws.map(|kind| kind.name()), "reason": reason,
        "before_ms": news.before_ms, "after_ms": news.after_ms,
    })
}

/// The answer to each question, as in a `welcome`: without its value.
fn saved(desk: &Desk) -> Vec<Value> {
    let current = desk.current.iter().filter_map(|index| desk.answers.get(*index));
    let item = |(a, verdict): &(AnswerRow, Verdict)| {
        json!({
            "question": a.question_id, "pen": a.pen, "seq": a.seq, "received_ms": a.received_ms, "counts": verdict.counts, "why": verdict.why,
        })
    };
    current.map(item).collect()
}

#[derive(Deserialize)]
struct SyncBody {
    rev: Option<i64>,
}

/// `POST /sit/{room}/sync`: the time for a page without a socket, and the end when it has come. `rev` is what the page has; saying it
/// proves that the change arrived. `received_ms` and `now_ms` are what `t1` and `t2` are in an answer to `sync`.
pub(super) async fn sync(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let service = &ask.web.service;
    let known: SyncBody = ask.json()?;
    let mine = service.sync_my_clock(&visitor.actor, known.rev).await?;
    let submitted = match mine.clock.ended {
        Some(_) => service.handed(&visitor.actor).await?.map(|handed| handed_json(&handed)),
        None => None,
    };
    let me = service.me(&visitor.actor)?;
    let news = known.rev.and_then(|rev| mine.room.news(&me.candidate, &mine.facts, rev));
    let clock = clock_json(&mine.clock, mine.now_ms, news);
    Ok(data(&json!({
        "received_ms": ask.read_ms, "now_ms": service.now(), "holds": mine.holds, "clock": clock, "submitted": submitted, "mail": mine.mail_version,
        "hand": hand_json(mine.hand),
        "incidents": mine.incidents.iter().map(|i| incident_json(ask.locale, i, &mine.zone)).collect::<Vec<_>>(),
    })))
}

/// `GET /sit/{room}/paper`; `?as=html`: as the page shows it, with what is saved.
pub(super) async fn paper(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let service = &ask.web.service;
    let (version, paper) = service.get_my_paper(&visitor.actor).await?;
    if ask.query("as") == Some("html") {
        let desk = service.desk(&visitor.actor).await?;
        let html = view::paper::html(ask.locale, &paper, &desk.saved(), &desk.room.zone);
        return Ok(data(&json!({ "version": version, "html": html })));
    }
    Ok(data(&json!({ "version": version, "questions": paper.questions })))
}

/// `GET /sit/{room}/answers`: the answer to each question.
pub(super) async fn answers(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let desk = ask.web.service.get_my_answers(&visitor.actor).await?;
    let current = desk.current.iter().filter_map(|index| desk.answers.get(*index));
    let items: Vec<Value> = current
        .map(|(a, verdict)| {
            let value: Value = serde_json::from_str(&a.value).unwrap_or_default();
            json!({
                "question": a.question_id, "pen": a.pen, "seq": a.seq, "value": value, "received_at": rfc3339_ms(a.received_ms),
                "counts": verdict.counts, "why": verdict.why, "current": true,
            })
        })
        .collect();
    Ok(data(&json!({ "items": items })))
}

#[derive(Deserialize)]
struct AnswersBody {
    answers: Vec<AnswerBody>,
}

#[derive(Deserialize)]
struct AnswerBody {
    pen: i64,
    seq: i64,
    question: String,
    #[serde(default)]
    value: Value,
    proof: Option<String>,
}

/// `POST /sit/{room}/answers`: each gets its own outcome.
pub(super) async fn record(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: AnswersBody = ask.json()?;
    if body.answers.len() > limits::BATCH_ROWS {
        return Err(Error::field("answers", "too_many"));
    }
    let received_ms = ask.read_ms;
    let incoming = body.answers.into_iter().map(|a| Incoming {
        pen: a.pen,
        seq: a.seq,
        question: a.question,
        value: a.value,
        proof: a.proof,
        received_ms,
    });
    let recorded = ask.web.service.record_all(&visitor.actor, incoming.collect()).await?;
    let items: Vec<Value> = recorded.into_iter().map(|(pen, seq, outcome)| item(ask.locale, pen, seq, outcome)).collect();
    Ok(data(&json!({ "items": items })))
}

fn item(locale: Locale, pen: i64, seq: i64, outcome: Recorded) -> Value {
    let (outcome, error, proof) = match outcome {
        Recorded::Saved { received_ms, verdict, proof } => {
            return json!({
                "pen": pen, "seq": seq, "outcome": "saved", "received_at": rfc3339_ms(received_ms), "counts": verdict.counts, "why": verdict.why,
                "proof": proof,
            });
        }
        Recorded::Refused { error, proof } => ("refused", error, proof),
        // Nobody knows whether it is stored: sent again, its key finds out.
        Recorded::Unknown => ("unknown", Code::Busy.into(), None),
    };
    let (_, detail) = error_words(locale, &error);
    json!({
        "pen": pen, "seq": seq, "outcome": outcome, "code": error.code.as_str(), "detail": detail, "retry": error.is_ours(), "proof": proof,
    })
}

#[derive(Deserialize)]
struct SubmitBody {
    pen: i64,
    /// The page numbers its hand-in too; the services do not need the number.
    #[serde(default, rename = "seq")]
    _seq: Option<i64>,
    #[serde(default)]
    have: Vec<(i64, i64)>,
}

/// `POST /sit/{room}/submit`.
pub(super) async fn submit(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: SubmitBody = ask.json()?;
    let handed = ask.web.service.submit(&visitor.actor, body.pen, body.have, ask.read_ms).await?;
    Ok(data(&handed_json(&handed)))
}

fn handed_json(handed: &Handed) -> Value {
    json!({
        "by": handed.ended.by, "ended_at": rfc3339_ms(handed.ended.at_ms), "at_ms": handed.ended.at_ms, "answered": handed.answered, "questions": handed.questions,
        "receipt": handed.receipt, "receipt_short": handed.receipt_short,
    })
}
