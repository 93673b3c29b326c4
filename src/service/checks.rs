//! Computers tried before an exam: each opens a page, finds out what it can, and tells the room's check, if one is open and it has the code.
//!
//! Who reports is nobody that we know, so everything is bounded: a check takes reports for a morning, from so many computers, at such a
//! rate; a report is numbers and choices of ours and one short name, and is stored for a week.

use super::{Service, allow};
use crate::auth::crockford;
use crate::auth::secrets::random_bytes;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Scope};
use crate::domain::ids::RoomId;
use crate::domain::readiness::{Checked, Line, Measured, is_ready, judge};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle;
use crate::store::StoreError;
use crate::store::checks::{CheckRow, ReportRow};

/// Symbols of a check's code: 30 random bits, good for a morning.
const CODE_SYMBOLS: usize = 6;
/// Characters of the name that a computer gives itself.
const COMPUTER_CHARS: usize = 40;

/// What one computer is like.
#[derive(Debug, Clone)]
pub struct ComputerSeen {
    /// The random name it has given itself.
    pub computer: String,
    /// What people call it; may be empty.
    pub name: String,
    /// When it reported last, Unix ms.
    pub at_ms: Ms,
    /// What an exam there would be like.
    pub lines: Vec<Line>,
}

impl ComputerSeen {
    /// Whether an exam can be sat there.
    pub fn is_ready(&self) -> bool {
        is_ready(&self.lines)
    }
}

/// A room's check.
#[derive(Debug, Clone)]
pub struct CheckSeen {
    /// The check.
    pub check: CheckRow,
    /// Whether it takes reports.
    pub open: bool,
    /// Who has reported.
    pub computers: Vec<ComputerSeen>,
}

impl CheckSeen {
    /// Counted.
    pub fn counts(&self) -> Checked {
        let ready = self.computers.iter().filter(|computer| computer.is_ready()).count();
        Checked { all: self.computers.len(), ready, open: self.open }
    }
}

/// What a computer reports.
#[derive(Debug, Clone)]
pub struct Report {
    /// The random name it has given itself.
    pub computer: String,
    /// What people call it; may be empty.
    pub name: String,
    /// What it found.
    pub measured: Measured,
}

impl Service {
    /// A room's check with what was reported; None: there was none lately.
    pub async fn get_check(&self, actor: &Actor, room: &RoomId) -> Result<Option<CheckSeen>> {
        self.room_for(actor, Action::GetCheck, room).await?;
        self.check_of(room).await
    }

    pub(super) async fn check_of(&self, room: &RoomId) -> Result<Option<CheckSeen>> {
        let Some(check) = self.store.check(room).await? else { return Ok(None) };
        let secure = self.is_secure();
        let seen = |row: ReportRow| {
            let lines = judge(&serde_json::from_str(&row.measured).ok()?, secure);
            Some(ComputerSeen { computer: row.computer, name: row.name, at_ms: row.at_ms, lines })
        };
        let computers = self.store.check_reports(room).await?.into_iter().filter_map(seen).collect();
        Ok(Some(CheckSeen { open: check.closes_ms > self.now(), check, computers }))
    }

    /// Opens a check of the computers of a room, with a new code and nothing reported.
    pub async fn open_check(&self, actor: &Actor, room: &RoomId) -> Result<CheckSeen> {
        self.room_for(actor, Action::OpenCheck, room).await?;
        let now = self.now();
        for _ in 0..8 {
            let code = crockford::encode(&random_bytes::<4>(), CODE_SYMBOLS);
            let check = CheckRow { room_id: room.clone(), code, opened_ms: now, closes_ms: now + limits::CHECK_OPEN_MS };
            match self.store.open_check(&check, now - limits::CHECK_KEPT_MS).await {
                // Another room has this code.
                Err(StoreError::Duplicate) => {}
                other => return Ok(other.map(|()| CheckSeen { check, open: true, computers: Vec::new() })?),
            }
        }
        Err(Code::Busy.into())
    }

    /// Takes no more reports; what was reported stays for a week.
    pub async fn close_check(&self, actor: &Actor, room: &RoomId) -> Result<Option<CheckSeen>> {
        self.room_for(actor, Action::CloseCheck, room).await?;
        self.store.close_check(room, self.now()).await?;
        self.check_of(room).await
    }

    /// What a computer has found is judged, and where it has the code of an open check it is told there. `code` empty: only judged.
    pub async fn report_check(&self, code: &str, report: Report, address: &str) -> Result<Vec<Line>> {
        allow(&Actor::Nobody, Action::ReportCheck, Scope::Open)?;
        let lines = judge(&report.measured, self.is_secure());
        if code.trim().is_empty() {
            return Ok(lines);
        }
        let now = self.now();
        let row = row(report, now)?;
        let check = self.open_check_of(code, address, now).await?;
        let key = format!("check:{}", check.code);
        if let Err(seconds) = self.live.throttles.wait(&key, throttle::CHECK_REPORTS, now) {
            return Err(Error { retry_after: Some(seconds), ..Code::RateLimited.into() });
        }
        let taken = self.store.report_check(&check, &row, limits::CHECK_COMPUTERS).await?;
        if taken { Ok(lines) } else { Err(Code::CheckFull.into()) }
    }

    /// The check that has this code and takes reports. Codes that nobody gave are counted against the address.
    async fn open_check_of(&self, typed: &str, address: &str, now: Ms) -> Result<CheckRow> {
        let guesses = format!("check@{address}");
        if !self.live.throttles.has(&guesses, throttle::CHECK_GUESSES, now) {
            return Err(Error { retry_after: Some(10), ..Code::RateLimited.into() });
        }
        let code =
            Some(typed).filter(|typed| typed.len() <= 64).and_then(crockford::fold).filter(|code| code.len() == CODE_SYMBOLS);
        let found = match &code {
            Some(code) => self.store.check_by_code(code).await?,
            None => None,
        };
        if let Some(check) = found.filter(|check| check.closes_ms > now) {
            return Ok(check);
        }
        self.live.throttles.take(&guesses, throttle::CHECK_GUESSES, now);
        Err(Code::CheckClosed.into())
    }

    /// Whether people reach this server by https.
    pub(super) fn is_secure(&self) -> bool {
        self.house.url.starts_with("https://")
    }
}

fn row(report: Report, now: Ms) -> Result<ReportRow> {
    let computer = report.computer;
    if computer.is_empty() || computer.len() > COMPUTER_CHARS || !computer.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        return Err(Error::field("computer", "not_a_name"));
    }
    let name = match report.name.trim() {
        "" => String::new(),
        name => super::text("name", name, limits::COMPUTER_NAME_CHARS)?,
    };
    let measured = serde_json::to_string(&report.measured).map_err(Error::internal)?;
    Ok(ReportRow { computer, name, measured, at_ms: now })
}
