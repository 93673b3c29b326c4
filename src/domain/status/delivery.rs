//! How far a change of time has come: queued, on the device (a pong after it), confirmed by the person.

use super::{RoomClock, Row, Status};
use crate::domain::clock::Change;
use crate::domain::ids::CandidateId;

/// Changes that are shown at once: the newest, and older ones that somebody still lacks.
const SHOWN: usize = 4;

/// How far a change has come with one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not on the device yet.
    Queued,
    /// On the device: a pong came after it.
    Delivered,
    /// The person has confirmed it.
    Seen,
}

/// How far one change of time has come in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Rev of the change.
    pub rev: i64,
    /// Whom it touches and who is here and has not ended.
    pub total: i64,
    /// On whose device it is.
    pub delivered: i64,
    /// Who has confirmed it.
    pub seen: i64,
    /// Who does not have it yet.
    pub missing: Vec<CandidateId>,
}

impl Row {
    /// How far a change that is for this candidate has come.
    pub fn reach(&self, rev: i64) -> Reach {
        if self.seen_rev >= rev {
            Reach::Seen
        } else if self.delivered_rev >= rev {
            Reach::Delivered
        } else {
            Reach::Queued
        }
    }

    /// The last change that this candidate's page has to show, and how far it has come; None for whoever has none or does not sit.
    pub fn newest_reach(&self, clock: &RoomClock, id: &CandidateId) -> Option<Reach> {
        let change = told(clock).find(|change| change.targets.includes(id)).filter(|_| self.sits())?;
        Some(self.reach(change.rev))
    }

    /// Whether there is somebody to tell.
    pub fn sits(&self) -> bool {
        self.facts.joined_ms.is_some() && self.facts.ended.is_none()
    }
}

/// Changes that pages have to show, the newest first.
fn told(clock: &RoomClock) -> impl Iterator<Item = &Change> {
    clock.ledger.changes().iter().rev().filter(|change| change.kind.moves_deadlines())
}

impl Status {
    /// How far the last changes have come, the newest first: that one, and of those before it the ones that somebody still lacks.
    pub fn deliveries(&self, clock: &RoomClock) -> Vec<Delivery> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        for change in told(clock) {
            let delivery = self.delivery_of(change);
            if deliveries.is_empty() || !delivery.missing.is_empty() {
                deliveries.push(delivery);
            }
            if deliveries.len() == SHOWN {
                break;
            }
        }
        deliveries
    }

    /// How far the last change that moves deadlines has come; None before the first.
    pub fn delivery(&self, clock: &RoomClock) -> Option<Delivery> {
        told(clock).next().map(|change| self.delivery_of(change))
    }

    /// How far one change has come. Whoever has ended or has not come is not waited for.
    fn delivery_of(&self, change: &Change) -> Delivery {
        let mut delivery = Delivery { rev: change.rev, total: 0, delivered: 0, seen: 0, missing: Vec::new() };
        for (id, row) in self.rows.iter().filter(|(id, row)| change.targets.includes(id) && row.sits()) {
            let reach = row.reach(change.rev);
            delivery.total += 1;
            delivery.seen += i64::from(reach == Reach::Seen);
            if reach == Reach::Queued {
                delivery.missing.push(id.clone());
            } else {
                delivery.delivered += 1;
            }
        }
        delivery
    }
}

#[cfg(test)]
mod tests;
