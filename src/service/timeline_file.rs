//! Entries of a timeline as a file has them.

use chrono::{DateTime, TimeZone as _};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::timeline::{Context, Words};
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, UserId};
use crate::files::table::{Cell, csv, csv_rows};
use crate::time::rfc3339_ms;

/// How a timeline is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// For spreadsheets: with a byte order mark, and guarded against formulas.
    Csv,
}

const HEADER: [&str; 13] = [
    "id",
    "happened_at",
    "local_time",
    "kind",
    "candidate",
    "seat",
    "student_id",
    "name",
    "by",
    "by_name",
    "text",
    "reason",
    "data",
];

impl Format {
    /// What stands before the first entry.
    pub fn head(self) -> Vec<u8> {
        match self {
            Self::Ndjson => Vec::new(),
            Self::Csv => csv(&HEADER.map(str::to_owned), std::iter::empty()),
        }
    }

    /// Some entries.
    pub fn write(self, context: &Context, events: &[Event], words: &Words) -> Vec<u8> {
        match self {
            Self::Ndjson => events.iter().flat_map(|event| format!("{}\n", as_json(event)).into_bytes()).collect(),
            Self::Csv => csv_rows(events.iter().map(|event| row(context, event, words))),
        }
    }
}

/// An event as the API and files have it: instants as everywhere, and an id under a name that the entry's own does not hide.
pub fn as_json(event: &Event) -> Value {
    let mut all = data(event);
    let own = json!({
        "id": event.id,
        "happened_at": rfc3339_ms(event.at_ms),
        "kind": event.body.name(),
        "candidate": event.candidate,
        "by": event.by,
    });
    if let Value::Object(own) = own {
        all.extend(own);
    }
    Value::Object(all)
}

/// The members of the event's kind.
fn data(event: &Event) -> Map<String, Value> {
    let Ok(Value::Object(members)) = serde_json::to_value(&event.body) else { return Map::new() };
    let renamed = |(name, value): (String, Value)| match (name.strip_suffix("_ms"), value.as_i64()) {
        (Some(stem), Some(ms)) => (format!("{stem}_at"), Value::from(rfc3339_ms(ms))),
        _ if name == "id" => ("takeover".to_owned(), value),
        _ => (name, value),
    };
    members.into_iter().map(renamed).collect()
}

fn row(context: &Context, event: &Event, words: &Words) -> Vec<Cell> {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map_or(Cell::Empty, Cell::from);
    let person = event.candidate.as_ref().and_then(|id| context.people.get(id));
    let reason = context.reason(event).map(|reason| [reason.code.as_str(), reason.text.as_str()].join(" "));
    let mut data = data(event);
    data.remove("kind");
    let data = Value::Object(data).to_string();
    vec![
        event.id.as_str().into(),
        rfc3339_ms(event.at_ms).as_str().into(),
        local(event.at_ms, &context.clock.zone).as_str().into(),
        event.body.name().into(),
        text(event.candidate.as_ref().map(CandidateId::as_str)),
        text(person.and_then(|p| p.seat.as_deref())),
        text(person.and_then(|p| p.student_id.as_deref())),
        text(person.map(|p| p.name.as_str())),
        text(event.by.as_ref().map(UserId::as_str)),
        text(event.by.as_ref().and_then(|id| context.names.get(id)).map(String::as_str)),
        text(Some(&words(context, event))),
        text(reason.as_deref().map(str::trim)),
        text(Some(data.as_str()).filter(|data| *data != "{}")),
    ]
}

/// As a spreadsheet reads a date, in the room's zone.
fn local(ms: Ms, zone: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let at = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    zone.from_utc_datetime(&at.naive_utc()).format("%Y-%m-%d %H:%M:%S").to_string()
}
