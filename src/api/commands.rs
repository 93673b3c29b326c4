//! What may be asked of a room now.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use crate::domain::clock::RoomPhase;
use crate::domain::ids::{CandidateId, RoomId};
use crate::service::commands::Offer;

pub(super) struct Commands;

/// A verb as it stands now.
#[derive(Object)]
struct OfferedCommand {
    /// `open`, `start`, `pause`, `resume`, `extend`, `credit`, `accommodate`, `reopen`, `terminate`, `end`, `revert`.
    verb: String,
    /// Whether asking for it would do something.
    possible: bool,
    /// Why not: `already` (it is so), `wrong_phase`, `needs_candidates`, `room_only`, `forbidden`.
    why: Option<String>,
    /// Phases of the room in which it may be asked for.
    phases: Vec<RoomPhase>,
    /// Whether a repeat would have a second effect, so that it needs an Idempotency-Key.
    needs_key: bool,
}

/// What may be asked of a room now.
#[derive(Object)]
struct OfferedCommands {
    /// The room's phase.
    phase: RoomPhase,
    /// Every verb.
    items: Vec<OfferedCommand>,
}

impl From<Offer> for OfferedCommand {
    fn from(offer: Offer) -> Self {
        let possible = offer.permitted && offer.standing == crate::domain::control::Standing::Possible;
        let why = if offer.permitted { offer.standing.as_str() } else { "forbidden" };
        Self {
            verb: offer.word.as_str().to_owned(),
            possible,
            why: (!possible).then(|| why.to_owned()),
            phases: offer.word.allowed().to_vec(),
            needs_key: offer.word.needs_key(),
        }
    }
}

#[OpenApi(tag = "Tag::Control")]
impl Commands {
    /// List what may be asked for now.
    ///
    /// Every verb with whether it would do something, for the whole room or for one candidate, and why not. The live room's buttons stand by
    /// the same rule.
    #[oai(path = "/rooms/:room/commands", method = "get", operation_id = "list_commands")]
    async fn list_commands(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Of this candidate; absent: of the room.
        candidate: Query<Option<CandidateId>>,
    ) -> Reply<Json<OfferedCommands>> {
        let (phase, offers) = caller.service.list_commands(&caller.actor, &room.0, candidate.0.as_ref()).await?;
        Ok(Json(OfferedCommands { phase, items: offers.into_iter().map(OfferedCommand::from).collect() }))
    }
}
