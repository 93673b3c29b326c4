//! Times that were lost: what the live room proposes, and what staff decide about an outage. A candidate's own loss is given back by a
//! credit like any other.

use std::collections::BTreeMap;

use poem::Response;

use super::answer::{page, redirect};
use super::ask::Ask;
use super::command::applied;
use super::room::people;
use crate::domain::Ms;
use crate::domain::ids::CandidateId;
use crate::domain::status::Person;
use crate::error::{Error, Result};
use crate::locale;
use crate::service::outages::Proposals;
use crate::store::outages::OutageState;
use crate::view::live;
use crate::view::proposals::{ProposalView, ProposalsFragment};

/// `GET /staff/rooms/{room}/proposals`: the part of the live room.
pub(super) async fn part(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let table = service.get_status(&member.actor, &id).await?;
    let proposals = found(&ask, &service.list_proposals(&member.actor, &id).await?, &people(&table));
    page(&ProposalsFragment { locale: ask.locale, csrf: &member.shell.csrf, room: id.as_str(), proposals: &proposals })
}

/// `POST /staff/rooms/{room}/outage`: gives back a time in which the service was away, or does not.
pub(super) async fn decide(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let number: i64 = form.text("outage").parse().map_err(|_| Error::field("outage", "not_a_number"))?;
    let accept = form.text("accept") == "true";
    let change = ask.web.service.decide_outage(&member.actor, &room, number, accept, false).await?;
    Ok(redirect(&format!("/staff/rooms/{room}?done={}", applied(&change))))
}

/// What waits for a decision, in words.
pub(super) fn found(ask: &Ask, found: &Proposals, people: &BTreeMap<CandidateId, Person>) -> Vec<ProposalView> {
    let (outages, own) = found;
    let length = |ms: Ms| locale::left(ms);
    let outages = outages.iter().filter(|outage| outage.state == OutageState::Proposed).map(|outage| ProposalView {
        what: ask.locale.t1("proposal-outage", "length", length(outage.gap.length_ms())),
        outage: Some(outage.gap.after_ms),
        candidate: String::new(),
        minutes: 0.0,
        code: "",
    });
    let own = own.iter().map(|(id, lost)| ProposalView {
        what: ask.locale.t2(
            &format!("proposal-{}", lost.kind.code()),
            "who",
            people.get(id).map_or_else(|| id.to_string(), live::who),
            "length",
            length(lost.ms),
        ),
        outage: None,
        candidate: id.to_string(),
        minutes: minutes(lost.ms),
        code: lost.kind.code(),
    });
    outages.chain(own).collect()
}

/// Whole seconds as minutes, as the field of a credit takes them.
#[expect(clippy::cast_precision_loss, reason = "a length of an exam in s is far below 2^53")]
fn minutes(ms: Ms) -> f64 {
    ((ms + 500) / 1000) as f64 / 60.0
}
