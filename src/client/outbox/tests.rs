use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: Duration = Duration::ZERO;

fn saved(seq: i64) -> SavedItem {
    SavedItem { seq, received_ms: 1, counts: true, why: None, proof: Some(format!("p{seq}")) }
}

fn refused(pen: i64, seq: i64, retry: bool, proof: Option<&str>) -> RefusedFrame {
    let code = if retry { "busy" } else { "wrong_shape" }.to_owned();
    RefusedFrame { pen, seq, code, detail: String::new(), retry, proof: proof.map(ToOwned::to_owned), missing: None }
}

fn with_pen(pen: i64) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.welcome(Some(pen), 0, 32);
    outbox
}

fn seqs(frames: &[AnswerFrame]) -> Vec<i64> {
    frames.iter().map(|frame| frame.seq).collect()
}

#[test]
fn without_a_pen_nothing_is_queued() {
    let mut outbox = Outbox::default();
    assert_eq!(outbox.push("q", json!(1), NOW), Err(NotQueued::NoPen));
    assert_eq!(outbox.number(), None);
    outbox.welcome(None, 7, 32);
    assert_eq!(outbox.push("q", json!(1), NOW), Err(NotQueued::NoPen));
    outbox.welcome(Some(1), 0, 32);
    assert_eq!(outbox.push("q", json!(1), NOW).unwrap().seq, 1, "a number seen without a pen is of nobody");
}

#[test]
fn each_pen_counts_from_one_and_answers_and_submits_share_its_numbers() {
    let mut outbox = with_pen(1);
    assert_eq!(outbox.push("a", json!("x"), NOW).unwrap().seq, 1);
    assert_eq!(outbox.number(), Some(2));
    assert_eq!(outbox.push("a", json!("y"), NOW).unwrap().seq, 3);
    outbox.welcome(Some(2), 0, 32);
    assert_eq!(outbox.push("a", json!("z"), NOW).unwrap().seq, 1);
}

#[test]
fn a_pen_that_comes_back_goes_on_after_what_the_server_has_seen() {
    let mut outbox = with_pen(3);
    outbox.welcome(Some(3), 41, 32);
    assert_eq!(outbox.push("a", json!(null), NOW).unwrap().seq, 42);
    outbox.welcome(Some(3), 5, 32);
    assert_eq!(outbox.push("a", json!(null), NOW).unwrap().seq, 43, "what the server knows never takes a number back");
}

#[test]
fn the_window_bounds_what_is_in_flight() {
    let mut outbox = with_pen(1);
    for _ in 0..40 {
        outbox.push("q", json!("v"), NOW).unwrap();
    }
    assert_eq!(outbox.due(usize::MAX).len(), 32);
    assert!(outbox.due(usize::MAX).is_empty());
    assert!(outbox.on_saved(1, &saved(5), NOW).is_some());
    assert_eq!(seqs(&outbox.due(usize::MAX)), [33]);
    outbox.disconnected();
    outbox.welcome(Some(1), 40, 4);
    assert_eq!(seqs(&outbox.due(usize::MAX)), [1, 2, 3, 4], "the server may ask for less");
    assert_eq!(outbox.unsaved(), 39);
}

#[test]
fn after_a_welcome_all_that_is_not_settled_is_sent_again_unchanged() {
    let mut outbox = with_pen(1);
    outbox.push("a", json!("1"), NOW).unwrap();
    outbox.push("b", json!("2"), NOW).unwrap();
    let first = outbox.due(usize::MAX);
    assert!(outbox.on_saved(1, &saved(1), NOW).is_some());
    outbox.disconnected();
    outbox.welcome(Some(1), 1, 32);
    assert_eq!(outbox.due(usize::MAX), first[1..]);
}

#[test]
fn what_an_older_pen_left_goes_under_that_pen_and_first() {
    let mut outbox = with_pen(1);
    outbox.push("a", json!("old"), NOW).unwrap();
    outbox.due(usize::MAX);
    outbox.disconnected();
    outbox.welcome(Some(2), 0, 32);
    outbox.push("a", json!("new"), NOW).unwrap();
    let due = outbox.due(usize::MAX);
    assert_eq!(due.iter().map(|f| (f.pen, f.seq)).collect::<Vec<_>>(), [(Some(1), 1), (None, 1)]);
    assert_eq!(outbox.have(), [(1, 1)], "only the current pen's");
    let old = outbox.on_saved(1, &saved(1), NOW).unwrap();
    assert_eq!((old.pen, old.value), (1, json!("old")));
    assert_eq!(outbox.on_saved(2, &saved(1), NOW).unwrap().value, json!("new"));
}

