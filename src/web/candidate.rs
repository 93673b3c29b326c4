//! One candidate for staff: the page on which an emergency file is brought.

use std::str::FromStr;

use poem::Response;

use super::answer::{page, page_again, said};
use super::ask::{Ask, Member};
use crate::domain::ids::CandidateId;
use crate::error::{Code, Result};
use crate::locale::{Locale, error_words};
use crate::service::answer_file::{AnswerFile, Brought};
use crate::service::sitting::Recorded;
use crate::view::candidate::{BroughtRow, CandidatePage};
use crate::view::live;
use crate::view::rules::RuleOff;

/// `GET /staff/rooms/{room}/candidates/{candidate}`.
pub(super) async fn candidate(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    page(&view(&ask, member).await?)
}

/// `POST /staff/rooms/{room}/candidates/{candidate}/answers/file`: shows what became of each answer. Sent again it shows the same.
pub(super) async fn upload(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (room, id) = (ask.room()?, id(&ask)?);
    let actor = member.actor.clone();
    let form = ask.form()?;
    let service = &ask.web.service;
    let outcome = match serde_json::from_str::<AnswerFile>(form.text("file").trim_start_matches('\u{feff}')) {
        Ok(file) => service.upload_answers(&actor, &room, &id, file, ask.read_ms).await,
        Err(_) => Err(Code::FileUnreadable.into()),
    };
    match outcome {
        Ok(brought) => {
            let rows = brought.into_iter().map(|one| row(ask.locale, one)).collect();
            page(&CandidatePage { brought: Some(rows), ..view(&ask, member).await? })
        }
        Err(error) if error.code.status() == 422 => {
            let problem = Some(said(ask.locale, &error));
            Ok(page_again(&CandidatePage { problem, ..view(&ask, member).await? }, &error))
        }
        Err(error) => Err(error),
    }
}

/// The candidate of the address.
pub(super) fn id(ask: &Ask) -> Result<CandidateId> {
    CandidateId::from_str(ask.param("candidate")).map_err(|_| Code::NotFound.into())
}

async fn view(ask: &Ask, member: Member) -> Result<CandidatePage> {
    let (service, room, id) = (&ask.web.service, ask.room()?, id(ask)?);
    let rights = service.get_room(&member.actor, &room).await?.rights.names().join(" ");
    let row = service.get_candidate(&member.actor, &room, &id).await?;
    let table = service.get_status(&member.actor, &room).await?;
    let off = service.get_exemptions(&member.actor, &room, &id).await?;
    let who = [row.seat.unwrap_or_default(), row.name].join(" ").trim().to_owned();
    Ok(CandidatePage {
        shell: member.shell,
        room: live::room_info(&table.clock),
        candidate: id.to_string(),
        who,
        rights,
        rules: RuleOff::all(&table.status.cases.rules, &off),
        kept: ask.query("kept").is_some(),
        brought: None,
        problem: None,
    })
}

fn row(locale: Locale, one: Brought) -> BroughtRow {
    let (state, text) = match one.recorded {
        Recorded::Saved { verdict, .. } if verdict.counts => ("good", locale.t("file-saved")),
        Recorded::Saved { verdict, .. } => {
            let why = verdict.why.map(|why| locale.t(&format!("js-why-{}", why.as_str()))).unwrap_or_default();
            ("warn", locale.t1("file-uncounted", "why", why))
        }
        Recorded::Refused { error, .. } => ("bad", locale.t1("file-refused", "why", error_words(locale, &error).0)),
        Recorded::Unknown => ("bad", locale.t("file-unknown")),
    };
    BroughtRow { number: one.number, key: format!("{}/{}", one.pen, one.seq), text, state }
}
