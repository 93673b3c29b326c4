//! The student's pages: the door, and one page a room that finds its state at each load. Reading never joins.

use poem::Response;

use super::answer::{page, page_again, redirect, said, with_cookie};
use super::ask::{Ask, Visitor};
use super::cookies;
use crate::domain::access::Actor;
use crate::domain::clock::{Clock, Phase, Timing};
use crate::domain::ids::RoomId;
use crate::error::{Code, Error, Result};
use crate::service::pages::Place;
use crate::service::sessions::SIT_COOKIE;
use crate::service::sitting::{Desk, Handed};
use crate::view::student::{ClockView, EndedView, HomePage, PaperView, Person, SitPage, SitState, Sitting};
use crate::view::{live, paper};

/// `GET /`.
pub(super) async fn home(ask: Ask) -> Result<Response> {
    page(&HomePage { shell: ask.shell(None), code: String::new(), problem: None })
}

/// `POST /enter`: a code for a session. There is none before, so the form has no token; the origin is asked.
pub(super) async fn enter(ask: Ask) -> Result<Response> {
    ask.check_origin()?;
    let form = ask.form()?;
    let code = form.text("code");
    match ask.web.service.enter(code, &ask.address()).await {
        Ok((opened, candidate)) => {
            let to = redirect(&format!("/sit/{}", candidate.room_id));
            Ok(with_cookie(to, &cookies::keep(SIT_COOKIE, &opened.secret, ask.secure)))
        }
        Err(error) if error.code.status() < 500 => {
            let shell = crate::view::Shell { path: "/".to_owned(), ..ask.shell(None) };
            let home = HomePage { shell, code: code.chars().take(40).collect(), problem: Some(said(ask.locale, &error)) };
            Ok(page_again(&home, &error))
        }
        Err(error) => Err(error),
    }
}

/// `POST /sit/{room}/leave`: "this is not me" and "finish". The session ends, and the browser forgets what it holds.
pub(super) async fn leave(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    ask.web.service.logout(&visitor.actor).await?;
    let mut home = with_cookie(redirect("/"), &cookies::forget(SIT_COOKIE, ask.secure));
    // Not the storage: another student's answers may wait there to be sent. What stays is encrypted, or removed by the page's script.
    let clear = poem::http::HeaderValue::from_static("\"cache\"");
    home.headers_mut().insert("clear-site-data", clear);
    Ok(home)
}

/// `GET /sit/{room}`.
pub(super) async fn sit(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    show(&ask, &visitor, None).await
}

/// The page in the state that the store says; with what went wrong at a join.
pub(super) async fn show(ask: &Ask, visitor: &Visitor, error: Option<&Error>) -> Result<Response> {
    let service = &ask.web.service;
    let desk = service.desk(&visitor.actor).await?;
    let room = service.clock_of(&desk.room).await?;
    let now = ask.read_ms;
    let clock = room.clock(&desk.candidate.id, &desk.candidate.facts(), now);
    let state = state(ask, &visitor.actor, &desk, clock.phase).await?;
    let sit = SitPage {
        shell: crate::view::Shell { path: format!("/sit/{}", desk.room.id), ..ask.shell(Some(&visitor.secret)) },
        person: person(&desk),
        sitting: Sitting {
            outbox_key: service.secret.outbox_key(desk.candidate.id.as_str()),
            ..sitting(&desk, &clock, &service.house.retention)
        },
        state,
        clock: clock_view(&clock),
        now_ms: now,
        problem: error.map(|error| said(ask.locale, error)),
    };
    match error {
        Some(error) => Ok(page_again(&sit, error)),
        None => page(&sit),
    }
}

async fn state(ask: &Ask, actor: &Actor, desk: &Desk, phase: Phase) -> Result<SitState> {
    let service = &ask.web.service;
    if let Some(handed) = service.handed(actor).await? {
        return Ok(SitState::Ended(ended_view(&handed)));
    }
    match service.place(actor).await? {
        Place::New => Ok(SitState::Confirm),
        Place::Asking => Ok(SitState::Asking),
        Place::Superseded { at_ms } => Ok(SitState::Superseded { at_ms: Some(at_ms) }),
        Place::Holder if matches!(phase, Phase::Working | Phase::Paused) => match service.get_my_paper(actor).await {
            Ok((version, questions)) => {
                let questions = paper::questions(&questions, &desk.saved());
                Ok(SitState::Paper(PaperView { version, questions }))
            }
            Err(error) if error.code == Code::NotRunning => Ok(SitState::Waiting),
            Err(error) => Err(error),
        },
        Place::Holder => Ok(SitState::Waiting),
    }
}

fn ended_view(handed: &Handed) -> EndedView {
    EndedView {
        by: live::ended_by(handed.ended.by),
        at_ms: handed.ended.at_ms,
        answered: live::count(handed.answered),
        total: live::count(handed.questions),
        receipt: handed.receipt_short.clone(),
    }
}

fn person(desk: &Desk) -> Person {
    let c = &desk.candidate;
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    Person { name: c.name.clone(), number: own(&c.student_id), class: own(&c.class), seat: own(&c.seat) }
}

fn sitting(desk: &Desk, clock: &Clock, kept: &str) -> Sitting {
    let room = &desk.room;
    // The terms of somebody who has not begun sum to what they may work; later they say the same, with the pauses in it.
    let allowance_ms = clock.explain.iter().fold(0, |sum: i64, term| sum.saturating_add(term.ms));
    Sitting {
        room: room.id.to_string(),
        candidate: desk.candidate.id.to_string(),
        title: room.title.clone(),
        instructions: room.instructions.clone(),
        location: room.location.clone(),
        starts_ms: clock.starts_ms,
        allowance_ms,
        zone: room.zone.clone(),
        with_room: room.terms().timing == Timing::WithRoom,
        kept: kept.to_owned(),
        outbox_key: String::new(),
    }
}

fn clock_view(clock: &Clock) -> ClockView {
    let begun = matches!(clock.phase, Phase::Working | Phase::Paused);
    ClockView {
        rev: clock.rev,
        deadline_ms: clock.deadline_ms.filter(|_| clock.phase == Phase::Working),
        left_ms: clock.remaining_ms.filter(|_| begun),
        paused: clock.phase == Phase::Paused,
        terms: live::terms(&clock.explain),
    }
}

/// Where a join by form leads.
pub(super) fn sit_path(room: &RoomId) -> String {
    format!("/sit/{room}")
}
