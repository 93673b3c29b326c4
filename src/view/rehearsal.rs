//! A rehearsal with a simulated crowd.

use askama::Template;

use super::readiness::ReadyLine;
use super::{Problem, Shell, room::RoomInfo};
use crate::domain::readiness::State;
use crate::locale::Locale;

/// How it goes: a part of the page that is fetched again.
#[derive(Template)]
#[template(path = "staff/rehearsal_part.html")]
pub struct RehearsalPart {
    /// Language of the reader.
    pub locale: Locale,
    /// It is under way.
    pub running: bool,
    /// In a sentence; empty: there was none.
    pub headline: String,
    /// How it stands in all.
    pub state: State,
    /// What it has found.
    pub lines: Vec<ReadyLine>,
}
impl askama::filters::HtmlSafe for RehearsalPart {}

/// `/staff/rooms/{room}/rehearsal`.
#[derive(Template)]
#[template(path = "staff/rehearsal.html")]
pub struct RehearsalPage {
    /// What every page needs.
    pub shell: Shell,
    /// Names of the reader's rights, with spaces between.
    pub rights: String,
    /// The room.
    pub room: RoomInfo,
    /// Simulated students, when nothing else is said.
    pub people: i64,
    /// How it goes.
    pub part: RehearsalPart,
    /// Why the last wish was not granted.
    pub problem: Option<Problem>,
}
