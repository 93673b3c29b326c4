//! What came of it: results, statistics.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Service;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::{Phase, Row as JudgedRow, Verdict, current, resolve};
use crate::domain::ids::{CandidateId, QuestionId, RoomId};
use crate::domain::paper::{CandidateAnswers, Mark, Paper, Score, Statistics, blank, mark, score, statistics};
use crate::domain::status::{Cell, RoomClock, Status};
use crate::error::Result;
use crate::store::answers::AnswerRow;
use crate::store::candidates::CandidateRow;
use crate::store::rooms::RoomRow;

/// One answer beside its verdict.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The row.
    pub answer: AnswerRow,
    /// Whether it counts.
    pub verdict: Verdict,
}

/// One candidate's results.
#[derive(Debug, Clone)]
pub struct CandidateResult {
    /// Who.
    pub candidate: CandidateRow,
    /// Phase now.
    pub phase: Phase,
    /// Points.
    pub score: Score,
    /// The answer to each question that counts, with its mark.
    pub answers: BTreeMap<QuestionId, (Judged, Mark)>,
    /// Rows that do not count and would have been an answer: the latest of each question.
    pub uncounted: Vec<Judged>,
}

/// A room's results.
pub struct Results {
    /// The room.
    pub room: RoomRow,
    /// The pinned paper with its key.
    pub paper: Arc<Paper>,
    /// One row a candidate.
    pub rows: Vec<CandidateResult>,
}

impl Service {
    /// Marks every candidate of a room by the key.
    pub async fn get_results(&self, actor: &Actor, id: &RoomId) -> Result<Results> {
        let room = self.room_for(actor, Action::GetResults, id).await?;
        self.results(room).await
    }

    async fn results(&self, room: RoomRow) -> Result<Results> {
        let clock = room.clock(self.store.ledger(&room.id).await?);
        let paper = match room.version() {
            0 => Arc::new(Paper { questions: Vec::new() }),
            version => self.paper(&room.exam_id, version).await?,
        };
        let mut answers: HashMap<CandidateId, Vec<AnswerRow>> = HashMap::new();
        for a in self.store.room_answers(&room.id).await? {
            answers.entry(a.candidate_id.clone()).or_default().push(a);
        }
        let now = self.now();
        let rows = self
            .store
            .candidates(&room.id)
            .await?
            .into_iter()
            .map(|c| {
                let own = answers.remove(&c.id).unwrap_or_default();
                result_of(&clock, &paper, c, own, now)
            })
            .collect();
        Ok(Results { room, paper, rows })
    }

    /// Item and score statistics of those who began.
    pub async fn get_statistics(&self, actor: &Actor, id: &RoomId) -> Result<(Arc<Paper>, Statistics)> {
        let room = self.room_for(actor, Action::GetStatistics, id).await?;
        let results = self.results(room).await?;
        let rows: Vec<CandidateAnswers> = results.rows.iter().map(|r| counted_answers(&r.candidate, &r.answers)).collect();
        let statistics = statistics(&results.paper, &rows);
        Ok((results.paper, statistics))
    }

    /// Every answer of one candidate, judged: also those that do not count.
    pub async fn get_answers(&self, actor: &Actor, room: &RoomId, id: &CandidateId) -> Result<Vec<Judged>> {
        let (room, candidate) = self.candidate_for(actor, Action::GetAnswers, room, id).await?;
        let clock = room.clock(self.store.ledger(&room.id).await?);
        Ok(judge_all(&clock, &candidate, self.store.answers(id).await?, self.now()).0)
    }
}

/// Judges rows by time and by pen; the indices are those of the answers.
pub(super) fn judge_all(
    clock: &RoomClock,
    candidate: &CandidateRow,
    rows: Vec<AnswerRow>,
    now: Ms,
) -> (Vec<Judged>, BTreeMap<QuestionId, usize>) {
    let facts = candidate.facts();
    let judged: Vec<JudgedRow> = rows
        .iter()
        .map(|a| JudgedRow {
            question: a.question_id.clone(),
            pen: a.pen,
            seq: a.seq,
            verdict: clock.ledger.judge(&clock.terms, &candidate.id, &facts, a.received_ms, now),
            accepted: a.accepted_ms.is_some(),
        })
        .collect();
    let verdicts = resolve(&judged);
    let answers = current(&judged);
    (rows.into_iter().zip(verdicts).map(|(answer, verdict)| Judged { answer, verdict }).collect(), answers)
}

fn result_of(clock: &RoomClock, paper: &Paper, candidate: CandidateRow, rows: Vec<AnswerRow>, now: Ms) -> CandidateResult {
    let phase = clock.clock(&candidate.id, &candidate.facts(), now).phase;
    let (judged, answers) = judge_all(clock, &candidate, rows, now);
    let mut counted = BTreeMap::new();
    for (question, index) in answers {
        if let (Some(j), Some(q)) = (judged.get(index), paper.question(&question)) {
            counted.insert(question, (j.clone(), mark(q, Some(&j.answer.value))));
        }
    }
    let mut uncounted: BTreeMap<QuestionId, Judged> = BTreeMap::new();
    for j in judged.into_iter().filter(|j| !j.verdict.counts && !blank(&j.answer.value)) {
        uncounted.insert(j.answer.question_id.clone(), j);
    }
    let score = score(paper, &counted_answers(&candidate, &counted));
    CandidateResult { candidate, phase, score, answers: counted, uncounted: uncounted.into_values().collect() }
}

fn counted_answers(candidate: &CandidateRow, answers: &BTreeMap<QuestionId, (Judged, Mark)>) -> CandidateAnswers {
    CandidateAnswers {
        began: candidate.begun_ms.is_some(),
        answers: answers.iter().map(|(q, (j, _))| (q.clone(), j.answer.value.clone())).collect(),
        marks: HashMap::new(),
    }
}

/// Folds stored answers into a status: the greatest (pen, seq) that counts is the answer.
pub(super) fn fold_answers(status: &mut Status, clock: &RoomClock, rows: Vec<AnswerRow>, now: Ms) {
    let mut by_candidate: HashMap<CandidateId, Vec<AnswerRow>> = HashMap::new();
    for a in rows {
        by_candidate.entry(a.candidate_id.clone()).or_default().push(a);
    }
    for (id, rows) in by_candidate {
        let Some(row) = status.rows.get_mut(&id) else { continue };
        for a in rows {
            row.last_saved_ms = row.last_saved_ms.max(Some(a.received_ms));
            let verdict = clock.ledger.judge(&clock.terms, &id, &row.facts, a.received_ms, now);
            if !verdict.counts && a.accepted_ms.is_none() {
                row.uncounted.insert((a.pen, a.seq));
                continue;
            }
            let cell = Cell { pen: a.pen, seq: a.seq, received_ms: a.received_ms, blank: blank(&a.value) };
            // Rows come by (pen, seq): the last one wins.
            row.answers.insert(a.question_id, cell);
        }
    }
}
