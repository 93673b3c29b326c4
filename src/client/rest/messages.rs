//! Messages, their receipts, templates, raised hands.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Content, Rest};
use crate::client::Problem;

impl Rest {
    /// Sends `{text, candidates?}` as staff; the same key again is the same message.
    pub async fn send_message(&self, room: &str, body: Value, key: &str) -> Result<Value, Problem> {
        let path = format!("/rooms/{room}/messages");
        Ok(self.call(Method::POST, &path, Content::Json(body), &[("Idempotency-Key", key)]).await?.json)
    }

    /// Every message of a room, newest first.
    pub async fn messages(&self, room: &str) -> Result<Vec<Value>, Problem> {
        self.list(&format!("/rooms/{room}/messages")).await
    }

    /// One message with every receipt.
    pub async fn message(&self, room: &str, id: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/messages/{id}")).await
    }

    /// Withdraws messages, each with its own outcome.
    pub async fn withdraw(&self, room: &str, ids: &[&str]) -> Result<Value, Problem> {
        let path = format!("/rooms/{room}/messages?ids={}", ids.join(","));
        Ok(self.call(Method::DELETE, &path, Content::Nothing, &[]).await?.json)
    }

    /// Writes to the staff as a candidate.
    pub async fn write_to_staff(&self, room: &str, text: &str, key: &str) -> Result<Value, Problem> {
        let path = format!("/rooms/{room}/candidates/me/messages");
        let body = Content::Json(json!({ "text": text }));
        Ok(self.call(Method::POST, &path, body, &[("Idempotency-Key", key)]).await?.json)
    }

    /// The own messages, newest first, with how many are not confirmed.
    pub async fn my_messages(&self) -> Result<Value, Problem> {
        self.get("/me/messages").await
    }

    /// Marks own messages as `delivered` or `seen`.
    pub async fn mark_messages(&self, ids: &[&str], state: &str) -> Result<Value, Problem> {
        self.patch("/me/messages", json!({ "messages": ids, "state": state })).await
    }

    /// Takes messages off the own list.
    pub async fn remove_messages(&self, ids: &[&str]) -> Result<Value, Problem> {
        let path = format!("/me/messages?ids={}", ids.join(","));
        Ok(self.call(Method::DELETE, &path, Content::Nothing, &[]).await?.json)
    }

    /// Raised hands of a room, the one that waits longest first.
    pub async fn hands(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/hands")).await
    }

    /// Answers a hand as staff: `coming` or `done`.
    pub async fn answer_hand(&self, room: &str, candidate: &str, state: &str) -> Result<Value, Problem> {
        self.post(&format!("/rooms/{room}/hands/{candidate}"), json!({ "state": state })).await
    }

    /// Raises or lowers the own hand.
    pub async fn set_my_hand(&self, room: &str, up: bool) -> Result<Value, Problem> {
        self.put(&format!("/rooms/{room}/candidates/me/hand"), json!({ "up": up })).await
    }

    /// Templates: the own ones and the house's.
    pub async fn message_templates(&self) -> Result<Value, Problem> {
        self.get("/message-templates").await
    }

    /// Makes a template.
    pub async fn create_message_template(&self, title: &str, text: &str) -> Result<Value, Problem> {
        self.post("/message-templates", json!({ "title": title, "text": text })).await
    }
}
