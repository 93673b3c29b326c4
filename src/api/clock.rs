//! A room's clock, its ledger, and how far a change has come.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::control::Deadline;
use super::problem::Reply;
use super::replies::Reason;
use super::types::{At, at, count, seconds};
use crate::domain::clock::{Change, Kind, RoomPhase, Targets, Timing};
use crate::domain::ids::{CandidateId, RoomId, UserId};
use crate::domain::status::Reach;

pub(super) struct Clocks;

/// A room's time: what the exam allows, and every change.
#[derive(Object)]
struct RoomClock {
    /// Trusted time.
    now_at: At,
    /// Rev of the last change.
    rev: i64,
    /// What the room is doing.
    phase: RoomPhase,
    /// When it starts or started.
    starts_at: Option<At>,
    /// When it was over.
    ended_at: Option<At>,
    /// When entry closes, as far as that is known.
    entry_closes_at: Option<At>,
    /// The allowance.
    duration_seconds: f64,
    /// How long after the deadline an answer still counts.
    grace_seconds: f64,
    /// When a candidate's time begins.
    timing: Timing,
    /// Cut-off for entry after the start.
    late_entry_seconds: Option<f64>,
    /// End of the window.
    window_ends_at: Option<At>,
    /// Whether it cuts deadlines.
    window_hard: bool,
    /// The ledger, oldest first. Never edited: a mistake is reverted by another entry.
    changes: Vec<ClockChange>,
}

/// One entry of the ledger.
#[derive(Object)]
struct ClockChange {
    /// Its place in the ledger.
    rev: i64,
    /// When it was made.
    made_at: At,
    /// `open`, `start`, `pause`, `resume`, `extend`, `accommodate`, `credit`, `outage`, `terminate`, `reopen`, `revert`, `end`.
    kind: String,
    /// Whether a later entry has cancelled it.
    reverted: bool,
    /// Whom it is for; null: the room.
    targets: Option<Vec<CandidateId>>,
    /// Why it was made.
    reason: Reason,
    /// Who made it; null: the server.
    by: Option<UserId>,
    /// Of `extend`, `credit`, `reopen`: what it gives.
    seconds: Option<f64>,
    /// Of `resume`: from when time runs.
    resume_at: Option<At>,
    /// Of `accommodate`: the factor, in basis points.
    multiplier_bp: Option<i64>,
    /// Of `outage`: its beginning.
    from_at: Option<At>,
    /// Of `outage`: its end.
    to_at: Option<At>,
    /// Of `revert`: the change that is cancelled.
    reverts: Option<i64>,
    /// Of `end`: whether those with individual extra time keep it.
    spare: Option<bool>,
}

/// A change and how far it has come.
#[derive(Object)]
struct ChangeDelivery {
    /// The ledger entry.
    #[oai(flatten)]
    change: ClockChange,
    /// One line for each candidate it touches.
    candidates: Vec<DeliveryLine>,
}

/// Trusted time before and after it was set.
#[derive(Object)]
struct Reanchored {
    /// Before.
    before_at: At,
    /// After: the system clock, or the last event if that is later.
    after_at: At,
    /// How far it moves; negative: back.
    difference_seconds: f64,
    /// Rooms that run now.
    rooms: i64,
    /// Whether it was done.
    applied: bool,
}

/// What a change did to one candidate.
#[derive(Object)]
struct DeliveryLine {
    /// Who.
    candidate: CandidateId,
    /// The deadline before.
    before: Deadline,
    /// The deadline after.
    after: Deadline,
    /// How far it has come.
    delivery: Delivery,
}

/// How far a change of time has come with one candidate.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum Delivery {
    /// Not on the device yet.
    Queued,
    /// On the device.
    Delivered,
    /// The person has confirmed it.
    Seen,
}

