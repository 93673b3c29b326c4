//! Exams.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{Created, Done, Page, Wanted};
use super::types::{At, Body};
use crate::domain::clock::{OutagePolicy, Timing};
use crate::domain::ids::{ExamId, UserId};
use crate::domain::pen::TakeoverPolicy;
use crate::limits;
use crate::service::exams::ExamWords;
use crate::store::exams::ExamRow;

pub(super) struct Exams;

/// What is sat.
#[derive(Object)]
struct Exam {
    /// Its id.
    id: ExamId,
    /// Whose it is.
    owner: UserId,
    /// Title.
    title: String,
    /// What candidates read first, in Markdown.
    instructions: String,
    /// The allowance.
    duration_seconds: i64,
    /// How long after the deadline an answer still counts.
    grace_seconds: i64,
    /// When a candidate's time begins.
    timing: Timing,
    /// Until how long after the start one may come in; null: no cut-off of its own.
    late_entry_seconds: Option<i64>,
    /// What happens when a candidate comes from another device while one is connected.
    takeover: TakeoverPolicy,
    /// What becomes of a time in which the service was away: given back by itself up to 15 minutes (beyond that staff decide), always up to
    /// staff, or nothing.
    outages: OutagePolicy,
    /// Each candidate has an own order of questions.
    shuffle_questions: bool,
    /// Each candidate has an own order of options.
    shuffle_options: bool,
    /// The newest version of the paper; 0: none yet.
    paper_version: i64,
    /// When it was made.
    created_at: At,
}

impl From<ExamRow> for Exam {
    fn from(row: ExamRow) -> Self {
        let words = words(&row);
        Self {
            id: row.id,
            owner: row.owner_id,
            title: words.title,
            instructions: words.instructions,
            duration_seconds: words.base_ms / 1000,
            grace_seconds: words.grace_ms / 1000,
            timing: if words.on_entry { Timing::OnEntry } else { Timing::WithRoom },
            late_entry_seconds: words.late_entry_ms.map(|ms| ms / 1000),
            takeover: words.takeover,
            outages: words.outages,
            shuffle_questions: words.shuffle_questions,
            shuffle_options: words.shuffle_options,
            paper_version: row.paper_version,
            created_at: At(row.created_ms),
        }
    }
}

fn words(row: &ExamRow) -> ExamWords {
    ExamWords {
        title: row.title.clone(),
        instructions: row.instructions.clone(),
        base_ms: row.base_ms,
        grace_ms: row.grace_ms,
        on_entry: Timing::parse(&row.timing) == Some(Timing::OnEntry),
        late_entry_ms: row.late_entry_ms,
        takeover: TakeoverPolicy::parse(&row.takeover).unwrap_or(TakeoverPolicy::Ask),
        outages: OutagePolicy::parse(&row.outages).unwrap_or(OutagePolicy::Automatic),
        shuffle_questions: row.shuffle_questions,
        shuffle_options: row.shuffle_options,
    }
}

/// What to say of an exam. To change one, what is absent stays; to make one, `title` and `duration_seconds` are needed.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct ExamPatch {
    /// Title.
    title: Option<String>,
    /// What candidates read first, in Markdown.
    instructions: Option<String>,
    /// The allowance.
    duration_seconds: Option<i64>,
    /// How long after the deadline an answer still counts.
    grace_seconds: Option<i64>,
    /// When a candidate's time begins.
    timing: Option<Timing>,
    /// Until how long after the start one may come in; null: no cut-off of its own.
    late_entry_seconds: MaybeUndefined<i64>,
    /// What happens when a candidate comes from another device while one is connected.
    takeover: Option<TakeoverPolicy>,
    /// What becomes of a time in which the service was away: given back by itself up to 15 minutes (beyond that staff decide), always up to
    /// staff, or nothing.
    outages: Option<OutagePolicy>,
    /// Each candidate has an own order of questions.
    shuffle_questions: Option<bool>,
    /// Each candidate has an own order of options.
    shuffle_options: Option<bool>,
}

impl ExamPatch {
    fn over(self, words: ExamWords) -> ExamWords {
        let ms = |seconds: i64| seconds.saturating_mul(1000);
        ExamWords {
            title: self.title.unwrap_or(words.title),
            instructions: self.instructions.unwrap_or(words.instructions),
            base_ms: self.duration_seconds.map_or(words.base_ms, ms),
            grace_ms: self.grace_seconds.map_or(words.grace_ms, ms),
            on_entry: self.timing.map_or(words.on_entry, |timing| timing == Timing::OnEntry),
            late_entry_ms: match self.late_entry_seconds {
                MaybeUndefined::Undefined => words.late_entry_ms,
                MaybeUndefined::Null => None,
                MaybeUndefined::Value(seconds) => Some(ms(seconds)),
            },
            takeover: self.takeover.unwrap_or(words.takeover),
            outages: self.outages.unwrap_or(words.outages),
            shuffle_questions: self.shuffle_questions.unwrap_or(words.shuffle_questions),
            shuffle_options: self.shuffle_options.unwrap_or(words.shuffle_options),
        }
    }
}

