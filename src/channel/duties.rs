//! What the machine asks to be done, as calls of the services. Each reports its end as an outcome; none is awaited by the loop but the
//! handing-over of an answer to the journal, which does not wait for it.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::candidate::cases::Signal;
use super::candidate::{Command, Outcome, Version};
use super::words::{clock_frame, hand_frame, incident_frame, own_message};
use crate::auth::receipts::value_hash;
use crate::domain::Ms;
use crate::domain::access::Actor;
use crate::domain::ids::MessageId;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::connections::Connection;
use crate::locale::Locale;
use crate::metrics;
use crate::protocol::{
    AnswerInfo, CandidateInfo, LimitsInfo, RoomInfo, RoomItem, ServerFrame, SubmittedFrame, TakeoverInfo, Welcome,
};
use crate::service::Shared;
use crate::service::inbox::{Mark, Postbag};
use crate::service::sitting::{Desk, Handed, Incoming, Me, Recorded};
use crate::view;

/// The services, for one candidate's socket.
#[derive(Clone)]
pub(super) struct Duties {
    service: Shared,
    actor: Actor,
    me: Me,
    locale: Locale,
    html: Option<Locale>,
    tell: mpsc::Sender<Outcome>,
}

impl Duties {
    pub(super) fn new(
        service: &Shared,
        actor: &Actor,
        me: &Me,
        (locale, html): (Locale, Option<Locale>),
        tell: mpsc::Sender<Outcome>,
    ) -> Self {
        Self { service: service.clone(), actor: actor.clone(), me: me.clone(), locale, html, tell }
    }

    /// Gathers a `welcome` and, if the candidate may see it, the paper.
    pub(super) async fn arrive(&self, pen: Option<i64>, waiting: Option<String>) -> Outcome {
        match self.gather(pen, waiting).await {
            Ok((welcome, version, paper)) => Outcome::Arrived(Box::new(welcome), version, paper.map(Box::new)),
            Err(error) => Outcome::Unread(error),
        }
    }

    /// The same for a socket that is already open.
    pub(super) fn spawn_arrive(&self, pen: Option<i64>, connection: &Arc<Connection>) {
        let (duties, connection) = (self.clone(), connection.clone());
        tokio::spawn(async move {
            // Whoever was let in, or works again, speaks for the candidate from now on.
            if connection.number() == 0
                && let Ok(joined) = duties.service.connect(&duties.actor, pen).await
            {
                connection.set_number(joined.connection);
            }
            let outcome = duties.arrive(pen, None).await;
            let _ = duties.tell.send(outcome).await;
        });
    }

    async fn gather(&self, pen: Option<i64>, waiting: Option<String>) -> Result<(Welcome, Version, Option<ServerFrame>)> {
        let desk = self.service.desk(&self.actor).await?;
        let now = self.service.now();
        let clock = self.service.clock_of(&desk.room).await?;
        let facts = desk.candidate.facts();
        let mine = clock.clock(&desk.candidate.id, &facts, now);
        let paper = match pen {
            Some(_) if facts.begun_ms.is_some() && facts.ended.is_none() => self.paper(&desk).await?,
            _ => None,
        };
        let pen = pen.filter(|_| facts.ended.is_none());
        let seen = self.service.seen_rev(&self.me).await?;
        let news = clock.unconfirmed(&desk.candidate.id, &facts, seen);
        // Whoever waits for the pen may be somebody else: what was written to the candidate is not for their eyes.
        let bag = match &waiting {
            Some(_) => (Postbag { messages: Vec::new(), unread: 0, hand: None }, Vec::new()),
            None => (self.service.postbag(&self.actor).await?, self.service.list_my_incidents(&self.actor).await?),
        };
        let (bag, incidents) = bag;
        let welcome = Welcome {
            epoch: self.service.epoch.clone(),
            pen,
            now_ms: now,
            candidate: candidate_info(&desk),
            room: room_info(&desk, clock.phase(now).as_str()),
            clock: clock_frame(&mine, now, news),
            takeover: waiting.map(|id| TakeoverInfo { id, at_ms: now }),
            answers: answers(&desk),
            unread: bag.unread,
            messages: bag.messages.into_iter().map(own_message).collect(),
            hand: bag.hand.map(|hand| hand_frame(Some(hand))),
            incidents: incidents.iter().map(|i| incident_frame(self.locale, i, &desk.room.zone)).collect(),
            limits: LimitsInfo { message_bytes: count(limits::SOCKET_MESSAGE_BYTES), window: count(limits::UNSAVED_WINDOW) },
        };
        Ok((welcome, mine.version(), paper))
    }

