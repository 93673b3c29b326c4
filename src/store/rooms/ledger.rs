//! A room's ledger as rows.

use std::collections::BTreeMap;

use super::super::accounts::unreadable;
use super::super::{Result, Store, Tx, on, tx};
use crate::domain::Ms;
use crate::domain::clock::{Change, Kind, Ledger, Reason, Target, Targets};
use crate::domain::ids::{CandidateId, RoomId, UserId};

/// One ledger entry as stored.
#[derive(Debug, sqlx::FromRow)]
struct ChangeRow {
    rev: i64,
    at_ms: Ms,
    kind: String,
    targeted: bool,
    reason_code: String,
    reason_text: String,
    by_user: Option<UserId>,
}

const CHANGES: &str =
    "select rev, at_ms, kind, targeted, reason_code, reason_text, by_user from clock_changes where room_id = $1 order by rev";

impl Store {
    /// A room's ledger.
    pub async fn ledger(&self, id: &RoomId) -> Result<Ledger> {
        let targets = "select rev, candidate_id, from_ms from clock_targets where room_id = $1 order by rev, candidate_id";
        let changes = on!(&self.read, |db| sqlx::query_as(CHANGES).bind(id).fetch_all(db).await)?;
        let targets = on!(&self.read, |db| sqlx::query_as(targets).bind(id).fetch_all(db).await)?;
        assemble(changes, targets)
    }
}

/// A room's ledger as a transaction sees it.
pub(in crate::store) async fn ledger_in(tx: &mut Tx, id: &RoomId) -> Result<Ledger> {
    let targets = "select rev, candidate_id, from_ms from clock_targets where room_id = $1 order by rev, candidate_id";
    let changes = tx!(&mut *tx, fetch_all, sqlx::query_as(CHANGES).bind(id))?;
    let targets = tx!(&mut *tx, fetch_all, sqlx::query_as(targets).bind(id))?;
    assemble(changes, targets)
}

fn assemble(changes: Vec<ChangeRow>, targets: Vec<(i64, CandidateId, Option<Ms>)>) -> Result<Ledger> {
    let mut by_rev: BTreeMap<i64, Vec<Target>> = BTreeMap::new();
    for (rev, candidate, from_ms) in targets {
        by_rev.entry(rev).or_default().push(Target { candidate, from_ms });
    }
    let mut entries = Vec::with_capacity(changes.len());
    for row in changes {
        let kind: Kind = serde_json::from_str(&row.kind).map_err(|_| unreadable("clock change", &row.kind))?;
        let targets = if row.targeted { Targets::Only(by_rev.remove(&row.rev).unwrap_or_default()) } else { Targets::Room };
        let reason = Reason { code: row.reason_code, text: row.reason_text };
        entries.push(Change { rev: row.rev, at_ms: row.at_ms, kind, targets, reason, by: row.by_user });
    }
    Ok(Ledger::new(entries))
}
