//! Who may do what in a room.

use std::sync::Arc;

use super::{Service, allow};
use crate::domain::access::{Action, Actor, Rights, Role, Scope};
use crate::domain::event::Body;
use crate::domain::ids::{RoomId, UserId};
use crate::error::{Code, Result};
use crate::live::throttle;
use crate::weaken;

/// Somebody who works in a room.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// Whose account.
    pub user: UserId,
    /// Sign-in name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// What they may do there.
    pub rights: Rights,
}

impl Service {
    /// Who works in a room by grant; the owner of the exam has every right and is not listed.
    pub async fn get_staff(&self, actor: &Actor, id: &RoomId) -> Result<Vec<Colleague>> {
        self.room_for(actor, Action::GetStaff, id).await?;
        let rows = self.store.staff(id).await?.into_iter();
        Ok(rows.map(|(user, login, name, rights)| Colleague { user, login, name, rights }).collect())
    }

    /// Sets somebody's rights in a room; a repeat changes nothing. Nobody gives or takes a right that is not theirs.
    pub async fn put_staff(self: &Arc<Self>, actor: &Actor, id: &RoomId, user: &UserId, rights: Rights) -> Result<()> {
        self.may_set(actor, Action::PutStaff, id, user, rights).await?;
        let colleague = self.store.user(user).await?.ok_or(Code::NotFound)?;
        if colleague.disabled || colleague.role() == Role::Student {
            return Err(Code::AccountUnknown.into());
        }
        self.grant(actor, id, user, rights, false).await.map(drop)
    }

    /// Lets somebody work in a room, by the name with which they sign in.
    pub async fn add_staff(self: &Arc<Self>, actor: &Actor, id: &RoomId, login: &str, rights: Rights) -> Result<Colleague> {
        self.room_for(actor, Action::AddStaff, id).await?;
        // Who tries many names learns none of them quickly.
        let asker = actor.user().ok_or(Code::Forbidden)?;
        self.throttle(&format!("staff:{asker}"), throttle::STAFF_MESSAGES)?;
        let found = self.store.user_by_login(&login.trim().to_lowercase()).await?;
        let user = found.filter(|u| !u.disabled && u.role() != Role::Student).ok_or(Code::AccountUnknown)?;
        self.may_set(actor, Action::AddStaff, id, &user.id, rights).await?;
        self.grant(actor, id, &user.id, rights, false).await?;
        Ok(Colleague { user: user.id, login: user.login, name: user.name, rights })
    }

    /// Takes somebody's rights in a room away; their sockets there close.
    pub async fn delete_staff(self: &Arc<Self>, actor: &Actor, id: &RoomId, user: &UserId) -> Result<()> {
        self.may_set(actor, Action::DeleteStaff, id, user, Rights::NONE).await?;
        if self.grant(actor, id, user, Rights::NONE, true).await? { Ok(()) } else { Err(Code::NotFound.into()) }
    }

    /// Refused unless the actor may set somebody's rights to these: the owner has every right, and nobody changes their own.
    async fn may_set(&self, actor: &Actor, action: Action, id: &RoomId, user: &UserId, rights: Rights) -> Result<()> {
        let view = self.get_room(actor, id).await?;
        allow(actor, action, Scope::Room { rights: view.rights })?;
        if *user == view.room.owner_id || actor.user() == Some(user) {
            return Err(Code::RightsFixed.into());
        }
        let may = self.store.grant(id, user).await?.may_become(rights, view.rights) || weaken::on("rights");
        if may { Ok(()) } else { Err(Code::Forbidden.into()) }
    }

    /// Stores a grant and tells it; whether that was news.
    async fn grant(self: &Arc<Self>, actor: &Actor, id: &RoomId, user: &UserId, rights: Rights, gone: bool) -> Result<bool> {
        let names = rights.names().into_iter().map(str::to_owned).collect();
        let event = self.event(id, None, actor, Body::StaffChanged { user: user.clone(), rights: names });
        let (service, id, user) = (self.clone(), id.clone(), user.clone());
        self.show_after(async move {
            let news = if gone {
                service.store.delete_grant(&id, &user, &event).await?
            } else {
                service.store.put_grant(&id, &user, rights, &event).await?
            };
            Ok((news, if news { vec![event] } else { Vec::new() }))
        })
        .await
    }
}
