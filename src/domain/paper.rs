//! Questions, answers, marking, item statistics. Everything here is a pure function of a paper and of stored answers.

use serde::{Deserialize, Serialize};

use super::ids::{OptionId, QuestionId};
use crate::limits;

/// What a student may send for a question.
mod accept;
/// What makes a paper unfit to be kept.
mod check;
/// Exact decimal numbers as people write them.
mod decimal;
/// From a stored answer to points.
mod marking;
/// Shuffling that every node and every restart repeats.
mod order;
/// Points in hundredths.
mod points;
/// How a room did, question by question.
mod statistics;

pub use accept::{Refusal, blank};
pub use check::Fault;
pub use marking::{Mark, mark};
pub use order::Shuffle;
pub use points::Points;
pub use statistics::{CandidateAnswers, OptionCount, QuestionStatistics, Score, Scores, Statistics, score, statistics};

/// The ordered questions of one version of an exam's paper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// In the order in which they are shown, unless a room shuffles them.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable within the paper; answers name it.
    pub id: QuestionId,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// Its text, in Markdown.
    pub body: String,
    /// What a right answer is worth.
    pub points: Points,
    /// What can be chosen; empty for the kinds that are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// The right answer, seen by the owner only. Without one a person marks the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Most characters (Unicode scalar values) of a written answer, when it differs from the kind's own limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    /// How a partly right answer to a `multiple` question is marked.
    #[serde(default, skip_serializing_if = "Scoring::is_default")]
    pub scoring: Scoring,
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of several options.
    Single,
    /// Any number of options.
    Multiple,
    /// One of two options that are never shuffled; which of them means "true" is for their texts to say.
    TrueFalse,
    /// A number, written as text.
    Numeric,
    /// A word or a line, compared with the accepted texts.
    Short,
    /// Free text, marked by a person.
    Essay,
}

impl Kind {
    /// Whether it is answered by choosing options.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Single | Self::Multiple | Self::TrueFalse)
    }
}

/// One option of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stable within the question; answers and keys name it.
    pub id: OptionId,
    /// Its text, in Markdown.
    pub body: String,
}

/// The right answer. Its form belongs to the question's kind; [`Paper::check`] refuses a form of another kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// For `single`, `multiple` and `true_false`: the right options.
    Options {
        /// Exactly one, except for `multiple`.
        options: Vec<OptionId>,
    },
    /// For `numeric`: right is whatever lies within `value ± tolerance`, both ends included. Decimal text, never a float.
    Number {
        /// The right value, for example `9.81` or `6.02e23`.
        value: String,
        /// How far off is still right; not negative; exact when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerance: Option<String>,
    },
    /// For `short`: any of these texts is right.
    Text {
        /// Compared after folding width (NFKC) and white space.
        accept: Vec<String>,
        /// Whether capitals matter not; they do not unless this says so.
        #[serde(default = "yes")]
        ignore_case: bool,
    },
}

fn yes() -> bool {
    true
}

/// How a partly right answer to a `multiple` question is marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    /// All points for exactly the right options, else none.
    #[default]
    AllOrNothing,
    /// Right choices earn, wrong ones cost; never below zero. The formula is at [`mark`].
    Partial,
}

impl Scoring {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde's skip_serializing_if calls")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Paper {
    /// The question of this id.
    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == *id)
    }

    /// What a candidate may see: the same paper with no key in it.
    #[must_use]
    pub fn without_keys(&self) -> Self {
        let questions = self.questions.iter().map(|question| Question { key: None, ..question.clone() });
        Self { questions: questions.collect() }
    }

    /// The sum of all questions' points.
    pub fn total_points(&self) -> Points {
        self.questions.iter().map(|question| question.points).sum()
    }
}

impl Question {
    /// Most characters (Unicode scalar values) its answer may have; what a page should put on its input.
    pub fn limit_chars(&self) -> usize {
        let own = match self.kind {
            Kind::Short => limits::SHORT_MAX_CHARS,
            Kind::Numeric => limits::NUMERIC_MAX_CHARS,
            _ => limits::DEFAULT_MAX_CHARS,
        };
        self.max_chars.unwrap_or(own).min(limits::MAX_CHARS)
    }

    /// Its options that are in `chosen`, in the paper's order, each once.
    fn in_paper_order(&self, chosen: &[OptionId]) -> Vec<&OptionId> {
        self.options.iter().map(|option| &option.id).filter(|id| chosen.contains(id)).collect()
    }
}

#[cfg(test)]
mod tests;
