//! What makes a paper unfit to be kept.

use super::*;

/// The faults of the paper after `change`, as `path code`.
fn faults(change: impl FnOnce(&mut Vec<Question>)) -> Vec<String> {
    let mut paper = paper();
    change(&mut paper.questions);
    paper.check().err().unwrap_or_default().into_iter().map(|fault| format!("{} {}", fault.path, fault.code)).collect()
}

#[test]
fn a_good_paper_passes() {
    assert_eq!(paper().check(), Ok(()));
    assert_eq!(Paper::default().check(), Ok(()), "an exam begins without questions");
    assert_eq!(paper().without_keys().check(), Ok(()), "a question without a key is marked by hand");
}

#[test]
fn questions_and_texts() {
    assert_eq!(faults(|q| q[1].id = q[0].id.clone()), ["questions[1].id duplicate_id"]);
    assert_eq!(faults(|q| q[2].id = QuestionId("a b".into())), ["questions[2].id bad_id"]);
    assert_eq!(faults(|q| q[5].body = " \n".into()), ["questions[5].body empty"]);
    assert_eq!(faults(|q| q[5].body = "a\0".into()), ["questions[5].body nul_character"]);
    assert_eq!(faults(|q| q[5].body = "x".repeat(20_001)), ["questions[5].body too_long"]);
    assert_eq!(faults(|q| q[0].points = Points::from_centi(-1)), ["questions[0].points points_range"]);
    assert_eq!(faults(|q| q[0].points = Points::from_centi(100_001)), ["questions[0].points points_range"]);
    assert_eq!(faults(|q| q[0].points = Points::from_centi(0)), Vec::<String>::new());
    assert_eq!(faults(|q| q[5].max_chars = Some(0)), ["questions[5].max_chars max_chars_range"]);
    assert_eq!(faults(|q| q[5].max_chars = Some(20_001)), ["questions[5].max_chars max_chars_range"]);
    assert_eq!(faults(|q| q[0].max_chars = Some(5)), ["questions[0].max_chars max_chars_not_allowed"]);
    assert_eq!(faults(|q| q[0].scoring = Scoring::Partial), ["questions[0].scoring scoring_not_allowed"]);
    let many = faults(|q| *q = (0..301).map(|n| Question { id: QuestionId(format!("n{n}")), ..q[5].clone() }).collect());
    assert_eq!(many, ["questions too_many_questions"]);
}

#[test]
fn options() {
    assert_eq!(faults(|q| (q[0].options, q[0].key) = (vec![], None)), ["questions[0].options too_few_options"]);
    assert_eq!(faults(|q| q[0].options[3].id = "a".into()), ["questions[0].options[3].id duplicate_id"]);
    assert_eq!(faults(|q| q[0].options[3].id = "é".into()), ["questions[0].options[3].id bad_id"]);
    assert_eq!(faults(|q| q[0].options[3].body = String::new()), ["questions[0].options[3].body empty"]);
    assert_eq!(faults(|q| q[0].options[3].body = "x".repeat(2_001)), ["questions[0].options[3].body too_long"]);
    assert_eq!(faults(|q| q[5].options = q[0].options.clone()), ["questions[5].options options_not_allowed"]);
    let third = Choice { id: "u".into(), body: "Unsure".into() };
    assert_eq!(faults(|q| q[2].options.push(third)), ["questions[2].options too_many_options"]);
    let many = (0..31).map(|n| Choice { id: format!("o{n}"), body: "x".into() }).collect();
    assert_eq!(faults(|q| (q[0].options, q[0].key) = (many, None)), ["questions[0].options too_many_options"]);
}

#[test]
fn keys() {
    let chosen = |ids: &[&str]| Some(Key::Options { options: ids.iter().map(|&id| id.to_owned()).collect() });
    let number = |value: &str, tolerance: &str| Some(Key::Number { value: value.into(), tolerance: Some(tolerance.into()) });
    let texts =
        |accept: Vec<&str>| Some(Key::Text { accept: accept.into_iter().map(str::to_owned).collect(), ignore_case: true });
    assert_eq!(faults(|q| q[0].key = chosen(&["z"])), ["questions[0].key key_unknown_option"]);
    assert_eq!(faults(|q| q[0].key = chosen(&["a", "b"])), ["questions[0].key key_too_many"]);
    assert_eq!(faults(|q| q[2].key = chosen(&["t", "f"])), ["questions[2].key key_too_many"]);
    assert_eq!(faults(|q| q[0].key = chosen(&[])), ["questions[0].key key_empty"]);
    assert_eq!(faults(|q| q[1].key = chosen(&["a", "a"])), ["questions[1].key key_duplicate"]);
    assert_eq!(faults(|q| q[0].key = number("1", "0")), ["questions[0].key key_wrong_shape"]);
    assert_eq!(faults(|q| q[3].key = chosen(&["a"])), ["questions[3].key key_wrong_shape"]);
    assert_eq!(faults(|q| q[5].key = texts(vec!["x"])), ["questions[5].key key_not_allowed"]);
    assert_eq!(faults(|q| q[3].key = number("9,81", "0")), ["questions[3].key.value key_not_a_number"]);
    assert_eq!(faults(|q| q[3].key = number("1e500", "0")), ["questions[3].key.value key_not_a_number"]);
    assert_eq!(faults(|q| q[3].key = number("1", "-0.1")), ["questions[3].key.tolerance tolerance_not_a_number"]);
    assert_eq!(faults(|q| q[3].key = number("1", "")), ["questions[3].key.tolerance tolerance_not_a_number"]);
    assert_eq!(faults(|q| q[4].key = texts(vec![])), ["questions[4].key key_empty"]);
    assert_eq!(faults(|q| q[4].key = texts(vec!["ok", " "])), ["questions[4].key.accept[1] empty"]);
    assert_eq!(faults(|q| q[4].key = texts(vec!["x"; 101])), ["questions[4].key key_too_many"]);
}

#[test]
fn every_fault_is_told_at_once() {
    let all = faults(|q| {
        q[0].body = String::new();
        q[3].points = Points::from_centi(-5);
        q[3].key = Some(Key::Number { value: "x".into(), tolerance: None });
    });
    assert_eq!(all, ["questions[0].body empty", "questions[3].points points_range", "questions[3].key.value key_not_a_number"]);
}
