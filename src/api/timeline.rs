//! What happened in a room.

use std::borrow::Cow;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{Page, Wanted};
use super::types::At;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, EventId, RoomId, UserId};
use crate::store::timeline::TimelineFilter;
use crate::time::rfc3339_ms;

pub(super) struct Timeline;

/// One thing that happened. Each kind has members of its own besides these, for example `ended_by`; more are added over time.
#[derive(Object)]
#[oai(rename = "TimelineEntry")]
struct EntryShape {
    /// Its id; ids sort by time.
    id: EventId,
    /// When.
    happened_at: At,
    /// What, as `noun.past_verb`, for example `clock.changed` or `answer.saved`.
    kind: String,
    /// Whom it is about; null: the room.
    candidate: Option<CandidateId>,
    /// Who did it; null: the candidate or the server.
    by: Option<UserId>,
}

/// An event as JSON, described by `EntryShape`.
struct Entry(Value);

impl Type for Entry {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;
    fn name() -> Cow<'static, str> {
        EntryShape::name()
    }
    fn schema_ref() -> MetaSchemaRef {
        EntryShape::schema_ref()
    }
    fn register(registry: &mut Registry) {
        EntryShape::register(registry);
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Entry {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(value.unwrap_or_default()))
    }
}

impl ToJSON for Entry {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

impl From<Event> for Entry {
    fn from(event: Event) -> Self {
        let mut members = data(&event);
        let shape = EntryShape {
            kind: event.body.name().to_owned(),
            id: event.id,
            happened_at: At(event.at_ms),
            candidate: event.candidate,
            by: event.by,
        };
        if let Some(Value::Object(shape)) = shape.to_json() {
            members.extend(shape);
        }
        Self(Value::Object(members))
    }
}

/// The members of the event's kind; instants as everywhere in this API, and an id under a name that the entry's own does not hide.
fn data(event: &Event) -> Map<String, Value> {
    let Ok(Value::Object(members)) = serde_json::to_value(&event.body) else { return Map::new() };
    let renamed = |(name, value): (String, Value)| match (name.strip_suffix("_ms"), value.as_i64()) {
        (Some(stem), Some(ms)) => (format!("{stem}_at"), Value::from(rfc3339_ms(ms))),
        _ if name == "id" => ("takeover".to_owned(), value),
        _ => (name, value),
    };
    members.into_iter().map(renamed).collect()
}

#[OpenApi(tag = "Tag::Results")]
impl Timeline {
    /// Read what happened.
    ///
    /// Oldest first. Nothing is ever changed in it.
    #[oai(path = "/rooms/:room/timeline", method = "get", operation_id = "get_timeline")]
    #[expect(clippy::too_many_arguments, reason = "one for each query parameter of the operation")]
    async fn get_timeline(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only about this candidate.
        candidate: Query<Option<CandidateId>>,
        /// Only of this kind.
        kind: Query<Option<String>>,
        /// Only at or after this.
        from: Query<Option<At>>,
        /// Only before this.
        to: Query<Option<At>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Entry>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let filter = TimelineFilter {
            candidate: candidate.0,
            kind: kind.0,
            from_ms: from.0.map(|at| at.0),
            to_ms: to.0.map(|at| at.0),
            after: wanted.after.clone(),
            limit: wanted.read(),
        };
        let events = caller.service.get_timeline(&caller.actor, &room.0, &filter).await?;
        Ok(Json(wanted.page(events, |event| event.id.to_string(), Entry::from)))
    }
}
