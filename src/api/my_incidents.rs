//! Incidents that a candidate sees, and signals of its page.

use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::incidents::{IncidentReply, Incidents, NewIncidentReply, replies};
use super::problem::Reply;
use super::replies::{All, Created, Done};
use super::types::{At, Body};
use crate::domain::ids::{IncidentId, RoomId};
use crate::domain::incident::{Incident as Case, State, Topic};
use crate::locale::{self, Locale};

pub(super) struct MyIncidents;

/// An incident as the candidate sees it.
#[derive(Object)]
struct MyIncident {
    /// Its id.
    id: IncidentId,
    /// Counts its changes.
    rev: i64,
    /// About what, on two levels.
    topic: Topic,
    /// `open`, `resolved`, `dismissed`.
    state: State,
    /// What a rule found, in your language.
    because: Option<String>,
    /// What staff wrote.
    text: String,
    /// When it was made.
    made_at: At,
    /// What was written to it, oldest first.
    replies: Vec<IncidentReply>,
}

impl MyIncident {
    fn of(i: &Case, locale: Locale, zone: &str) -> Self {
        Self {
            id: i.id.clone(),
            rev: i.rev,
            topic: i.topic,
            state: i.state,
            because: i.finding.as_ref().map(|finding| locale::finding(locale, finding, zone)),
            text: i.text.clone(),
            made_at: At(i.made_ms),
            replies: replies(i),
        }
    }
}

/// What a page signals.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum SignalKind {
    /// Something was pasted.
    Paste,
}

/// A signal of the page.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Signal {
    /// What.
    kind: SignalKind,
    /// How many characters were pasted at once.
    chars: i64,
    /// Into the answer to which question.
    question: Option<String>,
    /// Makes a repeat the same signal.
    key: String,
}

#[OpenApi(tag = "Tag::Incidents")]
impl MyIncidents {
    /// List the own incidents.
    ///
    /// Those that staff show to the candidate, oldest first.
    #[oai(path = "/rooms/:room/candidates/me/incidents", method = "get", operation_id = "list_my_incidents")]
    async fn list_my_incidents(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<MyIncident>>> {
        let actor = caller.candidate(&room.0).await?;
        let found = caller.service.list_my_incidents(&actor).await?;
        let zone = Incidents::zone(&caller, &room.0).await?;
        Ok(Json(All { items: found.iter().map(|i| MyIncident::of(i, caller.locale, &zone)).collect() }))
    }

    /// Answer to an own incident.
    ///
    /// To one that is shown to the candidate.
    #[oai(
        path = "/rooms/:room/candidates/me/incidents/:incident/replies",
        method = "post",
        operation_id = "reply_to_my_incident"
    )]
    async fn reply_to_my_incident(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        incident: Path<IncidentId>,
        /// Makes a repeat the same reply.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<NewIncidentReply>,
    ) -> Reply<Created<MyIncident>> {
        let actor = caller.candidate(&room.0).await?;
        let found = caller.service.reply_my_incident(&actor, &incident.0, &body.0.text, key.0.as_deref()).await?;
        let zone = Incidents::zone(&caller, &room.0).await?;
        let place = format!("{}/rooms/{}/candidates/me/incidents", super::BASE, room.0);
        Ok(Created::Made(Json(MyIncident::of(&found, caller.locale, &zone)), place))
    }

    /// Signal something of the page.
    ///
    /// What a rule of the exam looks for becomes a proposed incident; what is below its limit is kept nowhere.
    #[oai(path = "/rooms/:room/candidates/me/signals", method = "post", operation_id = "tell_signal")]
    async fn tell_signal(&self, caller: Caller, room: Path<RoomId>, body: Body<Signal>) -> Reply<Done> {
        let at_ms = caller.service.now();
        let actor = caller.candidate(&room.0).await?;
        let Signal { kind: SignalKind::Paste, chars, question, key } = body.0;
        caller.service.tell_signal(&actor, chars, question.as_deref(), &key, at_ms).await?;
        Ok(Done::Done)
    }
}
