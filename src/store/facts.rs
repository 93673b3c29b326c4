//! What an operator may want to know of the database itself.

use super::{Engine, Result, Store};

/// A database as it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// In a file.
    Sqlite {
        /// Of the library.
        version: String,
        /// `wal` after the first start.
        journal_mode: String,
        /// Size of the file.
        bytes: i64,
    },
    /// A server.
    Postgres {
        /// Of the server.
        version: String,
        /// Settings that must be `on`, and what they are.
        settings: Vec<(&'static str, String)>,
        /// Standbys that a commit waits for; empty: none.
        standbys: String,
        /// Connections it takes.
        connections: i64,
    },
}

impl Store {
    /// What this database is.
    pub async fn facts(&self) -> Result<Facts> {
        let db = match &self.read {
            Engine::Sqlite(db) => {
                let version = sqlx::query_scalar("select sqlite_version()").fetch_one(db).await?;
                let journal_mode = sqlx::query_scalar("pragma journal_mode").fetch_one(db).await?;
                let sql = "select c.page_count * s.page_size from pragma_page_count() c, pragma_page_size() s";
                return Ok(Facts::Sqlite { version, journal_mode, bytes: sqlx::query_scalar(sql).fetch_one(db).await? });
            }
            Engine::Postgres(db) => db,
        };
        let of = async |name: &str| -> Result<String> {
            Ok(sqlx::query_scalar("select current_setting($1)").bind(name.to_owned()).fetch_one(db).await?)
        };
        let mut settings = Vec::new();
        for name in ["fsync", "full_page_writes", "synchronous_commit"] {
            settings.push((name, of(name).await?));
        }
        Ok(Facts::Postgres {
            version: of("server_version").await?,
            settings,
            standbys: of("synchronous_standby_names").await?,
            connections: of("max_connections").await?.parse().unwrap_or_default(),
        })
    }

    /// Nodes that have beaten since an instant.
    pub async fn nodes_since(&self, at: crate::domain::Ms) -> Result<i64> {
        let sql = "select count(*) from nodes where beat_ms >= $1";
        Ok(super::on!(&self.read, |db| sqlx::query_scalar(sql).bind(at).fetch_one(db).await)?)
    }
}
