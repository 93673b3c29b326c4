use std::collections::HashMap;

use serde::Serialize;

use super::accept::blank;
use super::{Kind, Paper, Question, mark};
use crate::domain::ids::{OptionId, QuestionId};

/// One candidate's answers that count, for marking and for statistics.
#[derive(Debug, Clone, Default)]
pub struct CandidateAnswers {
    /// Whether their time ever began. Who never began is absent, not bad.
    pub began: bool,
    /// The stored JSON text of the answer that counts, by question.
    pub answers: HashMap<QuestionId, String>,
    /// Hundredths of a point given by a person; they stand before what the key would give.
    pub marks: HashMap<QuestionId, i64>,
}

impl CandidateAnswers {
    fn answer(&self, question: &Question) -> Option<&str> {
        self.answers.get(&question.id).map(String::as_str).filter(|text| !blank(text))
    }

    fn points(&self, question: &Question) -> Option<i64> {
        let by_hand = self.marks.get(&question.id).copied();
        by_hand.or_else(|| mark(question, self.answer(question)).points_centi)
    }
}

/// One candidate's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Hundredths of a point earned so far.
    pub points_centi: i64,
    /// Hundredths of a point of the whole paper.
    pub out_of_centi: i64,
    /// Questions not blank. A question answered and then cleared is not answered.
    pub answered: usize,
    /// Answers that wait for a person. Until it is 0 the points are not final.
    pub unmarked: usize,
}

/// How a room did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Candidates who began; nobody else is counted anywhere.
    pub candidates: usize,
    /// In the paper's order.
    pub questions: Vec<QuestionStatistics>,
    /// Over the candidates whose every answer is marked.
    pub scores: Scores,
}

/// How one question went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionStatistics {
    /// Which one.
    pub question: QuestionId,
    /// Candidates whose answer is not blank.
    pub answered: usize,
    /// The other candidates who began.
    pub omitted: usize,
    /// Mean points over all who began (blank earns 0), as a part of the question's points in basis points: 10,000 = everyone had all of
    /// them. `None` while an answer waits for a person, for a question of 0 points, and when nobody began.
    pub facility_bp: Option<i64>,
    /// How many chose each option, in the paper's order; empty for written answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub option_counts: Vec<OptionCount>,
}

/// How many candidates chose an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionCount {
    /// Which one.
    pub option: OptionId,
    /// Candidates who chose it.
    pub chosen: usize,
}

/// The spread of the sums. Hundredths of a point; `None` when nobody is marked through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scores {
    /// Candidates marked through.
    pub n: usize,
    /// Candidates who began and have answers that wait for a person.
    pub unmarked: usize,
    /// The paper's points.
    pub out_of_centi: i64,
    /// Sum over n, rounded half up.
    pub mean_centi: Option<i64>,
    /// The middle one, or the mean of the middle two, rounded half up.
    pub median_centi: Option<i64>,
    /// The lowest.
    pub min_centi: Option<i64>,
    /// The highest.
    pub max_centi: Option<i64>,
    /// Candidates in each tenth of the paper's points: at least `i × 10 %` and less than the next, the last one with 100 %. All zero
    /// for a paper without points.
    pub histogram: [usize; 10],
}

/// One candidate's sum over the paper.
pub fn score(paper: &Paper, row: &CandidateAnswers) -> Score {
    let points = paper.questions.iter().map(|question| row.points(question));
    Score {
        points_centi: points.clone().flatten().sum(),
        out_of_centi: out_of(paper),
        answered: paper.questions.iter().filter(|question| row.answer(question).is_some()).count(),
        unmarked: points.filter(Option::is_none).count(),
    }
}

/// How the candidates of a room did on their paper. Each number's definition stands at its field.
pub fn statistics(paper: &Paper, rows: &[CandidateAnswers]) -> Statistics {
    let began: Vec<&CandidateAnswers> = rows.iter().filter(|row| row.began).collect();
    let questions = paper.questions.iter().map(|question| question_statistics(question, &began)).collect();
    Statistics { candidates: began.len(), questions, scores: scores(paper, &began) }
}

fn question_statistics(question: &Question, began: &[&CandidateAnswers]) -> QuestionStatistics {
    let answered: Vec<&str> = began.iter().filter_map(|row| row.answer(question)).collect();
    let points: Option<i64> = began.iter().map(|row| row.points(question)).sum();
    let most = question.points.centi().saturating_mul(whole(began.len()));
    let facility_bp = points.filter(|_| most > 0).map(|points| half_up(10_000 * points, most));
    QuestionStatistics {
        question: question.id.clone(),
        answered: answered.len(),
        omitted: began.len() - answered.len(),
        facility_bp,
        option_counts: option_counts(question, &answered),
    }
}

fn option_counts(question: &Question, answered: &[&str]) -> Vec<OptionCount> {
    let chosen: Vec<Vec<OptionId>> = match question.kind {
        Kind::Single | Kind::Multiple | Kind::TrueFalse => {
            answered.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
        }
        Kind::Numeric | Kind::Short | Kind::Essay => return Vec::new(),
    };
    let count = |option: &OptionId| chosen.iter().filter(|ids| ids.contains(option)).count();
    question.options.iter().map(|option| OptionCount { option: option.id.clone(), chosen: count(&option.id) }).collect()
}

fn scores(paper: &Paper, began: &[&CandidateAnswers]) -> Scores {
    let out_of_centi = out_of(paper);
    let all = began.iter().map(|row| score(paper, row));
    let mut sums: Vec<i64> = all.filter(|score| score.unmarked == 0).map(|score| score.points_centi).collect();
    sums.sort_unstable();
    let n = sums.len();
    let mut histogram = [0; 10];
    for sum in sums.iter().filter(|_| out_of_centi > 0) {
        let tenth = (10 * sum / out_of_centi).clamp(0, 9);
        histogram[usize::try_from(tenth).unwrap_or(0)] += 1;
    }
    let middle = sums.get(n.saturating_sub(1) / 2).zip(sums.get(n / 2));
    Scores {
        n,
        unmarked: began.len() - n,
        out_of_centi,
        mean_centi: (n > 0).then(|| half_up(sums.iter().sum(), whole(n))),
        median_centi: middle.map(|(low, high)| half_up(low + high, 2)),
        min_centi: sums.first().copied(),
        max_centi: sums.last().copied(),
        histogram,
    }
}

fn out_of(paper: &Paper) -> i64 {
    paper.total_points().centi()
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `part / whole` rounded half up, for a whole above zero.
fn half_up(part: i64, whole: i64) -> i64 {
    (2 * part + whole).div_euclid(2 * whole)
}
