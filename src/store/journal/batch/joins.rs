//! A device comes to a candidate: who gets the pen, and whether time begins.

use super::super::super::candidates::{CandidateRow, take_pen};
use super::super::super::rooms::{RoomRow, room_in};
use super::super::super::{StoreError, run, tx};
use super::super::ops::{Join, JoinOutcome, Outcome, Refusal};
use super::{Work, unreadable};
use crate::domain::Ms;
use crate::domain::clock::Timing;
use crate::domain::event::Body;
use crate::domain::ids::{Id, TakeoverId};
use crate::domain::pen::{Holder, PenDecision, TakeoverPolicy, decide};

impl Work<'_> {
    pub(super) async fn join(&mut self, j: &Join) -> Result<Outcome, StoreError> {
        let Some(mut candidate) = self.candidate(&j.candidate, &j.room) else { return Ok(Outcome::Refused(Refusal::NotFound)) };
        let Some(room) = room_in(&mut self.tx, &j.room).await? else { return Ok(Outcome::Refused(Refusal::NotFound)) };
        if candidate.ended_ms.is_some() {
            // The holder keeps its pen over the end: a reopening finds it where it was.
            let own = candidate.pen_session.as_ref() == Some(&j.session);
            return Ok(Outcome::Joined(JoinOutcome { pen: own.then_some(candidate.pen), ..JoinOutcome::default() }));
        }
        let begins = match self.begins(&room, &candidate, j).await? {
            Ok(begins) => begins,
            Err(refusal) => return Ok(Outcome::Refused(refusal)),
        };
        let policy = TakeoverPolicy::parse(&room.takeover).unwrap_or(TakeoverPolicy::Ask);
        let (pen, since) = (candidate.pen, candidate.pen_since);
        let connected = j.holder_connected || self.is_here(&candidate).await?;
        let holder = candidate.pen_session.as_ref().map(|session| Holder { pen, since, session, connected });
        let mut outcome = match decide(holder, &j.session, j.shown, policy) {
            PenDecision::Keep => JoinOutcome { pen: Some(candidate.pen), ..JoinOutcome::default() },
            PenDecision::Take => JoinOutcome { pen: Some(self.take(j, &mut candidate).await?), ..JoinOutcome::default() },
            PenDecision::Ask => JoinOutcome { takeover: Some(self.ask(j).await?), ..JoinOutcome::default() },
            PenDecision::Superseded => JoinOutcome { superseded: true, ..JoinOutcome::default() },
            PenDecision::Refuse => return Ok(Outcome::Refused(Refusal::PenHeld)),
        };
        if outcome.pen.is_some() {
            self.arrive(j, &mut candidate, begins).await?;
            if let Some(node) = &j.socket {
                outcome.connection = self.connects(&j.room, &mut candidate, node);
            }
        }
        self.candidates.insert(candidate.id.clone(), candidate);
        Ok(Outcome::Joined(outcome))
    }

    /// When the candidate's time begins with this join, if it does; or why the door is shut.
    async fn begins(
        &mut self,
        room: &RoomRow,
        candidate: &CandidateRow,
        j: &Join,
    ) -> Result<Result<Option<Ms>, Refusal>, StoreError> {
        if candidate.begun_ms.is_some() {
            return Ok(Ok(None));
        }
        if room.ended_ms.is_some() {
            return Ok(Err(Refusal::RoomOver));
        }
        let Some(started) = room.started_ms else { return Ok(Ok(None)) };
        let Some(clock) = self.books.clock(&mut self.tx, &j.room, room.rev).await? else {
            return Err(unreadable("room", j.room.as_str()));
        };
        if !clock.ledger.entry_open(&clock.terms, j.at_ms) {
            return Ok(Err(Refusal::EntryClosed));
        }
        Ok(Ok(Some(if clock.terms.timing == Timing::WithRoom { started } else { j.at_ms })))
    }

    async fn take(&mut self, j: &Join, candidate: &mut CandidateRow) -> Result<i64, StoreError> {
        let pen = take_pen(&mut self.tx, &j.candidate, &j.session, j.at_ms).await?;
        candidate.pen = pen;
        candidate.pen_session = Some(j.session.clone());
        candidate.pen_since = None;
        self.tell(&j.room, &j.candidate, Body::PenTaken { pen, session: j.session.clone() });
        Ok(pen)
    }

    /// The request of this session that waits, or a new one.
    async fn ask(&mut self, j: &Join) -> Result<(TakeoverId, Ms), StoreError> {
        let sql = "select id, asked_ms from takeovers where candidate_id = $1 and session_id = $2 and decided_ms is null";
        let open: Option<(TakeoverId, Ms)> =
            tx!(&mut self.tx, fetch_optional, sqlx::query_as(sql).bind(&j.candidate).bind(&j.session))?;
        if let Some(open) = open {
            return Ok(open);
        }
        let id = TakeoverId::make(self.now, rand::random());
        let sql = "insert into takeovers (id, candidate_id, session_id, asked_ms) values ($1, $2, $3, $4)";
        run!(&mut self.tx, sqlx::query(sql).bind(&id).bind(&j.candidate).bind(&j.session).bind(self.now))?;
        self.tell(&j.room, &j.candidate, Body::TakeoverAsked { id: id.clone(), session: j.session.clone() });
        Ok((id, self.now))
    }

    /// Write-once facts: first seen, and when time begins.
    async fn arrive(&mut self, j: &Join, candidate: &mut CandidateRow, begins: Option<Ms>) -> Result<(), StoreError> {
        if candidate.joined_ms.is_none() {
            candidate.joined_ms = Some(j.at_ms);
            self.tell(&j.room, &j.candidate, Body::CandidateJoined { session: j.session.clone() });
        }
        if let Some(begun_ms) = begins {
            candidate.begun_ms = Some(begun_ms);
            self.tell(&j.room, &j.candidate, Body::CandidateBegan { begun_ms });
        }
        let sql = "update candidates set joined_ms = $2, begun_ms = $3, code_cipher = null where id = $1";
        run!(&mut self.tx, sqlx::query(sql).bind(&j.candidate).bind(candidate.joined_ms).bind(candidate.begun_ms))?;
        if begins.is_some() {
            self.wake_sweep(j, candidate).await?;
        }
        Ok(())
    }

    /// A new deadline may be earlier than what the sweep waits for.
    async fn wake_sweep(&mut self, j: &Join, candidate: &CandidateRow) -> Result<(), StoreError> {
        let facts = candidate.facts();
        let Some(clock) = self.books.clock(&mut self.tx, &j.room, candidate.rev).await? else { return Ok(()) };
        match clock.ledger.due_ms(&clock.terms, &j.candidate, &facts, self.now) {
            Some(due) => self.lower_bound(&j.room, due).await,
            None => Ok(()),
        }
    }
}
