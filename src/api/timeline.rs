//! What happened in a room.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
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

/// One thing that happened.
#[derive(Object)]
struct TimelineEntry {
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
    /// What else there is to say, by kind. Members are added over time.
    data: Any<Value>,
}

impl From<Event> for TimelineEntry {
    fn from(event: Event) -> Self {
        Self {
            kind: event.body.name().to_owned(),
            data: Any(Value::Object(data(&event))),
            id: event.id,
            happened_at: At(event.at_ms),
            candidate: event.candidate,
            by: event.by,
        }
    }
}

/// The members of the event's kind; instants as everywhere in this API.
fn data(event: &Event) -> Map<String, Value> {
    let Ok(Value::Object(members)) = serde_json::to_value(&event.body) else { return Map::new() };
    let renamed = |(name, value): (String, Value)| match (name.strip_suffix("_ms"), value.as_i64()) {
        (Some(stem), Some(ms)) => (format!("{stem}_at"), Value::from(rfc3339_ms(ms))),
        _ => (name, value),
    };
    members.into_iter().filter(|(name, _)| name != "kind").map(renamed).collect()
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
    ) -> Reply<Json<Page<TimelineEntry>>> {
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
        Ok(Json(wanted.page(events, |event| event.id.to_string(), TimelineEntry::from)))
    }
}
