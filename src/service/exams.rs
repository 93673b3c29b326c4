//! Exams and their papers.

use std::sync::Arc;

use super::{Service, allow, in_range, text};
use crate::auth::secrets::mint;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Role, Scope};
use crate::domain::clock::OutagePolicy;
use crate::domain::ids::{ExamId, RoomId};
use crate::domain::paper::Paper;
use crate::domain::pen::TakeoverPolicy;
use crate::domain::rules::Rules;
use crate::error::{Code, Error, Fault, Result};
use crate::limits;
use crate::store::StoreError;
use crate::store::exams::ExamRow;

/// What is said of an exam; lengths in ms.
#[derive(Debug, Clone)]
pub struct ExamWords {
    /// Title.
    pub title: String,
    /// What candidates read first.
    pub instructions: String,
    /// The allowance.
    pub base_ms: Ms,
    /// Grace after the deadline.
    pub grace_ms: Ms,
    /// Whether time begins on entry, else with the room.
    pub on_entry: bool,
    /// Cut-off for entry after the start.
    pub late_entry_ms: Option<Ms>,
    /// Another device while one is connected.
    pub takeover: TakeoverPolicy,
    /// A time in which the service was away.
    pub outages: OutagePolicy,
    /// Each candidate has an own order of questions.
    pub shuffle_questions: bool,
    /// Each candidate has an own order of options.
    pub shuffle_options: bool,
}

impl Service {
    /// Exams that are the actor's; an administrator's are all.
    pub async fn list_exams(&self, actor: &Actor, after: &str, limit: i64) -> Result<Vec<ExamRow>> {
        allow(actor, Action::ListExams, Scope::Organisation)?;
        let owner = if matches!(actor, Actor::User { role: Role::Admin, .. }) { None } else { actor.user() };
        Ok(self.store.exams(owner, after, limit).await?)
    }

    /// Makes an exam without a paper.
    pub async fn create_exam(&self, actor: &Actor, words: ExamWords) -> Result<ExamRow> {
        allow(actor, Action::CreateExam, Scope::Organisation)?;
        let owner_id = actor.user().cloned().ok_or(Code::TokenMissing)?;
        let now = self.now();
        let exam = with_words(
            ExamRow {
                id: mint(now),
                owner_id,
                title: String::new(),
                instructions: String::new(),
                base_ms: 0,
                grace_ms: 0,
                timing: String::new(),
                late_entry_ms: None,
                takeover: String::new(),
                outages: String::new(),
                shuffle_questions: false,
                shuffle_options: false,
                paper_version: 0,
                created_ms: now,
            },
            words,
        )?;
        self.store.create_exam(&exam).await?;
        Ok(exam)
    }

    /// One exam.
    pub async fn get_exam(&self, actor: &Actor, id: &ExamId) -> Result<ExamRow> {
        self.exam_for(actor, Action::GetExam, id).await
    }

    pub(crate) async fn exam_for(&self, actor: &Actor, action: Action, id: &ExamId) -> Result<ExamRow> {
        if *actor == Actor::Nobody {
            return Err(Code::TokenMissing.into());
        }
        let exam = self.store.exam(id).await?.ok_or(Code::NotFound)?;
        allow(actor, action, Scope::Exam { owner: &exam.owner_id })?;
        Ok(exam)
    }

    /// Replaces what is said of an exam, while none of its rooms is open.
    pub async fn update_exam(&self, actor: &Actor, id: &ExamId, words: ExamWords) -> Result<ExamRow> {
        let exam = self.exam_for(actor, Action::UpdateExam, id).await?;
        let exam = with_words(exam, words)?;
        match self.store.update_exam(&exam).await {
            Err(StoreError::Moved) => Err(Code::ExamInUse.into()),
            other => Ok(other.map(|()| exam)?),
        }
    }

    /// Removes an exam that has no room.
    pub async fn delete_exam(&self, actor: &Actor, id: &ExamId) -> Result<()> {
        self.exam_for(actor, Action::DeleteExam, id).await?;
        if self.store.delete_exam(id).await? { Ok(()) } else { Err(Code::ExamInUse.into()) }
    }