/// A new exam.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewExam {
    /// Title.
    title: String,
    /// What candidates read first, in Markdown.
    #[oai(default)]
    instructions: String,
    /// The allowance, 60 to 604,800.
    duration_seconds: i64,
    /// How long after the deadline an answer still counts; 3 when absent.
    grace_seconds: Option<i64>,
    /// When a candidate's time begins; `with_room` when absent.
    timing: Option<Timing>,
    /// Until how long after the start one may come in.
    late_entry_seconds: Option<i64>,
    /// What happens when a candidate comes from another device while one is connected; `ask` when absent.
    takeover: Option<TakeoverPolicy>,
    /// What becomes of a time in which the service was away: given back by itself up to 15 minutes (beyond that staff decide), always up to
    /// staff, or nothing; `automatic` when absent.
    outages: Option<OutagePolicy>,
    /// Each candidate has an own order of questions.
    #[oai(default)]
    shuffle_questions: bool,
    /// Each candidate has an own order of options.
    #[oai(default)]
    shuffle_options: bool,
}

impl From<NewExam> for ExamWords {
    fn from(new: NewExam) -> Self {
        Self {
            title: new.title,
            instructions: new.instructions,
            base_ms: new.duration_seconds.saturating_mul(1000),
            grace_ms: new.grace_seconds.map_or(limits::DEFAULT_GRACE_MS, |seconds| seconds.saturating_mul(1000)),
            on_entry: new.timing == Some(Timing::OnEntry),
            late_entry_ms: new.late_entry_seconds.map(|seconds| seconds.saturating_mul(1000)),
            takeover: new.takeover.unwrap_or(TakeoverPolicy::Ask),
            outages: new.outages.unwrap_or(OutagePolicy::Automatic),
            shuffle_questions: new.shuffle_questions,
            shuffle_options: new.shuffle_options,
        }
    }
}

#[OpenApi(tag = "Tag::Exams")]
impl Exams {
    /// List exams.
    ///
    /// Your own; an administrator's are all.
    #[oai(path = "/exams", method = "get", operation_id = "list_exams")]
    async fn list_exams(
        &self,
        caller: Caller,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Exam>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let rows = caller.service.list_exams(&caller.actor, &wanted.after, wanted.read()).await?;
        Ok(Json(wanted.page(rows, |row| row.id.to_string(), Exam::from)))
    }

    /// Make an exam.
    ///
    /// It has no paper yet: put one.
    #[oai(path = "/exams", method = "post", operation_id = "create_exam")]
    async fn create_exam(&self, caller: Caller, body: Body<NewExam>) -> Reply<Created<Exam>> {
        Ok(made(caller.service.create_exam(&caller.actor, body.0.into()).await?))
    }

    /// Read an exam.
    #[oai(path = "/exams/:exam", method = "get", operation_id = "get_exam")]
    async fn get_exam(&self, caller: Caller, exam: Path<ExamId>) -> Reply<Json<Exam>> {
        Ok(Json(caller.service.get_exam(&caller.actor, &exam.0).await?.into()))
    }

    /// Change an exam.
    ///
    /// Possible while none of its rooms is open.
    #[oai(path = "/exams/:exam", method = "patch", operation_id = "update_exam")]
    async fn update_exam(&self, caller: Caller, exam: Path<ExamId>, body: Body<ExamPatch>) -> Reply<Json<Exam>> {
        let now = caller.service.get_exam(&caller.actor, &exam.0).await?;
        let words = body.0.over(words(&now));
        Ok(Json(caller.service.update_exam(&caller.actor, &exam.0, words).await?.into()))
    }

    /// Delete an exam.
    ///
    /// Possible while it has no room.
    #[oai(path = "/exams/:exam", method = "delete", operation_id = "delete_exam")]
    async fn delete_exam(&self, caller: Caller, exam: Path<ExamId>) -> Reply<Done> {
        caller.service.delete_exam(&caller.actor, &exam.0).await?;
        Ok(Done::Done)
    }

    /// Copy an exam.
    ///
    /// The copy is yours and has the newest paper as its version 1.
    #[oai(path = "/exams/:exam/copy", method = "post", operation_id = "copy_exam")]
    async fn copy_exam(&self, caller: Caller, exam: Path<ExamId>) -> Reply<Created<Exam>> {
        Ok(made(caller.service.copy_exam(&caller.actor, &exam.0).await?))
    }
}

fn made(row: ExamRow) -> Created<Exam> {
    let place = format!("{}/exams/{}", super::BASE, row.id);
    Created::Made(Json(row.into()), place)
}
