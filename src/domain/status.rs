//! The live table of a room: a fold of events into one row a candidate. Pure, absolute, the same on every node.

mod trouble;

use std::collections::{BTreeMap, BTreeSet};

use super::Ms;
use super::clock::{Clock, Ended, Facts, Kind, Ledger, Phase, RoomPhase, Terms};
use super::event::{Attention, Body, Event, Presence};
use super::ids::{CandidateId, ExamId, Id, QuestionId, RoomId, SessionId, TakeoverId};

pub use trouble::{Trouble, troubles};

/// A room's time and what else decides its candidates' clocks. Replaced whole when its rev rises.
#[derive(Debug, Clone)]
pub struct RoomClock {
    /// Which room.
    pub room: RoomId,
    /// Of which exam.
    pub exam: ExamId,
    /// Title of the exam.
    pub title: String,
    /// Place.
    pub location: String,
    /// IANA zone in which times are shown.
    pub zone: String,
    /// What the exam allows.
    pub terms: Terms,
    /// When the schedule starts it.
    pub scheduled_ms: Option<Ms>,
    /// The ledger.
    pub ledger: Ledger,
    /// When it was over.
    pub ended_ms: Option<Ms>,
    /// The pinned paper's version.
    pub paper_version: Option<i64>,
    /// Questions of the pinned (or the current) paper.
    pub questions: i64,
    /// Rights of the room are kept elsewhere; this is the room's rev, also for changes without a ledger entry.
    pub rev: i64,
}

impl RoomClock {
    /// The room's phase at `now`.
    pub fn phase(&self, now: Ms) -> RoomPhase {
        self.ledger.room_phase(now, self.ended_ms)
    }
    /// The room's own time: that of somebody without accommodation who began with the room.
    pub fn plain_clock(&self, now: Ms) -> Clock {
        let nobody = CandidateId::trusted(String::new());
        let started = self.ledger.started_ms();
        let facts = Facts { joined_ms: started, begun_ms: started, ..Facts::default() };
        self.clock(&nobody, &facts, now)
    }
    /// A candidate's clock at `now`.
    pub fn clock(&self, candidate: &CandidateId, facts: &Facts, now: Ms) -> Clock {
        self.ledger.clock(&self.terms, self.scheduled_ms, candidate, facts, now)
    }
}

/// Where the answer to a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Pen it was written with.
    pub pen: i64,
    /// Seq within the pen.
    pub seq: i64,
    /// When it was received.
    pub received_ms: Ms,
    /// Whether it clears the question.
    pub blank: bool,
}

/// Another device asks to continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// The request.
    pub id: TakeoverId,
    /// Whose.
    pub session: SessionId,
    /// When.
    pub at_ms: Ms,
}

/// Who a candidate is, as on the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub student_id: Option<String>,
    /// Class.
    pub class: Option<String>,
    /// Seat.
    pub seat: Option<String>,
}

/// One candidate as this node sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who.
    pub person: Person,
    /// Facts of time.
    pub facts: Facts,
    /// Heard or not, and since when.
    pub presence: (Presence, Ms),
    /// Looking or not, and since when.
    pub attention: (Attention, Ms),
    /// The current pen and whose it is.
    pub pen: Option<(i64, SessionId)>,
    /// The answer to each question that has one that counts.
    pub answers: BTreeMap<QuestionId, Cell>,
    /// Keys (pen, seq) of rows that do not count.
    pub uncounted: BTreeSet<(i64, i64)>,
    /// When the last answer was received.
    pub last_saved_ms: Option<Ms>,
    /// Greatest rev that reached the device.
    pub delivered_rev: i64,
    /// Greatest rev that the person confirmed.
    pub seen_rev: i64,
    /// A request that waits.
    pub takeover: Option<Takeover>,
}

impl Row {
    /// A row of somebody who has not come yet.
    pub fn new(person: Person, facts: Facts) -> Self {
        Self {
            person,
            facts,
            presence: (Presence::Never, 0),
            attention: (Attention::Here, 0),
            pen: None,
            answers: BTreeMap::new(),
            uncounted: BTreeSet::new(),
            last_saved_ms: None,
            delivered_rev: 0,
            seen_rev: 0,
            takeover: None,
        }
    }
    /// Questions with an answer that counts and is not blank.
    pub fn answered(&self) -> i64 {
        i64::try_from(self.answers.values().filter(|c| !c.blank).count()).unwrap_or(i64::MAX)
    }
}

