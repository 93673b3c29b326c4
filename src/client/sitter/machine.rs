//! The rules of a sitter, without a socket: frames, commands and instants in; frames, events and a verdict out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use rand::rngs::StdRng;

use super::{Command, Ending, Event, Paper, Record, Row, Setup, View};
use crate::client::Problem;
use crate::client::offset::Offset;
use crate::client::outbox::{NotQueued, Outbox, Pushed, Refused};
use crate::protocol::{
    AnswerFrame, ClientFrame, ClockFrame, Close, RefusedFrame, SavedItem, ServerFrame, SubmittedFrame, Welcome,
};

/// Exchanges of a burst after `welcome`.
const BURST: u32 = 6;
/// Between two exchanges of a burst.
const BURST_GAP: Duration = Duration::from_millis(150);
/// Between two exchanges later.
const SYNC_GAP: Duration = Duration::from_secs(20);
/// Answers that may leave at once on a connection, and then in a second: what a long outage left must not look like a flood.
const BURST_ANSWERS: f64 = 100.0;
/// The same, in a second.
const ANSWERS_PER_SECOND: f64 = 20.0;
/// Codes of a connection's refusal that mean another device writes now.
const TAKEN: &[&str] = &["pen_superseded"];

/// What the socket does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Goes on.
    Stay,
    /// Cuts the connection and connects again after the wait.
    Again(Duration),
    /// Ends.
    Leave(Ending),
}

/// How far a hand-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Submit {
    Idle,
    Wanted,
    Sent(i64),
}

/// One device of one candidate.
pub(super) struct Machine {
    candidate: String,
    setup: Setup,
    rng: StdRng,
    pub(super) outbox: Outbox,
    submit: Submit,
    offset: Offset,
    frames: VecDeque<ClientFrame>,
    events: VecDeque<Event>,
    pub(super) view: View,
    /// Whether the view has something new.
    pub(super) changed: bool,
    heard: Duration,
    ticked: Option<Duration>,
    syncs: u32,
    sync_at: Option<Duration>,
    /// When what the server refused for its own reasons is sent again.
    retry_at: Option<Duration>,
    /// Answers that may leave now, and when that was known.
    allowance: f64,
    allowed_at: Duration,
    /// Such refusals in a row.
    refusals: u32,
    /// Connections in a row that were not welcomed.
    attempts: u32,
    /// The wait a `bye` asked for.
    asked_wait: Option<(i64, i64)>,
}

impl Machine {
    pub(super) fn new(candidate: String, setup: Setup) -> Self {
        let rng = rand::SeedableRng::seed_from_u64(setup.seed);
        Self {
            candidate,
            setup,
            rng,
            outbox: Outbox::default(),
            submit: Submit::Idle,
            offset: Offset::default(),
            frames: VecDeque::new(),
            events: VecDeque::new(),
            view: View::default(),
            changed: false,
            heard: Duration::ZERO,
            ticked: None,
            syncs: 0,
            sync_at: None,
            retry_at: None,
            allowance: BURST_ANSWERS,
            allowed_at: Duration::ZERO,
            refusals: 0,
            attempts: 0,
            asked_wait: None,
        }
    }

    /// What to send, oldest first.
    pub(super) fn take_frames(&mut self) -> VecDeque<ClientFrame> {
        std::mem::take(&mut self.frames)
    }

    /// What to tell, oldest first.
    pub(super) fn take_events(&mut self) -> VecDeque<Event> {
        std::mem::take(&mut self.events)
    }

    /// The socket is open; nothing is sent before `welcome`.
    pub(super) fn opened(&mut self, now: Duration) {
        self.heard = now;
        self.ticked = None;
        self.allowance = BURST_ANSWERS;
        self.allowed_at = now;
    }

    /// Something came, whatever it was.
    pub(super) fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// A frame of an unknown kind came.
    pub(super) fn unknown(&mut self, text: String) {
        self.view.report.unknown += 1;
        self.events.push_back(Event::Unknown(text));
    }

