//! Copies of the database: made while it is in use, looked at without touching them, and what a restored one has to know of itself.

/// PostgreSQL's own tools, where they are installed.
pub mod postgres;
/// What makes a restored copy the truth.
pub mod restored;

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::{Engine, Pool, Result, Store, on};
use crate::domain::Ms;
use crate::domain::ids::CandidateId;

/// When a copy was taken, in Unix ms; written into the copy.
const TAKEN_KEY: &str = "backup_taken_ms";
/// Which store this is: a restore makes another one of it, and clients that see another one send again what they keep.
const EPOCH_KEY: &str = "epoch";

/// How much is in a database. Answers and events only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Candidates.
    pub candidates: i64,
    /// Answers.
    pub answers: i64,
    /// Timeline rows.
    pub events: i64,
}

impl Store {
    /// Opens a database that is there, as it is: no migration, nothing set, one connection, apart from the server's own pools, so that
    /// what is read here delays nobody. `copy` is for a file that nobody else has open: it is not written to.
    pub async fn look(url: &str, copy: bool) -> Result<Self> {
        let pool: Pool = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: PgConnectOptions = url.parse()?;
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10));
            Engine::Postgres(pool.connect_with(options.application_name("invigil-look")).await?)
        } else {
            let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).read_only(copy);
            Engine::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
        };
        Ok(Self { write: pool.clone(), read: pool })
    }

    /// Writes everything that is committed now into a new file, while others go on writing. SQLite only; `file` is absent or empty.
    pub async fn copy_into(&self, file: &Path) -> Result<()> {
        if let Engine::Sqlite(db) = &self.read {
            sqlx::query("vacuum into $1").bind(file.display().to_string()).execute(db).await?;
        }
        Ok(())
    }

    /// What the database says of its own state; empty: nothing to complain about.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let Engine::Sqlite(db) = &self.read else { return Ok(Vec::new()) };
        let mut said: Vec<String> = sqlx::query_scalar("pragma quick_check(10)").fetch_all(db).await?;
        said.retain(|line| line != "ok");
        let orphans: i64 = sqlx::query_scalar("select count(*) from pragma_foreign_key_check").fetch_one(db).await?;
        if orphans > 0 {
            said.push(format!("{orphans} rows belong to nothing"));
        }
        Ok(said)
    }

    /// How much is there.
    pub async fn tally(&self) -> Result<Tally> {
        let sql = "select (select count(*) from candidates), (select count(*) from answers), (select count(*) from events)";
        let (candidates, answers, events) = on!(&self.read, |db| sqlx::query_as(sql).fetch_one(db).await)?;
        Ok(Tally { candidates, answers, events })
    }

    /// Candidates who have answers.
    pub async fn writers(&self) -> Result<Vec<CandidateId>> {
        let sql = "select distinct candidate_id from answers order by candidate_id";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).fetch_all(db).await)?)
    }

    /// Notes when this copy was taken.
    pub async fn set_taken(&self, at: Ms) -> Result<()> {
        self.set_meta(TAKEN_KEY, &at.to_string()).await
    }

    /// When this copy was taken, Unix ms; None: it is no copy of ours.
    pub async fn taken_ms(&self) -> Result<Option<Ms>> {
        Ok(self.meta(TAKEN_KEY).await?.and_then(|text| text.parse().ok()))
    }

    /// Which store this is. The first who asks makes it: `fresh`.
    pub async fn epoch(&self, fresh: &str) -> Result<String> {
        let sql = "insert into meta (key, value) values ($1, $2) on conflict do nothing";
        on!(&self.write, |db| sqlx::query(sql).bind(EPOCH_KEY).bind(fresh).execute(db).await.map(drop))?;
        Ok(self.meta(EPOCH_KEY).await?.unwrap_or_default())
    }
}
