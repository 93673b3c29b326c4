//! The candidate's path without a socket: join, paper, answers, hand in.

mod bodies;

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::{Any, ParseFromJSON as _};

use super::Tag;
use super::caller::Caller;
use super::candidates::Candidate;
use super::problem::Reply;
use super::replies::All;
use super::status::TakeoverAsked;
use super::types::{At, Body, count};
use crate::domain::ids::{CandidateId, RoomId};
use crate::error::{Code, Error};
use crate::limits;
use crate::locale::{Locale, error_words};
use crate::service::sitting::{Desk, Incoming, Recorded};
use bodies::{
    AnswerOutcome, AnswerState, EmergencyFile, HandIn, HandedIn, JoinRequest, Limits, NewAnswers, OwnAnswer, OwnPaper, Settled,
    Welcome,
};

pub(super) struct Sitting;

/// Answers one request may carry.
const MOST_ANSWERS: usize = 300;

#[OpenApi(tag = "Tag::Sitting")]
impl Sitting {
    /// Join the room.
    ///
    /// Comes to the candidate and takes the pen, or keeps the one that is shown. Where the exam says so, time begins here. While another
    /// device holds the pen and somebody has to decide, `pen` is null and `takeover` names the request: join again after the decision.
    #[oai(path = "/rooms/:room/candidates/me/join", method = "post", operation_id = "join")]
    async fn join(&self, caller: Caller, room: Path<RoomId>, body: Body<JoinRequest>) -> Reply<Json<Welcome>> {
        let actor = caller.candidate(&room.0).await?;
        let joined = caller.service.join(&actor, body.0.pen).await?;
        if joined.superseded {
            return Err(Code::PenSuperseded.into());
        }
        let desk = caller.service.desk(&actor).await?;
        let now = caller.service.now();
        let clock = caller.service.clock_of(&desk.room).await?.clock(&desk.candidate.id, &desk.candidate.facts(), now);
        let phase = clock.phase;
        Ok(Json(Welcome {
            epoch: caller.service.epoch.clone(),
            pen: joined.pen,
            now_at: At(now),
            clock: clock.into(),
            takeover: joined.takeover.map(|(id, at)| TakeoverAsked { id, asked_at: At(at) }),
            answers: desk.current.iter().filter_map(|index| state(&desk, *index)).collect(),
            candidate: Candidate::of(desk.candidate, phase),
            room: desk.room.into(),
            unread: caller.service.waiting(&actor).await?,
            limits: Limits { body_bytes: count(limits::BODY_BYTES), answers: count(MOST_ANSWERS) },
        }))
    }

