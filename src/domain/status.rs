//! The live table of a room: a fold of events into one row a candidate. Pure, absolute, the same on every node.

mod delivery;
mod fold;
mod news;
mod replay;
#[cfg(test)]
pub(crate) mod sample;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Ms;
use super::attendance::Attended;
use super::clock::{Clock, Facts, Ledger, Phase, RoomPhase, Terms};
use super::event::{Attention, Presence};
use super::ids::{CandidateId, ExamId, Id, NodeId, QuestionId, RoomId, SessionId, TakeoverId, UserId};
use super::incident::{Casebook, Incident};
use super::message::{Hand, Letter, Mail, Tally};
use super::presence::Line;

pub use delivery::{Delivery, Reach};
pub use fold::{Folded, Want};
pub use news::News;
pub use replay::Replay;
pub use trouble::{Trouble, troubles};

/// A room's time and what else decides its candidates' clocks. Replaced whole when its rev rises.
#[derive(Debug, Clone, PartialEq)]
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
    /// A candidate's deadline alone, Unix ms; far cheaper than the clock.
    pub fn deadline_ms(&self, candidate: &CandidateId, facts: &Facts) -> Option<Ms> {
        self.ledger.deadline_ms(&self.terms, candidate, facts)
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
    /// Over what, and which node answers for that.
    pub line: Line,
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
    /// The raised hand.
    pub hand: Option<Hand>,
    /// Incidents that wait for somebody.
    pub incidents: i64,
    /// What staff have seen with their own eyes.
    pub attended: Attended,
}

impl Row {
    /// A row of somebody who has not come yet.
    pub fn new(person: Person, facts: Facts) -> Self {
        Self {
            person,
            facts,
            presence: (Presence::Never, 0),
            line: Line::default(),
            attention: (Attention::Here, 0),
            pen: None,
            answers: BTreeMap::new(),
            uncounted: BTreeSet::new(),
            last_saved_ms: None,
            delivered_rev: 0,
            seen_rev: 0,
            takeover: None,
            hand: None,
            incidents: 0,
            attended: Attended::default(),
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
    /// Hands that are up.
    pub hands: i64,
    /// What candidates wrote and none of the staff has confirmed.
    pub unread: i64,
    /// Incidents that wait for somebody.
    pub incidents: i64,
    /// Heard now, or silent for less than it takes to be lost.
    pub connected: i64,
    /// When the last running clock ends.
    pub last_deadline_ms: Option<Ms>,
}

/// All rows of a room.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// One row a candidate.
    pub rows: BTreeMap<CandidateId, Row>,
    /// The newest messages.
    pub mail: Mail,
    /// The newest incidents, and what rules look for.
    pub cases: Casebook,
    /// Names of the accounts that events speak of.
    pub staff: BTreeMap<UserId, String>,
}

impl Status {
    /// Who asks for the teacher's eye at `now`.
    pub fn troubled(&self, clock: &RoomClock, now: Ms) -> BTreeSet<CandidateId> {
        let troubled =
            |(id, row): &(&CandidateId, &Row)| !troubles(clock, &clock.clock(id, &row.facts, now), row, now).is_empty();
        self.rows.iter().filter(troubled).map(|(id, _)| id.clone()).collect()
    }

    /// Whether a node answers for somebody who may fall silent.
    pub fn any_answered_for(&self, node: &NodeId) -> bool {
        let answered = |row: &Row| row.presence.0.is_here() && row.facts.ended.is_none() && row.line.node.as_ref() == Some(node);
        self.rows.values().any(answered)
    }

    /// Hands that are up, the one that waits longest first.
    pub fn hands(&self) -> Vec<(CandidateId, Hand)> {
        let mut hands: Vec<_> = self.rows.iter().filter_map(|(id, row)| Some((id.clone(), row.hand?))).collect();
        hands.sort_by(|(a, one), (b, other)| (one.raised_ms, a).cmp(&(other.raised_ms, b)));
        hands
    }

    /// Place of a candidate's hand in the queue, from 1.
    pub fn place(&self, candidate: &CandidateId, hand: Hand) -> i64 {
        let mine = (hand.raised_ms, candidate);
        let before = self.rows.iter().filter(|(id, row)| row.hand.is_some_and(|other| (other.raised_ms, *id) < mine));
        i64::try_from(before.count()).map_or(i64::MAX, |n| n.saturating_add(1))
    }

    /// Takes a copy of an incident, unless a newer one is here. Whether it was news.
    pub fn put_incident(&mut self, incident: &Arc<Incident>) -> bool {
        let news = self.cases.put(incident);
        if let Some((id, row)) = incident.candidate.as_ref().and_then(|id| Some((id, self.rows.get_mut(id)?))) {
            row.incidents = self.cases.waiting_of(id);
        }
        news
    }

    /// How far a message has come with those whom it is for.
    pub fn tally(&self, letter: &Letter) -> Tally {
        letter.tally(self.rows.iter().map(|(id, row)| (id, row.facts.ended.is_some())))
    }

    /// How many are in each state at `now`.
    pub fn counts(&self, clock: &RoomClock, now: Ms) -> Counts {
        let mut counts = Counts { unread: self.mail.unread(), incidents: self.cases.waiting(), ..Counts::default() };
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
            counts.hands += i64::from(row.hand.is_some());
            counts.connected += i64::from(row.presence.0.is_here());
            if phase == Phase::Working {
                counts.last_deadline_ms = counts.last_deadline_ms.max(deadline_ms);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests;
