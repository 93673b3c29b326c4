//! What a person will do, as data: a pure function of the paper, the kind of person, what they know, the time and a seed.

use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

use super::answers::{Question, drafts, value, weight};
use super::{Hints, Profile};

/// One thing a person does.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing, for this long.
    Think(Duration),
    /// Gives a value to a question.
    Answer(String, Value),
    /// Leaves the page for this long.
    LookAway(Duration),
    /// Loses the connection for this long, and goes on writing.
    Drop(Duration),
    /// Goes on with another device.
    TakeOver,
    /// Hands in.
    HandIn,
}

/// The time that is planned with when the paper comes without one.
const PER_QUESTION: Duration = Duration::from_mins(1);
/// Nobody is quicker with a question than this, nor with a draft of an essay.
const LEAST: Duration = Duration::from_secs(2);

/// The plan of one person. `left` is the time until the deadline, if there is one.
pub(super) fn plan(
    questions: &[Question],
    profile: Profile,
    hints: &Hints,
    left: Option<Duration>,
    rng: &mut StdRng,
) -> Vec<Step> {
    let count = u32::try_from(questions.len()).unwrap_or(u32::MAX).max(1);
    let budget = left.unwrap_or(PER_QUESTION.saturating_mul(count)).mul_f64(profile.share());
    let total: f64 = questions.iter().map(|question| weight(&question.kind)).sum::<f64>().max(0.1);
    let mut steps = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let time = budget.mul_f64(weight(&question.kind) / total);
        incident(profile, place, questions.len(), rng, &mut steps);
        if rng.random_ratio(1, 25) {
            steps.push(Step::Think(jitter(time, rng)));
            continue;
        }
        write(question, profile, hints, time, rng, &mut steps);
    }
    review(questions, profile, hints, budget, rng, &mut steps);
    if profile.hands_in() {
        steps.push(Step::Think(jitter(Duration::from_secs(15), rng)));
        steps.push(Step::HandIn);
    }
    steps
}

fn jitter(time: Duration, rng: &mut StdRng) -> Duration {
    time.mul_f64(rng.random_range(0.5..1.5)).max(LEAST)
}

/// Writes an answer: at once, or in drafts that grow.
fn write(question: &Question, profile: Profile, hints: &Hints, time: Duration, rng: &mut StdRng, steps: &mut Vec<Step>) {
    let hint = hints.get(&question.id).filter(|_| rng.random_ratio(profile.knows(), 100));
    if question.kind == "essay" && hint.is_none() {
        let drafts = drafts(question, rng);
        let each = time.div_f64(f64::from(u32::try_from(drafts.len()).unwrap_or(1).max(1)));
        for draft in drafts {
            steps.push(Step::Think(jitter(each, rng)));
            steps.push(Step::Answer(question.id.clone(), Value::String(draft)));
        }
        return;
    }
    steps.push(Step::Think(jitter(time, rng)));
    steps.push(Step::Answer(question.id.clone(), value(question, hint, rng)));
}

/// What befalls this kind of person before the question at `place`.
fn incident(profile: Profile, place: usize, count: usize, rng: &mut StdRng, steps: &mut Vec<Step>) {
    let seconds = |rng: &mut StdRng, from, to| Duration::from_secs(rng.random_range(from..=to));
    match profile {
        Profile::LookingAway if rng.random_ratio(1, 3) => steps.push(Step::LookAway(seconds(rng, 4, 25))),
        // Once at the second question at the latest, so that it is seen in a short exam too.
        Profile::Dropping if place == 1 || rng.random_ratio(1, 5) => steps.push(Step::Drop(seconds(rng, 5, 40))),
        Profile::TakingOver if place == count / 2 => steps.push(Step::TakeOver),
        Profile::Slow if rng.random_ratio(1, 6) => steps.push(Step::Think(seconds(rng, 10, 60))),
        _ => {}
    }
}

/// Comes back to some questions.
fn review(questions: &[Question], profile: Profile, hints: &Hints, budget: Duration, rng: &mut StdRng, steps: &mut Vec<Step>) {
    let of_ten = if profile == Profile::ChangingMind { 6 } else { 1 };
    for question in questions.iter().filter(|question| question.kind != "essay") {
        if !rng.random_ratio(of_ten, 10) {
            continue;
        }
        steps.push(Step::Think(jitter(budget.mul_f64(0.02), rng)));
        let hint = hints.get(&question.id).filter(|_| rng.random_ratio(profile.knows(), 100));
        let value = if rng.random_ratio(1, 8) { Value::Null } else { value(question, hint, rng) };
        let cleared = value.is_null();
        steps.push(Step::Answer(question.id.clone(), value));
        if cleared {
            write(question, profile, hints, LEAST, rng, steps);
        }
    }
}

#[cfg(test)]
mod tests;
