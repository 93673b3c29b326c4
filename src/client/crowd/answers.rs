//! Plausible values for a question of a paper as it is sent to candidates.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Value, json};

/// A question as a candidate reads it.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub(super) struct Question {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Most characters of a written answer.
    #[serde(default)]
    pub max_chars: Option<usize>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub(super) struct Choice {
    /// Its id.
    pub id: String,
}

/// Sentences of essays: nothing that could be taken for a real person's words.
const SENTENCES: &[&str] = &[
    "The first thing to look at is what stays the same.",
    "In the experiment the temperature was raised step by step, and each step was written down.",
    "This can be seen from the second line of the table.",
    "One could object that the sample is small.",
    "However, the same pattern appears in the other group.",
    "It follows that the order of the steps matters.",
    "An example of this is a door that closes by itself.",
    "The opposite case is rarer, but it does exist.",
    "Both sides agree on the facts and differ on what they mean.",
    "To sum up, the change came slowly and then all at once.",
    "I would test this again with a longer interval.",
    "The units have to be the same before the two can be compared.",
];
/// Words of short answers.
const WORDS: &[&str] = &["osmosis", "photosynthesis", "Vienna", "1848", "entropy", "the second law", "a prime number", "erosion"];

/// The questions of a paper; whatever does not look like one is left out.
pub(super) fn questions(paper: &Value) -> Vec<Question> {
    let items = paper.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| serde::Deserialize::deserialize(item).ok()).collect()
}

/// How long a question of this kind keeps people busy, against others.
pub(super) fn weight(kind: &str) -> f64 {
    match kind {
        "true_false" => 0.5,
        "multiple" => 1.3,
        "numeric" => 1.5,
        "essay" => 5.0,
        _ => 1.0,
    }
}

/// One value. `hint` is taken for true when it is there.
pub(super) fn value(question: &Question, hint: Option<&Value>, rng: &mut StdRng) -> Value {
    if let Some(hint) = hint {
        return hint.clone();
    }
    let ids: Vec<&str> = question.options.iter().map(|option| option.id.as_str()).collect();
    match question.kind.as_str() {
        "single" | "true_false" => json!(ids.choose(rng).into_iter().collect::<Vec<_>>()),
        "multiple" => {
            let least = usize::from(!ids.is_empty());
            let chosen = rng.random_range(least..=ids.len().max(least));
            json!(ids.choose_multiple(rng, chosen).collect::<Vec<_>>())
        }
        "ordering" => {
            let mut ids = ids;
            ids.shuffle(rng);
            json!(ids)
        }
        "numeric" => json!(number(rng)),
        "essay" => json!(drafts(question, rng).pop().unwrap_or_default()),
        _ => json!(cut(WORDS.choose(rng).copied().unwrap_or_default(), question.max_chars)),
    }
}

fn number(rng: &mut StdRng) -> String {
    if rng.random_bool(0.5) {
        rng.random_range(-20..=200).to_string()
    } else {
        format!("{}.{}", rng.random_range(0..=50), rng.random_range(0..=99))
    }
}

/// An essay as it grows: each draft is the one before with more.
pub(super) fn drafts(question: &Question, rng: &mut StdRng) -> Vec<String> {
    let (mut drafts, mut text) = (Vec::new(), String::new());
    for _ in 0..rng.random_range(4..=9) {
        for _ in 0..rng.random_range(1..=2) {
            if !text.is_empty() {
                text.push(if rng.random_bool(0.15) { '\n' } else { ' ' });
            }
            text.push_str(SENTENCES.choose(rng).copied().unwrap_or_default());
        }
        let draft = cut(&text, question.max_chars);
        if drafts.last() != Some(&draft) {
            drafts.push(draft);
        }
    }
    drafts
}

fn cut(text: &str, most: Option<usize>) -> String {
    text.chars().take(most.unwrap_or(usize::MAX)).collect()
}
