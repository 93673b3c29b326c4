//! Everything a candidate does: join, read the paper, answer, hand in. The channel, REST and the pages call the same functions.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use std::sync::Arc;

use super::results::judge_all;
use super::{Service, allow};
use crate::auth::receipts::{self, Line, Proven};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Scope};
use crate::domain::clock::{Ended, Verdict};
use crate::domain::event::{Attention, Body, Event};
use crate::domain::ids::{CandidateId, Id, QuestionId, RoomId, SessionId, TakeoverId};
use crate::domain::paper::{Paper, Shuffle, blank};
use crate::domain::status::RoomClock;
use crate::error::{Code, Error, Result};
use crate::store::answers::AnswerRow;
use crate::store::candidates::CandidateRow;
use crate::store::journal::{Answer, Op, Outcome, Refusal, Submit};
use crate::store::rooms::RoomRow;
use crate::weaken;

/// A candidate in its room, as the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Who.
    pub candidate: CandidateId,
    /// Where.
    pub room: RoomId,
    /// On which device.
    pub session: SessionId,
}

/// Everything a candidate's page shows.
pub struct Desk {
    /// The room with what its exam says.
    pub room: RoomRow,
    /// The candidate.
    pub candidate: CandidateRow,
    /// Every answer, judged.
    pub answers: Vec<(AnswerRow, Verdict)>,
    /// Index into `answers` of the answer to each question.
    pub current: Vec<usize>,
}

/// One answer as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Its pen.
    pub pen: i64,
    /// Its seq.
    pub seq: i64,
    /// Its question.
    pub question: String,
    /// Its value.
    pub value: Value,
    /// Proof of an earlier receipt.
    pub proof: Option<String>,
    /// Trusted time when it was read.
    pub received_ms: Ms,
}

/// What became of an answer.
#[derive(Debug)]
pub enum Recorded {
    /// Committed.
    Saved {
        /// When it was received, the first time.
        received_ms: Ms,
        /// Whether it counts as things stand.
        verdict: Verdict,
        /// Keeps its time when it is sent again to a restored store.
        proof: String,
    },
    /// Not taken; `proof` when it was for our reasons.
    Refused {
        /// Why.
        error: Error,
        /// Keeps its time when it is sent again.
        proof: Option<String>,
    },
    /// Nobody knows: send it again.
    Unknown,
}

/// The end of a candidate with its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// When and by whom.
    pub ended: Ended,
    /// Questions with an answer that counts.
    pub answered: i64,
    /// Questions of the paper.
    pub questions: i64,
    /// Digest of all rows committed by now.
    pub receipt: String,
    /// For people.
    pub receipt_short: String,
}

impl Service {
    /// The actor as a candidate that may sit.
    pub fn me(&self, actor: &Actor) -> Result<Me> {
        own(actor, Action::Sit)
    }

    /// A room's clock from the store, for somebody who has been let in.
    pub async fn clock_of(&self, room: &RoomRow) -> Result<RoomClock> {
        Ok(room.clock(self.store.ledger(&room.id).await?))
    }

    /// Room, candidate and answers, for a page or a `welcome`.
    pub async fn desk(&self, actor: &Actor) -> Result<Desk> {
        let me = own(actor, Action::Sit)?;
        let room = self.store.room(&me.room).await?.ok_or(Code::NotFound)?;
        let candidate = self.store.candidate(&me.candidate).await?.ok_or(Code::NotFound)?;
        let clock = room.clock(self.store.ledger(&me.room).await?);
        let rows = self.store.answers(&me.candidate).await?;
        let (judged, current) = judge_all(&clock, &candidate, rows, self.now());
        let answers = judged.into_iter().map(|j| (j.answer, j.verdict)).collect();
        Ok(Desk { room, candidate, answers, current: current.into_values().collect() })
    }

    /// The paper without its key, in this candidate's order; only for somebody whose time has begun and not ended, while the room runs.
    pub async fn get_my_paper(&self, actor: &Actor) -> Result<(i64, Paper)> {
        let me = own(actor, Action::GetMyPaper)?;
        let room = self.store.room(&me.room).await?.ok_or(Code::NotFound)?;
        let candidate = self.store.candidate(&me.candidate).await?.ok_or(Code::NotFound)?;
        // The pen's holder alone: a device that waits to take over sees nothing of the paper.
        let holds = candidate.pen_session.as_ref() == Some(&me.session);
        if candidate.begun_ms.is_none() || candidate.ended_ms.is_some() || room.started_ms.is_none() || !holds {
            return Err(Code::NotRunning.into());
        }
        let version = room.version();
        Ok((version, self.paper_for(&room, &candidate, version).await?))
    }

