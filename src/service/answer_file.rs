//! The emergency file: answers that a student's computer kept and could not send, brought by staff.

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::Service;
use super::sitting::{Incoming, Recorded};
use crate::auth::receipts::{FILE_FORMAT, file_hash};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, RoomId};
use crate::error::{Code, Result};
use crate::limits;
use crate::store::journal::Op;

/// A file as the page writes it.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerFile {
    /// `invigil-answers-1`.
    pub format: String,
    /// Room it was written in.
    pub room: String,
    /// Whose.
    pub candidate: String,
    /// `file_hash` of the rest.
    pub hash: String,
    /// What was not saved, in whatever order.
    pub answers: Vec<FileAnswer>,
}

/// One answer of a file.
#[derive(Debug, Clone, Deserialize)]
pub struct FileAnswer {
    /// Its pen.
    pub pen: i64,
    /// Its number within the pen.
    pub seq: i64,
    /// Its question.
    pub question: String,
    /// Its value; null clears the question.
    #[serde(default)]
    pub value: Value,
    /// Proof of an earlier receipt.
    #[serde(default)]
    pub proof: Option<String>,
}

/// What became of one answer of a file.
#[derive(Debug)]
pub struct Brought {
    /// Its pen.
    pub pen: i64,
    /// Its number within the pen.
    pub seq: i64,
    /// Its question.
    pub question: String,
    /// The question's place in the paper, from 1; None if it is not in it.
    pub number: Option<usize>,
    /// The outcome.
    pub recorded: Recorded,
}

impl Service {
    /// Takes the answers of a file in, each under its own pen and number. One with a proof keeps the time of its first receipt; any other
    /// is received now, and if that is too late it is stored, does not count and says why. The same file again changes nothing.
    pub async fn upload_answers(
        &self,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        file: AnswerFile,
        received_ms: Ms,
    ) -> Result<Vec<Brought>> {
        self.candidate_for(actor, Action::UploadAnswers, room, candidate).await?;
        check(&file, room, candidate)?;
        // Who brings it is in the timeline before anything it brings.
        let body = Body::AnswersUploaded { answers: i64::try_from(file.answers.len()).unwrap_or(i64::MAX) };
        self.ask(Op::Note(self.event(room, Some(candidate), actor, body))).await?;
        let paper = self.pinned_paper(room).await?;
        let place =
            |question: &str| paper.iter().flat_map(|paper| &paper.questions).position(|q| q.id.0 == question).map(|i| i + 1);
        let mut brought = Vec::with_capacity(file.answers.len());
        let mut rest = file.answers.into_iter().peekable();
        // By batches, so that a long file leaves room in the queue for those who write now.
        while rest.peek().is_some() {
            let mut waiting = Vec::new();
            for FileAnswer { pen, seq, question, value, proof } in rest.by_ref().take(limits::BATCH_ROWS) {
                let (tell, told) = oneshot::channel();
                let incoming = Incoming { pen, seq, question: question.clone(), value, proof, received_ms };
                let reply = move |recorded| drop(tell.send(recorded));
                self.take(room.clone(), candidate.clone(), incoming, reply).await;
                waiting.push((pen, seq, question, told));
            }
            for (pen, seq, question, told) in waiting {
                let recorded = told.await.unwrap_or(Recorded::Unknown);
                brought.push(Brought { pen, seq, number: place(&question), question, recorded });
            }
        }
        Ok(brought)
    }
}

/// It is a file of answers, of this candidate, and whole.
fn check(file: &AnswerFile, room: &RoomId, candidate: &CandidateId) -> Result<()> {
    if file.format != FILE_FORMAT {
        return Err(Code::FileUnreadable.into());
    }
    if file.answers.len() > limits::FILE_ANSWERS {
        return Err(Code::TooLarge.into());
    }
    if file.room != room.as_str() || file.candidate != candidate.as_str() {
        return Err(Code::FileAnother.into());
    }
    let lines = file.answers.iter();
    let lines = lines.map(|a| (a.pen, a.seq, a.question.as_str(), a.proof.as_deref().unwrap_or_default(), &a.value));
    if file.hash == file_hash(&file.room, &file.candidate, lines) { Ok(()) } else { Err(Code::FileDamaged.into()) }
}
