//! Incidents for staff: the list, one with its talk, recording, deciding.

use std::str::FromStr;
use std::sync::Arc;

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member, escaped};
use super::form::Form;
use super::room::people;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, IncidentId};
use crate::domain::incident::{Incident, State, Topic};
use crate::domain::message::Sender;
use crate::error::{Code, Error, Result};
use crate::live::Table;
use crate::service::incidents::{IncidentPatch, IncidentWords};
use crate::store::incidents::IncidentFilter;
use crate::view::incidents::{
    DetailFragment, DetailPage, DetailView, IncidentView, IncidentsPage, LineView, RecordFragment, RecordPage, RecordView,
};
use crate::view::{incidents, live};

/// Incidents on one page.
const ON_PAGE: i64 = 50;

/// Those of a live room that wait for somebody, newest first.
pub(super) fn waiting(ask: &Ask, table: &Table) -> Vec<IncidentView> {
    let people = people(table);
    let open = table.status.cases.all().rev().filter(|incident| incident.state.waits());
    open.map(|incident| incidents::view(ask.locale, &table.clock, &people, incident)).collect()
}

/// `GET /staff/rooms/{room}/incidents`.
pub(super) async fn list(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, room) = (&ask.web.service, ask.room()?);
    let state = State::parse(ask.query("state").unwrap_or_default());
    let before = ask.query("before").unwrap_or_default().to_owned();
    let filter = IncidentFilter { state, before, limit: ON_PAGE, ..IncidentFilter::default() };
    let found = service.list_incidents(&member.actor, &room, &filter).await?;
    let rights = service.get_room(&member.actor, &room).await?.rights.names().join(" ");
    let table = service.get_status(&member.actor, &room).await?;
    let people = people(&table);
    let full = i64::try_from(found.len()).is_ok_and(|n| n == ON_PAGE);
    let last = found.last().filter(|_| full).map(|incident| escaped(incident.id.as_str()));
    let state = state.map_or("", State::as_str);
    page(&IncidentsPage {
        shell: member.shell,
        rights,
        room: live::room_info(&table.clock),
        rules: service.get_rules(&member.actor, &table.clock.exam).await.is_ok(),
        state: state.to_owned(),
        incidents: found.iter().map(|incident| incidents::view(ask.locale, &table.clock, &people, incident)).collect(),
        older: last.map(|last| format!("/staff/rooms/{room}/incidents?state={state}&before={last}")),
    })
}

/// `GET /staff/rooms/{room}/incidents/{incident}`.
pub(super) async fn detail(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let id = id(ask.param("incident"))?;
    let view = look(&ask, &member, &id).await?;
    show(&ask, member, view, None).await
}

