//! Events in words. They carry ids and numbers only; reasons stand in the ledger, names on the roster.

use super::{Staff, signed};
use crate::{
    domain::{
        attendance::Said,
        clock::{Change, EndedBy, Kind, Targets},
        event::{Attention, Body, Event, Presence},
        ids::UserId,
        incident::{Step, Topic},
        status::RoomClock,
    },
    locale::{self, Locale},
};

/// Whether an event is one of many that say nothing to somebody who watches: it stands in the timeline only.
pub fn noise(event: &Event) -> bool {
    event.body.is_routine()
}

/// What a change of the ledger did: "+5 min, fire alarm".
pub fn what_changed(locale: Locale, change: &Change) -> String {
    let ms = match change.kind {
        Kind::Extend { ms } | Kind::Credit { ms } => ms,
        _ => 0,
    };
    let mut what = locale.t1(&format!("event-clock-{}", change.kind.name()), "length", signed(locale, ms));
    let reason = locale::reason(locale, &change.reason.code, &change.reason.text);
    if !reason.is_empty() {
        what = locale.t2("event-with-reason", "what", what, "reason", reason);
    }
    match &change.targets {
        Targets::Room => what,
        Targets::Only(list) => locale.t2("event-of", "who", locale.t1("event-students", "n", list.len()), "what", what),
    }
}

/// An event in words, without who it is about.
pub fn happened(locale: Locale, clock: &RoomClock, staff: &Staff, event: &Event) -> String {
    let name = |user: &UserId| staff.get(user).cloned().unwrap_or_else(|| user.to_string());
    let key = match &event.body {
        Body::ClockChanged { rev, change, .. } => {
            // The ledger at hand may be older than the event.
            let known = clock.ledger.change(*rev).map(|change| what_changed(locale, change));
            return known.unwrap_or_else(|| locale.t1(&format!("event-clock-{change}"), "length", ""));
        }
        Body::StoreRestored { from_ms, to_ms } => {
            let at = |ms: i64| locale::day_and_time(locale, ms, &clock.zone);
            return locale.t2("event-restored", "from", at(*from_ms), "to", at(*to_ms));
        }
        Body::RosterChanged { candidates } => return locale.t1("event-roster", "n", *candidates),
        Body::RulesChanged if event.candidate.is_some() => "event-rules-off",
        Body::RulesChanged => "event-rules",
        Body::OutageProposed { from_ms, to_ms } => {
            return locale.t1("event-outage-proposed", "length", locale::left(to_ms - from_ms));
        }
        Body::OutageDismissed { from_ms, to_ms } => {
            return locale.t1("event-outage-dismissed", "length", locale::left(to_ms - from_ms));
        }
        Body::RoomEnded => "event-room-ended",
        Body::CandidateJoined { .. } => "event-joined",
        Body::CandidateBegan { .. } => "event-began",
        Body::CandidateEnded { ended_by: EndedBy::Candidate, .. } => "event-ended-candidate",
        Body::CandidateEnded { ended_by: EndedBy::Deadline, .. } => "event-ended-deadline",
        Body::CandidateEnded { ended_by: EndedBy::Invigilator, .. } => "event-ended-invigilator",
        Body::CandidateReopened { .. } => "event-reopened",
        Body::PenTaken { pen, .. } if *pen <= 1 => "event-pen-first",
        Body::PenTaken { .. } => "event-pen",
        Body::TakeoverAsked { .. } => "event-takeover-asked",
        Body::TakeoverDecided { allowed: true, .. } => "event-takeover-allowed",
        Body::TakeoverDecided { allowed: false, .. } => "event-takeover-refused",
        Body::AnswerSaved { .. } => "event-saved",
        Body::AnswersUploaded { .. } => "event-uploaded",
        Body::AnswerAccepted { .. } => "event-accepted",
        Body::AcceptanceWithdrawn { .. } => "event-unaccepted",
        Body::PresenceChanged { presence: Presence::Never, .. } => "event-presence-never",
        Body::PresenceChanged { presence: Presence::Connected, .. } => "event-presence-connected",
        Body::PresenceChanged { presence: Presence::Slow, .. } => "event-presence-slow",
        Body::PresenceChanged { presence: Presence::Unsteady, .. } => "event-presence-unsteady",
        Body::PresenceChanged { presence: Presence::Lost, .. } => "event-presence-lost",
        Body::AttentionChanged { attention: Attention::Here } => "event-attention-here",
        Body::AttentionChanged { attention: Attention::Away } => "event-attention-away",
        Body::ChangeDelivered { .. } => "event-delivered",
        Body::ChangeSeen { .. } => "event-seen",
        Body::MessageSent { audience, candidates, .. } => {
            let n = candidates.as_ref().map_or(0, Vec::len);
            return match audience.as_str() {
                "room" => locale.t("event-message-room"),
                "staff" => locale.t("event-message-staff"),
                _ => locale.t1("event-message-some", "n", n),
            };
        }
        Body::MessageWithdrawn { .. } => "event-message-withdrawn",
        Body::MessageDelivered { .. } => "event-message-delivered",
        Body::MessageSeen { .. } if event.by.is_some() => "event-message-read",
        Body::MessageSeen { .. } => "event-message-seen",
        Body::MessageRemoved { .. } => "event-message-removed",
        Body::HandRaised { .. } => "event-hand-raised",
        Body::HandAnswered { .. } => "event-hand-answered",
        Body::HandLowered if event.by.is_some() => "event-hand-closed",
        Body::HandLowered => "event-hand-lowered",
        Body::AttendanceChanged { said: Some(Said::Here) } => "event-said-here",
        Body::AttendanceChanged { said: Some(Said::Missing) } => "event-said-missing",
        Body::AttendanceChanged { said: None } => "event-said-nothing",
        Body::StaffChanged { user, rights } if rights.is_empty() => return locale.t1("event-staff-gone", "who", name(user)),
        Body::StaffChanged { user, rights } => {
            let rights: Vec<String> = rights.iter().map(|right| locale.t(&format!("right-{right}"))).collect();
            return locale.t2("event-staff", "who", name(user), "rights", rights.join(", "));
        }
        Body::HandoverOffered { to } => return locale.t1("event-handover", "who", name(to)),
        Body::HandoverAccepted => "event-handover-accepted",
        Body::HandoverWithdrawn { declined: true } => "event-handover-declined",
        Body::HandoverWithdrawn { declined: false } => "event-handover-withdrawn",
        Body::IdentityConfirmed => "event-identity",
        Body::IdentityWithdrawn => "event-identity-withdrawn",
        Body::IncidentChanged { step, topic, .. } => {
            let topic = Topic::parse(topic).map_or_else(|| topic.clone(), |topic| locale::topic(locale, topic));
            let key = match step {
                Step::Proposed => "event-incident-proposed",
                Step::Opened => "event-incident-opened",
                Step::Resolved => "event-incident-resolved",
                Step::Dismissed => "event-incident-dismissed",
                Step::Credited => "event-incident-credited",
                Step::Edited => "event-incident-edited",
                Step::Replied => "event-incident-replied",
            };
            return locale.t1(key, "topic", topic);
        }
    };
    locale.t(key)
}