    /// Copies an exam with its newest paper and what its rules look for.
    pub async fn copy_exam(&self, actor: &Actor, id: &ExamId) -> Result<ExamRow> {
        let exam = self.exam_for(actor, Action::CopyExam, id).await?;
        let paper = self.store.paper(id, exam.paper_version).await?;
        let now = self.now();
        let owner_id = actor.user().cloned().ok_or(Code::TokenMissing)?;
        let mut copy = ExamRow { id: mint(now), owner_id, paper_version: 0, created_ms: now, ..exam };
        self.store.create_exam(&copy).await?;
        let rules = self.store.rules(id).await?;
        if rules != Rules::default() {
            self.store.set_rules(&copy.id, &rules, &[]).await?;
        }
        if let Some(body) = paper {
            let questions = parse(&body)?.questions.len();
            copy.paper_version = self.store.put_paper(&copy.id, 0, &body, count(questions), now).await?;
        }
        Ok(copy)
    }

    /// The newest paper with its key; version 0: none yet.
    pub async fn get_paper(&self, actor: &Actor, id: &ExamId) -> Result<(i64, Paper)> {
        let exam = self.exam_for(actor, Action::GetPaper, id).await?;
        if exam.paper_version == 0 {
            return Ok((0, Paper { questions: Vec::new() }));
        }
        Ok((exam.paper_version, Paper::clone(&*self.paper(id, exam.paper_version).await?)))
    }

    /// Adds a paper version on top of `from`; a room that is open keeps the one it has pinned.
    pub async fn put_paper(&self, actor: &Actor, id: &ExamId, from: Option<i64>, paper: &Paper) -> Result<i64> {
        let exam = self.exam_for(actor, Action::PutPaper, id).await?;
        let from = from.ok_or(Code::PreconditionRequired)?;
        if from != exam.paper_version {
            return Err(Error::from(Code::PreconditionFailed).arg("version", exam.paper_version));
        }
        paper.check().map_err(|faults| {
            let faults = faults.into_iter().map(|f| Fault { path: f.path, code: f.code.to_owned(), value: String::new() });
            Error::from(Code::PaperInvalid).faults(faults.collect())
        })?;
        let body = serde_json::to_string(paper).map_err(Error::internal)?;
        match self.store.put_paper(id, from, &body, count(paper.questions.len()), self.now()).await {
            Err(StoreError::Moved) => Err(Code::PreconditionFailed.into()),
            other => Ok(other?),
        }
    }

    /// A paper version; for use after the actor has been checked.
    pub(crate) async fn paper(&self, exam: &ExamId, version: i64) -> Result<Arc<Paper>> {
        if let Some(paper) = self.live.paper(exam, version) {
            return Ok(paper);
        }
        let body = self.store.paper(exam, version).await?.ok_or(Code::NotFound)?;
        let paper = Arc::new(parse(&body)?);
        self.live.keep_paper(exam, version, paper.clone());
        Ok(paper)
    }

    /// The paper that a room has pinned; None before it opens.
    pub(crate) async fn pinned_paper(&self, room: &RoomId) -> Result<Option<Arc<Paper>>> {
        let live = self.live_room(room).await?;
        let pinned = live.read(|table| (table.clock.exam.clone(), table.clock.paper_version)).ok_or(Code::Busy)?;
        let (exam, Some(version)) = pinned else { return Ok(None) };
        Ok(Some(self.paper(&exam, version).await?))
    }
}

fn parse(body: &str) -> Result<Paper> {
    serde_json::from_str(body).map_err(Error::internal)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn with_words(exam: ExamRow, w: ExamWords) -> Result<ExamRow> {
    const DAY: i64 = 24 * 3600;
    in_range("duration_seconds", w.base_ms / 1000, 10, 7 * DAY)?;
    in_range("grace_seconds", w.grace_ms / 1000, 0, 600)?;
    if let Some(late) = w.late_entry_ms {
        in_range("late_entry_seconds", late / 1000, 0, 7 * DAY)?;
    }
    if w.instructions.chars().count() > limits::MAX_CHARS {
        return Err(Error::field("instructions", "too_long"));
    }
    Ok(ExamRow {
        title: text("title", &w.title, 200)?,
        instructions: w.instructions.replace('\0', ""),
        base_ms: w.base_ms,
        grace_ms: w.grace_ms,
        timing: if w.on_entry { "on_entry" } else { "with_room" }.to_owned(),
        late_entry_ms: w.late_entry_ms,
        takeover: w.takeover.as_str().to_owned(),
        outages: w.outages.as_str().to_owned(),
        shuffle_questions: w.shuffle_questions,
        shuffle_options: w.shuffle_options,
        ..exam
    })
}
