use rand::SeedableRng;
use serde_json::json;

use super::*;
use crate::client::crowd::answers::questions;

fn paper() -> Vec<Question> {
    let options = json!([{ "id": "a", "body": "A" }, { "id": "b", "body": "B" }, { "id": "c", "body": "C" }]);
    let kinds = ["single", "multiple", "true_false", "numeric", "short", "essay", "single", "numeric"];
    let items = kinds.iter().enumerate().map(|(i, kind)| {
        let options = if matches!(*kind, "single" | "multiple" | "true_false") { options.clone() } else { json!([]) };
        json!({ "id": format!("q{i}"), "kind": kind, "body": "?", "points": 1, "options": options, "max_chars": 300 })
    });
    questions(&items.collect())
}

fn make(profile: Profile, seed: u64, hints: &Hints) -> Vec<Step> {
    plan(&paper(), profile, hints, Some(Duration::from_hours(1)), &mut StdRng::seed_from_u64(seed))
}

fn length(steps: &[Step]) -> Duration {
    steps.iter().map(|step| if let Step::Think(time) = step { *time } else { Duration::ZERO }).sum()
}

#[test]
fn the_same_seed_plans_the_same_and_another_does_not() {
    let hints = Hints::new();
    assert_eq!(make(Profile::Steady, 7, &hints), make(Profile::Steady, 7, &hints));
    assert_ne!(make(Profile::Steady, 7, &hints), make(Profile::Steady, 8, &hints));
}

#[test]
fn every_value_fits_its_question() {
    let paper = paper();
    for seed in 0..50 {
        for profile in Profile::ALL {
            for step in make(*profile, seed, &Hints::new()) {
                let Step::Answer(id, value) = step else { continue };
                let question = paper.iter().find(|question| question.id == id).unwrap();
                let chosen: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let known = chosen.iter().all(|id| question.options.iter().any(|option| option.id == *id));
                let fits = match question.kind.as_str() {
                    "single" | "true_false" => chosen.len() == 1,
                    "multiple" => !chosen.is_empty() && chosen.len() <= 3,
                    _ => value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 300),
                };
                assert!(value.is_null() || fits && known, "{id} {value}");
            }
        }
    }
}

#[test]
fn an_essay_only_grows() {
    let steps = make(Profile::Fast, 3, &Hints::new());
    let drafts: Vec<&str> = steps
        .iter()
        .filter_map(|step| if let Step::Answer(id, value) = step { (id == "q5").then(|| value.as_str()).flatten() } else { None })
        .collect();
    assert!(drafts.len() > 1);
    assert!(drafts.windows(2).all(|pair| pair[1].starts_with(pair[0]) && pair[1].len() > pair[0].len()));
}

#[test]
fn a_fast_person_is_done_before_a_steady_one_and_a_slow_one_is_never() {
    let mean = |profile| (0..40).map(|seed| length(&make(profile, seed, &Hints::new())).as_secs_f64()).sum::<f64>() / 40.0;
    let (fast, steady, slow) = (mean(Profile::Fast), mean(Profile::Steady), mean(Profile::Slow));
    assert!(fast < steady && steady < 3_600.0 && 3_600.0 < slow, "{fast} {steady} {slow}");
}

#[test]
fn each_kind_does_what_it_is_for() {
    let has = |profile, wanted: fn(&Step) -> bool| make(profile, 5, &Hints::new()).iter().filter(|step| wanted(step)).count();
    assert!(has(Profile::Dropping, |step| matches!(step, Step::Drop(_))) >= 1);
    assert_eq!(has(Profile::TakingOver, |step| *step == Step::TakeOver), 1);
    assert_eq!(has(Profile::HandingIn, |step| *step == Step::HandIn), 1);
    assert_eq!(has(Profile::Slow, |step| *step == Step::HandIn), 0);
    assert!(
        (0..9)
            .any(|seed| { make(Profile::LookingAway, seed, &Hints::new()).iter().any(|step| matches!(step, Step::LookAway(_))) })
    );
    let answers = |profile| has(profile, |step| matches!(step, Step::Answer(..)));
    assert!(answers(Profile::ChangingMind) > 8);
}

#[test]
fn whoever_knows_the_answers_gives_them_more_often_than_not() {
    let hints: Hints = [("q3".to_owned(), json!("9.81"))].into();
    let right = (0..100)
        .filter(|seed| {
            make(Profile::Fast, *seed, &hints)
                .iter()
                .rfind(|step| matches!(step, Step::Answer(id, value) if id == "q3" && !value.is_null()))
                .is_some_and(|step| matches!(step, Step::Answer(_, value) if *value == json!("9.81")))
        })
        .count();
    assert!((65..100).contains(&right), "{right}");
}

#[test]
fn a_paper_of_nothing_or_of_nonsense_has_a_plan() {
    let none = plan(&[], Profile::TakingOver, &Hints::new(), None, &mut StdRng::seed_from_u64(1));
    assert!(none.is_empty(), "{none:?}");
    assert!(questions(&json!({ "no": "list" })).is_empty());
    let bare = questions(&json!([{ "id": "q", "kind": "single" }, { "kind": "short" }, { "id": "x", "kind": "new" }]));
    assert_eq!(bare.len(), 2);
    plan(&bare, Profile::Steady, &Hints::new(), Some(Duration::ZERO), &mut StdRng::seed_from_u64(1));
}
