//! Times in which the service was away, and what is proposed to staff.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::control::Change;
use super::problem::Reply;
use super::types::{At, Body, seconds};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::lost::Lost;
use crate::store::outages::RoomOutage;

pub(super) struct Proposals;

/// What took time from somebody.
#[derive(Object)]
struct Proposal {
    /// `outage`: no node of the service was alive. `lost_time`: the candidate's own device or network was away. `late_paper`: the paper reached
    /// the candidate late.
    kind: String,
    /// Of an outage: its number, for `decide_outage`.
    outage: Option<i64>,
    /// Whom it is about; null: the room.
    candidate: Option<CandidateId>,
    /// From when.
    from_at: At,
    /// Until when.
    to_at: At,
    /// How much of their time was lost.
    seconds: f64,
    /// `proposed`: staff decide. `given`: given back by itself. `accepted`, `dismissed`: decided. `nobody`: nobody was working. `off`: the exam
    /// wants none.
    state: String,
    /// The change that gave it back.
    rev: Option<i64>,
}

/// What took time from somebody in a room.
#[derive(Object)]
struct ProposalList {
    /// All of them.
    items: Vec<Proposal>,
}

/// What staff decide.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct OutageDecision {
    /// Give the time back, to whoever was working then, or not.
    accept: bool,
}

impl From<RoomOutage> for Proposal {
    fn from(outage: RoomOutage) -> Self {
        Self {
            kind: "outage".to_owned(),
            outage: Some(outage.gap.after_ms),
            candidate: None,
            from_at: At(outage.gap.from_ms),
            to_at: At(outage.gap.to_ms),
            seconds: seconds(outage.gap.length_ms()),
            state: outage.state.as_str().to_owned(),
            rev: outage.rev,
        }
    }
}

impl From<(CandidateId, Lost)> for Proposal {
    fn from((candidate, lost): (CandidateId, Lost)) -> Self {
        Self {
            kind: lost.kind.code().to_owned(),
            outage: None,
            candidate: Some(candidate),
            from_at: At(lost.from_ms),
            to_at: At(lost.to_ms),
            seconds: seconds(lost.ms),
            state: "proposed".to_owned(),
            rev: None,
        }
    }
}

#[OpenApi(tag = "Tag::Control")]
impl Proposals {
    /// List lost times.
    ///
    /// Outages of the service in this room with what became of each; then what candidates lost through their own devices or networks,
    /// measured and never given back by itself: `credit` the candidate with the same `reason.code` as the `kind`, and it is settled.
    #[oai(path = "/rooms/:room/proposals", method = "get", operation_id = "list_proposals")]
    async fn list_proposals(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<ProposalList>> {
        let (outages, own) = caller.service.list_proposals(&caller.actor, &room.0).await?;
        let items = outages.into_iter().map(Proposal::from).chain(own.into_iter().map(Proposal::from));
        Ok(Json(ProposalList { items: items.collect() }))
    }

    /// Give an outage back, or not.
    ///
    /// It is removed from the time of whoever was working then and not known to be away; who has been ended by the deadline meanwhile works
    /// again. Like any change it can be reverted.
    #[oai(path = "/rooms/:room/outages/:outage", method = "post", operation_id = "decide_outage")]
    async fn decide_outage(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        outage: Path<i64>,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Body<OutageDecision>,
    ) -> Reply<Json<Change>> {
        let change = caller.service.decide_outage(&caller.actor, &room.0, outage.0, body.0.accept, dry_run.0).await?;
        Ok(Json(change.into()))
    }
}