    /// A frame came.
    pub(super) fn on_frame(&mut self, frame: ServerFrame, now: Duration) -> Act {
        self.heard = now;
        self.changed |= !matches!(frame, ServerFrame::Tick { .. });
        match frame {
            ServerFrame::Welcome(welcome) => self.on_welcome(welcome, now),
            ServerFrame::Paper { version, questions, html: _ } => {
                let paper = Arc::new(Paper { version, questions: questions.unwrap_or_default() });
                self.view.paper = Some(Arc::clone(&paper));
                self.events.push_back(Event::Paper(paper));
            }
            ServerFrame::Clock(clock) => self.on_clock(clock),
            ServerFrame::Tick { rev, now_ms, remaining_ms } => self.on_tick(rev, now_ms, remaining_ms, now),
            ServerFrame::Saved { pen, items } => items.iter().for_each(|item| self.on_saved(pen, item, now)),
            ServerFrame::Refused(refused) => return self.on_refused(&refused, now),
            ServerFrame::Submitted(submitted) => self.on_submitted(submitted),
            ServerFrame::Sync { id: _, t0, t1, t2 } => self.on_sync(t0, t1, t2, now),
            ServerFrame::Takeover { id, at_ms: _ } => {
                self.view.asked = Some(id.clone());
                self.events.push_back(Event::Takeover { id });
            }
            ServerFrame::Error { code, .. } => {
                // A newcomer that waits for the pen is told no.
                let denied = self.view.asking.is_some() && matches!(code.as_str(), "takeover_refused" | "pen_held");
                self.events.push_back(Event::Error { code: code.clone() });
                if denied {
                    return Act::Leave(Ending::Refused(code));
                }
            }
            ServerFrame::Bye { code, reason, reconnect, after_ms } => return self.on_bye(code, reason, reconnect, after_ms),
            ServerFrame::Rooms { .. } => {}
        }
        self.pump(now);
        Act::Stay
    }

    fn on_welcome(&mut self, welcome: Box<Welcome>, now: Duration) {
        self.attempts = 0;
        self.asked_wait = None;
        let own = welcome.answers.iter().filter(|answer| Some(answer.pen) == welcome.pen);
        let greatest = own.map(|answer| answer.seq).max().unwrap_or(0);
        // A second welcome on the same socket is the same connection: time has begun, or the pen was given.
        if !self.view.connected {
            self.outbox.disconnected();
            self.retry_at = None;
            self.view.report.connects += 1;
        }
        self.outbox.welcome(welcome.pen, greatest, usize::try_from(welcome.limits.window).unwrap_or(1));
        self.view.connected = true;
        self.view.pen = welcome.pen;
        self.view.asking = welcome.takeover.as_ref().map(|request| request.id.clone());
        self.view.phase.clone_from(&welcome.clock.phase);
        self.view.clock = Some(Arc::new(welcome.clock.clone()));
        if welcome.clock.phase != "ended" {
            self.view.submitted = None;
        }
        if self.setup.sync {
            self.syncs = 0;
            self.sync_at = Some(now);
        }
        self.events.push_back(Event::Welcome(welcome));
    }

    fn on_clock(&mut self, clock: ClockFrame) {
        // Newer replaces older; of equal revs the later one wins, because begin and hand-in carry none.
        if self.view.clock.as_ref().is_some_and(|known| known.rev > clock.rev) {
            return;
        }
        self.view.phase.clone_from(&clock.phase);
        if clock.phase != "ended" {
            self.view.submitted = None;
        }
        let clock = Arc::new(clock);
        self.view.clock = Some(Arc::clone(&clock));
        self.events.push_back(Event::Clock(clock));
    }

