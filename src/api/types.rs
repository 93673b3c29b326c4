//! How the domain's ids, words and instants look in requests and answers.

use std::borrow::Cow;

use poem::http::header::CONTENT_TYPE;
use poem::{Request, RequestBody};
use poem_openapi::error::ContentTypeError;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{IsObjectType, ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use super::problem::raise;
use super::shape;
use crate::domain::Ms;
use crate::domain::access::{Right, Role};
use crate::domain::attendance::{Attendance, Said};
use crate::domain::clock::{EndedBy, OutagePolicy, Phase, RoomPhase, TermKind, Timing, Why};
use crate::domain::ids::{CandidateId, EventId, ExamId, Id, IncidentId, MessageId, RoomId, TakeoverId, TemplateId, UserId};
use crate::domain::incident::{State, Topic};
use crate::domain::pen::TakeoverPolicy;
use crate::domain::rules::Rule;
use crate::error::{Code, Error};
use crate::time::{parse_rfc3339, rfc3339_ms};

/// A scalar that travels as a string: its schema, how it is read, how it is written.
macro_rules! text_type {
    ($type:ty, $name:expr, $schema:expr, $read:expr, $write:expr) => {
        impl Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;
            fn name() -> Cow<'static, str> {
                $name.into()
            }
            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new($schema))
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
        impl ParseFromParameter for $type {
            fn parse_from_parameter(text: &str) -> ParseResult<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(text).ok_or_else(|| ParseError::custom("not one of these"))
            }
        }
        impl ParseFromJSON for $type {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Self::parse_from_parameter(&text),
                    other => Err(ParseError::expected_type(other.unwrap_or_default())),
                }
            }
        }
        impl ToJSON for $type {
            fn to_json(&self) -> Option<Value> {
                let write: fn(&Self) -> String = $write;
                Some(Value::String(write(self)))
            }
        }
    };
}

macro_rules! id_types {
    ($($type:ident),*) => {$(
        text_type!(
            $type,
            stringify!($type),
            MetaSchema { pattern: Some(format!("^{}[0-9A-Za-z]+$", $type::PREFIX)), ..MetaSchema::new("string") },
            |text| $type::parse(text).ok(),
            |id| id.as_str().to_owned()
        );
    )*};
}
id_types!(RoomId, CandidateId, ExamId, UserId, EventId, TakeoverId, MessageId, TemplateId, IncidentId);

macro_rules! word_types {
    ($($type:ident = $all:expr),* $(,)?) => {$(
        text_type!(
            $type,
            stringify!($type),
            MetaSchema { enum_items: $all.iter().map(|word| Value::from(word.as_str())).collect(), ..MetaSchema::new("string") },
            $type::parse,
            |word| word.as_str().to_owned()
        );
    )*};
}
word_types! {
    Role = Role::ALL,
    RoomPhase = RoomPhase::ALL,
    Phase = Phase::ALL,
    EndedBy = EndedBy::ALL,
    TermKind = TermKind::ALL,
    Timing = Timing::ALL,
    OutagePolicy = OutagePolicy::ALL,
    Why = Why::ALL,
    Topic = Topic::ALL,
    Said = Said::ALL,
    Attendance = Attendance::ALL,
    Rule = Rule::ALL,
    TakeoverPolicy = [TakeoverPolicy::Ask, TakeoverPolicy::Allow, TakeoverPolicy::Refuse],
}
text_type!(
    Right,
    "Right",
    MetaSchema { enum_items: Right::ALL.iter().map(|right| Value::from(right.as_str())).collect(), ..MetaSchema::new("string") },
    |text| Right::ALL.iter().copied().find(|right| right.as_str() == text),
    |right| right.as_str().to_owned()
);

text_type!(
    State,
    "IncidentState",
    MetaSchema { enum_items: State::ALL.iter().map(|word| Value::from(word.as_str())).collect(), ..MetaSchema::new("string") },
    State::parse,
    |word| word.as_str().to_owned()
);

/// An instant, RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At(pub(super) Ms);
text_type!(At, "Instant", MetaSchema::new_with_format("string", "date-time"), |text| parse_rfc3339(text).ok().map(At), |at| {
    rfc3339_ms(at.0)
});

/// An instant that may be absent.
pub(super) fn at(ms: Option<Ms>) -> Option<At> {
    ms.map(At)
}

/// A length in whole milliseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "a length of an exam in ms is far below 2^53")]
pub(super) fn seconds(ms: Ms) -> f64 {
    ms as f64 / 1000.0
}

/// Hundredths of a point as points.
#[expect(clippy::cast_precision_loss, reason = "points in hundredths are far below 2^53")]
pub(super) fn points(centi: i64) -> f64 {
    centi as f64 / 100.0
}

/// A count for the wire.
pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A JSON body whose every fault is named.
pub(super) struct Body<T>(pub(super) T);

impl<'a, T: ParseFromJSON + IsObjectType> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        let mut registry = Registry::new();
        T::register(&mut registry);
        let required = registry.schemas.get(T::name().as_ref()).is_some_and(|schema| !schema.required.is_empty());
        Some(MetaRequest { description: None, content, required })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        read(json(request, body).await?).map(Self)
    }
}

/// The JSON of a request. No body at all is an empty object.
pub(super) async fn json(request: &Request, body: &mut RequestBody) -> poem::Result<Value> {
    let bytes = body.take()?.into_bytes().await?;
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !<Json<At> as Payload>::check_content_type(kind) {
        return Err(ContentTypeError::NotSupported { content_type: kind.to_owned() }.into());
    }
    serde_json::from_slice(&bytes).map_err(|_| raise(Code::BadRequest))
}

/// The value as a `T`, or `bad_field` with every fault.
pub(super) fn read<T: ParseFromJSON>(value: Value) -> poem::Result<T> {
    let faults = shape::faults::<T>(&value);
    if let Some(first) = faults.first() {
        let error = Error::from(Code::BadField).arg("field", &first.path);
        return Err(raise(error.faults(faults)));
    }
    T::parse_from_json(Some(value)).map_err(|error| {
        tracing::debug!(reason = error.message(), "api.body_refused");
        raise(Code::BadRequest)
    })
}
