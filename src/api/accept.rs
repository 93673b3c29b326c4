//! Answers that did not count, counted by staff.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::Reason;
use super::results::JudgedAnswer;
use super::types::Body;
use crate::domain::ids::{CandidateId, RoomId};
use crate::service::accept::{Fate, Line, Wish};

pub(super) struct Acceptance;

/// The key of an answer.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct AnswerKey {
    /// Its pen.
    pen: i64,
    /// Its number within the pen.
    seq: i64,
}

/// Answers of one candidate to be counted.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct AcceptCommand {
    /// Which; absent: all that do not count, but for those that a newer answer has replaced.
    #[oai(validator(max_items = 5000))]
    answers: Option<Vec<AnswerKey>>,
    /// Why. Kept with the answer.
    reason: Option<Reason>,
    /// Take an earlier acceptance back instead.
    #[oai(default)]
    withdraw: bool,
}

/// All answers of a room to be counted.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct AcceptAllCommand {
    /// Why. Kept with each answer.
    reason: Option<Reason>,
    /// Take every earlier acceptance back instead.
    #[oai(default)]
    withdraw: bool,
}

/// What it came to.
#[derive(Object)]
struct Accepted {
    /// Whether anything was changed.
    applied: bool,
    /// One line an answer.
    items: Vec<AcceptedLine>,
}

/// What became of one answer.
#[derive(Object)]
struct AcceptedLine {
    /// Whose.
    candidate: CandidateId,
    /// Its pen.
    pen: i64,
    /// Its number within the pen.
    seq: i64,
    /// `applied`, `unchanged`, `refused`.
    outcome: String,
    /// Why refused: `not_found`, or `superseded` where a newer answer to the question counts.
    code: Option<String>,
    /// The answer as it was before; null where there is none.
    answer: Option<JudgedAnswer>,
}

impl From<Line> for AcceptedLine {
    fn from(line: Line) -> Self {
        let (outcome, code) = line.fate.words();
        Self {
            candidate: line.candidate,
            pen: line.key.0,
            seq: line.key.1,
            outcome: outcome.to_owned(),
            code: code.map(str::to_owned),
            answer: line.answer.as_ref().map(JudgedAnswer::from),
        }
    }
}

fn accepted(lines: Vec<Line>, dry_run: bool) -> Json<Accepted> {
    let applied = !dry_run && lines.iter().any(|line| line.fate == Fate::Applied);
    Json(Accepted { applied, items: lines.into_iter().map(AcceptedLine::from).collect() })
}

fn wish(answers: Option<Vec<AnswerKey>>, withdraw: bool, reason: Option<Reason>, dry_run: bool) -> Wish {
    Wish {
        answers: answers.map(|keys| keys.into_iter().map(|key| (key.pen, key.seq)).collect()),
        withdraw,
        reason: reason.map(Into::into).unwrap_or_default(),
        dry_run,
    }
}

#[OpenApi(tag = "Tag::Results")]
impl Acceptance {
    /// Count answers of a candidate that did not count.
    ///
    /// Late ones, or such as came after the end. A repeat changes nothing. Needs a reason. An answer that a newer one has replaced is
    /// refused: it would change nothing.
    #[oai(path = "/rooms/:room/candidates/:candidate/answers/accept", method = "post", operation_id = "accept_answers")]
    async fn accept_answers(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Body<AcceptCommand>,
    ) -> Reply<Json<Accepted>> {
        let AcceptCommand { answers, reason, withdraw } = body.0;
        let wish = wish(answers, withdraw, reason, dry_run.0);
        let lines = caller.service.accept_answers(&caller.actor, &room.0, &candidate.0, &wish).await?;
        Ok(accepted(lines, dry_run.0))
    }

    /// Count all answers of a room that did not count.
    ///
    /// The same for every candidate. A repeat changes nothing. Needs a reason.
    #[oai(path = "/rooms/:room/answers/accept", method = "post", operation_id = "accept_room_answers")]
    async fn accept_room_answers(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Body<AcceptAllCommand>,
    ) -> Reply<Json<Accepted>> {
        let AcceptAllCommand { reason, withdraw } = body.0;
        let wish = wish(None, withdraw, reason, dry_run.0);
        let lines = caller.service.accept_room_answers(&caller.actor, &room.0, &wish).await?;
        Ok(accepted(lines, dry_run.0))
    }
}
