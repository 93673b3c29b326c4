//! Raised hands: a candidate's, up and down; staff's answer; the queue.

use super::Service;
use super::sitting::{own, refusal_error};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::{CandidateId, RoomId, UserId};
use crate::domain::message::{Hand, HandMove};
use crate::error::{Code, Result};
use crate::live::throttle;
use crate::store::candidates::CandidateRow;
use crate::store::journal::{HandOp, Op, Outcome};

impl Service {
    /// Raises or lowers the own hand; a repeat changes nothing. Returns how it is, with its place in the queue.
    pub async fn set_my_hand(&self, actor: &Actor, up: bool, at_ms: Ms) -> Result<Option<(Hand, i64)>> {
        let me = own(actor, Action::SetMyHand)?;
        self.room_goes_on(&me.room).await?;
        self.throttle(&format!("hand:{}", me.candidate), throttle::HAND_MOVES)?;
        let wish = if up { HandMove::Raise } else { HandMove::Lower };
        let hand = self.move_hand(&me.room, &me.candidate, wish, None, at_ms).await?;
        match hand {
            Some(hand) => Ok(Some((hand, self.store.hand_place(&me.room, &me.candidate, hand.raised_ms).await?))),
            None => Ok(None),
        }
    }

    /// Staff say that somebody is coming, or with `done` that the hand is down.
    pub async fn answer_hand(&self, actor: &Actor, room: &RoomId, candidate: &CandidateId, done: bool) -> Result<Option<Hand>> {
        self.candidate_for(actor, Action::AnswerHand, room, candidate).await?;
        let wish = if done { HandMove::Lower } else { HandMove::Answer };
        self.move_hand(room, candidate, wish, actor.user().cloned(), self.now()).await
    }

    /// Hands that are up, the one that waits longest first.
    pub async fn list_hands(&self, actor: &Actor, room: &RoomId) -> Result<Vec<(CandidateRow, Hand)>> {
        self.room_for(actor, Action::ListHands, room).await?;
        let rows = self.store.candidates(room).await?.into_iter();
        let mut hands: Vec<(CandidateRow, Hand)> = rows.filter_map(|row| row.hand().map(|hand| (row, hand))).collect();
        hands.sort_by(|(a, one), (b, other)| (one.raised_ms, &a.id).cmp(&(other.raised_ms, &b.id)));
        Ok(hands)
    }

    async fn move_hand(
        &self,
        room: &RoomId,
        candidate: &CandidateId,
        wish: HandMove,
        by: Option<UserId>,
        at_ms: Ms,
    ) -> Result<Option<Hand>> {
        let op = Op::Hand(HandOp { room: room.clone(), candidate: candidate.clone(), wish, by, at_ms });
        match self.ask(op).await? {
            Outcome::Hand(hand) => Ok(hand),
            Outcome::Refused(refusal) => Err(refusal_error(&refusal)),
            _ => Err(Code::Busy.into()),
        }
    }
}
