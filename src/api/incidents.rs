//! Incidents of a room, for staff; and those that a candidate sees.

use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::Tag;
use super::caller::Caller;
use super::control::Change;
use super::messages::MessageAuthor;
use super::problem::Reply;
use super::replies::{Created, Page, Wanted};
use super::types::{At, Body, at, seconds};
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, EventId, IncidentId, RoomId, UserId};
use crate::domain::incident::{Incident as Case, State, Topic};
use crate::domain::message::Sender;
use crate::locale::{self, Locale};
use crate::service::incidents::{IncidentPatch, IncidentWords};
use crate::store::incidents::IncidentFilter;

pub(super) struct Incidents;

/// Words to an incident.
#[derive(Object)]
pub(super) struct IncidentReply {
    /// Who wrote them.
    author: MessageAuthor,
    /// Plain text.
    text: String,
    /// When.
    sent_at: At,
}

/// Something recorded about a candidate or the room.
#[derive(Object)]
struct Incident {
    /// Its id; ids sort by time.
    id: IncidentId,
    /// Counts its changes.
    rev: i64,
    /// About whom; null: the room.
    candidate: Option<CandidateId>,
    /// About what, on two levels.
    topic: Topic,
    /// `proposed`: a rule found it. `open`: somebody looks after it. `resolved`, `dismissed`: decided.
    state: State,
    /// The rule that proposed it; null: staff recorded it.
    rule: Option<String>,
    /// What the rule found and what the exam allows, in your language.
    because: Option<String>,
    /// The same as data.
    finding: Option<Any<Value>>,
    /// `credit`: it suggests to give time back.
    suggests: Option<String>,
    /// How much.
    suggests_seconds: Option<f64>,
    /// The change of the clock that gave it back.
    credited_rev: Option<i64>,
    /// What staff wrote.
    text: String,
    /// Whether the candidate sees it, once it is not only proposed, and may answer.
    shown: bool,
    /// Who recorded it.
    by: Option<UserId>,
    /// When it was made.
    made_at: At,
    /// When a person last decided.
    decided_at: Option<At>,
    /// Who that was.
    decided_by: Option<UserId>,
    /// Entries of the timeline that belong to it.
    events: Vec<EventId>,
    /// What was written to it, oldest first.
    replies: Vec<IncidentReply>,
}

impl Incident {
    fn of(i: &Case, locale: Locale, zone: &str) -> Self {
        Self {
            id: i.id.clone(),
            rev: i.rev,
            candidate: i.candidate.clone(),
            topic: i.topic,
            state: i.state,
            rule: i.finding.as_ref().map(|finding| finding.rule().as_str().to_owned()),
            because: i.finding.as_ref().map(|finding| locale::finding(locale, finding, zone)),
            finding: i.finding.as_ref().and_then(|finding| serde_json::to_value(finding).ok()).map(Any),
            suggests: i.suggests_ms().map(|_| "credit".to_owned()),
            suggests_seconds: i.suggests_ms().map(seconds),
            credited_rev: i.credited_rev,
            text: i.text.clone(),
            shown: i.shown,
            by: i.by.clone(),
            made_at: At(i.made_ms),
            decided_at: at(i.decided_ms),
            decided_by: i.decided_by.clone(),
            events: i.events.clone(),
            replies: replies(i),
        }
    }
}

pub(super) fn replies(i: &Case) -> Vec<IncidentReply> {
    let reply = |reply: &crate::domain::incident::Reply| {
        let (user, candidate) = match &reply.sender {
            Sender::User(id) => (Some(id.clone()), None),
            Sender::Candidate(id) => (None, Some(id.clone())),
        };
        let author = MessageAuthor { user, candidate, name: reply.author.clone() };
        IncidentReply { author, text: reply.text.clone(), sent_at: At(reply.sent_ms) }
    };
    i.replies.iter().map(reply).collect()
}

/// An incident to be recorded.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewIncident {
    /// About whom; absent: the room.
    candidate: Option<CandidateId>,
    /// About what.
    topic: Topic,
    /// In words, 2,000 characters at most.
    #[oai(default)]
    text: String,
    /// Whether the candidate sees it; absent: as the exam says.
    shown: Option<bool>,
    /// Entries of the timeline that belong to it.
    #[oai(default, validator(max_items = 50))]
    events: Vec<EventId>,
}

/// What is to be another; what is absent stays.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct IncidentChange {
    /// `open`, `resolved` or `dismissed`.
    state: Option<State>,
    /// About what.
    topic: Option<Topic>,
    /// In words.
    text: Option<String>,
    /// Whether the candidate sees it.
    shown: Option<bool>,
    /// Entries of the timeline that belong to it, all of them.
    #[oai(validator(max_items = 50))]
    events: Option<Vec<EventId>>,
}

/// Words to an incident.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewIncidentReply {
    /// Plain text, 2,000 characters at most.
    pub(super) text: String,
}

/// How much to give back.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct IncidentCredit {
    /// Absent: what the incident suggests. Not for an outage, which is given as it was.
    seconds: Option<i64>,
}

