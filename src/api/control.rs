//! The verbs of a room: each for the whole room or for a selection, with a dry run, an expected rev and an Idempotency-Key.

mod bodies;

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{Done, Reason};
use super::types::{At, Body};
use crate::domain::Ms;
use crate::domain::clock;
use crate::domain::control::Verb;
use crate::domain::ids::{CandidateId, RoomId};
use crate::service::control::Command;
use bodies::{
    Accommodation, Decision, EndCommand, OpenCommand, ReopenCommand, ResumeCommand, RoomCommand, SecondsCommand,
    SelectionCommand, TerminateCommand,
};
pub(super) use bodies::{Change, Deadline};

pub(super) struct Control;

/// What the verbs have in common besides their bodies.
struct How {
    caller: Caller,
    room: RoomId,
    dry_run: bool,
    key: Option<String>,
}

impl How {
    fn new(caller: Caller, room: Path<RoomId>, dry_run: &Query<bool>, key: Header<Option<String>>) -> Self {
        Self { caller, room: room.0, dry_run: dry_run.0, key: key.0.filter(|key| !key.is_empty()) }
    }

    async fn run(self, verb: Verb, candidates: Option<Vec<CandidateId>>, rest: Rest) -> Reply<Json<Change>> {
        if self.key.as_ref().is_some_and(|key| key.len() > 200) {
            return Err(crate::error::Error::field("Idempotency-Key", "too_long").into());
        }
        let command = Command {
            verb,
            candidates,
            reason: rest.reason.map(clock::Reason::from).unwrap_or_default(),
            expected_rev: rest.expected_rev,
            dry_run: self.dry_run,
            key: self.key,
            client_now_ms: rest.client_now_at.map(|at| at.0),
            accept_clock_difference: rest.accept_clock_difference,
        };
        Ok(Json(self.caller.service.change(&self.caller.actor, &self.room, &command).await?.into()))
    }
}

/// What bodies have in common.
#[derive(Default)]
struct Rest {
    reason: Option<Reason>,
    expected_rev: Option<i64>,
    client_now_at: Option<At>,
    accept_clock_difference: bool,
}

impl Rest {
    fn of(reason: Option<Reason>, expected_rev: Option<i64>) -> Self {
        Self { reason, expected_rev, ..Self::default() }
    }
}

fn ms(seconds: i64) -> Ms {
    seconds.saturating_mul(1000)
}

