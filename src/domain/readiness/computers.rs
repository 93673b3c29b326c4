//! The computers that students will sit at.

use serde::{Deserialize, Serialize};

use super::{Line, Place, Seen, State, Value};
use crate::domain::Ms;
use crate::limits;

/// What came of the check of the computers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Computers that reported.
    pub all: usize,
    /// Those on which an exam can be sat.
    pub ready: usize,
    /// It still takes reports.
    pub open: bool,
}

/// Whether a browser runs the pages' scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scripts {
    /// As they are.
    Run,
    /// It does not know what they are written in.
    TooOld,
    /// Scripts are switched off.
    Off,
}

/// How far a WebSocket came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Socket {
    /// Something went there and came back.
    Carries,
    /// It opened and nothing came back: a proxy that holds everything.
    Silent,
    /// It did not open.
    Blocked,
}

/// What a computer has found out about itself. Numbers and choices of ours only: nothing by which it could be told from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Whether scripts run.
    pub scripts: Scripts,
    /// The WebSocket.
    pub socket: Socket,
    /// Whether what is written to its disk is there when it is read again.
    pub keeps: bool,
    /// Space that its browser gives to these pages, MB; None: it does not say.
    pub space_mb: Option<i64>,
    /// Its clock less the server's, ms.
    pub clock_off_ms: i64,
    /// Whether answers that it keeps can be encrypted.
    pub encrypts: bool,
    /// Whether cookies stay.
    pub cookies: bool,
    /// Width of its window, CSS pixels.
    pub width: i64,
}

impl Measured {
    /// A browser that could find out nothing.
    pub fn nothing(scripts: Scripts) -> Self {
        Self {
            scripts,
            socket: Socket::Blocked,
            keeps: false,
            space_mb: None,
            clock_off_ms: 0,
            encrypts: false,
            cookies: false,
            width: 0,
        }
    }
}

/// Space for the answers of an exam and the program that keeps them, MB.
const SPACE_MB: i64 = 20;
/// Narrower than this and questions are read with much scrolling, CSS pixels: a telephone held upright.
const NARROW: i64 = 600;
/// Narrower than any page is made for, CSS pixels.
const TOO_NARROW: i64 = 300;

/// What an exam on this computer would be like. `secure`: the address is https, so that it may be asked to encrypt.
pub fn judge(m: &Measured, secure: bool) -> Vec<Line> {
    match m.scripts {
        Scripts::TooOld => return vec![Line::bad("scripts", "pc-old")],
        Scripts::Off => return vec![Line::bad("scripts", "pc-scripts-off")],
        Scripts::Run => {}
    }
    let mut lines = vec![Line::good("scripts", "pc-scripts"), socket(m.socket)];
    lines.push(if m.keeps { Line::good("keeps", "pc-keeps") } else { Line::bad("keeps", "pc-keeps-not") });
    if let Some(mb) = m.space_mb.filter(|mb| m.keeps && *mb < SPACE_MB) {
        lines.push(Line::look("space", "pc-space").with("size", Value::Number(mb)));
    }
    lines.push(if m.cookies { Line::good("cookies", "pc-cookies") } else { Line::bad("cookies", "pc-cookies-not") });
    lines.push(clock_of(m.clock_off_ms));
    if secure && !m.encrypts {
        lines.push(Line::look("encrypts", "pc-encrypts-not"));
    }
    lines.push(match m.width {
        ..TOO_NARROW => Line::bad("screen", "pc-screen-small"),
        TOO_NARROW..NARROW => Line::look("screen", "pc-screen-narrow"),
        _ => Line::good("screen", "pc-screen"),
    });
    lines
}

/// Whether an exam can be sat on a computer of which this is said.
pub fn is_ready(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.state != State::Bad)
}

fn socket(socket: Socket) -> Line {
    match socket {
        Socket::Carries => Line::good("socket", "pc-socket"),
        Socket::Silent => Line::bad("socket", "pc-socket-silent"),
        Socket::Blocked => Line::bad("socket", "pc-socket-blocked"),
    }
}

/// The exam's clock is the server's, whatever a computer's own says; but whoever looks at the corner of the screen is misled.
fn clock_of(off: Ms) -> Line {
    let length = Value::Length(off.saturating_abs());
    match off {
        off if off.saturating_abs() < limits::COMPUTER_CLOCK_MS => Line::good("clock", "pc-clock"),
        0.. => Line::look("clock", "pc-clock-ahead").with("off", length),
        _ => Line::look("clock", "pc-clock-behind").with("off", length),
    }
}

pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    let mut lines = vec![check(seen)];
    lines.extend(clock(seen));
    lines
}

fn check(seen: &Seen) -> Line {
    let counted = |line: Line, c: Checked| line.n(c.all).with("ready", number(c.ready)).at(Place::Check);
    match seen.checked {
        Some(Checked { all: 0, open: true, .. }) => Line::look("computers", "computers-waiting").at(Place::Check),
        None | Some(Checked { all: 0, .. }) => Line::look("computers", "computers-none").at(Place::Check),
        Some(c) if c.ready < c.all => counted(Line::bad("computers", "computers-some"), c),
        // Of a class of forty, five computers say nothing about the others.
        Some(c) if c.all < seen.seats.len() => {
            counted(Line::look("computers", "computers-few"), c).with("people", number(seen.seats.len()))
        }
        Some(c) => counted(Line::good("computers", "computers-all"), c),
    }
}

fn number(n: usize) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The clock of whoever reads this: what they announce aloud should be what the students' pages show.
fn clock(seen: &Seen) -> Option<Line> {
    let off = seen.clock_off_ms?;
    let length = Value::Length(off.saturating_abs());
    Some(match off {
        off if off.saturating_abs() < limits::COMPUTER_CLOCK_MS => Line::good("clock", "clock-agrees"),
        0.. => Line::look("clock", "clock-ahead").with("off", length),
        _ => Line::look("clock", "clock-behind").with("off", length),
    })
}
