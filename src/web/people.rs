//! Who is here, for staff.

use std::str::FromStr;

use poem::Response;

use super::answer::{page, redirect};
use super::ask::Ask;
use super::room::natural;
use crate::domain::attendance::Said;
use crate::domain::ids::CandidateId;
use crate::error::{Code, Result};
use crate::locale;
use crate::view::live;
use crate::view::people::{AttendanceFragment, AttendancePage, AttendeeView};

/// `GET /staff/rooms/{room}/attendance`: the page, or for its script the list.
pub(super) async fn attendance(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, room) = (&ask.web.service, ask.room()?);
    let found = service.get_attendance(&member.actor, &room).await?;
    let clock = service.get_clock(&member.actor, &room).await?;
    let time = |at| locale::minute_of_day(at, &clock.zone);
    let mut rows: Vec<AttendeeView> = found
        .into_iter()
        .map(|(row, state)| AttendeeView {
            said: row.said().is_some(),
            candidate: row.id.to_string(),
            seat: row.seat.unwrap_or_default(),
            name: row.name,
            number: row.student_id.unwrap_or_default(),
            state: state.as_str(),
            identified: row.identity_ms.zip(row.identifier).map(|(at, name)| (name, time(at))),
        })
        .collect();
    rows.sort_by_cached_key(|row| (natural(&row.seat), row.name.clone()));
    if ask.is_fragment() {
        return page(&AttendanceFragment { locale: ask.locale, rows: &rows });
    }
    let rights = service.get_room(&member.actor, &room).await?.rights.names().join(" ");
    page(&AttendancePage { shell: member.shell, rights, room: live::room_info(&clock), rows })
}

/// `POST /staff/rooms/{room}/attendance`: one of `here`, `missing`, `clear`, `confirm`, `unconfirm`, with the candidate's id.
pub(super) async fn attend(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room, service) = (ask.form()?, ask.room()?, &ask.web.service);
    let wishes = ["here", "missing", "clear", "confirm", "unconfirm"];
    let (wish, id) = wishes.into_iter().find_map(|wish| Some((wish, form.get(wish)?))).ok_or(Code::BadRequest)?;
    let candidate = CandidateId::from_str(id).map_err(|_| Code::NotFound)?;
    let actor = &member.actor;
    match wish {
        "here" => service.put_attendance(actor, &room, &candidate, Said::Here).await?,
        "missing" => service.put_attendance(actor, &room, &candidate, Said::Missing).await?,
        "clear" => service.delete_attendance(actor, &room, &candidate).await?,
        "confirm" => service.confirm_identity(actor, &room, &candidate).await?,
        _ => service.withdraw_identity(actor, &room, &candidate).await?,
    }
    Ok(redirect(&format!("/staff/rooms/{room}/attendance")))
}
