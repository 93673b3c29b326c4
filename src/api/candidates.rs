//! Who is expected in a room, and the codes they enter with.

use poem::http::header::CONTENT_TYPE;
use poem::{Request, RequestBody};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{MaybeUndefined, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Done, Page, Wanted};
use super::types::{At, Body, at, json, read};
use crate::domain::Ms;
use crate::domain::clock::{EndedBy, Phase, WHOLE_BP};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::status::RoomClock;
use crate::service::candidates::RosterWords;
use crate::store::candidates::CandidateRow;

pub(super) struct Candidates;

/// One student in one room.
#[derive(Object)]
pub(super) struct Candidate {
    /// Id.
    id: CandidateId,
    /// Name.
    name: String,
    /// The school's number for the student.
    student_id: Option<String>,
    /// Class.
    class: Option<String>,
    /// Seat.
    seat: Option<String>,
    /// The roster's factor on the allowance, in basis points.
    multiplier_bp: i64,
    /// What they are doing.
    phase: Phase,
    /// When they first came.
    joined_at: Option<At>,
    /// When their time began.
    begun_at: Option<At>,
    /// When it ended.
    ended_at: Option<At>,
    /// Who ended it.
    ended_by: Option<EndedBy>,
}

impl Candidate {
    /// A candidate with its phase by the room's clock.
    pub(super) fn at(row: CandidateRow, clock: &RoomClock, now: Ms) -> Self {
        let phase = clock.clock(&row.id, &row.facts(), now).phase;
        Self::of(row, phase)
    }

    pub(super) fn of(row: CandidateRow, phase: Phase) -> Self {
        Self {
            phase,
            id: row.id,
            name: row.name,
            student_id: row.student_id,
            class: row.class,
            seat: row.seat,
            multiplier_bp: row.multiplier_bp,
            joined_at: at(row.joined_ms),
            begun_at: at(row.begun_ms),
            ended_at: at(row.ended_ms),
            ended_by: row.ended_by.as_deref().and_then(EndedBy::parse),
        }
    }
}

/// Somebody to add to a room.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewCandidate {
    /// Name.
    name: String,
    /// The school's number for the student.
    student_id: Option<String>,
    /// Class.
    class: Option<String>,
    /// Seat; nobody else may have it.
    seat: Option<String>,
    /// Factor on the allowance in basis points, 10,000 to 40,000; 10,000 when absent.
    multiplier_bp: Option<i64>,
}

/// What to change of a candidate; what is absent stays.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct CandidatePatch {
    /// Name.
    name: Option<String>,
    /// The school's number; null removes it.
    student_id: MaybeUndefined<String>,
    /// Class; null removes it.
    class: MaybeUndefined<String>,
    /// Seat; null removes it.
    seat: MaybeUndefined<String>,
    /// Factor on the allowance in basis points, before their time begins; afterwards `PUT …/accommodation`.
    multiplier_bp: Option<i64>,
}

/// One candidate as JSON, or a roster file.
enum Roster {
    One(NewCandidate),
    File(Vec<u8>),
}

impl<'a> ApiExtractor<'a> for Roster {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        NewCandidate::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let one = MetaMediaType { content_type: "application/json", schema: NewCandidate::schema_ref() };
        let file = MetaMediaType { content_type: "text/csv", schema: Binary::<Vec<u8>>::schema_ref() };
        Some(MetaRequest { description: None, content: vec![one, file], required: true })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("text/csv") {
            return Ok(Self::File(body.take()?.into_vec().await?));
        }
        read(json(request, body).await?).map(Self::One)
    }
}

/// Who has been added, or would be.
#[derive(Object)]
struct Added {
    /// False for a dry run.
    applied: bool,
    /// The candidates, in the order in which they came.
    items: Vec<Candidate>,
}

#[derive(ApiResponse)]
enum Import {
    /// Nothing was changed: this is who would be added.
    #[oai(status = 200)]
    Tried(Json<Added>),
    /// All of them were added.
    #[oai(status = 201)]
    Made(Json<Added>),
}

/// Whose codes.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct CodesWanted {
    /// Only these; everybody when absent.
    candidates: Option<Vec<CandidateId>>,
    /// Make new codes for the named candidates and end the sessions of the old.
    #[oai(default)]
    replace: bool,
}

/// A code to print.
#[derive(Object)]
struct PrintedCode {
    /// Whose.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// The code as it is shown to people.
    code: String,
}