fn made(room: &RoomId, incident: &Case, locale: Locale, zone: &str) -> Created<Incident> {
    let place = format!("{}/rooms/{room}/incidents/{}", super::BASE, incident.id);
    Created::Made(Json(Incident::of(incident, locale, zone)), place)
}

impl Incidents {
    pub(super) async fn zone(caller: &Caller, room: &RoomId) -> crate::error::Result<String> {
        Ok(caller.service.live_room(room).await?.read(|table| table.clock.zone.clone()).unwrap_or_default())
    }
}

#[OpenApi(tag = "Tag::Incidents")]
impl Incidents {
    /// List incidents.
    ///
    /// Newest first. What a rule has found is `proposed`: it says why, and people decide.
    #[oai(path = "/rooms/:room/incidents", method = "get", operation_id = "list_incidents")]
    #[expect(clippy::too_many_arguments, reason = "one for each query parameter of the operation")]
    async fn list_incidents(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only about this candidate.
        candidate: Query<Option<CandidateId>>,
        /// Only in this state.
        state: Query<Option<State>>,
        /// Only of this category: `environment`, `candidate`, `staff` or `technical`.
        category: Query<Option<String>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Incident>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let category = category.0.filter(|word| !word.is_empty());
        if category.as_deref().is_some_and(|word| !Topic::CATEGORIES.contains(&word)) {
            return Err(crate::error::Error::field("category", "not_one_of_these").into());
        }
        let filter = IncidentFilter {
            candidate: candidate.0,
            state: state.0,
            category,
            shown: false,
            before: wanted.after.clone(),
            limit: wanted.read(),
        };
        let found = caller.service.list_incidents(&caller.actor, &room.0, &filter).await?;
        let zone = Self::zone(&caller, &room.0).await?;
        let show = |incident: Arc<Case>| Incident::of(&incident, caller.locale, &zone);
        Ok(Json(wanted.page(found, |incident| incident.id.to_string(), show)))
    }

    /// Record an incident.
    ///
    /// It is `open`. The same `Idempotency-Key` again is the same incident.
    #[oai(path = "/rooms/:room/incidents", method = "post", operation_id = "record_incident")]
    async fn record_incident(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Makes a repeat the same incident.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<NewIncident>,
    ) -> Reply<Created<Incident>> {
        let NewIncident { candidate, topic, text, shown, events } = body.0;
        let words = IncidentWords { candidate, topic, text, shown, events };
        let incident = caller.service.record_incident(&caller.actor, &room.0, words, key.0.as_deref()).await?;
        Ok(made(&room.0, &incident, caller.locale, &Self::zone(&caller, &room.0).await?))
    }

    /// Read an incident.
    #[oai(path = "/rooms/:room/incidents/:incident", method = "get", operation_id = "get_incident")]
    async fn get_incident(&self, caller: Caller, room: Path<RoomId>, incident: Path<IncidentId>) -> Reply<Json<Incident>> {
        let (found, _): (Arc<Case>, Vec<Event>) = caller.service.get_incident(&caller.actor, &room.0, &incident.0).await?;
        Ok(Json(Incident::of(&found, caller.locale, &Self::zone(&caller, &room.0).await?)))
    }

    /// Change an incident.
    ///
    /// Take it up (`open`), resolve or dismiss it, put it into words, link entries of the timeline, show it to the candidate. Deciding one
    /// that suggests to give time back, without giving it, takes the right `time`. What was given stays: revert the change of the clock.
    #[oai(path = "/rooms/:room/incidents/:incident", method = "patch", operation_id = "change_incident")]
    async fn change_incident(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        incident: Path<IncidentId>,
        body: Body<IncidentChange>,
    ) -> Reply<Json<Incident>> {
        let IncidentChange { state, topic, text, shown, events } = body.0;
        let patch = IncidentPatch { state, topic, text, shown, events };
        let changed = caller.service.change_incident(&caller.actor, &room.0, &incident.0, &patch).await?;
        Ok(Json(Incident::of(&changed, caller.locale, &Self::zone(&caller, &room.0).await?)))
    }

    /// Give back the time that an incident suggests.
    ///
    /// The credit and the incident's resolution are one change: it is given once, whoever asks how often.
    #[oai(path = "/rooms/:room/incidents/:incident/credit", method = "post", operation_id = "credit_incident")]
    async fn credit_incident(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        incident: Path<IncidentId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Body<IncidentCredit>,
    ) -> Reply<Json<Change>> {
        let change = caller.service.credit_incident(&caller.actor, &room.0, &incident.0, body.0.seconds, dry_run.0).await?;
        Ok(Json(change.into()))
    }

    /// Write to an incident.
    ///
    /// The candidate sees it where the incident is shown to it.
    #[oai(path = "/rooms/:room/incidents/:incident/replies", method = "post", operation_id = "reply_to_incident")]
    async fn reply_to_incident(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        incident: Path<IncidentId>,
        /// Makes a repeat the same reply.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<NewIncidentReply>,
    ) -> Reply<Created<Incident>> {
        let key = key.0.as_deref();
        let replied = caller.service.reply_incident(&caller.actor, &room.0, &incident.0, &body.0.text, key).await?;
        Ok(made(&room.0, &replied, caller.locale, &Self::zone(&caller, &room.0).await?))
    }
}
