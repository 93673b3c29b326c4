//! Exams, rooms, candidates, results: what staff does.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Content, Reply, Rest};
use crate::client::Problem;

/// The verbs that take a body of `{candidates?, reason?, expected_rev?, ..}` and an idempotency key.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident;)*) => {$(
        $(#[$doc])*
        pub async fn $verb(&self, room: &str, body: Value, key: &str) -> Result<Value, Problem> {
            self.command(room, stringify!($verb), body, key).await
        }
    )*};
}

impl Rest {
    verbs! {
        /// Opens a room: candidates may come in.
        open;
        /// Starts its time.
        start;
        /// Stops time for the room or for candidates.
        pause;
        /// Lets it run again.
        resume;
        /// Gives or takes `seconds`.
        extend;
        /// Ends the room, or those without individual extra time (`spare`).
        end;
        /// Ends candidates for a reason.
        terminate;
        /// Lets candidates go on after their end.
        reopen;
        /// Gives back `seconds` that were lost.
        credit;
    }

    /// One verb of a room under an idempotency key: the same key again is the same command.
    pub async fn command(&self, room: &str, verb: &str, body: Value, key: &str) -> Result<Value, Problem> {
        let path = format!("/rooms/{room}/{verb}");
        Ok(self.call(Method::POST, &path, Content::Json(body), &[("Idempotency-Key", key)]).await?.json)
    }

    /// Takes a change back by a counter-entry.
    pub async fn revert(&self, room: &str, rev: i64, body: Value, key: &str) -> Result<Value, Problem> {
        self.command(room, &format!("clock/changes/{rev}/revert"), body, key).await
    }

    /// Times in which the service was away, and what became of each in a room.
    pub async fn outages(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/outages")).await
    }

    /// Incidents of a room, newest first.
    pub async fn incidents(&self, room: &str) -> Result<Vec<Value>, Problem> {
        self.list(&format!("/rooms/{room}/incidents")).await
    }

    /// Gives an outage back, or does not.
    pub async fn decide_outage(&self, room: &str, outage: i64, accept: bool) -> Result<Value, Problem> {
        self.post(&format!("/rooms/{room}/outages/{outage}"), json!({ "accept": accept })).await
    }

    /// Sets trusted time to the system clock, as administrator.
    pub async fn reanchor(&self, dry_run: bool) -> Result<Value, Problem> {
        self.post(&format!("/clock/reanchor?dry_run={dry_run}"), json!({})).await
    }

    /// Makes an exam.
    pub async fn create_exam(&self, exam: Value) -> Result<Value, Problem> {
        self.post("/exams", exam).await
    }

    /// An exam's paper with its entity tag.
    pub async fn paper_of(&self, exam: &str) -> Result<Reply, Problem> {
        self.call(Method::GET, &format!("/exams/{exam}/paper"), Content::Nothing, &[]).await
    }

    /// Replaces an exam's paper if it is still the one with this entity tag.
    pub async fn put_paper(&self, exam: &str, paper: Value, if_match: &str) -> Result<Reply, Problem> {
        let path = format!("/exams/{exam}/paper");
        self.call(Method::PUT, &path, Content::Json(paper), &[("If-Match", if_match)]).await
    }

    /// Makes a room.
    pub async fn create_room(&self, room: Value) -> Result<Value, Problem> {
        self.post("/rooms", room).await
    }

    /// A room.
    pub async fn room(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}")).await
    }

    /// A room's clock, counts and rows.
    pub async fn status(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/status")).await
    }

    /// A room's clock.
    pub async fn clock(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/clock")).await
    }

    /// What a change did to each candidate, and who has heard of it.
    pub async fn change(&self, room: &str, rev: i64) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/clock/changes/{rev}")).await
    }

    /// Imports a roster from CSV, all or nothing.
    pub async fn import_roster(&self, room: &str, csv: impl Into<Vec<u8>>) -> Result<Value, Problem> {
        let path = format!("/rooms/{room}/candidates");
        Ok(self.call(Method::POST, &path, Content::Csv(csv.into()), &[]).await?.json)
    }

    /// Adds one candidate.
    pub async fn add_candidate(&self, room: &str, candidate: Value) -> Result<Value, Problem> {
        self.post(&format!("/rooms/{room}/candidates"), candidate).await
    }

    /// Everybody expected in a room.
    pub async fn candidates(&self, room: &str) -> Result<Vec<Value>, Problem> {
        self.list(&format!("/rooms/{room}/candidates")).await
    }

    /// Sets a candidate's accommodation.
    pub async fn accommodate(&self, room: &str, candidate: &str, body: Value) -> Result<Value, Problem> {
        self.put(&format!("/rooms/{room}/candidates/{candidate}/accommodation"), body).await
    }

    /// Makes the entry codes that are missing and gives all of them: (candidate, code).
    pub async fn entry_codes(&self, room: &str) -> Result<Vec<(String, String)>, Problem> {
        let made = self.post(&format!("/rooms/{room}/entry-codes"), json!({})).await?;
        let text = |item: &Value, name: &str| item.get(name).map(super::id_in).filter(|text| !text.is_empty());
        let items = made.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let codes = items.iter().filter_map(|item| Some((text(item, "candidate")?, text(item, "code")?)));
        Ok(codes.collect())
    }

    /// Decides a request to take over, as staff.
    pub async fn decide_takeover(&self, room: &str, candidate: &str, id: &str, allow: bool) -> Result<Value, Problem> {
        let body = json!({ "id": id, "allow": allow });
        self.post(&format!("/rooms/{room}/candidates/{candidate}/takeover"), body).await
    }

    /// A candidate's answers, as staff.
    pub async fn answers_of(&self, room: &str, candidate: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/candidates/{candidate}/answers")).await
    }

    /// Lets answers count that did not: (pen, seq) each.
    pub async fn accept_answers(
        &self,
        room: &str,
        candidate: &str,
        keys: &[(i64, i64)],
        reason: Value,
    ) -> Result<Value, Problem> {
        let answers: Vec<Value> = keys.iter().map(|(pen, seq)| json!({ "pen": pen, "seq": seq })).collect();
        let body = json!({ "answers": answers, "reason": reason });
        self.post(&format!("/rooms/{room}/candidates/{candidate}/answers/accept"), body).await
    }

    /// Results of a room.
    pub async fn results(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/results")).await
    }

    /// Results of a room as a table.
    pub async fn results_csv(&self, room: &str) -> Result<Reply, Problem> {
        let path = format!("/rooms/{room}/results");
        self.call(Method::GET, &path, Content::Nothing, &[("Accept", "text/csv")]).await
    }

    /// Statistics of a room, question by question.
    pub async fn statistics(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/statistics")).await
    }

    /// Everything that happened in a room, oldest first.
    pub async fn timeline(&self, room: &str) -> Result<Vec<Value>, Problem> {
        self.list(&format!("/rooms/{room}/timeline")).await
    }
}
