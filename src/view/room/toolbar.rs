//! The commands of the live room: every one is there; one that cannot be given now says why. The domain's matrix decides; the page gets it
//! too, to say the same of a selection.

use std::collections::BTreeMap;

use super::RoomPhase;
use crate::{
    domain::{
        access::Need,
        clock,
        control::{Standing, Word, stands},
    },
    locale::Locale,
    view::command::REASONS,
};

/// Verb, then phase of the room, then phase of a candidate or `room`: how it stands. What is in a wrong phase is left out.
pub(super) type Matrix = BTreeMap<&'static str, BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>>;

/// Whom a cell of the matrix is about: the room, then candidates by their phase.
fn targets() -> impl Iterator<Item = (&'static str, Option<clock::Phase>)> {
    [("room", None)].into_iter().chain(clock::Phase::ALL.iter().map(|phase| (phase.as_str(), Some(*phase))))
}

/// The domain's matrix for the page's script.
pub(super) fn matrix() -> Matrix {
    let cells = |word: Word, room: clock::RoomPhase| {
        let cell = |(name, who)| Some((name, stands(word, room, who))).filter(|(_, how)| *how != Standing::WrongPhase);
        targets().filter_map(cell).map(|(name, how)| (name, how.as_str())).collect()
    };
    let rooms = |word: Word| clock::RoomPhase::ALL.iter().map(|room| (room.as_str(), cells(word, *room))).collect();
    Word::ALL.iter().map(|word| (word.as_str(), rooms(*word))).collect()
}

/// Reasons to choose from beside the minutes; the first is none.
pub(super) fn reasons(locale: Locale) -> Vec<(&'static str, String)> {
    let none = ("", locale.t("reason-none"));
    [none].into_iter().chain(REASONS.map(|code| (code, locale.t(&format!("reason-{code}"))))).collect()
}

/// One command of the toolbar.
#[derive(Debug, Clone)]
pub struct CommandView {
    /// Which.
    pub word: Word,
    /// Why it cannot be given to the room now, in words; `None` if it can.
    pub refused: Option<String>,
}

impl CommandView {
    /// The toolbar for a phase.
    pub fn all(locale: Locale, phase: RoomPhase) -> Vec<Self> {
        let now = clock::RoomPhase::parse(phase.key()).unwrap_or(clock::RoomPhase::Scheduled);
        let words = Word::ALL.iter().filter(|word| **word != Word::Revert);
        words.map(|word| Self { word: *word, refused: refusal(locale, phase, stands(*word, now, None)) }).collect()
    }
    pub(super) fn verb(&self) -> &'static str {
        self.word.as_str()
    }
    /// The right it takes.
    pub(super) fn right(&self) -> &'static str {
        if let Need::Right(right) = self.word.action().need() { right.as_str() } else { "control" }
    }
    pub(super) fn grave(&self) -> bool {
        matches!(self.word, Word::End | Word::Terminate)
    }
    pub(super) fn label(&self, locale: Locale) -> String {
        locale.t(&format!("verb-{}", self.verb()))
    }
    pub(super) fn help(&self, locale: Locale) -> String {
        self.refused.clone().unwrap_or_else(|| locale.t(&format!("verb-{}-help", self.verb())))
    }
}

fn refusal(locale: Locale, phase: RoomPhase, how: Standing) -> Option<String> {
    match how {
        Standing::Possible => None,
        Standing::NeedsCandidates => Some(locale.t("cannot-nobody")),
        Standing::Already | Standing::WrongPhase | Standing::RoomOnly => {
            Some(locale.t1("cannot-now", "phase", phase.text(locale)))
        }
    }
}
