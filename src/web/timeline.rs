//! The timeline for staff: searched, written out, checked against its seals, replayed.

use std::str::FromStr;
use std::sync::Arc;

use poem::http::header;
use poem::{Body, Response};
use url::form_urlencoded;

use super::answer::page;
use super::ask::{Ask, Member, escaped};
use super::room::{natural, people};
use crate::auth::seals::Finding;
use crate::domain::Ms;
use crate::domain::event::{Event, Group};
use crate::domain::ids::{CandidateId, RoomId, UserId};
use crate::error::{Code, Error, Result};
use crate::locale::{self, Locale};
use crate::service::timeline::{Context, Words};
use crate::service::timeline_file::Format;
use crate::store::timeline::TimelineFilter;
use crate::view::live;
use crate::view::timeline::{Checked, ReplayPage, SealView, Then, ThenFragment, TimelinePage, TimelineRow, Wanted};

/// Entries on one page.
const ENTRIES: i64 = 100;
/// Characters of a search.
const Q: usize = 200;

/// What happened, in the reader's words.
pub(super) fn words(locale: Locale) -> Words {
    Arc::new(move |context, event| live::happened(locale, &context.clock, &context.names, event))
}

fn wanted(ask: &Ask) -> Wanted {
    let text = |name: &str| ask.query(name).unwrap_or_default().chars().take(Q).collect::<String>();
    Wanted {
        group: text("group"),
        candidate: text("candidate"),
        by: text("by"),
        from: text("from"),
        to: text("to"),
        q: text("q"),
    }
}

/// A filter from the form. The minute that is named last is part of it.
fn filter(wanted: &Wanted, zone: &str) -> Result<TimelineFilter> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let id = |text: String| CandidateId::from_str(&text).map_err(|_| Error::field("candidate", "not_an_id"));
    let user = |text: String| UserId::from_str(&text).map_err(|_| Error::field("by", "not_an_id"));
    let group = |text: String| Group::parse(&text).ok_or_else(|| Error::field("group", "malformed"));
    let at = |name: &'static str, text: &str, plus: Ms| -> Result<Option<Ms>> {
        let read = |text: String| locale::instant(&text, zone).ok_or_else(|| Error::field(name, "malformed"));
        Ok(given(text).map(read).transpose()?.map(|at| at.saturating_add(plus)))
    };
    Ok(TimelineFilter {
        candidate: given(&wanted.candidate).map(id).transpose()?,
        by: given(&wanted.by).map(user).transpose()?,
        group: given(&wanted.group).map(group).transpose()?,
        from_ms: at("from", &wanted.from, 0)?,
        to_ms: at("to", &wanted.to, 60_000)?,
        ..TimelineFilter::default()
    })
}

/// The same wishes as an address's query.
fn query(wanted: &Wanted) -> String {
    let Wanted { group, candidate, by, from, to, q } = wanted;
    let all = [("group", group), ("candidate", candidate), ("by", by), ("from", from), ("to", to), ("q", q)];
    form_urlencoded::Serializer::new(String::new()).extend_pairs(all.into_iter().filter(|(_, text)| !text.is_empty())).finish()
}

/// An entry as pages show it.
pub(super) fn row(locale: Locale, context: &Context, event: &Event) -> TimelineRow {
    let who = |id: &CandidateId| context.people.get(id).map_or_else(|| id.to_string(), live::who);
    TimelineRow {
        at_ms: event.at_ms,
        kind: event.body.name().to_owned(),
        text: live::happened(locale, &context.clock, &context.names, event),
        who: event.candidate.as_ref().map(who).unwrap_or_default(),
        by: event.by.as_ref().and_then(|user| context.names.get(user)).cloned().unwrap_or_default(),
    }
}

/// `GET /staff/rooms/{room}/timeline`.
pub(super) async fn timeline(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id, wanted) = (&ask.web.service, ask.room()?, wanted(&ask));
    let view = service.get_room(&member.actor, &id).await?;
    let mut filter = filter(&wanted, &view.room.zone)?;
    filter.newest_first = true;
    filter.limit = ENTRIES;
    ask.query("before").unwrap_or_default().clone_into(&mut filter.after);
    let (context, found) = service.search_timeline(&member.actor, &id, &filter, &wanted.q, &words(ask.locale)).await?;
    let file = query(&wanted);
    let older = found.next.map(|next| format!("/staff/rooms/{id}/timeline?{file}&before={}", escaped(&next)));
    let mut people: Vec<_> =
        context.people.iter().map(|(id, person)| (natural(person.seat.as_deref().unwrap_or_default()), id, person)).collect();
    people.sort_by(|(a, _, one), (b, _, other)| (a, &one.name).cmp(&(b, &other.name)));
    page(&TimelinePage {
        room: live::room_info(&context.clock),
        rights: view.rights.names().join(" "),
        groups: Group::ALL
            .iter()
            .map(|group| (group.as_str().to_owned(), ask.locale.t(&format!("group-{}", group.as_str()))))
            .collect(),
        people: people.into_iter().map(|(_, id, person)| (id.to_string(), live::who(person))).collect(),
        actors: context.names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
        rows: found.events.iter().map(|event| row(ask.locale, &context, event)).collect(),
        seal: seal(&ask, &member, &id, ask.query("check").is_some()).await?,
        shell: member.shell,
        wanted,
        older,
        file,
    })
}

