//! Rehearsals: what came of the last one of a room, and the room of its own in which it sits until it is erased.

use super::rooms::HANGS;
use super::{Result, Store, commit, on, run};
use crate::domain::Ms;
use crate::domain::ids::RoomId;

/// A rehearsal as stored. Instants in Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RehearsalRow {
    /// Of which room.
    pub room_id: RoomId,
    /// Its own room.
    pub stage_id: RoomId,
    /// Simulated students.
    pub people: i64,
    /// How long they answer.
    pub seconds: i64,
    /// When it began.
    pub began_ms: Ms,
    /// When it was over, or stopped.
    pub ended_ms: Option<Ms>,
    /// What came of it, as JSON.
    pub report: Option<String>,
}

/// What hangs on a room that has been sat, besides what hangs on every one; it goes first.
const SAT: &[&str] = &[
    "delete from answers where room_id = $1",
    "delete from sessions where candidate_id in (select id from candidates where room_id = $1)",
    "delete from events where room_id = $1",
    "delete from seals where room_id = $1",
    "delete from room_outages where room_id = $1",
];

impl Store {
    /// Notes that a rehearsal begins; false while another one of this room is under way that began after `over`.
    pub async fn begin_rehearsal(&self, r: &RehearsalRow, over: Ms) -> Result<bool> {
        let sql = "insert into rehearsals (room_id, stage_id, people, seconds, began_ms) values ($1, $2, $3, $4, $5) \
                   on conflict (room_id) do update set stage_id = excluded.stage_id, people = excluded.people, seconds = excluded.seconds, \
                   began_ms = excluded.began_ms, ended_ms = null, report = null \
                   where rehearsals.ended_ms is not null or rehearsals.began_ms < $6";
        let n = on!(&self.write, |db| sqlx::query(sql)
            .bind(&r.room_id)
            .bind(&r.stage_id)
            .bind(r.people)
            .bind(r.seconds)
            .bind(r.began_ms)
            .bind(over)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n == 1)
    }

    /// The last rehearsal of a room.
    pub async fn rehearsal(&self, room: &RoomId) -> Result<Option<RehearsalRow>> {
        let sql = "select room_id, stage_id, people, seconds, began_ms, ended_ms, report from rehearsals where room_id = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_optional(db).await)?)
    }

    /// Says that it is over; whoever holds it sees that. What was said first stays.
    pub async fn end_rehearsal(&self, stage: &RoomId, report: &str, now: Ms) -> Result<()> {
        let sql = "update rehearsals set ended_ms = $2, report = $3 where stage_id = $1 and ended_ms is null";
        on!(&self.write, |db| sqlx::query(sql).bind(stage).bind(now).bind(report).execute(db).await.map(drop))?;
        Ok(())
    }

    /// How many have come into a room, and how many answers it has.
    pub async fn joined_and_answers(&self, room: &RoomId) -> Result<(i64, i64)> {
        let sql = "select (select count(*) from candidates where room_id = $1 and joined_ms is not null), \
                   (select count(*) from answers where room_id = $1)";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_one(db).await)?)
    }

    /// Rooms of rehearsals that were made before `before`.
    pub async fn old_stages(&self, before: Ms) -> Result<Vec<RoomId>> {
        let sql = "select id from rooms where rehearsal_of is not null and created_ms < $1";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(before).fetch_all(db).await)?)
    }

    /// Erases the room of a rehearsal with all that hangs on it; a real room is not touched. Whether there was one.
    pub async fn erase_stage(&self, stage: &RoomId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "update rooms set rev = rev + 1 where id = $1 and rehearsal_of is not null";
        if run!(&mut tx, sqlx::query(sql).bind(stage))? == 0 {
            return Ok(false);
        }
        for sql in SAT.iter().chain(HANGS) {
            run!(&mut tx, sqlx::query(*sql).bind(stage))?;
        }
        run!(&mut tx, sqlx::query("delete from rooms where id = $1").bind(stage))?;
        commit(tx).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{HANGS, SAT};

    /// A table that is added and hangs on rooms has to be erased too.
    #[test]
    fn every_table_that_hangs_on_a_room_is_erased() {
        let mut checked = 0;
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for table in text.split("create table ").skip(1) {
                let (name, columns) = (table.split([' ', '(']).next().unwrap(), table.split(");").next().unwrap());
                if !["room_id", "candidate_id", "message_id"].iter().any(|column| columns.contains(column)) {
                    continue;
                }
                assert!(
                    SAT.iter().chain(HANGS).any(|sql| sql.starts_with(&format!("delete from {name} where"))),
                    "{name} is not erased"
                );
                checked += 1;
            }
        }
        assert!(checked > 12, "{checked}");
    }
}