    /// A paper version without its key, in a candidate's order.
    async fn paper_for(&self, room: &RoomRow, candidate: &CandidateRow, version: i64) -> Result<Paper> {
        let shuffle = Shuffle { questions: room.shuffle_questions, options: room.shuffle_options };
        Ok(self.paper(&room.exam_id, version).await?.for_seed(candidate.seed, shuffle).without_keys())
    }

    /// Every answer of the candidate, judged.
    pub async fn get_my_answers(&self, actor: &Actor) -> Result<Desk> {
        own(actor, Action::GetMyAnswers)?;
        self.desk(actor).await
    }

    /// Takes one answer and hands the outcome to `reply` once, after COMMIT. Never waits.
    pub async fn record(&self, actor: &Actor, incoming: Incoming, reply: impl FnOnce(Recorded) + Send + 'static) {
        match own(actor, Action::RecordAnswers) {
            Ok(me) => self.take(me.room, me.candidate, incoming, reply).await,
            Err(error) => reply(Recorded::Refused { error, proof: None }),
        }
    }

    /// The same for a candidate whose answer somebody else brings.
    pub(super) async fn take(
        &self,
        room: RoomId,
        candidate: CandidateId,
        incoming: Incoming,
        reply: impl FnOnce(Recorded) + Send + 'static,
    ) {
        let (question, value) = match self.checked(&room, &incoming).await {
            Ok(checked) => checked,
            // We have read it before, so the room did run: a restore has forgotten that, and staff have to open it again.
            Err(error) if error.code == Code::NotRunning && self.proven_ms(&candidate, &incoming).is_some() => {
                return reply(self.refused(&candidate, &incoming, Error::from(Code::Busy)));
            }
            Err(error) => return reply(self.refused(&candidate, &incoming, error)),
        };
        let proven_ms = self.proven_ms(&candidate, &incoming);
        let proven = proven(&candidate, &incoming);
        let received_ms = proven_ms.unwrap_or(incoming.received_ms);
        let secret = self.secret.clone();
        let proof = move |received_ms| receipts::proof(&secret, &proven.as_proven(), received_ms);
        let op = Op::Answer(Answer {
            room,
            candidate,
            pen: incoming.pen,
            seq: incoming.seq,
            question,
            blank: blank(&value),
            value,
            received_ms,
            proven: proven_ms.is_some(),
        });
        let entry = self.journal.send(
            op,
            Box::new(move |outcome| {
                reply(match outcome {
                    Outcome::Saved { received_ms, verdict } => {
                        Recorded::Saved { received_ms, verdict, proof: proof(received_ms) }
                    }
                    Outcome::Refused(refusal) => {
                        let keeps = refusal.is_ours() && !weaken::on("proof");
                        Recorded::Refused { error: refusal_error(&refusal), proof: keeps.then(|| proof(received_ms)) }
                    }
                    _ => Recorded::Unknown,
                });
            }),
        );
        if let Err(entry) = entry {
            (entry.reply)(Outcome::Refused(Refusal::Busy));
        }
    }

    /// When it was first read, if it brings the proof.
    fn proven_ms(&self, candidate: &CandidateId, incoming: &Incoming) -> Option<Ms> {
        let proof = incoming.proof.as_deref()?;
        receipts::check_proof(&self.secret, &proven(candidate, incoming).as_proven(), proof)
    }

    /// The value fits its question.
    async fn checked(&self, room: &RoomId, incoming: &Incoming) -> Result<(QuestionId, String)> {
        if incoming.seq < 1 || incoming.pen < 1 {
            return Err(Code::UnknownPen.into());
        }
        let paper = self.pinned_paper(room).await?.ok_or(Code::NotRunning)?;
        let id = QuestionId(incoming.question.clone());
        let question = paper.question(&id).ok_or(Code::UnknownQuestion)?;
        let value = question.accept(&incoming.value).map_err(|refusal| {
            let code = Code::ALL.iter().copied().find(|c| c.as_str() == refusal.code()).unwrap_or(Code::WrongShape);
            match refusal {
                crate::domain::paper::Refusal::TooLong { limit, got } => Error::from(code).arg("limit", limit).arg("got", got),
                _ => code.into(),
            }
        })?;
        Ok((id, value))
    }

