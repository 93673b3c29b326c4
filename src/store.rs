//! The database. One SQL text runs on SQLite and on PostgreSQL; nothing above this module knows that there are two.
//!
//! The portable subset: `$1` placeholders; ids are text made by us; instants are bigint Unix ms from trusted time, never `now()` (`clock` alone asks it);
//! boolean, text, bigint; `on conflict`, `returning`, `update .. from (values ..) as v` with `v.column1`; no JSON operators, arrays,
//! serial, `ilike`, `for share`, `without rowid`; `order by x is null, x`; `cast(sum(..) as bigint)`. Errors are mapped by kind, never by
//! a constraint's name. A transaction never leaves this module.

/// Accounts, sessions, keys, meta.
pub mod accounts;
/// Answers as rows, for reading.
pub mod answers;
/// Who is here.
pub mod attendance;
/// Copies, restores, the epoch.
pub mod backup;
/// Candidates: roster, codes, facts.
pub mod candidates;
/// Checks of computers before an exam.
pub mod checks;
/// The database's own clock.
pub mod clock;
/// Exams and paper versions.
pub mod exams;
/// How the database is set up.
pub mod facts;
mod fault;
/// Incidents and their replies.
pub mod incidents;
/// The group-commit writer of every hot write.
pub mod journal;
/// Messages and their receipts.
pub mod messages;
/// Beats of nodes, and the times in which there were none.
pub mod outages;
/// Presence: how devices are heard, and which nodes live.
pub mod presence;
/// Rehearsals, and the erasing of their rooms.
pub mod rehearsals;
/// Rooms, grants and their ledger.
pub mod rooms;
/// What rules look for, for whom they are off, addresses of devices.
pub mod rules;
/// Seals of timelines.
pub mod seals;
/// Tables and their changes.
pub mod tables;
/// Templates of messages.
pub mod templates;
/// The timeline.
pub mod timeline;
/// Facts of time.
pub mod times;

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Sqlite, SqlitePool, Transaction};

use crate::domain::Ms;
use crate::weaken;
pub use fault::{Result, StoreError, broken};
pub use tables::Tables;

/// One of two engines, with the same thing of each.
#[derive(Debug, Clone)]
pub enum Engine<S, P> {
    /// Embedded.
    Sqlite(S),
    /// For many nodes.
    Postgres(P),
}

/// Connections to one database.
pub type Pool = Engine<SqlitePool, PgPool>;
/// One transaction; rolled back when dropped.
pub type Tx = Engine<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

/// Expands one body for both engines: same SQL, native types.
macro_rules! on {
    ($engine:expr, |$db:ident| $body:expr) => {
        match $engine {
            $crate::store::Engine::Sqlite($db) => $body,
            $crate::store::Engine::Postgres($db) => $body,
        }
    };
}
/// Runs a prepared query inside a transaction: `tx!(tx, execute, query)`.
macro_rules! tx {
    ($tx:expr, $run:ident, $query:expr) => {
        match $tx {
            $crate::store::Engine::Sqlite(t) => $query.$run(&mut **t).await,
            $crate::store::Engine::Postgres(t) => $query.$run(&mut **t).await,
        }
    };
}
/// Executes a query inside a transaction and counts the rows it touched.
macro_rules! run {
    ($tx:expr, $query:expr) => {
        match $tx {
            $crate::store::Engine::Sqlite(t) => $query.execute(&mut **t).await.map(|r| r.rows_affected()),
            $crate::store::Engine::Postgres(t) => $query.execute(&mut **t).await.map(|r| r.rows_affected()),
        }
    };
}
pub(crate) use {on, run, tx};

/// The store: pools for reading and for writing.
#[derive(Debug, Clone)]
pub struct Store {
    /// SQLite: one connection. PostgreSQL: the same pool as `read`.
    write: Pool,
    read: Pool,
}

