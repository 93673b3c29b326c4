//! Accounts: by administrators for others, by everybody for themselves.

use super::{Service, allow, text};
use crate::auth::passwords;
use crate::auth::secrets::mint;
use crate::domain::access::{Action, Actor, Role, Scope};
use crate::domain::ids::UserId;
use crate::error::{Code, Error, Result};
use crate::store::StoreError;
use crate::store::accounts::UserRow;

/// What an administrator may change of an account; None leaves as it is.
#[derive(Debug, Default)]
pub struct UserChange {
    /// Name for people.
    pub name: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// May not sign in any more.
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
    /// For role student.
    pub student_id: Option<Option<String>>,
}

impl Service {
    /// The actor's own account; None for a candidate.
    pub async fn get_me(&self, actor: &Actor) -> Result<Option<UserRow>> {
        allow(actor, Action::GetMe, Scope::Open)?;
        match actor {
            Actor::User { user, .. } => Ok(self.store.user(user).await?),
            Actor::Nobody => Err(Code::TokenMissing.into()),
            Actor::Candidate { .. } | Actor::Server => Ok(None),
        }
    }

    /// Changes the actor's own password; every other session of the account ends.
    pub async fn set_password(&self, actor: &Actor, old: &str, new: &str) -> Result<()> {
        allow(actor, Action::SetPassword, Scope::Own)?;
        let id = actor.user().ok_or(Code::TokenMissing)?;
        let mut user = self.store.user(id).await?.ok_or(Code::NotFound)?;
        if !self.passwords.verify(old.to_owned(), Some(&user.password)).await.map_err(|_| Code::Busy)? {
            return Err(Code::LoginFailed.into());
        }
        user.password = self.password_hash(new, &user.login, &user.name).await?;
        user.generation += 1;
        self.store.update_user(&user).await?;
        self.end_sessions(Some(id), None).await
    }

    /// Accounts, a page of them.
    pub async fn list_users(&self, actor: &Actor, role: Option<Role>, after: &str, limit: i64) -> Result<Vec<UserRow>> {
        allow(actor, Action::ListUsers, Scope::Organisation)?;
        Ok(self.store.users(role.map(Role::as_str), after, limit).await?)
    }

    /// One account.
    pub async fn get_user(&self, actor: &Actor, id: &UserId) -> Result<UserRow> {
        allow(actor, Action::GetUser, Scope::Organisation)?;
        self.store.user(id).await?.ok_or_else(|| Code::NotFound.into())
    }

    /// Makes an account.
    pub async fn create_user(
        &self,
        actor: &Actor,
        login: &str,
        name: &str,
        role: Role,
        password: &str,
        student_id: Option<String>,
    ) -> Result<UserRow> {
        allow(actor, Action::CreateUser, Scope::Organisation)?;
        let user = self.make_user(login, name, role, password, student_id).await?;
        match self.store.create_user(&user).await {
            Err(StoreError::Duplicate) => Err(Code::LoginTaken.into()),
            other => Ok(other.map(|()| user)?),
        }
    }

    /// Changes an account. Role, password and disabling end its sessions, and its sockets with them.
    pub async fn update_user(&self, actor: &Actor, id: &UserId, change: UserChange) -> Result<UserRow> {
        allow(actor, Action::UpdateUser, Scope::Organisation)?;
        let mut user = self.store.user(id).await?.ok_or(Code::NotFound)?;
        let was_admin = user.role() == Role::Admin && !user.disabled;
        let before = (user.role.clone(), user.disabled, user.password.clone());
        if let Some(name) = change.name {
            user.name = text("name", &name, 100)?;
        }
        if let Some(role) = change.role {
            role.as_str().clone_into(&mut user.role);
        }
        if let Some(disabled) = change.disabled {
            user.disabled = disabled;
        }
        if let Some(student_id) = change.student_id {
            user.student_id = student_id;
        }
        if let Some(password) = change.password {
            user.password = self.password_hash(&password, &user.login, &user.name).await?;
        }
        let is_admin = user.role() == Role::Admin && !user.disabled;
        if was_admin && !is_admin && self.store.count_admins().await? <= 1 {
            return Err(Code::LastAdmin.into());
        }
        let ends = before != (user.role.clone(), user.disabled, user.password.clone());
        user.generation += i64::from(ends);
        self.store.update_user(&user).await?;
        if ends {
            self.end_sessions(Some(id), None).await?;
        }
        Ok(user)
    }

    /// An account that is not stored yet.
    pub async fn make_user(
        &self,
        login: &str,
        name: &str,
        role: Role,
        password: &str,
        student_id: Option<String>,
    ) -> Result<UserRow> {
        let login = text("login", login, 60)?.to_lowercase();
        if login.chars().any(char::is_whitespace) {
            return Err(Error::field("login", "no_spaces"));
        }
        let name = text("name", name, 100)?;
        let now = self.now();
        Ok(UserRow {
            id: mint(now),
            password: self.password_hash(password, &login, &name).await?,
            login,
            name,
            role: role.as_str().to_owned(),
            student_id,
            generation: 0,
            disabled: false,
            created_ms: now,
        })
    }

    async fn password_hash(&self, password: &str, login: &str, name: &str) -> Result<String> {
        passwords::judge(password, &[login, name, &self.house.organisation]).map_err(|fault| {
            Error::from(Code::WeakPassword).faults(vec![crate::error::Fault {
                path: "password".to_owned(),
                code: fault.code().to_owned(),
                value: String::new(),
            }])
        })?;
        self.passwords.hash(password.to_owned()).await.map_err(|_| Code::Busy.into())
    }
}
