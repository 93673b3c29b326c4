//! Compares what was acknowledged with what is stored: acked and not read is lost, read and not attempted is a phantom, read
//! with another value is altered, read twice is a duplicate. All four must stay empty whatever is broken on the way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::sitter::{Record, Recorder, Row};

/// Candidate, pen, number.
pub type Key = (String, i64, i64);

#[derive(Debug, Clone)]
struct Attempt {
    question: String,
    value: Value,
    /// The instant the server said it received it, once it said so.
    acked_ms: Option<i64>,
    refused: bool,
}

#[derive(Debug, Default)]
struct Seen {
    attempts: HashMap<Key, Attempt>,
    broken: Vec<Key>,
}

/// Collects what clients attempted and heard.
#[derive(Debug, Clone, Default)]
pub struct Checker {
    seen: Arc<Mutex<Seen>>,
}

/// What did not agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Answers that were attempted.
    pub attempted: usize,
    /// Answers that were called saved.
    pub acked: usize,
    /// Answers that are stored.
    pub stored: usize,
    /// Called saved, not stored.
    pub lost: Vec<Key>,
    /// Stored, never attempted, or refused for good.
    pub phantom: Vec<Key>,
    /// Stored with another question, value or instant than was attempted and acknowledged.
    pub altered: Vec<Key>,
    /// Stored more than once.
    pub duplicated: Vec<Key>,
    /// Settled in two ways: a client heard both `saved` and a final `refused`, or two instants.
    pub contradicted: Vec<Key>,
}

impl Findings {
    /// Whether every promise was kept.
    pub fn clean(&self) -> bool {
        [&self.lost, &self.phantom, &self.altered, &self.duplicated, &self.contradicted].iter().all(|keys| keys.is_empty())
    }
}

/// One stored answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Whose, which.
    pub row: Row,
    /// When it was received.
    pub received_ms: i64,
}

impl Checker {
    /// What to give to sitters.
    pub fn recorder(&self) -> Recorder {
        let seen = Arc::clone(&self.seen);
        Arc::new(move |record| note(&mut seen.lock().unwrap_or_else(PoisonError::into_inner), record))
    }

    /// Adds one record.
    pub fn note(&self, record: &Record) {
        note(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner), record);
    }

    /// Compares with everything that is stored.
    pub fn compare(&self, stored: &[Stored]) -> Findings {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings = Findings { attempted: seen.attempts.len(), stored: stored.len(), ..Findings::default() };
        findings.contradicted.clone_from(&seen.broken);
        let mut read: HashMap<Key, u32> = HashMap::new();
        for Stored { row, received_ms } in stored {
            let key = key(row);
            *read.entry(key.clone()).or_default() += 1;
            match seen.attempts.get(&key) {
                None => findings.phantom.push(key),
                Some(attempt) if attempt.refused => findings.phantom.push(key),
                Some(attempt) => {
                    let same = attempt.question == row.question && same(&attempt.value, &row.value);
                    if !same || attempt.acked_ms.is_some_and(|acked| acked != *received_ms) {
                        findings.altered.push(key);
                    }
                }
            }
        }
        findings.duplicated = read.iter().filter(|(_, times)| **times > 1).map(|(key, _)| key.clone()).collect();
        let acked = seen.attempts.iter().filter(|(_, attempt)| attempt.acked_ms.is_some());
        findings.acked = acked.clone().count();
        findings.lost = acked.filter(|(key, _)| !read.contains_key(*key)).map(|(key, _)| key.clone()).collect();
        findings
    }
}

/// Whether two values say the same. The server keeps chosen options in the paper's order, which the candidate's may differ
/// from: a choice is a set.
fn same(a: &Value, b: &Value) -> bool {
    let (Value::Array(a), Value::Array(b)) = (a, b) else { return a == b };
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    sorted(a) == sorted(b)
}

fn key(row: &Row) -> Key {
    (row.candidate.clone(), row.pen, row.seq)
}

