//! Answers that do not count, before staff count them; and those they have counted, to take that back.

use std::borrow::Borrow;

use askama::Template;

use super::command::REASONS;
use super::{Problem, Shell, room::RoomInfo};
use crate::domain::Ms;
use crate::locale;

/// One answer of the list.
#[derive(Debug, Clone)]
pub struct AcceptRow {
    /// `cd_…:pen:seq`.
    pub key: String,
    /// "07 Zhang Wei".
    pub who: String,
    /// Number of the question on the paper.
    pub question: usize,
    /// What was written, shortened; empty: the answer was cleared.
    pub value: String,
    /// When it was received.
    pub at_ms: Ms,
    /// Word of why it does not count; for one that staff have counted, empty.
    pub why: &'static str,
    /// Why staff counted it, in words.
    pub reason: String,
}

/// `/staff/rooms/{room}/accept`.
#[derive(Template)]
#[template(path = "staff/accept.html")]
pub struct AcceptPage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// Name of the one it is about; None: everybody.
    pub only: Option<String>,
    /// What does not count and could.
    pub open: Vec<AcceptRow>,
    /// What staff have counted.
    pub accepted: Vec<AcceptRow>,
    /// What was just done, in words.
    pub notice: Option<String>,
    /// Why the last wish was not granted.
    pub problem: Option<Problem>,
}

impl AcceptPage {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), &self.room.zone)
    }
    fn why(&self, row: &AcceptRow) -> String {
        self.shell.t(&format!("js-why-{}", row.why))
    }
    fn reasons(&self) -> impl Iterator<Item = (&'static str, String)> {
        let locale = self.shell.locale;
        REASONS.into_iter().map(move |code| (code, locale.t(&format!("reason-{code}"))))
    }
}
