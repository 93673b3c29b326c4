//! How a room did, question by question.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::{ApiResponse, Object, OpenApi, ResponseContent};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::results::Format;
use super::types::{count, points};
use crate::domain::ids::RoomId;
use crate::domain::paper::{Paper, QuestionStatistics, Scores, Statistics};
use crate::service::tables;

pub(super) struct Items;

/// How a room did. Whoever never began is not counted anywhere.
#[derive(Object)]
struct RoomStatistics {
    /// Candidates who began.
    candidates: i64,
    /// In the paper's order.
    questions: Vec<ItemStatistics>,
    /// Over the candidates whose every answer is marked.
    scores: ScoreStatistics,
}

/// How one question went.
#[derive(Object)]
struct ItemStatistics {
    /// Question.
    question: String,
    /// What a right answer is worth.
    points: f64,
    /// Candidates who answered it.
    answered: i64,
    /// Candidates who did not.
    omitted: i64,
    /// Mean points as a part of the question's: 1 = everyone had all of them. Null while an answer waits for a person.
    facility: Option<f64>,
    /// How many chose each option.
    options: Vec<OptionStatistics>,
}

/// How many chose an option.
#[derive(Object)]
struct OptionStatistics {
    /// The option.
    option: String,
    /// Candidates who chose it.
    chosen: i64,
}

/// The spread of the sums.
#[derive(Object)]
struct ScoreStatistics {
    /// Candidates marked through.
    marked: i64,
    /// Candidates with answers that wait for a person.
    unmarked: i64,
    /// The paper's points.
    out_of: f64,
    /// Mean.
    mean: Option<f64>,
    /// Median.
    median: Option<f64>,
    /// Lowest.
    min: Option<f64>,
    /// Highest.
    max: Option<f64>,
    /// Candidates in each tenth of the paper's points.
    histogram: Vec<i64>,
}

#[derive(ResponseContent)]
enum StatisticsBody {
    Json(Json<RoomStatistics>),
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(Binary<Vec<u8>>),
}

#[derive(ApiResponse)]
enum Found {
    /// The statistics.
    #[oai(status = 200)]
    Statistics(StatisticsBody),
}

#[OpenApi(tag = "Tag::Results")]
impl Items {
    /// Read a room's statistics.
    ///
    /// As JSON, or as CSV with one row a question.
    #[oai(path = "/rooms/:room/statistics", method = "get", operation_id = "get_statistics")]
    async fn get_statistics(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// `json` or `csv`; `Accept` decides when absent.
        format: Query<Option<Format>>,
        /// `text/csv` for a table.
        #[oai(name = "Accept")]
        accept: Header<Option<String>>,
    ) -> Reply<Found> {
        let (paper, statistics) = caller.service.get_statistics(&caller.actor, &room.0).await?;
        let body = match Format::chosen(format.0, accept.0.as_deref()) {
            Format::Csv => StatisticsBody::Csv(Binary(tables::statistics(&paper, &statistics))),
            Format::Json => StatisticsBody::Json(Json(shown(&paper, &statistics))),
        };
        Ok(Found::Statistics(body))
    }
}

fn shown(paper: &Paper, statistics: &Statistics) -> RoomStatistics {
    RoomStatistics {
        candidates: count(statistics.candidates),
        questions: statistics.questions.iter().map(|question| item(paper, question)).collect(),
        scores: scores(&statistics.scores),
    }
}

fn item(paper: &Paper, q: &QuestionStatistics) -> ItemStatistics {
    let option = |o: &crate::domain::paper::OptionCount| OptionStatistics { option: o.option.clone(), chosen: count(o.chosen) };
    ItemStatistics {
        question: q.question.to_string(),
        points: paper.question(&q.question).map_or(0.0, |question| points(question.points.centi())),
        answered: count(q.answered),
        omitted: count(q.omitted),
        facility: q.facility_bp.map(share),
        options: q.option_counts.iter().map(option).collect(),
    }
}

/// Basis points as a part of one.
#[expect(clippy::cast_precision_loss, reason = "at most 10,000")]
fn share(bp: i64) -> f64 {
    bp as f64 / 10_000.0
}

fn scores(s: &Scores) -> ScoreStatistics {
    ScoreStatistics {
        marked: count(s.n),
        unmarked: count(s.unmarked),
        out_of: points(s.out_of_centi),
        mean: s.mean_centi.map(points),
        median: s.median_centi.map(points),
        min: s.min_centi.map(points),
        max: s.max_centi.map(points),
        histogram: s.histogram.iter().copied().map(count).collect(),
    }
}
