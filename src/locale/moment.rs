//! Instants as people read them, in the room's time zone.

use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::Locale;

/// An unknown zone reads as UTC: a wrong name must not take a page down.
fn local(ms: i64, zone: &str) -> DateTime<Tz> {
    let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
    let instant = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    tz.from_utc_datetime(&instant.naive_utc())
}

/// "10:35:00" in the zone.
pub fn time_of_day(ms: i64, zone: &str) -> String {
    local(ms, zone).format("%H:%M:%S").to_string()
}

/// "10:35" when the instant is a whole minute, else "10:35:20": hidden seconds mislead.
pub fn time_of_day_short(ms: i64, zone: &str) -> String {
    let at = local(ms, zone);
    let pattern = if ms.rem_euclid(60_000) < 1000 { "%H:%M" } else { "%H:%M:%S" };
    at.format(pattern).to_string()
}

/// "10:35" in the zone, whatever the second.
pub fn minute_of_day(ms: i64, zone: &str) -> String {
    local(ms, zone).format("%H:%M").to_string()
}

/// "21 Nov 2026, 10:35" or "2026年11月21日 10:35" in the zone.
pub fn day_and_time(locale: Locale, ms: i64, zone: &str) -> String {
    let at = local(ms, zone);
    match locale {
        Locale::En => at.format("%-d %b %Y, %H:%M").to_string(),
        Locale::Zh => at.format("%Y年%-m月%-d日 %H:%M").to_string(),
    }
}

/// "21 Nov 2026, 10:35:20" or "2026年11月21日 10:35:20" in the zone.
pub fn day_and_seconds(locale: Locale, ms: i64, zone: &str) -> String {
    format!("{}{}", day_and_time(locale, ms, zone), local(ms, zone).format(":%S"))
}

/// The instant that a form names as "2026-11-21T10:35" in the zone. Of two with that name the first; one that the clocks leave out has none.
pub fn instant(text: &str, zone: &str) -> Option<i64> {
    let named = NaiveDateTime::parse_from_str(text.get(..16)?, "%Y-%m-%dT%H:%M").ok()?;
    let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
    tz.from_local_datetime(&named).earliest().map(|at| at.timestamp_millis())
}

/// "Asia/Shanghai (UTC+08:00)", so that nobody has to guess which clock is meant.
pub fn zone_name(ms: i64, zone: &str) -> String {
    let at = local(ms, zone);
    format!("{} (UTC{})", at.timezone().name(), at.format("%:z"))
}
