//! Answers through the journal: saved, judged, judged again.

use invigil::domain::clock::{Kind, Verdict, Why};
use invigil::domain::ids::{Id, RoomId};
use invigil::store::journal::{Op, Refusal};

use crate::fixture::{MINUTE, NINE, World, cd, room};
use crate::hall::{Hall, refused, saved};

const END: i64 = NINE + 60 * MINUTE;

pub async fn an_answer_is_saved_and_read_back(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    let value = "\"Zażółć 汉字 🙂\"";
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", value, NINE + 5).await), (NINE + 5, Verdict::PLAIN));
    let rows = hall.world.store.answers(&cd("cd_a")).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.pen, row.seq, row.question_id.0.as_str(), row.value.as_str()), (1, 1, "q1", value));
    assert_eq!((row.received_ms, row.accepted_ms), (NINE + 5, None));
    assert_eq!(hall.world.store.room_answers(&hall.room).await.unwrap(), rows);
    assert_eq!(hall.told(), ["answer.saved"]);
}

pub async fn a_repeat_gets_the_first_outcome(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 5).await).0, NINE + 5);
    hall.told();
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", "true", END + MINUTE).await), (NINE + 5, Verdict::PLAIN));
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 1);
    assert!(hall.told().is_empty(), "a repeat is no news");
}

pub async fn another_value_under_the_same_key_is_a_conflict(w: World) {
    let hall = Hall::seated(w).await;
    saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE).await);
    for (question, value) in [("q1", "false"), ("q2", "true")] {
        assert_eq!(refused(hall.answer("cd_a", (1, 1), question, value, NINE).await), Refusal::Conflict);
    }
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap()[0].value, "true");
}

pub async fn a_pen_that_was_never_given_is_unknown(w: World) {
    let hall = Hall::seated(w).await;
    for pen in [-1, 0, 2, i64::MAX] {
        assert_eq!(refused(hall.answer("cd_a", (pen, 1), "q1", "true", NINE).await), Refusal::UnknownPen, "{pen}");
    }
    assert_eq!(refused(hall.answer("cd_b", (1, 1), "q1", "true", NINE).await), Refusal::UnknownPen);
    assert_eq!(refused(hall.answer("cd_x", (1, 1), "q1", "true", NINE).await), Refusal::NotFound);
}

pub async fn nothing_is_taken_before_the_room_runs(w: World) {
    let hall = Hall::scheduled(w, |_| {}).await;
    assert_eq!(hall.join("cd_a", "ss_a", None, NINE - MINUTE).await.pen, Some(1));
    assert_eq!(refused(hall.answer("cd_a", (1, 1), "q1", "true", NINE - 1).await), Refusal::NotRunning);
    assert!(hall.world.store.answers(&cd("cd_a")).await.unwrap().is_empty());
}

pub async fn grace_and_lateness_go_by_the_instant_of_receipt(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.verdict((1, 1), END).await, Verdict::PLAIN);
    assert_eq!(hall.verdict((1, 2), END + 1).await, Verdict::marked(Why::Grace));
    assert_eq!(hall.verdict((1, 3), END + 3_000).await, Verdict::marked(Why::Grace));
    assert_eq!(hall.verdict((1, 4), END + 3_001).await, Verdict::out(Why::Late));
    assert_eq!(hall.verdict((1, 5), END - MINUTE).await, Verdict::PLAIN);
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 5, "what does not count is stored");
}

pub async fn an_extension_judges_again(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.verdict((1, 1), END + MINUTE).await, Verdict::out(Why::Late));
    hall.change(3, END + 2 * MINUTE, Kind::Extend { ms: 5 * MINUTE }).await;
    assert_eq!(hall.verdict((1, 1), END + 9 * MINUTE).await, Verdict::PLAIN, "the row has not changed, the ledger has");
    hall.change(4, END + 3 * MINUTE, Kind::Revert { rev: 3 }).await;
    assert_eq!(hall.verdict((1, 1), END + 9 * MINUTE).await, Verdict::out(Why::Late));
}

