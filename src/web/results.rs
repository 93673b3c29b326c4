//! Results of a room as a page and as a file.

use poem::Response;
use poem::http::header;

use super::answer::page;
use super::ask::Ask;
use super::room::natural;
use crate::domain::clock::RoomPhase;
use crate::domain::paper::{Mark, Paper, Question, QuestionStatistics, Scores, blank};
use crate::error::Result;
use crate::locale::Locale;
use crate::service::results::CandidateResult;
use crate::service::tables;
use crate::view::live;
use crate::view::markup;
use crate::view::staff::{Bar, ItemRow, ResultCell, ResultRow, ResultsPage};

/// Characters of a question's text in a table.
const TITLE: usize = 80;

/// `GET /staff/rooms/{room}/results`.
pub(super) async fn results(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let mut results = service.get_results(&member.actor, &id).await?;
    let (paper, statistics) = service.get_statistics(&member.actor, &id).await?;
    let clock = service.clock_of(&results.room).await?;
    results.rows.sort_by_cached_key(|r| (natural(r.candidate.seat.as_deref().unwrap_or_default()), r.candidate.name.clone()));
    let scores = &statistics.scores;
    let items = paper.questions.iter().zip(&statistics.questions).zip(1u32..);
    page(&ResultsPage {
        shell: member.shell,
        room: live::room_info(&clock),
        provisional: clock.phase(ask.read_ms) != RoomPhase::Ended,
        total: points(scores.out_of_centi),
        scored: count(scores.n),
        mean: scores.mean_centi.map(points).unwrap_or_default(),
        median: scores.median_centi.map(points).unwrap_or_default(),
        deviation: deviation(&results.rows).unwrap_or_default(),
        bars: bars(scores),
        items: items.map(|((question, s), number)| item(question, s, number, statistics.candidates)).collect(),
        rows: results.rows.iter().map(|r| row(ask.locale, &paper, r)).collect(),
    })
}

/// `GET /staff/rooms/{room}/results.csv`.
pub(super) async fn csv(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let id = ask.room()?;
    let results = ask.web.service.get_results(&member.actor, &id).await?;
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"results-{id}.csv\""))
        .body(tables::results(&results)))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Hundredths as people write them: "17.5", "17".
fn points(centi: i64) -> String {
    let (sign, size) = (if centi < 0 { "-" } else { "" }, centi.unsigned_abs());
    let part = format!("{:02}", size % 100);
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{}", size / 100) } else { format!("{sign}{}.{part}", size / 100) }
}

/// Of the candidates who began and whose every answer is marked.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "points in hundredths are far below 2^53")]
fn deviation(rows: &[CandidateResult]) -> Option<String> {
    let marked = rows.iter().filter(|r| r.candidate.begun_ms.is_some() && r.score.unmarked == 0);
    let all: Vec<f64> = marked.map(|r| r.score.points_centi as f64).collect();
    let n = all.len() as f64;
    if all.is_empty() {
        return None;
    }
    let mean = all.iter().sum::<f64>() / n;
    let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    Some(points(variance.sqrt().round() as i64))
}

/// A bar a tenth of the paper's points.
fn bars(scores: &Scores) -> Vec<Bar> {
    if scores.out_of_centi <= 0 {
        return Vec::new();
    }
    let from = |tenth: i64| points(scores.out_of_centi * tenth / 10);
    let bar = |(count_of, tenth): (&usize, i64)| Bar {
        label: format!("{}\u{2013}{}", from(tenth), from(tenth + 1)),
        count: count(*count_of),
    };
    scores.histogram.iter().zip(0..).map(bar).collect()
}

fn item(question: &Question, s: &QuestionStatistics, number: u32, began: usize) -> ItemRow {
    let percent = s.facility_bp.map(|bp| u32::try_from((bp + 50) / 100).unwrap_or(0));
    let line = question.body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    ItemRow {
        number,
        title: markup::plain(line).chars().take(TITLE).collect(),
        points: points(question.points.centi()),
        facility: percent.map(|percent| format!("{percent} %")).unwrap_or_default(),
        facility_percent: percent.unwrap_or(0),
        omitted: format!("{} / {began}", s.omitted),
    }
}

fn row(locale: Locale, paper: &Paper, result: &CandidateResult) -> ResultRow {
    let c = &result.candidate;
    let ended = match c.facts().ended {
        Some(ended) => live::ended_by(ended.by).text(locale),
        None => live::candidate_phase(result.phase).text(locale),
    };
    ResultRow {
        candidate: c.id.to_string(),
        seat: c.seat.clone().unwrap_or_default(),
        name: c.name.clone(),
        number: c.student_id.clone().unwrap_or_default(),
        ended,
        score: if c.begun_ms.is_some() { points(result.score.points_centi) } else { String::new() },
        cells: paper.questions.iter().map(|question| cell(result, question)).collect(),
    }
}

fn cell(result: &CandidateResult, question: &Question) -> ResultCell {
    let counted = result.answers.get(&question.id).filter(|(judged, _)| !blank(&judged.answer.value));
    let since = result.answers.get(&question.id).map(|(judged, _)| judged.answer.received_ms);
    // Only a newer value that does not count is worth a mark: the student meant that one.
    let newer =
        result.uncounted.iter().find(|j| j.answer.question_id == question.id && since.is_none_or(|at| j.answer.received_ms > at));
    let (mark, points_of) = counted.map_or(("omitted", Some(0)), |(_, mark)| (word(mark), mark.points_centi));
    let shown = points_of.filter(|_| result.candidate.begun_ms.is_some());
    ResultCell {
        points: shown.map(points).unwrap_or_default(),
        mark,
        not_counted: newer.and_then(|j| j.verdict.why).map(|why| why.as_str().to_owned()),
    }
}

fn word(mark: &Mark) -> &'static str {
    match mark.points_centi {
        None => "unmarked",
        Some(points) if points >= mark.out_of_centi => "right",
        Some(0) => "wrong",
        Some(_) => "partly",
    }
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn points_read_as_people_write_them() {
        assert_eq!([1750, 1700, 5, 0, -150, 110].map(points), ["17.5", "17", "0.05", "0", "-1.5", "1.1"]);
    }
}
