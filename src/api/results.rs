//! Results of a room, and every answer of a candidate.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Any;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, ResponseContent};
use serde_json::Value;

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Reason};
use super::types::{At, at, count, points};
use crate::domain::clock::{EndedBy, Phase, Why};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::paper::Mark;
use crate::service::accept::decided;
use crate::service::results::{CandidateResult, Judged, Results as RoomResults};
use crate::service::tables;

pub(super) struct Results;

/// How a table is written.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
pub(super) enum Format {
    /// For programs.
    Json,
    /// For spreadsheets: with a byte order mark, and guarded against formulas.
    Csv,
}

impl Format {
    /// The query decides, then `Accept`, then JSON.
    pub(super) fn chosen(query: Option<Self>, accept: Option<&str>) -> Self {
        let csv = accept.is_some_and(|accept| accept.contains("text/csv"));
        query.unwrap_or(if csv { Self::Csv } else { Self::Json })
    }
}

/// What a room came to.
#[derive(Object)]
struct Outcome {
    /// The room.
    room: RoomId,
    /// Title of the exam.
    title: String,
    /// Whether figures may still change: the room has not ended, or answers wait for a person.
    provisional: bool,
    /// The questions of the pinned paper, in its order.
    questions: Vec<QuestionWorth>,
    /// One row a candidate.
    items: Vec<ResultRow>,
}

/// A question and its worth.
#[derive(Object)]
struct QuestionWorth {
    /// The question.
    question: String,
    /// What a right answer is worth.
    points: f64,
}

/// One candidate's results.
#[derive(Object)]
struct ResultRow {
    /// Who.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// Class.
    class: Option<String>,
    /// The school's number.
    student_id: Option<String>,
    /// When it ended.
    ended_at: Option<At>,
    /// Who ended it.
    ended_by: Option<EndedBy>,
    /// What they are doing.
    phase: Phase,
    /// Points so far.
    points: f64,
    /// Points of the whole paper.
    out_of: f64,
    /// Questions that are answered.
    answered: i64,
    /// Answers that wait for a person.
    unmarked: i64,
    /// The answers that count, with their marks.
    answers: Vec<MarkedAnswer>,
    /// Answers that are stored and do not count: the latest of each question.
    uncounted: Vec<JudgedAnswer>,
}

/// An answer and its mark.
#[derive(Object)]
struct MarkedAnswer {
    /// The answer.
    #[oai(flatten)]
    answer: JudgedAnswer,
    /// What it earned; null: a person marks it.
    points: Option<f64>,
    /// What it could have earned.
    out_of: f64,
}

/// An answer and whether it counts.
#[derive(Object)]
pub(super) struct JudgedAnswer {
    /// Question.
    question: String,
    /// Pen it was written with.
    pen: i64,
    /// Its number within the pen.
    seq: i64,
    /// The value.
    value: Any<Value>,
    /// When it was received.
    received_at: At,
    /// Whether it counts as things stand.
    counts: bool,
    /// Why not, or the mark it carries.
    why: Option<Why>,
    /// When staff accepted it although it did not count.
    accepted_at: Option<At>,
    /// Why they did.
    accepted_reason: Option<Reason>,
}

impl From<&Judged> for JudgedAnswer {
    fn from(judged: &Judged) -> Self {
        let row = &judged.answer;
        let (accepted_at, accepted_reason) = decided(judged).map(|(at, reason)| (At(at), reason.into())).unzip();
        Self {
            question: row.question_id.to_string(),
            pen: row.pen,
            seq: row.seq,
            value: Any(serde_json::from_str(&row.value).unwrap_or_default()),
            received_at: At(row.received_ms),
            counts: judged.verdict.counts,
            why: judged.verdict.why,
            accepted_at,
            accepted_reason,
        }
    }
}

#[derive(ResponseContent)]
enum OutcomeBody {
    Json(Json<Outcome>),
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(Binary<Vec<u8>>),
}

#[derive(ApiResponse)]
enum Found {
    /// The results.
    #[oai(status = 200)]
    Results(OutcomeBody),
}

#[OpenApi(tag = "Tag::Results")]
impl Results {
    /// Read a room's results.
    ///
    /// Marked by the key. As JSON with every answer that counts, or as CSV with one row a candidate.
    #[oai(path = "/rooms/:room/results", method = "get", operation_id = "get_results")]
    async fn get_results(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// `json` or `csv`; `Accept` decides when absent.
        format: Query<Option<Format>>,
        /// `text/csv` for a table.
        #[oai(name = "Accept")]
        accept: Header<Option<String>>,
    ) -> Reply<Found> {
        let results = caller.service.get_results(&caller.actor, &room.0).await?;
        let body = match Format::chosen(format.0, accept.0.as_deref()) {
            Format::Csv => OutcomeBody::Csv(Binary(tables::results(&results))),
            Format::Json => OutcomeBody::Json(Json(outcome(&results))),
        };
        Ok(Found::Results(body))
    }

    /// Read every answer of a candidate.
    ///
    /// Also those that do not count, with the reason.
    #[oai(path = "/rooms/:room/candidates/:candidate/answers", method = "get", operation_id = "get_answers")]
    async fn get_answers(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
    ) -> Reply<Json<All<JudgedAnswer>>> {
        let answers = caller.service.get_answers(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Json(All { items: answers.iter().map(JudgedAnswer::from).collect() }))
    }
}

fn outcome(results: &RoomResults) -> Outcome {
    let unmarked = results.rows.iter().any(|row| row.score.unmarked > 0);
    let worth = |question: &crate::domain::paper::Question| QuestionWorth {
        question: question.id.to_string(),
        points: points(question.points.centi()),
    };
    Outcome {
        room: results.room.id.clone(),
        title: results.room.title.clone(),
        provisional: results.room.ended_ms.is_none() || unmarked,
        questions: results.paper.questions.iter().map(worth).collect(),
        items: results.rows.iter().map(row).collect(),
    }
}

fn row(result: &CandidateResult) -> ResultRow {
    let marked = |(judged, mark): &(Judged, Mark)| MarkedAnswer {
        answer: judged.into(),
        points: mark.points_centi.map(points),
        out_of: points(mark.out_of_centi),
    };
    let who = &result.candidate;
    ResultRow {
        candidate: who.id.clone(),
        name: who.name.clone(),
        seat: who.seat.clone(),
        class: who.class.clone(),
        student_id: who.student_id.clone(),
        ended_at: at(who.ended_ms),
        ended_by: who.ended_by.as_deref().and_then(EndedBy::parse),
        phase: result.phase,
        points: points(result.score.points_centi),
        out_of: points(result.score.out_of_centi),
        answered: count(result.score.answered),
        unmarked: count(result.score.unmarked),
        answers: result.answers.values().map(marked).collect(),
        uncounted: result.uncounted.iter().map(JudgedAnswer::from).collect(),
    }
}