pub async fn an_extension_of_one_candidate_judges_only_their_answers_again(w: World) {
    let hall = Hall::seated(w).await;
    hall.join("cd_b", "ss_b", None, NINE).await;
    let late = |who: &'static str| hall.answer(who, (1, 1), "q1", "true", END + MINUTE);
    assert_eq!(saved(late("cd_a").await).1, Verdict::out(Why::Late));
    assert_eq!(saved(late("cd_b").await).1, Verdict::out(Why::Late));
    hall.change_for(3, END, Kind::Extend { ms: 5 * MINUTE }, &["cd_b"]).await;
    assert_eq!(saved(late("cd_a").await).1, Verdict::out(Why::Late));
    assert_eq!(saved(late("cd_b").await).1, Verdict::PLAIN);
}

pub async fn a_pause_marks_and_counts(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.verdict((1, 1), NINE + MINUTE).await, Verdict::PLAIN);
    hall.change(3, NINE + 2 * MINUTE, Kind::Pause).await;
    assert_eq!(hall.verdict((1, 2), NINE + 3 * MINUTE).await, Verdict::marked(Why::Paused));
    hall.change(4, NINE + 12 * MINUTE, Kind::Resume { at_ms: NINE + 12 * MINUTE }).await;
    assert_eq!(hall.verdict((1, 3), END + 10 * MINUTE).await, Verdict::PLAIN, "the pause is given back");
    assert_eq!(hall.verdict((1, 4), END + 11 * MINUTE).await, Verdict::out(Why::Late));
}

pub async fn an_older_pen_counts_until_a_newer_one_has_a_row(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.join("cd_a", "ss_b", None, NINE + 1).await.pen, Some(2));
    let old = |seq, question: &'static str| hall.answer("cd_a", (1, seq), question, "true", NINE + 2);
    assert_eq!(saved(old(1, "q1").await).1, Verdict::marked(Why::OlderPen));
    saved(hall.answer("cd_a", (2, 1), "q1", "false", NINE + 3).await);
    assert_eq!(saved(old(1, "q1").await).1, Verdict::out(Why::Superseded));
    assert_eq!(saved(old(2, "q1").await).1, Verdict::out(Why::Superseded));
    assert_eq!(saved(old(3, "q2").await).1, Verdict::marked(Why::OlderPen), "another question is free");
    let both = vec![hall.answer_op("cd_a", (2, 2), "q3", "1", NINE), hall.answer_op("cd_a", (1, 4), "q3", "2", NINE)];
    let outcomes: Vec<_> = hall.batch(both).await.into_iter().map(|o| saved(o).1).collect();
    assert_eq!(outcomes, [Verdict::PLAIN, Verdict::out(Why::Superseded)], "within one batch");
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 6, "every row is kept");
}

pub async fn a_newer_row_that_does_not_count_supersedes_nothing(w: World) {
    let hall = Hall::seated(w).await;
    assert_eq!(hall.join("cd_a", "ss_b", None, NINE + 1).await.pen, Some(2));
    assert_eq!(hall.verdict((2, 1), END + MINUTE).await, Verdict::out(Why::Late));
    assert_eq!(hall.verdict((1, 1), NINE + 5).await, Verdict::marked(Why::OlderPen));
    hall.change(3, END + MINUTE, Kind::Extend { ms: 5 * MINUTE }).await;
    assert_eq!(hall.verdict((1, 1), NINE + 5).await, Verdict::out(Why::Superseded), "now it does");
}

pub async fn an_answer_for_another_room_is_not_found(w: World) {
    let hall = Hall::seated(w).await;
    hall.world.store.create_room(&room("rm_2", "ex_1")).await.unwrap();
    let Op::Answer(mut a) = hall.answer_op("cd_a", (1, 1), "q1", "true", NINE) else { unreachable!() };
    a.room = RoomId::trusted("rm_2".into());
    assert_eq!(refused(hall.send(Op::Answer(a)).await), Refusal::NotFound);
}

pub async fn a_repeat_is_judged_by_its_first_receipt(w: World) {
    let hall = Hall::running_with(w, |e| e.timing = "on_entry".into()).await;
    hall.join("cd_a", "ss_a", None, NINE + MINUTE).await;
    assert_eq!(refused(hall.answer("cd_a", (1, 9), "q1", "true", NINE).await), Refusal::NotRunning);
    assert_eq!(hall.verdict((1, 1), NINE + MINUTE).await, Verdict::PLAIN);
    assert_eq!(hall.verdict((1, 1), NINE).await, Verdict::PLAIN, "the first receipt decides");
}
