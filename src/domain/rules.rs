//! What rules look for in a room, and what they find in it as it is now. A rule proposes an incident and explains it; it ends nothing, takes
//! no time and marks nobody.

use serde::{Deserialize, Serialize};

use super::Ms;
use super::clock::Phase;
use super::event::{Attention, Presence};
use super::ids::{CandidateId, TakeoverId};
use super::incident::Finding;
use super::lost::{Lost, LostKind};
use super::status::{RoomClock, Row, Status};
use crate::limits;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The page was in the background for long.
    Away,
    /// Nothing was heard for long.
    Silent,
    /// The connection was away in the midst of work.
    LostTime,
    /// The paper came late.
    LatePaper,
    /// The service was away.
    Outage,
    /// Another device asked to continue.
    Takeover,
    /// Several devices.
    Devices,
    /// Several addresses.
    Addresses,
    /// Much was pasted at once.
    Paste,
}

impl Rule {
    /// Rules that an exam sets, and that can be off for a candidate. The others measure what a candidate may get back.
    pub const ALL: &'static [Self] = &[Self::Away, Self::Silent, Self::Takeover, Self::Devices, Self::Addresses, Self::Paste];
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Silent => "silent",
            Self::LostTime => "lost_time",
            Self::LatePaper => "late_paper",
            Self::Outage => "outage",
            Self::Takeover => "takeover",
            Self::Devices => "devices",
            Self::Addresses => "addresses",
            Self::Paste => "paste",
        }
    }
    /// From text; None when it is none that can be off.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == text)
    }
    /// The number that it goes by; None: it goes by none.
    pub fn number(self) -> Option<Number> {
        let (name, min, max) = match self {
            Self::Away => ("away_seconds", 5, 3600),
            // Before that nobody is called silent.
            Self::Silent => ("silent_seconds", limits::LOST_MS / 1000, 3600),
            Self::Devices => ("devices", 2, 20),
            Self::Addresses => ("addresses", 2, 20),
            Self::Paste => ("paste_chars", 1, 20_000),
            Self::LostTime | Self::LatePaper | Self::Outage | Self::Takeover => return None,
        };
        Some(Number { name, min, max })
    }
}

/// The number that a rule goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Its name in the set of rules, with its unit where it has one.
    pub name: &'static str,
    /// The least that it may be.
    pub min: i64,
    /// The most.
    pub max: i64,
}

/// What an exam's rules look for. None: that one is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// The page in the background for longer than this, s.
    pub away_seconds: Option<i64>,
    /// Nothing heard for longer than this, s.
    pub silent_seconds: Option<i64>,
    /// Another device asks to continue.
    pub takeover: bool,
    /// Written from this many devices, or more.
    pub devices: Option<i64>,
    /// Come from this many addresses, or more.
    pub addresses: Option<i64>,
    /// More than this pasted at once, characters.
    pub paste_chars: Option<i64>,
    /// What staff take up is shown to the student, unless they say otherwise.
    pub shown: bool,
}

impl Rules {
    /// Whether a rule is on. Those that an exam does not set always are.
    pub fn is_on(&self, rule: Rule) -> bool {
        match rule {
            Rule::Takeover => self.takeover,
            Rule::LostTime | Rule::LatePaper | Rule::Outage => true,
            Rule::Away | Rule::Silent | Rule::Devices | Rule::Addresses | Rule::Paste => self.number(rule).is_some(),
        }
    }
    /// The number that a rule goes by; None: it is off, or goes by none.
    pub fn number(&self, rule: Rule) -> Option<i64> {
        match rule {
            Rule::Away => self.away_seconds,
            Rule::Silent => self.silent_seconds,
            Rule::Devices => self.devices,
            Rule::Addresses => self.addresses,
            Rule::Paste => self.paste_chars,
            Rule::LostTime | Rule::LatePaper | Rule::Outage | Rule::Takeover => None,
        }
    }
    /// Sets the number that a rule goes by; None turns it off.
    pub fn set_number(&mut self, rule: Rule, number: Option<i64>) {
        match rule {
            Rule::Away => self.away_seconds = number,
            Rule::Silent => self.silent_seconds = number,
            Rule::Devices => self.devices = number,
            Rule::Addresses => self.addresses = number,
            Rule::Paste => self.paste_chars = number,
            Rule::LostTime | Rule::LatePaper | Rule::Outage | Rule::Takeover => {}
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            away_seconds: Some(30),
            silent_seconds: Some(60),
            takeover: true,
            devices: Some(3),
            addresses: Some(2),
            paste_chars: Some(300),
            shown: false,
        }
    }
}

