//! A room with three candidates and a running journal.

use std::sync::{Arc, Mutex};

use invigil::domain::Ms;
use invigil::domain::clock::{Kind, Targets, Verdict};
use invigil::domain::event::Event;
use invigil::domain::ids::{QuestionId, RoomId};
use invigil::store::exams::ExamRow;
use invigil::store::journal::{Answer, Join, JoinOutcome, Journal, Op, Outcome, Refusal, Submit};
use invigil::store::rooms::{CandidateFact, Plan, RoomFacts};
use invigil::time::Time;
use tokio::sync::oneshot;

use crate::fixture::{MINUTE, NINE, World, cd, change, event, plan, ss};

/// A room `rm_1` with candidates `cd_a`, `cd_b`, `cd_c`, and a journal that writes to its database.
pub struct Hall {
    pub world: World,
    pub room: RoomId,
    pub journal: Journal,
    published: Arc<Mutex<Vec<Event>>>,
}

impl Hall {
    /// The room is scheduled.
    pub async fn scheduled(world: World, tweak: impl FnOnce(&mut ExamRow)) -> Self {
        let room = world.room(tweak).await;
        world.candidates(&room, &["cd_a", "cd_b", "cd_c"]).await;
        let published = Arc::default();
        let journal = journal(&world, &published);
        Self { world, room, journal, published }
    }

    /// The room has been running since nine.
    pub async fn running_with(world: World, tweak: impl FnOnce(&mut ExamRow)) -> Self {
        let hall = Self::scheduled(world, tweak).await;
        hall.start().await;
        hall
    }

    /// The room has been running since nine; time began with it.
    pub async fn running(world: World) -> Self {
        Self::running_with(world, |_| {}).await
    }

    /// `cd_a` sits in the running room, pen 1, session `ss_a`.
    pub async fn seated(world: World) -> Self {
        let hall = Self::running(world).await;
        assert_eq!(hall.join("cd_a", "ss_a", None, NINE).await.pen, Some(1));
        hall
    }

    /// A hall of the same room and journal, for a second task.
    pub async fn twin(&self) -> Self {
        let world = World::again(&self.world.url).await;
        Self { world, room: self.room.clone(), journal: self.journal.clone(), published: Arc::clone(&self.published) }
    }

    /// Another journal on the same database, as on another node or after a crash.
    pub fn restart(&mut self) {
        self.journal = journal(&self.world, &self.published);
    }

    /// Opens and starts the room at nine: revs 1 and 2.
    pub async fn start(&self) {
        let changes = vec![change(1, NINE, Kind::Open, Targets::Room), change(2, NINE, Kind::Start, Targets::Room)];
        let facts = RoomFacts { opened: Some((NINE, 0)), started_ms: Some(NINE), ..RoomFacts::default() };
        self.carry_out(Plan { changes, room: facts, ..Plan::default() }).await;
    }

    pub async fn carry_out(&self, plan: Plan) {
        self.world.store.change_room(&self.room, &plan).await.unwrap();
    }

    /// Appends one change for everybody.
    pub async fn change(&self, rev: i64, at_ms: Ms, kind: Kind) {
        self.carry_out(plan(change(rev, at_ms, kind, Targets::Room))).await;
    }

    /// Appends one change for some, as the service does: their rows carry its rev.
    pub async fn change_for(&self, rev: i64, at_ms: Ms, kind: Kind, who: &[&str]) {
        let mut plan = plan(change(rev, at_ms, kind, crate::fixture::only(who)));
        plan.candidates = who.iter().map(|id| (cd(id), CandidateFact::Touched, Vec::new())).collect();
        self.carry_out(plan).await;
    }

    /// Queues writes at once, so that one batch takes them all, and waits for every outcome.
    pub async fn batch(&self, ops: Vec<Op>) -> Vec<Outcome> {
        let mut waiting = Vec::new();
        for op in ops {
            let (tell, told) = oneshot::channel();
            let reply = Box::new(move |outcome| tell.send(outcome).expect("the test waits"));
            self.journal.send(op, reply).ok().expect("room in the queue");
            waiting.push(told);
        }
        let mut outcomes = Vec::new();
        for told in waiting {
            outcomes.push(told.await.expect("an outcome"));
        }
        outcomes
    }

