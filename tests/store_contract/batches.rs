//! Batches: nothing before COMMIT, nobody harmed by another's row, nothing lost by a crash.

use std::sync::{Arc, Mutex};

use invigil::domain::clock::{Kind, Verdict, Why};
use invigil::domain::event::{Attention, Body, Event, Presence};
use invigil::domain::ids::{Id, RoomId};
use invigil::domain::presence::Line;
use invigil::limits;
use invigil::store::Store;
use invigil::store::journal::{Journal, Op, Outcome, Refusal};
use invigil::store::timeline::TimelineFilter;
use invigil::time::Time;

use crate::fixture::{MINUTE, NINE, World, candidate, cd, event, room};
use crate::hall::{Hall, refused, saved};

/// How many answers of `cd_a` another connection sees at this moment, asked from a thread so that the caller stands still.
fn visible(url: &str) -> usize {
    let url = url.to_owned();
    let look = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open(&url).await.unwrap();
            let rows = store.answers(&cd("cd_a")).await.unwrap().len();
            store.close().await;
            rows
        })
    };
    std::thread::spawn(look).join().unwrap()
}

/// Law 1, for outcomes and for events: whoever hears of an answer can read it from another connection.
pub async fn nothing_is_said_before_it_is_committed(w: World) {
    let hall = Hall::seated(w).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (journal, lanes) = Journal::lanes();
    let (url, log) = (hall.world.url.clone(), Arc::clone(&seen));
    let publish = move |_: Vec<Event>| log.lock().unwrap().push(("published", visible(&url)));
    let writer = tokio::spawn(lanes.run(hall.world.store.clone(), Time::anchored(NINE), publish));
    let (url, log) = (hall.world.url.clone(), Arc::clone(&seen));
    let reply = move |_: Outcome| log.lock().unwrap().push(("told", visible(&url)));
    journal.send(hall.answer_op("cd_a", (1, 1), "q1", "true", NINE), Box::new(reply)).ok().unwrap();
    drop(journal);
    writer.await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [("published", 1), ("told", 1)]);
}

/// A stop closes the journal and waits for it: what was queued is written, whoever still holds the way in.
pub async fn what_is_queued_at_a_stop_is_written(w: World) {
    let hall = Hall::seated(w).await;
    let (journal, lanes) = Journal::lanes();
    for n in 1..=3 {
        journal.send(hall.answer_op("cd_a", (1, n), "q1", "true", NINE), Box::new(drop)).ok().unwrap();
    }
    journal.close();
    lanes.run(hall.world.store.clone(), Time::anchored(NINE), drop).await;
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 3);
    assert!(journal.send(hall.answer_op("cd_a", (1, 4), "q1", "true", NINE), Box::new(drop)).is_err(), "it takes no more");
}

pub async fn what_is_refused_is_not_published(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    refused(hall.answer("cd_a", (9, 1), "q1", "true", NINE).await);
    refused(hall.submit("cd_a", 1, &[(1, 1)], NINE).await);
    refused(hall.answer("cd_x", (1, 1), "q1", "true", NINE).await);
    assert!(hall.told().is_empty());
    let twice = event(&hall.room, Some("cd_a"), NINE, Body::ChangeSeen { rev: 1 });
    assert!(matches!(hall.send(Op::Note(twice.clone())).await, Outcome::Noted));
    assert_eq!(hall.told(), ["change.seen"]);
    assert_eq!(refused(hall.send(Op::Note(twice)).await), Refusal::Internal);
    assert!(hall.told().is_empty(), "a batch that failed tells nobody");
}

pub async fn one_batch_takes_a_repeat_and_a_conflict(w: World) {
    let hall = Hall::seated(w).await;
    hall.told();
    let ops = vec![
        hall.answer_op("cd_a", (1, 1), "q1", "true", NINE + 1),
        hall.answer_op("cd_a", (1, 1), "q1", "true", NINE + 2),
        hall.answer_op("cd_a", (1, 1), "q1", "false", NINE + 3),
        hall.answer_op("cd_a", (1, 2), "q1", "false", NINE + 4),
    ];
    let mut outcomes = hall.batch(ops).await.into_iter();
    assert_eq!(saved(outcomes.next().unwrap()).0, NINE + 1);
    assert_eq!(saved(outcomes.next().unwrap()).0, NINE + 1);
    assert_eq!(refused(outcomes.next().unwrap()), Refusal::Conflict);
    assert_eq!(saved(outcomes.next().unwrap()).0, NINE + 4);
    assert_eq!(hall.told(), ["answer.saved", "answer.saved"]);
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 2);
}

pub async fn a_poisonous_row_harms_only_itself(w: World) {
    let hall = Hall::seated(w).await;
    let poison = event(&hall.room, Some("cd_a"), NINE, Body::ChangeSeen { rev: 1 });
    assert!(matches!(hall.send(Op::Note(poison.clone())).await, Outcome::Noted));
    hall.told();
    let ops = vec![
        hall.answer_op("cd_a", (1, 1), "q1", "true", NINE),
        Op::Note(poison),
        hall.join_op("cd_b", "ss_b", None, false, NINE),
        hall.answer_op("cd_a", (1, 2), "q2", "true", NINE),
    ];
    let mut outcomes = hall.batch(ops).await.into_iter();
    assert_eq!(saved(outcomes.next().unwrap()).1, Verdict::PLAIN);
    assert_eq!(refused(outcomes.next().unwrap()), Refusal::Internal);
    assert!(matches!(outcomes.next().unwrap(), Outcome::Joined(o) if o.pen == Some(1)));
    assert_eq!(saved(outcomes.next().unwrap()).1, Verdict::PLAIN);
    let mut told = hall.told();
    told.sort_unstable();
    assert_eq!(told, ["answer.saved", "answer.saved", "candidate.began", "candidate.joined", "pen.taken"], "each event once");
}

