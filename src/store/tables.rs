//! The tables and their changes. A change that is pending is not made while a room runs: it may hold up answers, and whoever starts a new
//! version in mid-exam has mostly not meant to.

use sqlx::PgPool;
use sqlx::migrate::Migrator;

use super::{Engine, Result, Store, on};

/// Rooms that the refusal names.
const NAMED: usize = 5;

/// When pending changes of the tables may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// While no room runs.
    Guarded,
    /// Whatever runs: somebody has said so, or nobody else has this database open.
    Anyway,
}

/// Changes of the tables are pending and a room runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "migrations_refused: this version has to change the tables first (changes {}), and {} now: {}. Nothing was changed. Go on with the \
     version that ran until now, and start this one when the rooms have ended (`invigil status` says when). If it cannot wait: \
     --migrate-while-rooms-run does it at once; answers may have to wait until it is done.",
    listed(.pending), if .rooms.len() == 1 { "a room runs" } else { "rooms run" }, named(.rooms)
)]
pub struct Refused {
    /// Numbers of the changes.
    pub pending: Vec<i64>,
    /// Id and place of the rooms.
    pub rooms: Vec<(String, String)>,
}

fn listed(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn named(rooms: &[(String, String)]) -> String {
    let some: Vec<String> = rooms.iter().take(NAMED).map(|(id, place)| format!("{place} ({id})")).collect();
    let rest = rooms.len().saturating_sub(NAMED);
    if rest > 0 { format!("{} and {rest} more", some.join(", ")) } else { some.join(", ") }
}

/// Every change, oldest first; never edited once released. A database that a newer version has changed is taken as it is: changes only
/// add, so that old and new nodes work side by side.
fn migrations() -> Migrator {
    let mut all = sqlx::migrate!("./migrations");
    all.set_ignore_missing(true);
    all
}

impl Store {
    /// Numbers of the changes that this version knows and the database does not have; None: it has no tables yet.
    pub async fn pending(&self) -> Result<Option<Vec<i64>>> {
        let there: bool = match &self.read {
            Engine::Sqlite(db) => {
                let sql = "select count(*) > 0 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
                sqlx::query_scalar(sql).fetch_one(db).await?
            }
            Engine::Postgres(db) => {
                sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(db).await?
            }
        };
        if !there {
            return Ok(None);
        }
        let sql = "select version from _sqlx_migrations order by version";
        let applied: Vec<i64> = on!(&self.read, |db| sqlx::query_scalar(sql).fetch_all(db).await)?;
        let migrations = migrations();
        let known: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
        let newer: Vec<i64> = applied.iter().copied().filter(|version| !known.contains(version)).collect();
        if !newer.is_empty() {
            tracing::warn!(changes = listed(&newer), "database.newer");
        }
        Ok(Some(known.into_iter().filter(|version| !applied.contains(version)).collect()))
    }

    /// Rooms that run or are paused, by id and place. Reads nothing that a later version has added.
    pub async fn rooms_running(&self) -> Result<Vec<(String, String)>> {
        let sql = "select id, location from rooms where started_ms is not null and ended_ms is null order by id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).fetch_all(db).await)?)
    }

    /// Makes the pending changes, or says why not.
    pub(super) async fn change_tables(&self, when: Tables) -> anyhow::Result<()> {
        let pending = self.pending().await?;
        if when == Tables::Guarded
            && let Some(pending) = pending.filter(|pending| !pending.is_empty())
        {
            let rooms = self.rooms_running().await?;
            anyhow::ensure!(rooms.is_empty(), Refused { pending, rooms });
        }
        let migrations = migrations();
        on!(&self.write, |db| migrations.run(db).await)?;
        if let Engine::Postgres(db) = &self.write {
            leave_room(db).await?;
        }
        Ok(())
    }
}

/// PostgreSQL writes a changed row anew. Where its page has no room for it, every index of the table is written too: a change of time, which
/// gives each candidate of a hall a new rev, then takes eight times as long (docs/SCALE.md).
async fn leave_room(db: &PgPool) -> Result<()> {
    let set = "select coalesce(array_to_string(reloptions, ','), '') like '%fillfactor%' from pg_class where oid = 'candidates'::regclass";
    let set: bool = sqlx::query_scalar(set).fetch_one(db).await?;
    if !set {
        sqlx::query("alter table candidates set (fillfactor = 50)").execute(db).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_rooms_and_says_what_to_do() {
        let room = |n: i64| (format!("rm_{n}"), format!("Hall {n}"));
        let one = Refused { pending: vec![4, 5], rooms: vec![room(1)] }.to_string();
        for part in
            ["migrations_refused", "4, 5", "a room runs now: Hall 1 (rm_1)", "invigil status", "--migrate-while-rooms-run"]
        {
            assert!(one.contains(part), "{one}");
        }
        let many = Refused { pending: vec![4], rooms: (1..=7).map(room).collect() }.to_string();
        assert!(
            many.contains("rooms run now") && many.contains("Hall 5 (rm_5) and 2 more") && !many.contains("Hall 6"),
            "{many}"
        );
    }
}
