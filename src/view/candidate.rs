//! One candidate for staff: who it is, and answers that were brought in a file.

use askama::Template;

use super::{Problem, Shell, room::RoomInfo, rules::RuleOff};

/// What became of one answer of a file.
#[derive(Debug, Clone)]
pub struct BroughtRow {
    /// The question's place in the paper; None if it is not in it.
    pub number: Option<usize>,
    /// The pen and number it was written with, "1/7".
    pub key: String,
    /// What became of it, in words.
    pub text: String,
    /// `good`, `warn` (stored and does not count) or `bad` (not taken).
    pub state: &'static str,
}

/// `/staff/rooms/{room}/candidates/{candidate}`.
#[derive(Template)]
#[template(path = "staff/candidate.html")]
pub struct CandidatePage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// Candidate id.
    pub candidate: String,
    /// "19 Li Na".
    pub who: String,
    /// Rights of the reader, for what the page shows.
    pub rights: String,
    /// Which rules are off for the candidate.
    pub rules: Vec<RuleOff>,
    /// They have just been kept.
    pub kept: bool,
    /// What became of each answer of the file; None before one was brought.
    pub brought: Option<Vec<BroughtRow>>,
    /// Why a file was not taken.
    pub problem: Option<Problem>,
}

impl CandidatePage {
    fn may_exempt(&self) -> bool {
        self.rights.split(' ').any(|right| right == "time")
    }
    fn off(&self) -> String {
        let names = self.rules.iter().filter(|rule| rule.off).map(|rule| rule.name(self.shell.locale));
        names.collect::<Vec<_>>().join(&self.shell.t("list-comma"))
    }
    fn count(&self, state: &str) -> usize {
        self.brought.iter().flatten().filter(|row| row.state == state).count()
    }
}
