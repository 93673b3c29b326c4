//! What nodes say of devices: believed or not under the lock of the candidate's row.

use super::super::super::StoreError;
use super::super::super::candidates::CandidateRow;
use super::super::super::presence::{PresenceRow, is_alive};
use super::super::ops::{Outcome, Say};
use super::Work;
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, NodeId, RoomId};
use crate::domain::presence::Heard;
use crate::weaken;

impl Work<'_> {
    pub(super) async fn say(&mut self, s: &Say) -> Result<Outcome, StoreError> {
        let Some(mut candidate) = self.candidate(&s.candidate, &s.room) else { return Ok(Outcome::Stale) };
        let heard = candidate.presence.heard();
        let over = candidate.ended_ms.is_some();
        let believed = heard.believes(&s.word) || weaken::on("any_word");
        if over || !believed || (s.dead && is_alive(&mut self.tx, &s.word.node, self.now).await?) {
            return Ok(Outcome::Stale);
        }
        let heard = heard.after(&s.word, self.now);
        self.heard(&s.room, &mut candidate, &heard);
        self.candidates.insert(candidate.id.clone(), candidate);
        Ok(Outcome::Noted)
    }

    /// Notes how a device is heard, and tells it.
    pub(super) fn heard(&mut self, room: &RoomId, candidate: &mut CandidateRow, heard: &Heard) {
        candidate.presence = PresenceRow::of(heard);
        self.presences.insert(candidate.id.clone());
        self.tell(room, &candidate.id, Body::PresenceChanged { presence: heard.presence, line: heard.line.clone() });
    }

    /// A socket was closed: from now on its device is not in anybody's way. That it has fallen silent shows when it stays away.
    pub(super) fn left(&mut self, room: &RoomId, candidate: &CandidateId, connection: i64) -> Outcome {
        let Some(mut candidate) = self.candidate(candidate, room) else { return Outcome::Stale };
        if candidate.presence.connection != connection || candidate.presence.left_ms.is_some() {
            return Outcome::Stale;
        }
        candidate.presence.left_ms = Some(self.now);
        self.presences.insert(candidate.id.clone());
        self.candidates.insert(candidate.id.clone(), candidate);
        Outcome::Noted
    }

    /// Whether the device of a candidate is connected to a node that lives.
    pub(super) async fn is_here(&mut self, candidate: &CandidateRow) -> Result<bool, StoreError> {
        let heard = candidate.presence.heard();
        match &heard.line.node {
            Some(node) if heard.is_here() => is_alive(&mut self.tx, node, self.now).await,
            _ => Ok(false),
        }
    }

    /// A socket comes to a node; the number of its connection.
    pub(super) fn connects(&mut self, room: &RoomId, candidate: &mut CandidateRow, node: &NodeId) -> i64 {
        let heard = candidate.presence.heard().arrives(node.clone(), self.now);
        self.heard(room, candidate, &heard);
        heard.line.connection
    }
}
