//! The timeline on real servers: sealed, checked, replayed, exported; on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "timeline/exported.rs"]
mod exported;
#[path = "timeline/replay.rs"]
mod replay;
#[path = "timeline/sealed.rs"]
mod sealed;

use std::time::Duration;

/// Longest wait for something that takes seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `done` says so.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

/// Runs SQL behind the program's back.
async fn execute(database: &str, sql: &str) {
    use sqlx::Connection as _;
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if database.starts_with("postgres") {
        let mut db = sqlx::PgConnection::connect(database).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    } else {
        let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{database}")).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
}
