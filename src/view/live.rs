//! From the live table of a room to what its page shows. The page and the watcher's frames are made by the same functions, so
//! a row looks the same whether it was loaded or pushed.

mod happened;

use std::collections::BTreeMap;

use askama::Template;

use super::{
    Attention, CandidatePhase, Delivery, EndedBy, Presence, RoomPhase, Term,
    room::{Counts, DeliverySummary, FeedFragment, FeedItem, HeadFragment, HeadView, RoomInfo, RowFragment, RowView},
};
use crate::{
    domain::{
        Ms, clock as time,
        clock::{Clock, Facts, Kind, Phase, Targets, TermKind, Timing},
        event::{self, Event},
        ids::{CandidateId, Id, UserId},
        status::{self, Person, Reach, RoomClock, Row, troubles},
    },
    limits,
    locale::{self, Locale},
};

pub use happened::{happened, noise, what_changed};

/// Names of accounts.
pub type Staff = BTreeMap<UserId, String>;
/// Of whom events speak: candidates and accounts.
pub type Who<'a> = (&'a BTreeMap<CandidateId, Person>, &'a Staff);

/// "07 Zhang Wei".
pub fn who(person: &Person) -> String {
    match person.seat.as_deref().filter(|seat| !seat.is_empty()) {
        Some(seat) => format!("{seat} {}", person.name),
        None => person.name.clone(),
    }
}

/// The room as its pages name it.
pub fn room_info(clock: &RoomClock) -> RoomInfo {
    RoomInfo {
        id: clock.room.to_string(),
        title: clock.title.clone(),
        location: clock.location.clone(),
        zone: clock.zone.clone(),
    }
}

/// The room's phase.
pub fn room_phase(phase: time::RoomPhase) -> RoomPhase {
    match phase {
        time::RoomPhase::Scheduled => RoomPhase::Scheduled,
        time::RoomPhase::Open => RoomPhase::Open,
        time::RoomPhase::Running => RoomPhase::Running,
        time::RoomPhase::Paused => RoomPhase::Paused,
        time::RoomPhase::Ended => RoomPhase::Ended,
    }
}

/// Who ended a candidate's work.
pub fn ended_by(by: time::EndedBy) -> EndedBy {
    match by {
        time::EndedBy::Candidate => EndedBy::Candidate,
        time::EndedBy::Deadline => EndedBy::Deadline,
        time::EndedBy::Invigilator => EndedBy::Invigilator,
    }
}

/// A candidate's phase.
pub fn candidate_phase(phase: Phase) -> CandidatePhase {
    match phase {
        Phase::Expected => CandidatePhase::Expected,
        Phase::Waiting => CandidatePhase::Waiting,
        Phase::Working => CandidatePhase::Working,
        Phase::Paused => CandidatePhase::Paused,
        Phase::Ended => CandidatePhase::Ended,
    }
}

fn presence(presence: event::Presence) -> Presence {
    match presence {
        event::Presence::Never => Presence::Never,
        event::Presence::Connected => Presence::Connected,
        event::Presence::Slow => Presence::Slow,
        event::Presence::Unsteady => Presence::Unsteady,
        event::Presence::Lost => Presence::Lost,
    }
}

/// The terms of a deadline; the page puts them into words.
pub fn terms(terms: &[time::Term]) -> Vec<Term> {
    terms.to_vec()
}

/// One candidate of the live table.
pub fn row(_: Locale, clock: &RoomClock, id: &CandidateId, row: &Row, now: Ms) -> RowView {
    let own = clock.clock(id, &row.facts, now);
    let runs = matches!(own.phase, Phase::Working | Phase::Paused);
    let person = &row.person;
    RowView {
        candidate: id.to_string(),
        room: clock.room.to_string(),
        seat: person.seat.clone().unwrap_or_default(),
        name: person.name.clone(),
        number: person.student_id.clone().unwrap_or_default(),
        phase: candidate_phase(own.phase),
        ended_by: own.ended.map(|ended| ended_by(ended.by)),
        ended_ms: own.ended.map(|ended| ended.at_ms),
        presence: presence(row.presence.0),
        heard_ms: (row.presence.0 != event::Presence::Never).then_some(row.presence.1),
        attention: if row.attention.0 == event::Attention::Away { Attention::Away } else { Attention::Here },
        attention_since_ms: (row.attention.1 > 0).then_some(row.attention.1),
        // While time stands still the end is not shown as running: the page counts down to it.
        deadline_ms: own.deadline_ms.filter(|_| own.phase == Phase::Working),
        left_ms: own.remaining_ms.filter(|_| runs),
        terms: terms(&own.explain),
        answered: count(row.answered()),
        total: count(clock.questions),
        saved_ms: row.last_saved_ms,
        extra_ms: extra(clock, &own),
        delivery: delivery(clock, id, row),
        incidents: count(row.incidents),
        said: row.attended.said,
        identified: row.attended.identified.is_some(),
        trouble: troubles(clock, &own, row, now),
    }
}

