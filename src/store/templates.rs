//! Templates of messages: a teacher's own, and the house's, which have no owner.

use super::{Result, Store, on};
use crate::domain::Ms;
use crate::domain::ids::{TemplateId, UserId};

/// A template as stored.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct TemplateRow {
    /// Id.
    pub id: TemplateId,
    /// Whose; None: the house's.
    pub owner_id: Option<UserId>,
    /// What it is called.
    pub title: String,
    /// What it says.
    pub body: String,
    /// Made at, Unix ms.
    pub created_ms: Ms,
}

impl Store {
    /// What an account may use: its own and the house's, by name.
    pub async fn templates(&self, user: &UserId) -> Result<Vec<TemplateRow>> {
        let sql = "select id, owner_id, title, body, created_ms from message_templates where owner_id = $1 or owner_id is null \
                   order by title, id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(user).fetch_all(db).await)?)
    }

    /// One by id.
    pub async fn template(&self, id: &TemplateId) -> Result<Option<TemplateRow>> {
        let sql = "select id, owner_id, title, body, created_ms from message_templates where id = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(id).fetch_optional(db).await)?)
    }

    /// Adds one, or replaces its words.
    pub async fn put_template(&self, t: &TemplateRow) -> Result<()> {
        let sql = "insert into message_templates (id, owner_id, title, body, created_ms) values ($1, $2, $3, $4, $5) \
                   on conflict (id) do update set title = excluded.title, body = excluded.body";
        on!(&self.write, |db| sqlx::query(sql)
            .bind(&t.id)
            .bind(&t.owner_id)
            .bind(&t.title)
            .bind(&t.body)
            .bind(t.created_ms)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Removes one; whether it was there.
    pub async fn delete_template(&self, id: &TemplateId) -> Result<bool> {
        let sql = "delete from message_templates where id = $1";
        let n = on!(&self.write, |db| sqlx::query(sql).bind(id).execute(db).await.map(|r| r.rows_affected()))?;
        Ok(n > 0)
    }
}
