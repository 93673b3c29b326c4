//! Templates of messages. A teacher's are the teacher's own; what an administrator makes is the house's, for everybody to use.

use super::{Service, allow, text};
use crate::auth::secrets::mint;
use crate::domain::access::{Action, Actor, Role, Scope};
use crate::domain::ids::TemplateId;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::templates::TemplateRow;

impl Service {
    /// What the actor may use: the own ones and the house's.
    pub async fn list_templates(&self, actor: &Actor) -> Result<Vec<TemplateRow>> {
        allow(actor, Action::ListTemplates, Scope::Organisation)?;
        Ok(self.store.templates(actor.user().ok_or(Code::Forbidden)?).await?)
    }

    /// Makes one.
    pub async fn create_template(&self, actor: &Actor, title: &str, body: &str) -> Result<TemplateRow> {
        allow(actor, Action::CreateTemplate, Scope::Organisation)?;
        let user = actor.user().ok_or(Code::Forbidden)?;
        let owner_id = if is_admin(actor) { None } else { Some(user.clone()) };
        let kept = self.store.templates(user).await?.iter().filter(|t| t.owner_id == owner_id).count();
        if kept >= limits::TEMPLATES {
            return Err(Error::field("title", "too_many"));
        }
        let now = self.now();
        let id = mint(now);
        let (title, body) = words(title, body)?;
        let row = TemplateRow { id, owner_id, title, body, created_ms: now };
        self.store.put_template(&row).await?;
        Ok(row)
    }

    /// Replaces the name or the words of one.
    pub async fn update_template(
        &self,
        actor: &Actor,
        id: &TemplateId,
        title: Option<&str>,
        body: Option<&str>,
    ) -> Result<TemplateRow> {
        let mut row = self.template_for(actor, Action::UpdateTemplate, id).await?;
        let (title, body) = words(title.unwrap_or(&row.title), body.unwrap_or(&row.body))?;
        (row.title, row.body) = (title, body);
        self.store.put_template(&row).await?;
        Ok(row)
    }

    /// Removes one.
    pub async fn delete_template(&self, actor: &Actor, id: &TemplateId) -> Result<()> {
        self.template_for(actor, Action::DeleteTemplate, id).await?;
        if self.store.delete_template(id).await? { Ok(()) } else { Err(Code::NotFound.into()) }
    }

    /// One that the actor may change: its own, or as administrator the house's. Of the house's others see that they may not.
    async fn template_for(&self, actor: &Actor, action: Action, id: &TemplateId) -> Result<TemplateRow> {
        allow(actor, action, Scope::Organisation)?;
        let row = self.store.template(id).await?.ok_or(Code::NotFound)?;
        match &row.owner_id {
            None if is_admin(actor) => Ok(row),
            None => Err(Code::Forbidden.into()),
            Some(owner) if actor.user() == Some(owner) => Ok(row),
            Some(_) => Err(Code::NotFound.into()),
        }
    }
}

fn is_admin(actor: &Actor) -> bool {
    matches!(actor, Actor::User { role: Role::Admin, .. })
}

fn words(title: &str, body: &str) -> Result<(String, String)> {
    Ok((text("title", title, limits::TEMPLATE_TITLE_CHARS)?, text("body", body, limits::MESSAGE_CHARS)?))
}
