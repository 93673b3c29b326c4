//! The live room: complete without scripts; with them, the same fragments arrive over the socket.

mod change;
mod delivery;
mod row;
mod toolbar;

use std::{borrow::Borrow, collections::BTreeMap};

use askama::Template;

pub use change::{ChangeFragment, ChangePage, ChangeRow};
pub use delivery::{DeliverySummary, DoneFragment};
pub use row::{RowFragment, RowView};
use toolbar::{CommandView, Matrix};

use super::colleagues::{ChargeFragment, ChargeView};
use super::incidents::{IncidentView, WaitingFragment};
use super::mail::{HandView, HandsFragment, LetterFragment, LetterView};
use super::{CandidatePhase, Delivery, Presence, RoomPhase, Shell, Term, explain, markup::Json};
use crate::{
    domain::Ms,
    locale::{self, Locale},
};

/// The room itself, as its head shows it.
#[derive(Debug, Clone)]
pub struct RoomInfo {
    /// Room id.
    pub id: String,
    /// Title of the exam.
    pub title: String,
    /// Location.
    pub location: String,
    /// IANA zone.
    pub zone: String,
}

/// Counts of the room. Each is a link to the rows it counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// On the roster.
    pub expected: u32,
    /// Connected now.
    pub here: u32,
    /// Writing, paused included.
    pub working: u32,
    /// Ended, by whomever.
    pub ended: u32,
    /// Never joined.
    pub absent: u32,
    /// Rows that ask for the teacher's eye.
    pub trouble: u32,
}

/// Head of the live room: what changes with the room.
#[derive(Debug, Clone)]
pub struct HeadView {
    /// The room.
    pub room: RoomInfo,
    /// Its phase.
    pub phase: RoomPhase,
    /// Rev of the clock, sent back with each command as `expected_rev`.
    pub rev: i64,
    /// Planned or real start.
    pub starts_ms: Option<Ms>,
    /// When the last of those without individual time ends; `None` while paused or before the start.
    pub deadline_ms: Option<Ms>,
    /// What is left at `now_ms`, if the room's time has begun.
    pub left_ms: Option<Ms>,
    /// When the last candidate ends, if later than `deadline_ms`.
    pub last_ms: Option<Ms>,
    /// When it ended.
    pub ended_ms: Option<Ms>,
    /// Terms of the room's clock.
    pub terms: Vec<Term>,
    /// Counts.
    pub counts: Counts,
    /// The last time change, and those before it that somebody still lacks; the newest first.
    pub deliveries: Vec<DeliverySummary>,
}

/// The head as a fragment (`head` of a frame) and as part of the page.
#[derive(Template)]
#[template(path = "staff/head.html")]
pub struct HeadFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// What it shows.
    pub head: &'a HeadView,
    /// The instant it was made.
    pub now_ms: Ms,
}
impl askama::filters::HtmlSafe for HeadFragment<'_> {}

impl HeadFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day_short(*ms.borrow(), &self.head.room.zone)
    }
    fn left(&self) -> String {
        self.head.left_ms.map_or_else(|| "\u{2013}:\u{2013}\u{2013}".to_owned(), locale::left)
    }
    fn why(&self) -> String {
        explain(self.locale, &self.head.terms)
    }
    fn commands(&self) -> Vec<CommandView> {
        CommandView::all(self.locale, self.head.phase)
    }
    fn reasons(&self) -> Vec<(&'static str, String)> {
        toolbar::reasons(self.locale)
    }
    fn counts(&self) -> [(&'static str, u32); 6] {
        let c = self.head.counts;
        [
            ("expected", c.expected),
            ("here", c.here),
            ("working", c.working),
            ("ended", c.ended),
            ("absent", c.absent),
            ("trouble", c.trouble),
        ]
    }
    fn sentence(&self) -> String {
        let head = self.head;
        match (head.phase, head.starts_ms, head.deadline_ms, head.ended_ms) {
            (RoomPhase::Scheduled | RoomPhase::Open, Some(at), ..) => self.locale.t1("head-starts", "time", self.time(at)),
            (RoomPhase::Scheduled | RoomPhase::Open, None, ..) => self.locale.t("head-starts-by-hand"),
            (RoomPhase::Running, _, Some(at), _) => self.locale.t1("head-ends", "time", self.time(at)),
            (RoomPhase::Running, _, None, _) => self.locale.t("head-running"),
            (RoomPhase::Paused, ..) => self.locale.t("head-paused"),
            (RoomPhase::Ended, _, _, Some(at)) => self.locale.t1("head-ended", "time", self.time(at)),
            (RoomPhase::Ended, ..) => self.locale.t("head-ended-plain"),
        }
    }
}

/// One line of the feed.
#[derive(Debug, Clone)]
pub struct FeedItem {
    /// Event id, so that a line is never shown twice.
    pub id: String,
    /// What kind of event it tells.
    pub kind: &'static str,
    /// When.
    pub at_ms: Ms,
    /// What, in words.
    pub text: String,
}

/// Lines of the feed, newest first, as a fragment.
#[derive(Template)]
#[template(path = "staff/feed.html")]
pub struct FeedFragment<'a> {
    /// The lines.
    pub items: &'a [FeedItem],
    /// IANA zone of the room.
    pub zone: &'a str,
}
impl askama::filters::HtmlSafe for FeedFragment<'_> {}

impl FeedFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), self.zone)
    }
}

/// Search and filter, also without scripts: `?q=&show=`.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Seat, name or number.
    pub q: String,
    /// `all, trouble, here, working, ended, absent, waiting` (for the new time).
    pub show: String,
}

