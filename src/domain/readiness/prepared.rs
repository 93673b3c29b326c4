//! People, paper and time.

use std::collections::BTreeMap;

use super::{Line, Place, Seen, Value};
use crate::domain::Ms;

/// Names and numbers that a line lists; the rest is counted.
const LISTED: usize = 5;
/// Basis points of a multiplier that changes nothing.
const PLAIN_BP: i64 = 10_000;

/// Somebody on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub has_number: bool,
    /// Has a seat.
    pub has_seat: bool,
    /// Can enter: has a code, or has entered.
    pub has_code: bool,
    /// Accommodation, basis points.
    pub multiplier_bp: i64,
}

/// The paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperSeen {
    /// Questions.
    pub questions: usize,
    /// Numbers, from 1, of those that could be marked by a key and have none.
    pub unkeyed: Vec<usize>,
}

/// Who watches over the room, besides the owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StaffSeen {
    /// People with a grant.
    pub people: usize,
    /// Those of them who may change time, for when the owner is not there.
    pub with_time: usize,
}

pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    let mut lines = vec![roster(seen)];
    if !seen.seats.is_empty() {
        lines.extend(names(seen));
        lines.extend(seats(seen));
        lines.push(codes(seen));
    }
    lines.extend(paper(seen));
    lines.push(start(seen));
    lines.extend(booking(seen));
    lines.extend(accommodations(seen));
    lines.push(staff(seen));
    lines.extend(others(seen));
    lines
}

fn roster(seen: &Seen) -> Line {
    match seen.seats.len() {
        0 => Line::bad("roster", "roster-none"),
        n => Line::good("roster", "roster-n").n(n),
    }
}

/// Two slips with one name and nothing else to tell them apart end on the wrong desks.
fn names(seen: &Seen) -> Option<Line> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for seat in seen.seats.iter().filter(|seat| !seat.has_number && !seat.has_seat) {
        *names.entry(seat.name.as_str()).or_default() += 1;
    }
    let twice: Vec<&str> = names.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name).collect();
    (!twice.is_empty()).then(|| Line::look("names", "names-twice").n(twice.len()).with("list", Value::Text(list(&twice))))
}

/// Seats for some and not for others: the others stand in the door.
fn seats(seen: &Seen) -> Option<Line> {
    let without = seen.seats.iter().filter(|seat| !seat.has_seat).count();
    match without {
        0 => Some(Line::good("seats", "seats-all")),
        n if n < seen.seats.len() => Some(Line::look("seats", "seats-some").n(n)),
        _ => None,
    }
}

fn codes(seen: &Seen) -> Line {
    match seen.seats.iter().filter(|seat| !seat.has_code).count() {
        0 => Line::good("codes", "codes-all"),
        n => Line::bad("codes", "codes-missing").n(n).at(Place::Codes),
    }
}

fn paper(seen: &Seen) -> Vec<Line> {
    let paper = &seen.paper;
    if paper.questions == 0 {
        return vec![Line::bad("paper", "paper-none")];
    }
    let keys = if paper.unkeyed.is_empty() {
        Line::good("keys", "keys-all")
    } else {
        let numbers: Vec<String> = paper.unkeyed.iter().map(ToString::to_string).collect();
        Line::look("keys", "keys-missing").n(numbers.len()).with("list", Value::Text(list(&numbers)))
    };
    vec![Line::good("paper", "paper-n").n(paper.questions), keys]
}

fn start(seen: &Seen) -> Line {
    match seen.times.starts_ms {
        _ if seen.times.started => Line::good("start", "start-done"),
        None => Line::good("start", "start-by-hand"),
        Some(at) => Line::good("start", "start-at").with("time", Value::At(at)),
    }
}

/// When the last person with this multiplier may still write, if all goes by plan.
fn until(seen: &Seen, multiplier_bp: i64) -> Ms {
    let own = i128::from(seen.times.base_ms) * i128::from(multiplier_bp) / i128::from(PLAIN_BP);
    let own = Ms::try_from(own).unwrap_or(Ms::MAX);
    seen.times.begins_ms().saturating_add(seen.times.late_ms).saturating_add(own)
}

/// Whether the time fits into the hours for which the room is booked. A hard end cuts; a soft one finds the next class in the door.
fn booking(seen: &Seen) -> Option<Line> {
    let end = seen.times.window_ends_ms?;
    let (plain, hard) = (until(seen, PLAIN_BP), seen.times.window_hard);
    let longer = seen.seats.iter().filter(|seat| until(seen, seat.multiplier_bp) > end).count();
    let line = if plain > end {
        let line = if hard { Line::bad("booking", "booking-short") } else { Line::look("booking", "booking-over") };
        line.with("missing", Value::Length(plain - end))
    } else if longer > 0 {
        if hard { Line::bad("booking", "booking-some").n(longer) } else { Line::look("booking", "booking-some-over").n(longer) }
    } else {
        Line::good("booking", "booking-fits")
    };
    Some(line.with("end", Value::At(end)))
}

fn accommodations(seen: &Seen) -> Option<Line> {
    let longer = seen.seats.iter().filter(|seat| seat.multiplier_bp > PLAIN_BP && !seen.times.started);
    let most = longer.clone().map(|seat| seat.multiplier_bp).max()?;
    Some(Line::good("accommodations", "accommodations-n").n(longer.count()).with("last", Value::At(until(seen, most))))
}

fn staff(seen: &Seen) -> Line {
    match seen.staff {
        StaffSeen { people: 0, .. } => Line::look("staff", "staff-alone"),
        StaffSeen { people, with_time: 0 } => Line::look("staff", "staff-no-time").n(people),
        StaffSeen { people, .. } => Line::good("staff", "staff-n").n(people),
    }
}

fn others(seen: &Seen) -> Option<Line> {
    if seen.place_twice {
        return Some(Line::look("others", "others-place"));
    }
    (seen.others > 0).then(|| Line::good("others", "others-n").n(seen.others))
}

fn list(words: &[impl AsRef<str>]) -> String {
    let mut text = words.iter().take(LISTED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if words.len() > LISTED {
        text.push_str(" …");
    }
    text
}
