//! Signing in, accounts.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Content, Rest, read};
use crate::client::Problem;

/// Staff that has signed in.
#[derive(Clone, Deserialize)]
pub struct Staff {
    /// The bearer token.
    pub access_token: String,
    /// Makes a new one, once.
    pub refresh_token: String,
    /// Until when the bearer token is good, RFC 3339.
    #[serde(default)]
    pub expires_at: String,
    /// Who it is.
    #[serde(default)]
    pub user: Value,
}

impl Rest {
    /// Signs in; the answer's `Rest` speaks as that person.
    pub async fn login(&self, login: &str, password: &str) -> Result<(Self, Staff), Problem> {
        let json = self.anonymous().post("/auth/login", json!({ "login": login, "password": password })).await?;
        let staff: Staff = read(json)?;
        Ok((self.with_token(&staff.access_token), staff))
    }

    /// Trades a refresh token for new tokens.
    pub async fn refresh(&self, refresh_token: &str) -> Result<(Self, Staff), Problem> {
        let json = self.anonymous().post("/auth/refresh", json!({ "refresh_token": refresh_token })).await?;
        let staff: Staff = read(json)?;
        Ok((self.with_token(&staff.access_token), staff))
    }

    /// Ends the session.
    pub async fn logout(&self) -> Result<(), Problem> {
        self.call(Method::POST, "/auth/logout", Content::Nothing, &[]).await.map(drop)
    }

    /// Who this is.
    pub async fn me(&self) -> Result<Value, Problem> {
        self.get("/me").await
    }

    /// Makes an account.
    pub async fn create_user(&self, user: Value) -> Result<Value, Problem> {
        self.post("/users", user).await
    }

    /// Changes an account.
    pub async fn update_user(&self, user: &str, changes: Value) -> Result<Value, Problem> {
        self.patch(&format!("/users/{user}"), changes).await
    }

    /// Gives a person rights in a room.
    pub async fn grant(&self, room: &str, user: &str, rights: &[&str]) -> Result<Value, Problem> {
        self.put(&format!("/rooms/{room}/staff/{user}"), json!({ "rights": rights })).await
    }
}
