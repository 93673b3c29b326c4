//! What the rules of a room's exam look for, and rules that are off for one candidate.

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use super::candidate;
use super::form::Form;
use crate::domain::rules::{Rule, Rules};
use crate::error::{Code, Error, Fault, Result};
use crate::view::live;
use crate::view::rules::{RuleLine, RulesPage};

/// `GET /staff/rooms/{room}/rules`.
pub(super) async fn rules(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let clock = ask.web.service.get_clock(&member.actor, &ask.room()?).await?;
    let rules = ask.web.service.get_rules(&member.actor, &clock.exam).await?;
    let kept = ask.query("kept").is_some();
    page(&RulesPage { kept, ..view(&ask, member, RuleLine::all(&rules), rules.shown).await? })
}

/// `POST /staff/rooms/{room}/rules`. What is wrong stands beside its field, and what was typed stays.
pub(super) async fn put(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, room, form) = (&ask.web.service, ask.room()?, ask.form()?);
    let clock = service.get_clock(&member.actor, &room).await?;
    let (rules, unread) = read(&form);
    let done = if unread.is_empty() {
        service.put_rules(&member.actor, &clock.exam, rules.clone()).await.map(drop)
    } else {
        // Whoever may not change them learns nothing of what was wrong.
        service.get_rules(&member.actor, &clock.exam).await?;
        Err(Error::from(Code::BadField).faults(unread))
    };
    match done {
        Ok(()) => Ok(redirect(&format!("/staff/rooms/{room}/rules?kept=1"))),
        Err(error) if matches!(error.code.status(), 400 | 422) => {
            let problem = Some(said(ask.locale, &error));
            let again = view(&ask, member, typed(&form, &rules, &error.faults), rules.shown).await?;
            Ok(page_again(&RulesPage { problem, ..again }, &error))
        }
        Err(error) => Err(error),
    }
}

/// `POST /staff/rooms/{room}/candidates/{candidate}/rules`: all that are to be off.
pub(super) async fn exempt(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (room, id, form) = (ask.room()?, candidate::id(&ask)?, ask.form()?);
    let off = form.all("off").map(|code| Rule::parse(code).ok_or_else(|| Error::field("off", "not_one_of_these")));
    let off = off.collect::<Result<Vec<Rule>>>()?;
    ask.web.service.put_exemptions(&member.actor, &room, &id, off).await?;
    Ok(redirect(&format!("/staff/rooms/{room}/candidates/{id}?kept=1#rules")))
}

/// The rules of a form, and the numbers in it that are none. A rule that is off needs no number.
fn read(form: &Form) -> (Rules, Vec<Fault>) {
    let mut rules = Rules { takeover: is_on(form, Rule::Takeover), shown: form.get("shown").is_some(), ..Rules::default() };
    let mut unread = Vec::new();
    for rule in Rule::ALL {
        let Some(number) = rule.number() else { continue };
        let text = form.text(number.name).trim();
        let value = text.parse().ok();
        if is_on(form, *rule) && value.is_none() {
            unread.push(Fault { path: number.name.to_owned(), code: "not_a_number".to_owned(), value: text.to_owned() });
        }
        rules.set_number(*rule, value.filter(|_| is_on(form, *rule)));
    }
    (rules, unread)
}

fn is_on(form: &Form, rule: Rule) -> bool {
    form.all("on").any(|code| code == rule.as_str())
}

/// The lines as they were typed, with what is wrong with each.
fn typed(form: &Form, rules: &Rules, faults: &[Fault]) -> Vec<RuleLine> {
    let mut lines = RuleLine::all(rules);
    for (line, rule) in lines.iter_mut().zip(Rule::ALL) {
        line.on = is_on(form, *rule);
        if let Some(number) = &mut line.number {
            form.text(number.of.name).clone_into(&mut number.text);
            number.wrong = faults.iter().find(|fault| fault.path == number.of.name).map(|fault| fault.code.clone());
        }
    }
    lines
}

async fn view(ask: &Ask, member: Member, lines: Vec<RuleLine>, shown: bool) -> Result<RulesPage> {
    let (service, room) = (&ask.web.service, ask.room()?);
    Ok(RulesPage {
        rights: service.get_room(&member.actor, &room).await?.rights.names().join(" "),
        room: live::room_info(&service.get_clock(&member.actor, &room).await?),
        shell: member.shell,
        lines,
        shown,
        kept: false,
        problem: None,
    })
}