#[test]
fn a_refusal_for_the_servers_reasons_is_kept_with_its_first_proof() {
    let mut outbox = with_pen(1);
    outbox.push("a", json!("v"), NOW).unwrap();
    outbox.due(usize::MAX);
    assert_eq!(outbox.on_refused(&refused(1, 1, true, Some("p1"))), Refused::Held);
    assert!(!outbox.waits());
    assert!(outbox.due(usize::MAX).is_empty(), "not before it is released");
    outbox.release();
    assert_eq!(outbox.due(usize::MAX)[0].proof.as_deref(), Some("p1"));
    assert_eq!(outbox.on_refused(&refused(1, 1, true, None)), Refused::Held);
    outbox.release();
    assert_eq!(outbox.due(usize::MAX)[0].proof.as_deref(), Some("p1"));
    assert_eq!(outbox.unsaved(), 1);
}

#[test]
fn a_final_refusal_is_told_once_and_is_no_longer_valid() {
    let mut outbox = with_pen(1);
    for _ in 0..3 {
        outbox.push("a", json!("v"), NOW).unwrap();
    }
    outbox.due(usize::MAX);
    assert!(matches!(outbox.on_refused(&refused(1, 2, false, None)), Refused::Final(row) if row.seq == 2));
    assert_eq!(outbox.on_refused(&refused(1, 2, false, None)), Refused::NotMine);
    assert_eq!(outbox.on_saved(1, &saved(2), NOW), None);
    assert_eq!(outbox.have(), [(1, 1), (3, 3)]);
}

#[test]
fn what_is_missing_is_sent_again_and_what_was_called_saved_is_reported() {
    let mut outbox = with_pen(1);
    for _ in 0..4 {
        outbox.push("a", json!("v"), NOW).unwrap();
    }
    outbox.due(usize::MAX);
    outbox.on_saved(1, &saved(1), NOW);
    let missing = outbox.on_missing(&[(1, 2), (9, i64::MAX), (5, 4)]);
    assert_eq!(missing, Missing { again: 1, lost: vec![1] });
    assert_eq!(seqs(&outbox.due(usize::MAX)), [2]);
    assert_eq!(outbox.have(), [(2, 4)]);
}

#[test]
fn leftovers_name_their_pen() {
    let mut outbox = with_pen(4);
    outbox.push("a", json!("v"), NOW).unwrap();
    outbox.welcome(None, 0, 32);
    assert!(outbox.due(usize::MAX).is_empty());
    assert_eq!(outbox.leftovers(10).iter().map(|f| (f.pen, f.seq)).collect::<Vec<_>>(), [(Some(4), 1)]);
    assert!(outbox.leftovers(0).is_empty());
}

#[test]
fn the_queue_is_bounded() {
    let mut outbox = with_pen(1);
    for _ in 0..ROWS {
        outbox.push("q", json!(1), NOW).unwrap();
    }
    assert_eq!(outbox.push("q", json!(1), NOW), Err(NotQueued::Full));
}

/// One thing that happens between a client and a server that may lose, repeat and refuse.
#[derive(Debug, Clone)]
enum Step {
    Push(u8),
    /// Frames leave; those whose bit is set arrive.
    Send(u64),
    /// The server settles what has arrived: saved, held or refused, by this number.
    Settle(u8),
    /// The acknowledgement of something saved comes again.
    Repeat,
    Release,
    /// The connection breaks with what is on its way; the same pen comes back.
    Break,
    /// A fresh pen.
    NewPen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<u8>().prop_map(Step::Push),
        4 => any::<u64>().prop_map(Step::Send),
        4 => any::<u8>().prop_map(Step::Settle),
        1 => Just(Step::Repeat),
        1 => Just(Step::Release),
        1 => Just(Step::Break),
        1 => Just(Step::NewPen),
    ];
    prop::collection::vec(step, 0..120)
}

/// A client, a server that keeps its promises, and the ways between.
#[derive(Default)]
struct World {
    outbox: Outbox,
    pen: i64,
    pushed: HashMap<Key, Value>,
    settled: HashMap<Key, bool>,
    stored: HashMap<Key, Value>,
    refused: HashSet<Key>,
    arrived: Vec<AnswerFrame>,
}

impl World {
    fn greatest(&self) -> i64 {
        self.stored.keys().filter(|key| key.0 == self.pen).map(|key| key.1).max().unwrap_or(0)
    }

    fn come(&mut self) {
        self.arrived.clear();
        self.outbox.disconnected();
        self.outbox.welcome(Some(self.pen), self.greatest(), 32);
    }

    fn settle(&mut self, choice: u8) {
        let Some(frame) = (!self.arrived.is_empty()).then(|| self.arrived.remove(0)) else { return };
        let key = (frame.pen.unwrap_or(self.pen), frame.seq);
        if let Some(stored) = self.stored.get(&key) {
            assert_eq!(*stored, frame.value, "a resend carries the same value");
        }
        // What is decided once is decided for ever; only `held` leaves it open.
        let done = self.stored.contains_key(&key) || self.refused.contains(&key);
        match choice % 4 {
            0 if !done => {
                assert_eq!(self.outbox.on_refused(&refused(key.0, key.1, true, Some("p"))), Refused::Held);
            }
            1 if !self.stored.contains_key(&key) => {
                self.refused.insert(key);
                if let Refused::Final(row) = self.outbox.on_refused(&refused(key.0, key.1, false, None)) {
                    self.close((row.pen, row.seq), false);
                }
            }
            _ if !self.refused.contains(&key) => {
                self.stored.insert(key, frame.value);
                // The acknowledgement may be lost: then only the resend tells.
                if choice < 200 {
                    self.acknowledge(key);
                }
            }
            _ => {}
        }
    }

