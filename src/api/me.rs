//! Whoever asks.

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::candidates::Candidate;
use super::problem::Reply;
use super::replies::Done;
use super::rooms::RoomBrief;
use super::types::Body;
use super::users::User;

pub(super) struct Own;

/// Whose token it is: an account, or one candidate in its room.
#[derive(Object)]
struct Me {
    /// The account, if it is one.
    user: Option<User>,
    /// The candidate, if the token came from an entry code.
    candidate: Option<Candidate>,
    /// The candidate's room.
    room: Option<RoomBrief>,
}

/// The old password and the new one.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewPassword {
    /// The present password.
    #[oai(validator(max_length = 1000))]
    old: String,
    /// The new one: at least 10 characters, not a common one, not login or name.
    #[oai(validator(max_length = 1000))]
    new: String,
}

#[OpenApi(tag = "Tag::Sessions")]
impl Own {
    /// Who am I?
    ///
    /// Names the account or the candidate that the token stands for.
    #[oai(path = "/me", method = "get", operation_id = "get_me")]
    async fn get_me(&self, caller: Caller) -> Reply<Json<Me>> {
        if let Some(user) = caller.service.get_me(&caller.actor).await? {
            return Ok(Json(Me { user: Some(user.into()), candidate: None, room: None }));
        }
        let desk = caller.service.desk(&caller.actor).await?;
        let clock = caller.service.clock_of(&desk.room).await?;
        let candidate = Candidate::at(desk.candidate, &clock, caller.service.now());
        Ok(Json(Me { user: None, candidate: Some(candidate), room: Some(desk.room.into()) }))
    }

    /// Change the own password.
    ///
    /// Every session of the account ends, this one too: sign in again.
    #[oai(path = "/me/password", method = "put", operation_id = "set_password")]
    async fn set_password(&self, caller: Caller, body: Body<NewPassword>) -> Reply<Done> {
        caller.service.set_password(&caller.actor, &body.0.old, &body.0.new).await?;
        Ok(Done::Done)
    }
}
