//! Whether an answer counts: first by when it was received, then beside the other rows of its question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ended, EndedBy, Facts, Kind, Ledger, Terms, Why};
use crate::domain::Ms;
use crate::domain::ids::{CandidateId, QuestionId};

/// Whether something counts, and what is to be said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it counts.
    pub counts: bool,
    /// Why not, or what marks it although it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

impl Verdict {
    /// Counts, with nothing to say about it.
    pub const PLAIN: Self = Self { counts: true, why: None };

    /// Counts, marked.
    pub const fn marked(why: Why) -> Self {
        Self { counts: true, why: Some(why) }
    }

    /// Does not count.
    pub const fn out(why: Why) -> Self {
        Self { counts: false, why: Some(why) }
    }
}

impl Ledger {
    /// Judges an answer by when it was received, which alone decides: the instant of asking does not enter, so a later change of
    /// the ledger re-judges and a later look does not.
    pub fn judge(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts, received_ms: Ms, _now: Ms) -> Verdict {
        let Some(course) = self.course(terms, candidate, facts) else { return Verdict::out(Why::NotRunning) };
        if facts.begun_ms.is_none_or(|begun| received_ms < begun) {
            return Verdict::out(Why::NotRunning);
        }
        if let Some((rev, ended_ms)) = self.gap_around(candidate, received_ms) {
            return self.judge_in_gap(terms, candidate, facts, (rev, ended_ms), received_ms);
        }
        if facts.ended.is_some_and(|ended| ended.by != EndedBy::Deadline && ended.at_ms < received_ms) {
            return Verdict::out(Why::Ended);
        }
        if course.pause_covers(received_ms) {
            return Verdict::marked(Why::Paused);
        }
        match course.deadline() {
            None => Verdict::PLAIN,
            Some(deadline) if received_ms <= deadline => Verdict::PLAIN,
            Some(deadline) if received_ms <= deadline.saturating_add(terms.grace_ms) => Verdict::marked(Why::Grace),
            Some(_) => Verdict::out(Why::Late),
        }
    }

    /// The reopening that closed the gap this instant lies in: its rev, and when the work had ended.
    fn gap_around(&self, candidate: &CandidateId, at: Ms) -> Option<(i64, Ms)> {
        self.of(Some(candidate)).find_map(|change| match change.kind {
            Kind::Reopen { .. } if at < change.at_ms => {
                let ended_ms = change.targets.own(candidate)?.from_ms?;
                (ended_ms < at).then_some((change.rev, ended_ms))
            }
            _ => None,
        })
    }

    /// In a gap nothing counts but what counted already: a reopening must not take away the grace after a deadline it follows.
    fn judge_in_gap(&self, terms: &Terms, candidate: &CandidateId, facts: &Facts, gap: (i64, Ms), received_ms: Ms) -> Verdict {
        let (rev, ended_ms) = gap;
        let then = self.before(rev);
        let working = Facts { ended: None, ..*facts };
        // The end is not in the ledger; that it was the deadline's shows in some earlier state having that very deadline.
        let states = then.changes().iter().map(|change| then.before(change.rev)).chain([then.clone()]);
        let swept = states
            .into_iter()
            .any(|state| state.course(terms, candidate, &working).and_then(|course| course.deadline()) == Some(ended_ms));
        let by = if swept { EndedBy::Deadline } else { EndedBy::Candidate };
        let facts = Facts { ended: Some(Ended { at_ms: ended_ms, by }), ..*facts };
        let verdict = then.judge(terms, candidate, &facts, received_ms, received_ms);
        if verdict.counts { verdict } else { Verdict::out(Why::Ended) }
    }
}

/// One stored answer of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it answers.
    pub question: QuestionId,
    /// Who wrote it: the pen.
    pub pen: i64,
    /// Its place in the pen's numbering.
    pub seq: i64,
    /// What [`Ledger::judge`] says of it.
    pub verdict: Verdict,
    /// Whether staff accepted it.
    pub accepted: bool,
}

impl Row {
    fn counts_by_itself(&self) -> bool {
        self.accepted || self.verdict.counts
    }
}

/// The last word on each row of one candidate, in the order given. An older pen is one below the greatest among the rows.
pub fn resolve(rows: &[Row]) -> Vec<Verdict> {
    let latest = rows.iter().map(|row| row.pen).max();
    let mut newest: BTreeMap<&QuestionId, i64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.counts_by_itself()) {
        let pen = newest.entry(&row.question).or_insert(row.pen);
        *pen = row.pen.max(*pen);
    }
    let last_word = |row: &Row| {
        if row.accepted {
            Verdict::marked(Why::Accepted)
        } else if !row.verdict.counts {
            row.verdict
        } else if newest.get(&row.question).is_some_and(|pen| row.pen < *pen) {
            Verdict::out(Why::Superseded)
        } else if latest.is_some_and(|pen| row.pen < pen) {
            Verdict::marked(Why::OlderPen)
        } else {
            row.verdict
        }
    };
    rows.iter().map(last_word).collect()
}

/// The answer to each question: the row with the greatest (pen, seq) that counts, as an index into `rows`.
pub fn current(rows: &[Row]) -> BTreeMap<QuestionId, usize> {
    let mut answers: BTreeMap<QuestionId, usize> = BTreeMap::new();
    for (index, (row, verdict)) in rows.iter().zip(resolve(rows)).enumerate() {
        let held = answers.get(&row.question).and_then(|held| rows.get(*held));
        if verdict.counts && held.is_none_or(|held| (held.pen, held.seq) < (row.pen, row.seq)) {
            answers.insert(row.question.clone(), index);
        }
    }
    answers
}
