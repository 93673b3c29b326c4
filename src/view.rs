//! Pages and fragments: plain values and a locale in, text out. No rights, no session, no clock: `now_ms` is a parameter.
//!
//! A fragment never depends on who looks. What a person may do stands in `data-rights` on the page's body, and the
//! style sheet hides what is not theirs; the server refuses it in any case.

/// Answers that do not count, to be counted by staff.
pub mod accept;
/// One candidate for staff.
pub mod candidate;
/// Who works in a room, and the projector.
pub mod colleagues;
mod explain;
/// Incidents for staff.
pub mod incidents;
/// From what the server knows to what a page shows.
pub mod live;
/// Messages and raised hands.
pub mod mail;
/// Markup that is safe by construction.
pub mod markup;
/// A paper as a page shows it.
pub mod paper;
/// Who is here, who works here.
pub mod people;
/// Whether a room and its computers are ready.
pub mod readiness;
/// A rehearsal with a simulated crowd.
pub mod rehearsal;
/// The live room: head, table, feed, and the frames' fragments.
pub mod room;
/// What rules look for, and what is off for one candidate.
pub mod rules;
/// Sign in, set-up, rooms, entry codes, results.
pub mod staff;
/// The student's pages.
pub mod student;
/// The timeline, its replay, a bundle for an appeal.
pub mod timeline;
mod words;

/// Preview of a command before it is given.
pub mod command;

pub use crate::domain::clock::Term;
pub use crate::domain::status::Trouble;
pub use explain::explain;
pub use words::{Attention, CandidatePhase, Delivery, EndedBy, Kind, Presence, RoomPhase};

/// Whatever renders as a page or as a part of one.
pub use askama::Template as Page;

use askama::Template;

use crate::{
    domain::Ms,
    locale::{self, Locale},
};

/// What every whole page needs.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The reader's language.
    pub locale: Locale,
    /// Hidden field of every form; also read by scripts for the `X-CSRF` header.
    pub csrf: String,
    /// Path of this page without query, for the language links.
    pub path: String,
    /// Name of the signed-in member of staff, if any.
    pub user: Option<String>,
}

impl Shell {
    /// Text without variables.
    pub fn t(&self, key: &str) -> String {
        self.locale.t(key)
    }
    /// Text with one variable.
    pub fn t1<'a>(&self, key: &str, name: &'static str, value: impl Into<locale::Arg<'a>>) -> String {
        self.locale.t1(key, name, value)
    }
    /// Every language with its address on this page.
    pub fn languages(&self) -> Vec<(Locale, String)> {
        Locale::ALL.iter().map(|l| (*l, format!("{}?lang={}", self.path, l.tag()))).collect()
    }
}

/// Something went wrong, in words that say what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Machine-readable code.
    pub code: String,
    /// What happened.
    pub title: String,
    /// What to do.
    pub detail: String,
}

impl Problem {
    /// The catalogue's words for a code.
    pub fn of(locale: Locale, code: &str) -> Self {
        Self { code: code.to_owned(), title: locale::error_title(locale, code), detail: locale::error_detail(locale, code) }
    }
}

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What every page needs.
    pub shell: Shell,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub problem: Problem,
    /// Where the one button leads: `/` for a student, `/staff` for staff.
    pub back: String,
}

/// What went wrong, for a script to put into the page it has.
#[derive(Template)]
#[template(path = "parts/problem.html")]
pub struct ProblemFragment {
    /// What happened and what to do.
    pub problem: Option<Problem>,
}

/// "Saved 4 s ago" needs one meaning everywhere: whole seconds, never negative.
fn age(locale: Locale, now_ms: Ms, at_ms: Ms) -> String {
    locale::words(locale, (now_ms - at_ms).max(0))
}
