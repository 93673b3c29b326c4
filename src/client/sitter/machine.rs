//! The rules of a sitter, without a socket: frames, commands and instants in; frames, events and a verdict out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;

use super::{Command, Ending, Event, Paper, Record, Setup, View};
use crate::client::offset::Offset;
use crate::client::outbox::Outbox;
use crate::protocol::{ClientFrame, ClockFrame, ServerFrame, Welcome};

/// Answers and the hand-in.
mod answers;
/// Messages and the hand.
mod letters;
/// When a connection is over.
mod line;

use answers::{ANSWERS_PER_SECOND, BURST_ANSWERS};

/// Exchanges of a burst after `welcome`.
const BURST: u32 = 6;
/// Between two exchanges of a burst.
const BURST_GAP: Duration = Duration::from_millis(150);
/// Between two exchanges later.
const SYNC_GAP: Duration = Duration::from_secs(20);

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
    written: Vec<letters::Written>,
    offset: Offset,
    frames: VecDeque<ClientFrame>,
    events: VecDeque<Event>,
    pub(super) view: View,
    /// Whether the view has something new.
    pub(super) changed: bool,
    opened: Duration,
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
    /// A whole state has come and what is left has not been looked at.
    returned: bool,
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
            written: Vec::new(),
            offset: Offset::default(),
            frames: VecDeque::new(),
            events: VecDeque::new(),
            view: View::default(),
            changed: false,
            opened: Duration::ZERO,
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
            returned: false,
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
        (self.opened, self.heard) = (now, now);
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
            ServerFrame::Saved { pen, items } => {
                let rest = items.iter().filter(|item| !self.is_written(pen, item)).collect::<Vec<_>>();
                for item in rest {
                    self.on_saved(pen, item, now);
                }
            }
            ServerFrame::Refused(refused) if self.is_not_written(&refused, now) => {}
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
            ServerFrame::Message(message) => self.on_message(message),
            ServerFrame::Hand(hand) => self.on_hand(hand),
            ServerFrame::Incident(incident) => self.on_incident(incident),
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
        let again = self.outbox.epoch(&welcome.epoch, now);
        self.view.report.again += again as u64;
        self.returned = true;
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
        welcome.incidents.iter().cloned().for_each(|incident| self.on_incident(incident));
        self.on_mail(&welcome.messages, welcome.unread, welcome.hand.as_ref());
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

    #[expect(clippy::cast_precision_loss, reason = "Unix milliseconds are below 2^53")]
    fn on_sync(&mut self, t0: f64, t1: i64, t2: i64, now: Duration) {
        let t3 = millis(now);
        if !self.offset.take(t0, t1 as f64, t2 as f64, t3) {
            self.syncs = 0;
            self.sync_at = Some(now);
        }
        self.view.offset = self.offset.estimate(t3);
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
            Command::Seen(rev) => self.say(ClientFrame::Seen { rev: Some(rev), messages: None }),
            Command::Write(text) => self.write(text),
            Command::Read(ids) => self.read(ids),
            Command::Hand(up) => self.say(ClientFrame::Hand { up }),
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

    /// What is told is only of use now: without a connection it is dropped.
    fn say(&mut self, frame: ClientFrame) {
        if self.view.connected {
            self.frames.push_back(frame);
        }
    }

    /// When the connection counts as dead. Before `welcome` no sign of life puts that off.
    fn dead(&self) -> Duration {
        self.setup.silent + if self.view.connected { self.heard } else { self.opened }
    }

    /// When something is due by itself.
    pub(super) fn next_timer(&self) -> Duration {
        // With less than one answer allowed there is one within this time.
        let next = self.allowed_at + Duration::from_secs_f64(1.0 / ANSWERS_PER_SECOND);
        let paced = (self.allowance < 1.0 && self.outbox.waits()).then_some(next);
        let paced = paced.filter(|_| self.view.connected);
        [paced, self.sync_at, self.retry_at].into_iter().flatten().fold(self.dead(), Duration::min)
    }

    /// An instant has come.
    pub(super) fn on_timer(&mut self, now: Duration) -> Act {
        if now >= self.dead() {
            return self.on_closed(None);
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.retry_at = None;
            self.outbox.release();
            self.write_again();
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

    fn record(&self, record: impl FnOnce() -> Record) {
        if let Some(recorder) = &self.setup.recorder {
            recorder(&record());
        }
    }
}

fn millis(at: Duration) -> f64 {
    at.as_secs_f64() * 1000.0
}
