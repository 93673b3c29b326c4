//! What may be asked of a room now, of the whole of it or of one candidate.

use super::Service;
use crate::domain::access::{Action, Actor, Denied, Scope, may};
use crate::domain::clock::RoomPhase;
use crate::domain::control::{Standing, Word, stands};
use crate::domain::ids::{CandidateId, RoomId};
use crate::error::{Code, Result};

/// One verb as it stands.
pub struct Offer {
    /// Which.
    pub word: Word,
    /// Whether the actor has the right.
    pub permitted: bool,
    /// How it stands in these phases.
    pub standing: Standing,
}

impl Service {
    /// Every verb as it stands now, for the room or for one candidate, and the room's phase.
    pub async fn list_commands(
        &self,
        actor: &Actor,
        room: &RoomId,
        candidate: Option<&CandidateId>,
    ) -> Result<(RoomPhase, Vec<Offer>)> {
        let row = self.room_for(actor, Action::ListCommands, room).await?;
        let rights = self.rights(actor, &row).await?;
        let clock = row.clock(self.store.ledger(room).await?);
        let now = self.now();
        let who = match candidate {
            None => None,
            Some(id) => {
                let found = self.store.candidate(id).await?.filter(|found| found.room_id == *room).ok_or(Code::NotFound)?;
                Some(clock.clock(id, &found.facts(), now).phase)
            }
        };
        let phase = clock.phase(now);
        let offer = |word: Word| {
            let denied: Option<Denied> = may(actor, word.action(), Scope::Room { rights }).err();
            Offer { word, permitted: denied.is_none(), standing: stands(word, phase, who) }
        };
        Ok((phase, Word::ALL.iter().map(|word| offer(*word)).collect()))
    }
}