/// How many candidates are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// On the roster.
    pub expected: i64,
    /// Not come yet.
    pub absent: i64,
    /// Come, time not begun.
    pub waiting: i64,
    /// Working.
    pub working: i64,
    /// Paused.
    pub paused: i64,
    /// Ended.
    pub ended: i64,
    /// Working or waiting and not heard.
    pub lost: i64,
    /// Requests to take over that wait.
    pub takeovers: i64,
    /// Rows that ask for the teacher's eye.
    pub troubled: i64,
    /// Heard now, or silent for less than it takes to be lost.
    pub connected: i64,
    /// When the last running clock ends.
    pub last_deadline_ms: Option<Ms>,
}

/// How far the last change of time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Rev of the change.
    pub rev: i64,
    /// Whom it touches and who has not ended.
    pub total: i64,
    /// On whose device it is.
    pub delivered: i64,
    /// Who has confirmed it.
    pub seen: i64,
    /// Who does not have it yet.
    pub missing: Vec<CandidateId>,
}

/// What folding an event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded {
    /// Nothing new.
    Nothing,
    /// This candidate's row.
    Row(CandidateId),
    /// No row: what it says of the room has been read from the store.
    Room,
}

/// What has to be read from the store before an event is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Nothing: the event says it all.
    Nothing,
    /// The room's clock.
    Clock,
    /// The whole room.
    Whole,
}

/// All rows of a room.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// One row a candidate.
    pub rows: BTreeMap<CandidateId, Row>,
}

impl Status {
    /// What has to be read before `event` is folded into what is here.
    pub fn wants(&self, clock: &RoomClock, event: &Event) -> Want {
        let moved = match (&event.body, &event.candidate) {
            (Body::RosterChanged { .. } | Body::CandidateReopened { .. } | Body::AnswerAccepted { .. }, _) => return Want::Whole,
            (Body::ClockChanged { rev, .. }, _) => *rev > clock.rev,
            (Body::RoomEnded, _) => clock.ended_ms.is_none(),
            (_, Some(id)) if !self.rows.contains_key(id) => return Want::Whole,
            _ => return Want::Nothing,
        };
        match moved {
            false => Want::Nothing,
            // What did not count may count by the new clock, and only the store knows its value.
            true if self.rows.values().any(|row| !row.uncounted.is_empty()) => Want::Whole,
            true => Want::Clock,
        }
    }

    /// Folds one event, after what it wants has been read; folding it again changes nothing.
    pub fn fold(&mut self, clock: &RoomClock, event: &Event) -> Folded {
        if matches!(
            event.body,
            Body::ClockChanged { .. }
                | Body::RoomEnded
                | Body::RosterChanged { .. }
                | Body::CandidateReopened { .. }
                | Body::AnswerAccepted { .. }
        ) {
            return Folded::Room;
        }
        let Some((id, row)) = event.candidate.as_ref().and_then(|id| Some((id, self.rows.get_mut(id)?))) else {
            return Folded::Nothing;
        };
        if fold_row(row, clock, id, event) { Folded::Row(id.clone()) } else { Folded::Nothing }
    }

    /// Who asks for the teacher's eye at `now`.
    pub fn troubled(&self, clock: &RoomClock, now: Ms) -> BTreeSet<CandidateId> {
        let troubled =
            |(id, row): &(&CandidateId, &Row)| !troubles(clock, &clock.clock(id, &row.facts, now), row, now).is_empty();
        self.rows.iter().filter(troubled).map(|(id, _)| id.clone()).collect()
    }

    /// How far the last change that moves deadlines has come; None before the first.
    pub fn delivery(&self, clock: &RoomClock) -> Option<Delivery> {
        let moves = |kind: &Kind| {
            matches!(
                kind,
                Kind::Pause
                    | Kind::Resume { .. }
                    | Kind::Extend { .. }
                    | Kind::Credit { .. }
                    | Kind::Accommodate { .. }
                    | Kind::Outage { .. }
                    | Kind::Revert { .. }
            )
        };
        let change = clock.ledger.changes().iter().rev().find(|c| moves(&c.kind))?;
        let mut delivery = Delivery { rev: change.rev, total: 0, delivered: 0, seen: 0, missing: Vec::new() };
        for (id, row) in self.rows.iter().filter(|(id, row)| change.targets.includes(id) && row.facts.ended.is_none()) {
            if row.facts.joined_ms.is_none() {
                continue;
            }
            delivery.total += 1;
            delivery.seen += i64::from(row.seen_rev >= change.rev);
            if row.delivered_rev >= change.rev {
                delivery.delivered += 1;
            } else {
                delivery.missing.push(id.clone());
            }
        }
        Some(delivery)
    }

