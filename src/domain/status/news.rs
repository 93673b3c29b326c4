//! What a page has to be told of the changes since it last knew how its clock stands.

use super::RoomClock;
use crate::domain::Ms;
use crate::domain::clock::{Change, Facts, Kind, Ledger};
use crate::domain::ids::CandidateId;

/// A change of somebody's time, with everything that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News<'a> {
    /// The last change; why it was made is why the time is as it is.
    pub change: &'a Change,
    /// Of a revert: what is taken back.
    pub withdraws: Option<Kind>,
    /// The deadline as it was known, Unix ms; None while there was none.
    pub before_ms: Option<Ms>,
    /// The deadline now.
    pub after_ms: Option<Ms>,
}

impl RoomClock {
    /// What is new for somebody who knew the clock as of rev `known`. Whoever was away is told of all changes at once: from what they knew
    /// to what holds.
    pub fn news(&self, id: &CandidateId, facts: &Facts, known: i64) -> Option<News<'_>> {
        let fresh = || self.ledger.changes().iter().filter(|change| change.rev > known && change.targets.includes(id));
        let (first, change) = (fresh().next()?, fresh().next_back()?);
        let withdraws = match change.kind {
            Kind::Revert { rev } => self.ledger.change(rev).map(|reverted| reverted.kind),
            _ => None,
        };
        let deadline_ms = |ledger: &Ledger| ledger.deadline_ms(&self.terms, id, facts);
        Some(News {
            change,
            withdraws,
            before_ms: deadline_ms(&self.ledger.before(first.rev)),
            after_ms: deadline_ms(&self.ledger),
        })
    }

    /// The same for a page that arrives: what moved the deadline and the person has not confirmed, if the exam goes on for them.
    pub fn unconfirmed(&self, id: &CandidateId, facts: &Facts, seen: i64) -> Option<News<'_>> {
        let news = self.news(id, facts, seen).filter(|_| facts.begun_ms.is_some() && facts.ended.is_none())?;
        news.change.kind.moves_deadlines().then_some(news)
    }
}