    fn acknowledge(&mut self, key: Key) {
        if let Some(row) = self.outbox.on_saved(key.0, &saved(key.1), NOW) {
            assert_eq!(Some(&row.value), self.stored.get(&key));
            self.close(key, true);
        }
    }

    fn close(&mut self, key: Key, saved: bool) {
        assert_eq!(self.settled.insert(key, saved), None, "settled twice: {key:?}");
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Push(value) => {
                let frame = self.outbox.push("q", json!(value), NOW).unwrap();
                self.pushed.insert((self.pen, frame.seq), json!(value));
            }
            Step::Send(mask) => {
                let due = self.outbox.due(usize::MAX);
                self.arrived.extend(due.into_iter().enumerate().filter(|(i, _)| mask >> (i % 64) & 1 == 1).map(|(_, f)| f));
            }
            Step::Settle(choice) => self.settle(*choice),
            Step::Repeat => {
                if let Some(&key) = self.stored.keys().next() {
                    self.acknowledge(key);
                }
            }
            Step::Release => self.outbox.release(),
            Step::Break => self.come(),
            Step::NewPen => {
                self.pen += 1;
                self.come();
            }
        }
    }
}

proptest! {
    #[test]
    fn every_answer_is_settled_exactly_once_whatever_happens(steps in steps()) {
        let mut world = World { pen: 1, ..World::default() };
        world.come();
        for step in &steps {
            world.step(step);
            prop_assert!(world.outbox.in_flight <= 32);
            let flying = world.outbox.rows.values().filter(|row| row.stage == Stage::InFlight).count();
            prop_assert_eq!(world.outbox.in_flight, flying);
        }
        // The network heals: one healthy connection empties the queue, however much is in it.
        world.come();
        for _ in 0..=steps.len() {
            world.step(&Step::Send(u64::MAX));
            while !world.arrived.is_empty() {
                let key = (world.arrived[0].pen.unwrap_or(world.pen), world.arrived[0].seq);
                world.settle(if world.refused.contains(&key) { 1 } else { 2 });
            }
        }
        prop_assert_eq!(world.outbox.unsaved(), 0);
        prop_assert_eq!(world.settled.len(), world.pushed.len());
        for (key, value) in &world.pushed {
            prop_assert!(world.settled.contains_key(key));
            if world.settled[key] {
                prop_assert_eq!(&world.stored[key], value);
            }
        }
        let have: Vec<i64> = world.outbox.have().iter().flat_map(|&(from, to)| from..=to).collect();
        let mut valid: Vec<i64> =
            world.settled.iter().filter(|(key, saved)| key.0 == world.pen && **saved).map(|(key, _)| key.1).collect();
        valid.sort_unstable();
        prop_assert_eq!(have, valid);
    }
}

#[test]
fn what_was_saved_is_sent_again_to_a_restored_store_under_its_own_pen_and_proof() {
    let mut outbox = with_pen(1);
    assert_eq!(outbox.epoch("e1", NOW), 0);
    outbox.push("a", json!("x"), NOW).unwrap();
    outbox.push("b", json!("y"), NOW).unwrap();
    outbox.due(9);
    outbox.on_saved(1, &saved(1), NOW).unwrap();
    outbox.disconnected();
    outbox.welcome(Some(1), 2, 32);
    assert_eq!((outbox.epoch("e1", NOW), outbox.kept()), (0, 1), "the same store has it");
    outbox.disconnected();
    outbox.welcome(Some(1001), 0, 32);
    assert_eq!(outbox.epoch("e2", NOW), 1);
    let due = outbox.due(9);
    let sent: Vec<_> = due.iter().map(|f| (f.pen, f.seq, f.proof.as_deref())).collect();
    assert_eq!(sent, [(Some(1), 1, Some("p1")), (Some(1), 2, None)]);
    assert_eq!(outbox.push("a", json!("z"), NOW).unwrap().seq, 1, "the new pen counts from one");
    outbox.on_saved(1, &saved(1), NOW).unwrap();
    assert_eq!(outbox.kept(), 1, "and it is kept again");
    outbox.disconnected();
    outbox.welcome(Some(1001), 0, 32);
    assert_eq!(outbox.epoch("e3", limits::KEPT_AFTER_ACK), 0, "a day later it is not");
}

#[test]
fn another_device_takes_over_what_is_held() {
    let mut outbox = with_pen(1);
    outbox.push("a", json!("x"), NOW).unwrap();
    outbox.handed_over();
    assert_eq!((outbox.shown(), outbox.unsaved()), (None, 1));
    outbox.welcome(Some(7), 0, 32);
    assert_eq!(outbox.due(9).iter().map(|f| f.pen).collect::<Vec<_>>(), [Some(1)]);
}
