//! One batch in one transaction: lock, judge, write, commit.

mod joins;
mod presences;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio::time::timeout;

use super::super::accounts::unreadable;
use super::super::answers::{self, AnswerRow};
use super::super::candidates::{CandidateRow, lock_candidates};
use super::super::presence;
use super::super::rooms::{ledger_in, room_in};
use super::super::timeline::insert_events;
use super::super::{Store, StoreError, Tx, commit, run};
use super::ops::{Answer, Op, Outcome, Refusal, Submit};
use crate::domain::Ms;
use crate::domain::clock::{Ended, EndedBy, Verdict, Why};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, Id, RoomId};
use crate::domain::status::RoomClock;
use crate::{limits, weaken};

/// What the mistake `dedup` adds to a repeat's number.
const AGAIN: i64 = 1_000_000;

/// The rooms' clocks as far as the journal has read them. An entry is good for a candidate whose row is not newer.
#[derive(Default)]
pub(super) struct Books {
    rooms: HashMap<RoomId, RoomClock>,
}

impl Books {
    /// After a failure nothing is believed.
    pub(super) fn forget(&mut self) {
        self.rooms.clear();
    }

    /// The clock of a room, at least as new as `rev`.
    async fn clock(&mut self, tx: &mut Tx, room: &RoomId, rev: i64) -> Result<Option<&RoomClock>, StoreError> {
        let fresh = self.rooms.get(room).is_some_and(|c| c.ledger.rev() >= rev);
        if !fresh {
            let Some(row) = room_in(tx, room).await? else { return Ok(None) };
            let ledger = ledger_in(tx, room).await?;
            self.rooms.insert(room.clone(), row.clock(ledger));
        }
        Ok(self.rooms.get(room))
    }
}

/// What a batch has gathered so far.
struct Work<'a> {
    tx: Tx,
    now: Ms,
    books: &'a mut Books,
    candidates: HashMap<CandidateId, CandidateRow>,
    stored: HashMap<(CandidateId, i64, i64), AnswerRow>,
    fresh: Vec<(RoomId, AnswerRow)>,
    events: Vec<Event>,
    receipts: words::Gathered,
    /// Whose presence has changed.
    presences: BTreeSet<CandidateId>,
}

/// Carries out a batch; outcomes in the order of `ops`. Both steps are bounded: a database that swallows what it is sent is away, and at
/// COMMIT nobody knows what it did.
pub(super) async fn carry_out(
    store: &Store,
    now: Ms,
    books: &mut Books,
    ops: &[Op],
) -> Result<(Vec<Outcome>, Vec<Event>), StoreError> {
    let (tx, outcomes, events) =
        timeout(limits::BATCH_DEADLINE, prepare(store, now, books, ops)).await.map_err(|_| StoreError::Away(silence()))??;
    match timeout(limits::BATCH_DEADLINE, commit(tx)).await.unwrap_or_else(|_| Err(StoreError::Unsure(silence()))) {
        // The mistake: no answer is taken for a good one.
        Err(StoreError::Unsure(_)) if weaken::on("unsure") => {}
        done => done?,
    }
    Ok((outcomes, events))
}

fn silence() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

/// Everything of a batch but its COMMIT.
async fn prepare(store: &Store, now: Ms, books: &mut Books, ops: &[Op]) -> Result<(Tx, Vec<Outcome>, Vec<Event>), StoreError> {
    let mut tx = store.begin().await?;
    let ids: Vec<CandidateId> = ops.iter().filter_map(|op| op.candidate().cloned()).collect();
    let candidates = lock_candidates(&mut tx, &ids).await?.into_iter().map(|c| (c.id.clone(), c)).collect();
    let keys: Vec<_> =
        ops.iter().filter_map(|op| if let Op::Answer(a) = op { Some((&a.candidate, a.pen, a.seq)) } else { None }).collect();
    let stored = answers::existing(&mut tx, &keys).await?;
    let stored = stored.into_iter().map(|a| ((a.candidate_id.clone(), a.pen, a.seq), a)).collect();
    let mut work = Work {
        tx,
        now,
        books,
        candidates,
        stored,
        fresh: Vec::new(),
        events: Vec::new(),
        receipts: BTreeMap::new(),
        presences: BTreeSet::new(),
    };
    let mut outcomes = Vec::with_capacity(ops.len());
    for op in ops {
        outcomes.push(match op {
            Op::Answer(a) => work.answer(a).await?,
            Op::Join(j) => work.join(j).await?,
            Op::Submit(s) => work.submit(s).await?,
            Op::Say(say) => work.say(say).await?,
            Op::Left { room, candidate, connection } => work.left(room, candidate, *connection),
            Op::Note(event) => {
                work.events.push(event.clone());
                Outcome::Noted
            }
            Op::Message(m) => work.message(m).await?,
            Op::Receipts(r) => work.receive(r),
            Op::Hand(h) => work.hand(h).await?,
        });
    }
    answers::insert(&mut work.tx, &work.fresh).await?;
    words::insert_receipts(&mut work.tx, &work.receipts).await?;
    let presences: Vec<_> =
        work.presences.iter().filter_map(|id| Some((id.clone(), work.candidates.get(id)?.presence.clone()))).collect();
    presence::write(&mut work.tx, &presences).await?;
    insert_events(&mut work.tx, &work.events).await?;
    Ok((work.tx, outcomes, work.events))
}