#[OpenApi(tag = "Tag::Control")]
impl Control {
    /// Open the room.
    ///
    /// Candidates may come and wait; the newest paper is pinned for this room.
    #[oai(path = "/rooms/:room/open", method = "post", operation_id = "open_room")]
    async fn open_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<OpenCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let OpenCommand { reason, expected_rev, client_now_at, accept_clock_difference } = body.0;
        how.run(Verb::Open, None, Rest { reason, expected_rev, client_now_at, accept_clock_difference }).await
    }

    /// Start time.
    ///
    /// A scheduled room is opened first. Time begins for whoever is there, by the exam's `timing`.
    #[oai(path = "/rooms/:room/start", method = "post", operation_id = "start_room")]
    async fn start_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<RoomCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        how.run(Verb::Start, None, Rest::of(body.0.reason, body.0.expected_rev)).await
    }

    /// Stop time.
    ///
    /// For the room or for candidates. What was saved meanwhile counts; nobody loses time.
    #[oai(path = "/rooms/:room/pause", method = "post", operation_id = "pause_room")]
    async fn pause_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<SelectionCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let SelectionCommand { candidates, reason, expected_rev } = body.0;
        how.run(Verb::Pause, candidates, Rest::of(reason, expected_rev)).await
    }

    /// Let time run again.
    ///
    /// At once, or from a given instant.
    #[oai(path = "/rooms/:room/resume", method = "post", operation_id = "resume_room")]
    async fn resume_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<ResumeCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let ResumeCommand { candidates, reason, expected_rev, resume_at } = body.0;
        how.run(Verb::Resume(resume_at.map(|at| at.0)), candidates, Rest::of(reason, expected_rev)).await
    }

    /// Extend.
    ///
    /// Gives the room or candidates more time. Needs an Idempotency-Key, so that a repeat does not give it twice.
    #[oai(path = "/rooms/:room/extend", method = "post", operation_id = "extend_room")]
    async fn extend_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<SecondsCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let SecondsCommand { seconds, candidates, reason, expected_rev } = body.0;
        how.run(Verb::Extend(ms(seconds)), candidates, Rest::of(reason, expected_rev)).await
    }

    /// Give time back.
    ///
    /// As `extend`, for an incident: it shows as a credit in everybody's explanation. Needs an Idempotency-Key.
    #[oai(path = "/rooms/:room/credit", method = "post", operation_id = "credit_room")]
    async fn credit_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<SecondsCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let SecondsCommand { seconds, candidates, reason, expected_rev } = body.0;
        how.run(Verb::Credit(ms(seconds)), candidates, Rest::of(reason, expected_rev)).await
    }

    /// End the room.
    ///
    /// What is saved is handed in. With `spare` those with individual extra time go on.
    #[oai(path = "/rooms/:room/end", method = "post", operation_id = "end_room")]
    async fn end_room(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<EndCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let EndCommand { spare, reason, expected_rev } = body.0;
        how.run(Verb::End { spare: spare.unwrap_or(true) }, None, Rest::of(reason, expected_rev)).await
    }

    /// End candidates.
    ///
    /// What they have saved is handed in. Needs a reason.
    #[oai(path = "/rooms/:room/terminate", method = "post", operation_id = "terminate_candidates")]
    async fn terminate_candidates(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<TerminateCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let TerminateCommand { candidates, reason, expected_rev } = body.0;
        how.run(Verb::Terminate, Some(candidates), Rest::of(reason, expected_rev)).await
    }

    /// Let candidates work again.
    ///
    /// The time from their end until now is not counted. A room that has ended runs again. Needs a reason and an Idempotency-Key.
    #[oai(path = "/rooms/:room/reopen", method = "post", operation_id = "reopen_candidates")]
    async fn reopen_candidates(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<ReopenCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let ReopenCommand { candidates, seconds, reason, expected_rev } = body.0;
        how.run(Verb::Reopen(ms(seconds)), Some(candidates), Rest::of(reason, expected_rev)).await
    }

    /// Revert a change.
    ///
    /// Cancels an entry of the ledger by another one. What opened, started or ended something cannot be reverted.
    #[oai(path = "/rooms/:room/clock/changes/:rev/revert", method = "post", operation_id = "revert_change")]
    async fn revert_change(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        rev: Path<i64>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<RoomCommand>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        how.run(Verb::Revert(rev.0), None, Rest::of(body.0.reason, body.0.expected_rev)).await
    }

    /// Set a candidate's accommodation.
    ///
    /// A factor on the allowance, before or while they work; the last one holds.
    #[oai(path = "/rooms/:room/candidates/:candidate/accommodation", method = "put", operation_id = "set_accommodation")]
    async fn set_accommodation(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        /// Makes a repeat harmless: it answers what the first one did.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<Accommodation>,
    ) -> Reply<Json<Change>> {
        let how = How::new(caller, room, &dry_run, key);
        let Accommodation { multiplier_bp, reason, expected_rev } = body.0;
        how.caller.service.get_candidate(&how.caller.actor, &how.room, &candidate.0).await?;
        how.run(Verb::Accommodate(multiplier_bp), Some(vec![candidate.0]), Rest::of(reason, expected_rev)).await
    }

    /// Decide a takeover.
    ///
    /// Another device asks to continue for a candidate. If it is allowed, the old page stops and the new one goes on.
    #[oai(path = "/rooms/:room/candidates/:candidate/takeover", method = "post", operation_id = "decide_takeover")]
    async fn decide_takeover(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<Decision>,
    ) -> Reply<Done> {
        let Decision { id, allow } = body.0;
        caller.service.decide_takeover(&caller.actor, &room.0, &candidate.0, &id, allow).await?;
        Ok(Done::Done)
    }
}
