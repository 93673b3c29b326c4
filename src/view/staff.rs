//! The rest of the staff's pages.

use askama::Template;

use super::{Problem, RoomPhase, Shell, markup::Html, room::RoomInfo};
use crate::{domain::Ms, locale};

/// `/staff/login`.
#[derive(Template)]
#[template(path = "staff/login.html")]
pub struct LoginPage {
    /// What every page needs.
    pub shell: Shell,
    /// What was typed.
    pub login: String,
    /// Where to go afterwards; a path of this site.
    pub next: String,
    /// What was wrong.
    pub problem: Option<Problem>,
}

/// `/staff/setup`: the first account, with the secret the server printed.
#[derive(Template)]
#[template(path = "staff/setup.html")]
pub struct SetupPage {
    /// What every page needs.
    pub shell: Shell,
    /// What was typed.
    pub name: String,
    /// What was typed.
    pub login: String,
    /// What was wrong.
    pub problem: Option<Problem>,
}

/// One room of the list.
#[derive(Debug, Clone)]
pub struct RoomItem {
    /// The room.
    pub room: RoomInfo,
    /// Its phase.
    pub phase: RoomPhase,
    /// Planned or real start.
    pub starts_ms: Option<Ms>,
    /// End, as far as known.
    pub ends_ms: Option<Ms>,
    /// On the roster.
    pub expected: u32,
    /// Connected.
    pub here: u32,
    /// Ended.
    pub ended: u32,
    /// Rows in trouble.
    pub trouble: u32,
}

/// `/staff`.
#[derive(Template)]
#[template(path = "staff/rooms.html")]
pub struct RoomsPage {
    /// What every page needs.
    pub shell: Shell,
    /// Rooms this reader may watch: running first, then by start.
    pub rooms: Vec<RoomItem>,
}

impl RoomsPage {
    fn when(&self, item: &RoomItem) -> String {
        item.starts_ms
            .map_or_else(|| self.shell.t("room-by-hand"), |at| locale::day_and_time(self.shell.locale, at, &item.room.zone))
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn ends(&self, item: &RoomItem) -> String {
        item.ends_ms.map_or_else(|| "\u{2013}".to_owned(), |at| locale::time_of_day_short(at, &item.room.zone))
    }
    fn count(&self, phase: &str) -> usize {
        self.rooms.iter().filter(|item| item.phase.key() == phase).count()
    }
}

/// One slip of paper for one student.
#[derive(Debug, Clone)]
pub struct Slip {
    /// Name.
    pub name: String,
    /// Student number.
    pub number: String,
    /// Class.
    pub class: String,
    /// Seat.
    pub seat: String,
    /// The code; `None` once the student has entered with it.
    pub code: Option<String>,
    /// QR code as SVG text, made by our own code; the code stands in the address's fragment.
    pub qr: Option<String>,
}

impl Slip {
    fn picture(&self) -> Option<Html> {
        self.qr.as_deref().and_then(super::markup::svg)
    }
}

/// `/staff/rooms/{room}/codes`: slips to print and cut.
#[derive(Template)]
#[template(path = "staff/codes.html")]
pub struct CodesPage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// Planned start.
    pub starts_ms: Option<Ms>,
    /// Address students type, without code.
    pub address: String,
    /// By seat.
    pub slips: Vec<Slip>,
    /// Students who have no code and have not entered: their codes can be made.
    pub unmade: usize,
}

impl CodesPage {
    fn when(&self) -> String {
        self.starts_ms.map(|at| locale::day_and_time(self.shell.locale, at, &self.room.zone)).unwrap_or_default()
    }
    fn missing(&self) -> usize {
        self.slips.iter().filter(|slip| slip.code.is_none()).count().saturating_sub(self.unmade)
    }
}

/// What became of one answer.
#[derive(Debug, Clone)]
pub struct ResultCell {
    /// Points, "1.5"; empty if the question is not marked.
    pub points: String,
    /// `right, partly, wrong, omitted, unmarked`.
    pub mark: &'static str,
    /// A newer value is stored that does not count, and why (`late, ended, superseded`).
    pub not_counted: Option<String>,
}

/// One candidate's results.
#[derive(Debug, Clone)]
pub struct ResultRow {
    /// Candidate id.
    pub candidate: String,
    /// Seat.
    pub seat: String,
    /// Name.
    pub name: String,
    /// Student number.
    pub number: String,
    /// How it ended, in words.
    pub ended: String,
    /// Score, "17.5"; empty if absent.
    pub score: String,
    /// One a question, in paper order.
    pub cells: Vec<ResultCell>,
}

impl ResultRow {
    fn uncounted(&self) -> bool {
        self.cells.iter().any(|cell| cell.not_counted.is_some())
    }
}

/// One question's statistics.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// Place in the paper.
    pub number: u32,
    /// Beginning of its text.
    pub title: String,
    /// Points it carries.
    pub points: String,
    /// Facility in percent, "62 %"; empty without data.
    pub facility: String,
    /// Facility in whole percent for the bar.
    pub facility_percent: u32,
    /// Omitted, "3 of 40".
    pub omitted: String,
}

/// One bar of the score distribution.
#[derive(Debug, Clone)]
pub struct Bar {
    /// "10–12".
    pub label: String,
    /// Candidates.
    pub count: u32,
}

/// `/staff/rooms/{room}/results`.
#[derive(Template)]
#[template(path = "staff/results.html")]
pub struct ResultsPage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// The room has not ended: figures may change.
    pub provisional: bool,
    /// Points of the whole paper.
    pub total: String,
    /// Candidates with a score.
    pub scored: u32,
    /// "14.2"; empty without data.
    pub mean: String,
    /// Median.
    pub median: String,
    /// Standard deviation.
    pub deviation: String,
    /// Score distribution.
    pub bars: Vec<Bar>,
    /// Per question.
    pub items: Vec<ItemRow>,
    /// Per candidate.
    pub rows: Vec<ResultRow>,
}

impl ResultsPage {
    fn tallest(&self) -> u32 {
        self.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1)
    }
    fn late(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.not_counted.is_some()).count()
    }
    fn mark(&self, cell: &ResultCell) -> String {
        self.shell.t(&format!("mark-{}", cell.mark))
    }
    fn why(&self, code: &str) -> String {
        self.shell.t(&format!("js-why-{code}"))
    }
}
