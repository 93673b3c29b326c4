//! Raised hands.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::All;
use super::types::{At, Body, at};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::message::Hand;

pub(super) struct Hands;

/// A hand that is up.
#[derive(Object)]
struct RaisedHand {
    /// Whose.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// Since when.
    raised_at: At,
    /// When one of the staff said that they are coming.
    answered_at: Option<At>,
}

/// What staff do about a hand.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum HandAnswer {
    /// Somebody is coming; the hand stays up, and its page says so.
    Coming,
    /// It is done: the hand goes down.
    Done,
}

/// What staff do about a hand.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct HandCommand {
    /// Coming, or done.
    state: HandAnswer,
}

/// Up or down.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct HandWish {
    /// Whether the hand is to be up.
    up: bool,
}

/// How a hand is.
#[derive(Object)]
struct HandState {
    /// Whether it is up.
    up: bool,
    /// Since when.
    raised_at: Option<At>,
    /// When one of the staff said that they are coming.
    answered_at: Option<At>,
    /// Place in the queue, from 1; null for staff, and while it is down.
    place: Option<i64>,
}

impl HandState {
    fn of(hand: Option<Hand>, place: Option<i64>) -> Self {
        let (raised, answered) = (hand.map(|hand| hand.raised_ms), hand.and_then(|hand| hand.answered_ms));
        Self { up: hand.is_some(), raised_at: at(raised), answered_at: at(answered), place }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl Hands {
    /// List raised hands.
    ///
    /// The one that waits longest first.
    #[oai(path = "/rooms/:room/hands", method = "get", operation_id = "list_hands")]
    async fn list_hands(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<RaisedHand>>> {
        let hands = caller.service.list_hands(&caller.actor, &room.0).await?.into_iter().map(|(row, hand)| RaisedHand {
            candidate: row.id,
            name: row.name,
            seat: row.seat,
            raised_at: At(hand.raised_ms),
            answered_at: at(hand.answered_ms),
        });
        Ok(Json(All { items: hands.collect() }))
    }

    /// Answer a raised hand.
    ///
    /// Say that somebody is coming, or that it is done. A repeat changes nothing, and neither does a hand that is down.
    #[oai(path = "/rooms/:room/hands/:candidate", method = "post", operation_id = "answer_hand")]
    async fn answer_hand(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<HandCommand>,
    ) -> Reply<Json<HandState>> {
        let done = matches!(body.0.state, HandAnswer::Done);
        let hand = caller.service.answer_hand(&caller.actor, &room.0, &candidate.0, done).await?;
        Ok(Json(HandState::of(hand, None)))
    }

    /// Raise or lower the own hand.
    ///
    /// Raised again it keeps its age and its place.
    #[oai(path = "/rooms/:room/candidates/me/hand", method = "put", operation_id = "set_my_hand")]
    async fn set_my_hand(&self, caller: Caller, room: Path<RoomId>, body: Body<HandWish>) -> Reply<Json<HandState>> {
        let at_ms = caller.service.now();
        let actor = caller.candidate(&room.0).await?;
        let hand = caller.service.set_my_hand(&actor, body.0.up, at_ms).await?;
        Ok(Json(HandState::of(hand.map(|(hand, _)| hand), hand.map(|(_, place)| place))))
    }
}
