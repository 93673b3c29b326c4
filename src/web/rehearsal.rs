//! A rehearsal with a simulated crowd, for staff.

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use crate::domain::readiness::{Rehearsal, State, judge_rehearsal, worst};
use crate::error::{Error, Result};
use crate::locale::day_and_time;
use crate::service::rehearsals::{RehearsalSeen, Wish};
use crate::view::live;
use crate::view::readiness::ready_lines;
use crate::view::rehearsal::{RehearsalPage, RehearsalPart};

/// `GET /staff/rooms/{room}/rehearsal`.
pub(super) async fn rehearsal(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    if ask.is_fragment() {
        let id = ask.room()?;
        let seen = ask.web.service.get_rehearsal(&member.actor, &id).await?;
        let zone = ask.web.service.get_room(&member.actor, &id).await?.room.zone;
        return page(&part(&ask, &zone, seen.as_ref()));
    }
    show(&ask, member, None).await
}

/// `POST /staff/rooms/{room}/rehearsal`: starts one, or stops it.
pub(super) async fn move_rehearsal(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id, form) = (&ask.web.service, ask.room()?, ask.form()?);
    let moved = if form.text("stop") == "true" {
        service.stop_rehearsal(&member.actor, &id).await.map(drop)
    } else {
        let people = match form.text("people").trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::field("people", "not_a_number"))?),
        };
        let wish = Wish { people, seconds: None, label: ask.locale.t("rehearsal"), dry_run: false };
        service.start_rehearsal(&member.actor, &id, wish).await.map(drop)
    };
    match moved {
        Ok(()) => Ok(redirect(&format!("/staff/rooms/{id}/rehearsal"))),
        Err(error) if error.code.status() < 500 => show(&ask, member, Some(&error)).await,
        Err(error) => Err(error),
    }
}

async fn show(ask: &Ask, member: Member, error: Option<&Error>) -> Result<Response> {
    let (service, id) = (&ask.web.service, ask.room()?);
    let seen = service.get_rehearsal(&member.actor, &id).await?;
    let view = service.get_room(&member.actor, &id).await?;
    let table = service.get_status(&member.actor, &id).await?;
    let expected = i64::try_from(table.status.rows.len()).unwrap_or(i64::MAX);
    let shown = RehearsalPage {
        shell: member.shell,
        rights: view.rights.names().join(" "),
        room: live::room_info(&table.clock),
        people: if expected == 0 { 30 } else { expected.min(crate::limits::REHEARSAL_PEOPLE) },
        part: part(ask, &view.room.zone, seen.as_ref()),
        problem: error.map(|error| said(ask.locale, error)),
    };
    match error {
        Some(error) => Ok(page_again(&shown, error)),
        None => page(&shown),
    }
}

fn part(ask: &Ask, zone: &str, seen: Option<&RehearsalSeen>) -> RehearsalPart {
    let locale = ask.locale;
    let Some(seen) = seen else {
        return RehearsalPart { locale, running: false, headline: String::new(), state: State::Look, lines: Vec::new() };
    };
    let lines = judge_rehearsal(seen.state);
    let state = worst(&lines);
    let running = seen.state == Rehearsal::Running;
    let headline = if running {
        let (entered, answers) = seen.so_far.unwrap_or_default();
        let people = locale.t2("rehearsal-so-far", "n", entered, "people", seen.row.people);
        format!("{people} {}", locale.t1("rehearsal-answers", "n", answers))
    } else {
        let at = day_and_time(locale, seen.row.began_ms, zone);
        locale.t1(&format!("rehearsal-was-{}", state.as_str()), "time", at)
    };
    // While it runs the sentence says it all.
    let lines = if running { Vec::new() } else { ready_lines(locale, &lines, zone) };
    RehearsalPart { locale, running, headline, state, lines }
}
