//! Rooms: where and when an exam is sat.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::candidates::patched;
use super::problem::Reply;
use super::replies::{Created, Done, Page, Wanted};
use super::types::{At, Body, at};
use crate::domain::access::Right;
use crate::domain::clock::RoomPhase;
use crate::domain::ids::{ExamId, RoomId};
use crate::service::rooms::RoomWords;
use crate::store::rooms::{RoomFilter, RoomRow};

pub(super) struct Rooms;

/// A supervised run of an exam in one place.
#[derive(Object)]
struct Room {
    /// Its id.
    id: RoomId,
    /// Of which exam.
    exam: ExamId,
    /// Title of the exam.
    title: String,
    /// Place.
    location: String,
    /// IANA zone in which people read its times.
    zone: String,
    /// What it is doing.
    phase: RoomPhase,
    /// Rev of the last change of its clock.
    rev: i64,
    /// When the schedule starts it.
    starts_at: Option<At>,
    /// The end of its window.
    window_ends_at: Option<At>,
    /// Whether that end cuts deadlines; else it only closes entry.
    window_hard: bool,
    /// When it was opened.
    opened_at: Option<At>,
    /// When it was started.
    started_at: Option<At>,
    /// When it was over.
    ended_at: Option<At>,
    /// The pinned version of the paper; null before it opens.
    paper_version: Option<i64>,
    /// Questions of the pinned, else of the newest paper.
    questions: i64,
    /// When it was made.
    created_at: At,
}

impl From<RoomRow> for Room {
    fn from(row: RoomRow) -> Self {
        Self {
            phase: phase(&row),
            id: row.id,
            exam: row.exam_id,
            title: row.title,
            location: row.location,
            zone: row.zone,
            rev: row.rev,
            starts_at: at(row.starts_ms),
            window_ends_at: at(row.window_ends_ms),
            window_hard: row.window_hard,
            opened_at: at(row.opened_ms),
            started_at: at(row.started_ms),
            ended_at: at(row.ended_ms),
            paper_version: row.paper_version,
            questions: row.questions.unwrap_or(0),
            created_at: At(row.created_ms),
        }
    }
}

/// The room's phase by its stored facts, as the filter of the list understands it.
pub(super) fn phase(row: &RoomRow) -> RoomPhase {
    match row {
        RoomRow { ended_ms: Some(_), .. } => RoomPhase::Ended,
        RoomRow { paused_ms: Some(_), .. } => RoomPhase::Paused,
        RoomRow { started_ms: Some(_), .. } => RoomPhase::Running,
        RoomRow { opened_ms: Some(_), .. } => RoomPhase::Open,
        _ => RoomPhase::Scheduled,
    }
}

/// A room and what you may do there.
#[derive(Object)]
struct RoomWithRights {
    /// The room.
    #[oai(flatten)]
    room: Room,
    /// Your rights.
    rights: Vec<Right>,
}

/// What a candidate sees of a room.
#[derive(Object)]
pub(super) struct RoomBrief {
    /// Its id.
    id: RoomId,
    /// Title of the exam.
    title: String,
    /// Place.
    location: String,
    /// What it is doing.
    phase: RoomPhase,
    /// When it starts or started.
    starts_at: Option<At>,
}

impl From<RoomRow> for RoomBrief {
    fn from(row: RoomRow) -> Self {
        let phase = phase(&row);
        Self { id: row.id, title: row.title, location: row.location, phase, starts_at: at(row.started_ms.or(row.starts_ms)) }
    }
}

/// A new room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewRoom {
    /// Of which exam.
    exam: ExamId,
    /// Place.
    location: String,
    /// IANA zone, for example `Europe/Berlin`; `UTC` when absent.
    zone: Option<String>,
    /// When the schedule starts it; without it staff start it.
    starts_at: Option<At>,
    /// The end of its window.
    window_ends_at: Option<At>,
    /// Whether that end cuts deadlines.
    #[oai(default)]
    window_hard: bool,
}

