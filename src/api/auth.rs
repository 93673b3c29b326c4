//! Signing in and out.

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::{Caller, Visitor};
use super::candidates::Candidate;
use super::problem::Reply;
use super::replies::Done;
use super::rooms::RoomBrief;
use super::types::{At, Body};
use super::users::User;
use crate::domain::access::Actor;
use crate::service::sessions::Opened;

pub(super) struct Auth;

/// Login and password of an account.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Login {
    /// Sign-in name.
    #[oai(validator(max_length = 200))]
    login: String,
    /// Password.
    #[oai(validator(max_length = 1000))]
    password: String,
}

/// A session of staff that has begun.
#[derive(Object)]
struct SignedIn {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    /// Exchange it for a new pair with `POST /auth/refresh`. It works once.
    refresh_token: String,
    /// Until when the access token is good.
    expires_at: At,
    /// Who has signed in.
    user: User,
}

/// An entry code, as on the slip.
#[derive(Object)]
#[oai(deny_unknown_fields)]
#[oai(rename = "EntryCode")]
struct Entry {
    /// Room part and 8 characters; case, width, spaces and dashes do not matter.
    #[oai(validator(max_length = 100))]
    code: String,
}

/// A candidate's session that has begun.
#[derive(Object)]
struct Entered {
    /// Send it as `Authorization: Bearer`, also to open the channel.
    access_token: String,
    /// Until when it is good.
    expires_at: At,
    /// Whose code it is.
    candidate: Candidate,
    /// The room it opens.
    room: RoomBrief,
}

/// A refresh token.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Refresh {
    /// The newest one of the session.
    #[oai(validator(max_length = 200))]
    refresh_token: String,
}

/// The next pair of tokens.
#[derive(Object)]
struct Refreshed {
    /// The new access token.
    access_token: String,
    /// The new refresh token; the old one is spent.
    refresh_token: String,
    /// Until when the access token is good.
    expires_at: At,
}

#[OpenApi(tag = "Tag::Sessions")]
impl Auth {
    /// Sign in.
    ///
    /// Staff and accounts of role student sign in by login and password. Attempts are throttled by login and by address (429).
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(&self, visitor: Visitor, body: Body<Login>) -> Reply<Json<SignedIn>> {
        let (opened, user) = visitor.service.login(&body.0.login, &body.0.password, &visitor.address).await?;
        let Opened { access_token, expires_ms, secret, .. } = opened;
        Ok(Json(SignedIn { access_token, refresh_token: secret.expose(), expires_at: At(expires_ms), user: user.into() }))
    }

    /// Enter by code.
    ///
    /// A candidate enters with the code of the slip. Each entry is a device of its own. Attempts are throttled by room and by address.
    #[oai(path = "/auth/entry", method = "post", operation_id = "enter")]
    async fn enter(&self, visitor: Visitor, body: Body<Entry>) -> Reply<Json<Entered>> {
        let (opened, row) = visitor.service.enter(&body.0.code, &visitor.address).await?;
        let actor = Actor::Candidate { candidate: row.id.clone(), room: row.room_id.clone(), session: opened.session };
        let room = visitor.service.desk(&actor).await?.room;
        let clock = visitor.service.clock_of(&room).await?;
        Ok(Json(Entered {
            access_token: opened.access_token,
            expires_at: At(opened.expires_ms),
            candidate: Candidate::at(row, &clock, visitor.service.now()),
            room: room.into(),
        }))
    }

    /// Renew an access token.
    ///
    /// Exchanges a refresh token for a new pair. A candidate's token lasts as long as its session and is not renewed.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(&self, visitor: Visitor, body: Body<Refresh>) -> Reply<Json<Refreshed>> {
        let opened = visitor.service.refresh(&body.0.refresh_token).await?;
        Ok(Json(Refreshed {
            access_token: opened.access_token,
            refresh_token: opened.secret.expose(),
            expires_at: At(opened.expires_ms),
        }))
    }

    /// Sign out.
    ///
    /// Ends the session of the token at once, and closes its sockets.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logout")]
    async fn logout(&self, caller: Caller) -> Reply<Done> {
        caller.service.logout(&caller.actor).await?;
        Ok(Done::Done)
    }
}
