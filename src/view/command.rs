//! A command is shown before it is given: who, from when to when, who is left out and why.

use std::borrow::Borrow;

use askama::Template;

use super::{Problem, Shell, room::RoomInfo};
use crate::{
    domain::Ms,
    locale::{self, Locale},
};

/// Reasons staff choose from; the words are `reason-<code>`.
pub const REASONS: [&str; 11] = [
    "network",
    "power",
    "device",
    "fire_alarm",
    "noise",
    "illness",
    "accommodation",
    "late_start",
    "conduct",
    "staff_error",
    "other",
];

/// What a command would do to one candidate.
#[derive(Debug, Clone)]
pub struct PreviewRow {
    /// Candidate id.
    pub candidate: String,
    /// "07 Zhang Wei".
    pub who: String,
    /// Seat; may be empty.
    pub seat: String,
    /// End before; `None` if there was none (not begun, paused).
    pub before_ms: Option<Ms>,
    /// End after.
    pub after_ms: Option<Ms>,
    /// What is left of the time after it, if it runs or stands still.
    pub left_ms: Option<Ms>,
    /// Why it is left out, in words; `None` if it is affected.
    pub refused: Option<String>,
}

/// A command as it would act now.
#[derive(Debug, Clone)]
pub struct PreviewView {
    /// The room.
    pub room: RoomInfo,
    /// `open, start, pause, resume, extend, end`, or `terminate, reopen, credit, accommodate, revert`.
    pub verb: String,
    /// The command acts on these; empty means the room.
    pub candidates: Vec<String>,
    /// Length for `extend` and `credit`; may be negative.
    pub seconds: Option<i64>,
    /// For `accommodate`: extra time, per cent.
    pub percent: Option<String>,
    /// For `end`: those with individual extra time keep it.
    pub spare: Option<bool>,
    /// For `revert`: the change it takes back.
    pub rev: Option<i64>,
    /// Rev the preview was made at; goes back as `expected_rev`.
    pub expected_rev: i64,
    /// Idempotency key of the confirmation.
    pub key: String,
    /// Every candidate it looks at.
    pub rows: Vec<PreviewRow>,
    /// Why the whole command cannot be given.
    pub problem: Option<Problem>,
    /// What was typed is not what had to be.
    pub problem_of_typing: Option<Problem>,
    /// The browser's clock and the server's differ: it has to be accepted.
    pub clock_differs: bool,
    /// Reason chosen before, when the preview is made again.
    pub reason_code: String,
    /// Words written before.
    pub reason_text: String,
}

impl PreviewView {
    fn affected(&self) -> usize {
        self.rows.iter().filter(|row| row.refused.is_none()).count()
    }
    fn refused(&self) -> usize {
        self.rows.len() - self.affected()
    }
    fn timed(&self) -> bool {
        self.seconds.is_some()
    }
    /// The number field counts minutes; halves are allowed, so 90 s reads 1.5.
    fn minutes(&self) -> String {
        let seconds = self.seconds.unwrap_or_default();
        if seconds % 60 == 0 {
            (seconds / 60).to_string()
        } else {
            format!("{}", f64::from(i32::try_from(seconds).unwrap_or(0)) / 60.0)
        }
    }
    /// A new end time is worth a column only where something changes it.
    fn ends(&self) -> bool {
        self.rows.iter().any(|row| row.before_ms.is_some() || row.after_ms.is_some())
    }
    fn grave(&self) -> bool {
        matches!(self.verb.as_str(), "end" | "terminate")
    }
    /// What has to be typed for what cannot be undone: how many end, or the seat of a single one.
    fn wanted(&self) -> Option<String> {
        let mut ending = self.rows.iter().filter(|row| row.refused.is_none());
        match (ending.next().filter(|_| self.grave())?, ending.next()) {
            (one, None) if self.verb == "terminate" && !one.seat.is_empty() => Some(one.seat.clone()),
            _ => Some(self.affected().to_string()),
        }
    }
    fn wanted_label(&self, locale: Locale, wanted: &str) -> String {
        let seat = self.verb == "terminate" && self.affected() == 1 && self.rows.iter().any(|row| row.seat == wanted);
        locale.t1(if seat { "typed-seat" } else { "typed-count" }, "word", wanted)
    }
    /// Ending somebody and letting somebody go on take a reason.
    fn needs_reason(&self) -> bool {
        matches!(self.verb.as_str(), "terminate" | "reopen")
    }
    fn title(&self, locale: Locale) -> String {
        locale.t(&format!("preview-{}", self.verb))
    }
    fn confirm(&self, locale: Locale) -> String {
        locale.t1(&format!("confirm-{}", self.verb), "n", self.affected())
    }
    fn consequence(&self, locale: Locale) -> String {
        locale.t(&format!("preview-{}-means", self.verb))
    }
}

/// The preview as a whole page.
#[derive(Template)]
#[template(path = "staff/preview.html")]
pub struct PreviewPage {
    /// What every page needs.
    pub shell: Shell,
    /// The command.
    pub preview: PreviewView,
}

/// The preview inside a dialog of the live room.
#[derive(Template)]
#[template(path = "staff/preview_part.html")]
pub struct PreviewFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// Hidden field of the form.
    pub csrf: &'a str,
    /// The command.
    pub preview: &'a PreviewView,
}
impl askama::filters::HtmlSafe for PreviewFragment<'_> {}

impl PreviewFragment<'_> {
    fn time(&self, ms: impl Borrow<Option<Ms>>) -> String {
        ms.borrow().map_or_else(|| "\u{2013}".to_owned(), |ms| locale::time_of_day_short(ms, &self.preview.room.zone))
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn left(&self, ms: impl Borrow<Option<Ms>>) -> String {
        ms.borrow().map_or_else(|| "\u{2013}".to_owned(), locale::left)
    }
    fn reasons(&self) -> impl Iterator<Item = (&'static str, String)> {
        let locale = self.locale;
        let own = ["lost_time", "late_paper"].into_iter().filter(|code| *code == self.preview.reason_code);
        let none = if self.preview.needs_reason() { "reason-choose" } else { "reason-none" };
        let named = own.chain(REASONS).map(move |code| (code, locale.t(&format!("reason-{code}"))));
        [("", locale.t(none))].into_iter().chain(named)
    }
}

impl PreviewPage {
    fn title(&self) -> String {
        self.preview.title(self.shell.locale)
    }
    fn part(&self) -> PreviewFragment<'_> {
        PreviewFragment { locale: self.shell.locale, csrf: &self.shell.csrf, preview: &self.preview }
    }
}
