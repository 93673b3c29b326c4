//! What a candidate lost through their own device or network, measured from the timeline. It is proposed to staff and never given back by
//! itself: whoever pulls a plug must not earn by it.

use super::Ms;
use super::clock::{Facts, Kind};
use super::event::{Body, Event, Presence};
use super::ids::CandidateId;
use super::incident::Finding;
use super::status::RoomClock;
use crate::limits;

/// What took the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostKind {
    /// The connection was away in the midst of work.
    Connection,
    /// The device could not be reached when time began, so the paper came late.
    Paper,
}

impl LostKind {
    /// The word as sent, and the code of the credit's reason by which it counts as given back.
    pub fn code(self) -> &'static str {
        match self {
            Self::Connection => "lost_time",
            Self::Paper => "late_paper",
        }
    }

    /// Less is not worth a teacher's eye, ms.
    fn least_ms(self) -> Ms {
        match self {
            Self::Connection => limits::LOST_TIME_MIN_MS,
            Self::Paper => limits::LATE_PAPER_MIN_MS,
        }
    }
}

/// One time that was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// To what.
    pub kind: LostKind,
    /// From when, Unix ms.
    pub from_ms: Ms,
    /// Until when, Unix ms.
    pub to_ms: Ms,
    /// How much of it was the candidate's time: without pauses, outages and what lies behind the deadline.
    pub ms: Ms,
}

/// What a candidate has lost and not been given back, oldest first. `signs` are the candidate's events of presence and delivery, oldest
/// first. What still lasts is not measured yet.
pub fn lost(clock: &RoomClock, id: &CandidateId, facts: &Facts, signs: &[Event]) -> Vec<Lost> {
    let Some(begun) = facts.begun_ms else { return Vec::new() };
    let arrived = begun.max(facts.joined_ms.unwrap_or(begun));
    let mut times = Vec::new();
    let reachable = signs.iter().take_while(|sign| sign.at_ms <= arrived).filter_map(presence).last();
    let mut open = (!matches!(reachable, Some(Presence::Connected | Presence::Slow | Presence::Unsteady)))
        .then_some((LostKind::Paper, arrived));
    for sign in signs.iter().skip_while(|sign| sign.at_ms <= arrived) {
        match (presence(sign), open) {
            (Some(Presence::Lost), None) => {
                let silent = sign.at_ms - limits::LOST_MS;
                open = Some(if silent > arrived { (LostKind::Connection, silent) } else { (LostKind::Paper, arrived) });
            }
            (Some(Presence::Connected | Presence::Slow) | None, Some((kind, from))) => {
                times.push((kind, from, sign.at_ms));
                open = None;
            }
            _ => {}
        }
    }
    times.into_iter().filter_map(|(kind, from, to)| measure(clock, id, facts, kind, from, to)).collect()
}

/// What a sign says of presence; None is a delivery, which is life too.
fn presence(sign: &Event) -> Option<Presence> {
    if let Body::PresenceChanged { presence, .. } = sign.body { Some(presence) } else { None }
}

fn measure(clock: &RoomClock, id: &CandidateId, facts: &Facts, kind: LostKind, from: Ms, to: Ms) -> Option<Lost> {
    let deadline = clock.clock(id, facts, to).deadline_ms.unwrap_or(Ms::MAX);
    let to_ms = to.min(facts.ended.map_or(Ms::MAX, |ended| ended.at_ms)).min(deadline);
    let ms = clock.ledger.counted_ms(id, from, to_ms);
    let given = credited(clock, id, kind.code(), to_ms).is_some();
    (ms >= kind.least_ms() && !given).then_some(Lost { kind, from_ms: from, to_ms, ms })
}

/// The entry of the ledger that gave back what a finding is about, by whatever way.
pub fn given_by(clock: &RoomClock, id: &CandidateId, finding: &Finding) -> Option<i64> {
    match finding {
        Finding::LostTime { to_ms, .. } | Finding::LatePaper { to_ms, .. } => {
            credited(clock, id, finding.rule().as_str(), *to_ms)
        }
        _ => None,
    }
}

fn credited(clock: &RoomClock, id: &CandidateId, code: &str, to_ms: Ms) -> Option<i64> {
    let mut credits = clock.ledger.effective().filter(|change| {
        let credit = matches!(change.kind, Kind::Credit { .. }) && change.reason.code == code;
        credit && change.at_ms >= to_ms && change.targets.own(id).is_some()
    });
    credits.next().map(|change| change.rev)
}

#[cfg(test)]
mod tests;
