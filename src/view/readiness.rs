//! Whether a room is ready for its exam, and its computers.

use std::borrow::Borrow;

use askama::Template;

use super::markup::{Html, Json};
use super::{Problem, Shell, room::RoomInfo};
use crate::domain::Ms;
use crate::domain::readiness::{Line, Place, State, worst};
use crate::locale::{self, Locale, ready_words};

/// One line in words.
#[derive(Debug, Clone)]
pub struct ReadyLine {
    /// How it stands.
    pub state: State,
    /// What was seen.
    pub says: String,
    /// What mends it; empty where nothing is to be mended.
    pub fix: String,
    /// Last part of the address of the page on which it is mended.
    pub place: Option<&'static str>,
}

/// Puts lines into words.
pub fn ready_lines(locale: Locale, lines: &[Line], zone: &str) -> Vec<ReadyLine> {
    let word = |line: &Line| {
        let (says, fix) = ready_words(locale, line, zone);
        ReadyLine { state: line.state, says, fix, place: line.place.map(Place::as_str) }
    };
    lines.iter().map(word).collect()
}

/// The checklist of a room: a part of its page that is fetched again.
#[derive(Template)]
#[template(path = "staff/readiness_part.html")]
pub struct ReadinessPart {
    /// Language of the reader.
    pub locale: Locale,
    /// Room id.
    pub room: String,
    /// How it stands in all.
    pub state: State,
    /// Line by line.
    pub lines: Vec<ReadyLine>,
}
impl askama::filters::HtmlSafe for ReadinessPart {}

impl ReadinessPart {
    /// From what was seen.
    pub fn of(locale: Locale, room: &str, zone: &str, lines: &[Line]) -> Self {
        Self { locale, room: room.to_owned(), state: worst(lines), lines: ready_lines(locale, lines, zone) }
    }
    fn count(&self, state: State) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }
    fn headline(&self) -> String {
        let (bad, look) = (self.count(State::Bad), self.count(State::Look));
        match self.state {
            State::Bad => self.locale.t2("readiness-bad", "bad", bad, "look", look),
            State::Look => self.locale.t1("readiness-look", "n", look),
            State::Good => self.locale.t("readiness-good"),
        }
    }
}

/// `/staff/rooms/{room}/readiness`.
#[derive(Template)]
#[template(path = "staff/readiness.html")]
pub struct ReadinessPage {
    /// What every page needs.
    pub shell: Shell,
    /// Names of the reader's rights, with spaces between.
    pub rights: String,
    /// The room.
    pub room: RoomInfo,
    /// The checklist.
    pub part: ReadinessPart,
}

/// One computer.
#[derive(Debug, Clone)]
pub struct ComputerRow {
    /// What people call it; empty: nobody has said.
    pub name: String,
    /// The beginning of the name that it has given itself.
    pub mark: String,
    /// Whether an exam can be sat there.
    pub ready: bool,
    /// What is wrong with it, or to be looked at.
    pub troubles: Vec<ReadyLine>,
    /// When it reported last.
    pub at_ms: Ms,
}

/// The computers of a room: a part of its page that is fetched again.
#[derive(Template)]
#[template(path = "staff/check_part.html")]
pub struct CheckPart {
    /// Language of the reader.
    pub locale: Locale,
    /// Zone of the room.
    pub zone: String,
    /// Those in trouble first, then by name.
    pub computers: Vec<ComputerRow>,
}
impl askama::filters::HtmlSafe for CheckPart {}

impl CheckPart {
    fn ready(&self) -> usize {
        self.computers.iter().filter(|computer| computer.ready).count()
    }
    fn headline(&self) -> String {
        match self.computers.len() {
            0 => self.locale.t("check-nobody"),
            all => self.locale.t2("check-count", "ready", self.ready(), "all", all),
        }
    }
    fn name(&self, computer: &ComputerRow) -> String {
        if computer.name.is_empty() { self.locale.t1("check-unnamed", "mark", &computer.mark) } else { computer.name.clone() }
    }
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), &self.zone)
    }
}

/// Where computers report to.
#[derive(Debug, Clone)]
pub struct CheckDoor {
    /// The code.
    pub code: String,
    /// The whole address.
    pub address: String,
    /// The same as a picture, SVG text of our own.
    pub qr: Option<String>,
    /// Until when.
    pub closes_ms: Ms,
}

impl CheckDoor {
    fn picture(&self) -> Option<Html> {
        self.qr.as_deref().and_then(super::markup::svg)
    }
}

/// `/staff/rooms/{room}/check`.
#[derive(Template)]
#[template(path = "staff/check.html")]
pub struct CheckPage {
    /// What every page needs.
    pub shell: Shell,
    /// Names of the reader's rights, with spaces between.
    pub rights: String,
    /// The room.
    pub room: RoomInfo,
    /// Where computers report to, while it is open.
    pub door: Option<CheckDoor>,
    /// Who has reported; None: there was no check lately.
    pub part: Option<CheckPart>,
}

impl CheckPage {
    fn until(&self, door: &CheckDoor) -> String {
        locale::time_of_day_short(door.closes_ms, &self.room.zone)
    }
}

/// `/check` and `/check/{code}`: on the computer that is tried.
#[derive(Template)]
#[template(path = "check.html")]
pub struct ComputerPage {
    /// What every page needs.
    pub shell: Shell,
    /// Code of the check; empty: only this computer wants to know.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What came of a form that was sent without a script; None: nothing was tried yet.
    pub lines: Option<Vec<ReadyLine>>,
    /// Why it was not taken.
    pub problem: Option<Problem>,
}

/// Texts of the page's script.
const SCRIPT_TEXTS: &[(&str, &[&str])] = &[
    ("js-check-trying", &[]),
    ("js-check-ready", &[]),
    ("js-check-not-ready", &[]),
    ("js-check-told", &[]),
    ("js-check-told-as", &["name"]),
    ("js-check-not-told", &[]),
    ("js-check-good", &[]),
    ("js-check-look", &[]),
    ("js-check-bad", &[]),
];

impl ComputerPage {
    fn data(&self) -> Json {
        let texts = super::words::script_texts(self.shell.locale, SCRIPT_TEXTS);
        Json::of(&serde_json::json!({ "texts": texts }))
    }
}
