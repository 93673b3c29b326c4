//! Who is in charge of a room, and what a projector shows of it.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::Done;
use super::types::{At, Body, at, seconds};
use crate::domain::clock::RoomPhase;
use crate::domain::ids::{MessageId, RoomId, UserId};
use crate::store::rooms::ChargeRow;

pub(super) struct Handovers;

/// An account, by name.
#[derive(Object)]
struct Account {
    /// Which.
    user: UserId,
    /// Name for people.
    name: String,
}

impl Account {
    fn of(user: Option<UserId>, name: Option<String>) -> Option<Self> {
        user.zip(name).map(|(user, name)| Self { user, name })
    }
}

/// Who is in charge of a room.
#[derive(Object)]
struct Charge {
    /// Whoever took it over last; at first the owner of the exam.
    holder: Account,
    /// Since when, if it was taken over.
    since_at: Option<At>,
    /// Who is asked to take it over; null: nobody.
    offered_to: Option<Account>,
    /// Who asked last.
    offered_by: Option<Account>,
    /// When.
    offered_at: Option<At>,
    /// What was said to it.
    text: Option<String>,
}

impl From<ChargeRow> for Charge {
    fn from(row: ChargeRow) -> Self {
        Self {
            holder: Account { user: row.holder, name: row.holder_name },
            since_at: at(row.charge_ms),
            offered_to: Account::of(row.offered_to, row.offered_to_name),
            offered_by: Account::of(row.offered_by, row.offered_by_name),
            offered_at: at(row.offered_ms),
            text: row.offered_words,
        }
    }
}

/// Who is asked to take a room over.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Offer {
    /// Somebody who may control the room.
    to: UserId,
    /// What there is to know, in words.
    #[oai(default)]
    text: String,
}

/// An announcement on the projector.
#[derive(Object)]
struct Announcement {
    /// Its id.
    id: MessageId,
    /// Plain text.
    text: String,
    /// When it was sent.
    sent_at: At,
}

/// What a projector shows: never a name of a candidate.
#[derive(Object)]
struct Board {
    /// Title of the exam.
    title: String,
    /// Place.
    location: String,
    /// Phase of the room.
    phase: RoomPhase,
    /// Trusted time.
    now_at: At,
    /// When the room's own time ends; null before the start and while it is paused.
    deadline_at: Option<At>,
    /// What is left of it.
    remaining_seconds: Option<f64>,
    /// Announcements to everybody that hold, newest first.
    announcements: Vec<Announcement>,
}

#[OpenApi(tag = "Tag::Rooms")]
impl Handovers {
    /// Read who is in charge.
    ///
    /// It says who looks after the room. What somebody may do there is said by rights alone.
    #[oai(path = "/rooms/:room/handover", method = "get", operation_id = "get_handover")]
    async fn get_handover(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<Charge>> {
        Ok(Json(caller.service.get_handover(&caller.actor, &room.0).await?.into()))
    }

    /// Ask somebody to take the room over.
    ///
    /// By whoever is in charge, the owner of the exam, or an administrator; of somebody who may control the room. Nothing changes until they accept.
    /// Another offer takes the place of the one before; the same again changes nothing.
    #[oai(path = "/rooms/:room/handover", method = "put", operation_id = "offer_handover")]
    async fn offer_handover(&self, caller: Caller, room: Path<RoomId>, body: Body<Offer>) -> Reply<Json<Charge>> {
        let charge = caller.service.offer_handover(&caller.actor, &room.0, &body.0.to, &body.0.text).await?;
        Ok(Json(charge.into()))
    }

    /// Take the room over.
    ///
    /// By whoever is asked. A repeat changes nothing.
    #[oai(path = "/rooms/:room/handover/accept", method = "post", operation_id = "accept_handover")]
    async fn accept_handover(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<Charge>> {
        Ok(Json(caller.service.accept_handover(&caller.actor, &room.0).await?.into()))
    }

    /// Ask nobody any more, or decline.
    #[oai(path = "/rooms/:room/handover", method = "delete", operation_id = "withdraw_handover")]
    async fn withdraw_handover(&self, caller: Caller, room: Path<RoomId>) -> Reply<Done> {
        caller.service.withdraw_handover(&caller.actor, &room.0).await?;
        Ok(Done::Done)
    }

    /// Read what a projector shows.
    ///
    /// The room's clock and the announcements to everybody; never a name of a candidate.
    #[oai(path = "/rooms/:room/board", method = "get", operation_id = "get_board")]
    async fn get_board(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<Board>> {
        let board = caller.service.get_board(&caller.actor, &room.0).await?;
        let own = board.clock.plain_clock(board.now_ms);
        let announcements = board.announcements.iter().map(|letter| Announcement {
            id: letter.id.clone(),
            text: letter.text.clone(),
            sent_at: At(letter.sent_ms),
        });
        Ok(Json(Board {
            title: board.clock.title.clone(),
            location: board.clock.location.clone(),
            phase: board.clock.phase(board.now_ms),
            now_at: At(board.now_ms),
            deadline_at: at(own.deadline_ms),
            remaining_seconds: own.remaining_ms.map(seconds),
            announcements: announcements.collect(),
        }))
    }
}
