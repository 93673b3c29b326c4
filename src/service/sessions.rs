//! Sign-in, entry by code, sessions: who acts.

use std::sync::Arc;

use super::{Service, allow};
use crate::auth::codes::EntryCode;
use crate::auth::secrets::{SessionSecret, mint};
use crate::auth::tokens::{self, Claims, TokenFault, TokenKind};
use crate::bus::Message;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Role, Scope};
use crate::domain::ids::{CandidateId, RoomId, SessionId, UserId};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle;
use crate::store::StoreError;
use crate::store::accounts::{NewSession, SessionRow, UserRow};
use crate::store::candidates::CandidateRow;

/// A session that has just begun or been renewed.
pub struct Opened {
    /// Its id.
    pub session: SessionId,
    /// Its secret: cookie or refresh token. Shown once.
    pub secret: SessionSecret,
    /// A bearer token.
    pub access_token: String,
    /// Until when the token is good, Unix ms.
    pub expires_ms: Ms,
}

/// Cookie of a candidate's session; `__Host-` stands before it where the page is served over TLS.
pub const SIT_COOKIE: &str = "invigil_sit";
/// Cookie of a staff session.
pub const STAFF_COOKIE: &str = "invigil_staff";

/// The key of the note that the first administrator may still be made.
pub const SETUP_KEY: &str = "setup_secret";

impl Service {
    /// Signs staff in by password.
    pub async fn login(&self, login: &str, password: &str, address: &str) -> Result<(Opened, UserRow)> {
        allow(&Actor::Nobody, Action::Login, Scope::Open)?;
        let login = login.trim().to_lowercase();
        let now = self.now();
        let keys = [(format!("login:{login}"), throttle::LOGIN), (format!("login@{address}"), throttle::LOGIN_ADDRESS)];
        if keys.iter().any(|(key, allowance)| !self.live.throttles.has(key, *allowance, now)) {
            return Err(Error { retry_after: Some(10), ..Code::RateLimited.into() });
        }
        let user = self.store.user_by_login(&login).await?;
        let stored = user.as_ref().map(|u| u.password.as_str());
        let right = self.passwords.verify(password.to_owned(), stored).await.map_err(|_| Code::Busy)?;
        let Some(user) = user.filter(|_| right) else {
            for (key, allowance) in &keys {
                self.live.throttles.take(key, *allowance, now);
            }
            return Err(Code::LoginFailed.into());
        };
        if user.disabled {
            return Err(Code::AccountDisabled.into());
        }
        let opened = self.open_staff(&user).await?;
        Ok((opened, user))
    }

    async fn open_staff(&self, user: &UserRow) -> Result<Opened> {
        let now = self.now();
        let session: SessionId = mint(now);
        let secret = SessionSecret::fresh();
        self.store
            .create_session(&NewSession {
                id: session.clone(),
                secret_hash: secret.stored_hash(),
                user: Some(user.id.clone()),
                candidate: None,
                generation: user.generation,
                now,
                expires_ms: now + limits::STAFF_IDLE_MS,
            })
            .await?;
        self.opened(session, secret, TokenKind::Staff, user.id.as_str(), user.generation, now + limits::ACCESS_TOKEN_MS)
    }

    fn opened(
        &self,
        session: SessionId,
        secret: SessionSecret,
        kind: TokenKind,
        sub: &str,
        generation: i64,
        expires_ms: Ms,
    ) -> Result<Opened> {
        let claims = Claims {
            sid: session.clone(),
            sub: sub.to_owned(),
            kind,
            generation,
            iat: self.now() / 1000,
            exp: expires_ms / 1000,
        };
        let access_token = tokens::issue(&self.keys, &claims).map_err(Error::internal)?;
        Ok(Opened { session, secret, access_token, expires_ms })
    }

