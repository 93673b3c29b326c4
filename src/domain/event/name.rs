//! What each kind of event is called.

use super::Body;

impl Body {
    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClockChanged { .. } => "clock.changed",
            Self::OutageProposed { .. } => "outage.proposed",
            Self::OutageDismissed { .. } => "outage.dismissed",
            Self::RoomEnded => "room.ended",
            Self::StoreRestored { .. } => "store.restored",
            Self::RosterChanged { .. } => "roster.changed",
            Self::RulesChanged => "rules.changed",
            Self::CandidateJoined { .. } => "candidate.joined",
            Self::CandidateBegan { .. } => "candidate.began",
            Self::CandidateEnded { .. } => "candidate.ended",
            Self::CandidateReopened { .. } => "candidate.reopened",
            Self::PenTaken { .. } => "pen.taken",
            Self::TakeoverAsked { .. } => "takeover.asked",
            Self::TakeoverDecided { .. } => "takeover.decided",
            Self::AnswersUploaded { .. } => "answers.uploaded",
            Self::AnswerSaved { .. } => "answer.saved",
            Self::AnswerAccepted { .. } => "answer.accepted",
            Self::AcceptanceWithdrawn { .. } => "answer.acceptance_withdrawn",
            Self::PresenceChanged { .. } => "presence.changed",
            Self::AttentionChanged { .. } => "attention.changed",
            Self::ChangeDelivered { .. } => "change.delivered",
            Self::ChangeSeen { .. } => "change.seen",
            Self::MessageSent { .. } => "message.sent",
            Self::MessageWithdrawn { .. } => "message.withdrawn",
            Self::MessageDelivered { .. } => "message.delivered",
            Self::MessageSeen { .. } => "message.seen",
            Self::MessageRemoved { .. } => "message.removed",
            Self::HandRaised { .. } => "hand.raised",
            Self::HandAnswered { .. } => "hand.answered",
            Self::HandLowered => "hand.lowered",
            Self::IncidentChanged { .. } => "incident.changed",
            Self::AttendanceChanged { .. } => "attendance.changed",
            Self::IdentityConfirmed => "identity.confirmed",
            Self::IdentityWithdrawn => "identity.withdrawn",
            Self::StaffChanged { .. } => "staff.changed",
            Self::HandoverOffered { .. } => "handover.offered",
            Self::HandoverAccepted => "handover.accepted",
            Self::HandoverWithdrawn { .. } => "handover.withdrawn",
        }
    }
}
