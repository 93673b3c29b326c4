//! What a candidate's path is told and answers.

use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde_json::Value;

use crate::api::candidates::Candidate;
use crate::api::paper::QuestionShape;
use crate::api::replies::Reason;
use crate::api::rooms::RoomBrief;
use crate::api::status::TakeoverAsked;
use crate::api::types::{At, at, seconds};
use crate::domain::clock::{Clock, EndedBy, Phase, Term, TermKind, Why};
use crate::service::answer_file::{AnswerFile, FileAnswer};

/// The pen of a page that comes back.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct JoinRequest {
    /// The pen it wrote with; absent for a fresh page.
    pub(in crate::api) pen: Option<i64>,
}

/// The whole state, as in the channel's `welcome`.
#[derive(Object)]
pub(in crate::api) struct Welcome {
    /// Which store this is. Another one than before has been restored from a backup: send again, with `proof`, what it had called saved.
    pub(in crate::api) epoch: String,
    /// The pen to write with; null while another device holds it.
    pub(in crate::api) pen: Option<i64>,
    /// Trusted time.
    pub(in crate::api) now_at: At,
    /// Who sits here.
    pub(in crate::api) candidate: Candidate,
    /// Where.
    pub(in crate::api) room: RoomBrief,
    /// The candidate's clock.
    pub(in crate::api) clock: CandidateClock,
    /// This device's own request to take over, while it waits.
    pub(in crate::api) takeover: Option<TakeoverAsked>,
    /// Where the answer to each question stands, without values.
    pub(in crate::api) answers: Vec<AnswerState>,
    /// Messages not read yet.
    pub(in crate::api) unread: i64,
    /// What the server takes.
    pub(in crate::api) limits: Limits,
}

/// What the server takes.
#[derive(Object)]
pub(in crate::api) struct Limits {
    /// Largest body, in bytes.
    pub(in crate::api) body_bytes: i64,
    /// Most answers in one request.
    pub(in crate::api) answers: i64,
}

/// A candidate's clock.
#[derive(Object)]
pub(in crate::api) struct CandidateClock {
    /// Rev of the last change that touches the candidate.
    pub(in crate::api) rev: i64,
    /// What the candidate is doing.
    pub(in crate::api) phase: Phase,
    /// When the room starts or started.
    pub(in crate::api) starts_at: Option<At>,
    /// Null before time began and while paused.
    pub(in crate::api) deadline_at: Option<At>,
    /// What is left at `now_at`; stands still while there is no deadline.
    pub(in crate::api) remaining_seconds: Option<f64>,
    /// The terms of the deadline; they sum to it from the beginning.
    pub(in crate::api) explain: Vec<ExplainTerm>,
}

/// One term of a deadline.
#[derive(Object)]
pub(in crate::api) struct ExplainTerm {
    /// What it stands for.
    pub(in crate::api) kind: TermKind,
    /// What it adds.
    pub(in crate::api) seconds: f64,
    /// The change behind it.
    pub(in crate::api) rev: Option<i64>,
    /// Of a multiplier.
    pub(in crate::api) multiplier_bp: Option<i64>,
    /// Why it was given.
    pub(in crate::api) reason: Option<Reason>,
    /// Of an interval: its beginning.
    pub(in crate::api) from_at: Option<At>,
    /// Of an interval: its end.
    pub(in crate::api) to_at: Option<At>,
}

impl From<Term> for ExplainTerm {
    fn from(term: Term) -> Self {
        Self {
            kind: term.kind,
            seconds: seconds(term.ms),
            rev: term.rev,
            multiplier_bp: term.multiplier_bp,
            reason: term.reason.map(Reason::from),
            from_at: at(term.from_ms),
            to_at: at(term.to_ms),
        }
    }
}

impl From<Clock> for CandidateClock {
    fn from(clock: Clock) -> Self {
        Self {
            rev: clock.rev,
            phase: clock.phase,
            starts_at: at(clock.starts_ms),
            deadline_at: at(clock.deadline_ms),
            remaining_seconds: clock.remaining_ms.map(seconds),
            explain: clock.explain.into_iter().map(ExplainTerm::from).collect(),
        }
    }
}

/// Where an answer stands.
#[derive(Object)]
pub(in crate::api) struct AnswerState {
    /// Question.
    pub(in crate::api) question: String,
    /// Pen it was written with.
    pub(in crate::api) pen: i64,
    /// Its number within the pen.
    pub(in crate::api) seq: i64,
    /// When it was received.
    pub(in crate::api) received_at: At,
    /// Whether it counts as things stand.
    pub(in crate::api) counts: bool,
    /// Why not, or the mark it carries.
    pub(in crate::api) why: Option<Why>,
}