#[OpenApi(tag = "Tag::Control")]
impl Clocks {
    /// Read the room's clock and its ledger.
    #[oai(path = "/rooms/:room/clock", method = "get", operation_id = "get_clock")]
    async fn get_clock(&self, caller: Caller, room: Path<RoomId>) -> Reply<Json<RoomClock>> {
        let clock = caller.service.get_clock(&caller.actor, &room.0).await?;
        let (now, terms, ledger) = (caller.service.now(), clock.terms, &clock.ledger);
        Ok(Json(RoomClock {
            now_at: At(now),
            rev: clock.rev,
            phase: clock.phase(now),
            starts_at: at(ledger.started_ms().or(clock.scheduled_ms)),
            ended_at: at(clock.ended_ms),
            entry_closes_at: at(ledger.entry_closes_ms(&terms)),
            duration_seconds: seconds(terms.base_ms),
            grace_seconds: seconds(terms.grace_ms),
            timing: terms.timing,
            late_entry_seconds: terms.late_entry_ms.map(seconds),
            window_ends_at: at(terms.window.map(|window| window.ends_ms)),
            window_hard: terms.window.is_some_and(|window| window.hard),
            changes: ledger.changes().iter().map(|change| shown(change, ledger.is_reverted(change.rev))).collect(),
        }))
    }

    /// Set trusted time to the system clock.
    ///
    /// Trusted time follows the system clock by itself only while no room is open. In rooms that run everybody keeps what they have left: a
    /// step forward is removed from their time, with an entry in the ledger; a step back is refused (`rooms_running`).
    #[oai(path = "/clock/reanchor", method = "post", operation_id = "reanchor_clock")]
    async fn reanchor_clock(
        &self,
        caller: Caller,
        /// Only say what it would do.
        #[oai(default)]
        dry_run: Query<bool>,
    ) -> Reply<Json<Reanchored>> {
        let done = caller.service.reanchor_clock(&caller.actor, dry_run.0).await?;
        Ok(Json(Reanchored {
            before_at: At(done.before_ms),
            after_at: At(done.after_ms),
            difference_seconds: seconds(done.after_ms - done.before_ms),
            rooms: count(done.rooms),
            applied: done.applied,
        }))
    }

    /// Read one change and how far it has come.
    ///
    /// For each candidate: the deadline before and after it, and whether it is queued, delivered or seen.
    #[oai(path = "/rooms/:room/clock/changes/:rev", method = "get", operation_id = "get_clock_change")]
    async fn get_clock_change(&self, caller: Caller, room: Path<RoomId>, rev: Path<i64>) -> Reply<Json<ChangeDelivery>> {
        let view = caller.service.get_clock_change(&caller.actor, &room.0, rev.0).await?;
        let candidates = view.candidates.into_iter().map(|(candidate, before, after, delivery)| DeliveryLine {
            candidate,
            before: before.into(),
            after: after.into(),
            delivery: match delivery {
                Reach::Queued => Delivery::Queued,
                Reach::Delivered => Delivery::Delivered,
                Reach::Seen => Delivery::Seen,
            },
        });
        let candidates = candidates.collect();
        Ok(Json(ChangeDelivery { change: shown(&view.change, view.reverted), candidates }))
    }
}

fn shown(change: &Change, reverted: bool) -> ClockChange {
    let mut shown = ClockChange {
        rev: change.rev,
        made_at: At(change.at_ms),
        kind: change.kind.name().to_owned(),
        reverted,
        targets: match &change.targets {
            Targets::Room => None,
            Targets::Only(targets) => Some(targets.iter().map(|target| target.candidate.clone()).collect()),
        },
        reason: change.reason.clone().into(),
        by: change.by.clone(),
        seconds: None,
        resume_at: None,
        multiplier_bp: None,
        from_at: None,
        to_at: None,
        reverts: None,
        spare: None,
    };
    match change.kind {
        Kind::Extend { ms } | Kind::Credit { ms } | Kind::Reopen { ms } => shown.seconds = Some(seconds(ms)),
        Kind::Resume { at_ms } => shown.resume_at = Some(At(at_ms)),
        Kind::Accommodate { multiplier_bp } => shown.multiplier_bp = Some(multiplier_bp),
        Kind::Outage { from_ms, to_ms } => (shown.from_at, shown.to_at) = (Some(At(from_ms)), Some(At(to_ms))),
        Kind::Revert { rev } => shown.reverts = Some(rev),
        Kind::End { spare } => shown.spare = Some(spare),
        Kind::Open | Kind::Start | Kind::Pause | Kind::Terminate => {}
    }
    shown
}