    /// How many are in each state at `now`.
    pub fn counts(&self, clock: &RoomClock, now: Ms) -> Counts {
        let mut counts = Counts::default();
        for (id, row) in &self.rows {
            counts.expected += 1;
            let own = clock.clock(id, &row.facts, now);
            counts.troubled += i64::from(!troubles(clock, &own, row, now).is_empty());
            let Clock { phase, deadline_ms, .. } = own;
            match phase {
                Phase::Expected => counts.absent += 1,
                Phase::Waiting => counts.waiting += 1,
                Phase::Working => counts.working += 1,
                Phase::Paused => counts.paused += 1,
                Phase::Ended => counts.ended += 1,
            }
            let sits = matches!(phase, Phase::Waiting | Phase::Working | Phase::Paused);
            counts.lost += i64::from(sits && row.presence.0 == Presence::Lost);
            counts.takeovers += i64::from(row.takeover.is_some());
            counts.connected += i64::from(matches!(row.presence.0, Presence::Connected | Presence::Unsteady));
            if phase == Phase::Working {
                counts.last_deadline_ms = counts.last_deadline_ms.max(deadline_ms);
            }
        }
        counts
    }
}

/// Folds an event about one candidate; whether the row changed.
fn fold_row(row: &mut Row, clock: &RoomClock, id: &CandidateId, event: &Event) -> bool {
    let at = event.at_ms;
    match &event.body {
        Body::CandidateJoined { .. } => row.facts.joined_ms.is_none() && set(&mut row.facts.joined_ms, Some(at)),
        Body::CandidateBegan { begun_ms } => set(&mut row.facts.begun_ms, Some(*begun_ms)),
        Body::CandidateEnded { ended_ms, ended_by } => {
            row.takeover = None;
            set(&mut row.facts.ended, Some(Ended { at_ms: *ended_ms, by: *ended_by }))
        }
        Body::PenTaken { pen, session } => take_pen(row, *pen, session),
        Body::TakeoverAsked { id, session } => {
            let asked = Takeover { id: id.clone(), session: session.clone(), at_ms: at };
            set(&mut row.takeover, Some(asked))
        }
        // An allowed request ends with the pen it gives: in between, a request gone without a pen would read as refused.
        Body::TakeoverDecided { id, allowed, .. } => {
            !allowed && row.takeover.as_ref().is_some_and(|t| t.id == *id) && set(&mut row.takeover, None)
        }
        Body::AnswerSaved { pen, seq, question, blank, received_ms } => {
            let cell = Cell { pen: *pen, seq: *seq, received_ms: *received_ms, blank: *blank };
            save(row, clock, id, question, cell, at)
        }
        Body::PresenceChanged { presence } => at >= row.presence.1 && set(&mut row.presence, (*presence, at)),
        Body::AttentionChanged { attention } => at >= row.attention.1 && set(&mut row.attention, (*attention, at)),
        Body::ChangeDelivered { rev } => *rev > row.delivered_rev && set(&mut row.delivered_rev, *rev),
        Body::ChangeSeen { rev } => *rev > row.seen_rev && set(&mut row.seen_rev, *rev),
        _ => false,
    }
}

/// Puts `value` into `slot`; whether that was news.
fn set<T: PartialEq>(slot: &mut T, value: T) -> bool {
    let news = *slot != value;
    *slot = value;
    news
}

fn take_pen(row: &mut Row, pen: i64, session: &SessionId) -> bool {
    if row.pen.as_ref().is_some_and(|(current, _)| *current >= pen) {
        return false;
    }
    row.takeover = None;
    set(&mut row.pen, Some((pen, session.clone())))
}

/// The greatest (pen, seq) that counts is the answer; what does not count is only remembered by its key.
fn save(row: &mut Row, clock: &RoomClock, id: &CandidateId, question: &QuestionId, cell: Cell, now: Ms) -> bool {
    let later = row.last_saved_ms.max(Some(cell.received_ms));
    let news = set(&mut row.last_saved_ms, later);
    let verdict = clock.ledger.judge(&clock.terms, id, &row.facts, cell.received_ms, now);
    if !verdict.counts {
        return row.uncounted.insert((cell.pen, cell.seq)) || news;
    }
    let older = row.answers.get(question).is_none_or(|c| (c.pen, c.seq) < (cell.pen, cell.seq));
    if older {
        row.answers.insert(question.clone(), cell);
    }
    older || news
}

#[cfg(test)]
mod tests;
