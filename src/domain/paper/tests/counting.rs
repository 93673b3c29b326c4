//! Orders and statistics, by numbers worked out by hand.

use super::*;

fn row(answers: &[(&str, Value)], marks: &[(&str, i64)]) -> CandidateAnswers {
    let stored = |(id, value): &(&str, Value)| (QuestionId((*id).to_owned()), question(id).accept(value).unwrap());
    CandidateAnswers {
        began: true,
        answers: answers.iter().map(stored).collect(),
        marks: marks.iter().map(|(id, centi)| (QuestionId((*id).to_owned()), *centi)).collect(),
    }
}

/// 10.00, 2.00, 0 points; one essay unmarked; one absent.
fn rows() -> Vec<CandidateAnswers> {
    let best = [
        ("q1", json!(["b"])),
        ("q2", json!(["a", "c"])),
        ("q3", json!(["f"])),
        ("q4", json!("9.8")),
        ("q5", json!("paris")),
        ("q6", json!("Because")),
    ];
    vec![
        row(&best, &[("q6", 425)]),
        row(&[("q1", json!(["b"])), ("q2", json!(["b", "d"])), ("q5", json!(" "))], &[]),
        row(&[("q1", json!(null))], &[]),
        row(&[("q1", json!(["a"])), ("q6", json!("So"))], &[]),
        CandidateAnswers { began: false, ..row(&best, &[]) },
    ]
}

#[test]
fn a_score_is_a_sum_with_what_is_missing() {
    let scores: Vec<Score> = rows().iter().map(|row| score(&paper(), row)).collect();
    let expect = |points_centi, answered, unmarked| Score { points_centi, out_of_centi: 1000, answered, unmarked };
    assert_eq!(scores[..4], [expect(1000, 6, 0), expect(200, 2, 0), expect(0, 0, 0), expect(0, 2, 1)]);
    // A person's mark stands before the key's.
    assert_eq!(score(&paper(), &row(&[("q1", json!(["a"]))], &[("q1", 150)])).points_centi, 150);
}

#[test]
fn statistics_count_who_began() {
    let statistics = statistics(&paper(), &rows());
    assert_eq!(statistics.candidates, 4);
    let facts: Vec<_> = statistics.questions.iter().map(|q| (q.answered, q.omitted, q.facility_bp)).collect();
    // q1: two of four right. q2: one of four. q5 likewise; q6 waits for a person.
    let quarter = Some(2500);
    assert_eq!(facts, [(3, 1, Some(5000)), (2, 2, quarter), (1, 3, quarter), (1, 3, quarter), (1, 3, quarter), (2, 2, None)]);
    let counts = |index: usize| statistics.questions[index].option_counts.iter().map(|count| count.chosen).collect::<Vec<_>>();
    assert_eq!(counts(0), [1, 2, 0, 0]);
    assert_eq!(counts(1), [1, 1, 1, 1, 0]);
    assert_eq!(counts(2), [0, 1]);
    assert_eq!(counts(3), Vec::<usize>::new());
    let expect = Scores {
        n: 3,
        unmarked: 1,
        out_of_centi: 1000,
        mean_centi: Some(400),
        median_centi: Some(200),
        min_centi: Some(0),
        max_centi: Some(1000),
        histogram: [1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    };
    assert_eq!(statistics.scores, expect);
}

#[test]
fn an_even_median_and_means_are_rounded_half_up() {
    // 0.25 and 2.00: mean and median 1.125 -> 1.13; q5: half of the points.
    let rows = [row(&[("q5", json!("Paris"))], &[]), row(&[("q1", json!(["b"]))], &[])];
    let statistics = statistics(&paper(), &rows);
    assert_eq!((statistics.scores.mean_centi, statistics.scores.median_centi), (Some(113), Some(113)));
    // One of three: 3333.3 basis points.
    let rows = [rows[0].clone(), rows[1].clone(), row(&[], &[])];
    assert_eq!(super::statistics(&paper(), &rows).questions[4].facility_bp, Some(3333));
}

#[test]
fn an_empty_room_has_no_numbers() {
    for (paper, rows) in [(paper(), vec![]), (Paper::default(), vec![row(&[], &[])])] {
        let statistics = statistics(&paper, &rows);
        assert_eq!(statistics.candidates, rows.len());
        assert_eq!(statistics.scores.histogram, [0; 10]);
        assert!(statistics.questions.iter().all(|question| question.facility_bp.is_none()));
    }
    assert_eq!(statistics(&paper(), &[]).scores.mean_centi, None);
}

/// Worked out by a second implementation: were these to change, candidates would see another order after an upgrade.
#[test]
fn orders_are_the_same_for_ever() {
    let order = |seed| {
        let paper = paper().for_seed(seed, Shuffle { questions: true, options: true });
        let options = |id: &str| -> String {
            paper.question(&QuestionId(id.into())).unwrap().options.iter().map(|o| o.id.as_str()).collect()
        };
        let questions: Vec<String> = paper.questions.iter().map(|question| question.id.0.clone()).collect();
        format!("{} {} {}", questions.join(""), options("q1"), options("q2"))
    };
    assert_eq!(order(1), "q3q1q2q5q6q4 abdc dcabe");
    assert_eq!(order(-7), "q5q2q1q4q6q3 cbad dbaec");
}

#[test]
fn options_do_not_move_when_another_question_does() {
    let shuffle = Shuffle { questions: true, options: true };
    let mut shorter = paper();
    shorter.questions.remove(0);
    for seed in 0..50 {
        let id = QuestionId("q2".into());
        assert_eq!(shorter.for_seed(seed, shuffle).question(&id), paper().for_seed(seed, shuffle).question(&id));
    }
}

#[test]
fn every_order_is_as_likely() {
    // 4 options have 24 orders; 24,000 seeds give each about 1,000 (standard deviation 31).
    let mut seen = std::collections::HashMap::new();
    let one = Paper { questions: vec![question("q1")] };
    for seed in 0..24_000 {
        let shuffled = one.for_seed(seed, Shuffle { questions: false, options: true });
        let order: String = shuffled.questions[0].options.iter().map(|option| option.id.as_str()).collect();
        *seen.entry(order).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    assert!(seen.values().all(|&count| (840..1160).contains(&count)), "{seen:?}");
}