/// Numbers of people and questions fit; a wrong one is shown as a great one.
pub fn count(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// What was given to this candidate and not to the whole room.
fn extra(clock: &RoomClock, own: &Clock) -> Ms {
    let personal = |term: &&time::Term| match (term.kind, term.rev) {
        (TermKind::Base | TermKind::Window, _) => false,
        (_, None) => true,
        (_, Some(rev)) => clock.ledger.change(rev).is_some_and(|change| change.targets != Targets::Room),
    };
    own.explain.iter().filter(personal).fold(0, |sum, term| sum.saturating_add(term.ms))
}

fn delivery(clock: &RoomClock, id: &CandidateId, row: &Row) -> Delivery {
    match row.newest_reach(clock, id) {
        None => Delivery::None,
        Some(Reach::Queued) => Delivery::Queued,
        Some(Reach::Delivered) => Delivery::Delivered,
        Some(Reach::Seen) => Delivery::Seen,
    }
}

/// The clock of somebody without time of their own; where time begins on entry a room has no such clock once it runs.
fn plain_clock(clock: &RoomClock, now: Ms) -> Clock {
    let started = clock.ledger.started_ms().filter(|_| clock.terms.timing == Timing::WithRoom);
    let facts = Facts { joined_ms: started, begun_ms: started, ..Facts::default() };
    // Names nobody: no change but the room's own can be for it.
    clock.clock(&CandidateId::trusted(String::new()), &facts, now)
}

/// The head of the live room.
pub fn head(
    locale: Locale,
    clock: &RoomClock,
    counts: &status::Counts,
    deliveries: &[status::Delivery],
    people: &BTreeMap<CandidateId, Person>,
    now: Ms,
) -> HeadView {
    let phase = clock.phase(now);
    let plain = plain_clock(clock, now);
    let counting = matches!(phase, time::RoomPhase::Running | time::RoomPhase::Paused) && plain.begun_ms.is_some();
    let deadline_ms = plain.deadline_ms.filter(|_| phase == time::RoomPhase::Running);
    HeadView {
        room: room_info(clock),
        phase: room_phase(phase),
        rev: clock.rev,
        starts_ms: plain.starts_ms,
        deadline_ms,
        left_ms: plain.remaining_ms.filter(|_| counting),
        last_ms: counts
            .last_deadline_ms
            .filter(|last| phase == time::RoomPhase::Running && deadline_ms.is_none_or(|at| *last > at)),
        ended_ms: clock.ended_ms,
        terms: terms(&plain.explain),
        counts: Counts {
            expected: count(counts.expected),
            here: count(counts.connected),
            working: count(counts.working + counts.paused),
            ended: count(counts.ended),
            absent: count(counts.absent),
            trouble: count(counts.troubled),
        },
        deliveries: deliveries.iter().filter(|d| d.total > 0).filter_map(|d| summary(locale, clock, d, people)).collect(),
    }
}

fn summary(
    locale: Locale,
    clock: &RoomClock,
    delivery: &status::Delivery,
    people: &BTreeMap<CandidateId, Person>,
) -> Option<DeliverySummary> {
    let change = clock.ledger.change(delivery.rev)?;
    let named = delivery.missing.iter().take(limits::NAMED_MISSING);
    Some(DeliverySummary {
        rev: delivery.rev,
        what: what_changed(locale, change),
        total: count(delivery.total),
        delivered: count(delivery.delivered),
        seen: count(delivery.seen),
        waiting: delivery.missing.len(),
        missing: named.map(|id| people.get(id).map_or_else(|| id.to_string(), who)).collect(),
        revertible: !clock.ledger.is_reverted(delivery.rev) && !matches!(change.kind, Kind::Revert { .. } | Kind::Reopen { .. }),
    })
}

/// Lines of the feed, newest first; `events` come oldest first. What happens by the hundred is left to the timeline.
pub fn feed(locale: Locale, clock: &RoomClock, names: Who<'_>, events: &[Event]) -> Vec<FeedItem> {
    events.iter().rev().filter(|event| !noise(event)).map(|event| item(locale, clock, names, event)).collect()
}

fn item(locale: Locale, clock: &RoomClock, (people, staff): Who<'_>, event: &Event) -> FeedItem {
    let mut text = happened(locale, clock, staff, event);
    if let Some(id) = &event.candidate {
        text = locale.t2("event-of", "who", people.get(id).map_or_else(|| id.to_string(), who), "what", text);
    }
    if let Some(name) = event.by.as_ref().and_then(|user| staff.get(user)) {
        text = locale.t2(if event.candidate.is_some() { "event-by-of" } else { "event-by" }, "by", name.clone(), "what", text);
    }
    FeedItem { id: event.id.to_string(), kind: event.body.name(), at_ms: event.at_ms, text }
}

/// A fragment that cannot be written (no memory) is empty rather than half.
fn render(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// One row as a fragment.
pub fn row_html(locale: Locale, clock: &RoomClock, id: &CandidateId, of: &Row, now: Ms) -> String {
    let view = row(locale, clock, id, of, now);
    render(&RowFragment { locale, row: &view, zone: &clock.zone, now_ms: now })
}

/// The head as a fragment.
pub fn head_html(
    locale: Locale,
    clock: &RoomClock,
    counts: &status::Counts,
    deliveries: &[status::Delivery],
    people: &BTreeMap<CandidateId, Person>,
    now: Ms,
) -> String {
    let view = head(locale, clock, counts, deliveries, people, now);
    render(&HeadFragment { locale, head: &view, now_ms: now })
}

/// The feed as one fragment, newest first.
pub fn feed_html(locale: Locale, clock: &RoomClock, names: Who<'_>, events: &[Event]) -> String {
    render(&FeedFragment { items: &feed(locale, clock, names, events), zone: &clock.zone })
}

/// One line of the feed; `None` for what the feed leaves out.
pub fn item_html(locale: Locale, clock: &RoomClock, names: Who<'_>, event: &Event) -> Option<String> {
    let items = [item(locale, clock, names, event)];
    (!noise(event)).then(|| render(&FeedFragment { items: &items, zone: &clock.zone }))
}

/// Length with its sign: "+5 min".
fn signed(locale: Locale, ms: Ms) -> String {
    format!("{}{}", if ms > 0 { "+" } else { "" }, locale::words(locale, ms))
}

#[cfg(test)]
mod tests;
