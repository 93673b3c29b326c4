//! One candidate's row of the live table.

use std::borrow::Borrow;

use askama::Template;

use crate::{
    domain::{Ms, attendance::Said},
    locale::{self, Locale},
    view::{Attention, CandidatePhase, Delivery, EndedBy, Presence, Term, Trouble, age, explain},
};

/// One candidate of the live table.
#[derive(Debug, Clone)]
pub struct RowView {
    /// Candidate id.
    pub candidate: String,
    /// Room id.
    pub room: String,
    /// Seat; may be empty.
    pub seat: String,
    /// Name.
    pub name: String,
    /// Student number.
    pub number: String,
    /// Phase.
    pub phase: CandidatePhase,
    /// Who ended it.
    pub ended_by: Option<EndedBy>,
    /// When it ended.
    pub ended_ms: Option<Ms>,
    /// Connection.
    pub presence: Presence,
    /// Last sign of life.
    pub heard_ms: Option<Ms>,
    /// In front or not.
    pub attention: Attention,
    /// Since when.
    pub attention_since_ms: Option<Ms>,
    /// End, if the clock runs.
    pub deadline_ms: Option<Ms>,
    /// What is left at the instant of rendering, if the time has begun and not ended.
    pub left_ms: Option<Ms>,
    /// Terms of the deadline.
    pub terms: Vec<Term>,
    /// Questions answered.
    pub answered: u32,
    /// Questions of the paper.
    pub total: u32,
    /// Last commit of an answer.
    pub saved_ms: Option<Ms>,
    /// All that was added for this candidate alone, accommodation included.
    pub extra_ms: Ms,
    /// Has the page the newest time.
    pub delivery: Delivery,
    /// Incidents that wait for somebody.
    pub incidents: u32,
    /// Here or missing, as staff say.
    pub said: Option<Said>,
    /// Somebody has made sure who it is.
    pub identified: bool,
    /// Why the row floats up.
    pub trouble: Vec<Trouble>,
}

impl RowView {
    fn ended(&self) -> bool {
        self.phase == CandidatePhase::Ended
    }
}

/// Stands in a sentence where the page counts on by itself.
const GAP: &str = "\u{1}";

/// One row as a fragment.
#[derive(Template)]
#[template(path = "staff/row.html")]
pub struct RowFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// What it shows.
    pub row: &'a RowView,
    /// IANA zone of the room.
    pub zone: &'a str,
    /// The instant it was made: ages count from here.
    pub now_ms: Ms,
}
impl askama::filters::HtmlSafe for RowFragment<'_> {}

impl RowFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), self.zone)
    }
    fn minute(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day_short(*ms.borrow(), self.zone)
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn left(&self, ms: impl Borrow<Ms>) -> String {
        locale::left(*ms.borrow())
    }
    fn age(&self, at_ms: impl Borrow<Ms>) -> String {
        age(self.locale, self.now_ms, *at_ms.borrow())
    }
    fn why(&self) -> String {
        explain(self.locale, &self.row.terms)
    }
    fn extra(&self) -> String {
        let ms = self.row.extra_ms;
        if ms == 0 { String::new() } else { format!("{}{}", if ms > 0 { "+" } else { "" }, locale::clock(ms)) }
    }
    fn state(&self) -> String {
        match self.row.ended_by.filter(|_| self.row.ended()) {
            Some(by) => by.text(self.locale),
            None => self.row.phase.text(self.locale),
        }
    }
    /// What the search box looks in.
    fn haystack(&self) -> String {
        format!("{} {} {}", self.row.seat, self.row.name, self.row.number).to_lowercase()
    }
    /// The sentence around a length that goes on growing: before it, since when, after it.
    fn trouble_parts(&self, trouble: &Trouble) -> (String, Option<Ms>, String) {
        let text = self.trouble_text(trouble);
        let since = match trouble {
            Trouble::Lost { since_ms } | Trouble::Hand { since_ms, .. } => Some(*since_ms),
            _ => None,
        };
        match text.split_once(GAP) {
            Some((before, after)) => (before.to_owned(), since, after.to_owned()),
            None => (text, None, String::new()),
        }
    }
    fn since(&self, ms: impl Borrow<Ms>) -> String {
        locale::clock((self.now_ms - *ms.borrow()).max(0))
    }
    fn trouble_text(&self, trouble: &Trouble) -> String {
        let l = self.locale;
        match trouble {
            Trouble::Lost { .. } => match self.row.saved_ms {
                Some(at) => l.t2("trouble-lost", "length", GAP, "time", self.time(at)),
                None => l.t1("trouble-lost-nothing", "length", GAP),
            },
            Trouble::Takeover { .. } => l.t("trouble-takeover"),
            Trouble::Hand { answered: false, .. } => l.t1("trouble-hand", "length", GAP),
            Trouble::Hand { answered: true, .. } => l.t1("trouble-hand-answered", "length", GAP),
            Trouble::Absent => l.t("trouble-absent"),
            Trouble::Quiet { since_ms: Some(at) } => l.t1("trouble-quiet", "length", self.age(*at)),
            Trouble::Quiet { since_ms: None } => l.t("trouble-quiet-nothing"),
            Trouble::Unsent => l.t("trouble-unsent"),
        }
    }
}
