//! Exact expectations for the whole of `paper`, on one paper that has every kind of question.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod checking;
mod counting;

/// Six questions, one of each kind: q1 single, q2 multiple, q3 true/false, q4 numeric, q5 short, q6 essay.
fn paper() -> Paper {
    let options =
        |ids: &[&str]| -> Vec<Value> { ids.iter().map(|id| json!({"id": id, "body": format!("Option {id}")})).collect() };
    let paper = json!({"questions": [
        {"id": "q1", "kind": "single", "body": "One", "points": 2, "options": options(&["a", "b", "c", "d"]), "key": {"options": ["b"]}},
        {"id": "q2", "kind": "multiple", "body": "Some", "points": 1.5, "options": options(&["a", "b", "c", "d", "e"]),
         "key": {"options": ["c", "a"]}, "scoring": "partial"},
        {"id": "q3", "kind": "true_false", "body": "Is it?", "points": 1, "options": options(&["t", "f"]), "key": {"options": ["f"]}},
        {"id": "q4", "kind": "numeric", "body": "g?", "points": 1, "key": {"value": "9.81", "tolerance": "0.02"}},
        {"id": "q5", "kind": "short", "body": "Capital?", "points": 0.25, "key": {"accept": ["Paris", "city of light"]}},
        {"id": "q6", "kind": "essay", "body": "Why?", "points": 4.25, "max_chars": 20},
    ]});
    serde_json::from_value(paper).unwrap()
}

fn question(id: &str) -> Question {
    paper().question(&QuestionId(id.to_owned())).unwrap().clone()
}

#[expect(clippy::needless_pass_by_value, reason = "so that a test can hand over json!(..)")]
fn points(question: &Question, value: Value) -> Option<i64> {
    mark(question, Some(&question.accept(&value).unwrap())).points_centi
}

#[test]
fn a_paper_keeps_its_json() {
    let json = serde_json::to_value(paper()).unwrap();
    assert_eq!(serde_json::from_value::<Paper>(json.clone()).unwrap(), paper());
    assert_eq!(json["questions"][1]["points"], json!(1.5));
    assert_eq!(json["questions"][0]["points"].to_string(), "2");
    assert_eq!(json["questions"][3]["key"], json!({"value": "9.81", "tolerance": "0.02"}));
    assert_eq!(json["questions"][4]["key"], json!({"accept": ["Paris", "city of light"], "ignore_case": true}));
    assert_eq!(json["questions"][5], json!({"id": "q6", "kind": "essay", "body": "Why?", "points": 4.25, "max_chars": 20}));
    assert_eq!(paper().total_points().to_string(), "10");
}

