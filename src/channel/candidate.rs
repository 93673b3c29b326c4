//! A candidate's side of the channel as a pure machine: inputs in, frames and commands out. It owns no socket, reads no clock, awaits
//! nothing; the loop in `channel.rs` carries out what it says.

/// Incidents and signals.
pub mod cases;
mod mail;
/// What is not taken.
mod refusals;
/// What the machine is told, and what it says.
mod words;

use super::words::{clock_frame, error_frame, refused_frame};
use crate::domain::Ms;
use crate::domain::clock::{Clock, Facts};
use crate::domain::event::Attention;
use crate::domain::ids::{CandidateId, SessionId};
use crate::error::{Code, Error};
use crate::limits;
use crate::live::Look;
use crate::locale::Locale;
use crate::protocol::{self, ClientFrame, Close, SavedItem, ServerFrame};
pub use mail::Mark;
pub use words::{Command, Input, Outcome, Output};

/// Orders a candidate's clocks: (rev, begun, ended).
pub type Version = (i64, Option<Ms>, Option<Ms>);

/// Newer replaces older: a greater rev, or under the same rev a begin or an end that the other does not know.
fn newer(a: Version, b: Version) -> bool {
    a.0 > b.0 || (a.0 == b.0 && ((a.1.is_some() && b.1.is_none()) || (a.2.is_some() && b.2.is_none())))
}

/// How far the end has come with the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Not ended, as far as the page knows.
    Open,
    /// The receipt is being gathered.
    Handing,
    /// `submitted` has been sent.
    Told,
}

/// The machine.
#[derive(Debug)]
pub struct Candidate {
    id: CandidateId,
    session: SessionId,
    locale: Locale,
    pen: Option<i64>,
    waiting: Option<String>,
    waiting_seen: bool,
    asked_us: Option<String>,
    version: Option<Version>,
    rev_pinged: i64,
    rev_delivered: i64,
    in_flight: usize,
    malformed: u32,
    end: End,
    room_over: bool,
    mail: mail::Told,
    cases: cases::Told,
    tokens: f64,
    tokens_at: Ms,
}

/// Frames at once, and per second: an outbox that empties after an outage is far below.
const BURST: f64 = 200.0;
const PER_SECOND: f64 = 30.0;

impl Candidate {
    /// A connection that writes with `pen`, or waits for the takeover request `waiting`.
    pub fn new(id: CandidateId, session: SessionId, locale: Locale, pen: Option<i64>, waiting: Option<String>, now: Ms) -> Self {
        Self {
            id,
            session,
            locale,
            pen,
            waiting,
            waiting_seen: false,
            asked_us: None,
            version: None,
            rev_pinged: 0,
            rev_delivered: 0,
            in_flight: 0,
            malformed: 0,
            end: End::Open,
            room_over: false,
            mail: mail::Told::default(),
            cases: cases::Told::default(),
            tokens: BURST,
            tokens_at: now,
        }
    }

    /// The reader's language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The pen it writes with.
    pub fn pen(&self) -> Option<i64> {
        self.pen
    }

    /// The request that it waits for.
    pub fn waiting(&self) -> Option<&str> {
        self.waiting.as_deref()
    }

    /// Whether more may be read: not while too many answers are unsaved.
    pub fn reads(&self) -> bool {
        self.in_flight < limits::UNSAVED_WINDOW
    }

    /// Takes one input and says what has to be done, in order.
    pub fn take(&mut self, input: Input, now: Ms) -> Vec<Output> {
        match input {
            Input::Text(text, received_ms) => self.text(&text, received_ms),
            Input::Outcome(outcome) => self.outcome(outcome),
            Input::Look(look) => {
                let clock = self.clock(&look, now);
                self.look(&look, &clock, now)
            }
            Input::Tick(look) => self.tick(&look, now),
            Input::Pong(mark) => self.pong(mark),
            Input::Stop(close) => vec![Output::Close(close)],
        }
    }

