//! Who is here, for staff.

use askama::Template;

use super::{Shell, room::RoomInfo};
use crate::locale::Locale;

/// One candidate of the attendance list.
#[derive(Debug, Clone)]
pub struct AttendeeView {
    /// Candidate id.
    pub candidate: String,
    /// Seat.
    pub seat: String,
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub number: String,
    /// `expected, here, missing`.
    pub state: &'static str,
    /// Staff say so.
    pub said: bool,
    /// Who made sure who it is, and when; None: nobody.
    pub identified: Option<(String, String)>,
}

/// The list as a part of its page, fetched again when something happened.
#[derive(Template)]
#[template(path = "staff/attendance_part.html")]
pub struct AttendanceFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// By seat.
    pub rows: &'a [AttendeeView],
}
impl askama::filters::HtmlSafe for AttendanceFragment<'_> {}

impl AttendanceFragment<'_> {
    fn count(&self, state: &str) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }
    /// Nobody is awaited any more once the room has started.
    fn states(&self) -> Vec<&'static str> {
        let waits = |state: &&str| *state != "expected" || self.count(state) > 0;
        ["here", "missing", "expected"].into_iter().filter(waits).collect()
    }
    fn identified(&self) -> usize {
        self.rows.iter().filter(|row| row.identified.is_some()).count()
    }
    fn state(&self, row: &AttendeeView) -> String {
        self.locale.t(&format!("attendance-{}", row.state))
    }
}

/// `/staff/rooms/{room}/attendance`.
#[derive(Template)]
#[template(path = "staff/attendance.html")]
pub struct AttendancePage {
    /// What every page needs.
    pub shell: Shell,
    /// Rights of the reader, for what the page shows.
    pub rights: String,
    /// The room.
    pub room: RoomInfo,
    /// By seat.
    pub rows: Vec<AttendeeView>,
}

impl AttendancePage {
    fn part(&self) -> AttendanceFragment<'_> {
        AttendanceFragment { locale: self.shell.locale, rows: &self.rows }
    }
}
