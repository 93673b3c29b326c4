//! Who works in a room and who is in charge of it; and the projector's page, on which no candidate is named.

use std::str::FromStr;

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use super::form::Form;
use super::room::picture;
use crate::domain::access::{Right, Rights};
use crate::domain::clock::{RoomPhase, Timing};
use crate::domain::ids::UserId;
use crate::error::{Code, Error, Result};
use crate::locale;
use crate::service::board::Board;
use crate::service::handover::decides;
use crate::store::rooms::{ChargeRow, RoomRow};
use crate::view::colleagues::{BoardFragment, BoardPage, BoardView, ChargeFragment, ChargeView, ColleagueView, StaffPage, Typed};
use crate::view::live;

/// `GET /staff/rooms/{room}/staff`.
pub(super) async fn staff(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    page(&view(&ask, member, None).await?)
}

/// `POST /staff/rooms/{room}/staff`: `do` is `add`, `save`, `remove`, `offer`, `accept`, `decline` or `withdraw`.
pub(super) async fn change(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    match act(&ask, &member).await {
        Ok(()) => {
            // What is answered is asked on the live room.
            let page = if ["accept", "decline", "withdraw"].contains(&ask.form()?.text("do")) { "" } else { "/staff" };
            Ok(redirect(&format!("/staff/rooms/{}{page}", ask.room()?)))
        }
        Err(error) if matches!(error.code.status(), 400 | 403 | 409 | 422 | 429) => {
            Ok(page_again(&view(&ask, member, Some(&error)).await?, &error))
        }
        Err(error) => Err(error),
    }
}

async fn act(ask: &Ask, member: &Member) -> Result<()> {
    let (service, room, form, actor) = (&ask.web.service, ask.room()?, ask.form()?, &member.actor);
    let user = || UserId::from_str(form.text("user")).map_err(|_| Error::field("user", "not_found"));
    let wanted = Rights::from_names(form.all("right")).ok_or(Code::BadRequest)?;
    match form.text("do") {
        "add" => service.add_staff(actor, &room, form.text("login"), wanted).await.map(drop),
        "save" => {
            let (user, own) = (user()?, service.get_room(actor, &room).await?.rights);
            let staff = service.get_staff(actor, &room).await?;
            let before = staff.iter().find(|one| one.user == user).ok_or(Code::NotFound)?.rights;
            // A box that cannot be pressed is not sent: such a right stays as it is.
            service.put_staff(actor, &room, &user, wanted.and(own).or(before.without(own))).await
        }
        "remove" => service.delete_staff(actor, &room, &user()?).await,
        "offer" => service.offer_handover(actor, &room, &user()?, form.text("words")).await.map(drop),
        "accept" => service.accept_handover(actor, &room).await.map(drop),
        "decline" | "withdraw" => service.withdraw_handover(actor, &room).await,
        _ => Err(Code::BadRequest.into()),
    }
}

/// What is in a form that was not taken.
fn typed(form: &Form) -> Typed {
    let text = |name| form.text(name).to_owned();
    match form.text("do") {
        "add" => Typed { login: text("login"), rights: Rights::from_names(form.all("right")), ..Typed::default() },
        "offer" => Typed { to: text("user"), words: text("words"), ..Typed::default() },
        _ => Typed::default(),
    }
}

async fn view(ask: &Ask, member: Member, error: Option<&Error>) -> Result<StaffPage> {
    let (service, room) = (&ask.web.service, ask.room()?);
    let seen = service.get_room(&member.actor, &room).await?;
    let staff = service.get_staff(&member.actor, &room).await?;
    let row = service.get_handover(&member.actor, &room).await?;
    let owner = (row.owner.to_string(), row.owner_name.clone());
    let charge = charge_view(&member, &seen.room, seen.rights, row);
    let me = member.actor.user().cloned();
    let can_hold = |rights: Rights, user: &UserId| rights.has(Right::Control) && user.as_str() != charge.holder;
    let mut takers: Vec<_> =
        staff.iter().filter(|one| can_hold(one.rights, &one.user)).map(|one| (one.user.to_string(), one.name.clone())).collect();
    takers.extend(Some(owner.clone()).filter(|(id, _)| *id != charge.holder));
    let colleagues = staff.into_iter().map(|one| ColleagueView {
        own: me.as_ref() == Some(&one.user),
        user: one.user.to_string(),
        name: one.name,
        login: one.login,
        rights: one.rights,
    });
    Ok(StaffPage {
        rights: seen.rights.names().join(" "),
        own: seen.rights,
        room: live::room_info(&service.get_clock(&member.actor, &room).await?),
        owner: owner.1,
        colleagues: colleagues.collect(),
        typed: if error.is_some() { typed(&ask.form()?) } else { Typed::default() },
        problem: error.map(|error| said(ask.locale, error)),
        takers,
        charge,
        shell: member.shell,
    })
}

