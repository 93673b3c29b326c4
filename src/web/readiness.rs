//! Whether a room is ready: the checklist and the check of its computers for staff, and the page on the computer that is tried.

use poem::Response;
use serde::Deserialize;
use serde_json::json;

use super::answer::{data, page, page_again, redirect, said};
use super::ask::Ask;
use super::room::{natural, picture};
use crate::domain::Ms;
use crate::domain::readiness::{Line, Measured, Scripts, State, is_ready};
use crate::error::Result;
use crate::locale::ready_words;
use crate::service::checks::{CheckSeen, ComputerSeen, Report};
use crate::view::live;
use crate::view::readiness::{
    CheckDoor, CheckPage, CheckPart, ComputerPage, ComputerRow, ReadinessPage, ReadinessPart, ready_lines,
};

/// Characters of a computer's own name that are shown where it has no other.
const MARK: usize = 4;

/// `GET /staff/rooms/{room}/readiness`.
pub(super) async fn readiness(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let theirs: Option<Ms> = ask.query("client_now_ms").and_then(|text| text.parse().ok());
    let (row, lines) = service.get_readiness(&member.actor, &id, theirs).await?;
    let part = ReadinessPart::of(ask.locale, id.as_str(), &row.zone, &lines);
    if ask.is_fragment() {
        return page(&part);
    }
    let rights = service.get_room(&member.actor, &id).await?.rights.names().join(" ");
    let room = live::room_info(&service.get_clock(&member.actor, &id).await?);
    page(&ReadinessPage { shell: member.shell, rights, room, part })
}

/// `GET /staff/rooms/{room}/check`.
pub(super) async fn check(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let seen = service.get_check(&member.actor, &id).await?;
    let view = service.get_room(&member.actor, &id).await?;
    let part = seen.as_ref().map(|seen| part(&ask, &view.room.zone, seen));
    if let (true, Some(part)) = (ask.is_fragment(), &part) {
        return page(part);
    }
    let door = seen.filter(|seen| seen.open).map(|seen| {
        let address = format!("{}/check/{}", ask.web.settings.public_url.trim_end_matches('/'), seen.check.code);
        CheckDoor { qr: picture(&address), address, code: seen.check.code, closes_ms: seen.check.closes_ms }
    });
    let room = live::room_info(&service.get_clock(&member.actor, &id).await?);
    page(&CheckPage { shell: member.shell, rights: view.rights.names().join(" "), room, door, part })
}

/// `POST /staff/rooms/{room}/check`: opens it, or closes it.
pub(super) async fn move_check(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    if ask.form()?.text("close") == "true" {
        service.close_check(&member.actor, &id).await?;
    } else {
        service.open_check(&member.actor, &id).await?;
    }
    Ok(redirect(&format!("/staff/rooms/{id}/check")))
}

fn part(ask: &Ask, zone: &str, seen: &CheckSeen) -> CheckPart {
    let mut computers: Vec<ComputerRow> = seen.computers.iter().map(|computer| row(ask, computer)).collect();
    computers.sort_by_cached_key(|row| (row.ready, row.troubles.is_empty(), natural(&row.name)));
    CheckPart { locale: ask.locale, zone: zone.to_owned(), computers }
}

fn row(ask: &Ask, computer: &ComputerSeen) -> ComputerRow {
    let mut troubles = ready_lines(ask.locale, &computer.lines, "UTC");
    troubles.retain(|line| line.state != State::Good);
    ComputerRow {
        name: computer.name.clone(),
        mark: computer.computer.chars().take(MARK).collect::<String>().to_uppercase(),
        ready: computer.is_ready(),
        troubles,
        at_ms: computer.at_ms,
    }
}

/// `GET /check` and `/check/{code}`.
pub(super) async fn computer(ask: Ask) -> Result<Response> {
    let code = ask.param("code").chars().take(20).collect();
    page(&ComputerPage { shell: ask.shell(None), code, name: String::new(), lines: None, problem: None })
}

/// `GET /check/now`: the time, for a computer that compares its own.
pub(super) async fn now(ask: Ask) -> Result<Response> {
    Ok(data(&json!({ "now_ms": ask.web.service.now() })))
}

/// What the page's script sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    code: String,
    computer: String,
    name: String,
    measured: Measured,
}

/// `POST /check`: from the page's script; or its plain form, from a browser in which the script does not run. No cookie gives it any power and
/// browsers that are too old send no Origin, so that is not asked.
pub(super) async fn report(ask: Ask) -> Result<Response> {
    let (address, service) = (ask.address(), &ask.web.service);
    if ask.is_json() {
        let sent: Sent = ask.json()?;
        let report = Report { computer: sent.computer, name: sent.name, measured: sent.measured };
        let lines = service.report_check(&sent.code, report, &address).await?;
        return Ok(data(&told(&ask, &lines)));
    }
    let form = ask.form()?;
    let scripts = if form.text("scripts") == "too_old" { Scripts::TooOld } else { Scripts::Off };
    let (code, name) = (form.text("code").chars().take(20).collect::<String>(), form.text("name").to_owned());
    let computer = match form.text("computer") {
        "" => plain_name(&name),
        own => own.to_owned(),
    };
    let report = Report { computer, name: name.clone(), measured: Measured::nothing(scripts) };
    let shell = crate::view::Shell { path: "/check".to_owned(), ..ask.shell(None) };
    match service.report_check(&code, report, &address).await {
        Ok(lines) => {
            let lines = Some(ready_lines(ask.locale, &lines, "UTC"));
            page(&ComputerPage { shell, code, name, lines, problem: None })
        }
        Err(error) if error.code.status() < 500 => {
            let problem = Some(said(ask.locale, &error));
            Ok(page_again(&ComputerPage { shell, code, name: String::new(), lines: None, problem }, &error))
        }
        Err(error) => Err(error),
    }
}

fn told(ask: &Ask, lines: &[Line]) -> serde_json::Value {
    let line = |line: &Line| {
        let (says, fix) = ready_words(ask.locale, line, "UTC");
        json!({ "check": line.check, "state": line.state.as_str(), "says": says, "do": fix })
    };
    json!({ "ready": is_ready(lines), "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

/// A browser without scripts cannot give itself a name: what people call it has to do, so that a second try replaces the first.
fn plain_name(name: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    name.trim().to_lowercase().hash(&mut hasher);
    format!("form-{:016x}", hasher.finish())
}
