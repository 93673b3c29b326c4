//! Whether a timeline is as it was sealed.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::types::At;
use crate::auth::seals::{Finding, Mark, Report};
use crate::domain::ids::RoomId;
use crate::error::Error;

pub(super) struct Seals;

/// What is wrong at one spot.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum FaultKind {
    /// An entry does not say what it said when it was sealed.
    Altered,
    /// Entries that were sealed are gone.
    Deleted,
    /// An entry was put in afterwards.
    Inserted,
    /// Entries under a seal are in another order, or one was exchanged together with its digest.
    Reordered,
    /// A seal is gone from the middle.
    SealDeleted,
    /// The timeline ends before a head that was told outside.
    Truncated,
    /// A seal is another than was told outside.
    Remade,
}

/// Something that is wrong.
#[derive(Object)]
struct Fault {
    /// What.
    kind: FaultKind,
    /// Place of the first entry that it is about, from 1.
    place: Option<i64>,
    /// Place of the last.
    to_place: Option<i64>,
    /// The entry.
    entry: Option<String>,
    /// The seal.
    seal: Option<i64>,
    /// When the entry says that it happened, or when the seal was made.
    said_at: Option<At>,
}

/// What holding a timeline against its seals came to.
#[derive(Object)]
struct SealReport {
    /// Whether nothing is wrong.
    whole: bool,
    /// Entries under seals.
    entries: i64,
    /// Seals.
    seals: i64,
    /// Entries that are too new to be sealed: within a second or two they are.
    unsealed: i64,
    /// Entries whose content has been erased; that they were there, and where, still stands.
    erased: i64,
    /// Heads you gave that are as they were told.
    told: i64,
    /// Heads you gave that are of a time which a restored copy does not know, as the timeline says.
    lost_by_restore: i64,
    /// How much is wrong.
    faults: i64,
    /// What is wrong; the first of it.
    items: Vec<Fault>,
    /// When the last seal was made.
    sealed_at: Option<At>,
    /// The head of the chain: keep it elsewhere, and give it as `head` later.
    head: Option<String>,
}

#[OpenApi(tag = "Tag::Results")]
impl Seals {
    /// Hold a timeline against its seals.
    ///
    /// Finds entries that were altered, deleted, inserted or put into another order. That the end was cut off, or that the whole chain was
    /// made anew, shows only against a head that was kept elsewhere: the server's log has each as `timeline.sealed`.
    #[oai(path = "/rooms/:room/timeline/seal", method = "get", operation_id = "verify_timeline")]
    async fn verify_timeline(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// A head that was kept elsewhere.
        head: Query<Option<String>>,
    ) -> Reply<Json<SealReport>> {
        let marks = head.0.map(|text| text.parse::<Mark>().map_err(|_| Error::field("head", "malformed"))).transpose()?;
        if marks.as_ref().is_some_and(|mark| mark.room != room.0) {
            return Err(Error::field("head", "malformed").into());
        }
        let report = caller.service.verify_timeline(&caller.actor, &room.0, marks.into_iter().collect()).await?;
        Ok(Json(shown(&room.0, report)))
    }
}

fn shown(room: &RoomId, report: Report) -> SealReport {
    let head = |seal: &crate::domain::seal::Seal| Mark::of(room, seal).to_string();
    SealReport {
        whole: report.is_whole(),
        entries: report.entries,
        seals: report.seals,
        unsealed: report.unsealed,
        erased: report.erased_count,
        told: report.told,
        lost_by_restore: report.lost_by_restore,
        faults: report.faults,
        items: report.findings.into_iter().map(fault).collect(),
        sealed_at: report.last.as_ref().map(|seal| At(seal.sealed_ms)),
        head: report.last.as_ref().map(head),
    }
}

fn fault(finding: Finding) -> Fault {
    let bare = |kind| Fault { kind, place: None, to_place: None, entry: None, seal: None, said_at: None };
    match finding {
        Finding::Altered { place, id } => Fault { place: Some(place), entry: Some(id), ..bare(FaultKind::Altered) },
        Finding::Deleted { from, to } => Fault { place: Some(from), to_place: Some(to), ..bare(FaultKind::Deleted) },
        Finding::Inserted { id, at_ms } => Fault { entry: Some(id), said_at: Some(At(at_ms)), ..bare(FaultKind::Inserted) },
        Finding::Reordered { seal } => Fault { seal: Some(seal), ..bare(FaultKind::Reordered) },
        Finding::SealDeleted { seal } => Fault { seal: Some(seal), ..bare(FaultKind::SealDeleted) },
        Finding::Truncated { seal, sealed_ms } => {
            Fault { seal: Some(seal), said_at: Some(At(sealed_ms)), ..bare(FaultKind::Truncated) }
        }
        Finding::Remade { seal, sealed_ms } => {
            Fault { seal: Some(seal), said_at: Some(At(sealed_ms)), ..bare(FaultKind::Remade) }
        }
    }
}
