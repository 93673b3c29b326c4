//! Whether a room is ready for its exam: a pure function from what was seen to lines that say what is wrong and what mends it.
//!
//! A line is a word of the catalogue (`ready-<says>`, and `ready-<says>-fix` unless it is good) with its variables, so that REST and
//! pages say the same in the reader's language.

/// The computers that students will sit at.
mod computers;
/// People, paper and time: what a teacher prepares.
mod prepared;
/// What came of a rehearsal.
mod rehearsed;
/// The server underneath.
mod server;

use super::Ms;

pub use computers::{Checked, Measured, Scripts, Socket, is_ready, judge};
pub use prepared::{PaperSeen, Seat, StaffSeen};
pub use rehearsed::{Rehearsal, Rehearsed, judge_rehearsal};
pub use server::{BackupSeen, Reach, ServerSeen};

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be mended before the exam.
    Bad,
    /// Somebody should look; the exam can be held.
    Look,
    /// As it should be.
    Good,
}

impl State {
    /// As sent and as the catalogue knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Look => "look",
            Self::Good => "good",
        }
    }
}

/// The value of a variable of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(i64),
    /// Words of the school.
    Text(String),
    /// A length, ms.
    Length(Ms),
    /// An instant, Unix ms.
    At(Ms),
}

/// Where a line is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The page with entry codes.
    Codes,
    /// The check of the computers.
    Check,
    /// The rehearsal.
    Rehearsal,
}

impl Place {
    /// The last part of its address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Check => "check",
            Self::Rehearsal => "rehearsal",
        }
    }
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was looked at.
    pub check: &'static str,
    /// How it stands.
    pub state: State,
    /// What was seen: a word of the catalogue.
    pub says: &'static str,
    /// Variables of its sentences.
    pub values: Vec<(&'static str, Value)>,
    /// Where it is mended, if that is a page of the room.
    pub place: Option<Place>,
}

impl Line {
    fn new(check: &'static str, state: State, says: &'static str) -> Self {
        Self { check, state, says, values: Vec::new(), place: None }
    }
    fn good(check: &'static str, says: &'static str) -> Self {
        Self::new(check, State::Good, says)
    }
    fn look(check: &'static str, says: &'static str) -> Self {
        Self::new(check, State::Look, says)
    }
    fn bad(check: &'static str, says: &'static str) -> Self {
        Self::new(check, State::Bad, says)
    }
    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.values.push((name, value));
        self
    }
    fn n(self, n: usize) -> Self {
        self.with("n", Value::Number(i64::try_from(n).unwrap_or(i64::MAX)))
    }
    fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

/// When the room is sat, and what it has for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When this was looked at.
    pub now: Ms,
    /// When the schedule starts it.
    pub starts_ms: Option<Ms>,
    /// Until when it may be sat.
    pub window_ends_ms: Option<Ms>,
    /// Whether that end caps every deadline.
    pub window_hard: bool,
    /// The allowance without accommodation, ms.
    pub base_ms: Ms,
    /// How long after the start somebody may still begin with the whole allowance, ms; 0 where a latecomer loses time.
    pub late_ms: Ms,
    /// It has begun.
    pub started: bool,
}

impl Times {
    /// When it begins, as far as anybody knows.
    pub fn begins_ms(&self) -> Ms {
        self.starts_ms.unwrap_or(self.now)
    }
}

/// Everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub times: Times,
    /// The roster.
    pub seats: Vec<Seat>,
    /// The paper that will be sat.
    pub paper: PaperSeen,
    /// Who watches over it.
    pub staff: StaffSeen,
    /// Other rooms that are sat at the same time.
    pub others: usize,
    /// One of them is in the same place.
    pub place_twice: bool,
    /// The reader's clock less the server's, ms; None: it was not told.
    pub clock_off_ms: Option<Ms>,
    /// The server.
    pub server: ServerSeen,
    /// The check of the computers; None: there was none.
    pub checked: Option<Checked>,
    /// The last rehearsal and when it was.
    pub rehearsed: Option<(Ms, Rehearsal)>,
}

/// The checklist, in the order in which a teacher goes through it.
pub fn checklist(seen: &Seen) -> Vec<Line> {
    let mut lines = prepared::lines(seen);
    lines.extend(computers::lines(seen));
    lines.extend(rehearsed::line(seen));
    lines.extend(server::lines(seen));
    lines
}

/// How the room stands in all: as its worst line.
pub fn worst(lines: &[Line]) -> State {
    lines.iter().map(|line| line.state).min().unwrap_or(State::Good)
}

#[cfg(test)]
mod tests;