#[test]
fn no_key_is_left_for_a_candidate() {
    let text = serde_json::to_string(&paper().without_keys()).unwrap();
    for secret in ["key", "9.81", "tolerance", "Paris", "accept"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(paper().without_keys().questions[0].options, paper().questions[0].options);
}

#[test]
fn points_are_exact() {
    for (text, centi, shown) in
        [("2", 200, "2"), ("1.5", 150, "1.5"), ("0.07", 7, "0.07"), ("2.50", 250, "2.5"), ("-0.5", -50, "-0.5")]
    {
        let points: Points = serde_json::from_str(text).unwrap();
        assert_eq!((points.centi(), points.to_string().as_str()), (centi, shown));
    }
    for text in ["1.005", "1e-3", "99999999", "1e300", "\"2\"", "null", "true"] {
        assert!(serde_json::from_str::<Points>(text).is_err(), "{text}");
    }
}

#[test]
fn options_are_stored_in_one_form() {
    let (single, multiple) = (question("q1"), question("q2"));
    for (value, stored) in [
        (json!(null), "null"),
        (json!([]), "null"),
        (json!(["d", "a"]), r#"["a","d"]"#),
        (json!(["a", "d", "a"]), r#"["a","d"]"#),
    ] {
        assert_eq!(multiple.accept(&value).unwrap(), stored);
    }
    assert_eq!(single.accept(&json!(["c"])).unwrap(), r#"["c"]"#);
    assert_eq!(single.accept(&json!(["c", "c"])).unwrap(), r#"["c"]"#);
    assert_eq!(single.accept(&json!(["a", "b"])), Err(Refusal::TooManyOptions));
    assert_eq!(question("q3").accept(&json!(["t", "f"])), Err(Refusal::TooManyOptions));
    assert_eq!(multiple.accept(&json!(["a", "z"])), Err(Refusal::UnknownOption));
    for value in [json!("a"), json!(0), json!({"a": true}), json!([0]), json!([["a"]]), json!([null]), json!(true)] {
        assert_eq!(single.accept(&value), Err(Refusal::WrongShape), "{value}");
    }
}

#[test]
fn text_is_kept_as_typed() {
    let essay = question("q6");
    assert_eq!(essay.accept(&json!("  a\r\nb\rc ")).unwrap(), r#""  a\nb\nc ""#);
    assert_eq!(essay.accept(&json!("")).unwrap(), "null");
    assert_eq!(essay.accept(&json!("a\0b")), Err(Refusal::NulCharacter));
    assert_eq!(essay.accept(&json!("好".repeat(20))).unwrap(), format!("\"{}\"", "好".repeat(20)));
    assert_eq!(essay.accept(&json!("好".repeat(21))), Err(Refusal::TooLong { limit: 20, got: 21 }));
    // What is no number yet is kept too: it may be half typed.
    assert_eq!(question("q4").accept(&json!("9.")).unwrap(), r#""9.""#);
    for value in [json!(9.81), json!(["a"]), json!({"text": "a"}), json!(false)] {
        assert_eq!(question("q4").accept(&value), Err(Refusal::WrongShape), "{value}");
    }
    assert_eq!(Refusal::TooLong { limit: 1, got: 2 }.code(), "too_long");
}

#[test]
fn limits_of_written_answers() {
    let refused = |id: &str, length: usize| question(id).accept(&json!("1".repeat(length))).is_err();
    assert!(!refused("q4", 100) && refused("q4", 101));
    assert!(!refused("q5", 500) && refused("q5", 501));
    let mut essay = question("q6");
    essay.max_chars = None;
    assert_eq!(essay.limit_chars(), 10_000);
    essay.max_chars = Some(1_000_000);
    assert_eq!(essay.limit_chars(), 20_000);
}

#[test]
fn blank_is_what_says_nothing() {
    for text in ["null", "[]", "\"\"", "\" \\n\\u3000\""] {
        assert!(blank(text), "{text}");
    }
    for text in ["[\"a\"]", "\"0\"", "\"a\"", "{\"a\":\"b\"}", "broken"] {
        assert!(!blank(text), "{text}");
    }
}

#[test]
fn choices_are_marked() {
    assert_eq!(points(&question("q1"), json!(["b"])), Some(200));
    assert_eq!(points(&question("q1"), json!(["a"])), Some(0));
    assert_eq!(points(&question("q3"), json!(["f"])), Some(100));
    assert_eq!(points(&question("q3"), json!(["t"])), Some(0));
    let multiple = Question { scoring: Scoring::AllOrNothing, ..question("q2") };
    for (value, earned) in [(json!(["a", "c"]), 150), (json!(["a"]), 0), (json!(["a", "b", "c"]), 0), (json!(["b"]), 0)] {
        assert_eq!(points(&multiple, value.clone()), Some(earned), "{value}");
    }
}

#[test]
fn partial_marks_follow_the_formula() {
    // R = 2 (a, c), W = 3 (b, d, e), 1.50 points: a right one is worth 0.75, a wrong one costs 0.50.
    let multiple = question("q2");
    for (value, earned) in [
        (json!(["a", "c"]), 150),
        (json!(["a"]), 75),
        (json!(["a", "c", "b"]), 100),
        (json!(["a", "b"]), 25),
        (json!(["a", "b", "d"]), 0),
        (json!(["b"]), 0),
        (json!(["a", "b", "c", "d", "e"]), 0),
    ] {
        assert_eq!(points(&multiple, value.clone()), Some(earned), "{value}");
    }
    // Rounded half up: a quarter of 0.25 x 2 of 4 = 0.125 -> 0.13.
    let quarter = Question {
        points: Points::from_centi(25),
        key: Some(Key::Options { options: ["a", "b", "c", "d"].map(str::to_owned).to_vec() }),
        ..multiple.clone()
    };
    assert_eq!(points(&quarter, json!(["a", "b"])), Some(13));
    let all = Question {
        options: multiple.options[..2].to_vec(),
        key: Some(Key::Options { options: vec!["a".into(), "b".into()] }),
        ..multiple
    };
    assert_eq!(points(&all, json!(["a", "b"])), Some(150));
    assert_eq!(points(&all, json!(["a"])), Some(75));
}

#[test]
fn numbers_are_compared_exactly() {
    let numeric = |value: &str, tolerance: Option<&str>| Question {
        key: Some(Key::Number { value: value.to_owned(), tolerance: tolerance.map(str::to_owned) }),
        ..question("q4")
    };
    let right = |question: &Question, text: &str| points(question, json!(text)) == Some(100);
    let g = question("q4");
    for text in [
        "9.81",
        "9,81",
        " 9.83 ",
        "9.79",
        "+9.8",
        "９．８１",
        "9。81",
        "98.1e-1",
        "0.981×10^1",
        "９，８１",
        "9.8100000000000000000000000",
    ] {
        assert!(right(&g, text), "{text}");
    }
    for text in [
        "9.84",
        "9.8300000000000000000000000000000000000000001",
        "9.7899999999999999999999999999999999999",
        "-9.81",
        "981",
        "",
        "g",
        "9.81 m/s",
        "9.8.1",
    ] {
        assert!(!right(&g, text), "{text}");
    }
    // 0.1 + 0.2 is no float here.
    assert!(right(&numeric("0.1", Some("0.2")), "0.3"));
    assert!(!right(&numeric("0.1", Some("0.2")), "0.30000000000000004"));
    for text in ["-5", "\u{2212}5", "－５", "–5.0"] {
        assert!(right(&numeric("-5", None), text), "{text}");
    }
    assert!(right(&numeric("0", Some("1")), "-1") && !right(&numeric("0", Some("1")), "-1.1"));
    assert!(right(&numeric("-0", None), "0.00") && right(&numeric("0", None), "-0"));
    assert!(
        right(&numeric("6.02e23", Some("1e21")), "6,02·10^23") && right(&numeric("6.02e23", None), "602000000000000000000000")
    );
    assert!(!right(&numeric("6.02e23", Some("1e21")), "6.04e23"));
    assert!(right(&numeric("1.6e-19", None), "0.00000000000000000016"));
    // Groups of three; one comma may mean either.
    for text in ["1234", "1,234", "1 234", "1234,0", "1234.0"] {
        assert!(right(&numeric("1234", None), text), "{text}");
    }
    for text in ["1,234,567.5", "1.234.567,5", "1 234 567,5"] {
        assert!(right(&numeric("1234567.5", None), text), "{text}");
    }
    assert!(
        right(&numeric("1.234", None), "1,234")
            && !right(&numeric("1234", None), "12,34")
            && !right(&numeric("1234", None), "1,23,4")
    );
    assert!(
        !right(&numeric("1", None), "1e2147483647")
            && !right(&numeric("1", None), "1e-99999999999")
            && !right(&numeric("1", None), ".")
    );
}

#[test]
fn short_texts_are_folded() {
    let short = question("q5");
    for text in ["Paris", " paris ", "PARIS", "Ｐａｒｉｓ", "City  of\nlight"] {
        assert_eq!(points(&short, json!(text)), Some(25), "{text}");
    }
    for text in ["Pari", "Paris!", "P aris", "cityof light"] {
        assert_eq!(points(&short, json!(text)), Some(0), "{text}");
    }
    let with = |accept: &str, ignore_case: bool| Question {
        key: Some(Key::Text { accept: vec![accept.to_owned()], ignore_case }),
        ..short.clone()
    };
    assert_eq!(points(&with("Co", false), json!("CO")), Some(0));
    assert_eq!(points(&with("Co", false), json!(" Co")), Some(25));
    assert_eq!(points(&with("Straße", true), json!("STRASSE")), Some(25));
    assert_eq!(points(&with("ΟΔΟΣ", true), json!("οδος")), Some(25));
}

#[test]
fn what_only_a_person_can_mark() {
    let essay = question("q6");
    assert_eq!(mark(&essay, None), Mark { points_centi: Some(0), out_of_centi: 425 });
    assert_eq!(points(&essay, json!("   ")), Some(0));
    assert_eq!(points(&essay, json!("Because")), None);
    assert_eq!(points(&Question { points: Points::default(), ..essay }, json!("Because")), Some(0));
    for id in ["q1", "q2", "q3", "q4", "q5"] {
        let question = Question { key: None, ..question(id) };
        let value = if question.kind.is_choice() { json!([question.options[0].id]) } else { json!("9.81") };
        assert_eq!(points(&question, value), None, "{id}");
        assert_eq!(points(&question, json!(null)), Some(0), "{id}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "e", "t", "f", "z"]), 0..7)
            .prop_map(|ids| json!(ids)),
        ".{0,24}".prop_map(|text| json!(text)),
        "[-+0-9.,eE \\u{ff10}-\\u{ff19}\\u{2212}]{0,20}".prop_map(|text| json!(text)),
        any::<i64>().prop_map(|number| json!(number)),
    ]
}

proptest! {
    #[test]
    fn accepting_again_changes_nothing(value in any_value(), index in 0usize..6) {
        let question = &paper().questions[index];
        if let Ok(stored) = question.accept(&value) {
            let again: Value = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(question.accept(&again).unwrap(), stored);
        }
    }

    #[test]
    fn no_mark_leaves_its_bounds(text in ".{0,40}", value in any_value(), index in 0usize..6) {
        let question = &paper().questions[index];
        let stored = question.accept(&value).ok();
        for canonical in [Some(text.as_str()), stored.as_deref(), None] {
            let mark = mark(question, canonical);
            prop_assert!(mark.points_centi.is_none_or(|points| (0..=mark.out_of_centi).contains(&points)));
        }
        prop_assert_eq!(mark(question, None).points_centi, Some(0));
    }

    #[test]
    fn one_more_right_choice_never_costs(chosen in prop::collection::hash_set(0usize..5, 0..5), centi in 0i64..1000) {
        let question = Question { points: Points::from_centi(centi), ..question("q2") };
        let earned = |ids: &[&str]| points(&question, json!(ids)).unwrap();
        let ids: Vec<&str> = chosen.iter().map(|&index| ["a", "b", "c", "d", "e"][index]).collect();
        for more in ["a", "c"] {
            prop_assert!(earned(&[&ids[..], &[more]].concat()) >= earned(&ids));
        }
        for more in ["b", "d", "e"] {
            prop_assert!(earned(&[&ids[..], &[more]].concat()) <= earned(&ids));
        }
    }

    #[test]
    fn numbers_agree_with_whole_arithmetic(given in -2000i64..2000, value in -2000i64..2000, tolerance in 0i64..500) {
        let text = |milli: i64| format!("{}{}.{:03}", if milli < 0 { "-" } else { "" }, milli.abs() / 1000, milli.abs() % 1000);
        let key = Key::Number { value: text(value), tolerance: Some(text(tolerance)) };
        let question = Question { key: Some(key), ..question("q4") };
        let right = (given - value).abs() <= tolerance;
        prop_assert_eq!(points(&question, json!(text(given))), Some(if right { 100 } else { 0 }));
    }

    #[test]
    fn a_shuffle_loses_nothing(seed: i64, questions: bool, options: bool) {
        let (paper, shuffle) = (paper(), Shuffle { questions, options });
        let shuffled = paper.for_seed(seed, shuffle);
        prop_assert_eq!(&shuffled, &paper.for_seed(seed, shuffle));
        prop_assert_eq!(shuffled.questions.len(), paper.questions.len());
        for question in &paper.questions {
            let mut other = shuffled.question(&question.id).unwrap().clone();
            if !options || question.kind == Kind::TrueFalse {
                prop_assert_eq!(&other.options, &question.options);
            }
            other.options.sort_by(|a, b| a.id.cmp(&b.id));
            let mut own = question.clone();
            own.options.sort_by(|a, b| a.id.cmp(&b.id));
            prop_assert_eq!(other, own);
        }
        if !questions {
            prop_assert!(shuffled.questions.iter().zip(&paper.questions).all(|(a, b)| a.id == b.id));
        }
    }
}
