use serde::Serialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::decimal::{Decimal, readings, within};
use super::{Key, Kind, Question, Scoring, accept::blank};
use crate::domain::ids::OptionId;

/// What an answer earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Hundredths of a point, never below 0 nor above `out_of_centi`; `None` until a person has marked it.
    pub points_centi: Option<i64>,
    /// Hundredths of a point that a right answer earns.
    pub out_of_centi: i64,
}

/// Marks a stored answer (the text that [`Question::accept`] gave); `None` when there is none.
///
/// A blank answer earns 0, and so does any answer to a question of 0 points. Text in an essay, and any answer to a question without a key, waits for a person. A partly right answer to a
/// `multiple` question with `partial` scoring earns `points × max(0, r/R − w/W)`: of the R right options r were chosen, of the W wrong
/// ones w (with W = 0 nothing is taken away), rounded half up to 0.01. So choosing everything, or at random, earns nothing on
/// average. It is the rule R/exams calls `exams_eval(partial = TRUE, negative = FALSE, rule = "false")`.
pub fn mark(question: &Question, canonical: Option<&str>) -> Mark {
    let out_of_centi = question.points.centi();
    let points_centi = match canonical {
        Some(text) if out_of_centi > 0 && !blank(text) => {
            serde_json::from_str(text).ok().and_then(|value| earned(question, &value))
        }
        _ => Some(0),
    };
    Mark { points_centi, out_of_centi }
}

/// Points of an answer that is not blank, or `None` when only a person can tell.
fn earned(question: &Question, value: &Value) -> Option<i64> {
    let full = question.points.centi();
    let right = match (question.key.as_ref()?, value) {
        (Key::Options { options }, Value::Array(chosen)) if question.kind.is_choice() => {
            let chosen: Vec<OptionId> = chosen.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
            if question.kind == Kind::Multiple && question.scoring == Scoring::Partial {
                return Some(partial(question, options, &chosen));
            }
            question.in_paper_order(&chosen) == question.in_paper_order(options)
        }
        (Key::Number { value, tolerance }, Value::String(given)) if question.kind == Kind::Numeric => {
            let value = Decimal::parse(value)?;
            let tolerance = Decimal::parse(tolerance.as_deref().unwrap_or("0"))?;
            readings(given).iter().any(|given| within(given, &value, &tolerance))
        }
        (Key::Text { accept, ignore_case }, Value::String(given)) if question.kind == Kind::Short => {
            let given = folded(given, *ignore_case);
            accept.iter().any(|text| folded(text, *ignore_case) == given)
        }
        _ => return None,
    };
    Some(if right { full } else { 0 })
}

/// The formula of [`mark`] in whole numbers: `(r·W − w·R) / (R·W)` of the points, rounded half up.
fn partial(question: &Question, key: &[OptionId], chosen: &[OptionId]) -> i64 {
    let count = |right: bool, taken: bool| {
        let options = question.options.iter().filter(|option| key.contains(&option.id) == right);
        i64::try_from(options.filter(|option| !taken || chosen.contains(&option.id)).count()).unwrap_or(0)
    };
    // With nothing wrong to choose, one wrong option that nobody chose gives the same fraction.
    let (all_right, all_wrong) = (count(true, false), count(false, false).max(1));
    let share = (count(true, true) * all_wrong - count(false, true) * all_right).max(0);
    let whole = all_right * all_wrong;
    if whole == 0 { 0 } else { (2 * question.points.centi() * share + whole) / (2 * whole) }
}

/// One form for texts that a reader would call the same: width and ligatures (NFKC), white space, and capitals if asked.
fn folded(text: &str, ignore_case: bool) -> String {
    let text: String = text.nfkc().collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Upper case first, so that ß and ss, or the two lower sigmas, meet.
    if ignore_case { text.to_uppercase().to_lowercase() } else { text }
}
