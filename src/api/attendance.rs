//! Who is here, and who has made sure who somebody is.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Done};
use super::types::{At, Body, at};
use crate::domain::attendance::{Attendance, Said};
use crate::domain::ids::{CandidateId, RoomId, UserId};

pub(super) struct AttendanceList;

/// Whether a candidate is here, and who has made sure who it is.
#[derive(Object)]
struct Attendee {
    /// Who.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// Class.
    class: Option<String>,
    /// The school's number for the student.
    student_id: Option<String>,
    /// `expected`: may still come. `here`: has come in, or staff say so. `missing`: has not come though the room has started, or staff say so.
    state: Attendance,
    /// What staff say; null: the state is what the room knows.
    said: Option<Said>,
    /// When it first came in.
    joined_at: Option<At>,
    /// When somebody made sure who it is; null: nobody has.
    identified_at: Option<At>,
    /// Who that was.
    identified_by: Option<UserId>,
    /// The name of that account.
    identified_by_name: Option<String>,
}

/// What staff say of a candidate.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct AttendanceWord {
    /// `here` or `missing`.
    said: Said,
}

#[OpenApi(tag = "Tag::Candidates")]
impl AttendanceList {
    /// Read who is here.
    #[oai(path = "/rooms/:room/attendance", method = "get", operation_id = "get_attendance")]
    async fn get_attendance(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<Attendee>>> {
        let rows = caller.service.get_attendance(&caller.actor, &room.0).await?;
        let items = rows.into_iter().map(|(row, state)| Attendee {
            said: row.said(),
            candidate: row.id,
            name: row.name,
            seat: row.seat,
            class: row.class,
            student_id: row.student_id,
            state,
            joined_at: at(row.joined_ms),
            identified_at: at(row.identity_ms.filter(|_| row.identified_by.is_some())),
            identified_by: row.identified_by,
            identified_by_name: row.identifier,
        });
        Ok(Json(All { items: items.collect() }))
    }

    /// Say that a candidate is here, or missing.
    ///
    /// It stands above what the room knows by itself and changes no time. A repeat changes nothing.
    #[oai(path = "/rooms/:room/candidates/:candidate/attendance", method = "put", operation_id = "put_attendance")]
    async fn put_attendance(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<AttendanceWord>,
    ) -> Reply<Done> {
        caller.service.put_attendance(&caller.actor, &room.0, &candidate.0, body.0.said).await?;
        Ok(Done::Done)
    }

    /// Say nothing of it any more.
    ///
    /// What the room knows by itself holds again.
    #[oai(path = "/rooms/:room/candidates/:candidate/attendance", method = "delete", operation_id = "delete_attendance")]
    async fn delete_attendance(&self, caller: Caller, room: Path<RoomId>, candidate: Path<CandidateId>) -> Reply<Done> {
        caller.service.delete_attendance(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Done::Done)
    }

    /// Confirm who a candidate is.
    ///
    /// Who did so first stays named, with the instant; a repeat changes nothing.
    #[oai(path = "/rooms/:room/candidates/:candidate/identity", method = "put", operation_id = "confirm_identity")]
    async fn confirm_identity(&self, caller: Caller, room: Path<RoomId>, candidate: Path<CandidateId>) -> Reply<Done> {
        caller.service.confirm_identity(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Done::Done)
    }

    /// Take back that it is known who a candidate is.
    #[oai(path = "/rooms/:room/candidates/:candidate/identity", method = "delete", operation_id = "withdraw_identity")]
    async fn withdraw_identity(&self, caller: Caller, room: Path<RoomId>, candidate: Path<CandidateId>) -> Reply<Done> {
        caller.service.withdraw_identity(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Done::Done)
    }
}
