//! Who may still come in, who keeps their time when the rest ends, and when a room is over by itself.

use super::deadline::Course;
use super::{Facts, Kind, Ledger, Targets, Terms, Timing, WHOLE_BP};
use crate::domain::Ms;
use crate::domain::ids::CandidateId;

impl Ledger {
    /// When entry closes, as far as that is known: none before the start, while a pause of the room holds it open, and when only
    /// the room's end closes it.
    pub fn entry_closes_ms(&self, terms: &Terms) -> Option<Ms> {
        let started = self.started_ms()?;
        let ended = self.ended_entry_ms();
        let cap = terms.cap();
        let by_rule = match (terms.late_entry_ms, terms.timing) {
            (Some(late), _) => Course::lay(self.room_spans(), started, late.max(0).into(), cap, None).deadline(),
            (None, Timing::WithRoom) => {
                let allowance = self.allowance(terms, None, WHOLE_BP);
                Course::lay(self.room_spans(), started, allowance.sum(), cap, None).deadline()
            }
            (None, Timing::OnEntry) => terms.window.map(|window| window.ends_ms),
        };
        by_rule.into_iter().chain(ended).min()
    }

    /// Whether a candidate's time may still begin: the room has started, nobody ended it, and the cut-off has not come.
    pub fn entry_open(&self, terms: &Terms, now: Ms) -> bool {
        self.started_ms().is_some()
            && self.ended_entry_ms().is_none()
            && self.entry_closes_ms(terms).is_none_or(|closes| now < closes)
    }

    fn ended_entry_ms(&self) -> Option<Ms> {
        self.effective().find(|change| matches!(change.kind, Kind::End { .. })).map(|change| change.at_ms)
    }

    /// Whether the candidate has time that the room has not, and so goes on after an end that spares: a longer allowance, a sum of
    /// own extensions and credits above 0, or a reopening.
    pub fn has_individual_time(&self, candidate: &CandidateId, facts: &Facts) -> bool {
        if self.multiplier(Some(candidate), facts.multiplier_bp).0 > WHOLE_BP {
            return true;
        }
        let mut given: i128 = 0;
        for change in self.of(Some(candidate)).filter(|change| change.targets != Targets::Room) {
            match change.kind {
                Kind::Reopen { .. } => return true,
                Kind::Extend { ms } | Kind::Credit { ms } => given += i128::from(ms),
                _ => {}
            }
        }
        given > 0
    }

    /// Whether the room is over by itself: it has started, entry is closed, and of those whose time began none may still work.
    pub fn room_can_end<'a>(
        &self,
        terms: &Terms,
        facts: impl IntoIterator<Item = (&'a CandidateId, &'a Facts)>,
        now: Ms,
    ) -> bool {
        let open = |candidate: &CandidateId, facts: &Facts| {
            let working = facts.begun_ms.is_some() && facts.ended.is_none();
            working && self.due_ms(terms, candidate, facts, now).is_none_or(|due| now < due)
        };
        self.started_ms().is_some()
            && !self.entry_open(terms, now)
            && !facts.into_iter().any(|(candidate, facts)| open(candidate, facts))
    }
}
