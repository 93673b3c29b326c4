//! Staff count an answer that did not count, or take that back: a stored fact with a reason, never another verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::results::{Judged, judge_all};
use super::{Service, Shared};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::{Reason, Why};
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, QuestionId, RoomId};
use crate::domain::status::RoomClock;
use crate::error::{Code, Error, Result};
use crate::store::answers::Decision;
use crate::store::candidates::CandidateRow;
use crate::store::rooms::RoomRow;

/// What staff want counted, or not any more.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Keys (pen, seq); None: all that it could be said of.
    pub answers: Option<Vec<(i64, i64)>>,
    /// Take an earlier acceptance back.
    pub withdraw: bool,
    /// Why.
    pub reason: Reason,
    /// Only say what it would do.
    pub dry_run: bool,
}

/// What became of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is as was wished, and was not before.
    Applied,
    /// It was so before.
    Unchanged,
    /// There is no such answer.
    NotFound,
    /// A newer answer to the question counts: this one would change nothing.
    Superseded,
}

impl Fate {
    /// As sent: outcome and code.
    pub fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Applied => ("applied", None),
            Self::Unchanged => ("unchanged", None),
            Self::NotFound => ("refused", Some("not_found")),
            Self::Superseded => ("refused", Some("superseded")),
        }
    }
}

/// One line of what it came to.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whose.
    pub candidate: CandidateId,
    /// Its pen and seq.
    pub key: (i64, i64),
    /// The answer before, unless there is none.
    pub answer: Option<Judged>,
    /// What became of it.
    pub fate: Fate,
}

impl Service {
    /// Counts answers of one candidate that did not count, or takes that back.
    pub async fn accept_answers(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        wish: &Wish,
    ) -> Result<Vec<Line>> {
        let (room, candidate) = self.candidate_for(actor, Action::AcceptAnswers, room, candidate).await?;
        check(wish)?;
        let clock = self.clock_of(&room).await?;
        self.accept_of(actor, &room, &clock, candidate, wish).await
    }

    /// The same for everybody in a room: all that do not count.
    pub async fn accept_room_answers(self: &Arc<Self>, actor: &Actor, room: &RoomId, wish: &Wish) -> Result<Vec<Line>> {
        let room = self.room_for(actor, Action::AcceptRoomAnswers, room).await?;
        check(wish)?;
        let clock = self.clock_of(&room).await?;
        let mut lines = Vec::new();
        // One transaction a candidate: a large room does not hold up answers, and a repeat finds what is done done.
        for candidate in self.store.candidates(&room.id).await? {
            lines.extend(self.accept_of(actor, &room, &clock, candidate, wish).await?);
        }
        Ok(lines)
    }

    async fn accept_of(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomRow,
        clock: &RoomClock,
        candidate: CandidateRow,
        wish: &Wish,
    ) -> Result<Vec<Line>> {
        let (judged, current) = judge_all(clock, &candidate, self.store.answers(&candidate.id).await?, self.now());
        let counting = counting(&judged, &current);
        let mut lines = lines(&candidate.id, judged, &counting, wish);
        let keys: Vec<(i64, i64)> = lines.iter().filter(|line| line.fate == Fate::Applied).map(|line| line.key).collect();
        if keys.is_empty() || wish.dry_run {
            return Ok(lines);
        }
        let done = self.decide(actor, &room.id, &candidate.id, &keys, wish).await?;
        // Somebody else was faster with the others.
        for line in lines.iter_mut().filter(|line| line.fate == Fate::Applied && !done.contains(&line.key)) {
            line.fate = Fate::Unchanged;
        }
        Ok(lines)
    }

    async fn decide(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        keys: &[(i64, i64)],
        wish: &Wish,
    ) -> Result<BTreeSet<(i64, i64)>> {
        let body = |(pen, seq)| {
            if wish.withdraw { Body::AcceptanceWithdrawn { pen, seq } } else { Body::AnswerAccepted { pen, seq } }
        };
        let told = keys.iter().map(|key| (*key, self.event(room, Some(candidate), actor, body(*key)))).collect();
        let reason = serde_json::json!({ "code": wish.reason.code, "text": wish.reason.text }).to_string();
        let decision = Decision {
            candidate: candidate.clone(),
            accept: !wish.withdraw,
            at_ms: self.now(),
            by: actor.user().cloned(),
            reason,
        };
        let service: Shared = self.clone();
        self.tell_after(async move {
            let done = service.store.decide_answers(&decision, told).await?;
            Ok(done.into_iter().unzip())
        })
        .await
    }
}

fn check(wish: &Wish) -> Result<()> {
    if wish.reason.code.trim().is_empty() {
        return Err(Code::ReasonRequired.into());
    }
    if wish.reason.code.len() > 60 || wish.reason.text.chars().count() > 500 {
        return Err(Error::field("reason", "too_long"));
    }
    if wish.answers.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::field("answers", "empty"));
    }
    Ok(())
}

/// The key of the answer to each question.
fn counting(judged: &[Judged], current: &BTreeMap<QuestionId, usize>) -> BTreeMap<QuestionId, (i64, i64)> {
    let key = |index: &usize| judged.get(*index).map(|j| (j.answer.pen, j.answer.seq));
    current.iter().filter_map(|(question, index)| Some((question.clone(), key(index)?))).collect()
}

fn lines(id: &CandidateId, judged: Vec<Judged>, counting: &BTreeMap<QuestionId, (i64, i64)>, wish: &Wish) -> Vec<Line> {
    let mut rows: BTreeMap<(i64, i64), Judged> = judged.into_iter().map(|j| ((j.answer.pen, j.answer.seq), j)).collect();
    let asked: Vec<(i64, i64)> = match &wish.answers {
        Some(keys) => keys.iter().copied().collect::<BTreeSet<_>>().into_iter().collect(),
        None => rows.iter().filter(|(_, j)| fate(j, counting, wish.withdraw) == Fate::Applied).map(|(key, _)| *key).collect(),
    };
    let line = |key| {
        let answer = rows.remove(&key);
        let fate = answer.as_ref().map_or(Fate::NotFound, |j| fate(j, counting, wish.withdraw));
        Line { candidate: id.clone(), key, answer, fate }
    };
    asked.into_iter().map(line).collect()
}

fn fate(judged: &Judged, counting: &BTreeMap<QuestionId, (i64, i64)>, withdraw: bool) -> Fate {
    let accepted = judged.answer.accepted_ms.is_some();
    if accepted != withdraw || (!withdraw && judged.verdict.counts) {
        return Fate::Unchanged;
    }
    let key = (judged.answer.pen, judged.answer.seq);
    let newer = counting.get(&judged.answer.question_id).is_some_and(|counts| *counts > key);
    if !withdraw && (newer || judged.verdict.why == Some(Why::Superseded)) { Fate::Superseded } else { Fate::Applied }
}

/// When staff decided on an answer, who, and why.
pub fn decided(judged: &Judged) -> Option<(Ms, Reason)> {
    let at = judged.answer.accepted_ms?;
    let stored = judged.answer.accepted_reason.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let part = |name: &str| stored.as_ref().and_then(|r| r[name].as_str()).unwrap_or_default().to_owned();
    Some((at, Reason { code: part("code"), text: part("text") }))
}
