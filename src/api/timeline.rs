//! What happened in a room.

use std::borrow::Cow;
use std::sync::Arc;

use poem::Body;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, ResponseContent};
use serde_json::Value;

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{Page, Wanted};
use super::types::At;
use crate::domain::event::{Event, Group};
use crate::domain::ids::{CandidateId, EventId, RoomId, UserId};
use crate::service::timeline::Words;
use crate::service::timeline_file;
use crate::store::timeline::TimelineFilter;

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
        Self(timeline_file::as_json(&event))
    }
}

/// How a timeline is written out.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum FileFormat {
    /// One JSON object a line, as `get_timeline` has them.
    Ndjson,
    /// For spreadsheets: with a byte order mark, and guarded against formulas.
    Csv,
}

/// What an event is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum EventGroup {
    /// The clock: changes, how far they have come, begin and end.
    Time,
    /// Devices: joins, pens, takeovers, presence.
    Connection,
    /// Answers.
    Answers,
    /// Whether the person looks at the paper.
    Attention,
    /// Messages and hands.
    Messages,
    /// Incidents.
    Incidents,
    /// Who is here, who works here.
    People,
    /// The room itself, its roster, its store.
    Room,
}

impl From<EventGroup> for Group {
    fn from(group: EventGroup) -> Self {
        match group {
            EventGroup::Time => Self::Time,
            EventGroup::Connection => Self::Connection,
            EventGroup::Answers => Self::Answers,
            EventGroup::Attention => Self::Attention,
            EventGroup::Messages => Self::Messages,
            EventGroup::Incidents => Self::Incidents,
            EventGroup::People => Self::People,
            EventGroup::Room => Self::Room,
        }
    }
}

#[derive(ResponseContent)]
enum FileBody {
    #[oai(content_type = "application/x-ndjson")]
    Ndjson(Binary<Body>),
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(Binary<Body>),
}

#[derive(ApiResponse)]
enum Written {
    /// The timeline, oldest first.
    #[oai(status = 200)]
    File(FileBody),
}

/// No words: whoever reads this API has words of its own.
fn no_words() -> Words {
    Arc::new(|_, _| String::new())
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
        /// Only of this group of kinds.
        group: Query<Option<EventGroup>>,
        /// Only what this account did.
        by: Query<Option<UserId>>,
        /// Only at or after this.
        from: Query<Option<At>>,
        /// Only before this.
        to: Query<Option<At>>,
        /// Only what has all these words in kind, reason, name, number, class or seat, or in the name of who did it. A page may then hold
        /// fewer items than fit and still have a `next`.
        #[oai(validator(max_length = 200))]
        q: Query<Option<String>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Entry>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let filter = TimelineFilter {
            candidate: candidate.0,
            kind: kind.0,
            group: group.0.map(Group::from),
            by: by.0,
            from_ms: from.0.map(|at| at.0),
            to_ms: to.0.map(|at| at.0),
            after: wanted.after.clone(),
            limit: wanted.size(),
            room_only: false,
            newest_first: false,
        };
        let q = q.0.unwrap_or_default();
        let (_, found) = caller.service.search_timeline(&caller.actor, &room.0, &filter, &q, &no_words()).await?;
        Ok(Json(Page::new(found.events.into_iter().map(Entry::from).collect(), found.next)))
    }

    /// Write the timeline out.
    ///
    /// Everything that matches, oldest first, as one file of whatever length.
    #[oai(path = "/rooms/:room/timeline/export", method = "get", operation_id = "export_timeline")]
    #[expect(clippy::too_many_arguments, reason = "one for each query parameter of the operation")]
    async fn export_timeline(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// How it is written; `ndjson` when absent.
        format: Query<Option<FileFormat>>,
        /// Only about this candidate.
        candidate: Query<Option<CandidateId>>,
        /// Only of this group of kinds.
        group: Query<Option<EventGroup>>,
        /// Only what this account did.
        by: Query<Option<UserId>>,
        /// Only at or after this.
        from: Query<Option<At>>,
        /// Only before this.
        to: Query<Option<At>>,
        /// Only what has all these words, as for `get_timeline`.
        #[oai(validator(max_length = 200))]
        q: Query<Option<String>>,
    ) -> Reply<Written> {
        let filter = TimelineFilter {
            candidate: candidate.0,
            group: group.0.map(Group::from),
            by: by.0,
            from_ms: from.0.map(|at| at.0),
            to_ms: to.0.map(|at| at.0),
            ..TimelineFilter::default()
        };
        let q = q.0.unwrap_or_default();
        let csv = format.0 == Some(FileFormat::Csv);
        let file = if csv { timeline_file::Format::Csv } else { timeline_file::Format::Ndjson };
        let parts = caller.service.export_timeline(&caller.actor, &room.0, (filter, &q), no_words(), file).await?;
        let body = Binary(Body::from_bytes_stream(parts));
        Ok(Written::File(if csv { FileBody::Csv(body) } else { FileBody::Ndjson(body) }))
    }
}