/// How far a timeline is sealed; with `check` held against its seals.
pub(super) async fn seal(ask: &Ask, member: &Member, id: &RoomId, check: bool) -> Result<SealView> {
    let service = &ask.web.service;
    let mark = service.timeline_mark(&member.actor, id).await?.map(|mark| (mark.to_string(), mark.sealed_ms));
    if !check {
        return Ok(SealView { mark, checked: None });
    }
    let report = service.verify_timeline(&member.actor, id, Vec::new()).await?;
    let faults = report.findings.iter().map(|finding| fault(ask.locale, finding)).collect();
    Ok(SealView { mark, checked: Some(Checked { entries: report.entries, erased: report.erased_count, faults }) })
}

fn fault(locale: Locale, finding: &Finding) -> String {
    match finding {
        Finding::Altered { place, .. } => locale.t1("seal-altered", "n", *place),
        Finding::Deleted { from, to } => locale.t2("seal-deleted", "from", *from, "to", *to),
        Finding::Inserted { id, .. } => locale.t1("seal-inserted", "id", id.clone()),
        Finding::Reordered { seal } => locale.t1("seal-reordered", "n", *seal),
        Finding::SealDeleted { seal } => locale.t1("seal-gone", "n", *seal),
        Finding::Truncated { seal, .. } => locale.t1("seal-truncated", "n", *seal),
        Finding::Remade { seal, .. } => locale.t1("seal-remade", "n", *seal),
    }
}

/// `GET /staff/rooms/{room}/timeline.csv`.
pub(super) async fn csv(ask: Ask) -> Result<Response> {
    file(&ask, Format::Csv, "text/csv; charset=utf-8", "csv").await
}

/// `GET /staff/rooms/{room}/timeline.ndjson`.
pub(super) async fn ndjson(ask: Ask) -> Result<Response> {
    file(&ask, Format::Ndjson, "application/x-ndjson", "ndjson").await
}

async fn file(ask: &Ask, format: Format, kind: &str, ending: &str) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id, wanted) = (&ask.web.service, ask.room()?, wanted(ask));
    let zone = service.get_room(&member.actor, &id).await?.room.zone;
    let filter = filter(&wanted, &zone)?;
    let parts = service.export_timeline(&member.actor, &id, (filter, &wanted.q), words(ask.locale), format).await?;
    Ok(Response::builder()
        .content_type(kind)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"timeline-{id}.{ending}\""))
        .body(Body::from_bytes_stream(parts)))
}

/// `GET /staff/rooms/{room}/replay?at=`: the whole page, or for its script the part that changes.
pub(super) async fn replay(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let view = service.get_room(&member.actor, &id).await?;
    let first = view.room.opened_ms.or(view.room.started_ms).unwrap_or(view.room.created_ms);
    // What is behind the end is mostly long and quiet.
    let last = view.room.ended_ms.map_or(ask.read_ms, |at| at.saturating_add(60_000).min(ask.read_ms)).max(first);
    let at_ms = match ask.query("at") {
        Some(text) => text.parse::<Ms>().map_err(|_| Error::from(Code::NotFound))?.clamp(first, last),
        None => last,
    };
    let table = service.get_status_at(&member.actor, &id, at_ms).await?;
    let then = then(ask.locale, &table, at_ms);
    if ask.is_fragment() {
        return page(&ThenFragment { then: &then });
    }
    page(&ReplayPage { shell: member.shell, room: live::room_info(&table.clock), span: (first, last), then })
}

fn then(locale: Locale, table: &crate::live::Table, at_ms: Ms) -> Then {
    let (clock, status) = (&*table.clock, &table.status);
    let phase = live::room_phase(clock.phase(at_ms));
    let counts = status.counts(clock, at_ms);
    let shown = [
        ("expected", counts.expected),
        ("here", counts.connected),
        ("working", counts.working + counts.paused),
        ("ended", counts.ended),
        ("absent", counts.absent),
        ("trouble", counts.troubled),
    ];
    let mut rows: Vec<_> = status.rows.iter().map(|(id, row)| live::row(locale, clock, id, row, at_ms)).collect();
    rows.sort_by_cached_key(|row| (natural(&row.seat), row.name.clone()));
    let feed: Vec<Event> = table.feed.iter().cloned().collect();
    Then {
        locale,
        zone: clock.zone.clone(),
        at_ms,
        phase: (phase.key(), phase.text(locale)),
        counts: shown.map(|(name, n)| (locale.t(&format!("count-{name}")), n)).to_vec(),
        rows,
        feed: live::feed(locale, clock, (&people(table), &table.status.staff), &feed),
    }
}
