//! Counting what did not count: a list with a reason, then the deed.

use std::collections::BTreeMap;
use std::str::FromStr;

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use super::form::Form;
use super::room::natural;
use crate::domain::clock::Reason;
use crate::domain::ids::CandidateId;
use crate::domain::paper::Paper;
use crate::error::{Code, Error, Result};
use crate::locale;
use crate::service::accept::{Fate, Line, Wish, decided};
use crate::view::accept::{AcceptPage, AcceptRow};
use crate::view::live;

/// Characters of an answer in the list.
const SHOWN: usize = 120;

/// Answers to accept or to take back, by candidate.
type Picked = BTreeMap<CandidateId, Vec<(i64, i64)>>;

/// `GET /staff/rooms/{room}/accept?candidate=`.
pub(super) async fn look(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let done = ask.query("done").and_then(|n| n.parse::<i64>().ok());
    let notice = done.map(|n| ask.locale.t1("accept-did", "n", n));
    page(&view(&ask, member, notice).await?)
}

/// `POST /staff/rooms/{room}/accept`.
pub(super) async fn give(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    match carry_out(&ask, &member, &form).await {
        Ok(n) => Ok(redirect(&format!("/staff/rooms/{room}/accept?done={n}"))),
        Err(error) if matches!(error.code.status(), 400 | 409 | 422) => {
            let again = AcceptPage { problem: Some(said(ask.locale, &error)), ..view(&ask, member, None).await? };
            Ok(page_again(&again, &error))
        }
        Err(error) => Err(error),
    }
}

async fn carry_out(ask: &Ask, member: &Member, form: &Form) -> Result<usize> {
    let withdraw = form.text("withdraw") == "true";
    let code = if withdraw { "staff_error" } else { form.text("reason_code") };
    let reason = Reason { code: code.to_owned(), text: form.text("reason_text").trim().to_owned() };
    let mut applied = 0;
    for (candidate, keys) in picked(form)? {
        let wish = Wish { answers: Some(keys), withdraw, reason: reason.clone(), dry_run: false };
        let lines = ask.web.service.accept_answers(&member.actor, &ask.room()?, &candidate, &wish).await?;
        applied += lines.iter().filter(|line| line.fate == Fate::Applied).count();
    }
    Ok(applied)
}

fn picked(form: &Form) -> Result<Picked> {
    let mut picked = Picked::new();
    for text in form.all("answer") {
        let (candidate, key) = key(text).ok_or_else(|| Error::field("answer", "malformed"))?;
        picked.entry(candidate).or_default().push(key);
    }
    if picked.is_empty() { Err(Error::field("answer", "required")) } else { Ok(picked) }
}

/// `cd_…:pen:seq`.
fn key(text: &str) -> Option<(CandidateId, (i64, i64))> {
    let mut parts = text.splitn(3, ':');
    let candidate = CandidateId::from_str(parts.next()?).ok()?;
    Some((candidate, (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))
}

async fn view(ask: &Ask, member: Member, notice: Option<String>) -> Result<AcceptPage> {
    let (service, id) = (&ask.web.service, ask.room()?);
    let results = service.get_results(&member.actor, &id).await?;
    let only = ask.query("candidate").map(CandidateId::from_str).transpose().map_err(|_| Code::NotFound)?;
    let mut seats = BTreeMap::new();
    for row in results.rows.iter().filter(|row| only.as_ref().is_none_or(|only| row.candidate.id == *only)) {
        seats.insert(
            row.candidate.id.clone(),
            (live::who(&row.candidate.person()), row.candidate.seat.clone().unwrap_or_default()),
        );
    }
    if only.is_some() && seats.is_empty() {
        return Err(Code::NotFound.into());
    }
    let wish = |withdraw| {
        let reason = Reason { code: "other".to_owned(), text: String::new() };
        Wish { answers: None, withdraw, reason, dry_run: true }
    };
    let mut lists = Vec::with_capacity(2);
    for withdraw in [false, true] {
        let lines = service.accept_room_answers(&member.actor, &id, &wish(withdraw)).await?;
        let mut kept: Vec<(&(String, String), Line)> =
            lines.into_iter().filter_map(|line| Some((seats.get(&line.candidate)?, line))).collect();
        kept.sort_by_cached_key(|((who, seat), line)| (natural(seat), who.clone(), line.key));
        lists.push(kept.iter().filter_map(|((who, _), line)| row(ask, &results.paper, who, line)).collect::<Vec<_>>());
    }
    let accepted = lists.pop().unwrap_or_default();
    let open = lists.pop().unwrap_or_default();
    let clock = service.clock_of(&results.room).await?;
    let only = only.and_then(|id| seats.remove(&id)).map(|(who, _)| who);
    Ok(AcceptPage { shell: member.shell, room: live::room_info(&clock), only, open, accepted, notice, problem: None })
}

fn row(ask: &Ask, paper: &Paper, who: &str, line: &Line) -> Option<AcceptRow> {
    let judged = line.answer.as_ref()?;
    let answer = &judged.answer;
    let number = paper.questions.iter().position(|question| question.id == answer.question_id).map_or(0, |index| index + 1);
    let reason = decided(judged).map(|(_, reason)| locale::reason(ask.locale, &reason.code, &reason.text)).unwrap_or_default();
    Some(AcceptRow {
        key: format!("{}:{}:{}", line.candidate, line.key.0, line.key.1),
        who: who.to_owned(),
        question: number,
        value: shown(&answer.value),
        at_ms: answer.received_ms,
        why: judged.verdict.why.map_or("", |why| why.as_str()),
        reason,
    })
}

/// An answer as a line of text, shortened.
fn shown(value: &str) -> String {
    let text = whole(value);
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// An answer as text.
pub(super) fn whole(value: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(value).unwrap_or_default() {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(items) => items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