#[OpenApi(tag = "Tag::Candidates")]
impl Candidates {
    /// List a room's candidates.
    #[oai(path = "/rooms/:room/candidates", method = "get", operation_id = "list_candidates")]
    async fn list_candidates(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Candidate>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let rows = caller.service.list_candidates(&caller.actor, &room.0, &wanted.after, wanted.read()).await?;
        let (clock, now) = (caller.clock(&room.0).await?, caller.service.now());
        Ok(Json(wanted.page(rows, |row| row.id.to_string(), |row| Candidate::at(row, &clock, now))))
    }

    /// Add candidates.
    ///
    /// JSON adds one; `text/csv` imports a roster, all or nothing, and names each line at fault (422). Both work in a room that runs.
    #[oai(path = "/rooms/:room/candidates", method = "post", operation_id = "add_candidates")]
    async fn add_candidates(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only say who would be added.
        #[oai(default)]
        dry_run: Query<bool>,
        body: Roster,
    ) -> Reply<Import> {
        let (service, dry_run) = (&caller.service, dry_run.0);
        let rows = match body {
            Roster::File(bytes) => service.import_roster(&caller.actor, &room.0, &bytes, dry_run).await?,
            Roster::One(new) => {
                let NewCandidate { name, student_id, class, seat, multiplier_bp } = new;
                let words = RosterWords { name, student_id, class, seat, multiplier_bp: multiplier_bp.unwrap_or(WHOLE_BP) };
                service.add_candidates(&caller.actor, &room.0, vec![words], dry_run).await?
            }
        };
        let added =
            Json(Added { applied: !dry_run, items: rows.into_iter().map(|row| Candidate::of(row, Phase::Expected)).collect() });
        Ok(if dry_run { Import::Tried(added) } else { Import::Made(added) })
    }

    /// Read a candidate.
    #[oai(path = "/rooms/:room/candidates/:candidate", method = "get", operation_id = "get_candidate")]
    async fn get_candidate(&self, caller: Caller, room: Path<RoomId>, candidate: Path<CandidateId>) -> Reply<Json<Candidate>> {
        let row = caller.service.get_candidate(&caller.actor, &room.0, &candidate.0).await?;
        let clock = caller.clock(&room.0).await?;
        Ok(Json(Candidate::at(row, &clock, caller.service.now())))
    }

    /// Change who a candidate is.
    #[oai(path = "/rooms/:room/candidates/:candidate", method = "patch", operation_id = "update_candidate")]
    async fn update_candidate(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<CandidatePatch>,
    ) -> Reply<Json<Candidate>> {
        let old = caller.service.get_candidate(&caller.actor, &room.0, &candidate.0).await?;
        let patch = body.0;
        let words = RosterWords {
            name: patch.name.unwrap_or(old.name),
            student_id: patched(patch.student_id, old.student_id),
            class: patched(patch.class, old.class),
            seat: patched(patch.seat, old.seat),
            multiplier_bp: patch.multiplier_bp.unwrap_or(old.multiplier_bp),
        };
        let row = caller.service.update_candidate(&caller.actor, &room.0, &candidate.0, words).await?;
        let clock = caller.clock(&room.0).await?;
        Ok(Json(Candidate::at(row, &clock, caller.service.now())))
    }

    /// Remove a candidate who never came.
    #[oai(path = "/rooms/:room/candidates/:candidate", method = "delete", operation_id = "delete_candidate")]
    async fn delete_candidate(&self, caller: Caller, room: Path<RoomId>, candidate: Path<CandidateId>) -> Reply<Done> {
        caller.service.delete_candidate(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Done::Done)
    }

    /// Make and read entry codes.
    ///
    /// Makes the codes that are missing and returns those that may be printed: of candidates who have not entered yet. A lost slip is
    /// replaced with `replace` and the candidate's id.
    #[oai(path = "/rooms/:room/entry-codes", method = "post", operation_id = "make_entry_codes")]
    async fn make_entry_codes(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        body: Body<CodesWanted>,
    ) -> Reply<Json<All<PrintedCode>>> {
        let CodesWanted { candidates, replace } = body.0;
        let codes = caller.service.make_entry_codes(&caller.actor, &room.0, candidates.as_deref(), replace).await?;
        let items = codes.into_iter().map(|(row, code)| PrintedCode { candidate: row.id, name: row.name, seat: row.seat, code });
        Ok(Json(All { items: items.collect() }))
    }
}

/// A new value, nothing, or the old one.
pub(super) fn patched<T>(patch: MaybeUndefined<T>, old: Option<T>) -> Option<T> {
    match patch {
        MaybeUndefined::Undefined => old,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(new) => Some(new),
    }
}
