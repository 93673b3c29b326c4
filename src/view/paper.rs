//! A paper as a page shows it: questions without keys, with what is saved already.

use std::collections::HashMap;

use askama::Template;

use super::Kind;
use super::student::{OptionView, PaperFragment, QuestionView};
use crate::domain::Ms;
use crate::domain::paper::{self, Paper, Question};
use crate::locale::Locale;

/// The saved answer to a question: its canonical JSON and when it was received, Unix ms.
pub type Saved<'a> = HashMap<&'a str, (&'a str, Ms)>;

/// The questions in the paper's order, numbered from 1.
pub fn questions(paper: &Paper, saved: &Saved<'_>) -> Vec<QuestionView> {
    paper.questions.iter().zip(1u32..).map(|(q, number)| question(q, number, saved.get(q.id.0.as_str()).copied())).collect()
}

/// The questions as the fragment of a `paper` frame.
pub fn html(locale: Locale, paper: &Paper, saved: &Saved<'_>, zone: &str) -> String {
    let questions = questions(paper, saved);
    PaperFragment { locale, questions: &questions, zone }.render().unwrap_or_default()
}

fn question(q: &Question, number: u32, saved: Option<(&str, Ms)>) -> QuestionView {
    let value: serde_json::Value = saved.and_then(|(text, _)| serde_json::from_str(text).ok()).unwrap_or_default();
    let picked = |id: &str| value.as_array().is_some_and(|all| all.iter().any(|v| v.as_str() == Some(id)));
    QuestionView {
        id: q.id.0.clone(),
        number,
        kind: kind(q.kind),
        body: q.body.clone(),
        points: q.points.to_string(),
        options: q
            .options
            .iter()
            .map(|o| OptionView { id: o.id.clone(), label: o.body.clone(), picked: picked(&o.id) })
            .collect(),
        text: value.as_str().unwrap_or_default().to_owned(),
        saved_ms: saved.map(|(_, at)| at),
        max_chars: u32::try_from(q.limit_chars()).unwrap_or(u32::MAX),
        unit: String::new(),
    }
}

fn kind(kind: paper::Kind) -> Kind {
    match kind {
        paper::Kind::Single => Kind::Single,
        paper::Kind::Multiple => Kind::Multiple,
        paper::Kind::TrueFalse => Kind::TrueFalse,
        paper::Kind::Numeric => Kind::Numeric,
        paper::Kind::Short => Kind::Short,
        paper::Kind::Essay => Kind::Essay,
    }
}
