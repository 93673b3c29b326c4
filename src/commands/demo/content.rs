//! The exam of the demo: twelve questions of every kind, and a class that is invented.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Value, json};

/// Half an hour, a second device has to be let in.
pub(super) fn exam() -> Value {
    json!({
        "title": "General knowledge, term 1",
        "instructions": "Twelve questions, thirty minutes. Your answers are saved by themselves.",
        "duration_seconds": 1800,
        "timing": "with_room",
        "takeover": "ask",
        "shuffle_options": true,
    })
}

fn options(texts: &[(&str, &str)]) -> Value {
    texts.iter().map(|(id, body)| json!({ "id": id, "body": body })).collect()
}

fn single(id: &str, body: &str, choices: &[(&str, &str)], right: &str) -> Value {
    json!({ "id": id, "kind": "single", "points": 1, "body": body, "options": options(choices), "key": { "options": [right] } })
}

fn true_false(id: &str, body: &str, right: &str) -> Value {
    let choices = [("true", "True"), ("false", "False")];
    json!({ "id": id, "kind": "true_false", "points": 1, "body": body, "options": options(&choices), "key": { "options": [right] } })
}

/// Every kind of question, with its key.
pub(super) fn paper() -> Value {
    let oceans = [("p", "Pacific"), ("a", "Atlantic"), ("i", "Indian"), ("r", "Arctic")];
    let metals = [("fe", "Iron"), ("o", "Oxygen"), ("cu", "Copper"), ("n", "Nitrogen")];
    let primes = [("n2", "2"), ("n9", "9"), ("n13", "13"), ("n21", "21")];
    json!({ "questions": [
        single("ocean", "Which ocean is the largest?", &oceans, "p"),
        single("author", "Who wrote *Hamlet*?", &[("s", "Shakespeare"), ("g", "Goethe"), ("c", "Cervantes")], "s"),
        single("year", "When did the Berlin Wall fall?", &[("y61", "1961"), ("y89", "1989"), ("y91", "1991")], "y89"),
        { "id": "metals", "kind": "multiple", "points": 2, "scoring": "partial", "body": "Which of these are metals?",
          "options": options(&metals), "key": { "options": ["fe", "cu"] } },
        { "id": "primes", "kind": "multiple", "points": 2, "body": "Which of these numbers are prime?",
          "options": options(&primes), "key": { "options": ["n2", "n13"] } },
        true_false("whale", "A whale is a fish.", "false"),
        true_false("light", "Light is faster than sound.", "true"),
        { "id": "boil", "kind": "numeric", "points": 1, "body": "At how many degrees Celsius does water boil at sea level?",
          "key": { "value": "100", "tolerance": "1" } },
        { "id": "area", "kind": "numeric", "points": 1, "body": "A rectangle is 3.5 m by 4 m. What is its area in square metres?",
          "key": { "value": "14", "tolerance": "0.01" } },
        { "id": "capital", "kind": "short", "points": 1, "body": "What is the capital of France?", "key": { "accept": ["Paris"] } },
        { "id": "gas", "kind": "short", "points": 1, "body": "Which gas do plants take from the air?",
          "key": { "accept": ["carbon dioxide", "CO2"] } },
        { "id": "essay", "kind": "essay", "points": 6, "body": "Should schools start later in the morning? Give two reasons." },
    ] })
}

/// What a class that has learned would write.
pub(super) fn right_answers() -> HashMap<String, Value> {
    let paper = paper();
    let questions = paper["questions"].as_array().cloned().unwrap_or_default();
    let right = |q: &Value| {
        let key = &q["key"];
        let first = key["accept"].get(0).cloned();
        let value = [key.get("options").cloned(), key.get("value").cloned(), first].into_iter().flatten().next()?;
        Some((q["id"].as_str()?.to_owned(), value))
    };
    questions.iter().filter_map(right).collect()
}

const GIVEN: [&str; 20] = [
    "Ada", "Bo", "Chen", "Dana", "Elif", "Finn", "Greta", "Hana", "Ivan", "Jun", "Kofi", "Lina", "Mei", "Noor", "Oskar", "Priya",
    "Quinn", "Rosa", "Sami", "Tao",
];
const FAMILY: [&str; 7] = ["Abend", "Berg", "Costa", "Demir", "Evans", "Fischer", "Garcia"];

/// A class as CSV; the first seat is free for whoever is curious. Every ninth has a quarter more time.
pub(super) fn roster(candidates: u32) -> String {
    let mut csv = "name,number,class,seat,extra percent\nYou,1000,10b,00,\n".to_owned();
    for index in 0..candidates as usize {
        let (given, family) = (GIVEN[index % GIVEN.len()], FAMILY[(index * 3 + index / GIVEN.len()) % FAMILY.len()]);
        let extra = if index % 9 == 4 { "25" } else { "" };
        let _ = writeln!(csv, "{given} {family},{},10b,{:02},{extra}", 1001 + index, index + 1);
    }
    csv
}
