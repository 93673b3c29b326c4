//! What a rule has found, in words: what was seen, and what the exam allows.

use super::{Arg, Locale, t, time_of_day, words};
use crate::domain::incident::{Finding, Topic};

/// What an incident is about: "Technical: connection".
pub fn topic(locale: Locale, topic: Topic) -> String {
    let category = locale.t(&format!("topic-{}", topic.category()));
    locale.t2("topic-of", "category", category, "kind", locale.t(topic.key()))
}

/// Why a rule proposes something.
pub fn finding(locale: Locale, finding: &Finding, zone: &str) -> String {
    let at = |ms: i64| Arg::from(time_of_day(ms, zone));
    let long = |ms: i64| Arg::from(words(locale, ms));
    match finding {
        Finding::Away { from_ms, limit_ms } => t(locale, "finding-away", &[("from", at(*from_ms)), ("limit", long(*limit_ms))]),
        Finding::Silent { from_ms, limit_ms } => {
            t(locale, "finding-silent", &[("from", at(*from_ms)), ("limit", long(*limit_ms))])
        }
        Finding::LostTime { from_ms, to_ms, lost_ms } => {
            t(locale, "finding-lost_time", &[("from", at(*from_ms)), ("to", at(*to_ms)), ("lost", long(*lost_ms))])
        }
        Finding::LatePaper { from_ms, to_ms, lost_ms } => {
            t(locale, "finding-late_paper", &[("from", at(*from_ms)), ("to", at(*to_ms)), ("lost", long(*lost_ms))])
        }
        Finding::Outage { from_ms, to_ms, .. } => {
            t(locale, "finding-outage", &[("from", at(*from_ms)), ("to", at(*to_ms)), ("length", long(to_ms - from_ms))])
        }
        Finding::Takeover { at_ms } => t(locale, "finding-takeover", &[("at", at(*at_ms))]),
        Finding::Devices { devices, limit } => {
            t(locale, "finding-devices", &[("n", Arg::Number(*devices)), ("limit", Arg::Number(*limit))])
        }
        Finding::Addresses { addresses, limit } => {
            let all = addresses.join(&locale.t("list-comma"));
            let n = i64::try_from(addresses.len()).unwrap_or(i64::MAX);
            t(locale, "finding-addresses", &[("n", Arg::Number(n)), ("all", all.into()), ("limit", Arg::Number(*limit))])
        }
        Finding::Paste { at_ms, chars, limit, .. } => {
            t(locale, "finding-paste", &[("at", at(*at_ms)), ("n", Arg::Number(*chars)), ("limit", Arg::Number(*limit))])
        }
    }
}