/// Who is in charge, for this reader: the buttons are theirs.
pub(super) fn charge_view(member: &Member, room: &RoomRow, rights: Rights, row: ChargeRow) -> ChargeView {
    let time = |at| locale::minute_of_day(at, &room.zone);
    let mine = |user: &UserId| member.actor.user() == Some(user);
    let controls = rights.has(Right::Control);
    let (taken, asked) = (row.charge_ms.is_some(), row.offered_to.is_some());
    ChargeView {
        room: room.id.to_string(),
        rights: rights.names().join(" "),
        decides: controls && decides(&member.actor, room, &row.holder),
        asked: controls && row.offered_to.as_ref().is_some_and(mine),
        mine: mine(&row.holder),
        holder: row.holder.to_string(),
        holder_name: row.holder_name,
        since: row.charge_ms.map(time),
        before: row.offered_by_name.clone().filter(|_| taken && !asked),
        offer: row
            .offered_to_name
            .zip(row.offered_by_name)
            .map(|(to, by)| (to, by, row.offered_ms.map(time).unwrap_or_default())),
        words: row.offered_words.filter(|words| !words.is_empty() && (asked || taken)),
    }
}

/// `GET /staff/rooms/{room}/charge`: the part of the live room that says who is in charge, and what the reader may do there now.
pub(super) async fn charge(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, room) = (&ask.web.service, ask.room()?);
    let seen = service.get_room(&member.actor, &room).await?;
    let row = service.get_handover(&member.actor, &room).await?;
    let view = charge_view(&member, &seen.room, seen.rights, row);
    page(&ChargeFragment { locale: ask.locale, csrf: &member.shell.csrf, charge: &view })
}

/// `GET /staff/rooms/{room}/board`.
pub(super) async fn board(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let board = ask.web.service.get_board(&member.actor, &ask.room()?).await?;
    let view = board_view(&ask, &board);
    if ask.is_fragment() {
        return page(&BoardFragment { locale: ask.locale, board: &view });
    }
    page(&BoardPage { shell: member.shell, board: view })
}

fn board_view(ask: &Ask, board: &Board) -> BoardView {
    let (clock, now) = (&*board.clock, board.now_ms);
    let phase = clock.phase(now);
    let time = |at| locale::time_of_day_short(at, &clock.zone);
    let minute = |at| locale::minute_of_day(at, &clock.zone);
    // Where time begins on entry a room that runs has no clock of its own.
    let own = (clock.terms.timing == Timing::WithRoom).then(|| clock.plain_clock(now));
    let starts = clock.ledger.started_ms().or(clock.scheduled_ms);
    let sentence = match (phase, own.as_ref().and_then(|own| own.deadline_ms), starts) {
        (RoomPhase::Scheduled | RoomPhase::Open, _, Some(at)) => ask.locale.t1("head-starts", "time", time(at)),
        (RoomPhase::Scheduled | RoomPhase::Open, _, None) => ask.locale.t("head-starts-by-hand"),
        (RoomPhase::Running, Some(at), _) => ask.locale.t1("head-ends", "time", time(at)),
        (RoomPhase::Running, None, _) => ask.locale.t("board-own-time"),
        (RoomPhase::Paused, ..) => ask.locale.t("head-paused"),
        (RoomPhase::Ended, ..) => ask.locale.t("head-ended-plain"),
    };
    let counts = matches!(phase, RoomPhase::Running | RoomPhase::Paused);
    let address = ask.web.settings.public_url.trim_end_matches('/');
    BoardView {
        room: live::room_info(clock),
        sentence,
        left_ms: own.and_then(|own| own.remaining_ms).filter(|_| counts),
        now: minute(now),
        runs: phase == RoomPhase::Running,
        enter: (phase != RoomPhase::Ended).then(|| {
            let typed = address.split_once("://").map_or(address, |(_, rest)| rest);
            (typed.to_owned(), picture(address))
        }),
        announcements: board.announcements.iter().map(|letter| (minute(letter.sent_ms), letter.text.clone())).collect(),
    }
}
