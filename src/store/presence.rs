//! Presence as rows: of candidates, and of the nodes that answer for them.

use super::{Engine, Result, Store, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::event::Presence;
use crate::domain::ids::{CandidateId, NodeId, RoomId};
use crate::domain::presence::{Heard, Line};
use crate::limits;

/// What a candidate's row says of its device.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct PresenceRow {
    /// How it is heard; empty: never.
    pub presence: String,
    /// Since when.
    pub presence_ms: Ms,
    /// Counts the changes.
    pub presence_n: i64,
    /// Number of the connection.
    pub connection: i64,
    /// Who answers for it.
    pub presence_node: Option<NodeId>,
    /// When its socket was closed.
    pub left_ms: Option<Ms>,
}

impl PresenceRow {
    /// As the rules take it.
    pub fn heard(&self) -> Heard {
        Heard {
            presence: Presence::parse(&self.presence).unwrap_or(Presence::Never),
            at_ms: self.presence_ms,
            line: Line { n: self.presence_n, connection: self.connection, node: self.presence_node.clone() },
            left: self.left_ms.is_some(),
        }
    }

    /// As it is stored.
    pub(super) fn of(heard: &Heard) -> Self {
        Self {
            presence: heard.presence.as_str().to_owned(),
            presence_ms: heard.at_ms,
            presence_n: heard.line.n,
            connection: heard.line.connection,
            presence_node: heard.line.node.clone(),
            left_ms: heard.left.then_some(heard.at_ms),
        }
    }
}

/// Rows that one statement writes.
const ROWS: usize = 256;

impl Store {
    /// Nodes that have beaten since.
    pub async fn living_nodes(&self, since: Ms) -> Result<Vec<NodeId>> {
        let sql = "select id from nodes where beat_ms > $1";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(since).fetch_all(db).await)?)
    }

    /// Nodes that have not beaten since, and whose candidates nobody has looked after yet.
    pub async fn dead_nodes(&self, since: Ms) -> Result<Vec<NodeId>> {
        let sql = "select id from nodes where beat_ms <= $1 and buried_ms is null order by id";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(since).fetch_all(db).await)?)
    }

    /// For whom a node answers who could be lost, and over which connection.
    pub async fn answered_for(&self, node: &NodeId, limit: i64) -> Result<Vec<(CandidateId, RoomId, i64)>> {
        let sql = "select id, room_id, connection from candidates where presence_node = $1 and ended_ms is null \
                   and presence in ('connected', 'slow', 'unsteady') order by id limit $2";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(node).bind(limit).fetch_all(db).await)?)
    }

    /// Nothing is left to be done for a dead node, unless it has beaten since. It answers for nobody any more.
    pub async fn bury(&self, node: &NodeId, since: Ms, now: Ms) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "update nodes set buried_ms = $3 where id = $1 and beat_ms <= $2";
        if run!(&mut tx, sqlx::query(sql).bind(node).bind(since).bind(now))? == 1 {
            let sql = "update candidates set presence_node = null where presence_node = $1";
            run!(&mut tx, sqlx::query(sql).bind(node))?;
        }
        commit(tx).await
    }
}

/// Whether a node has beaten within its lease.
pub(super) async fn is_alive(tx: &mut Tx, node: &NodeId, now: Ms) -> Result<bool> {
    let sql = "select count(*) from nodes where id = $1 and beat_ms > $2";
    let since = now - limits::LEASE_MS;
    let beats: i64 = tx!(&mut *tx, fetch_one, sqlx::query_scalar(sql).bind(node).bind(since))?;
    Ok(beats > 0)
}

/// Writes what a batch has made of its candidates' presence.
pub(super) async fn write(tx: &mut Tx, rows: &[(CandidateId, PresenceRow)]) -> Result<()> {
    for part in rows.chunks(ROWS) {
        macro_rules! update {
            ($t:expr) => {{
                let mut sql = sqlx::QueryBuilder::new(
                    "update candidates set presence = v.column2, presence_ms = v.column3, presence_n = v.column4, \
                     connection = v.column5, presence_node = v.column6, left_ms = v.column7 from (",
                );
                sql.push_values(part, |mut row, (id, p)| {
                    row.push_bind(id)
                        .push_bind(&p.presence)
                        .push_bind(p.presence_ms)
                        .push_bind(p.presence_n)
                        .push_bind(p.connection)
                        .push_bind(&p.presence_node)
                        .push_bind(p.left_ms);
                });
                sql.push(") as v where candidates.id = v.column1");
                sql.build().persistent(false).execute(&mut **$t).await.map(drop)
            }};
        }
        match &mut *tx {
            Engine::Sqlite(t) => update!(t),
            Engine::Postgres(t) => update!(t),
        }?;
    }
    Ok(())
}