pub async fn an_unreadable_ledger_harms_only_its_room(w: World) {
    let hall = Hall::seated(w).await;
    hall.world.store.create_room(&room("rm_2", "ex_1")).await.unwrap();
    let other = RoomId::trusted("rm_2".into());
    let roster = event(&other, None, NINE, Body::RosterChanged { candidates: 1 });
    hall.world.store.add_candidates(&other, &[candidate("cd_o")], NINE, &roster).await.unwrap();
    let mut there = hall.twin().await;
    there.room = other.clone();
    there.start().await;
    assert_eq!(there.join("cd_o", "ss_o", None, NINE).await.pen, Some(1));
    hall.world.execute("update clock_changes set kind = 'nonsense' where room_id = 'rm_2' and rev = 2").await;
    let mut fresh = hall;
    fresh.restart();
    let ops = vec![there.answer_op("cd_o", (1, 1), "q1", "true", NINE), fresh.answer_op("cd_a", (1, 1), "q1", "true", NINE)];
    let mut outcomes = fresh.batch(ops).await.into_iter();
    assert_eq!(refused(outcomes.next().unwrap()), Refusal::Internal);
    assert_eq!(saved(outcomes.next().unwrap()).1, Verdict::PLAIN);
}

/// The acknowledgement is lost, the answer is not: the repeat gets the first `received_ms` from another process.
pub async fn a_crash_after_commit_costs_nothing(w: World) {
    let mut hall = Hall::seated(w).await;
    saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 5).await);
    hall.restart();
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 90 * MINUTE).await), (NINE + 5, Verdict::PLAIN));
    assert_eq!(hall.world.store.answers(&cd("cd_a")).await.unwrap().len(), 1);
}

/// Extensions and answers at the same time: no answer that was sent after an extension had been answered is judged without it.
pub async fn extensions_and_answers_do_not_race(w: World) {
    let hall = Hall::seated(w).await;
    let late = |n: i64| NINE + 60 * MINUTE + n * MINUTE;
    for n in 1..=20 {
        let (verdict, ()) = tokio::join!(hall.verdict((1, n), late(n)), hall.change(n + 2, NINE, Kind::Extend { ms: MINUTE }));
        assert!(matches!(verdict.why, None | Some(Why::Late)), "{verdict:?}");
        assert_eq!(hall.verdict((1, n), late(n)).await, Verdict::PLAIN, "after extension {n}");
    }
}

pub async fn events_of_one_batch_keep_their_order(w: World) {
    let hall = Hall::seated(w).await;
    let ops = (1..=40).map(|seq| hall.answer_op("cd_a", (1, seq), "q1", "true", NINE)).collect();
    hall.batch(ops).await;
    let filter = TimelineFilter { kind: Some("answer.saved".into()), limit: 99, ..TimelineFilter::default() };
    let seqs: Vec<i64> = (hall.world.store.timeline(&hall.room, &filter).await.unwrap().into_iter())
        .map(|e| if let Body::AnswerSaved { seq, .. } = e.body { seq } else { 0 })
        .collect();
    assert_eq!(seqs, (1..=40).collect::<Vec<_>>());
    let notes = [
        hall.note_op(Body::PresenceChanged { presence: Presence::Lost, line: Line::default() }),
        hall.note_op(Body::AttentionChanged { attention: Attention::Away }),
    ];
    assert!(hall.batch(notes.to_vec()).await.iter().all(|o| matches!(o, Outcome::Noted)));
}

/// Law 9: a full lane gives the write back instead of keeping it; the other lane stays free.
#[tokio::test]
async fn a_full_queue_gives_the_write_back() {
    let (journal, lanes) = Journal::lanes();
    let room = RoomId::trusted("rm_1".into());
    let note = || Op::Note(event(&room, None, NINE, Body::RoomEnded));
    for _ in 0..limits::JOURNAL_QUEUE {
        journal.send(note(), Box::new(drop)).ok().expect("room in the queue");
    }
    let told = Arc::new(Mutex::new(false));
    let flag = Arc::clone(&told);
    let back = journal.send(note(), Box::new(move |_| *flag.lock().unwrap() = true)).expect_err("the queue is full");
    (back.reply)(Outcome::Refused(Refusal::Busy));
    assert!(*told.lock().unwrap(), "the caller can still be answered");
    assert!(matches!(back.op, Op::Note(_)));
    let answer = invigil::store::journal::Answer {
        room: room.clone(),
        candidate: cd("cd_a"),
        pen: 1,
        seq: 1,
        question: invigil::domain::ids::QuestionId("q".into()),
        value: "null".into(),
        blank: true,
        received_ms: NINE,
        proven: false,
    };
    assert!(journal.send(Op::Answer(answer), Box::new(drop)).is_ok());
    drop(lanes);
    assert!(journal.send(note(), Box::new(drop)).is_err(), "a journal that is gone takes nothing");
}
