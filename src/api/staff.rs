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
use crate::service::staffing::Colleague;

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

/// Somebody who is to work in a room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewMember {
    /// The name with which they sign in.
    login: String,
    /// All rights they are to have.
    rights: Vec<Right>,
}

impl From<Colleague> for Member {
    fn from(colleague: Colleague) -> Self {
        let Colleague { user, login, name, rights } = colleague;
        Self { user, login, name, rights: list(rights) }
    }
}

#[OpenApi(tag = "Tag::Rooms")]
impl Staff {
    /// List who works in a room.
    ///
    /// The owner of the exam has every right and is not listed.
    #[oai(path = "/rooms/:room/staff", method = "get", operation_id = "get_staff")]
    async fn get_staff(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<Member>>> {
        let staff = caller.service.get_staff(&caller.actor, &room.0).await?;
        let items = staff.into_iter().map(Member::from);
        Ok(Json(All { items: items.collect() }))
    }

    /// Let somebody work in a room.
    ///
    /// Nobody gives or takes a right they do not have, or changes their own. A repeat changes nothing.
    #[oai(path = "/rooms/:room/staff/:user", method = "put", operation_id = "put_staff")]
    async fn put_staff(&self, caller: Caller, room: Path<RoomId>, user: Path<UserId>, body: Body<Grant>) -> Reply<Done> {
        let rights = body.0.rights.into_iter().fold(Rights::NONE, Rights::with);
        caller.service.put_staff(&caller.actor, &room.0, &user.0, rights).await?;
        Ok(Done::Done)
    }

    /// Let somebody work in a room, by login.
    ///
    /// The same for whoever knows the name with which a colleague signs in, and no id.
    #[oai(path = "/rooms/:room/staff", method = "post", operation_id = "add_staff")]
    async fn add_staff(&self, caller: Caller, room: Path<RoomId>, body: Body<NewMember>) -> Reply<Json<Member>> {
        let rights = body.0.rights.into_iter().fold(Rights::NONE, Rights::with);
        let colleague = caller.service.add_staff(&caller.actor, &room.0, &body.0.login, rights).await?;
        Ok(Json(colleague.into()))
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
