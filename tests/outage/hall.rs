//! A room on the real program with candidates in it, and what the API says of them.
#![allow(dead_code, reason = "each test binary uses its own part of this file")]

use std::collections::BTreeMap;
use std::time::Duration;

use invigil::client::rest::fresh_key;
use invigil::client::sitter::{Setup, View};
use invigil::client::{Problem, Rest, Sitter};
use invigil::time::{Time, parse_rfc3339};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::process::Process;
use crate::support::room::{PASSWORD, Room, TEACHER, short_questions, text};
use crate::support::site::Site;

/// Longest wait for something that takes a second or two on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One line of the live table, in Unix ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub phase: String,
    pub presence: String,
    pub deadline: Option<i64>,
    pub ended: Option<i64>,
    pub ended_by: Option<String>,
}

/// The program, the room, the candidates.
pub struct Hall {
    pub site: Site,
    pub server: Process,
    pub room: Room,
    pub sitters: Vec<Sitter>,
    /// This test's own clock.
    pub time: Time,
}

impl Hall {
    /// Starts the program and lets `people` in; `exam` is what the exam says besides.
    pub async fn enter(site: Site, server: Process, people: usize, exam: Value) -> Self {
        let room = Room::running(&site.base(), people, exam, short_questions(3)).await.unwrap();
        let (mut sitters, time) = (Vec::new(), Time::anchored(0));
        for (seed, (_, code)) in (0..).zip(&room.codes) {
            let setup = Setup { wait_cap: Duration::from_secs(1), ..Setup::new(time.clone(), CancellationToken::new(), seed) };
            sitters.push(Sitter::enter(&room.staff, code, &setup).await.unwrap());
        }
        let hall = Self { site, server, room, sitters, time };
        hall.everybody(|view| view.paper.is_some()).await;
        // Whoever is not known to be here would not be known to have gone.
        hall.wait("everybody known to be connected", |rows| rows.values().all(|row| row.presence == "connected")).await;
        hall
    }

    /// On a fresh database, with the program as it is.
    pub async fn on(url: Option<String>, people: usize, exam: Value) -> Self {
        let (site, server) = tokio::task::block_in_place(|| {
            let site = Site::new(url);
            let server = site.serve();
            (site, server)
        });
        Self::enter(site, server, people, exam).await
    }

    pub fn candidate(&self, n: usize) -> &str {
        &self.room.codes[n].0
    }

    /// Waits until all of them see it so.
    pub async fn everybody(&self, wanted: impl Fn(&View) -> bool) {
        for sitter in &self.sitters {
            let seen = sitter.until(PATIENCE, &wanted).await;
            seen.unwrap_or_else(|view| panic!("not seen: {view:?}\n{}", self.site.log()));
        }
    }

    /// The live table by candidate.
    pub async fn rows(&self) -> Result<BTreeMap<String, Line>, Problem> {
        self.rows_as(&self.room.staff).await
    }

    /// The same by another session.
    pub async fn rows_as(&self, staff: &Rest) -> Result<BTreeMap<String, Line>, Problem> {
        let status = staff.status(&self.room.id).await?;
        let instant = |value: &Value| value.as_str().map(|text| parse_rfc3339(text).unwrap());
        let line = |row: &Value| Line {
            phase: text(row, "phase"),
            presence: text(row, "presence"),
            deadline: instant(&row["deadline_at"]),
            ended: instant(&row["ended_at"]),
            ended_by: row["ended_by"].as_str().map(str::to_owned),
        };
        Ok(status["rows"].as_array().unwrap().iter().map(|row| (text(row, "candidate"), line(row))).collect())
    }

    /// Waits until the table is as wanted; a server that is away is waited for too.
    pub async fn wait(&self, what: &str, wanted: impl Fn(&BTreeMap<String, Line>) -> bool) -> BTreeMap<String, Line> {
        let begun = self.time.mono();
        loop {
            let seen = self.rows().await;
            if let Ok(rows) = &seen
                && wanted(rows)
            {
                return rows.clone();
            }
            assert!(self.time.mono().saturating_sub(begun) < PATIENCE, "{what}: {seen:?}\n{}", self.site.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sets a candidate's deadline to lie `seconds` ahead, or up to a second more, and returns it.
    pub async fn leave(&self, n: usize, seconds: i64) -> i64 {
        let (id, rows) = (self.candidate(n).to_owned(), self.rows().await.unwrap());
        let now = self.now().await;
        let left = (rows[&id].deadline.unwrap() - now) / 1000;
        let body = json!({ "seconds": seconds - left, "candidates": [id], "reason": { "code": "other" } });
        let change = self.room.staff.extend(&self.room.id, body, &fresh_key()).await.unwrap();
        let deadline = parse_rfc3339(change["affected"][0]["after"]["deadline_at"].as_str().unwrap()).unwrap();
        self.wait("the new deadline", |rows| rows[&id].deadline == Some(deadline)).await;
        deadline
    }

    /// The server's trusted time.
    pub async fn now(&self) -> i64 {
        self.now_as(&self.room.staff).await
    }

    /// The same by another session.
    pub async fn now_as(&self, staff: &Rest) -> i64 {
        parse_rfc3339(&text(&staff.clock(&self.room.id).await.unwrap(), "now_at")).unwrap()
    }

    /// Outages of the room: (number, length in ms, state), oldest first.
    pub async fn outages(&self) -> Result<Vec<(i64, i64, String)>, Problem> {
        let list = self.room.staff.outages(&self.room.id).await?;
        let outages = list["items"].as_array().unwrap().iter();
        let instant = |item: &Value, name: &str| parse_rfc3339(&text(item, name)).unwrap();
        let read = |item: &Value| {
            let length = instant(item, "to_at") - instant(item, "from_at");
            (item["outage"].as_i64().unwrap(), length, text(item, "state"))
        };
        Ok(outages.map(read).collect())
    }

    /// Effective ledger entries of a kind.
    pub async fn changes(&self, kind: &str) -> Vec<Value> {
        self.changes_as(&self.room.staff, kind).await
    }

    /// The same by another session.
    pub async fn changes_as(&self, staff: &Rest, kind: &str) -> Vec<Value> {
        let clock = staff.clock(&self.room.id).await.unwrap();
        clock["changes"].as_array().unwrap().iter().filter(|change| change["kind"] == kind).cloned().collect()
    }

    /// Starts the program again.
    pub fn serve(&mut self) {
        self.server = tokio::task::block_in_place(|| self.site.serve());
    }

    /// Answers by everybody, ten times a second, until `work` is done.
    pub async fn under_load<T>(&self, work: impl Future<Output = T>) -> T {
        let load = async {
            let mut n = 0;
            loop {
                for sitter in &self.sitters {
                    sitter.answer(&format!("q{}", n % 3 + 1), json!(format!("answer {n}"))).await;
                }
                n += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::select! {
            () = load => unreachable!("it goes on"),
            done = work => done,
        }
    }
}

/// Signs in as the teacher once more: the program keeps the session over a restart, but its token lives for minutes only.
pub async fn sign_in(site: &Site) -> Rest {
    Rest::new(site.base()).unwrap().login(TEACHER, PASSWORD).await.unwrap().0
}
