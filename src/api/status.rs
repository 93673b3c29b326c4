//! The live table of a room.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::types::{At, at, count, seconds};
use crate::domain::Ms;
use crate::domain::attendance::Said;
use crate::domain::clock::{EndedBy, Phase, RoomPhase};
use crate::domain::event;
use crate::domain::ids::{CandidateId, RoomId, TakeoverId};
use crate::domain::status::{Counts, Row};
use crate::live::Table;

pub(super) struct LiveTable;

/// Whether anything is heard from a device.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Presence {
    Never,
    Connected,
    Slow,
    Unsteady,
    Lost,
}

/// Whether the person looks at the paper.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Attention {
    Here,
    Away,
}

/// A room as this node sees it.
#[derive(Object)]
struct Status {
    /// Trusted time. Not part of the `ETag`.
    now_at: At,
    /// Rev of the room's clock.
    rev: i64,
    /// What the room is doing.
    phase: RoomPhase,
    /// When it starts or started.
    starts_at: Option<At>,
    /// When it was over.
    ended_at: Option<At>,
    /// How many candidates are in each state.
    counts: Tally,
    /// How far the last change of time has come.
    delivery: Option<LastChange>,
    /// One row a candidate.
    rows: Vec<StatusRow>,
}

/// How many candidates are in each state.
#[derive(Object)]
struct Tally {
    /// On the roster.
    expected: i64,
    /// Never came.
    absent: i64,
    /// Came, time not begun.
    waiting: i64,
    /// Working.
    working: i64,
    /// Paused.
    paused: i64,
    /// Ended.
    ended: i64,
    /// Sitting and not heard.
    lost: i64,
    /// Requests to take over that wait.
    takeovers: i64,
    /// Rows that ask for the teacher's eye: lost, absent, quiet for long, unsent, a raised hand, or another device asks.
    troubled: i64,
    /// Hands that are up.
    hands: i64,
    /// What candidates wrote and none of the staff has confirmed.
    unread: i64,
    /// Heard now, or silent for less than it takes to be lost.
    connected: i64,
    /// When the last running clock ends.
    last_deadline_at: Option<At>,
}

/// How far the last change of time has come.
#[derive(Object)]
struct LastChange {
    /// Rev of the change.
    rev: i64,
    /// Whom it touches.
    total: i64,
    /// On whose device it is.
    delivered: i64,
    /// Who has confirmed it.
    seen: i64,
    /// Who does not have it yet.
    missing: Vec<CandidateId>,
}

/// One candidate.
#[derive(Object)]
struct StatusRow {
    /// Who.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// Class.
    class: Option<String>,
    /// The school's number.
    student_id: Option<String>,
    /// What they are doing.
    phase: Phase,
    /// Rev of the last change that touches them.
    rev: i64,
    /// Null before time began and while paused.
    deadline_at: Option<At>,
    /// What is left while paused.
    remaining_seconds: Option<f64>,
    /// When it ended.
    ended_at: Option<At>,
    /// Who ended it.
    ended_by: Option<EndedBy>,
    /// Whether the device is heard.
    presence: Presence,
    /// Since when.
    presence_at: Option<At>,
    /// Whether the person looks at the paper.
    attention: Attention,
    /// Questions with an answer that counts.
    answered: i64,
    /// Answers that are stored and do not count.
    uncounted: i64,
    /// When the last answer was received.
    last_saved_at: Option<At>,
    /// Greatest rev that has reached the device.
    delivered_rev: i64,
    /// Greatest rev that the person has confirmed.
    seen_rev: i64,
    /// Another device asks to continue.
    takeover: Option<TakeoverAsked>,
    /// Since when the hand is up.
    hand_at: Option<At>,
    /// `here` or `missing`, as staff say; null: they say nothing.
    said: Option<Said>,
    /// When one of the staff made sure who it is; null: nobody has.
    identified_at: Option<At>,
}

/// Another device asks to continue.
#[derive(Object)]
pub(super) struct TakeoverAsked {
    /// The request; decide it with `POST …/takeover`.
    pub(super) id: TakeoverId,
    /// When.
    pub(super) asked_at: At,
}

