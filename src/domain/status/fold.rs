//! Folding: one event into the rows of a room, absolutely, so that twice changes nothing.

use super::{Cell, RoomClock, Row, Status, Takeover};
use crate::domain::Ms;
use crate::domain::attendance::Attended;
use crate::domain::clock::Ended;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, QuestionId, SessionId};
use crate::domain::message::{Hand, Touched};

/// What folding an event did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded {
    /// Nothing new.
    Nothing,
    /// This candidate's row.
    Row(CandidateId),
    /// No row: what it says of the room has been read from the store.
    Room,
    /// Messages, and whose pages look again.
    Mail(Touched),
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

impl Status {
    /// What has to be read before `event` is folded into what is here.
    pub fn wants(&self, clock: &RoomClock, event: &Event) -> Want {
        let moved = match (&event.body, &event.candidate) {
            (
                Body::RosterChanged { .. }
                | Body::RulesChanged
                | Body::CandidateReopened { .. }
                | Body::AnswerAccepted { .. }
                | Body::AcceptanceWithdrawn { .. },
                _,
            ) => return Want::Whole,
            // What it says comes from the store and never by the bus.
            (Body::MessageSent { message, .. }, _) if self.mail.get(message).is_none() => return Want::Whole,
            (Body::IncidentChanged { incident, incident_rev, .. }, _) if self.cases.rev(incident) < *incident_rev => {
                return Want::Whole;
            }
            (Body::ClockChanged { rev, .. }, _) => *rev > clock.rev,
            (Body::RoomEnded, _) => clock.ended_ms.is_none(),
            (body, Some(id)) => return self.rows.get(id).map_or(Want::Whole, |row| out_of_turn(row, body)),
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
                | Body::OutageProposed { .. }
                | Body::OutageDismissed { .. }
                | Body::RosterChanged { .. }
                | Body::RulesChanged
                | Body::CandidateReopened { .. }
                | Body::AnswerAccepted { .. }
                | Body::AcceptanceWithdrawn { .. }
                | Body::StaffChanged { .. }
                | Body::HandoverOffered { .. }
                | Body::HandoverAccepted
                | Body::HandoverWithdrawn { .. }
        ) {
            return Folded::Room;
        }
        if let Body::IncidentChanged { incident, incident_rev, .. } = &event.body {
            return match (self.cases.tell(incident, *incident_rev), event.candidate.as_ref()) {
                (true, Some(candidate)) if self.rows.contains_key(candidate) => Folded::Row(candidate.clone()),
                (true, _) => Folded::Room,
                (false, _) => Folded::Nothing,
            };
        }
        let touched = self.mail.fold(&event.body, event.at_ms, event.candidate.as_ref(), event.by.is_some());
        if touched != Touched::default() {
            return Folded::Mail(touched);
        }
        let Some((id, row)) = event.candidate.as_ref().and_then(|id| Some((id, self.rows.get_mut(id)?))) else {
            return Folded::Nothing;
        };
        if fold_row(row, clock, id, event) { Folded::Row(id.clone()) } else { Folded::Nothing }
    }
}

/// Two nodes tell of one candidate, and the later of them may be heard first: an answer before the beginning that it came after, or before the
/// end that it came behind.
fn out_of_turn(row: &Row, body: &Body) -> Want {
    let misjudged = match body {
        Body::CandidateBegan { .. } => !row.uncounted.is_empty(),
        Body::CandidateEnded { ended_ms, .. } => row.facts.ended.is_none() && row.last_saved_ms > Some(*ended_ms),
        _ => false,
    };
    if misjudged { Want::Whole } else { Want::Nothing }
}

/// Folds an event about one candidate; whether the row changed.
pub(super) fn fold_row(row: &mut Row, clock: &RoomClock, id: &CandidateId, event: &Event) -> bool {
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
        Body::PresenceChanged { presence, line } => {
            let newer = line.n > row.line.n;
            if newer {
                (row.presence, row.line) = ((*presence, at), line.clone());
            }
            newer
        }
        Body::AttentionChanged { attention } => at >= row.attention.1 && set(&mut row.attention, (*attention, at)),
        Body::ChangeDelivered { rev } => *rev > row.delivered_rev && set(&mut row.delivered_rev, *rev),
        Body::ChangeSeen { rev } => *rev > row.seen_rev && set(&mut row.seen_rev, *rev),
        Body::HandRaised { raised_ms } if row.hand.is_none_or(|hand| hand.raised_ms < *raised_ms) => {
            set(&mut row.hand, Some(Hand { raised_ms: *raised_ms, answered_ms: None }))
        }
        Body::HandAnswered { answered_ms } => {
            // Of a hand that was raised again since, nobody has said anything yet.
            let hand = row.hand.filter(|hand| hand.raised_ms <= *answered_ms && hand.answered_ms.is_none());
            hand.is_some_and(|hand| set(&mut row.hand, Some(Hand { answered_ms: Some(*answered_ms), ..hand })))
        }
        Body::AttendanceChanged { .. } | Body::IdentityConfirmed | Body::IdentityWithdrawn => attend(&mut row.attended, event),
        Body::HandLowered => row.hand.is_some_and(|hand| hand.raised_ms <= at) && set(&mut row.hand, None),
        _ => false,
    }
}

/// What staff have seen; an older word than the one that is here says nothing.
fn attend(attended: &mut Attended, event: &Event) -> bool {
    let at = event.at_ms;
    match &event.body {
        Body::AttendanceChanged { said } if at >= attended.said_ms => {
            attended.said_ms = at;
            set(&mut attended.said, *said)
        }
        Body::IdentityConfirmed if at >= attended.identity_ms => {
            attended.identity_ms = at;
            set(&mut attended.identified, event.by.clone())
        }
        Body::IdentityWithdrawn if at >= attended.identity_ms => {
            attended.identity_ms = at;
            set(&mut attended.identified, None)
        }
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
