//! What asks for the teacher's eye: one rule for the row, the head's count and the list of rooms.

use super::{RoomClock, Row};
use crate::domain::Ms;
use crate::domain::clock::{Clock, EndedBy, Phase, RoomPhase};
use crate::domain::event::Presence;
use crate::domain::ids::TakeoverId;
use crate::limits;

/// Somebody who works, is connected and has saved nothing for this long asks for the teacher's eye, in ms.
const QUIET_MS: Ms = 10 * 60_000;

/// Why a row asks for the teacher's eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No connection since.
    Lost {
        /// When it was last heard, Unix ms.
        since_ms: Ms,
    },
    /// Another computer asks to continue.
    Takeover {
        /// The request.
        id: TakeoverId,
        /// When it asked, Unix ms.
        at_ms: Ms,
    },
    /// The hand is up.
    Hand {
        /// Since when, Unix ms.
        since_ms: Ms,
        /// One of the staff has said that they are coming.
        answered: bool,
    },
    /// Not here although the room runs.
    Absent,
    /// Working, connected, and nothing saved for long.
    Quiet {
        /// Last save, if any, Unix ms.
        since_ms: Option<Ms>,
    },
    /// The time is over and it was offline: answers may be on the way.
    Unsent,
}

impl Trouble {
    /// Name in `data-` attributes and of the text.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Lost { .. } => "lost",
            Self::Takeover { .. } => "takeover",
            Self::Hand { .. } => "hand",
            Self::Absent => "absent",
            Self::Quiet { .. } => "quiet",
            Self::Unsent => "unsent",
        }
    }
}

/// What is wrong with a row whose clock reads `own` at `now`; empty for nearly everybody.
pub fn troubles(clock: &RoomClock, own: &Clock, row: &Row, now: Ms) -> Vec<Trouble> {
    let asked = row.takeover.as_ref().map(|asked| Trouble::Takeover { id: asked.id.clone(), at_ms: asked.at_ms });
    let hand = row.hand.map(|hand| Trouble::Hand { since_ms: hand.raised_ms, answered: hand.answered_ms.is_some() });
    asked.into_iter().chain(hand).chain(by_phase(clock, own, row, now)).collect()
}

fn by_phase(clock: &RoomClock, own: &Clock, row: &Row, now: Ms) -> Option<Trouble> {
    let (heard, since_ms) = row.presence;
    match own.phase {
        Phase::Waiting | Phase::Working | Phase::Paused if heard == Presence::Lost => {
            // The edge comes after the silence that it is about.
            Some(Trouble::Lost { since_ms: since_ms - limits::LOST_MS })
        }
        Phase::Working => {
            let last = row.last_saved_ms.max(own.begun_ms);
            let quiet = heard == Presence::Connected && last.is_some_and(|at| now - at >= QUIET_MS);
            quiet.then_some(Trouble::Quiet { since_ms: row.last_saved_ms })
        }
        Phase::Expected => matches!(clock.phase(now), RoomPhase::Running | RoomPhase::Paused).then_some(Trouble::Absent),
        Phase::Ended => {
            let cut = own.ended.filter(|ended| ended.by != EndedBy::Candidate)?;
            // Lost at the end and not heard since: its device may hold answers nobody has.
            let unsent = heard == Presence::Lost && since_ms <= cut.at_ms + clock.terms.grace_ms;
            unsent.then_some(Trouble::Unsent)
        }
        Phase::Waiting | Phase::Paused => None,
    }
}
