//! Exams and their paper versions. A version is never edited; a room pins one when it opens.

use super::{Result, Store, StoreError, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::ids::{ExamId, UserId};

/// An exam as stored. Lengths in ms.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ExamRow {
    /// Id.
    pub id: ExamId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Title.
    pub title: String,
    /// What candidates read first.
    pub instructions: String,
    /// The allowance.
    pub base_ms: Ms,
    /// Grace after the deadline.
    pub grace_ms: Ms,
    /// `with_room` or `on_entry`.
    pub timing: String,
    /// Cut-off for entry after the start.
    pub late_entry_ms: Option<Ms>,
    /// `ask`, `allow`, `refuse`.
    pub takeover: String,
    /// `automatic`, `propose`, `off`.
    pub outages: String,
    /// Each candidate has an own order of questions.
    pub shuffle_questions: bool,
    /// Each candidate has an own order of options.
    pub shuffle_options: bool,
    /// The newest paper; 0: none yet.
    pub paper_version: i64,
    /// Made at.
    pub created_ms: Ms,
}

const EXAM: &str = "select id, owner_id, title, instructions, base_ms, grace_ms, timing, late_entry_ms, takeover, \
     outages, shuffle_questions, shuffle_options, paper_version, created_ms from exams";

impl Store {
    /// Adds an exam.
    pub async fn create_exam(&self, e: &ExamRow) -> Result<()> {
        let sql = "insert into exams (id, owner_id, title, instructions, base_ms, grace_ms, timing, late_entry_ms, takeover, \
                   outages, shuffle_questions, shuffle_options, paper_version, created_ms) \
                   values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&e.id)
            .bind(&e.owner_id)
            .bind(&e.title)
            .bind(&e.instructions)
            .bind(e.base_ms)
            .bind(e.grace_ms)
            .bind(&e.timing)
            .bind(e.late_entry_ms)
            .bind(&e.takeover)
            .bind(&e.outages)
            .bind(e.shuffle_questions)
            .bind(e.shuffle_options)
            .bind(e.paper_version)
            .bind(e.created_ms)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Replaces what may change of an exam, unless one of its rooms has opened: time that was promised stays promised.
    pub async fn update_exam(&self, e: &ExamRow) -> Result<()> {
        let sql = "update exams set title = $2, instructions = $3, base_ms = $4, grace_ms = $5, timing = $6, late_entry_ms = $7, \
                   takeover = $8, outages = $9, shuffle_questions = $10, shuffle_options = $11 where id = $1 \
                   and not exists (select 1 from rooms r where r.exam_id = exams.id and r.opened_ms is not null and r.ended_ms is null)";
        let done = on!(&self.write, |db| sqlx::query(sql)
            .bind(&e.id)
            .bind(&e.title)
            .bind(&e.instructions)
            .bind(e.base_ms)
            .bind(e.grace_ms)
            .bind(&e.timing)
            .bind(e.late_entry_ms)
            .bind(&e.takeover)
            .bind(&e.outages)
            .bind(e.shuffle_questions)
            .bind(e.shuffle_options)
            .execute(db)
            .await
            .map(|r| r.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Moved) }
    }

    /// An exam by id.
    pub async fn exam(&self, id: &ExamId) -> Result<Option<ExamRow>> {
        let sql = sqlx::AssertSqlSafe([EXAM, " where id = $1"].concat());
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?)
    }

    /// Exams after an id, in id order; of one owner, or of all.
    pub async fn exams(&self, owner: Option<&UserId>, after: &str, limit: i64) -> Result<Vec<ExamRow>> {
        let sql = sqlx::AssertSqlSafe([EXAM, " where id > $1 and ($2 = '' or owner_id = $2) order by id limit $3"].concat());
        let owner = owner.map_or("", UserId::as_str);
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(after).bind(owner).bind(limit).fetch_all(db).await)?)
    }

    /// Removes an exam that no room uses; false when one does.
    pub async fn delete_exam(&self, id: &ExamId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let used: Option<i64> = tx!(
            &mut tx,
            fetch_optional,
            sqlx::query_scalar("select cast(1 as bigint) from rooms where exam_id = $1 limit 1").bind(id)
        )?;
        if used.is_some() {
            return Ok(false);
        }
        run!(&mut tx, sqlx::query("delete from papers where exam_id = $1").bind(id))?;
        run!(&mut tx, sqlx::query("delete from exams where id = $1").bind(id))?;
        commit(tx).await?;
        Ok(true)
    }

    /// A paper version as JSON.
    pub async fn paper(&self, exam: &ExamId, version: i64) -> Result<Option<String>> {
        let sql = "select body from papers where exam_id = $1 and version = $2";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).bind(exam).bind(version).fetch_optional(db).await)?)
    }

    /// Adds the next paper version, if `from` is still the newest.
    pub async fn put_paper(&self, exam: &ExamId, from: i64, body: &str, questions: i64, now: Ms) -> Result<i64> {
        let next = from + 1;
        let mut tx = self.begin().await?;
        let moved: Option<i64> = tx!(
            &mut tx,
            fetch_optional,
            sqlx::query_scalar(
                "update exams set paper_version = $3 where id = $1 and paper_version = $2 returning paper_version"
            )
            .bind(exam)
            .bind(from)
            .bind(next)
        )?;
        if moved.is_none() {
            return Err(StoreError::Moved);
        }
        let sql = "insert into papers (exam_id, version, body, questions, created_ms) values ($1, $2, $3, $4, $5)";
        run!(&mut tx, sqlx::query(sql).bind(exam).bind(next).bind(body).bind(questions).bind(now))?;
        commit(tx).await?;
        Ok(next)
    }
}
