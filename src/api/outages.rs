//! Times in which the service was away.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::control::Change;
use super::problem::Reply;
use super::replies::All;
use super::types::{At, Body, seconds};
use crate::domain::ids::RoomId;
use crate::store::outages::RoomOutage;

pub(super) struct Outages;

/// A time in which the service was away.
#[derive(Object)]
struct ServiceOutage {
    /// Its number, for `decide_outage`.
    outage: i64,
    /// From when.
    from_at: At,
    /// Until when.
    to_at: At,
    /// How long it was.
    seconds: f64,
    /// `proposed`: staff decide. `given`: given back by itself. `accepted`, `dismissed`: decided. `nobody`: nobody was working. `off`: the exam
    /// wants none.
    state: String,
    /// The change that gave it back.
    rev: Option<i64>,
}

/// What staff decide.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct OutageDecision {
    /// Give the time back, to whoever was working then, or not.
    accept: bool,
}

impl From<RoomOutage> for ServiceOutage {
    fn from(outage: RoomOutage) -> Self {
        Self {
            outage: outage.gap.after_ms,
            from_at: At(outage.gap.from_ms),
            to_at: At(outage.gap.to_ms),
            seconds: seconds(outage.gap.length_ms()),
            state: outage.state.as_str().to_owned(),
            rev: outage.rev,
        }
    }
}

#[OpenApi(tag = "Tag::Control")]
impl Outages {
    /// List outages of the service.
    ///
    /// With what became of each in this room. One that waits for a decision is an incident as well.
    #[oai(path = "/rooms/:room/outages", method = "get", operation_id = "list_outages")]
    async fn list_outages(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<All<ServiceOutage>>> {
        let outages = caller.service.list_outages(&caller.actor, &room.0).await?;
        Ok(Json(All { items: outages.into_iter().map(ServiceOutage::from).collect() }))
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