    /// Read the paper.
    ///
    /// Without its key, in this candidate's order, and only while their time runs (409 `not_running`).
    #[oai(path = "/rooms/:room/candidates/me/paper", method = "get", operation_id = "get_my_paper")]
    async fn get_my_paper(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<OwnPaper>> {
        let actor = caller.candidate(&room.0).await?;
        let (version, paper) = caller.service.get_my_paper(&actor).await?;
        let questions = serde_json::to_value(&paper.questions).map_err(Error::internal)?;
        let questions = Vec::parse_from_json(Some(questions)).map_err(|e| Error::internal(anyhow::anyhow!(e.into_message())))?;
        Ok(Json(OwnPaper { version, questions }))
    }

    /// Read the own answers.
    ///
    /// Every answer that is saved, with its value, also those that do not count.
    #[oai(path = "/rooms/:room/candidates/me/answers", method = "get", operation_id = "get_my_answers")]
    async fn get_my_answers(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<OwnAnswer>>> {
        let actor = caller.candidate(&room.0).await?;
        let desk = caller.service.get_my_answers(&actor).await?;
        let own = |(index, (row, _)): (usize, &(crate::store::answers::AnswerRow, _))| {
            let value = serde_json::from_str(&row.value).unwrap_or_default();
            Some(OwnAnswer { state: state(&desk, index)?, value: Any(value), current: desk.current.contains(&index) })
        };
        Ok(Json(All { items: desk.answers.iter().enumerate().filter_map(own).collect() }))
    }

    /// Save answers.
    ///
    /// Each gets exactly one outcome, in order. An answer is saved when its outcome says `saved`, and not before. Sending one again is
    /// harmless: it answers what the first one did.
    #[oai(path = "/rooms/:room/candidates/me/answers", method = "post", operation_id = "record_answers")]
    async fn record_answers(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        body: Body<NewAnswers>,
    ) -> Reply<Json<All<AnswerOutcome>>> {
        let received_ms = caller.service.now();
        let actor = caller.candidate(&room.0).await?;
        let incoming = body.0.answers.into_iter().map(|answer| Incoming {
            pen: answer.pen,
            seq: answer.seq,
            question: answer.question,
            value: answer.value.0,
            proof: answer.proof,
            received_ms,
        });
        let recorded = caller.service.record_all(&actor, incoming.collect()).await?;
        let items = recorded.into_iter().map(|(pen, seq, recorded)| settled(pen, seq, recorded, caller.locale));
        Ok(Json(All { items: items.collect() }))
    }

    /// Bring a candidate's answers in a file.
    ///
    /// For staff: the emergency file of a page that could not reach the server, unchanged. Every answer goes in under its own pen and number,
    /// so the same file again is harmless. One with a proof keeps the time of its first receipt; any other is received now, and if that is
    /// too late it is stored and says why it does not count. The timeline says who brought it.
    #[oai(path = "/rooms/:room/candidates/:candidate/answers/file", method = "post", operation_id = "upload_answers")]
    async fn upload_answers(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<EmergencyFile>,
    ) -> Reply<Json<All<AnswerOutcome>>> {
        let received_ms = caller.service.now();
        let file = body.0.into();
        let brought = caller.service.upload_answers(&caller.actor, &room.0, &candidate.0, file, received_ms).await?;
        let items = brought.into_iter().map(|one| settled(one.pen, one.seq, one.recorded, caller.locale));
        Ok(Json(All { items: items.collect() }))
    }

    /// Hand the work in.
    ///
    /// Refused with 409 `missing_answers` and the ranges that are not stored; send those, then hand in again. A repeat answers the same.
    #[oai(path = "/rooms/:room/candidates/me/submit", method = "post", operation_id = "submit")]
    async fn submit(&self, caller: Caller, room: Path<RoomId>, body: Body<HandIn>) -> Reply<Json<HandedIn>> {
        let received_ms = caller.service.now();
        let actor = caller.candidate(&room.0).await?;
        let HandIn { pen, have, .. } = body.0;
        let handed = caller.service.submit(&actor, pen, ranges(have)?, received_ms).await?;
        Ok(Json(HandedIn {
            by: handed.ended.by,
            ended_at: At(handed.ended.at_ms),
            answered: handed.answered,
            questions: handed.questions,
            receipt: handed.receipt,
            receipt_short: handed.receipt_short,
        }))
    }
}

fn state(desk: &Desk, index: usize) -> Option<AnswerState> {
    let (row, verdict) = desk.answers.get(index)?;
    Some(AnswerState {
        question: row.question_id.to_string(),
        pen: row.pen,
        seq: row.seq,
        received_at: At(row.received_ms),
        counts: verdict.counts,
        why: verdict.why,
    })
}

fn settled(pen: i64, seq: i64, recorded: Recorded, locale: Locale) -> AnswerOutcome {
    let unknown = AnswerOutcome {
        pen,
        seq,
        outcome: Settled::Unknown,
        received_at: None,
        counts: None,
        why: None,
        code: None,
        detail: None,
        retry: true,
        proof: None,
    };
    match recorded {
        Recorded::Saved { received_ms, verdict, proof } => AnswerOutcome {
            outcome: Settled::Saved,
            received_at: Some(At(received_ms)),
            counts: Some(verdict.counts),
            why: verdict.why,
            proof: Some(proof),
            retry: false,
            ..unknown
        },
        Recorded::Refused { error, proof } => AnswerOutcome {
            outcome: Settled::Refused,
            code: Some(error.code.as_str().to_owned()),
            detail: Some(error_words(locale, &error).1),
            retry: error.is_ours(),
            proof,
            ..unknown
        },
        Recorded::Unknown => unknown,
    }
}

/// Pairs of numbers, each in order.
fn ranges(have: Vec<Vec<i64>>) -> Result<Vec<(i64, i64)>, Error> {
    let pair = |(index, range): (usize, Vec<i64>)| match range.as_slice() {
        [from, to] if 1 <= *from && from <= to => Ok((*from, *to)),
        _ => Err(Error::field(&format!("have[{index}]"), "not_a_range")),
    };
    have.into_iter().enumerate().map(pair).collect()
}
