//! Templates of messages.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Created, Done};
use super::types::Body;
use crate::domain::ids::TemplateId;
use crate::store::templates::TemplateRow;

pub(super) struct Templates;

/// Words that are used again.
#[derive(Object)]
struct MessageTemplate {
    /// Its id.
    id: TemplateId,
    /// Whether it is the house's, for everybody to use; otherwise it is the caller's own.
    house: bool,
    /// What it is called.
    title: String,
    /// What it says: plain text.
    text: String,
}

/// A template to be made.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewTemplate {
    /// What it is called, 80 characters at most.
    title: String,
    /// What it says, 1,000 characters at most.
    text: String,
}

/// What changes in a template.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct TemplateChange {
    /// What it is called; absent: as it is.
    title: Option<String>,
    /// What it says; absent: as it is.
    text: Option<String>,
}

impl From<TemplateRow> for MessageTemplate {
    fn from(row: TemplateRow) -> Self {
        Self { id: row.id, house: row.owner_id.is_none(), title: row.title, text: row.body }
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl Templates {
    /// List templates.
    ///
    /// The caller's own and the house's, by name.
    #[oai(path = "/message-templates", method = "get", operation_id = "list_message_templates")]
    async fn list_message_templates(&self, caller: Caller) -> Reply<Json<All<MessageTemplate>>> {
        let rows = caller.service.list_templates(&caller.actor).await?;
        Ok(Json(All { items: rows.into_iter().map(MessageTemplate::from).collect() }))
    }

    /// Make a template.
    ///
    /// A teacher's is the teacher's own; what an administrator makes is the house's.
    #[oai(path = "/message-templates", method = "post", operation_id = "create_message_template")]
    async fn create_message_template(&self, caller: Caller, body: Body<NewTemplate>) -> Reply<Created<MessageTemplate>> {
        let row = caller.service.create_template(&caller.actor, &body.0.title, &body.0.text).await?;
        let place = format!("{}/message-templates/{}", super::BASE, row.id);
        Ok(Created::Made(Json(row.into()), place))
    }

    /// Change a template.
    ///
    /// The own ones; the house's are changed by administrators.
    #[oai(path = "/message-templates/:template", method = "patch", operation_id = "update_message_template")]
    async fn update_message_template(
        &self,
        caller: Caller,
        template: Path<TemplateId>,
        body: Body<TemplateChange>,
    ) -> Reply<Json<MessageTemplate>> {
        let TemplateChange { title, text } = body.0;
        let row = caller.service.update_template(&caller.actor, &template.0, title.as_deref(), text.as_deref()).await?;
        Ok(Json(row.into()))
    }

    /// Remove a template.
    ///
    /// The own ones; the house's are removed by administrators. Messages that were sent stay as they are.
    #[oai(path = "/message-templates/:template", method = "delete", operation_id = "delete_message_template")]
    async fn delete_message_template(&self, caller: Caller, template: Path<TemplateId>) -> Reply<Done> {
        caller.service.delete_template(&caller.actor, &template.0).await?;
        Ok(Done::Done)
    }
}
