//! Accounts.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{Created, Page, Wanted};
use super::types::{At, Body};
use crate::domain::access::Role;
use crate::domain::ids::UserId;
use crate::service::users::UserChange;
use crate::store::accounts::UserRow;

pub(super) struct Users;

/// An account.
#[derive(Object)]
pub(super) struct User {
    /// Its id.
    id: UserId,
    /// Sign-in name.
    login: String,
    /// Name for people.
    name: String,
    /// What it is.
    role: Role,
    /// For role student: the school's number, which links the account to candidates.
    student_id: Option<String>,
    /// May not sign in.
    disabled: bool,
    /// When it was made.
    created_at: At,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            role: row.role(),
            id: row.id,
            login: row.login,
            name: row.name,
            student_id: row.student_id,
            disabled: row.disabled,
            created_at: At(row.created_ms),
        }
    }
}

/// A new account.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewUser {
    /// Sign-in name, without spaces.
    login: String,
    /// Name for people.
    name: String,
    /// What it is.
    role: Role,
    /// At least 10 characters, not a common one, not login or name.
    #[oai(validator(max_length = 1000))]
    password: String,
    /// For role student: the school's number.
    student_id: Option<String>,
}

/// What to change of an account; what is absent stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct UserPatch {
    /// Name for people.
    name: Option<String>,
    /// Ends its sessions.
    role: Option<Role>,
    /// Ends its sessions.
    disabled: Option<bool>,
    /// A new password. Ends its sessions.
    #[oai(validator(max_length = 1000))]
    password: Option<String>,
    /// For role student; null removes it.
    student_id: MaybeUndefined<String>,
}

#[OpenApi(tag = "Tag::Users")]
impl Users {
    /// List accounts.
    #[oai(path = "/users", method = "get", operation_id = "list_users")]
    async fn list_users(
        &self,
        caller: Caller,
        /// Only of this role.
        role: Query<Option<Role>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<User>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let rows = caller.service.list_users(&caller.actor, role.0, &wanted.after, wanted.read()).await?;
        Ok(Json(wanted.page(rows, |row| row.id.to_string(), User::from)))
    }

    /// Make an account.
    #[oai(path = "/users", method = "post", operation_id = "create_user")]
    async fn create_user(&self, caller: Caller, body: Body<NewUser>) -> Reply<Created<User>> {
        let NewUser { login, name, role, password, student_id } = body.0;
        let user = caller.service.create_user(&caller.actor, &login, &name, role, &password, student_id).await?;
        let place = format!("{}/users/{}", super::BASE, user.id);
        Ok(Created::Made(Json(user.into()), place))
    }

    /// Read an account.
    #[oai(path = "/users/:user", method = "get", operation_id = "get_user")]
    async fn get_user(&self, caller: Caller, user: Path<UserId>) -> Reply<Json<User>> {
        Ok(Json(caller.service.get_user(&caller.actor, &user.0).await?.into()))
    }

    /// Change an account.
    ///
    /// A change of role or password, and disabling, end its sessions. The last administrator cannot be taken away.
    #[oai(path = "/users/:user", method = "patch", operation_id = "update_user")]
    async fn update_user(&self, caller: Caller, user: Path<UserId>, body: Body<UserPatch>) -> Reply<Json<User>> {
        let UserPatch { name, role, disabled, password, student_id } = body.0;
        let student_id = match student_id {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(text) => Some(Some(text)),
        };
        let change = UserChange { name, role, disabled, password, student_id };
        Ok(Json(caller.service.update_user(&caller.actor, &user.0, change).await?.into()))
    }
}