    pub async fn send(&self, op: Op) -> Outcome {
        self.batch(vec![op]).await.remove(0)
    }

    pub fn answer_op(&self, who: &str, key: (i64, i64), question: &str, value: &str, received_ms: Ms) -> Op {
        Op::Answer(Answer {
            room: self.room.clone(),
            candidate: cd(who),
            pen: key.0,
            seq: key.1,
            question: QuestionId(question.into()),
            value: value.into(),
            blank: value == "null",
            received_ms,
            proven: false,
        })
    }

    /// The same, sent again with the proof of when it was read.
    pub async fn proven(&self, who: &str, key: (i64, i64), question: &str, value: &str, received_ms: Ms) -> Outcome {
        let mut op = self.answer_op(who, key, question, value, received_ms);
        if let Op::Answer(answer) = &mut op {
            answer.proven = true;
        }
        self.send(op).await
    }

    pub async fn answer(&self, who: &str, key: (i64, i64), question: &str, value: &str, received_ms: Ms) -> Outcome {
        self.send(self.answer_op(who, key, question, value, received_ms)).await
    }

    /// `cd_a` answers question q1 with `true`.
    pub async fn verdict(&self, key: (i64, i64), received_ms: Ms) -> Verdict {
        saved(self.answer("cd_a", key, "q1", "true", received_ms).await).1
    }

    pub fn join_op(&self, who: &str, session: &str, shown: Option<i64>, holder_connected: bool, at_ms: Ms) -> Op {
        Op::Join(Join {
            room: self.room.clone(),
            candidate: cd(who),
            session: ss(session),
            shown,
            holder_connected,
            socket: None,
            at_ms,
        })
    }

    /// Comes while the pen's holder is not connected.
    pub async fn join(&self, who: &str, session: &str, shown: Option<i64>, at_ms: Ms) -> JoinOutcome {
        joined(self.send(self.join_op(who, session, shown, false, at_ms)).await)
    }

    /// Comes freshly while the pen's holder is connected.
    pub async fn come(&self, who: &str, session: &str) -> Outcome {
        self.send(self.join_op(who, session, None, true, NINE + MINUTE)).await
    }

    pub async fn submit(&self, who: &str, pen: i64, have: &[(i64, i64)], received_ms: Ms) -> Outcome {
        self.send(self.submit_op(who, pen, have, received_ms)).await
    }

    pub fn submit_op(&self, who: &str, pen: i64, have: &[(i64, i64)], received_ms: Ms) -> Op {
        Op::Submit(Submit { room: self.room.clone(), candidate: cd(who), pen, have: have.to_vec(), received_ms })
    }

    pub fn note_op(&self, body: invigil::domain::event::Body) -> Op {
        Op::Note(event(&self.room, Some("cd_a"), NINE, body))
    }

    /// Names of the events that were published since the last look.
    pub fn told(&self) -> Vec<&'static str> {
        self.published.lock().unwrap().drain(..).map(|e| e.body.name()).collect()
    }
}

fn journal(world: &World, published: &Arc<Mutex<Vec<Event>>>) -> Journal {
    let (journal, lanes) = Journal::lanes();
    let published = Arc::clone(published);
    let publish = move |events: Vec<Event>| published.lock().unwrap().extend(events);
    tokio::spawn(lanes.run(world.store.clone(), Time::anchored(NINE), publish));
    journal
}

/// The outcome has to be `Saved`.
pub fn saved(outcome: Outcome) -> (Ms, Verdict) {
    match outcome {
        Outcome::Saved { received_ms, verdict } => (received_ms, verdict),
        other => panic!("not saved: {other:?}"),
    }
}

/// The outcome has to be `Joined`.
pub fn joined(outcome: Outcome) -> JoinOutcome {
    match outcome {
        Outcome::Joined(outcome) => outcome,
        other => panic!("not joined: {other:?}"),
    }
}

/// The outcome has to be a refusal.
pub fn refused(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