/// An answer with its value.
#[derive(Object)]
pub(in crate::api) struct OwnAnswer {
    /// Where it stands.
    #[oai(flatten)]
    pub(in crate::api) state: AnswerState,
    /// The value, in its canonical form.
    pub(in crate::api) value: Any<Value>,
    /// Whether it is the answer to its question.
    pub(in crate::api) current: bool,
}

/// The paper without its key.
#[derive(Object)]
pub(in crate::api) struct OwnPaper {
    /// The version that the room has pinned.
    pub(in crate::api) version: i64,
    /// In this candidate's order.
    pub(in crate::api) questions: Vec<QuestionShape>,
}

/// Answers to save.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct NewAnswers {
    /// At most 300.
    #[oai(validator(max_items = 300))]
    pub(in crate::api) answers: Vec<NewAnswer>,
}

/// One value for one question.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct NewAnswer {
    /// The pen it was written with.
    pub(in crate::api) pen: i64,
    /// Its number within the pen, from 1, never used twice.
    pub(in crate::api) seq: i64,
    /// The question.
    #[oai(validator(max_length = 64))]
    pub(in crate::api) question: String,
    /// A list of options, or a text; null clears.
    pub(in crate::api) value: Any<Value>,
    /// Proof of an earlier receipt, from a refusal for our reasons, or from `saved` when the store was restored.
    #[oai(validator(max_length = 500))]
    pub(in crate::api) proof: Option<String>,
}

/// A file as the student's page writes it.
#[derive(Object)]
pub(in crate::api) struct EmergencyFile {
    /// `invigil-answers-1`.
    format: String,
    /// Room it was written in.
    room: String,
    /// Whose.
    candidate: String,
    /// The student's name, for people; it decides nothing.
    #[oai(validator(max_length = 400))]
    name: Option<String>,
    /// When it was written by that computer's clock, for people; it decides nothing.
    #[oai(validator(max_length = 40))]
    made_at: Option<String>,
    /// Tells a damaged file: `h1:` and SHA-256 over format, room and candidate, a line each, and then a line
    /// "pen,seq,question,proof,value JSON" for each answer.
    hash: String,
    /// What was not saved. At most 2000.
    #[oai(validator(max_items = 2000))]
    answers: Vec<NewAnswer>,
}

impl From<EmergencyFile> for AnswerFile {
    fn from(file: EmergencyFile) -> Self {
        let EmergencyFile { format, room, candidate, name: _, made_at: _, hash, answers } = file;
        let answers = answers.into_iter().map(|a| {
            let NewAnswer { pen, seq, question, value, proof } = a;
            FileAnswer { pen, seq, question, value: value.0, proof }
        });
        Self { format, room, candidate, hash, answers: answers.collect() }
    }
}

/// What became of an answer.
#[derive(Object)]
pub(in crate::api) struct AnswerOutcome {
    /// Its pen.
    pub(in crate::api) pen: i64,
    /// Its number.
    pub(in crate::api) seq: i64,
    /// What became of it.
    pub(in crate::api) outcome: Settled,
    /// When it was received: the first time, on every repeat.
    pub(in crate::api) received_at: Option<At>,
    /// Whether it counts as things stand.
    pub(in crate::api) counts: Option<bool>,
    /// Why not, or the mark it carries.
    pub(in crate::api) why: Option<Why>,
    /// Why it was refused.
    pub(in crate::api) code: Option<String>,
    /// What to do, in your language.
    pub(in crate::api) detail: Option<String>,
    /// Whether to send it again, with `proof` if there is one.
    pub(in crate::api) retry: bool,
    /// Keeps its time when it is sent again.
    pub(in crate::api) proof: Option<String>,
}

/// What became of an answer.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::api) enum Settled {
    /// Committed on the server.
    Saved,
    /// Not taken.
    Refused,
    /// Nobody knows: send it again.
    Unknown,
}

/// Hand in.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::api) struct HandIn {
    /// The pen that hands in.
    pub(in crate::api) pen: i64,
    /// Its number within the pen.
    pub(in crate::api) seq: i64,
    /// Ranges `[from, to]` of this pen's numbers that the page holds as saved.
    pub(in crate::api) have: Vec<Vec<i64>>,
}

/// The end, with a receipt.
#[derive(Object)]
pub(in crate::api) struct HandedIn {
    /// Who ended it.
    pub(in crate::api) by: EndedBy,
    /// When.
    pub(in crate::api) ended_at: At,
    /// Questions with an answer that counts.
    pub(in crate::api) answered: i64,
    /// Questions of the paper.
    pub(in crate::api) questions: i64,
    /// Digest of everything that is saved.
    pub(in crate::api) receipt: String,
    /// The same for people.
    pub(in crate::api) receipt_short: String,
}
