//! Lengths of time as people read them.

use super::Locale;

fn parts(seconds: i64) -> (i64, i64, i64) {
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn clock_of(seconds: i64) -> String {
    let (hours, minutes, rest) = parts(seconds);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// Clock style, "42:10" or "1:02:05"; milliseconds are dropped; a negative length bears a minus sign.
pub fn clock(ms: i64) -> String {
    let sign = if ms <= -1000 { "\u{2212}" } else { "" };
    format!("{sign}{}", clock_of(ms.saturating_abs() / 1000))
}

/// What is left of a deadline: whole seconds rounded up, so that 0:00 means the end and nothing earlier.
pub fn left(ms: i64) -> String {
    clock_of(ms.max(0).saturating_add(999) / 1000)
}

/// In words: "3 min 20 s", "1 h 5 min", "3 分 20 秒". Parts that are zero are left out.
pub fn words(locale: Locale, ms: i64) -> String {
    let (hours, minutes, seconds) = parts(ms.saturating_abs() / 1000);
    let mut said: Vec<String> = Vec::with_capacity(3);
    if hours > 0 {
        said.push(locale.t1("duration-hours", "n", hours));
    }
    if minutes > 0 {
        said.push(locale.t1("duration-minutes", "n", minutes));
    }
    if seconds > 0 || said.is_empty() {
        said.push(locale.t1("duration-seconds", "n", seconds));
    }
    format!("{}{}", if ms <= -1000 { "\u{2212}" } else { "" }, said.join(" "))
}