    /// Lets a student in by code. A fresh entry is a fresh device.
    pub async fn enter(&self, code: &str, address: &str) -> Result<(Opened, CandidateRow)> {
        allow(&Actor::Nobody, Action::Enter, Scope::Open)?;
        let now = self.now();
        let by_address = format!("code@{address}");
        if !self.live.throttles.has(&by_address, throttle::CODE_ADDRESS, now) {
            return Err(Error { retry_after: Some(10), ..Code::RateLimited.into() });
        }
        let found = self.find_code(code, now).await?;
        let Some(candidate) = found else {
            self.live.throttles.take(&by_address, throttle::CODE_ADDRESS, now);
            return Err(Code::CodeUnknown.into());
        };
        let room = self.store.room(&candidate.room_id).await?.ok_or(Code::CodeUnknown)?;
        if room.ended_ms.is_some_and(|ended| now > ended + limits::AFTER_END_MS) {
            return Err(Code::CodeUnknown.into());
        }
        let session: SessionId = mint(now);
        let secret = SessionSecret::fresh();
        let expires_ms = now + limits::CANDIDATE_SESSION_MS;
        self.store
            .create_session(&NewSession {
                id: session.clone(),
                secret_hash: secret.stored_hash(),
                user: None,
                candidate: Some((candidate.id.clone(), candidate.room_id.clone())),
                generation: 0,
                now,
                expires_ms,
            })
            .await?;
        let opened = self.opened(session, secret, TokenKind::Candidate, candidate.id.as_str(), 0, expires_ms)?;
        Ok((opened, candidate))
    }

    async fn find_code(&self, code: &str, now: Ms) -> Result<Option<CandidateRow>> {
        let Some(code) = EntryCode::fold(code) else { return Ok(None) };
        let by_room = format!("code:{}", code.room_part().as_str());
        if !self.live.throttles.has(&by_room, throttle::CODE, now) {
            return Err(Error { retry_after: Some(5), ..Code::RateLimited.into() });
        }
        let found = self.store.candidate_by_code(&code.lookup_hash(&self.secret)).await?;
        if found.is_none() {
            self.live.throttles.take(&by_room, throttle::CODE, now);
        }
        Ok(found)
    }

    /// Gives a new access token, and a new refresh secret, for a staff session.
    pub async fn refresh(&self, secret: &str) -> Result<Opened> {
        allow(&Actor::Nobody, Action::Refresh, Scope::Open)?;
        let old = SessionSecret::parse(secret).ok_or(Code::TokenInvalid)?;
        let now = self.now();
        let row = self.store.session_by_secret(&old.stored_hash()).await?.ok_or(Code::TokenInvalid)?;
        let Actor::User { user, .. } = actor_of(&row, now)? else { return Err(Code::TokenInvalid.into()) };
        let fresh = SessionSecret::fresh();
        let expires_ms = now + limits::STAFF_IDLE_MS;
        if !self.store.rotate_session(&row.id, &old.stored_hash(), &fresh.stored_hash(), now, expires_ms).await? {
            return Err(Code::TokenInvalid.into());
        }
        self.opened(row.id, fresh, TokenKind::Staff, user.as_str(), row.generation, now + limits::ACCESS_TOKEN_MS)
    }

    /// Ends the actor's own session; its sockets close.
    pub async fn logout(&self, actor: &Actor) -> Result<()> {
        allow(actor, Action::Logout, Scope::Open)?;
        let session = actor.session().ok_or(Code::TokenMissing)?;
        self.store.end_session(session, self.now()).await?;
        self.bus.publish(Message::SessionsEnded(Arc::new(vec![session.clone()])));
        Ok(())
    }

    /// Ends every session of an account or a candidate.
    pub(crate) async fn end_sessions(&self, user: Option<&UserId>, candidate: Option<&CandidateId>) -> Result<()> {
        let ended = self.store.end_sessions_of(user, candidate, self.now()).await?;
        if !ended.is_empty() {
            self.bus.publish(Message::SessionsEnded(Arc::new(ended)));
        }
        Ok(())
    }

    /// Who a bearer token stands for. Its session is looked up on each call: an ended one is over at once.
    pub async fn actor_by_token(&self, token: &str) -> Result<Actor> {
        let now = self.now();
        let claims = match tokens::read(&self.keys, token, now, TokenKind::Staff) {
            Err(TokenFault::Invalid) => tokens::read(&self.keys, token, now, TokenKind::Candidate),
            other => other,
        }
        .map_err(|fault| match fault {
            TokenFault::Expired => Code::TokenExpired,
            TokenFault::Invalid => Code::TokenInvalid,
        })?;
        let row = self.store.session(&claims.sid).await?.ok_or(Code::TokenInvalid)?;
        if claims.generation != row.generation {
            return Err(Code::TokenExpired.into());
        }
        actor_of(&row, now)
    }

