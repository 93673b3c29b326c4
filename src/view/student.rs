//! The student's pages: the two doors, and one page a room that lives through every state of an exam.

mod texts;

use std::{borrow::Borrow, collections::BTreeMap};

use askama::Template;

use super::{
    EndedBy, Kind, Problem, Shell, Term, explain,
    markup::{Html, Json},
};
use crate::{
    domain::Ms,
    locale::{self, Locale},
};

/// `/`: "I have an exam code", and a small door for staff.
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// What every page needs.
    pub shell: Shell,
    /// What was typed, after a mistake.
    pub code: String,
    /// What was wrong with it.
    pub problem: Option<Problem>,
}

/// Who sits here.
#[derive(Debug, Clone)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Student number; may be empty.
    pub number: String,
    /// Class or group; may be empty.
    pub class: String,
    /// Seat; may be empty.
    pub seat: String,
}

/// What is sat, where and when.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// Room id, part of every address.
    pub room: String,
    /// Candidate id.
    pub candidate: String,
    /// Title of the exam.
    pub title: String,
    /// Instructions, as the teacher wrote them.
    pub instructions: String,
    /// Location of the room.
    pub location: String,
    /// Planned start, if there is one.
    pub starts_ms: Option<Ms>,
    /// This candidate's allowance, accommodation included.
    pub allowance_ms: Ms,
    /// IANA zone of the room.
    pub zone: String,
    /// `true`: the time begins with the room (a latecomer loses time); `false`: on entry.
    pub with_room: bool,
    /// How long the records are kept, in the school's own words; may be empty.
    pub kept: String,
    /// Key under which this candidate's browsers keep answers, hex; empty while nobody has joined.
    pub outbox_key: String,
}

/// The clock of a candidate as the page first shows it.
#[derive(Debug, Clone, Default)]
pub struct ClockView {
    /// Rev of the last change.
    pub rev: i64,
    /// End, if the clock runs.
    pub deadline_ms: Option<Ms>,
    /// What is left at `now_ms`, if the time has begun.
    pub left_ms: Option<Ms>,
    /// The clock stands still.
    pub paused: bool,
    /// Why it is what it is.
    pub terms: Vec<Term>,
}

/// How a candidate's exam ended.
#[derive(Debug, Clone)]
pub struct EndedView {
    /// By whom.
    pub by: EndedBy,
    /// When.
    pub at_ms: Ms,
    /// Questions answered, all of them saved.
    pub answered: u32,
    /// Questions of the paper.
    pub total: u32,
    /// Receipt, "4F7K-2M".
    pub receipt: String,
}

/// Which state the server finds at load. The page moves on by itself from there.
#[derive(Debug, Clone)]
pub enum SitState {
    /// "This is me": not joined in this session.
    Confirm,
    /// Another computer holds the pen and was asked.
    Asking,
    /// Joined; the time has not begun.
    Waiting,
    /// The paper.
    Paper(PaperView),
    /// Handed in.
    Ended(EndedView),
    /// The exam continues elsewhere.
    Superseded {
        /// Since when, if known.
        at_ms: Option<Ms>,
    },
}

impl SitState {
    /// Name in `data-state`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Asking => "asking",
            Self::Waiting => "waiting",
            Self::Paper(_) => "paper",
            Self::Ended(_) => "ended",
            Self::Superseded { .. } => "superseded",
        }
    }
}

/// The questions of a paper as one candidate gets them.
#[derive(Debug, Clone, Default)]
pub struct PaperView {
    /// Version of the paper.
    pub version: i64,
    /// In this candidate's order.
    pub questions: Vec<QuestionView>,
}

/// One question. The key is not here.
#[derive(Debug, Clone)]
pub struct QuestionView {
    /// Stable id.
    pub id: String,
    /// Place in this candidate's order, from 1.
    pub number: u32,
    /// Kind.
    pub kind: Kind,
    /// Text as the teacher wrote it.
    pub body: String,
    /// Points in words, "2" or "1.5".
    pub points: String,
    /// Options; empty for open kinds.
    pub options: Vec<OptionView>,
    /// Saved text; empty if none or if the kind has options.
    pub text: String,
    /// When the saved answer was received; `None` if there is none.
    pub saved_ms: Option<Ms>,
    /// Longest text, in characters.
    pub max_chars: u32,
    /// Unit after a numeric field; may be empty.
    pub unit: String,
}

impl QuestionView {
    fn html(&self) -> Html {
        super::markup::body(&self.body)
    }
    /// "1 point": whole points choose the plural, others read as they are.
    fn worth(&self, locale: impl Borrow<Locale>) -> String {
        let locale = locale.borrow();
        let points = self.points.parse::<i64>().map_or_else(|_| locale::Arg::from(&self.points), locale::Arg::from);
        locale.t1("points-n", "n", points)
    }
    fn answered(&self) -> bool {
        self.saved_ms.is_some() && (!self.text.is_empty() || self.options.iter().any(|o| o.picked))
    }
}

