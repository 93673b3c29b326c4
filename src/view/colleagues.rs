//! Who works in a room and who is in charge of it; and the projector's page.

use std::borrow::Borrow;

use askama::Template;

use super::markup::Html;
use super::{Problem, Shell, room::RoomInfo};
use crate::{
    domain::{
        Ms,
        access::{Right, Rights},
    },
    locale::{self, Locale},
};

/// Somebody who works in the room.
#[derive(Debug, Clone)]
pub struct ColleagueView {
    /// Account id.
    pub user: String,
    /// Name.
    pub name: String,
    /// The name with which they sign in.
    pub login: String,
    /// What they may do.
    pub rights: Rights,
    /// It is the reader.
    pub own: bool,
}

/// Who is in charge, as one reader sees it.
#[derive(Debug, Clone)]
pub struct ChargeView {
    /// Room id.
    pub room: String,
    /// What the reader may do here now.
    pub rights: String,
    /// Account id of whoever is in charge.
    pub holder: String,
    /// The name.
    pub holder_name: String,
    /// It is the reader.
    pub mine: bool,
    /// Since when, if it was taken over.
    pub since: Option<String>,
    /// Who is asked, by whom, when.
    pub offer: Option<(String, String, String)>,
    /// Who handed it over, once it was taken.
    pub before: Option<String>,
    /// What was said to it.
    pub words: Option<String>,
    /// The reader says who is asked.
    pub decides: bool,
    /// The reader is asked.
    pub asked: bool,
}

/// Who is in charge, as a part of a page.
#[derive(Template)]
#[template(path = "staff/charge.html")]
pub struct ChargeFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// For its form.
    pub csrf: &'a str,
    /// What it shows.
    pub charge: &'a ChargeView,
}
impl askama::filters::HtmlSafe for ChargeFragment<'_> {}

/// What somebody typed into the page's forms; it stays there when it was not taken.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Who is to work here.
    pub login: String,
    /// What they may do there; None: that form was not sent, and shows what is chosen at first.
    pub rights: Option<Rights>,
    /// Account id of who is to take the room over.
    pub to: String,
    /// What they have to know.
    pub words: String,
}

/// `/staff/rooms/{room}/staff`.
#[derive(Template)]
#[template(path = "staff/staff.html")]
pub struct StaffPage {
    /// What every page needs.
    pub shell: Shell,
    /// What the reader may do here, for what the page shows.
    pub rights: String,
    /// The same.
    pub own: Rights,
    /// The room.
    pub room: RoomInfo,
    /// Name of the exam's owner.
    pub owner: String,
    /// By login.
    pub colleagues: Vec<ColleagueView>,
    /// Who is in charge.
    pub charge: ChargeView,
    /// Who could take it over: id and name.
    pub takers: Vec<(String, String)>,
    /// What was typed and not taken.
    pub typed: Typed,
    /// What was wrong.
    pub problem: Option<Problem>,
}

impl StaffPage {
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn all(&self) -> &'static [Right] {
        Right::ALL
    }
    fn controls(&self) -> bool {
        self.own.has(Right::Control)
    }
    /// Why a colleague's rights cannot be changed by the reader; None: they can.
    fn fixed(&self, colleague: &ColleagueView) -> Option<&'static str> {
        match (self.controls(), colleague.own) {
            (false, _) => Some("staff-fixed-control"),
            (true, true) => Some("staff-fixed-own"),
            (true, false) => None,
        }
    }
    /// Rights that the reader can neither give nor take.
    fn lacking(&self) -> String {
        let lacking = Right::ALL.iter().filter(|right| !self.own.has(**right));
        lacking.map(|right| self.right(*right)).collect::<Vec<_>>().join(", ")
    }
    fn lacks(&self, right: impl Borrow<Right>) -> bool {
        !self.own.has(*right.borrow())
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn may(&self, colleague: &ColleagueView, right: impl Borrow<Right>) -> bool {
        colleague.rights.has(*right.borrow())
    }
    fn removable(&self, colleague: &ColleagueView) -> bool {
        colleague.rights.may_become(Rights::NONE, self.own)
    }
    /// Chosen before, or what an invigilator usually may.
    fn wanted(&self, right: impl Borrow<Right>) -> bool {
        let right = *right.borrow();
        self.typed.rights.unwrap_or(Rights::INVIGILATOR).has(right) && self.own.has(right)
    }
    fn right(&self, right: impl Borrow<Right>) -> String {
        self.shell.t(&format!("right-{}", right.borrow().as_str()))
    }
    fn help(&self, right: impl Borrow<Right>) -> String {
        self.shell.t(&format!("right-{}-help", right.borrow().as_str()))
    }
    fn charge_html(&self) -> ChargeFragment<'_> {
        ChargeFragment { locale: self.shell.locale, csrf: &self.shell.csrf, charge: &self.charge }
    }
}

/// What the projector shows now.
#[derive(Debug, Clone)]
pub struct BoardView {
    /// The room.
    pub room: RoomInfo,
    /// Where the room stands, in words.
    pub sentence: String,
    /// What is left, ms.
    pub left_ms: Option<Ms>,
    /// The time of day.
    pub now: String,
    /// The clock runs.
    pub runs: bool,
    /// Where students enter, and the same as a picture; None: nobody enters any more.
    pub enter: Option<(String, Option<String>)>,
    /// Announcements with their times, newest first.
    pub announcements: Vec<(String, String)>,
}

/// The projector's page as a part, fetched again every two seconds.
#[derive(Template)]
#[template(path = "staff/board_part.html")]
pub struct BoardFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// What it shows.
    pub board: &'a BoardView,
}
impl askama::filters::HtmlSafe for BoardFragment<'_> {}

impl BoardFragment<'_> {
    fn picture(&self) -> Option<Html> {
        self.board.enter.as_ref().and_then(|(_, picture)| picture.as_deref()).and_then(super::markup::svg)
    }
    fn left(&self) -> String {
        self.board.left_ms.map_or_else(|| self.board.now.clone(), locale::left)
    }
}

/// `/staff/rooms/{room}/board`.
#[derive(Template)]
#[template(path = "staff/board.html")]
pub struct BoardPage {
    /// What every page needs.
    pub shell: Shell,
    /// What it shows.
    pub board: BoardView,
}

impl BoardPage {
    fn part(&self) -> BoardFragment<'_> {
        BoardFragment { locale: self.shell.locale, board: &self.board }
    }
}
