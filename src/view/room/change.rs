//! One change of time, candidate by candidate.

use std::borrow::Borrow;

use askama::Template;

use super::RoomInfo;
use crate::{
    domain::Ms,
    locale::{self, Locale},
    view::{Delivery, Shell},
};

/// What a change did to one candidate.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// "07 Zhang Wei".
    pub who: String,
    /// Seat; may be empty.
    pub seat: String,
    /// End before; `None` if there was none.
    pub before_ms: Option<Ms>,
    /// End after.
    pub after_ms: Option<Ms>,
    /// How far it has come.
    pub delivery: Delivery,
}

/// The table of a change.
#[derive(Template)]
#[template(path = "staff/change_part.html")]
pub struct ChangeFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// IANA zone of the room.
    pub zone: &'a str,
    /// Everybody it is for.
    pub rows: &'a [ChangeRow],
}
impl askama::filters::HtmlSafe for ChangeFragment<'_> {}

impl ChangeFragment<'_> {
    fn time(&self, ms: impl Borrow<Option<Ms>>) -> String {
        ms.borrow().map_or_else(|| "\u{2013}".to_owned(), |ms| locale::time_of_day(ms, self.zone))
    }
    fn count(&self, key: &str) -> usize {
        self.rows.iter().filter(|row| row.delivery.key() == key).count()
    }
    /// Everybody who sits has it, and said so.
    fn settled(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.delivery, Delivery::Seen | Delivery::None))
    }
}

/// `/staff/rooms/{room}/changes/{rev}`.
#[derive(Template)]
#[template(path = "staff/change.html")]
pub struct ChangePage {
    /// What every page needs.
    pub shell: Shell,
    /// The room.
    pub room: RoomInfo,
    /// What was done, in words.
    pub what: String,
    /// When.
    pub at_ms: Ms,
    /// Whether it has been withdrawn.
    pub reverted: bool,
    /// Everybody it is for.
    pub rows: Vec<ChangeRow>,
}

impl ChangePage {
    fn time(&self) -> String {
        locale::time_of_day(self.at_ms, &self.room.zone)
    }
    fn part(&self) -> ChangeFragment<'_> {
        ChangeFragment { locale: self.shell.locale, zone: &self.room.zone, rows: &self.rows }
    }
}