/// One option.
#[derive(Debug, Clone)]
pub struct OptionView {
    /// Stable id within its question.
    pub id: String,
    /// Text as the teacher wrote it; for true/false it may be empty, then the page says "True" or "False".
    pub label: String,
    /// Picked in the saved answer.
    pub picked: bool,
}

impl OptionView {
    fn html(&self, locale: impl Borrow<Locale>) -> Html {
        let locale = *locale.borrow();
        match (self.label.as_str(), self.id.as_str()) {
            ("", "true") => super::markup::line(&locale.t("true")),
            ("", "false") => super::markup::line(&locale.t("false")),
            (label, _) => super::markup::line(label),
        }
    }
}

/// `/sit/{room}`: confirm, wait, write, done. Each state survives a reload.
#[derive(Template)]
#[template(path = "sit.html")]
pub struct SitPage {
    /// What every page needs.
    pub shell: Shell,
    /// Who.
    pub person: Person,
    /// What.
    pub sitting: Sitting,
    /// Where it stands.
    pub state: SitState,
    /// The clock at `now_ms`.
    pub clock: ClockView,
    /// The instant of this page.
    pub now_ms: Ms,
    /// A join that failed, shown on the confirm page.
    pub problem: Option<Problem>,
}

#[derive(serde::Serialize)]
struct SitData<'a> {
    room: &'a str,
    candidate: &'a str,
    name: &'a str,
    outbox_key: &'a str,
    lang: &'static str,
    csrf: &'a str,
    state: &'static str,
    zone: &'a str,
    with_room: bool,
    now_ms: Ms,
    starts_ms: Option<Ms>,
    rev: i64,
    deadline_ms: Option<Ms>,
    remaining_ms: Option<Ms>,
    paused: bool,
    texts: BTreeMap<&'static str, String>,
}

impl SitPage {
    fn is(&self, state: &str) -> bool {
        self.state.key() == state
    }
    fn paper(&self) -> Option<&PaperView> {
        if let SitState::Paper(paper) = &self.state { Some(paper) } else { None }
    }
    fn ended(&self) -> Option<&EndedView> {
        if let SitState::Ended(ended) = &self.state { Some(ended) } else { None }
    }
    fn questions(&self) -> &[QuestionView] {
        self.paper().map_or(&[], |paper| paper.questions.as_slice())
    }
    fn left(&self) -> String {
        self.clock.left_ms.map_or_else(|| "\u{2013}:\u{2013}\u{2013}".to_owned(), locale::left)
    }
    fn why(&self) -> String {
        explain(self.shell.locale, &self.clock.terms)
    }
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), &self.sitting.zone)
    }
    fn minute(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day_short(*ms.borrow(), &self.sitting.zone)
    }
    fn day(&self, ms: impl Borrow<Ms>) -> String {
        locale::day_and_time(self.shell.locale, *ms.borrow(), &self.sitting.zone)
    }
    fn zone(&self) -> String {
        locale::zone_name(self.now_ms, &self.sitting.zone)
    }
    fn words(&self, ms: impl Borrow<Ms>) -> String {
        locale::words(self.shell.locale, *ms.borrow())
    }
    fn instructions(&self) -> Html {
        super::markup::body(&self.sitting.instructions)
    }
    fn ended_text(&self, ended: &EndedView) -> String {
        ended_text(self.shell.locale, ended, &self.sitting.zone)
    }
    fn data(&self) -> Json {
        Json::of(&SitData {
            room: &self.sitting.room,
            candidate: &self.sitting.candidate,
            name: &self.person.name,
            outbox_key: &self.sitting.outbox_key,
            lang: self.shell.locale.tag(),
            csrf: &self.shell.csrf,
            state: self.state.key(),
            zone: &self.sitting.zone,
            with_room: self.sitting.with_room,
            now_ms: self.now_ms,
            starts_ms: self.sitting.starts_ms,
            rev: self.clock.rev,
            deadline_ms: self.clock.deadline_ms,
            remaining_ms: self.clock.left_ms,
            paused: self.clock.paused,
            texts: texts::script_texts(self.shell.locale),
        })
    }
}

/// Who ended it, when, and that nothing more is to be done.
fn ended_text(locale: Locale, ended: &EndedView, zone: &str) -> String {
    locale.t1(&format!("ended-text-{}", ended.by.key()), "time", locale::time_of_day(ended.at_ms, zone))
}

/// The questions alone, for a `paper` frame: the same template as in the page.
#[derive(Template)]
#[template(path = "sit/paper.html")]
pub struct PaperFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// The questions; without answers if many readers share the fragment.
    pub questions: &'a [QuestionView],
    /// IANA zone of the room, for "Saved 10:03:21".
    pub zone: &'a str,
}

impl PaperFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), self.zone)
    }
}
