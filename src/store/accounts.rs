//! Accounts, sessions, signing keys, meta.

use super::{Engine, Result, Store, StoreError, commit, on, tx};
use crate::domain::Ms;
use crate::domain::access::Role;
use crate::domain::ids::{CandidateId, RoomId, SessionId, UserId};

/// An account as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct UserRow {
    /// Id.
    pub id: UserId,
    /// Sign-in name, lower case.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// `admin`, `teacher`, `student`.
    pub role: String,
    /// Argon2id in PHC form.
    pub password: String,
    /// For role student: whose candidates it reaches.
    pub student_id: Option<String>,
    /// Rises when what a session relied on has changed; older sessions are over.
    pub generation: i64,
    /// May not sign in.
    pub disabled: bool,
    /// Made at, Unix ms.
    pub created_ms: Ms,
}

impl UserRow {
    /// The role; an unknown word is the least.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or(Role::Student)
    }
}

/// A session with what decides whether it is still good.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionRow {
    /// Id.
    pub id: SessionId,
    /// The account, for staff.
    pub user_id: Option<UserId>,
    /// The candidate, for an entry by code.
    pub candidate_id: Option<CandidateId>,
    /// The candidate's room.
    pub room_id: Option<RoomId>,
    /// The account's generation at sign-in.
    pub generation: i64,
    /// Last use, Unix ms.
    pub used_ms: Ms,
    /// Over from then on, Unix ms.
    pub expires_ms: Ms,
    /// Ended by logout or by staff, Unix ms.
    pub ended_ms: Option<Ms>,
    /// The account's role now.
    pub role: Option<String>,
    /// The account's generation now.
    pub user_generation: Option<i64>,
    /// Whether the account is disabled now.
    pub disabled: Option<bool>,
    /// When the candidate's room was over, Unix ms.
    pub room_ended_ms: Option<Ms>,
}

/// A session to be stored.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Id.
    pub id: SessionId,
    /// Hash of the secret.
    pub secret_hash: String,
    /// For staff.
    pub user: Option<UserId>,
    /// For an entry by code.
    pub candidate: Option<(CandidateId, RoomId)>,
    /// The account's generation.
    pub generation: i64,
    /// Now.
    pub now: Ms,
    /// Over from then on.
    pub expires_ms: Ms,
}

const USER: &str = "select id, login, name, role, password, student_id, generation, disabled, created_ms from users";
const SESSION: &str = "select s.id, s.user_id, s.candidate_id, s.room_id, s.generation, s.used_ms, s.expires_ms, s.ended_ms, \
     u.role, u.generation as user_generation, u.disabled, r.ended_ms as room_ended_ms \
     from sessions s left join users u on u.id = s.user_id left join rooms r on r.id = s.room_id";

/// Sessions that one statement asks for.
const TOGETHER: usize = 500;

macro_rules! sql {
    ($($part:expr),+) => { sqlx::AssertSqlSafe([$($part),+].concat()) };
}

