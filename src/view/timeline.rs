//! The timeline: searched, sealed, replayed; and one candidate's bundle for an appeal.

use std::borrow::Borrow;

use askama::Template;

use super::Shell;
use super::room::{FeedFragment, FeedItem, RoomInfo, RowFragment, RowView};
use crate::domain::Ms;
use crate::locale::{self, Locale};

/// One entry of the timeline.
#[derive(Debug, Clone)]
pub struct TimelineRow {
    /// When.
    pub at_ms: Ms,
    /// Event kind, as stored.
    pub kind: String,
    /// What happened, in words.
    pub text: String,
    /// "07 Zhang Wei", or empty for the room.
    pub who: String,
    /// Who did it, or empty.
    pub by: String,
}

/// Something to choose from: value and label.
pub type Choice = (String, String);

/// What is looked for, as it stands in the address.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A group of kinds, or empty.
    pub group: String,
    /// A candidate, or empty.
    pub candidate: String,
    /// An account, or empty.
    pub by: String,
    /// From when, as the form has it, or empty.
    pub from: String,
    /// Until when, or empty.
    pub to: String,
    /// Words.
    pub q: String,
}

/// What holding the timeline against its seals came to.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Entries under seals.
    pub entries: i64,
    /// Entries whose content was erased.
    pub erased: i64,
    /// What is wrong, in words; empty: nothing.
    pub faults: Vec<String>,
}

/// How far a timeline is sealed.
#[derive(Debug, Clone, Default)]
pub struct SealView {
    /// The newest head, to be kept elsewhere.
    pub mark: Option<(String, Ms)>,
    /// What a check came to, if one was asked for.
    pub checked: Option<Checked>,
}

/// The seal as a part of a page.
#[derive(Template)]
#[template(path = "staff/seal.html")]
pub struct SealFragment<'a> {
    locale: Locale,
    room: &'a RoomInfo,
    seal: &'a SealView,
}
impl askama::filters::HtmlSafe for SealFragment<'_> {}

impl SealFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::day_and_seconds(self.locale, *ms.borrow(), &self.room.zone)
    }
}

/// `/staff/rooms/{room}/timeline`.
#[derive(Template)]
#[template(path = "staff/timeline.html")]
pub struct TimelinePage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// What the reader may do here.
    pub rights: String,
    /// What is looked for.
    pub wanted: Wanted,
    /// Groups of kinds.
    pub groups: Vec<Choice>,
    /// Candidates.
    pub people: Vec<Choice>,
    /// Accounts that did something.
    pub actors: Vec<Choice>,
    /// Newest first.
    pub rows: Vec<TimelineRow>,
    /// Address of older entries.
    pub older: Option<String>,
    /// Query of the files with the same entries.
    pub file: String,
    /// How far it is sealed.
    pub seal: SealView,
}

impl TimelinePage {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), &self.room.zone)
    }
    fn seal_html(&self) -> SealFragment<'_> {
        SealFragment { locale: self.shell.locale, room: &self.room, seal: &self.seal }
    }
    fn searching(&self) -> bool {
        let Wanted { group, candidate, by, from, to, q } = &self.wanted;
        [group, candidate, by, from, to, q].into_iter().any(|field| !field.is_empty())
    }
}

/// `/staff/rooms/{room}/replay`.
#[derive(Template)]
#[template(path = "staff/replay.html")]
pub struct ReplayPage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// First and last instant that can be shown, Unix ms.
    pub span: (Ms, Ms),
    /// The room as it was.
    pub then: Then,
}

/// A room as it was.
#[derive(Debug, Clone)]
pub struct Then {
    /// The reader's language.
    pub locale: Locale,
    /// IANA zone of the room.
    pub zone: String,
    /// When, Unix ms.
    pub at_ms: Ms,
    /// "Running", and its key.
    pub phase: (&'static str, String),
    /// Name and number of each state.
    pub counts: Vec<(String, i64)>,
    /// One row a candidate.
    pub rows: Vec<RowView>,
    /// What had happened lately, newest first.
    pub feed: Vec<FeedItem>,
}

/// The part of the page that changes with the instant.
#[derive(Template)]
#[template(path = "staff/then.html")]
pub struct ThenFragment<'a> {
    /// The room as it was.
    pub then: &'a Then,
}
impl askama::filters::HtmlSafe for ThenFragment<'_> {}

impl ThenFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::day_and_seconds(self.then.locale, *ms.borrow(), &self.then.zone)
    }
    fn row_html<'a>(&'a self, row: &'a RowView) -> RowFragment<'a> {
        RowFragment { locale: self.then.locale, row, zone: &self.then.zone, now_ms: self.then.at_ms }
    }
    fn feed_html(&self) -> FeedFragment<'_> {
        FeedFragment { items: &self.then.feed, zone: &self.then.zone }
    }
}

impl ReplayPage {
    fn then_html(&self) -> ThenFragment<'_> {
        ThenFragment { then: &self.then }
    }
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::day_and_seconds(self.shell.locale, *ms.borrow(), &self.room.zone)
    }
}

/// One answer of a bundle.
#[derive(Debug, Clone)]
pub struct BundleAnswer {
    /// Number of the question on the paper; 0: not in it.
    pub question: usize,
    /// The pen and number it was written with, "1/7".
    pub key: String,
    /// What was written; empty: the question was cleared.
    pub value: String,
    /// When it was received.
    pub at_ms: Ms,
    /// Whether it counts, and why not or how, in words.
    pub standing: String,
    /// It does not count.
    pub out: bool,
}

/// `/staff/rooms/{room}/candidates/{candidate}/bundle`.
#[derive(Template)]
#[template(path = "staff/bundle.html")]
pub struct BundlePage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// What the reader may do here.
    pub rights: String,
    /// "19 Li Na".
    pub who: String,
    /// Term and description of each fact.
    pub facts: Vec<Choice>,
    /// The deadline's terms, in words; empty: there is none.
    pub why: String,
    /// Every answer, oldest first; None: not for this reader.
    pub answers: Option<Vec<BundleAnswer>>,
    /// The receipt over them, whole.
    pub receipt: String,
    /// What concerns the candidate, oldest first.
    pub rows: Vec<TimelineRow>,
    /// There is more than a page can hold: the file has it all.
    pub cut: bool,
    /// Query of that file.
    pub file: String,
    /// How far the timeline is sealed.
    pub seal: SealView,
    /// When this was made.
    pub now_ms: Ms,
}

impl BundlePage {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::day_and_seconds(self.shell.locale, *ms.borrow(), &self.room.zone)
    }
    fn zone(&self) -> String {
        locale::zone_name(self.now_ms, &self.room.zone)
    }
    fn seal_html(&self) -> SealFragment<'_> {
        SealFragment { locale: self.shell.locale, room: &self.room, seal: &self.seal }
    }
}