impl Work<'_> {
    /// The candidate as this batch has left it so far; none of another room.
    fn candidate(&self, id: &CandidateId, room: &RoomId) -> Option<CandidateRow> {
        self.candidates.get(id).filter(|c| c.room_id == *room).cloned()
    }

    async fn answer(&mut self, a: &Answer) -> Result<Outcome, StoreError> {
        let Some(candidate) = self.candidate(&a.candidate, &a.room) else { return Ok(Outcome::Refused(Refusal::NotFound)) };
        if a.pen < 1 || a.pen > candidate.pen {
            return Ok(Outcome::Refused(Refusal::UnknownPen));
        }
        let key = (a.candidate.clone(), a.pen, a.seq);
        let first = self.stored.get(&key).cloned();
        if let Some(first) = &first
            && (first.question_id != a.question || first.value != a.value)
        {
            return Ok(Outcome::Refused(Refusal::Conflict));
        }
        let received_ms = first.as_ref().map_or(a.received_ms, |f| f.received_ms);
        let verdict = self.judge(&candidate, a, received_ms).await?;
        if verdict.why == Some(Why::NotRunning) && !a.proven {
            return Ok(Outcome::Refused(Refusal::NotRunning));
        }
        if first.is_none() {
            self.append(a, key);
        } else if weaken::on("dedup") {
            // The mistake: a repeat is taken for another answer.
            let again = Answer { seq: a.seq + AGAIN, ..a.clone() };
            let key = (a.candidate.clone(), a.pen, again.seq);
            if !self.stored.contains_key(&key) {
                self.append(&again, key);
            }
        }
        Ok(Outcome::Saved { received_ms, verdict })
    }

    /// By time, and by pen: what an older pen still holds counts only where no newer pen has a row for the question that counts.
    async fn judge(&mut self, candidate: &CandidateRow, a: &Answer, received_ms: Ms) -> Result<Verdict, StoreError> {
        let facts = candidate.facts();
        let older = a.pen < candidate.pen;
        let mut rivals =
            if older { answers::of_newer_pens(&mut self.tx, &a.candidate, a.pen, &a.question).await? } else { Vec::new() };
        let batch =
            self.fresh.iter().filter(|(_, r)| r.candidate_id == a.candidate && r.pen > a.pen && r.question_id == a.question);
        rivals.extend(batch.map(|(_, r)| (r.received_ms, None)));
        let Some(clock) = self.books.clock(&mut self.tx, &a.room, candidate.rev).await? else {
            return Err(unreadable("room", a.room.as_str()));
        };
        if weaken::on("late")
            && let Some(later) = clock.ledger.changes().iter().find(|c| c.at_ms > received_ms)
        {
            // The mistake: the verdict of the moment stays, as if it had been stored with the answer.
            return Ok(clock.ledger.before(later.rev).judge(&clock.terms, &a.candidate, &facts, received_ms, self.now));
        }
        let verdict = clock.ledger.judge(&clock.terms, &a.candidate, &facts, received_ms, self.now);
        if !older || !verdict.counts || weaken::on("pen") {
            return Ok(verdict);
        }
        let counts = |received| clock.ledger.judge(&clock.terms, &a.candidate, &facts, received, self.now).counts;
        let superseded = rivals.into_iter().any(|(received, accepted)| accepted.is_some() || counts(received));
        Ok(if superseded { Verdict::out(Why::Superseded) } else { Verdict::marked(Why::OlderPen) })
    }

    fn append(&mut self, a: &Answer, key: (CandidateId, i64, i64)) {
        let row = AnswerRow {
            candidate_id: a.candidate.clone(),
            pen: a.pen,
            seq: a.seq,
            question_id: a.question.clone(),
            value: a.value.clone(),
            received_ms: a.received_ms,
            accepted_ms: None,
            accepted_reason: None,
        };
        self.stored.insert(key, row.clone());
        self.fresh.push((a.room.clone(), row));
        let (pen, seq, question, blank, received_ms) = (a.pen, a.seq, a.question.clone(), a.blank, a.received_ms);
        self.tell(&a.room, &a.candidate, Body::AnswerSaved { pen, seq, question, blank, received_ms });
    }

    fn tell(&mut self, room: &RoomId, candidate: &CandidateId, body: Body) {
        let id = EventId::make(self.now, in_order(self.events.len(), rand::random()));
        self.events.push(Event { id, room: room.clone(), at_ms: self.now, candidate: Some(candidate.clone()), by: None, body });
    }

    /// Lowers when the sweep looks, at least by a millisecond: a sweep that is at work on older facts finds another bound than it
    /// has seen, and does not raise it.
    async fn lower_bound(&mut self, room: &RoomId, due: Ms) -> Result<(), StoreError> {
        let sql = "update rooms set next_due_ms = case when next_due_ms is null or next_due_ms > $2 then $2 else next_due_ms - 1 end \
                   where id = $1";
        run!(&mut self.tx, sqlx::query(sql).bind(room).bind(due))?;
        Ok(())
    }

    async fn submit(&mut self, s: &Submit) -> Result<Outcome, StoreError> {
        let Some(mut candidate) = self.candidate(&s.candidate, &s.room) else { return Ok(Outcome::Refused(Refusal::NotFound)) };
        if let Some(ended) = candidate.facts().ended {
            return Ok(Outcome::Submitted(ended));
        }
        if candidate.begun_ms.is_none() {
            return Ok(Outcome::Refused(Refusal::NotRunning));
        }
        if s.pen != candidate.pen {
            return Ok(Outcome::Refused(if s.pen > candidate.pen { Refusal::UnknownPen } else { Refusal::PenSuperseded }));
        }
        let missing = self.missing(s).await?;
        if !missing.is_empty() {
            return Ok(Outcome::Refused(Refusal::Missing(missing)));
        }
        let ended = self.end_of(s, &candidate).await?;
        let sql = "update candidates set ended_ms = $2, ended_by = $3 where id = $1";
        run!(&mut self.tx, sqlx::query(sql).bind(&s.candidate).bind(ended.at_ms).bind(ended.by.as_str()))?;
        candidate.ended_ms = Some(ended.at_ms);
        candidate.ended_by = Some(ended.by.as_str().to_owned());
        self.candidates.insert(candidate.id.clone(), candidate);
        self.tell(&s.room, &s.candidate, Body::ended(ended));
        self.lower_bound(&s.room, self.now).await?;
        Ok(Outcome::Submitted(ended))
    }

    /// A hand-in that comes after the deadline is the deadline's.
    async fn end_of(&mut self, s: &Submit, candidate: &CandidateRow) -> Result<Ended, StoreError> {
        let facts = candidate.facts();
        let Some(clock) = self.books.clock(&mut self.tx, &s.room, candidate.rev).await? else {
            return Err(unreadable("room", s.room.as_str()));
        };
        let deadline = clock.clock(&s.candidate, &facts, s.received_ms).deadline_ms;
        Ok(match deadline {
            Some(at_ms) if s.received_ms > at_ms => Ended { at_ms, by: EndedBy::Deadline },
            _ => Ended { at_ms: s.received_ms, by: EndedBy::Candidate },
        })
    }

    async fn missing(&mut self, s: &Submit) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut seqs = answers::stored_seqs(&mut self.tx, &s.candidate, s.pen).await?;
        seqs.extend(self.fresh.iter().filter(|(_, a)| a.candidate_id == s.candidate && a.pen == s.pen).map(|(_, a)| a.seq));
        seqs.sort_unstable();
        Ok(gaps(&s.have, &seqs))
    }
}