    fn refused(&self, candidate: &CandidateId, incoming: &Incoming, error: Error) -> Recorded {
        let proof = error.is_ours().then(|| {
            let proven = proven(candidate, incoming);
            // The first proof is the earliest.
            let received_ms = self.proven_ms(candidate, incoming).unwrap_or(incoming.received_ms);
            receipts::proof(&self.secret, &proven.as_proven(), received_ms)
        });
        Recorded::Refused { error, proof }
    }

    /// Records several answers and waits for all outcomes, in order: the path without a socket.
    pub async fn record_all(&self, actor: &Actor, incoming: Vec<Incoming>) -> Result<Vec<(i64, i64, Recorded)>> {
        let me = own(actor, Action::RecordAnswers)?;
        self.heard_by_http(&me).await?;
        let mut waiting = Vec::with_capacity(incoming.len());
        for one in incoming {
            let (tell, told) = oneshot::channel();
            let key = (one.pen, one.seq);
            self.record(actor, one, move |recorded| drop(tell.send(recorded))).await;
            waiting.push((key, told));
        }
        let mut all = Vec::with_capacity(waiting.len());
        for ((pen, seq), told) in waiting {
            all.push((pen, seq, told.await.unwrap_or(Recorded::Unknown)));
        }
        Ok(all)
    }

    /// Hands in. Every answer in `have` must be stored; what is missing is named.
    pub async fn submit(&self, actor: &Actor, pen: i64, have: Vec<(i64, i64)>, received_ms: Ms) -> Result<Handed> {
        let me = own(actor, Action::Submit)?;
        let op = Op::Submit(Submit { room: me.room, candidate: me.candidate, pen, have, received_ms });
        match self.ask(op).await? {
            Outcome::Submitted(_) => self.handed(actor).await?.ok_or_else(|| Code::Busy.into()),
            Outcome::Refused(Refusal::Missing(ranges)) => {
                let count: i64 = ranges.iter().map(|(from, to)| to - from + 1).sum();
                Err(Error::from(Code::MissingAnswers).arg("count", count).state(json!({ "missing": ranges })))
            }
            Outcome::Refused(refusal) => Err(refusal_error(&refusal)),
            _ => Err(Code::Busy.into()),
        }
    }

    /// The end with its receipt; None while the candidate has not ended.
    pub async fn handed(&self, actor: &Actor) -> Result<Option<Handed>> {
        let desk = self.desk(actor).await?;
        let Some(ended) = desk.candidate.facts().ended else { return Ok(None) };
        Ok(Some(handed(&desk, ended)))
    }

    /// Tells whether the person looks at the paper.
    pub fn tell_attention(&self, actor: &Actor, attention: Attention) -> Result<()> {
        let me = own(actor, Action::TellAttention)?;
        self.note(self.event(&me.room, Some(&me.candidate), actor, Body::AttentionChanged { attention }));
        Ok(())
    }

    /// Tells that the person has seen a change of time.
    pub fn tell_seen(&self, actor: &Actor, rev: i64) -> Result<()> {
        let me = own(actor, Action::TellSeen)?;
        self.note(self.event(&me.room, Some(&me.candidate), actor, Body::ChangeSeen { rev }));
        Ok(())
    }

    /// The greatest rev that the person has confirmed.
    pub async fn seen_rev(&self, me: &Me) -> Result<i64> {
        let live = self.live_room(&me.room).await?;
        Ok(live.read(|table| table.status.rows.get(&me.candidate).map(|row| row.seen_rev)).flatten().unwrap_or_default())
    }

    /// Notes that a change of time has reached the device: a pong came after it.
    pub fn note_delivered(&self, me: &Me, rev: i64) {
        let body = Body::ChangeDelivered { rev };
        self.note(self.event(&me.room, Some(&me.candidate), &Actor::Server, body));
    }

    /// Writes a timeline row through the journal; a full queue drops it, and the next edge tells the same.
    pub(crate) fn note(&self, event: Event) {
        if self.journal.send(Op::Note(event), Box::new(drop)).is_err() {
            crate::metrics::dropped("note");
        }
    }

    /// The candidate's answer to another device's request.
    pub async fn answer_takeover(self: &Arc<Self>, actor: &Actor, id: &str, allow: bool) -> Result<()> {
        let me = own(actor, Action::AnswerTakeover)?;
        let id = TakeoverId::parse(id).map_err(|_| Code::NotFound)?;
        let candidate = self.store.candidate(&me.candidate).await?.ok_or(Code::NotFound)?;
        if candidate.pen_session.as_ref() != Some(&me.session) {
            return Err(Code::Forbidden.into());
        }
        self.decide_takeover(actor, &me.room, &me.candidate, &id, allow).await
    }

