//! The database's own clock, which is what the nodes that share a database have in common. Nothing is stamped by it: trusted time is
//! brought to it (`service::one_time`), and everything is stamped by trusted time.
//!
//! The common time is that clock plus a lead. The lead is nothing unless that clock has stepped while rooms were open: then it takes the
//! step back out, for all nodes at once, until no room is open or an administrator says so.

use std::time::Duration;

use sqlx::PgPool;

use super::{Engine, Result, Store, StoreError, on};
use crate::domain::Ms;
use crate::domain::ids::NodeId;
use crate::limits;
use crate::time::{Reading, Sample};

/// What is added to the database's clock, in the small table of facts, in µs.
const LEAD_KEY: &str = "clock.lead_us";

/// A look at the common time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// The common time.
    pub reading: Reading,
    /// What of it is not the database's clock, µs.
    pub lead_us: i64,
}

impl Store {
    /// Looks at the common time so many times, and takes the best look. `mono` is our own monotonic clock. None with a database in a
    /// file: there is nobody to share it with.
    pub async fn common_clock(&self, looks: usize, mono: impl Fn() -> Duration + Send) -> Result<Option<Common>> {
        let Engine::Postgres(db) = &self.read else { return Ok(None) };
        let look = look_at(db, looks, mono);
        // A line that has fallen silent would be waited for as long as the system waits.
        tokio::time::timeout(limits::LOOK_DEADLINE, look).await.unwrap_or(Err(StoreError::Busy(sqlx::Error::PoolTimedOut)))
    }

    /// Moves the lead; false when another node has moved it first.
    pub async fn move_lead(&self, from_us: i64, to_us: i64) -> Result<bool> {
        let sql = "insert into meta (key, value) values ($1, $3) on conflict (key) do update set value = excluded.value \
                   where meta.value = $2";
        let done = on!(&self.write, |db| sqlx::query(sql)
            .bind(LEAD_KEY)
            .bind(from_us.to_string())
            .bind(to_us.to_string())
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// The newest beat of any node but this one.
    pub async fn beat_of_others(&self, node: &NodeId) -> Result<Option<Ms>> {
        let sql = "select max(beat_ms) from nodes where id <> $1";
        Ok(on!(&self.read, |db| sqlx::query_scalar::<_, Option<i64>>(sql).bind(node).fetch_one(db).await)?)
    }
}

/// The looks themselves.
async fn look_at(db: &PgPool, looks: usize, mono: impl Fn() -> Duration + Send) -> Result<Option<Common>> {
    let mut connection = db.acquire().await?;
    let sql = "select cast(floor(extract(epoch from clock_timestamp()) * 1000000) as bigint), \
               coalesce((select value from meta where key = $1), '0')";
    let mut seen = Vec::with_capacity(looks);
    for _ in 0..looks.max(1) {
        let asked = mono();
        let (said_us, lead): (i64, String) = sqlx::query_as(sql).bind(LEAD_KEY).fetch_one(&mut *connection).await?;
        let answered = mono();
        let lead_us: i64 = lead.parse().map_err(|_| super::accounts::unreadable("lead", &lead))?;
        seen.push((Sample { asked, answered, said_us: said_us.saturating_add(lead_us) }, lead_us));
    }
    // Somebody may have moved the lead meanwhile: then only what was seen since is one time.
    let lead_us = seen.last().map_or(0, |(_, lead)| *lead);
    let samples: Vec<Sample> = seen.into_iter().filter(|(_, lead)| *lead == lead_us).map(|(sample, _)| sample).collect();
    Ok(Reading::best(&samples).map(|reading| Common { reading, lead_us }))
}
