//! What of an event is told to somebody who watches, and of which accounts it speaks.

use super::{Attention, Body, Event, Presence};
use crate::domain::ids::UserId;
use crate::domain::incident::Step;

impl Event {
    /// Accounts that it speaks of: who did it, and whom it is about.
    pub fn accounts(&self) -> impl Iterator<Item = &UserId> {
        let about = match &self.body {
            Body::StaffChanged { user, .. } | Body::HandoverOffered { to: user } => Some(user),
            _ => None,
        };
        self.by.iter().chain(about)
    }
}

impl Body {
    /// Whether it is one of many that say nothing to somebody who watches: it stands in the timeline only.
    pub fn is_routine(&self) -> bool {
        match self {
            Self::AnswerSaved { .. }
            | Self::CandidateBegan { .. }
            | Self::ChangeDelivered { .. }
            | Self::ChangeSeen { .. }
            | Self::MessageDelivered { .. }
            | Self::MessageSeen { .. }
            | Self::MessageRemoved { .. }
            | Self::IncidentChanged { step: Step::Proposed, .. }
            | Self::AttentionChanged { attention: Attention::Here } => true,
            Self::PresenceChanged { presence, .. } => *presence != Presence::Lost,
            Self::PenTaken { pen, .. } => *pen <= 1,
            _ => false,
        }
    }
    /// Whether the page of the candidate of whom it is said looks again: it knows what it told itself.
    pub fn is_news_to_its_page(&self) -> bool {
        !matches!(
            self,
            Self::AnswerSaved { .. } | Self::AttentionChanged { .. } | Self::ChangeDelivered { .. } | Self::ChangeSeen { .. }
        )
    }
}
