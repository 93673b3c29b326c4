//! A room that runs, made through the API as a teacher makes it, and its answers read back the same way.

use invigil::client::checker::Stored;
use invigil::client::rest::fresh_key;
use invigil::client::sitter::Row;
use invigil::client::{Problem, Rest};
use invigil::time::parse_rfc3339;
use serde_json::{Value, json};
use url::Url;

/// Sign-in name of the teacher of every test room.
pub const TEACHER: &str = "ada";
/// The teacher's password.
pub const PASSWORD: &str = "correct horse battery";

/// A room and who is in charge of it.
pub struct Room {
    /// Speaks as the teacher.
    pub staff: Rest,
    /// Its id.
    pub id: String,
    /// Entry codes by candidate, in the order of the roster.
    pub codes: Vec<(String, String)>,
}

impl Room {
    /// Signs in, makes exam, paper, room and roster, opens and starts. `exam` is what an exam may say besides its title.
    pub async fn running(base: &Url, people: usize, exam: Value, questions: Value) -> Result<Self, Problem> {
        let (staff, _) = Rest::new(base.clone())?.login(TEACHER, PASSWORD).await?;
        let mut body = json!({ "title": "Trial", "duration_seconds": 3600, "timing": "with_room", "takeover": "ask" });
        for (name, value) in exam.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let exam = text(&staff.create_exam(body).await?, "id");
        staff.put_paper(&exam, json!({ "questions": questions }), "\"v0\"").await?;
        let room = staff.create_room(json!({ "exam": exam, "location": "Hall 1", "zone": "Europe/Berlin" })).await?;
        let id = text(&room, "id");
        let people: Vec<String> = (0..people).map(|n| format!("Candidate {n},{},10a,{n}\n", 1000 + n)).collect();
        staff.import_roster(&id, format!("name,number,class,seat\n{}", people.concat())).await?;
        let codes = staff.entry_codes(&id).await?;
        staff.open(&id, json!({}), &fresh_key()).await?;
        staff.start(&id, json!({}), &fresh_key()).await?;
        Ok(Self { staff, id, codes })
    }

    /// Every stored answer, also those that do not count.
    pub async fn stored(&self) -> Result<Vec<Stored>, Problem> {
        let mut all = Vec::new();
        for (candidate, _) in &self.codes {
            let answers = self.staff.answers_of(&self.id, candidate).await?;
            let items = answers["items"].as_array().expect("a list of answers");
            all.extend(items.iter().map(|item| stored(candidate, item)));
        }
        Ok(all)
    }
}

fn stored(candidate: &str, item: &Value) -> Stored {
    let number = |name: &str| item[name].as_i64().unwrap_or_else(|| panic!("no {name} in {item}"));
    let row = Row {
        candidate: candidate.to_owned(),
        pen: number("pen"),
        seq: number("seq"),
        question: text(item, "question"),
        value: item["value"].clone(),
    };
    Stored { row, received_ms: parse_rfc3339(&text(item, "received_at")).expect("an instant") }
}

/// A member of an object, as text.
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

/// Short questions `q1`, `q2` and so on: any text is an answer.
pub fn short_questions(count: usize) -> Value {
    (1..=count)
        .map(|n| json!({ "id": format!("q{n}"), "kind": "short", "points": 1, "body": format!("Question {n}?"), "key": { "accept": ["yes"] } }))
        .collect()
}
