//! Hand-in through the journal.

use invigil::domain::clock::{Ended, EndedBy, Verdict, Why};
use invigil::store::journal::{Outcome, Refusal};

use crate::fixture::{MINUTE, NINE, World, cd};
use crate::hall::{Hall, refused, saved};

const END: i64 = NINE + 60 * MINUTE;

fn submitted(outcome: Outcome) -> Ended {
    match outcome {
        Outcome::Submitted(ended) => ended,
        other => panic!("not submitted: {other:?}"),
    }
}

pub async fn a_hand_in_ends_the_work_once(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    let first = Ended { at_ms: NINE + 5, by: EndedBy::Candidate };
    assert_eq!(submitted(hall.submit("cd_a", 1, &[], NINE + 5).await), first);
    assert_eq!(hall.told(), ["candidate.ended"]);
    assert_eq!(submitted(hall.submit("cd_a", 1, &[], NINE + 9).await), first);
    assert_eq!(submitted(hall.submit("cd_a", 7, &[(1, 9)], NINE + 9).await), first, "whatever it says");
    assert!(hall.told().is_empty());
    assert_eq!(hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().facts().ended, Some(first));
    let due = hall.world.store.next_due().await.unwrap().expect("the sweep looks whether the room is over");
    assert!(due < END, "{due}");
}

pub async fn a_hand_in_names_what_is_missing(w: World) {
    let hall = Hall::seated(w).await;
    for seq in [1, 2, 5] {
        saved(hall.answer("cd_a", (1, seq), "q1", "true", NINE).await);
    }
    hall.told();
    let missing = refused(hall.submit("cd_a", 1, &[(1, 3), (5, 6)], NINE + 1).await);
    assert_eq!(missing, Refusal::Missing(vec![(3, 3), (6, 6)]));
    assert!(hall.told().is_empty());
    assert_eq!(hall.world.store.candidate(&cd("cd_a")).await.unwrap().unwrap().ended_ms, None);
    assert_eq!(submitted(hall.submit("cd_a", 1, &[(1, 2), (5, 5)], NINE + 1).await).at_ms, NINE + 1);
}

pub async fn a_hand_in_sees_answers_of_its_own_batch(w: World) {
    let hall = Hall::seated(w).await;
    let ops = vec![hall.answer_op("cd_a", (1, 1), "q1", "true", NINE), hall.submit_op("cd_a", 1, &[(1, 1)], NINE + 1)];
    let mut outcomes = hall.batch(ops).await;
    assert_eq!(submitted(outcomes.remove(1)).by, EndedBy::Candidate);
    assert_eq!(saved(outcomes.remove(0)).1, Verdict::PLAIN);
}

pub async fn a_hand_in_needs_the_current_pen(w: World) {
    let hall = Hall::seated(w).await;
    hall.join("cd_a", "ss_b", None, NINE).await;
    assert_eq!(refused(hall.submit("cd_a", 1, &[], NINE + 1).await), Refusal::PenSuperseded);
    assert_eq!(refused(hall.submit("cd_a", 3, &[], NINE + 1).await), Refusal::UnknownPen);
    assert_eq!(submitted(hall.submit("cd_a", 2, &[], NINE + 1).await).by, EndedBy::Candidate);
}

pub async fn nobody_hands_in_before_beginning(w: World) {
    let hall = Hall::scheduled(w, |_| {}).await;
    hall.join("cd_a", "ss_a", None, NINE - MINUTE).await;
    assert_eq!(refused(hall.submit("cd_a", 1, &[], NINE - 1).await), Refusal::NotRunning);
    assert_eq!(refused(hall.submit("cd_x", 1, &[], NINE - 1).await), Refusal::NotFound);
}

pub async fn a_late_hand_in_is_the_deadlines(w: World) {
    let hall = Hall::seated(w).await;
    let ended = submitted(hall.submit("cd_a", 1, &[], END + 1).await);
    assert_eq!(ended, Ended { at_ms: END, by: EndedBy::Deadline });
    hall.join("cd_b", "ss_b", None, NINE).await;
    assert_eq!(submitted(hall.submit("cd_b", 1, &[], END).await), Ended { at_ms: END, by: EndedBy::Candidate });
}

pub async fn answers_after_the_hand_in_are_kept_and_do_not_count(w: World) {
    let hall = Hall::seated(w).await;
    submitted(hall.submit("cd_a", 1, &[], NINE + 5).await);
    assert_eq!(hall.verdict((1, 1), NINE + 6).await, Verdict::out(Why::Ended));
    assert_eq!(hall.verdict((1, 2), NINE + 4).await, Verdict::PLAIN, "received before, written after");
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 2);
    hall.join("cd_b", "ss_b", None, NINE).await;
    let ops = vec![hall.submit_op("cd_b", 1, &[], NINE + 5), hall.answer_op("cd_b", (1, 1), "q1", "true", NINE + 9)];
    let answered = saved(hall.batch(ops).await.remove(1)).1;
    assert_eq!(answered, Verdict::PLAIN, "answers go first: what was in flight at hand-in is not punished");
}
