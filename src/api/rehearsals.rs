//! Rehearsals with a simulated crowd.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::readiness::ReadinessLine;
use super::types::{At, Body, at};
use crate::domain::ids::RoomId;
use crate::domain::readiness::{Rehearsal as Stands, is_ready, judge_rehearsal};
use crate::locale::Locale;
use crate::service::rehearsals::{RehearsalSeen, Wish};

pub(super) struct Rehearsals;

/// How a rehearsal stands.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum RehearsalState {
    /// There was none.
    None,
    /// It is under way.
    Running,
    /// It was carried out.
    Done,
    /// Somebody stopped it, or the server did when it went away.
    Stopped,
    /// The crowd could not sit.
    Failed,
}

/// A rehearsal of a room.
#[derive(Object)]
struct Rehearsal {
    /// How it stands.
    state: RehearsalState,
    /// Whether it was carried out and nothing was wrong.
    well: bool,
    /// Simulated students.
    people: Option<i64>,
    /// How long they answer.
    seconds: Option<i64>,
    /// When it began.
    began_at: Option<At>,
    /// When it was over.
    ended_at: Option<At>,
    /// While it is under way: those who have come in.
    entered: Option<i64>,
    /// While it is under way: answers that are saved.
    answers: Option<i64>,
    /// What it has found.
    items: Vec<ReadinessLine>,
}

impl Rehearsal {
    fn of(locale: Locale, seen: Option<RehearsalSeen>) -> Self {
        let state = match seen.as_ref().map(|seen| seen.state) {
            None => RehearsalState::None,
            Some(Stands::Running) => RehearsalState::Running,
            Some(Stands::Done(_)) => RehearsalState::Done,
            Some(Stands::Stopped) => RehearsalState::Stopped,
            Some(Stands::Failed) => RehearsalState::Failed,
        };
        let lines = seen.as_ref().map(|seen| judge_rehearsal(seen.state)).unwrap_or_default();
        let row = seen.as_ref().map(|seen| &seen.row);
        let so_far = seen.as_ref().and_then(|seen| seen.so_far);
        Self {
            well: matches!(state, RehearsalState::Done) && is_ready(&lines),
            state,
            people: row.map(|row| row.people),
            seconds: row.map(|row| row.seconds),
            began_at: at(row.map(|row| row.began_ms)),
            ended_at: at(row.and_then(|row| row.ended_ms)),
            entered: so_far.map(|(entered, _)| entered),
            answers: so_far.map(|(_, answers)| answers),
            items: lines.iter().map(|line| ReadinessLine::of(locale, line, "UTC")).collect(),
        }
    }
}

/// What is wanted of a rehearsal.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct RehearsalWish {
    /// Simulated students, 300 at most; as many as are expected when it is not said.
    people: Option<i64>,
    /// How long they answer, 5 to 300.
    seconds: Option<i64>,
}

#[OpenApi(tag = "Tag::Rooms")]
impl Rehearsals {
    /// Say what a rehearsal has found.
    ///
    /// The last one of this room.
    #[oai(path = "/rooms/:room/rehearsal", method = "get", operation_id = "get_rehearsal")]
    async fn get_rehearsal(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<Rehearsal>> {
        let seen = caller.service.get_rehearsal(&caller.actor, &room.0).await?;
        Ok(Json(Rehearsal::of(caller.locale, seen)))
    }

    /// Rehearse.
    ///
    /// Simulated students sit the paper of this room in a room of its own, by the address that students type. No list shows that room, none of it
    /// counts anywhere, and it is erased when the rehearsal is over. Refused while an exam runs on this server or starts within 15 minutes.
    #[oai(path = "/rooms/:room/rehearsal", method = "post", operation_id = "start_rehearsal")]
    async fn start_rehearsal(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would be.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Body<RehearsalWish>,
    ) -> Reply<Json<Rehearsal>> {
        let label = caller.locale.t("rehearsal");
        let wish = Wish { people: body.0.people, seconds: body.0.seconds, label, dry_run: dry_run.0 };
        let seen = caller.service.start_rehearsal(&caller.actor, &room.0, wish).await?;
        Ok(Json(Rehearsal::of(caller.locale, Some(seen))))
    }

    /// Stop a rehearsal.
    ///
    /// The crowd is ended and its room erased.
    #[oai(path = "/rooms/:room/rehearsal", method = "delete", operation_id = "stop_rehearsal")]
    async fn stop_rehearsal(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<Rehearsal>> {
        let seen = caller.service.stop_rehearsal(&caller.actor, &room.0).await?;
        Ok(Json(Rehearsal::of(caller.locale, seen)))
    }
}
