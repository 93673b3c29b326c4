//! The line: when a connection is over, whether and when to come back.

use std::time::Duration;

use rand::Rng;

use super::{Act, Machine, Submit};
use crate::client::Problem;
use crate::client::sitter::{Ending, Event};
use crate::protocol::Close;

/// Codes of a connection's refusal that mean another device writes now.
const TAKEN: &[&str] = &["pen_superseded"];

impl Machine {
    pub(super) fn on_bye(&mut self, code: u16, reason: String, reconnect: bool, after_ms: (i64, i64)) -> Act {
        if code == Close::Superseded.code() {
            return Act::Leave(Ending::Superseded);
        }
        if !reconnect || code >= 4500 {
            return Act::Leave(Ending::Refused(reason));
        }
        self.asked_wait = Some(after_ms);
        Act::Stay
    }

    /// The socket is over: whether and when to come back.
    pub(in crate::client::sitter) fn on_closed(&mut self, code: Option<u16>) -> Act {
        self.gone();
        self.events.push_back(Event::Disconnected(code));
        match code {
            Some(code) if code == Close::Superseded.code() => Act::Leave(Ending::Superseded),
            Some(code) if code >= 4500 => Act::Leave(Ending::Refused(format!("closed with {code}"))),
            _ => Act::Again(self.wait()),
        }
    }

    /// No connection came about: whether and when to try again.
    pub(in crate::client::sitter) fn on_problem(&mut self, problem: Problem) -> Act {
        self.view.report.failures += 1;
        let act = if problem.may_retry() {
            Act::Again(self.wait().max(problem.retry_after.unwrap_or_default()))
        } else if TAKEN.contains(&problem.code.as_str()) {
            Act::Leave(Ending::Superseded)
        } else {
            Act::Leave(Ending::Refused(problem.code.clone()))
        };
        self.events.push_back(Event::NotConnected(problem));
        act
    }

    pub(super) fn gone(&mut self) {
        self.view.connected = false;
        self.view.asking = None;
        self.view.asked = None;
        self.changed = true;
        self.sync_at = None;
        self.frames.clear();
        self.outbox.disconnected();
        if let Submit::Sent(_) = self.submit {
            self.submit = Submit::Wanted;
        }
    }

    /// The wait before the next attempt: a random part of what is allowed, so that many that were cut together do not come
    /// back together.
    pub(super) fn wait(&mut self) -> Duration {
        let cap = self.setup.wait_cap;
        self.attempts += 1;
        if let Some((least, most)) = self.asked_wait.take() {
            let [least, most] = [least, most].map(|ms| Duration::from_millis(ms.max(0).unsigned_abs()).min(cap));
            return self.rng.random_range(least..=most.max(least));
        }
        self.jitter(self.attempts)
    }

    pub(super) fn jitter(&mut self, attempt: u32) -> Duration {
        let most = self.setup.first_wait.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.setup.wait_cap);
        self.rng.random_range(Duration::ZERO..=most)
    }

    /// It will not come back.
    pub(in crate::client::sitter) fn end(&mut self, ending: Ending) {
        self.gone();
        self.view.report.ending = ending.clone();
        self.view.report.unsaved = self.outbox.unsaved() as u64;
        self.view.unsaved = self.outbox.unsaved();
        self.events.push_back(Event::Stopped(ending));
    }
}
