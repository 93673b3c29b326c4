//! One candidate's bundle for an appeal: facts, the deadline with its sum, every answer, the timeline, and how far that is sealed.

use std::str::FromStr;

use poem::Response;

use super::accept::whole;
use super::answer::page;
use super::ask::{Ask, Member};
use super::timeline::{row, seal, words};
use crate::domain::clock::Clock;
use crate::domain::event::{Body, Event, Group};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::paper::Paper;
use crate::error::{Code, Result};
use crate::locale::{self, Locale};
use crate::service::results::Judged;
use crate::service::verify;
use crate::store::candidates::CandidateRow;
use crate::store::timeline::TimelineFilter;
use crate::view::timeline::{BundleAnswer, BundlePage};
use crate::view::{EndedBy, explain, live};

/// Entries that a page holds: of the candidate, and of the room as a whole.
const ENTRIES: i64 = 5_000;

/// `GET /staff/rooms/{room}/candidates/{candidate}/bundle`.
pub(super) async fn bundle(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, room, now_ms) = (&ask.web.service, ask.room()?, ask.read_ms);
    let id = CandidateId::from_str(ask.param("candidate")).map_err(|_| Code::NotFound)?;
    let rights = service.get_room(&member.actor, &room).await?.rights;
    let candidate = service.get_candidate(&member.actor, &room, &id).await?;
    let filter = TimelineFilter { limit: ENTRIES, ..TimelineFilter::default() };
    let own = TimelineFilter { candidate: Some(id.clone()), ..filter.clone() };
    let (context, own) = service.search_timeline(&member.actor, &room, &own, "", &words(ask.locale)).await?;
    let mut events = own.events;
    let mut cut = own.next.is_some();
    // What concerns everybody concerns the candidate.
    for group in [Group::Time, Group::Room] {
        let filter = TimelineFilter { group: Some(group), room_only: true, ..filter.clone() };
        let (_, found) = service.search_timeline(&member.actor, &room, &filter, "", &words(ask.locale)).await?;
        cut |= found.next.is_some();
        events.extend(found.events.into_iter().filter(|event| concerns(event, &id)));
    }
    events.sort_by(|a, b| a.id.cmp(&b.id));
    events.dedup_by(|a, b| a.id == b.id);
    let clock = context.clock.clock(&id, &candidate.facts(), now_ms);
    let judged = answers(&ask, &member, &room, &candidate).await?;
    page(&BundlePage {
        room: live::room_info(&context.clock),
        rights: rights.names().join(" "),
        who: live::who(&candidate.person()),
        facts: facts(ask.locale, &candidate, &clock, &context.clock.zone),
        why: if clock.begun_ms.is_some() { explain(ask.locale, &clock.explain) } else { String::new() },
        receipt: judged.as_ref().map(|(_, receipt)| receipt.clone()).unwrap_or_default(),
        answers: judged.map(|(answers, _)| answers),
        rows: events.iter().map(|event| row(ask.locale, &context, event)).collect(),
        cut,
        file: format!("candidate={id}"),
        seal: seal(&ask, &member, &room, true).await?,
        shell: member.shell,
        now_ms,
    })
}

/// What was done to others is none of this candidate's.
fn concerns(event: &Event, id: &CandidateId) -> bool {
    !matches!(&event.body, Body::ClockChanged { candidates: Some(chosen), .. } if !chosen.contains(id))
}

/// Every answer with the receipt over all of them, if the reader may see answers.
async fn answers(
    ask: &Ask,
    member: &Member,
    room: &RoomId,
    candidate: &CandidateRow,
) -> Result<Option<(Vec<BundleAnswer>, String)>> {
    let service = &ask.web.service;
    let judged = match service.get_answers(&member.actor, room, &candidate.id).await {
        Err(error) if error.code == Code::Forbidden => return Ok(None),
        judged => judged?,
    };
    let paper = service.get_results(&member.actor, room).await?.paper;
    let rows: Vec<_> = judged.iter().map(|judged| judged.answer.clone()).collect();
    let mut shown: Vec<BundleAnswer> = judged.iter().map(|judged| answer(ask.locale, &paper, judged)).collect();
    shown.sort_by_key(|answer| answer.at_ms);
    Ok(Some((shown, verify::receipt_of(&rows))))
}

fn answer(locale: Locale, paper: &Paper, judged: &Judged) -> BundleAnswer {
    let row = &judged.answer;
    let why = judged.verdict.why.map(|why| locale.t(&format!("js-why-{}", why.as_str())));
    let counts = locale.t(if judged.verdict.counts { "bundle-counts-yes" } else { "bundle-counts-no" });
    BundleAnswer {
        question: paper.questions.iter().position(|question| question.id == row.question_id).map_or(0, |index| index + 1),
        key: format!("{}/{}", row.pen, row.seq),
        value: whole(&row.value),
        at_ms: row.received_ms,
        standing: why.map_or_else(|| counts.clone(), |why| locale.t2("bundle-standing", "counts", counts.clone(), "why", why)),
        out: !judged.verdict.counts,
    }
}

fn facts(locale: Locale, candidate: &CandidateRow, clock: &Clock, zone: &str) -> Vec<(String, String)> {
    let at = |ms: i64| locale::day_and_seconds(locale, ms, zone);
    let ended = clock.ended.map(|ended| {
        let by: EndedBy = live::ended_by(ended.by);
        locale.t2("bundle-ended", "time", at(ended.at_ms), "how", by.text(locale))
    });
    let all = [
        ("bundle-number", candidate.student_id.clone()),
        ("bundle-class", candidate.class.clone()),
        ("seat", candidate.seat.clone()),
        ("state", Some(live::candidate_phase(clock.phase).text(locale))),
        ("bundle-joined", candidate.joined_ms.map(at)),
        ("bundle-begun", clock.begun_ms.map(at)),
        ("bundle-deadline", clock.deadline_ms.map(at)),
        ("bundle-end", ended),
    ];
    all.into_iter().filter_map(|(term, what)| Some((locale.t(term), what?))).collect()
}
