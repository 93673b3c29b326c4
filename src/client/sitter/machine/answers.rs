//! Answers and the hand-in: what leaves, what is settled, what waits.

use std::time::Duration;

use serde_json::Value;

use super::{Act, Machine, Submit};
use crate::client::outbox::{NotQueued, Pushed, Refused};
use crate::client::sitter::{Event, Record, Row};
use crate::protocol::{AnswerFrame, ClientFrame, RefusedFrame, SavedItem, SubmittedFrame};

/// Answers that may leave at once on a connection, and then in a second: what a long outage left must not look like a flood.
pub(super) const BURST_ANSWERS: f64 = 100.0;
/// The same, in a second.
pub(super) const ANSWERS_PER_SECOND: f64 = 20.0;

impl Machine {
    pub(super) fn on_saved(&mut self, pen: i64, item: &SavedItem, now: Duration) {
        let Some(answer) = self.outbox.on_saved(pen, item, now) else { return };
        self.refusals = 0;
        self.view.report.acked += 1;
        self.record(|| Record::Saved {
            row: self.row(&answer),
            received_ms: item.received_ms,
            counts: item.counts,
            took: now.saturating_sub(answer.stamp),
        });
        let (received_ms, counts, why) = (item.received_ms, item.counts, item.why.clone());
        self.events.push_back(Event::Saved { answer, received_ms, counts, why });
    }

    pub(super) fn on_refused(&mut self, refused: &RefusedFrame, now: Duration) -> Act {
        if self.submit == Submit::Sent(refused.seq) && self.outbox.pen() == Some(refused.pen) {
            self.on_submit_refused(refused, now);
        } else {
            match self.outbox.on_refused(refused) {
                Refused::Held => self.retry_later(now),
                Refused::Final(answer) => self.refuse(&answer, &refused.code),
                Refused::NotMine => {}
            }
        }
        self.pump(now);
        Act::Stay
    }

    pub(super) fn refuse(&mut self, answer: &Pushed, code: &str) {
        self.view.report.refused += 1;
        self.record(|| Record::Refused { row: self.row(answer), code: code.to_owned() });
        let key = Some((answer.pen, answer.seq));
        self.events.push_back(Event::Refused { key, question: answer.question.clone(), code: code.to_owned() });
    }

    pub(super) fn on_submit_refused(&mut self, refused: &RefusedFrame, now: Duration) {
        self.submit = Submit::Idle;
        let code = refused.code.clone();
        if let Some(ranges) = &refused.missing {
            let pen = refused.pen;
            let missing = self.outbox.on_missing(ranges);
            self.view.report.lost += missing.lost.len() as u64;
            for &seq in &missing.lost {
                self.record(|| Record::Lost { candidate: self.candidate.clone(), pen, seq });
            }
            // Something has changed on this side, so that the next hand-in is another one; else it would go on for ever.
            if missing.again > 0 || !missing.lost.is_empty() {
                self.submit = Submit::Wanted;
            }
        } else if refused.retry {
            self.submit = Submit::Wanted;
            self.retry_later(now);
        }
        self.events.push_back(Event::SubmitRefused { code });
    }

    pub(super) fn retry_later(&mut self, now: Duration) {
        if self.retry_at.is_none() {
            self.refusals += 1;
            self.retry_at = Some(now + self.jitter(self.refusals));
        }
    }

    pub(super) fn on_submitted(&mut self, submitted: SubmittedFrame) {
        self.submit = Submit::Idle;
        self.view.report.submitted = true;
        "ended".clone_into(&mut self.view.phase);
        self.view.submitted = Some(submitted.clone());
        self.events.push_back(Event::Submitted(submitted));
    }

    pub(super) fn answer(&mut self, question: String, value: Value, stamp: Duration) {
        match self.outbox.push(&question, value.clone(), stamp) {
            Ok(AnswerFrame { seq, .. }) => {
                self.view.report.attempted += 1;
                let pen = self.outbox.pen().unwrap_or_default();
                let candidate = self.candidate.clone();
                self.record(|| Record::Attempted(Row { candidate, pen, seq, question, value }));
            }
            Err(cause) => {
                self.view.report.not_queued += 1;
                let code = if cause == NotQueued::NoPen { "no_pen" } else { "outbox_full" };
                self.events.push_back(Event::Refused { key: None, question, code: code.to_owned() });
            }
        }
    }

    /// Queues whatever may be sent now.
    pub(super) fn pump(&mut self, now: Duration) {
        self.view.unsaved = self.outbox.unsaved();
        if !self.view.connected {
            return;
        }
        let earned = now.saturating_sub(self.allowed_at).as_secs_f64() * ANSWERS_PER_SECOND;
        self.allowance = (self.allowance + earned).min(BURST_ANSWERS);
        self.allowed_at = now;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and BURST_ANSWERS")]
        let due = self.outbox.due(self.allowance as usize);
        #[expect(clippy::cast_precision_loss, reason = "a window of answers")]
        let sent = due.len() as f64;
        self.allowance -= sent;
        self.frames.extend(due.into_iter().map(ClientFrame::Answer));
        let ready = self.submit == Submit::Wanted && self.outbox.unsaved() == 0 && self.retry_at.is_none();
        if ready && let Some(seq) = self.outbox.number() {
            self.submit = Submit::Sent(seq);
            self.frames.push_back(ClientFrame::Submit { seq, have: self.outbox.have() });
        }
    }

    /// Whether answers wait that the socket does not take: the exam is over here, and a restored store has sent them back. Asked once.
    pub(in crate::client::sitter) fn stranded(&mut self) -> bool {
        let over = self.view.connected && self.outbox.pen().is_none() && self.view.phase == "ended";
        std::mem::take(&mut self.returned) && over && self.outbox.unsaved() > 0
    }

    /// What the server said about answers that were sent without a socket.
    pub(in crate::client::sitter) fn on_posted(&mut self, items: &[Value], now: Duration) {
        for item in items {
            let number = |name: &str| item.get(name).and_then(Value::as_i64);
            let text = |name: &str| item.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
            let flag = |name: &str| item.get(name).and_then(Value::as_bool).unwrap_or_default();
            let (Some(pen), Some(seq)) = (number("pen"), number("seq")) else { continue };
            if let Some(code) = text("code") {
                let (retry, proof) = (flag("retry"), text("proof"));
                let refused = RefusedFrame { pen, seq, code, detail: String::new(), retry, proof, missing: None };
                self.on_refused(&refused, now);
            } else if let Some(received_ms) = text("received_at").and_then(|at| instant(&at)) {
                self.on_saved(
                    pen,
                    &SavedItem { seq, received_ms, counts: flag("counts"), why: text("why"), proof: text("proof") },
                    now,
                );
            }
            // Neither: nobody knows whether it is committed, so it is still to be sent.
        }
        self.view.unsaved = self.outbox.unsaved();
    }

    pub(super) fn row(&self, answer: &Pushed) -> Row {
        let Pushed { pen, seq, question, value, .. } = answer.clone();
        Row { candidate: self.candidate.clone(), pen, seq, question, value }
    }
}

fn instant(text: &str) -> Option<i64> {
    crate::time::parse_rfc3339(text).ok()
}