/// What to change of a room; what is absent stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct RoomPatch {
    /// Place.
    location: Option<String>,
    /// IANA zone.
    zone: Option<String>,
    /// When the schedule starts it; null: staff start it.
    starts_at: MaybeUndefined<At>,
    /// The end of its window; null: none.
    window_ends_at: MaybeUndefined<At>,
    /// Whether that end cuts deadlines.
    window_hard: Option<bool>,
}

#[OpenApi(tag = "Tag::Rooms")]
impl Rooms {
    /// List rooms.
    ///
    /// Those you own or work in; an administrator's are all.
    #[oai(path = "/rooms", method = "get", operation_id = "list_rooms")]
    #[expect(clippy::too_many_arguments, reason = "one for each query parameter of the operation")]
    async fn list_rooms(
        &self,
        caller: Caller,
        /// Only in this phase.
        phase: Query<Option<RoomPhase>>,
        /// Only of this exam.
        exam: Query<Option<ExamId>>,
        /// Only those that start at or after this.
        from: Query<Option<At>>,
        /// Only those that start before this.
        to: Query<Option<At>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Room>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let filter = RoomFilter {
            user: None,
            exam: exam.0,
            phase: phase.0.map(RoomPhase::as_str),
            from_ms: from.0.map(|at| at.0),
            to_ms: to.0.map(|at| at.0),
            after: wanted.after.clone(),
            limit: wanted.read(),
        };
        let rows = caller.service.list_rooms(&caller.actor, filter).await?;
        Ok(Json(wanted.page(rows, |row| row.id.to_string(), Room::from)))
    }

    /// Make a room of an exam.
    #[oai(path = "/rooms", method = "post", operation_id = "create_room")]
    async fn create_room(&self, caller: Caller, body: Body<NewRoom>) -> Reply<Created<Room>> {
        let NewRoom { exam, location, zone, starts_at, window_ends_at, window_hard } = body.0;
        let words = RoomWords {
            location,
            zone: zone.unwrap_or_else(|| "UTC".to_owned()),
            starts_ms: starts_at.map(|at| at.0),
            window_ends_ms: window_ends_at.map(|at| at.0),
            window_hard,
        };
        let room = caller.service.create_room(&caller.actor, &exam, words).await?;
        let place = format!("{}/rooms/{}", super::BASE, room.id);
        Ok(Created::Made(Json(room.into()), place))
    }

    /// Read a room, and what you may do there.
    #[oai(path = "/rooms/:room", method = "get", operation_id = "get_room")]
    async fn get_room(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<RoomWithRights>> {
        let view = caller.service.get_room(&caller.actor, &room.0).await?;
        let rights = Right::ALL.iter().copied().filter(|right| view.rights.has(*right)).collect();
        Ok(Json(RoomWithRights { room: view.room.into(), rights }))
    }

    /// Change place and schedule of a room that has not started.
    #[oai(path = "/rooms/:room", method = "patch", operation_id = "update_room")]
    async fn update_room(&self, caller: Caller, room: Path<RoomId>, body: Body<RoomPatch>) -> Reply<Json<Room>> {
        let old = caller.service.get_room(&caller.actor, &room.0).await?.room;
        let patch = body.0;
        let words = RoomWords {
            location: patch.location.unwrap_or(old.location),
            zone: patch.zone.unwrap_or(old.zone),
            starts_ms: patched(patch.starts_at, at(old.starts_ms)).map(|at| at.0),
            window_ends_ms: patched(patch.window_ends_at, at(old.window_ends_ms)).map(|at| at.0),
            window_hard: patch.window_hard.unwrap_or(old.window_hard),
        };
        Ok(Json(caller.service.update_room(&caller.actor, &room.0, words).await?.into()))
    }

    /// Delete a room that has not opened, with its roster.
    #[oai(path = "/rooms/:room", method = "delete", operation_id = "delete_room")]
    async fn delete_room(&self, caller: Caller, room: Path<RoomId>) -> Reply<Done> {
        caller.service.delete_room(&caller.actor, &room.0).await?;
        Ok(Done::Done)
    }
}
