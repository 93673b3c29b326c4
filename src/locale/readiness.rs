//! A line of the checklist in words.

use super::{Arg, Locale, day_and_time, maybe, words};
use crate::domain::readiness::{Line, State, Value};

/// What was seen, and what mends it; the latter empty where nothing is to be mended. Instants stand in `zone`.
pub fn ready_words(locale: Locale, line: &Line, zone: &str) -> (String, String) {
    let args: Vec<(&'static str, Arg<'_>)> = line.values.iter().map(|(name, value)| (*name, arg(locale, value, zone))).collect();
    let say = |key: &str| maybe(locale, key, &args).unwrap_or_else(|| key.to_owned());
    let says = say(&format!("ready-{}", line.says));
    let fix = if line.state == State::Good { String::new() } else { say(&format!("ready-{}-fix", line.says)) };
    (says, fix)
}

fn arg<'a>(locale: Locale, value: &'a Value, zone: &str) -> Arg<'a> {
    match value {
        Value::Number(n) => Arg::Number(*n),
        Value::Text(text) => Arg::from(text),
        Value::Length(ms) => Arg::from(rough(locale, *ms)),
        Value::At(ms) => Arg::from(day_and_time(locale, *ms, zone)),
    }
}

/// Nobody wants the seconds of hours.
fn rough(locale: Locale, ms: i64) -> String {
    let fine = if ms.saturating_abs() < 3_600_000 { 1_000 } else { 60_000 };
    words(locale, ms / fine * fine)
}