/// Events of one batch share one millisecond: what follows it in their ids (12 bits, then the random rest) is their place in the
/// batch, so that the timeline tells them in the order in which they happened.
fn in_order(place: usize, random: [u8; 10]) -> [u8; 10] {
    let mut bytes = random;
    let [.., high, low] = place.to_be_bytes();
    (bytes[0], bytes[1]) = (high, low);
    bytes
}

/// The parts of `have` (inclusive ranges) that are not in `stored` (ascending).
fn gaps(have: &[(i64, i64)], stored: &[i64]) -> Vec<(i64, i64)> {
    let mut gaps = Vec::new();
    for &(from, to) in have {
        let mut next = from;
        for &seq in stored.iter().filter(|s| (from..=to).contains(*s)) {
            if seq > next {
                gaps.push((next, seq - 1));
            }
            next = seq + 1;
        }
        if next <= to {
            gaps.push((next, to));
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::gaps;

    #[test]
    fn gaps_are_what_is_claimed_and_not_stored() {
        assert_eq!(gaps(&[(1, 5)], &[1, 2, 3, 4, 5]), vec![]);
        assert_eq!(gaps(&[(1, 5)], &[2, 4]), vec![(1, 1), (3, 3), (5, 5)]);
        assert_eq!(gaps(&[(1, 2), (5, 7)], &[1, 2, 6]), vec![(5, 5), (7, 7)]);
        assert_eq!(gaps(&[(3, 2)], &[]), vec![]);
        assert_eq!(gaps(&[(1, 3)], &[]), vec![(1, 3)]);
    }
}
