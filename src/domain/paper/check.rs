use std::collections::HashSet;

use serde::Serialize;

use super::decimal::Decimal;
use super::{Choice, Key, Kind, Paper, Question, Scoring};
use crate::domain::ids::is_local_id;
use crate::limits;

/// Something wrong with a paper, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For example `questions[3].options[0].id`, counted from 0.
    pub path: String,
    /// What is wrong, as a stable name.
    pub code: &'static str,
}

/// Collects faults under a path.
struct Faults<'a> {
    at: String,
    found: &'a mut Vec<Fault>,
}

impl Faults<'_> {
    fn when(&mut self, wrong: bool, field: &str, code: &'static str) {
        if wrong {
            self.found.push(Fault { path: format!("{}.{field}", self.at), code });
        }
    }

    fn text(&mut self, text: &str, limit: usize, field: &str) {
        self.when(text.trim().is_empty(), field, "empty");
        self.when(text.chars().count() > limit, field, "too_long");
        self.when(text.contains('\0'), field, "nul_character");
    }
}

impl Paper {
    /// Every fault at once, so that a teacher mends a paper in one go.
    ///
    /// Codes: `too_many_questions`, `bad_id`, `duplicate_id`, `empty`, `too_long`, `nul_character`, `points_range`, `max_chars_range`,
    /// `max_chars_not_allowed`, `scoring_not_allowed`, `too_few_options`, `too_many_options`, `options_not_allowed`, `key_wrong_shape`,
    /// `key_not_allowed`, `key_empty`, `key_unknown_option`, `key_duplicate`, `key_too_many`, `key_not_a_number`, `tolerance_not_a_number`.
    pub fn check(&self) -> Result<(), Vec<Fault>> {
        let mut found = Vec::new();
        if self.questions.len() > limits::PAPER_QUESTIONS {
            found.push(Fault { path: "questions".to_owned(), code: "too_many_questions" });
        }
        let mut seen = HashSet::new();
        // Bounded: beyond the limit the paper is refused anyway.
        for (index, question) in self.questions.iter().take(limits::PAPER_QUESTIONS).enumerate() {
            let mut faults = Faults { at: format!("questions[{index}]"), found: &mut found };
            faults.when(!is_local_id(&question.id.0), "id", "bad_id");
            faults.when(!seen.insert(&question.id), "id", "duplicate_id");
            question.check(&mut faults);
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

impl Question {
    fn check(&self, faults: &mut Faults<'_>) {
        faults.text(&self.body, limits::QUESTION_BODY_CHARS, "body");
        faults.when(!(0..=limits::QUESTION_POINTS_CENTI).contains(&self.points.centi()), "points", "points_range");
        faults.when(self.scoring != Scoring::AllOrNothing && self.kind != Kind::Multiple, "scoring", "scoring_not_allowed");
        if let Some(max) = self.max_chars {
            faults.when(!(1..=limits::MAX_CHARS).contains(&max), "max_chars", "max_chars_range");
            faults.when(self.kind.is_choice(), "max_chars", "max_chars_not_allowed");
        }
        self.check_options(faults);
        match (&self.key, self.kind) {
            (None, _) => {}
            (Some(Key::Options { options }), kind) if kind.is_choice() => self.check_chosen(options, faults),
            (Some(Key::Number { value, tolerance }), Kind::Numeric) => check_number(value, tolerance.as_deref(), faults),
            (Some(Key::Text { accept, .. }), Kind::Short) => self.check_texts(accept, faults),
            (Some(_), Kind::Essay) => faults.when(true, "key", "key_not_allowed"),
            (Some(_), _) => faults.when(true, "key", "key_wrong_shape"),
        }
    }

    fn check_options(&self, faults: &mut Faults<'_>) {
        let (least, most) = match self.kind {
            Kind::TrueFalse => (2, 2),
            Kind::Single | Kind::Multiple => (2, limits::QUESTION_OPTIONS),
            Kind::Numeric | Kind::Short | Kind::Essay => {
                return faults.when(!self.options.is_empty(), "options", "options_not_allowed");
            }
        };
        faults.when(self.options.len() < least, "options", "too_few_options");
        faults.when(self.options.len() > most, "options", "too_many_options");
        let mut seen = HashSet::new();
        for (index, Choice { id, body }) in self.options.iter().take(most).enumerate() {
            let field = format!("options[{index}]");
            faults.when(!is_local_id(id), &format!("{field}.id"), "bad_id");
            faults.when(!seen.insert(id), &format!("{field}.id"), "duplicate_id");
            faults.text(body, limits::OPTION_BODY_CHARS, &format!("{field}.body"));
        }
    }

    fn check_chosen(&self, chosen: &[String], faults: &mut Faults<'_>) {
        let unique: HashSet<&String> = chosen.iter().collect();
        faults.when(chosen.is_empty(), "key", "key_empty");
        faults.when(unique.len() < chosen.len(), "key", "key_duplicate");
        faults.when(unique.len() > 1 && self.kind != Kind::Multiple, "key", "key_too_many");
        let unknown = unique.iter().any(|id| !self.options.iter().any(|option| option.id == **id));
        faults.when(unknown, "key", "key_unknown_option");
    }

    fn check_texts(&self, accept: &[String], faults: &mut Faults<'_>) {
        faults.when(accept.is_empty(), "key", "key_empty");
        faults.when(accept.len() > limits::ACCEPTED_TEXTS, "key", "key_too_many");
        for (index, text) in accept.iter().take(limits::ACCEPTED_TEXTS).enumerate() {
            faults.text(text, self.limit_chars(), &format!("key.accept[{index}]"));
        }
    }
}

fn check_number(value: &str, tolerance: Option<&str>, faults: &mut Faults<'_>) {
    faults.when(Decimal::parse(value).is_none(), "key.value", "key_not_a_number");
    let tolerable = tolerance.is_none_or(|text| Decimal::parse(text).is_some_and(|number| !number.is_negative()));
    faults.when(!tolerable, "key.tolerance", "tolerance_not_a_number");
}