/// What a rule has found, before it is an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// About whom; None: the room.
    pub candidate: Option<CandidateId>,
    /// What.
    pub finding: Finding,
    /// Names this very finding: who finds it again, on whatever node, finds the same.
    pub key: String,
    /// The entries of the timeline from which it was found: kind and instant.
    pub signs: Vec<(&'static str, Ms)>,
}

impl Found {
    /// Away or silent: what holds now, of everybody.
    pub fn now(status: &Status, clock: &RoomClock, now: Ms) -> Vec<Self> {
        let works = |(id, row): &(&CandidateId, &Row)| {
            let own = clock.clock(id, &row.facts, now);
            own.phase == Phase::Working && own.deadline_ms.is_none_or(|at| now < at)
        };
        let rows = status.rows.iter().filter(works);
        rows.flat_map(|(id, row)| Self::of_row(status, id, row, now)).collect()
    }

    fn of_row(status: &Status, id: &CandidateId, row: &Row, now: Ms) -> Vec<Self> {
        let rules = &status.cases.rules;
        let begun = row.facts.begun_ms.unwrap_or(now);
        let on = |rule| !status.cases.is_off(id, rule);
        let (attention, away_ms) = row.attention;
        // Who was away before time began is away from the begin on.
        let from_ms = away_ms.max(begun);
        let away = rules.away_seconds.map(|s| s * 1000).filter(|limit| now - from_ms > *limit);
        let away = away.filter(|_| attention == Attention::Away && on(Rule::Away));
        // Whoever cannot be heard cannot say that it is back.
        let away = away.filter(|_| row.presence.0.is_here()).map(|limit_ms| Self {
            candidate: Some(id.clone()),
            finding: Finding::Away { from_ms, limit_ms },
            key: format!("away:{id}:{away_ms}"),
            signs: vec![("attention.changed", away_ms)],
        });
        let silent_ms = row.presence.1 - limits::LOST_MS;
        let silent = rules.silent_seconds.map(|s| s * 1000).filter(|limit| now - silent_ms > *limit);
        let silent = silent.filter(|_| row.presence.0 == Presence::Lost && silent_ms > begun && on(Rule::Silent));
        let silent = silent.map(|limit_ms| Self {
            candidate: Some(id.clone()),
            finding: Finding::Silent { from_ms: silent_ms, limit_ms },
            key: gap_key(id, silent_ms),
            signs: vec![("presence.changed", row.presence.1)],
        });
        away.into_iter().chain(silent).collect()
    }

    /// A time that was lost: of the silence that was proposed it is what became of it.
    pub fn lost(id: &CandidateId, lost: &Lost) -> Self {
        let Lost { kind, from_ms, to_ms, ms } = *lost;
        let (finding, key) = match kind {
            LostKind::Connection => (Finding::LostTime { from_ms, to_ms, lost_ms: ms }, gap_key(id, from_ms)),
            LostKind::Paper => (Finding::LatePaper { from_ms, to_ms, lost_ms: ms }, format!("late:{id}:{from_ms}")),
        };
        let signs = vec![("presence.changed", from_ms + limits::LOST_MS), ("presence.changed", to_ms)];
        Self { candidate: Some(id.clone()), finding, key, signs }
    }

    /// Another device asked to continue.
    pub fn takeover(id: &CandidateId, request: &TakeoverId, at_ms: Ms) -> Self {
        Self {
            candidate: Some(id.clone()),
            finding: Finding::Takeover { at_ms },
            key: format!("takeover:{request}"),
            signs: vec![("takeover.asked", at_ms)],
        }
    }

    /// The candidate has written from so many devices.
    pub fn devices(id: &CandidateId, devices: i64, limit: i64, at_ms: Ms) -> Option<Self> {
        (devices >= limit).then(|| Self {
            candidate: Some(id.clone()),
            finding: Finding::Devices { devices, limit },
            key: format!("devices:{id}:{devices}"),
            signs: vec![("pen.taken", at_ms)],
        })
    }

    /// The candidate's devices came from these addresses.
    pub fn addresses(id: &CandidateId, addresses: Vec<String>, limit: i64) -> Option<Self> {
        let n = i64::try_from(addresses.len()).unwrap_or(i64::MAX);
        (n >= limit).then(|| Self {
            candidate: Some(id.clone()),
            key: format!("addresses:{id}:{n}"),
            finding: Finding::Addresses { addresses, limit },
            signs: Vec::new(),
        })
    }
}

/// A silence and the time that was lost by it are one thing.
fn gap_key(id: &CandidateId, from_ms: Ms) -> String {
    format!("gap:{id}:{from_ms}")
}

#[cfg(test)]
mod tests;