/// `/staff/rooms/{room}`.
#[derive(Template)]
#[template(path = "staff/room.html")]
pub struct RoomPage {
    /// What every page needs.
    pub shell: Shell,
    /// What this reader may do here, space-separated: `watch message time control paper results`.
    pub rights: String,
    /// Head.
    pub head: HeadView,
    /// Rows in the room's own order (seat); the page puts trouble on top.
    pub rows: Vec<RowView>,
    /// Newest first.
    pub feed: Vec<FeedItem>,
    /// Search and filter.
    pub filter: Filter,
    /// The instant of this page.
    pub now_ms: Ms,
    /// One line above the table: what a command just did.
    pub notice: Option<String>,
    /// Incidents that wait for somebody, newest first.
    pub incidents: Vec<IncidentView>,
    /// Messages, newest first.
    pub letters: Vec<LetterView>,
    /// Hands that are up.
    pub hands: Vec<HandView>,
    /// Who is in charge.
    pub charge: ChargeView,
}

#[derive(serde::Serialize)]
struct RoomData<'a> {
    room: &'a str,
    lang: &'static str,
    csrf: &'a str,
    zone: &'a str,
    now_ms: Ms,
    matrix: Matrix,
    texts: BTreeMap<&'static str, String>,
}

impl RoomPage {
    fn head_html(&self) -> HeadFragment<'_> {
        HeadFragment { locale: self.shell.locale, head: &self.head, now_ms: self.now_ms }
    }
    fn charge_html(&self) -> ChargeFragment<'_> {
        ChargeFragment { locale: self.shell.locale, csrf: &self.shell.csrf, charge: &self.charge }
    }
    fn incidents_html(&self) -> WaitingFragment<'_> {
        let Shell { locale, csrf, .. } = &self.shell;
        WaitingFragment { locale: *locale, csrf, room: &self.head.room, incidents: &self.incidents }
    }
    fn row_html<'a>(&'a self, row: &'a RowView) -> RowFragment<'a> {
        RowFragment { locale: self.shell.locale, row, zone: &self.head.room.zone, now_ms: self.now_ms }
    }
    fn letter_html<'a>(&'a self, letter: &'a LetterView) -> LetterFragment<'a> {
        LetterFragment { locale: self.shell.locale, letter, zone: &self.head.room.zone }
    }
    fn hands_html(&self) -> HandsFragment<'_> {
        let room = &self.head.room;
        HandsFragment { locale: self.shell.locale, room: &room.id, hands: &self.hands, zone: &room.zone, now_ms: self.now_ms }
    }
    fn feed_html(&self) -> FeedFragment<'_> {
        FeedFragment { items: &self.feed, zone: &self.head.room.zone }
    }
    fn troubled(&self) -> impl Iterator<Item = &RowView> {
        self.rows.iter().filter(|row| !row.trouble.is_empty() && self.shown(row))
    }
    fn calm(&self) -> impl Iterator<Item = &RowView> {
        self.rows.iter().filter(|row| row.trouble.is_empty() && self.shown(row))
    }
    fn shown(&self, row: &RowView) -> bool {
        let q = self.filter.q.trim().to_lowercase();
        let found = q.is_empty() || [&row.seat, &row.name, &row.number].iter().any(|text| text.to_lowercase().contains(&q));
        let kind = match self.filter.show.as_str() {
            "trouble" => !row.trouble.is_empty(),
            "here" => matches!(row.presence, Presence::Connected | Presence::Slow | Presence::Unsteady),
            "working" => matches!(row.phase, CandidatePhase::Working | CandidatePhase::Paused),
            "ended" => row.phase == CandidatePhase::Ended,
            "absent" => row.presence == Presence::Never,
            "waiting" => row.delivery == Delivery::Queued,
            _ => true,
        };
        found && kind
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn filters(&self) -> [&'static str; 7] {
        ["all", "trouble", "here", "working", "ended", "absent", "waiting"]
    }
    fn showing(&self, name: &str) -> bool {
        self.filter.show == name || (name == "all" && self.filter.show.is_empty())
    }
    fn data(&self) -> Json {
        Json::of(&RoomData {
            room: &self.head.room.id,
            lang: self.shell.locale.tag(),
            csrf: &self.shell.csrf,
            zone: &self.head.room.zone,
            now_ms: self.now_ms,
            matrix: toolbar::matrix(),
            texts: super::words::script_texts(self.shell.locale, SCRIPT_TEXTS),
        })
    }
}

const SCRIPT_TEXTS: &[(&str, &[&str])] = &[
    ("js-live-ok", &[]),
    ("js-live-stale", &["n"]),
    ("js-live-stopped", &[]),
    ("js-live-held", &["n"]),
    ("js-live-hold", &[]),
    ("js-live-go", &[]),
    ("js-for-all", &["n"]),
    ("js-for-some", &["n"]),
    ("js-rows-shown", &["n", "total"]),
    ("js-preview-failed", &[]),
    ("js-cannot-some", &["phases"]),
    ("js-cannot-room", &[]),
    ("js-alarm-many", &["n"]),
    ("js-feed-go", &[]),
    ("js-feed-new", &["n"]),
    ("js-feed-pause", &[]),
    ("js-keys-no-row", &[]),
    ("js-keys-picked", &[]),
    ("js-keys-unpicked", &[]),
    ("js-left-30m", &[]),
    ("js-left-10m", &[]),
    ("js-left-5m", &[]),
    ("js-left-1m", &[]),
    ("js-left-30s", &[]),
    ("js-h", &["n"]),
    ("js-m", &["n"]),
    ("js-s", &["n"]),
];
