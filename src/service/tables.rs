//! Results and statistics as tables for spreadsheets. Headers are words for programs, the same in every language.

use super::results::{CandidateResult, Results};
use crate::domain::paper::{Paper, Question, Statistics};
use crate::files::table::{Cell, csv};
use crate::time::rfc3339_ms;

/// One row a candidate: who, how it ended, points in all and for each question.
pub fn results(results: &Results) -> Vec<u8> {
    let questions = &results.paper.questions;
    let fixed = [
        "seat",
        "student_id",
        "class",
        "name",
        "phase",
        "ended_at",
        "ended_by",
        "points",
        "out_of",
        "answered",
        "unmarked",
        "uncounted",
    ];
    let header: Vec<String> =
        fixed.iter().map(|name| (*name).to_owned()).chain(questions.iter().map(|q| format!("points_{}", q.id))).collect();
    csv(&header, results.rows.iter().map(|row| candidate(questions, row)))
}

fn candidate(questions: &[Question], row: &CandidateResult) -> Vec<Cell> {
    let who = &row.candidate;
    let mut cells = vec![
        optional(who.seat.as_deref()),
        optional(who.student_id.as_deref()),
        optional(who.class.as_deref()),
        who.name.as_str().into(),
        row.phase.as_str().into(),
        optional(who.ended_ms.map(rfc3339_ms).as_deref()),
        optional(who.ended_by.as_deref()),
        Cell::Centi(row.score.points_centi),
        Cell::Centi(row.score.out_of_centi),
        number(row.score.answered),
        number(row.score.unmarked),
        number(row.uncounted.len()),
    ];
    cells.extend(questions.iter().map(|question| match row.answers.get(&question.id) {
        Some((_, mark)) => mark.points_centi.map_or(Cell::Empty, Cell::Centi),
        None => Cell::Centi(0),
    }));
    cells
}

/// One row a question.
pub fn statistics(paper: &Paper, statistics: &Statistics) -> Vec<u8> {
    let header = ["question", "points", "answered", "omitted", "facility_bp", "options"].map(str::to_owned);
    let rows = statistics.questions.iter().map(|q| {
        let options: Vec<String> = q.option_counts.iter().map(|o| format!("{}: {}", o.option, o.chosen)).collect();
        vec![
            q.question.0.as_str().into(),
            paper.question(&q.question).map_or(Cell::Empty, |question| Cell::Centi(question.points.centi())),
            number(q.answered),
            number(q.omitted),
            q.facility_bp.map_or(Cell::Empty, Cell::Number),
            optional(Some(options.join(", ").as_str()).filter(|text| !text.is_empty())),
        ]
    });
    csv(&header, rows)
}

fn optional(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, Cell::from)
}

fn number(n: usize) -> Cell {
    Cell::Number(i64::try_from(n).unwrap_or(i64::MAX))
}