    fn on_tick(&mut self, rev: i64, now_ms: i64, remaining_ms: Option<i64>, now: Duration) {
        if let Some(before) = self.ticked.replace(now) {
            self.record(|| Record::Tick { gap: now.saturating_sub(before) });
        }
        if self.setup.ticks {
            self.events.push_back(Event::Tick { rev, now_ms, remaining_ms });
        }
    }

    fn on_saved(&mut self, pen: i64, item: &SavedItem, now: Duration) {
        let Some(answer) = self.outbox.on_saved(pen, item) else { return };
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

    fn on_refused(&mut self, refused: &RefusedFrame, now: Duration) -> Act {
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

    fn refuse(&mut self, answer: &Pushed, code: &str) {
        self.view.report.refused += 1;
        self.record(|| Record::Refused { row: self.row(answer), code: code.to_owned() });
        let key = Some((answer.pen, answer.seq));
        self.events.push_back(Event::Refused { key, question: answer.question.clone(), code: code.to_owned() });
    }

    fn on_submit_refused(&mut self, refused: &RefusedFrame, now: Duration) {
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

    fn retry_later(&mut self, now: Duration) {
        if self.retry_at.is_none() {
            self.refusals += 1;
            self.retry_at = Some(now + self.jitter(self.refusals));
        }
    }

    fn on_submitted(&mut self, submitted: SubmittedFrame) {
        self.submit = Submit::Idle;
        self.view.report.submitted = true;
        "ended".clone_into(&mut self.view.phase);
        self.view.submitted = Some(submitted.clone());
        self.events.push_back(Event::Submitted(submitted));
    }

    #[expect(clippy::cast_precision_loss, reason = "Unix milliseconds are below 2^53")]
    fn on_sync(&mut self, t0: f64, t1: i64, t2: i64, now: Duration) {
        let t3 = millis(now);
        if !self.offset.take(t0, t1 as f64, t2 as f64, t3) {
            self.syncs = 0;
            self.sync_at = Some(now);
        }
        self.view.offset = self.offset.estimate(t3);
    }

    fn on_bye(&mut self, code: u16, reason: String, reconnect: bool, after_ms: (i64, i64)) -> Act {
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
    pub(super) fn on_closed(&mut self, code: Option<u16>) -> Act {
        self.gone();
        self.events.push_back(Event::Disconnected(code));
        match code {
            Some(code) if code == Close::Superseded.code() => Act::Leave(Ending::Superseded),
            Some(code) if code >= 4500 => Act::Leave(Ending::Refused(format!("closed with {code}"))),
            _ => Act::Again(self.wait()),
        }
    }

    /// No connection came about: whether and when to try again.
    pub(super) fn on_problem(&mut self, problem: Problem) -> Act {
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

    fn gone(&mut self) {
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
    fn wait(&mut self) -> Duration {
        let cap = self.setup.wait_cap;
        self.attempts += 1;
        if let Some((least, most)) = self.asked_wait.take() {
            let [least, most] = [least, most].map(|ms| Duration::from_millis(ms.max(0).unsigned_abs()).min(cap));
            return self.rng.random_range(least..=most.max(least));
        }
        self.jitter(self.attempts)
    }

    fn jitter(&mut self, attempt: u32) -> Duration {
        let most = self.setup.first_wait.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.setup.wait_cap);
        self.rng.random_range(Duration::ZERO..=most)
    }

    /// A person does something.
    pub(super) fn on_command(&mut self, command: Command, now: Duration) -> Act {
        self.changed = true;
        match command {
            Command::Answer { question, value, stamp } => self.answer(question, value, stamp),
            Command::Submit => {
                if self.submit == Submit::Idle && self.view.submitted.is_none() {
                    self.submit = Submit::Wanted;
                }
            }
            Command::Attention(state) => self.say(ClientFrame::Attention { state }),
            Command::Seen(rev) => self.say(ClientFrame::Seen { rev: Some(rev) }),
            Command::Decide { id, allow } => {
                self.view.asked = None;
                self.say(ClientFrame::Takeover { id, allow });
            }
            Command::Drop(away) => {
                self.gone();
                self.events.push_back(Event::Disconnected(None));
                return Act::Again(away);
            }
            Command::Stop => return Act::Leave(Ending::Asked),
        }
        self.pump(now);
        Act::Stay
    }

    fn answer(&mut self, question: String, value: serde_json::Value, stamp: Duration) {
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

    /// What is told is only of use now: without a connection it is dropped.
    fn say(&mut self, frame: ClientFrame) {
        if self.view.connected {
            self.frames.push_back(frame);
        }
    }

    /// When something is due by itself.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        let silent = self.heard + self.setup.silent;
        // With less than one answer allowed there is one within this time.
        let next = self.allowed_at + Duration::from_secs_f64(1.0 / ANSWERS_PER_SECOND);
        let paced = (self.allowance < 1.0 && self.outbox.waits()).then_some(next);
        let connected = self.view.connected.then_some(silent);
        [connected, paced.filter(|_| self.view.connected), self.sync_at, self.retry_at].into_iter().flatten().min()
    }

    /// An instant has come.
    pub(super) fn on_timer(&mut self, now: Duration) -> Act {
        if self.view.connected && now >= self.heard + self.setup.silent {
            return self.on_closed(None);
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.retry_at = None;
            self.outbox.release();
        }
        if self.sync_at.is_some_and(|at| now >= at) {
            self.syncs += 1;
            self.sync_at = Some(now + if self.syncs < BURST { BURST_GAP } else { SYNC_GAP });
            let (id, t0) = (i64::from(self.syncs), millis(now));
            self.say(ClientFrame::Sync { id, t0 });
        }
        self.pump(now);
        Act::Stay
    }

    /// Queues whatever may be sent now.
    fn pump(&mut self, now: Duration) {
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

    /// What the server said about answers that were sent without a socket.
    pub(super) fn on_posted(&mut self, items: &[serde_json::Value], now: Duration) {
        for item in items {
            let number = |name: &str| item.get(name).and_then(serde_json::Value::as_i64);
            let text = |name: &str| item.get(name).and_then(serde_json::Value::as_str).map(ToOwned::to_owned);
            let flag = |name: &str| item.get(name).and_then(serde_json::Value::as_bool).unwrap_or_default();
            let (Some(pen), Some(seq)) = (number("pen"), number("seq")) else { continue };
            if let Some(code) = text("code") {
                let (retry, proof) = (flag("retry"), text("proof"));
                let refused = RefusedFrame { pen, seq, code, detail: String::new(), retry, proof, missing: None };
                self.on_refused(&refused, now);
            } else {
                let received_ms = number("received_ms").or_else(|| instant(&text("received_at")?)).unwrap_or_default();
                self.on_saved(pen, &SavedItem { seq, received_ms, counts: flag("counts"), why: text("why") }, now);
            }
        }
        self.view.unsaved = self.outbox.unsaved();
    }

    /// It will not come back.
    pub(super) fn end(&mut self, ending: Ending) {
        self.gone();
        self.view.report.ending = ending.clone();
        self.view.report.unsaved = self.outbox.unsaved() as u64;
        self.view.unsaved = self.outbox.unsaved();
        self.events.push_back(Event::Stopped(ending));
    }

    fn row(&self, answer: &Pushed) -> Row {
        let Pushed { pen, seq, question, value, .. } = answer.clone();
        Row { candidate: self.candidate.clone(), pen, seq, question, value }
    }

    fn record(&self, record: impl FnOnce() -> Record) {
        if let Some(recorder) = &self.setup.recorder {
            recorder(&record());
        }
    }
}

fn millis(at: Duration) -> f64 {
    at.as_secs_f64() * 1000.0
}

fn instant(text: &str) -> Option<i64> {
    crate::time::parse_rfc3339(text).ok()
}
