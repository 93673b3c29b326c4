//! Times of day stand for instants here: `at("10:05:00")` is that many milliseconds after midnight of some day.

use super::*;
use crate::domain::ids::Id;

mod explained;
mod property;
mod rules;
mod vectors;
mod verdicts;

/// "10:05", "10:05:00" or "10:05:00.250", as an instant or a length.
fn at(text: &str) -> Ms {
    let (clock, ms) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':').map(|part| part.parse::<Ms>().unwrap());
    let (hours, minutes, seconds) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap_or(0));
    ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms.parse::<Ms>().unwrap()
}

fn minutes(count: i64) -> Ms {
    count * 60_000
}

fn candidate(name: &str) -> CandidateId {
    CandidateId::parse(&format!("cd_{name}")).unwrap()
}

fn ada() -> CandidateId {
    candidate("ada")
}

/// 90 minutes with the room, 3 s of grace, no window.
fn terms() -> Terms {
    Terms { base_ms: minutes(90), grace_ms: 3_000, timing: Timing::WithRoom, late_entry_ms: None, window: None }
}

fn begun(text: &str) -> Facts {
    Facts { joined_ms: Some(at(text)), begun_ms: Some(at(text)), ..Facts::default() }
}

fn reason(text: &str) -> Reason {
    Reason { code: "other".into(), text: text.into() }
}

fn change(rev: i64, at_ms: Ms, kind: Kind, targets: Targets) -> Change {
    Change { rev, at_ms, kind, targets, reason: reason(kind.name()), by: None }
}

fn only(name: &str, from_ms: Option<Ms>) -> Targets {
    Targets::Only(vec![Target { candidate: candidate("bob"), from_ms: None }, Target { candidate: candidate(name), from_ms }])
}

/// One line of a story, before it has a rev.
type Line = (Ms, Kind, Targets);

fn room(time: &str, kind: Kind) -> Line {
    (at(time), kind, Targets::Room)
}

/// For Ada and another.
fn own(time: &str, kind: Kind) -> Line {
    (at(time), kind, only("ada", None))
}

fn reopened(time: &str, ended: &str, ms: Ms) -> Line {
    (at(time), Kind::Reopen { ms }, only("ada", Some(at(ended))))
}

fn resume(time: &str) -> Kind {
    Kind::Resume { at_ms: at(time) }
}

fn outage(from: &str, to: &str) -> Line {
    room("11:59", Kind::Outage { from_ms: at(from), to_ms: at(to) })
}

fn revert(rev: i64) -> Line {
    room("11:58", Kind::Revert { rev })
}

fn extend(count: i64) -> Kind {
    Kind::Extend { ms: minutes(count) }
}

/// Opened 09:50 (rev 1), started 10:00 (rev 2); the lines are revs 3, 4, 5, …
fn story(lines: &[Line]) -> Ledger {
    let head = [room("09:50", Kind::Open), room("10:00", Kind::Start)];
    let lines = head.iter().chain(lines).cloned();
    Ledger::new((1..).zip(lines).map(|(rev, (at_ms, kind, targets))| change(rev, at_ms, kind, targets)).collect())
}
