//! What rules look at in a room: what happened since they looked last, and what they have looked at already.

use std::collections::BTreeSet;

use super::{LiveRoom, Table, lock};
use crate::domain::Ms;
use crate::domain::event::{Body, Event, Presence};
use crate::domain::ids::{CandidateId, TakeoverId};
use crate::domain::rules::{Found, Rule};
use crate::limits;

/// What happened that rules look at when it happens.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    /// Requests to take over: whose, and when.
    pub takeovers: Vec<(CandidateId, TakeoverId, Ms)>,
    /// Who has written from another device, and since when.
    pub pens: Vec<(CandidateId, Ms)>,
    /// Somebody may have lost time and is back.
    pub back: bool,
}

/// What rules have looked at, so that what lasts is not asked for in the store each second.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    found: BTreeSet<(Rule, String)>,
    /// When lost times were looked for last.
    lost_ms: Ms,
}

impl LiveRoom {
    /// What rules have to look at, once. Lost times are measured from the whole timeline: in a room where somebody is back each second they
    /// wait for their turn.
    pub fn take_signs(&self, now: Ms) -> Signs {
        let mut state = lock(&self.state);
        let Some(table) = state.table.as_deref_mut() else { return Signs::default() };
        let turn = table.signs.back && now - table.looked.lost_ms >= limits::LOST_LOOK_EVERY_MS;
        if turn {
            table.looked.lost_ms = now;
        }
        let waits = table.signs.back && !turn;
        let signs = std::mem::replace(&mut table.signs, Signs { back: waits, ..Signs::default() });
        Signs { back: turn, ..signs }
    }

    /// Of what was found, what nothing was made of yet.
    pub fn fresh(&self, mut found: Vec<Found>) -> Vec<Found> {
        self.read(|table| found.retain(|one| !table.looked.found.contains(&(one.finding.rule(), one.key.clone()))));
        found
    }

    /// Something was made of what was found.
    pub fn looked_at(&self, rule: Rule, key: String) {
        if let Some(table) = lock(&self.state).table.as_deref_mut() {
            table.looked.found.insert((rule, key));
        }
    }

    /// They could not be looked at: the next look has them again.
    pub fn give_back(&self, signs: Signs) {
        if let Some(table) = lock(&self.state).table.as_deref_mut() {
            table.signs.takeovers.extend(signs.takeovers);
            table.signs.pens.extend(signs.pens);
            table.signs.back |= signs.back;
        }
    }
}

impl Table {
    /// Keeps what rules look at when it happens; before it is folded, for it is the change that counts.
    pub(super) fn note_sign(&mut self, event: &Event) {
        let Some((id, row)) = event.candidate.as_ref().and_then(|id| Some((id, self.status.rows.get(id)?))) else { return };
        match &event.body {
            Body::TakeoverAsked { id: request, .. } => self.signs.takeovers.push((id.clone(), request.clone(), event.at_ms)),
            Body::PenTaken { session, .. } if row.pen.as_ref().is_some_and(|(_, before)| before != session) => {
                self.signs.pens.push((id.clone(), event.at_ms));
            }
            // Who was lost, or came to a paper that had begun without them, is here.
            Body::PresenceChanged { presence, line } if presence.is_here() && line.n > row.line.n => {
                let late = row.presence.0 == Presence::Never
                    && row.facts.begun_ms.is_some_and(|at| event.at_ms - at > limits::LATE_PAPER_MIN_MS);
                self.signs.back |= row.presence.0 == Presence::Lost || late;
            }
            _ => {}
        }
    }
}
