//! Checks of computers: one a room, and what was reported to it.

use super::{Result, Store, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::ids::RoomId;

/// A check as stored. Instants in Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CheckRow {
    /// Of which room.
    pub room_id: RoomId,
    /// What computers report with.
    pub code: String,
    /// When it was opened.
    pub opened_ms: Ms,
    /// When it stops taking reports.
    pub closes_ms: Ms,
}

/// What one computer has reported.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReportRow {
    /// The random name it has given itself.
    pub computer: String,
    /// What people call it; may be empty.
    pub name: String,
    /// What it found, as JSON.
    pub measured: String,
    /// When.
    pub at_ms: Ms,
}

impl Store {
    /// Opens a check of a room in the place of the one before, and forgets those that were opened before `kept_from`.
    /// `Duplicate` when another check has this code.
    pub async fn open_check(&self, check: &CheckRow, kept_from: Ms) -> Result<()> {
        let mut tx = self.begin().await?;
        for sql in [
            "delete from check_reports where room_id in (select room_id from checks where room_id = $1 or opened_ms < $2)",
            "delete from checks where room_id = $1 or opened_ms < $2",
        ] {
            run!(&mut tx, sqlx::query(sql).bind(&check.room_id).bind(kept_from))?;
        }
        let sql = "insert into checks (room_id, code, opened_ms, closes_ms) values ($1, $2, $3, $4)";
        run!(&mut tx, sqlx::query(sql).bind(&check.room_id).bind(&check.code).bind(check.opened_ms).bind(check.closes_ms))?;
        commit(tx).await
    }

    /// Takes no more reports from `now` on.
    pub async fn close_check(&self, room: &RoomId, now: Ms) -> Result<()> {
        let sql = "update checks set closes_ms = $2 where room_id = $1 and closes_ms > $2";
        on!(&self.write, |db| sqlx::query(sql).bind(room).bind(now).execute(db).await.map(drop))?;
        Ok(())
    }

    /// A room's check.
    pub async fn check(&self, room: &RoomId) -> Result<Option<CheckRow>> {
        let sql = "select room_id, code, opened_ms, closes_ms from checks where room_id = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_optional(db).await)?)
    }

    /// The check that has this code.
    pub async fn check_by_code(&self, code: &str) -> Result<Option<CheckRow>> {
        let sql = "select room_id, code, opened_ms, closes_ms from checks where code = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(code).fetch_optional(db).await)?)
    }

    /// What was reported to a room's check.
    pub async fn check_reports(&self, room: &RoomId) -> Result<Vec<ReportRow>> {
        let sql = "select computer, name, measured, at_ms from check_reports where room_id = $1 order by computer";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// Takes a report to a check that is open, in the place of that computer's last one. False where it is closed, or full and this is a new
    /// computer.
    pub async fn report_check(&self, check: &CheckRow, report: &ReportRow, most: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        // Locks the check: computers that come together are counted one after the other.
        let sql = "update checks set closes_ms = closes_ms where code = $1 and closes_ms > $2";
        let open = run!(&mut tx, sqlx::query(sql).bind(&check.code).bind(report.at_ms))?;
        let sql = "select count(*) from check_reports where room_id = $1 and computer <> $2";
        let others: i64 = tx!(&mut tx, fetch_one, sqlx::query_scalar(sql).bind(&check.room_id).bind(&report.computer))?;
        if open == 0 || others >= most {
            return Ok(false);
        }
        let sql = "insert into check_reports (room_id, computer, name, measured, at_ms) values ($1, $2, $3, $4, $5) \
                   on conflict (room_id, computer) do update set name = excluded.name, measured = excluded.measured, at_ms = excluded.at_ms";
        run!(
            &mut tx,
            sqlx::query(sql)
                .bind(&check.room_id)
                .bind(&report.computer)
                .bind(&report.name)
                .bind(&report.measured)
                .bind(report.at_ms)
        )?;
        commit(tx).await?;
        Ok(true)
    }
}