    /// The paper: questions as data, or for a page as a fragment with what is saved already.
    async fn paper(&self, desk: &Desk) -> Result<Option<ServerFrame>> {
        let (version, paper) = match self.service.get_my_paper(&self.actor).await {
            Ok(paper) => paper,
            Err(error) if error.code == Code::NotRunning => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(locale) = self.html {
            let html = view::paper::html(locale, &paper, &desk.saved(), &desk.room.zone);
            return Ok(Some(ServerFrame::Paper { version, questions: None, html: Some(html) }));
        }
        let questions = serde_json::to_value(&paper.questions).map_err(Error::internal)?;
        Ok(Some(ServerFrame::Paper { version, questions: Some(questions), html: None }))
    }

    /// Does what the machine wants.
    pub(super) async fn carry_out(&self, command: Command) {
        match command {
            Command::Record { pen, seq, question, value, proof, received_ms } => {
                self.record(Incoming { pen, seq, question, value, proof, received_ms }).await;
            }
            Command::Submit { pen, seq, have, received_ms } => self.spawn(move |d| d.submit(pen, seq, have, received_ms)),
            Command::Handed => self.spawn(|d| async move {
                match d.service.handed(&d.actor).await {
                    Ok(Some(handed)) => Outcome::Submitted(Box::new(submitted(&handed, None))),
                    Ok(None) => Outcome::Unread(Code::NotRunning.into()),
                    Err(error) => Outcome::Unread(error),
                }
            }),
            Command::Attention(attention) => drop(self.service.tell_attention(&self.actor, attention)),
            Command::Seen(rev) => drop(self.service.tell_seen(&self.actor, rev)),
            Command::Delivered(rev) => self.service.note_delivered(&self.me, rev),
            Command::Write { pen, seq, text, received_ms } => self.spawn(move |d| d.write(pen, seq, text, received_ms)),
            Command::Received(ids, mark) => self.received(ids, mark),
            Command::Hand(up, at_ms) => {
                self.spawn_quiet(move |d| async move { d.service.set_my_hand(&d.actor, up, at_ms).await.map(drop) });
            }
            Command::Signal(signal) => self.spawn(move |d| d.signal(signal)),
            Command::Takeover(id, allow) => {
                self.spawn_quiet(move |d| async move { d.service.answer_takeover(&d.actor, &id, allow).await });
            }
            Command::Rooms(id) => self.spawn(move |d| d.rooms(id)),
            // The loop does this itself: it knows the pen.
            Command::Arrive => {}
        }
    }

    fn spawn<F: Future<Output = Outcome> + Send + 'static>(&self, work: impl FnOnce(Self) -> F) {
        let (tell, work) = (self.tell.clone(), work(self.clone()));
        tokio::spawn(async move {
            let _ = tell.send(work.await).await;
        });
    }

