//! Who is in charge of a room, and how one hands it over to another: offered by the one, taken by the other. It is a fact that everybody in the
//! room sees; what somebody may do there is said by rights alone.

use std::sync::Arc;

use super::Service;
use super::words::plain;
use crate::domain::access::{Action, Actor, Right, Role};
use crate::domain::event::Body;
use crate::domain::ids::{RoomId, UserId};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::StoreError;
use crate::store::rooms::{ChargeRow, RoomRow};

impl Service {
    /// Who is in charge, and who is asked to take over.
    pub async fn get_handover(&self, actor: &Actor, room: &RoomId) -> Result<ChargeRow> {
        self.room_for(actor, Action::GetHandover, room).await?;
        self.charge(room).await
    }

    /// Asks somebody who may control the room to take it over. Whoever is in charge does so, or the owner, or an administrator. The same again
    /// changes nothing; another offer takes the place of the one before.
    pub async fn offer_handover(self: &Arc<Self>, actor: &Actor, room: &RoomId, to: &UserId, words: &str) -> Result<ChargeRow> {
        let row = self.room_for(actor, Action::OfferHandover, room).await?;
        let words = plain(words, limits::HANDOVER_CHARS)?;
        let now = self.charge(room).await?;
        if !decides(actor, &row, &now.holder) {
            return Err(Code::NotInCharge.into());
        }
        if now.holder == *to || !self.may_hold(&row, to).await? {
            return Err(Code::CannotTakeOver.into());
        }
        if now.offered_to.as_ref() == Some(to) && now.offered_words.as_deref().unwrap_or_default() == words {
            return Ok(now);
        }
        let event = self.event(room, None, actor, Body::HandoverOffered { to: to.clone() });
        let (service, place, to) = (self.clone(), room.clone(), to.clone());
        self.show_after(async move {
            service.store.offer_room(&place, &now.holder, &to, &words, &event).await?;
            Ok(((), vec![event]))
        })
        .await?;
        self.charge(room).await
    }

    /// Takes the room over; a repeat changes nothing.
    pub async fn accept_handover(self: &Arc<Self>, actor: &Actor, room: &RoomId) -> Result<ChargeRow> {
        let row = self.room_for(actor, Action::AcceptHandover, room).await?;
        let user = actor.user().cloned().ok_or(Code::Forbidden)?;
        let now = self.charge(room).await?;
        if now.holder == user {
            return Ok(now);
        }
        if now.offered_to.as_ref() != Some(&user) || !self.may_hold(&row, &user).await? {
            return Err(Code::NotOffered.into());
        }
        let event = self.event(room, None, actor, Body::HandoverAccepted);
        let (service, place) = (self.clone(), room.clone());
        self.show_after(async move {
            match service.store.take_room(&place, &user, &event).await {
                Err(StoreError::Moved) => return Err(Error::from(Code::NotOffered)),
                other => other?,
            }
            Ok(((), vec![event]))
        })
        .await?;
        self.charge(room).await
    }

    /// Nobody is asked any more: withdrawn by whoever may offer, or declined by whoever is asked. A repeat changes nothing.
    pub async fn withdraw_handover(self: &Arc<Self>, actor: &Actor, room: &RoomId) -> Result<()> {
        let row = self.room_for(actor, Action::WithdrawHandover, room).await?;
        let now = self.charge(room).await?;
        let Some(to) = now.offered_to.clone() else { return Ok(()) };
        let declined = actor.user() == Some(&to);
        if !declined && !decides(actor, &row, &now.holder) {
            return Err(Code::NotInCharge.into());
        }
        let event = self.event(room, None, actor, Body::HandoverWithdrawn { declined });
        let (service, room) = (self.clone(), room.clone());
        self.show_after(async move {
            let news = service.store.withdraw_offer(&room, &to, &event).await?;
            Ok(((), if news { vec![event] } else { Vec::new() }))
        })
        .await
    }

    async fn charge(&self, room: &RoomId) -> Result<ChargeRow> {
        self.store.charge(room).await?.ok_or_else(|| Code::NotFound.into())
    }

    /// Whether somebody can be in charge: the owner, or who may control the room.
    async fn may_hold(&self, room: &RoomRow, user: &UserId) -> Result<bool> {
        let known = self.store.user(user).await?.is_some_and(|u| !u.disabled);
        Ok(known && (*user == room.owner_id || self.store.grant(&room.id, user).await?.has(Right::Control)))
    }
}

/// Whether the actor says who is asked: in charge, the owner, or an administrator.
pub fn decides(actor: &Actor, room: &RoomRow, holder: &UserId) -> bool {
    let admin = matches!(actor, Actor::User { role: Role::Admin, .. });
    admin || actor.user().is_some_and(|user| user == holder || *user == room.owner_id)
}
