//! Messages and raised hands of the live room: writing, taking back, reading, answering.

use std::collections::BTreeMap;
use std::str::FromStr;

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use super::form::Form;
use super::room::people;
use crate::domain::ids::{CandidateId, MessageId, RoomId, TemplateId};
use crate::domain::status::Person;
use crate::error::{Code, Error, Result};
use crate::service::inbox::Mark;
use crate::view::mail::{ComposeFragment, ComposePage, ComposeView, TemplateView};
use crate::view::{Shell, live};

/// Characters of the first line by which a template is called.
const TITLE: usize = 40;

/// What is done with a template besides writing.
enum Done {
    Nothing,
    Kept,
    Dropped,
}

/// `POST /staff/rooms/{room}/compose`: the form, also with a template's words in it, or after one was kept or removed.
pub(super) async fn compose(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let form = ask.form()?;
    let mut view = look(&ask, &member, &form).await?;
    match templates(&ask, &member, &form, &mut view.text).await {
        Ok(done) => view.notice = notice(&ask, &done),
        Err(error) if matches!(error.code.status(), 400 | 403 | 404 | 409 | 422) => view.problem = Some(said(ask.locale, &error)),
        Err(error) => return Err(error),
    }
    view.templates = choices(&ask, &member).await?;
    show(&ask, member, view, None)
}

/// `POST /staff/rooms/{room}/messages`.
pub(super) async fn send(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let named = named(&form)?;
    let candidates = (!named.is_empty()).then_some(named);
    let key = Some(form.text("key")).filter(|key| (8..=100).contains(&key.len())).ok_or(Code::KeyRequired)?;
    let sent = ask.web.service.send_message(&member.actor, &room, candidates, form.text("text"), Some(key)).await;
    match sent {
        Ok(_) => Ok(redirect(&format!("/staff/rooms/{room}"))),
        Err(error) if matches!(error.code.status(), 400 | 409 | 422 | 429) => {
            let mut view = look(&ask, &member, &form).await?;
            view.problem = Some(said(ask.locale, &error));
            view.templates = choices(&ask, &member).await?;
            show(&ask, member, view, Some(&error))
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/rooms/{room}/mail`: one of `withdraw`, `read` (a message), `coming`, `lower` (a candidate's hand).
pub(super) async fn act(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room, service) = (ask.form()?, ask.room()?, &ask.web.service);
    let message = |text: &str| MessageId::from_str(text).map_err(|_| Error::from(Code::NotFound));
    let candidate = |text: &str| CandidateId::from_str(text).map_err(|_| Error::from(Code::NotFound));
    if let Some(id) = form.get("withdraw") {
        service.withdraw_message(&member.actor, &room, &message(id)?).await?;
    } else if let Some(id) = form.get("read") {
        service.mark_my_messages(&member.actor, Some(&room), Some(&[message(id)?]), Mark::Seen).await?;
    } else if let Some(id) = form.get("coming") {
        service.answer_hand(&member.actor, &room, &candidate(id)?, false).await?;
    } else if let Some(id) = form.get("lower") {
        service.answer_hand(&member.actor, &room, &candidate(id)?, true).await?;
    } else {
        return Err(Code::BadRequest.into());
    }
    Ok(redirect(&format!("/staff/rooms/{room}")))
}

/// Carries out what a button beside the text wants of templates.
async fn templates(ask: &Ask, member: &Member, form: &Form, text: &mut String) -> Result<Done> {
    let service = &ask.web.service;
    let id = |text: &str| TemplateId::from_str(text).map_err(|_| Error::from(Code::NotFound));
    if let Some(wanted) = form.get("template") {
        let wanted = id(wanted)?;
        let all = service.list_templates(&member.actor).await?;
        *text = all.into_iter().find(|t| t.id == wanted).ok_or(Code::NotFound)?.body;
    } else if let Some(wanted) = form.get("drop") {
        service.delete_template(&member.actor, &id(wanted)?).await?;
        return Ok(Done::Dropped);
    } else if form.get("keep").is_some() {
        let first = text.lines().next().unwrap_or_default();
        let title: String = first.chars().take(TITLE).collect();
        service.create_template(&member.actor, &title, text).await?;
        return Ok(Done::Kept);
    }
    Ok(Done::Nothing)
}

fn notice(ask: &Ask, done: &Done) -> Option<String> {
    match done {
        Done::Nothing => None,
        Done::Kept => Some(ask.locale.t("template-kept")),
        Done::Dropped => Some(ask.locale.t("template-dropped")),
    }
}

async fn choices(ask: &Ask, member: &Member) -> Result<Vec<TemplateView>> {
    let own = |owner: &Option<_>| owner.as_ref() == member.actor.user();
    let rows = ask.web.service.list_templates(&member.actor).await?.into_iter();
    Ok(rows.map(|row| TemplateView { own: own(&row.owner_id), id: row.id.to_string(), title: row.title }).collect())
}

/// Whom the form names: the one of a button, or those who are ticked.
fn named(form: &Form) -> Result<Vec<CandidateId>> {
    let only = form.get("only").map(|id| vec![id]);
    let ids = only.unwrap_or_else(|| form.all("candidate").collect());
    ids.into_iter().map(|id| CandidateId::from_str(id).map_err(|_| Error::field("candidate", "not_an_id"))).collect()
}

async fn look(ask: &Ask, member: &Member, form: &Form) -> Result<ComposeView> {
    let (service, room): (_, RoomId) = (&ask.web.service, ask.room()?);
    let table = service.get_status(&member.actor, &room).await?;
    let people: BTreeMap<CandidateId, Person> = people(&table);
    let to = named(form)?.into_iter().filter_map(|id| Some((id.to_string(), live::who(people.get(&id)?))));
    let key = Some(form.text("key")).filter(|key| !key.is_empty()).map(str::to_owned);
    Ok(ComposeView {
        room: live::room_info(&table.clock),
        to: to.collect(),
        everybody: people.len(),
        text: form.text("text").to_owned(),
        templates: Vec::new(),
        key: key.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>())),
        problem: None,
        notice: None,
    })
}

fn show(ask: &Ask, member: Member, compose: ComposeView, error: Option<&Error>) -> Result<Response> {
    if ask.is_fragment() {
        let part = ComposeFragment { locale: ask.locale, csrf: &member.shell.csrf, compose: &compose };
        return error.map_or_else(|| page(&part), |error| Ok(page_again(&part, error)));
    }
    let room = format!("/staff/rooms/{}", compose.room.id);
    let whole = ComposePage { shell: Shell { path: room, ..member.shell }, compose };
    error.map_or_else(|| page(&whole), |error| Ok(page_again(&whole, error)))
}