/// The table, or that it is as you have it.
#[derive(ApiResponse)]
#[expect(clippy::large_enum_variant, reason = "made once a request and written at once")]
enum Found {
    /// The table.
    #[oai(status = 200)]
    Table(
        Json<Status>,
        /// Changes with anything but the time.
        #[oai(header = "ETag")]
        String,
    ),
    /// It is as you have it.
    #[oai(status = 304)]
    Same(
        /// As you have it.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Rooms")]
impl LiveTable {
    /// Read the live table.
    ///
    /// Clock, counts and one row a candidate. To follow it, connect to `GET /ws/rooms/{room}`; to poll it, send `If-None-Match`.
    #[oai(path = "/rooms/:room/status", method = "get", operation_id = "get_status")]
    async fn get_status(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// As it was then, instead of now: names and the exam's policies are today's.
        at: Query<Option<At>>,
        /// `ETag` of the table you have.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Reply<Found> {
        let status = match at.0 {
            Some(at) => status(&caller.service.get_status_at(&caller.actor, &room.0, at.0).await?, at.0),
            None => status(&caller.service.get_status(&caller.actor, &room.0).await?, caller.service.now()),
        };
        let tag = tag(&status);
        let same = if_none_match.0.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
        Ok(if same { Found::Same(tag) } else { Found::Table(Json(status), tag) })
    }
}

/// A digest of everything but the time.
fn tag(status: &Status) -> String {
    let mut value = status.to_json().unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("now_at");
    }
    let hash = digest(&SHA256, value.to_string().as_bytes());
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.as_ref().get(..12).unwrap_or_default()))
}

fn status(table: &Table, now: Ms) -> Status {
    let clock = &table.clock;
    let delivery = table.status.delivery(clock).map(|d| LastChange {
        rev: d.rev,
        total: d.total,
        delivered: d.delivered,
        seen: d.seen,
        missing: d.missing,
    });
    Status {
        now_at: At(now),
        rev: clock.rev,
        phase: clock.phase(now),
        starts_at: at(clock.ledger.started_ms().or(clock.scheduled_ms)),
        ended_at: at(clock.ended_ms),
        counts: tally(table.status.counts(clock, now)),
        delivery,
        rows: table.status.rows.iter().map(|(id, row)| line(table, id, row, now)).collect(),
    }
}

fn tally(counts: Counts) -> Tally {
    let Counts { expected, absent, waiting, working, paused, ended, lost, takeovers, troubled, .. } = counts;
    let Counts { hands, unread, connected, last_deadline_ms, .. } = counts;
    Tally {
        expected,
        absent,
        waiting,
        working,
        paused,
        ended,
        lost,
        takeovers,
        troubled,
        hands,
        unread,
        connected,
        last_deadline_at: at(last_deadline_ms),
    }
}

fn line(table: &Table, id: &CandidateId, row: &Row, now: Ms) -> StatusRow {
    let clock = table.clock.clock(id, &row.facts, now);
    // Before time begins it shrinks by itself for latecomers: no state, so not shown here.
    let standing = clock.phase == Phase::Paused;
    StatusRow {
        candidate: id.clone(),
        name: row.person.name.clone(),
        seat: row.person.seat.clone(),
        class: row.person.class.clone(),
        student_id: row.person.student_id.clone(),
        phase: clock.phase,
        rev: clock.rev,
        deadline_at: at(clock.deadline_ms),
        remaining_seconds: clock.remaining_ms.filter(|_| standing).map(seconds),
        ended_at: at(clock.ended.map(|ended| ended.at_ms)),
        ended_by: clock.ended.map(|ended| ended.by),
        presence: presence(row.presence.0),
        presence_at: Some(At(row.presence.1)).filter(|_| row.presence.1 > 0),
        attention: if row.attention.0 == event::Attention::Here { Attention::Here } else { Attention::Away },
        answered: row.answered(),
        uncounted: count(row.uncounted.len()),
        last_saved_at: at(row.last_saved_ms),
        delivered_rev: row.delivered_rev,
        seen_rev: row.seen_rev,
        takeover: row.takeover.as_ref().map(|asked| TakeoverAsked { id: asked.id.clone(), asked_at: At(asked.at_ms) }),
        hand_at: at(row.hand.map(|hand| hand.raised_ms)),
        said: row.attended.said,
        identified_at: row.attended.identified.as_ref().map(|_| At(row.attended.identity_ms)),
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