fn note(seen: &mut Seen, record: &Record) {
    match record {
        Record::Attempted(row) => {
            let attempt = Attempt { question: row.question.clone(), value: row.value.clone(), acked_ms: None, refused: false };
            if seen.attempts.insert(key(row), attempt).is_some() {
                seen.broken.push(key(row));
            }
        }
        Record::Saved { row, received_ms, .. } => {
            let Some(attempt) = seen.attempts.get_mut(&key(row)) else { return seen.broken.push(key(row)) };
            let again = attempt.acked_ms.replace(*received_ms).is_some_and(|before| before != *received_ms);
            if attempt.refused || again {
                seen.broken.push(key(row));
            }
        }
        Record::Refused { row, .. } => {
            let Some(attempt) = seen.attempts.get_mut(&key(row)) else { return seen.broken.push(key(row)) };
            attempt.refused = true;
            if attempt.acked_ms.is_some() {
                seen.broken.push(key(row));
            }
        }
        Record::Lost { candidate, pen, seq } => seen.broken.push((candidate.clone(), *pen, *seq)),
        Record::Message | Record::Tick { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn row(seq: i64, value: i64) -> Row {
        Row { candidate: "cd_1".to_owned(), pen: 1, seq, question: "q".to_owned(), value: json!(value) }
    }

    fn saved(seq: i64, received_ms: i64) -> Record {
        Record::Saved { row: row(seq, seq), received_ms, counts: true, took: Duration::ZERO }
    }

    fn stored(seq: i64, value: i64) -> Stored {
        Stored { row: row(seq, value), received_ms: 100 + seq }
    }

    /// Three attempts: the first two are acknowledged.
    fn checker() -> Checker {
        let checker = Checker::default();
        for seq in 1..=3 {
            checker.note(&Record::Attempted(row(seq, seq)));
        }
        checker.note(&saved(1, 101));
        checker.note(&saved(2, 102));
        checker
    }

    #[test]
    fn what_is_stored_as_promised_is_clean_also_when_an_ack_was_lost() {
        let findings = checker().compare(&[stored(1, 1), stored(2, 2), stored(3, 3)]);
        assert!(findings.clean(), "{findings:?}");
        assert_eq!((findings.attempted, findings.acked, findings.stored), (3, 2, 3));
        assert!(checker().compare(&[stored(1, 1), stored(2, 2)]).clean(), "what was never acknowledged may be absent");
    }

    #[test]
    fn a_choice_is_a_set() {
        assert!(same(&json!(["b", "a"]), &json!(["a", "b"])));
        assert!(
            !same(&json!(["b"]), &json!(["a", "b"])) && !same(&json!("a"), &json!(["a"])) && same(&json!(null), &json!(null))
        );
    }

    #[test]
    fn each_broken_promise_is_found() {
        let key = |seq| vec![("cd_1".to_owned(), 1, seq)];
        assert_eq!(checker().compare(&[stored(1, 1)]).lost, key(2));
        assert_eq!(checker().compare(&[stored(1, 1), stored(2, 2), stored(4, 4)]).phantom, key(4));
        assert_eq!(checker().compare(&[stored(1, 9), stored(2, 2)]).altered, key(1));
        assert_eq!(checker().compare(&[stored(1, 1), stored(2, 2), stored(2, 2)]).duplicated, key(2));
        let moved = Stored { received_ms: 7, ..stored(2, 2) };
        assert_eq!(checker().compare(&[stored(1, 1), moved]).altered, key(2));
    }

    #[test]
    fn an_answer_settled_in_two_ways_is_found() {
        let all = [stored(1, 1), stored(2, 2)];
        let twice = checker();
        twice.note(&Record::Refused { row: row(1, 1), code: "conflict".to_owned() });
        assert_eq!(twice.compare(&all).contradicted.len(), 1);
        let moved = checker();
        moved.note(&saved(2, 103));
        assert_eq!(moved.compare(&all).contradicted.len(), 1);
        let refused = checker();
        refused.note(&Record::Refused { row: row(3, 3), code: "wrong_shape".to_owned() });
        assert_eq!(refused.compare(&[stored(1, 1), stored(2, 2), stored(3, 3)]).phantom.len(), 1);
        let lost = checker();
        lost.note(&Record::Lost { candidate: "cd_1".to_owned(), pen: 1, seq: 1 });
        assert!(!lost.compare(&all).clean());
    }
}