/// `POST /staff/rooms/{room}/incidents/{incident}`: `do` is `reply` or `edit`.
pub(super) async fn change(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room, id) = (ask.form()?, ask.room()?, id(ask.param("incident"))?);
    let service = &ask.web.service;
    let done = match form.text("do") {
        "reply" => {
            let key = Some(form.text("key")).filter(|key| (8..=100).contains(&key.len())).ok_or(Code::KeyRequired)?;
            service.reply_incident(&member.actor, &room, &id, form.text("text"), Some(key)).await.map(drop)
        }
        "edit" => {
            let patch = IncidentPatch {
                state: State::parse(form.text("state")),
                topic: Some(Topic::parse(form.text("topic")).ok_or_else(|| Error::field("topic", "not_one_of_these"))?),
                text: Some(form.text("text").to_owned()),
                shown: Some(form.get("shown").is_some()),
                events: None,
            };
            service.change_incident(&member.actor, &room, &id, &patch).await.map(drop)
        }
        _ => return Err(Code::BadRequest.into()),
    };
    match done {
        Ok(()) if ask.is_fragment() && form.text("do") == "edit" => Ok(redirect(&format!("/staff/rooms/{room}"))),
        Ok(()) if !ask.is_fragment() => Ok(redirect(&format!("/staff/rooms/{room}/incidents/{id}"))),
        Ok(()) => {
            let view = look(&ask, &member, &id).await?;
            show(&ask, member, view, None).await
        }
        Err(error) if matches!(error.code.status(), 400 | 403 | 409 | 422 | 429) => {
            let view = DetailView { problem: Some(said(ask.locale, &error)), ..look(&ask, &member, &id).await? };
            show(&ask, member, view, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/rooms/{room}/incidents/act`: one of `open`, `resolve`, `dismiss`, `credit`, `look`, with the incident's id.
pub(super) async fn act(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let service = &ask.web.service;
    for (word, state) in [("open", State::Open), ("resolve", State::Resolved), ("dismiss", State::Dismissed)] {
        if let Some(text) = form.get(word) {
            let patch = IncidentPatch { state: Some(state), ..IncidentPatch::default() };
            service.change_incident(&member.actor, &room, &id(text)?, &patch).await?;
            return Ok(redirect(&format!("/staff/rooms/{room}")));
        }
    }
    if let Some(text) = form.get("credit") {
        service.credit_incident(&member.actor, &room, &id(text)?, None, false).await?;
        return Ok(redirect(&format!("/staff/rooms/{room}")));
    }
    let id = id(form.text("look"))?;
    let view = look(&ask, &member, &id).await?;
    show(&ask, member, view, None).await
}

/// `POST /staff/rooms/{room}/incidents/new`: the form, about the one who is named or ticked, else about the room.
pub(super) async fn form(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let form = ask.form()?;
    let view = record_view(&ask, &member, &form).await?;
    record_show(&ask, member, view, None)
}

/// `POST /staff/rooms/{room}/incidents`.
pub(super) async fn record(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let key = Some(form.text("key")).filter(|key| (8..=100).contains(&key.len())).ok_or(Code::KeyRequired)?;
    let words = IncidentWords {
        candidate: candidate(&form)?,
        topic: Topic::parse(form.text("topic")).ok_or_else(|| Error::field("topic", "not_one_of_these"))?,
        text: form.text("text").to_owned(),
        shown: Some(form.get("shown").is_some()),
        events: Vec::new(),
    };
    match ask.web.service.record_incident(&member.actor, &room, words, Some(key)).await {
        Ok(_) => Ok(redirect(&format!("/staff/rooms/{room}"))),
        Err(error) if matches!(error.code.status(), 400 | 409 | 422 | 429) => {
            let view = RecordView { problem: Some(said(ask.locale, &error)), ..record_view(&ask, &member, &form).await? };
            record_show(&ask, member, view, Some(&error))
        }
        Err(error) => Err(error),
    }
}

fn id(text: &str) -> Result<IncidentId> {
    IncidentId::from_str(text).map_err(|_| Code::NotFound.into())
}

/// Whom the form names: the one of a button, or the one who is ticked. Of several nobody: an incident is about one or about the room.
fn candidate(form: &Form) -> Result<Option<CandidateId>> {
    let ticked: Vec<&str> = form.all("candidate").collect();
    let named = form.get("only").or(if let [one] = ticked.as_slice() { Some(*one) } else { None });
    named.map(|id| CandidateId::from_str(id).map_err(|_| Error::field("candidate", "not_an_id"))).transpose()
}

async fn record_view(ask: &Ask, member: &Member, form: &Form) -> Result<RecordView> {
    let (service, room) = (&ask.web.service, ask.room()?);
    let table = service.get_status(&member.actor, &room).await?;
    let people = people(&table);
    let about = candidate(form)?.and_then(|id| Some((id.to_string(), live::who(people.get(&id)?))));
    let key = Some(form.text("key")).filter(|key| !key.is_empty()).map(str::to_owned);
    let first = if about.is_some() { Topic::Illness } else { Topic::Alarm };
    Ok(RecordView {
        room: live::room_info(&table.clock),
        about,
        topic: Topic::parse(form.text("topic")).unwrap_or(first).as_str().to_owned(),
        text: form.text("text").to_owned(),
        shown: if form.get("topic").is_some() { form.get("shown").is_some() } else { table.status.cases.rules.shown },
        key: key.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>())),
        problem: None,
    })
}

fn record_show(ask: &Ask, member: Member, record: RecordView, error: Option<&Error>) -> Result<Response> {
    if ask.is_fragment() {
        let part = RecordFragment { locale: ask.locale, csrf: &member.shell.csrf, record: &record };
        return error.map_or_else(|| page(&part), |error| Ok(page_again(&part, error)));
    }
    let whole = RecordPage { shell: member.shell, record };
    error.map_or_else(|| page(&whole), |error| Ok(page_again(&whole, error)))
}

async fn look(ask: &Ask, member: &Member, id: &IncidentId) -> Result<DetailView> {
    let (service, room) = (&ask.web.service, ask.room()?);
    let (incident, events): (Arc<Incident>, Vec<Event>) = service.get_incident(&member.actor, &room, id).await?;
    let table = service.get_status(&member.actor, &room).await?;
    let people = people(&table);
    let name = |id: &CandidateId| people.get(id).map_or_else(|| id.to_string(), live::who);
    let replies = incident.replies.iter().map(|reply| LineView {
        at_ms: reply.sent_ms,
        who: if let Sender::Candidate(id) = &reply.sender { name(id) } else { reply.author.clone() },
        text: reply.text.clone(),
    });
    let events = events.iter().map(|event| LineView {
        at_ms: event.at_ms,
        who: event.candidate.as_ref().map(name).unwrap_or_default(),
        text: live::happened(ask.locale, &table.clock, &table.status.staff, event),
    });
    Ok(DetailView {
        room: live::room_info(&table.clock),
        incident: incidents::view(ask.locale, &table.clock, &people, &incident),
        replies: replies.collect(),
        events: events.collect(),
        key: format!("{:032x}", rand::random::<u128>()),
        problem: None,
    })
}

async fn show(ask: &Ask, member: Member, detail: DetailView, error: Option<&Error>) -> Result<Response> {
    if ask.is_fragment() {
        let part = DetailFragment { locale: ask.locale, csrf: &member.shell.csrf, detail: &detail };
        return error.map_or_else(|| page(&part), |error| Ok(page_again(&part, error)));
    }
    let rights = ask.web.service.get_room(&member.actor, &ask.room()?).await?.rights.names().join(" ");
    let whole = DetailPage { shell: member.shell, rights, detail };
    error.map_or_else(|| page(&whole), |error| Ok(page_again(&whole, error)))
}