impl Store {
    /// Opens the database named by `url` (`postgres://…`, or a path or `sqlite:` path), checks that it keeps what it acknowledges, and
    /// brings its tables up to date, which is refused while a room runs.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        Self::open_with(url, Tables::Guarded).await
    }

    /// The same, by one's own word on the tables.
    pub async fn open_with(url: &str, tables: Tables) -> anyhow::Result<Self> {
        let store = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url).await?
        } else {
            open_sqlite(url).await?
        };
        store.change_tables(tables).await?;
        Ok(store)
    }

    /// Which engine this is, for logs.
    pub fn engine(&self) -> &'static str {
        match self.write {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        on!(&self.read, |db| db.close().await);
        on!(&self.write, |db| db.close().await);
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        on!(&self.read, |db| sqlx::query("select 1").execute(db).await.map(drop))?;
        Ok(())
    }

    /// Tries whether something can be written and kept, the way the journal does it.
    pub(crate) async fn probe(&self, now: Ms) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql =
            "insert into meta (key, value) values ('journal.probe', $1) on conflict (key) do update set value = excluded.value";
        run!(&mut tx, sqlx::query(sql).bind(now.to_string()))?;
        commit(tx).await
    }

    /// Begins a write. SQLite takes the write lock at once, so a transaction never fails half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        Ok(match &self.write {
            Engine::Sqlite(db) => Engine::Sqlite(begin_sqlite(db).await?),
            Engine::Postgres(db) => Engine::Postgres(db.begin().await?),
        })
    }
}

/// After a full disk or an I/O error SQLite rolls back by itself, and the driver still counts a transaction that is no more: on that
/// connection none could begin ever again. Another one takes its place.
async fn begin_sqlite(db: &SqlitePool) -> std::result::Result<Transaction<'static, Sqlite>, sqlx::Error> {
    const BEGIN: &str = "begin immediate";
    match db.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            tracing::warn!("store.connection_replaced");
            db.acquire().await?.close().await?;
            db.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

/// Commits; nothing may be acknowledged or published before this returns.
pub(crate) async fn commit(tx: Tx) -> Result<()> {
    match tx {
        Engine::Sqlite(t) => t.commit().await,
        Engine::Postgres(t) => t.commit().await,
    }
    .map_err(StoreError::at_commit)
}

async fn open_sqlite(url: &str) -> anyhow::Result<Store> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(if weaken::on("synchronous_normal") { SqliteSynchronous::Normal } else { SqliteSynchronous::Full })
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("fullfsync", "on")
        .pragma("journal_size_limit", "67108864");
    let write =
        SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(5)).connect_with(options.clone()).await?;
    check_sqlite(&write).await?;
    let read = SqlitePoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(5)).connect_with(options).await?;
    Ok(Store { write: Engine::Sqlite(write), read: Engine::Sqlite(read) })
}

/// A database that would lose what it acknowledged is refused at start.
async fn check_sqlite(db: &SqlitePool) -> anyhow::Result<()> {
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(db).await?;
    let sync: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(db).await?;
    let keys: i64 = sqlx::query_scalar("pragma foreign_keys").fetch_one(db).await?;
    anyhow::ensure!(
        mode == "wal" && (sync == 2 || weaken::on("synchronous_normal")) && keys == 1,
        "the database file does not keep what it acknowledges (journal_mode {mode}, synchronous {sync}, foreign_keys {keys}); \
         is it on a network file system?"
    );
    Ok(())
}

async fn open_postgres(url: &str) -> anyhow::Result<Store> {
    let options = PgConnectOptions::from_str(url)?.application_name("invigil").options([
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("synchronous_commit", if weaken::on("synchronous_commit_off") { "off" } else { "on" }),
    ]);
    let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(2)).connect_with(options).await?;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&pool).await?;
        anyhow::ensure!(
            value == "on" || weaken::on("synchronous_commit_off"),
            "PostgreSQL has {setting} = {value}: it would lose answers it acknowledged. Set it to on."
        );
    }
    Ok(Store { write: Engine::Postgres(pool.clone()), read: Engine::Postgres(pool) })
}