    /// Something that is answered only when it fails.
    fn spawn_quiet<F: Future<Output = Result<()>> + Send + 'static>(&self, work: impl FnOnce(Self) -> F) {
        let (tell, work) = (self.tell.clone(), work(self.clone()));
        tokio::spawn(async move {
            if let Err(error) = work.await {
                let _ = tell.send(Outcome::Failed { id: None, error }).await;
            }
        });
    }

    async fn record(&self, incoming: Incoming) {
        let (pen, seq, read_ms) = (incoming.pen, incoming.seq, incoming.received_ms);
        let (tell, time) = (self.tell.clone(), self.service.time.clone());
        let reply = move |recorded| {
            let outcome = match recorded {
                Recorded::Saved { received_ms, verdict, proof } => {
                    metrics::ack(seconds(time.now() - read_ms));
                    Outcome::Saved { pen, seq, received_ms, verdict, proof }
                }
                Recorded::Refused { error, proof } => Outcome::Refused { pen, seq, error, proof },
                Recorded::Unknown => Outcome::Unknown,
            };
            // The window bounds what is in flight far below the queue's length; a full queue means the socket has gone.
            if tell.try_send(outcome).is_err() {
                metrics::dropped("outcome");
            }
        };
        self.service.record(&self.actor, incoming, reply).await;
    }

    async fn submit(self, pen: i64, seq: i64, have: Vec<(i64, i64)>, received_ms: Ms) -> Outcome {
        match self.service.submit(&self.actor, pen, have, received_ms).await {
            Ok(handed) => Outcome::Submitted(Box::new(submitted(&handed, Some(seq)))),
            Err(error) => Outcome::Refused { pen, seq, error, proof: None },
        }
    }

    /// The same words under the same number are the same message.
    async fn write(self, pen: i64, seq: i64, text: String, received_ms: Ms) -> Outcome {
        let key = format!("#{pen}:{seq}:{}", value_hash(&text));
        match self.service.write_to_staff(&self.actor, &text, received_ms, Some(&key)).await {
            Ok(sent) => Outcome::Written { pen, seq, sent_ms: sent.sent_ms },
            Err(error) => Outcome::Refused { pen, seq, error, proof: None },
        }
    }

    /// The same number is the same signal.
    async fn signal(self, Signal { pen, seq, chars, question, received_ms }: Signal) -> Outcome {
        let key = format!("#{pen}:{seq}");
        match self.service.tell_signal(&self.actor, chars, question.as_deref(), &key, received_ms).await {
            Ok(()) => Outcome::Written { pen, seq, sent_ms: received_ms },
            Err(error) => Outcome::Refused { pen, seq, error, proof: None },
        }
    }

    /// A receipt that finds no place in the journal is given again.
    fn received(&self, ids: Vec<MessageId>, mark: Mark) {
        let (tell, again) = (self.tell.clone(), ids.clone());
        self.service.note_received(&self.me, ids, mark, move |stored| {
            if !stored && tell.try_send(Outcome::Unreceived(again, mark)).is_err() {
                metrics::dropped("outcome");
            }
        });
    }

    async fn rooms(self, id: i64) -> Outcome {
        let room = match self.service.ask_rooms(&self.actor).await {
            Ok(room) => room,
            Err(error) => return Outcome::Failed { id: Some(id), error },
        };
        let phase = match self.service.clock_of(&room).await {
            Ok(clock) => clock.phase(self.service.now()).as_str().to_owned(),
            Err(error) => return Outcome::Failed { id: Some(id), error },
        };
        let starts_ms = room.started_ms.or(room.starts_ms);
        let item = RoomItem { id: room.id.to_string(), title: room.title, phase, starts_ms };
        Outcome::Answer(Box::new(ServerFrame::Rooms { id, rooms: vec![item] }))
    }
}

/// The frame of an end; the language plays no part in it.
pub(super) fn submitted(handed: &Handed, seq: Option<i64>) -> SubmittedFrame {
    SubmittedFrame {
        by: handed.ended.by.as_str().to_owned(),
        at_ms: handed.ended.at_ms,
        answered: handed.answered,
        questions: handed.questions,
        receipt: handed.receipt.clone(),
        receipt_short: handed.receipt_short.clone(),
        seq,
    }
}

fn candidate_info(desk: &Desk) -> CandidateInfo {
    let c = &desk.candidate;
    CandidateInfo { id: c.id.to_string(), name: c.name.clone(), seat: c.seat.clone() }
}

fn room_info(desk: &Desk, phase: &str) -> RoomInfo {
    let r = &desk.room;
    RoomInfo { id: r.id.to_string(), title: r.title.clone(), location: r.location.clone(), phase: phase.to_owned() }
}

fn answers(desk: &Desk) -> Vec<AnswerInfo> {
    let current = desk.current.iter().filter_map(|index| desk.answers.get(*index));
    current
        .map(|(a, verdict)| AnswerInfo {
            question: a.question_id.0.clone(),
            pen: a.pen,
            seq: a.seq,
            received_ms: a.received_ms,
            counts: verdict.counts,
            why: verdict.why.map(|w| w.as_str().to_owned()),
        })
        .collect()
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a latency in ms is far below 2^53")]
fn seconds(ms: Ms) -> f64 {
    ms.max(0) as f64 / 1000.0
}
