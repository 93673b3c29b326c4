//! Who works in a room.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Done};
use super::types::Body;
use crate::domain::access::{Right, Rights};
use crate::domain::ids::{RoomId, UserId};

pub(super) struct Staff;

/// Somebody who works in a room.
#[derive(Object)]
struct Member {
    /// Whose account.
    user: UserId,
    /// Sign-in name.
    login: String,
    /// Name for people.
    name: String,
    /// What they may do there.
    rights: Vec<Right>,
}

/// What somebody may do in a room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Grant {
    /// All rights they are to have; those not named are taken away.
    rights: Vec<Right>,
}

#[OpenApi(tag = "Tag::Rooms")]
impl Staff {
    /// List who works in a room.
    ///
    /// The owner of the exam has every right and is not listed.
    #[oai(path = "/rooms/:room/staff", method = "get", operation_id = "get_staff")]
    async fn get_staff(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<Member>>> {
        let staff = caller.service.get_staff(&caller.actor, &room.0).await?;
        let items = staff.into_iter().map(|(user, login, name, rights)| Member { user, login, name, rights: list(rights) });
        Ok(Json(All { items: items.collect() }))
    }

    /// Let somebody work in a room.
    ///
    /// Nobody grants a right they do not have.
    #[oai(path = "/rooms/:room/staff/:user", method = "put", operation_id = "put_staff")]
    async fn put_staff(&self, caller: Caller, room: Path<RoomId>, user: Path<UserId>, body: Body<Grant>) -> Reply<Done> {
        let rights = body.0.rights.into_iter().fold(Rights::NONE, Rights::with);
        caller.service.put_staff(&caller.actor, &room.0, &user.0, rights).await?;
        Ok(Done::Done)
    }

    /// Take somebody's rights in a room away.
    #[oai(path = "/rooms/:room/staff/:user", method = "delete", operation_id = "delete_staff")]
    async fn delete_staff(&self, caller: Caller, room: Path<RoomId>, user: Path<UserId>) -> Reply<Done> {
        caller.service.delete_staff(&caller.actor, &room.0, &user.0).await?;
        Ok(Done::Done)
    }
}

fn list(rights: Rights) -> Vec<Right> {
    Right::ALL.iter().copied().filter(|right| rights.has(*right)).collect()
}
