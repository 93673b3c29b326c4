//! A candidate's whole path without a socket.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Rest, id_in};
use crate::client::Problem;
use crate::protocol::AnswerFrame;

/// A candidate that was let in by code.
#[derive(Clone)]
pub struct Entry {
    /// Speaks as the candidate.
    pub rest: Rest,
    /// Candidate id.
    pub candidate: String,
    /// Room id.
    pub room: String,
    /// The whole answer except the token.
    pub json: Value,
}

impl Rest {
    /// Enters by code: a fresh device.
    pub async fn enter(&self, code: &str) -> Result<Entry, Problem> {
        let mut json = self.anonymous().post("/auth/entry", json!({ "code": code })).await?;
        let token = json.get_mut("access_token").map(Value::take).unwrap_or_default();
        let (candidate, room) = (id_in(&json["candidate"]), id_in(&json["room"]));
        let Some(token) = token.as_str().filter(|_| !candidate.is_empty() && !room.is_empty()) else {
            return Err(Problem::unusable(200, "an entry without token, candidate or room", json));
        };
        Ok(Entry { rest: self.with_token(token), candidate, room, json })
    }

    /// Enters by code like a person who tries again when the server asks to wait: at most `attempts` times.
    pub async fn enter_patiently(&self, code: &str, attempts: u32, stop: &CancellationToken) -> Result<Entry, Problem> {
        let mut attempt = 1;
        loop {
            let problem = match self.enter(code).await {
                Err(problem) if problem.may_retry() && attempt < attempts => problem,
                other => return other,
            };
            // The server names the least wait; the rest is spread, so that those it sent away do not come back together.
            let least = problem.retry_after.unwrap_or_default();
            let spread = Duration::from_millis(rand::random_range(50..=250 * u64::from(attempt.min(8))));
            tokio::select! {
                () = stop.cancelled() => return Err(problem),
                () = tokio::time::sleep(least + spread) => attempt += 1,
            }
        }
    }

    /// Joins: a fresh device, or with `pen` one that comes back.
    pub async fn join(&self, room: &str, pen: Option<i64>) -> Result<Value, Problem> {
        let body = pen.map_or_else(|| json!({}), |pen| json!({ "pen": pen }));
        self.post(&format!("/rooms/{room}/candidates/me/join"), body).await
    }

    /// The paper, once it may be read.
    pub async fn my_paper(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/candidates/me/paper")).await
    }

    /// The candidate's answers with their values.
    pub async fn my_answers(&self, room: &str) -> Result<Value, Problem> {
        self.get(&format!("/rooms/{room}/candidates/me/answers")).await
    }

    /// Sends answers; each frame names its pen.
    pub async fn send_answers(&self, room: &str, frames: &[AnswerFrame]) -> Result<Value, Problem> {
        self.post(&format!("/rooms/{room}/candidates/me/answers"), json!({ "answers": frames })).await
    }

    /// Hands in.
    pub async fn submit(&self, room: &str, pen: i64, seq: i64, have: &[(i64, i64)]) -> Result<Value, Problem> {
        let body = json!({ "pen": pen, "seq": seq, "have": have });
        self.post(&format!("/rooms/{room}/candidates/me/submit"), body).await
    }
}
