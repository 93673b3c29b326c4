//! Incidents on the student's page: the words to them, and signals of the page, for its script. What a socket brings as frames has the same
//! members here.

use std::str::FromStr;

use poem::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::data;
use super::ask::Ask;
use crate::domain::ids::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::message::Sender;
use crate::error::{Code, Result};
use crate::locale::{self, Locale};

/// An incident, as in an `incident` frame.
pub(super) fn incident_json(locale: Locale, i: &Incident, zone: &str) -> Value {
    let replies = i.replies.iter().map(|reply| {
        let own = matches!(reply.sender, Sender::Candidate(_));
        json!({ "author": reply.author, "own": own, "text": reply.text, "sent_ms": reply.sent_ms })
    });
    let mut members = json!({
        "id": i.id, "rev": i.rev, "shown": true, "topic": i.topic.as_str(), "title": locale::topic(locale, i.topic), "state": i.state.as_str(),
        "text": i.text, "made_ms": i.made_ms, "replies": replies.collect::<Vec<_>>(),
    });
    if let Some(finding) = &i.finding {
        members["because"] = locale::finding(locale, finding, zone).into();
    }
    members
}

#[derive(Deserialize)]
struct Words {
    text: String,
    /// Makes a repeat the same reply.
    key: String,
}

/// `POST /sit/{room}/incidents/{incident}`: words to an incident that the candidate sees.
pub(super) async fn reply(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: Words = ask.json()?;
    let id = IncidentId::from_str(ask.param("incident")).map_err(|_| Code::NotFound)?;
    let service = &ask.web.service;
    let incident = service.reply_my_incident(&visitor.actor, &id, &body.text, Some(&body.key)).await?;
    let zone = service.live_room(&ask.room()?).await?.read(|table| table.clock.zone.clone()).unwrap_or_default();
    Ok(data(&incident_json(ask.locale, &incident, &zone)))
}

#[derive(Deserialize)]
struct Signal {
    chars: i64,
    question: Option<String>,
    /// Makes a repeat the same signal.
    key: String,
}

/// `POST /sit/{room}/signal`: something was pasted.
pub(super) async fn signal(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: Signal = ask.json()?;
    ask.web.service.tell_signal(&visitor.actor, body.chars, body.question.as_deref(), &body.key, ask.read_ms).await?;
    Ok(data(&json!({})))
}
