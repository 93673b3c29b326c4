//! Whether a room and its computers are ready.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::types::At;
use crate::domain::ids::RoomId;
use crate::domain::readiness::{Line, State, worst};
use crate::locale::{Locale, ready_words};
use crate::service::checks::{CheckSeen, ComputerSeen};

pub(super) struct Readiness;

/// How something stands.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum Standing {
    /// As it should be.
    Good,
    /// Somebody should look; the exam can be held.
    Look,
    /// To be mended before the exam.
    Bad,
}

impl From<State> for Standing {
    fn from(state: State) -> Self {
        match state {
            State::Good => Self::Good,
            State::Look => Self::Look,
            State::Bad => Self::Bad,
        }
    }
}

/// One line of a checklist.
#[derive(Object)]
pub(super) struct ReadinessLine {
    /// What was looked at.
    check: String,
    /// How it stands.
    state: Standing,
    /// The stable name of what was seen.
    code: String,
    /// What was seen, in the reader's language.
    says: String,
    /// What mends it; null where nothing is to be mended.
    r#do: Option<String>,
}

impl ReadinessLine {
    pub(super) fn of(locale: Locale, line: &Line, zone: &str) -> Self {
        let (says, fix) = ready_words(locale, line, zone);
        let code = line.says.replace('-', "_");
        Self { check: line.check.to_owned(), state: line.state.into(), code, says, r#do: Some(fix).filter(|fix| !fix.is_empty()) }
    }
}

/// Whether a room is ready for its exam.
#[derive(Object)]
struct RoomReadiness {
    /// The worst of all lines.
    state: Standing,
    /// Line by line, in the order in which a teacher goes through them.
    items: Vec<ReadinessLine>,
}

/// What one computer is like.
#[derive(Object)]
struct Computer {
    /// The random name it has given itself.
    id: String,
    /// What people call it; may be empty.
    name: String,
    /// Whether an exam can be sat there.
    ready: bool,
    /// When it reported last.
    reported_at: At,
    /// What was tried.
    items: Vec<ReadinessLine>,
}

/// A check of the computers before an exam.
#[derive(Object)]
struct ComputerCheck {
    /// What is typed, or stands in the address `/check/{code}`; null: there was no check lately.
    code: Option<String>,
    /// Whether it takes reports.
    open: bool,
    /// When it stops taking them.
    closes_at: Option<At>,
    /// Computers on which an exam can be sat.
    ready: usize,
    /// Who has reported.
    items: Vec<Computer>,
}

impl ComputerCheck {
    fn of(locale: Locale, seen: Option<CheckSeen>) -> Self {
        let Some(seen) = seen else { return Self { code: None, open: false, closes_at: None, ready: 0, items: Vec::new() } };
        let ready = seen.counts().ready;
        let computer = |c: ComputerSeen| Computer {
            ready: c.is_ready(),
            items: c.lines.iter().map(|line| ReadinessLine::of(locale, line, "UTC")).collect(),
            id: c.computer,
            name: c.name,
            reported_at: At(c.at_ms),
        };
        let items = seen.computers.into_iter().map(computer).collect();
        Self { code: Some(seen.check.code), open: seen.open, closes_at: Some(At(seen.check.closes_ms)), ready, items }
    }
}

#[OpenApi(tag = "Tag::Rooms")]
impl Readiness {
    /// Say whether a room is ready.
    ///
    /// A checklist: roster, codes, paper, keys, booking, staff, other rooms at the same time, computers, and the server underneath; beside each
    /// line that is not good, what mends it.
    #[oai(path = "/rooms/:room/readiness", method = "get", operation_id = "get_readiness")]
    async fn get_readiness(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// The reader's clock, to be compared with the server's.
        client_now_at: Query<Option<At>>,
    ) -> Reply<Json<RoomReadiness>> {
        let theirs = client_now_at.0.map(|at| at.0);
        let (row, lines) = caller.service.get_readiness(&caller.actor, &room.0, theirs).await?;
        let items = lines.iter().map(|line| ReadinessLine::of(caller.locale, line, &row.zone)).collect();
        Ok(Json(RoomReadiness { state: worst(&lines).into(), items }))
    }

    /// Say which computers are ready.
    ///
    /// What was reported to the room's check of the computers.
    #[oai(path = "/rooms/:room/check", method = "get", operation_id = "get_check")]
    async fn get_check(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<ComputerCheck>> {
        let seen = caller.service.get_check(&caller.actor, &room.0).await?;
        Ok(Json(ComputerCheck::of(caller.locale, seen)))
    }

    /// Open a check of the computers.
    ///
    /// A new code, and nothing reported. Whoever opens `/check/{code}` tries that computer and reports, without an account, until the check
    /// is closed or four hours are over.
    #[oai(path = "/rooms/:room/check", method = "post", operation_id = "open_check")]
    async fn open_check(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<ComputerCheck>> {
        let seen = caller.service.open_check(&caller.actor, &room.0).await?;
        Ok(Json(ComputerCheck::of(caller.locale, Some(seen))))
    }

    /// Close the check of the computers.
    ///
    /// It takes no more reports; what was reported can be read for a week.
    #[oai(path = "/rooms/:room/check", method = "delete", operation_id = "close_check")]
    async fn close_check(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<ComputerCheck>> {
        let seen = caller.service.close_check(&caller.actor, &room.0).await?;
        Ok(Json(ComputerCheck::of(caller.locale, seen)))
    }
}