    fn text(&mut self, text: &str, received_ms: Ms) -> Vec<Output> {
        if !self.has_token(received_ms) {
            return vec![Output::Close(Close::TooFast)];
        }
        let frame: ClientFrame = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(_) => return self.malformed(text),
        };
        if text.len() > limits::SMALL_FRAME_BYTES && !matches!(frame, ClientFrame::Answer(_)) {
            return self.refuse_frame(&frame, Code::TooLong);
        }
        match frame {
            ClientFrame::Answer(a) => self.answer(a, received_ms),
            ClientFrame::Submit { seq, have } => self.submit(seq, have, received_ms),
            ClientFrame::Attention { state } => vec![Output::Do(Command::Attention(attention(state)))],
            ClientFrame::Seen { rev, messages } => self.seen(rev, messages.as_deref().unwrap_or_default()),
            ClientFrame::Message { seq, text } => self.message(seq, text, received_ms),
            ClientFrame::Signal { seq, kind: protocol::SignalKind::Paste, chars, question } => {
                self.signal(seq, chars, question, received_ms)
            }
            ClientFrame::Hand { up } => vec![Output::Do(Command::Hand(up, received_ms))],
            ClientFrame::Sync { id, t0 } => {
                vec![Output::Send(Box::new(ServerFrame::Sync { id, t0, t1: received_ms, t2: received_ms }))]
            }
            ClientFrame::Rooms { id } => vec![Output::Do(Command::Rooms(id))],
            ClientFrame::Takeover { id, allow } => vec![Output::Do(Command::Takeover(id, allow))],
        }
    }

    fn answer(&mut self, a: protocol::AnswerFrame, received_ms: Ms) -> Vec<Output> {
        let Some(own) = self.pen else {
            let error = Error::from(Code::PenHeld);
            return vec![Output::Send(Box::new(error_frame(self.locale, &error, None, Some(a.seq))))];
        };
        self.in_flight += 1;
        let pen = a.pen.unwrap_or(own);
        vec![Output::Do(Command::Record { pen, seq: a.seq, question: a.question, value: a.value, proof: a.proof, received_ms })]
    }

    fn submit(&self, seq: i64, have: Vec<(i64, i64)>, received_ms: Ms) -> Vec<Output> {
        if let Some(pen) = self.pen {
            return vec![Output::Do(Command::Submit { pen, seq, have, received_ms })];
        }
        let error = Error::from(Code::PenHeld);
        vec![Output::Send(Box::new(error_frame(self.locale, &error, None, Some(seq))))]
    }

    fn outcome(&mut self, outcome: Outcome) -> Vec<Output> {
        let send = |frame: ServerFrame| vec![Output::Send(Box::new(frame))];
        match outcome {
            Outcome::Arrived(welcome, version, paper) => {
                self.version = Some(version);
                self.welcomed_mail(&welcome);
                self.welcomed_cases(&welcome);
                let mut out = vec![Output::Send(Box::new(ServerFrame::Welcome(welcome)))];
                out.extend(paper.map(Output::Send));
                // Its pong says that the line carries both ways, and that what was written has come.
                out.push(Output::Ping);
                out
            }
            Outcome::Saved { pen, seq, received_ms, verdict, proof } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                let why = verdict.why.map(|w| w.as_str().to_owned());
                let items = vec![SavedItem { seq, received_ms, counts: verdict.counts, why, proof: Some(proof) }];
                send(ServerFrame::Saved { pen, items })
            }
            Outcome::Refused { pen, seq, error, proof } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                send(refused_frame(self.locale, pen, seq, &error, proof))
            }
            Outcome::Written { pen, seq, sent_ms } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                let items = vec![SavedItem { seq, received_ms: sent_ms, counts: true, why: None, proof: None }];
                send(ServerFrame::Saved { pen, items })
            }
            Outcome::Unreceived(ids, mark) => self.unreceived(ids, mark),
            Outcome::Unknown => vec![Output::Close(Close::Internal)],
            Outcome::Submitted(frame) => {
                let told = self.end == End::Told && frame.seq.is_none();
                let mut out = if told { Vec::new() } else { send(ServerFrame::Submitted(*frame)) };
                self.end = End::Told;
                if self.room_over {
                    out.push(Output::Close(Close::RoomOver));
                }
                out
            }
            Outcome::Unread(error) => {
                let frame = error_frame(self.locale, &error, None, None);
                vec![Output::Send(Box::new(frame)), Output::Close(Close::Internal)]
            }
            Outcome::Failed { id, error } => send(error_frame(self.locale, &error, id, None)),
            Outcome::Answer(frame) => send(*frame),
        }
    }

    fn clock(&self, look: &Look, now: Ms) -> Clock {
        look.clock.clock(&self.id, &look.facts, now)
    }

    /// How things stand against what the page knows: the pen first, then time.
    fn look(&mut self, look: &Look, clock: &Clock, now: Ms) -> Vec<Output> {
        let mut out = self.look_at_pen(look);
        if out.iter().any(|o| matches!(o, Output::Close(_))) {
            return out;
        }
        out.extend(self.look_at_clock(look, clock, now));
        if !out.iter().any(|o| matches!(o, Output::Close(_))) {
            out.extend(self.look_at_mail(look));
            out.extend(self.look_at_cases(look));
        }
        out
    }

    fn look_at_pen(&mut self, look: &Look) -> Vec<Output> {
        let held = look.pen.as_ref();
        if let (Some(own), Some((current, _))) = (self.pen, held)
            && *current > own
        {
            return vec![Output::Close(Close::Superseded)];
        }
        if let Some(id) = self.waiting.clone() {
            if let Some((pen, _)) = held.filter(|(_, session)| *session == self.session) {
                self.waiting = None;
                self.pen = Some(*pen);
                self.version = None;
                return vec![Output::Do(Command::Arrive)];
            }
            let pending = look.takeover.as_ref().is_some_and(|t| t.id.as_str() == id);
            self.waiting_seen |= pending;
            if self.waiting_seen && !pending {
                let error = error_frame(self.locale, &Code::TakeoverRefused.into(), None, None);
                return vec![Output::Send(Box::new(error)), Output::Close(Close::Forbidden)];
            }
        }
        let asked = look.takeover.as_ref().filter(|t| t.session != self.session && self.pen.is_some());
        match asked {
            Some(t) if self.asked_us.as_deref() != Some(t.id.as_str()) => {
                self.asked_us = Some(t.id.to_string());
                vec![Output::Send(Box::new(ServerFrame::Takeover { id: t.id.to_string(), at_ms: t.at_ms }))]
            }
            _ => Vec::new(),
        }
    }

    fn look_at_clock(&mut self, look: &Look, clock: &Clock, now: Ms) -> Vec<Output> {
        let mut out = Vec::new();
        let version = clock.version();
        // A look that is older than the welcome is of no use: the bus is still on its way.
        let Some(before) = self.version.filter(|before| *before == version || newer(version, *before)) else { return out };
        self.version = Some(version);
        if before != version {
            let news = look.clock.news(&self.id, &look.facts, before.0);
            out.push(Output::Send(Box::new(ServerFrame::Clock(clock_frame(clock, now, news)))));
            out.extend(self.begin_or_reopen(before, version));
        }
        out.extend(self.ping_for(version.0));
        out.extend(self.look_at_end(look, &look.facts));
        out
    }

    /// Whoever begins, or works again, gets the whole state with the paper.
    fn begin_or_reopen(&mut self, before: Version, version: Version) -> Option<Output> {
        let begun_now = before.1.is_none() && version.1.is_some();
        let reopened = before.2.is_some() && version.2.is_none();
        if reopened {
            self.end = End::Open;
        }
        ((begun_now || reopened) && version.2.is_none() && self.pen.is_some()).then_some(Output::Do(Command::Arrive))
    }

    /// A rev that the device may not have yet is pinged for: the pong proves that it came.
    fn ping_for(&mut self, rev: i64) -> Option<Output> {
        if rev <= self.rev_pinged {
            return None;
        }
        self.rev_pinged = rev;
        Some(Output::Ping)
    }

    fn look_at_end(&mut self, look: &Look, facts: &Facts) -> Vec<Output> {
        self.room_over = look.clock.ended_ms.is_some();
        if facts.ended.is_some() && self.end != End::Told {
            let before = std::mem::replace(&mut self.end, End::Handing);
            return (before == End::Open).then_some(Output::Do(Command::Handed)).into_iter().collect();
        }
        if self.room_over { vec![Output::Close(Close::RoomOver)] } else { Vec::new() }
    }

    fn tick(&mut self, look: &Look, now: Ms) -> Vec<Output> {
        // A missed bell is healed here: the look is the same.
        let clock = self.clock(look, now);
        let mut out = self.look(look, &clock, now);
        if clock.ended.is_none() {
            let frame = ServerFrame::Tick { rev: clock.rev, now_ms: now, remaining_ms: clock.remaining_ms };
            out.push(Output::Send(Box::new(frame)));
        }
        out
    }

    fn has_token(&mut self, now: Ms) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a difference of instants is far below 2^53")]
        let seconds = (now - self.tokens_at).max(0) as f64 / 1000.0;
        self.tokens = (self.tokens + seconds * PER_SECOND).min(BURST) - 1.0;
        self.tokens_at = now;
        self.tokens >= 0.0
    }
}

fn attention(state: protocol::Attention) -> Attention {
    match state {
        protocol::Attention::Here => Attention::Here,
        protocol::Attention::Away => Attention::Away,
    }
}

#[cfg(test)]
mod tests;