impl Store {
    /// A value of the small table of facts about this database.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        Ok(on!(&self.read, |db| sqlx::query_scalar("select value from meta where key = $1").bind(key).fetch_optional(db).await)?)
    }

    /// Sets such a value.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let sql = "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value";
        on!(&self.write, |db| sqlx::query(sql).bind(key).bind(value).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Removes such a value; whether it was there.
    pub async fn take_meta(&self, key: &str) -> Result<Option<String>> {
        let sql = "delete from meta where key = $1 returning value";
        Ok(on!(&self.write, |db| sqlx::query_scalar(sql).bind(key).fetch_optional(db).await)?)
    }

    /// Signing secrets, newest first: (kid, secret in base64, made at).
    pub async fn server_keys(&self) -> Result<Vec<(String, String, Ms)>> {
        let sql = "select kid, secret, created_ms from server_keys order by created_ms desc, kid";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).fetch_all(db).await)?)
    }

    /// Adds a signing secret unless one of that kid is there.
    pub async fn add_server_key(&self, kid: &str, secret: &str, now: Ms) -> Result<()> {
        let sql = "insert into server_keys (kid, secret, created_ms) values ($1, $2, $3) on conflict do nothing";
        on!(&self.write, |db| sqlx::query(sql).bind(kid).bind(secret).bind(now).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Adds an account.
    pub async fn create_user(&self, user: &UserRow) -> Result<()> {
        let sql = "insert into users (id, login, name, role, password, student_id, generation, disabled, created_ms) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&user.id)
            .bind(&user.login)
            .bind(&user.name)
            .bind(&user.role)
            .bind(&user.password)
            .bind(&user.student_id)
            .bind(user.generation)
            .bind(user.disabled)
            .bind(user.created_ms)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Replaces what may change of an account.
    pub async fn update_user(&self, user: &UserRow) -> Result<()> {
        let sql =
            "update users set name = $2, role = $3, password = $4, student_id = $5, generation = $6, disabled = $7 where id = $1";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&user.id)
            .bind(&user.name)
            .bind(&user.role)
            .bind(&user.password)
            .bind(&user.student_id)
            .bind(user.generation)
            .bind(user.disabled)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// An account by id.
    pub async fn user(&self, id: &UserId) -> Result<Option<UserRow>> {
        Ok(on!(&self.read, |db| sqlx::query_as(sql!(USER, " where id = $1")).bind(id).fetch_optional(db).await)?)
    }

    /// An account by its sign-in name.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<UserRow>> {
        Ok(on!(&self.read, |db| sqlx::query_as(sql!(USER, " where login = $1")).bind(login).fetch_optional(db).await)?)
    }

    /// Accounts after an id, in id order; optionally of one role.
    pub async fn users(&self, role: Option<&str>, after: &str, limit: i64) -> Result<Vec<UserRow>> {
        let tail = " where id > $1 and ($2 = '' or role = $2) order by id limit $3";
        Ok(on!(&self.read, |db| sqlx::query_as(sql!(USER, tail))
            .bind(after)
            .bind(role.unwrap_or(""))
            .bind(limit)
            .fetch_all(db)
            .await)?)
    }

    /// How many administrators can sign in.
    pub async fn count_admins(&self) -> Result<i64> {
        let sql = "select count(*) from users where role = 'admin' and not disabled";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).fetch_one(db).await)?)
    }

    /// Adds a session.
    pub async fn create_session(&self, s: &NewSession) -> Result<()> {
        let sql = "insert into sessions (id, secret_hash, user_id, candidate_id, room_id, generation, created_ms, used_ms, expires_ms) \
                   values ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
        let (candidate, room) = s.candidate.clone().unzip();
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&s.id)
            .bind(&s.secret_hash)
            .bind(&s.user)
            .bind(&candidate)
            .bind(&room)
            .bind(s.generation)
            .bind(s.now)
            .bind(s.expires_ms)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// A session by id.
    pub async fn session(&self, id: &SessionId) -> Result<Option<SessionRow>> {
        Ok(on!(&self.read, |db| sqlx::query_as(sql!(SESSION, " where s.id = $1")).bind(id).fetch_optional(db).await)?)
    }

    /// Those of these sessions that there are.
    pub async fn sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRow>> {
        let mut rows = Vec::with_capacity(ids.len());
        macro_rules! load {
            ($db:expr, $part:expr) => {{
                let mut sql = sqlx::QueryBuilder::new(SESSION);
                sql.push(" where s.id in (");
                let mut list = sql.separated(", ");
                for id in $part {
                    list.push_bind(id);
                }
                sql.push(")");
                sql.build_query_as().persistent(false).fetch_all($db).await?
            }};
        }
        for part in ids.chunks(TOGETHER) {
            let found: Vec<SessionRow> = match &self.read {
                Engine::Sqlite(db) => load!(db, part),
                Engine::Postgres(db) => load!(db, part),
            };
            rows.extend(found);
        }
        Ok(rows)
    }

    /// A session by its secret's hash.
    pub async fn session_by_secret(&self, hash: &str) -> Result<Option<SessionRow>> {
        Ok(on!(&self.read, |db| sqlx::query_as(sql!(SESSION, " where s.secret_hash = $1")).bind(hash).fetch_optional(db).await)?)
    }

    /// Notes the use of a session and moves its end.
    pub async fn touch_session(&self, id: &SessionId, now: Ms, expires_ms: Ms) -> Result<()> {
        let sql = "update sessions set used_ms = $2, expires_ms = $3 where id = $1 and ended_ms is null";
        on!(&self.write, |db| sqlx::query(sql).bind(id).bind(now).bind(expires_ms).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Gives a session another secret; false when the old one was not current (it was used twice).
    pub async fn rotate_session(&self, id: &SessionId, old_hash: &str, new_hash: &str, now: Ms, expires_ms: Ms) -> Result<bool> {
        let sql = "update sessions set secret_hash = $3, used_ms = $4, expires_ms = $5 \
                   where id = $1 and secret_hash = $2 and ended_ms is null returning id";
        let row: Option<String> = on!(&self.write, |db| sqlx::query_scalar(sql)
            .bind(id)
            .bind(old_hash)
            .bind(new_hash)
            .bind(now)
            .bind(expires_ms)
            .fetch_optional(db)
            .await)?;
        Ok(row.is_some())
    }

    /// Ends a session.
    pub async fn end_session(&self, id: &SessionId, now: Ms) -> Result<()> {
        let sql = "update sessions set ended_ms = $2 where id = $1 and ended_ms is null";
        on!(&self.write, |db| sqlx::query(sql).bind(id).bind(now).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Ends every session of an account or a candidate and names them.
    pub async fn end_sessions_of(
        &self,
        user: Option<&UserId>,
        candidate: Option<&CandidateId>,
        now: Ms,
    ) -> Result<Vec<SessionId>> {
        let sql = "update sessions set ended_ms = $3 where (user_id = $1 or candidate_id = $2) and ended_ms is null returning id";
        let mut tx = self.begin().await?;
        let ids: Vec<SessionId> = tx!(&mut tx, fetch_all, sqlx::query_scalar(sql).bind(user).bind(candidate).bind(now))?;
        commit(tx).await?;
        Ok(ids)
    }

    /// The newest instant stored anywhere: trusted time never starts before it.
    pub async fn last_event_ms(&self) -> Result<Option<Ms>> {
        let sql = "select at_ms from events order by id desc limit 1";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).fetch_optional(db).await)?)
    }
}

/// A stored word that the code does not know.
pub(super) fn unreadable(what: &str, text: &str) -> StoreError {
    StoreError::Unreadable(format!("{what} {text:?}"))
}