    /// The room that this credential reaches, for a page that asks.
    pub async fn ask_rooms(&self, actor: &Actor) -> Result<RoomRow> {
        let me = own(actor, Action::AskRooms)?;
        self.store.room(&me.room).await?.ok_or_else(|| Code::NotFound.into())
    }

    pub(super) async fn ask(&self, op: Op) -> Result<Outcome> {
        let (tell, told) = oneshot::channel();
        let sent = self.journal.send(op, Box::new(move |outcome| drop(tell.send(outcome))));
        if sent.is_err() {
            return Err(Code::Busy.into());
        }
        told.await.map_err(|_| Code::Busy.into())
    }
}

impl Desk {
    /// The saved answer to each question: canonical JSON, and when it was received (Unix ms).
    pub fn saved(&self) -> HashMap<&str, (&str, Ms)> {
        let current = self.current.iter().filter_map(|index| self.answers.get(*index));
        current.map(|(a, _)| (a.question_id.0.as_str(), (a.value.as_str(), a.received_ms))).collect()
    }
}

/// A receipt over all rows of a desk.
pub(crate) fn handed(desk: &Desk, ended: Ended) -> Handed {
    let lines = desk.answers.iter().map(|(a, _)| Line {
        pen: a.pen,
        seq: a.seq,
        question: a.question_id.0.clone(),
        value_sha256: receipts::value_hash(&a.value),
        received_ms: a.received_ms,
    });
    let receipt = receipts::receipt(lines.collect());
    let answered = desk.current.iter().filter_map(|i| desk.answers.get(*i)).filter(|(a, v)| v.counts && !blank(&a.value)).count();
    Handed {
        ended,
        answered: i64::try_from(answered).unwrap_or(i64::MAX),
        questions: desk.room.questions.unwrap_or(0),
        receipt_short: receipts::short(&receipt).unwrap_or_default(),
        receipt,
    }
}

struct OwnedProven {
    candidate: String,
    pen: i64,
    seq: i64,
    question: String,
    value_sha256: String,
}

impl OwnedProven {
    fn as_proven(&self) -> Proven<'_> {
        Proven {
            candidate: &self.candidate,
            pen: self.pen,
            seq: self.seq,
            question: &self.question,
            value_sha256: &self.value_sha256,
        }
    }
}

/// Over the value as it came, so that a refusal before the value was understood proves as much as one after.
fn proven(candidate: &CandidateId, incoming: &Incoming) -> OwnedProven {
    OwnedProven {
        candidate: candidate.to_string(),
        pen: incoming.pen,
        seq: incoming.seq,
        question: incoming.question.clone(),
        value_sha256: receipts::value_hash(&incoming.value.to_string()),
    }
}

/// The edge's name of a refusal.
pub(crate) fn refusal_error(refusal: &Refusal) -> Error {
    Error::from(match refusal {
        Refusal::NotFound => Code::NotFound,
        Refusal::UnknownPen => Code::UnknownPen,
        Refusal::Conflict => Code::Conflict,
        Refusal::NotRunning => Code::NotRunning,
        Refusal::PenSuperseded => Code::PenSuperseded,
        Refusal::PenHeld => Code::PenHeld,
        Refusal::EntryClosed => Code::EntryClosed,
        Refusal::RoomOver => Code::RoomOver,
        Refusal::Missing(_) => Code::MissingAnswers,
        Refusal::Busy => Code::Busy,
        Refusal::DiskFull => Code::DiskFull,
        Refusal::Away => Code::DatabaseAway,
        Refusal::Unstorable => Code::Unstorable,
        Refusal::Internal => Code::Internal,
    })
}

/// The actor as a candidate; the first line of everything here.
pub(crate) fn own(actor: &Actor, action: Action) -> Result<Me> {
    match actor {
        Actor::Candidate { candidate, room, session } => {
            allow(actor, action, Scope::Candidate { candidate })?;
            Ok(Me { candidate: candidate.clone(), room: room.clone(), session: session.clone() })
        }
        Actor::Nobody => Err(Code::TokenMissing.into()),
        Actor::User { .. } | Actor::Server => Err(Code::NotFound.into()),
    }
}