    /// Who a cookie's secret stands for; None when it is not good any more.
    pub async fn actor_by_secret(&self, secret: &SessionSecret) -> Result<Option<Actor>> {
        let now = self.now();
        let Some(row) = self.store.session_by_secret(&secret.stored_hash()).await? else { return Ok(None) };
        let Ok(actor) = actor_of(&row, now) else { return Ok(None) };
        if row.user_id.is_some() && now - row.used_ms > 60_000 {
            self.store.touch_session(&row.id, now, now + limits::STAFF_IDLE_MS).await?;
        }
        Ok(Some(actor))
    }

    /// The candidate an actor is in a room: itself, or for an account of role student the one that bears its student id.
    pub async fn as_candidate(&self, actor: Actor, room: Option<&RoomId>) -> Result<Actor> {
        match actor {
            Actor::Nobody => Err(Code::TokenMissing.into()),
            Actor::Candidate { room: ref own, .. } => {
                if room.is_none_or(|room| room == own) {
                    Ok(actor)
                } else {
                    Err(Code::NotEnrolled.into())
                }
            }
            Actor::User { user, role: Role::Student, session } => {
                let room = room.ok_or(Code::RoomRequired)?;
                let student = self.store.user(&user).await?.and_then(|u| u.student_id).ok_or(Code::NotEnrolled)?;
                let row = self.store.candidate_of_student(room, &student).await?.ok_or(Code::NotEnrolled)?;
                Ok(Actor::Candidate { candidate: row.id, room: room.clone(), session })
            }
            Actor::User { .. } | Actor::Server => Err(Code::NotEnrolled.into()),
        }
    }

    /// Makes the first administrator, by the secret that the first start printed.
    pub async fn setup(&self, secret: &str, login: &str, name: &str, password: &str) -> Result<(Opened, UserRow)> {
        allow(&Actor::Nobody, Action::Setup, Scope::Open)?;
        let now = self.now();
        if !self.live.throttles.has("setup", throttle::LOGIN, now) {
            return Err(Error { retry_after: Some(10), ..Code::RateLimited.into() });
        }
        self.store.meta(SETUP_KEY).await?.ok_or(Code::SetupDone)?;
        if !self.secret.is_setup_secret(secret.trim()) {
            self.live.throttles.take("setup", throttle::LOGIN, now);
            return Err(Code::LoginFailed.into());
        }
        let user = self.make_user(login, name, Role::Admin, password, None).await?;
        if self.store.take_meta(SETUP_KEY).await?.is_none() {
            return Err(Code::SetupDone.into());
        }
        match self.store.create_user(&user).await {
            Err(StoreError::Duplicate) => return Err(Code::LoginTaken.into()),
            other => other?,
        }
        let opened = self.open_staff(&user).await?;
        Ok((opened, user))
    }
}

/// Who a session stands for, while it is good.
pub(super) fn actor_of(row: &SessionRow, now: Ms) -> Result<Actor> {
    let over = row.ended_ms.is_some() || now >= row.expires_ms;
    let room_over = row.room_ended_ms.is_some_and(|ended| now > ended + limits::AFTER_END_MS);
    if row.disabled == Some(true) {
        return Err(Code::AccountDisabled.into());
    }
    if over || room_over || row.user_generation.is_some_and(|g| g != row.generation) {
        return Err(Code::TokenExpired.into());
    }
    if let (Some(user), Some(role)) = (&row.user_id, row.role.as_deref()) {
        let role = Role::parse(role).unwrap_or(Role::Student);
        return Ok(Actor::User { user: user.clone(), role, session: row.id.clone() });
    }
    let (Some(candidate), Some(room)) = (&row.candidate_id, &row.room_id) else {
        return Err(Code::TokenInvalid.into());
    };
    Ok(Actor::Candidate { candidate: candidate.clone(), room: room.clone(), session: row.id.clone() })
}
