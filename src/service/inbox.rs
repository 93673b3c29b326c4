//! Messages as their receivers find them: a candidate what is for it and what it wrote, staff what candidates wrote to their rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::messages::Fate;
use super::sitting::{Me, own, refusal_error};
use super::{Service, allow};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Role, Scope};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, MessageId, RoomId, UserId};
use crate::domain::message::{Hand, Receipt};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle;
use crate::store::journal::{Op, Outcome, Receipts};
use crate::store::messages::OwnMessage;

/// Messages of the own list that are looked through for those that are named.
const LOOKED_THROUGH: i64 = 1_000;

/// How far a message has come, as its receiver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is on the device.
    Delivered,
    /// The person has read it.
    Seen,
    /// It is off the own list.
    Removed,
}

/// What waits for a candidate that comes.
pub struct Postbag {
    /// The newest of the own list, oldest first.
    pub messages: Vec<OwnMessage>,
    /// How many it has not confirmed.
    pub unread: i64,
    /// Its raised hand and the place in the queue.
    pub hand: Option<(Hand, i64)>,
}

/// Whose list it is.
enum Receiver {
    Candidate(Me),
    Staff { user: UserId, all: bool },
}

impl Service {
    /// The own list, newest first, and how many of it are not confirmed. `room` matters to accounts only.
    pub async fn list_my_messages(
        &self,
        actor: &Actor,
        room: Option<&RoomId>,
        before: &str,
        limit: i64,
    ) -> Result<(Vec<OwnMessage>, i64)> {
        let receiver = self.receiver(actor, Action::ListMyMessages, room).await?;
        Ok((self.found(&receiver, room, before, limit).await?, self.unread(&receiver, room).await?))
    }

    /// Marks messages of the own list; those that are not on it, or marked already, are left out. Returns how many were marked and how
    /// many are still not confirmed. `ids` None: all.
    pub async fn mark_my_messages(
        &self,
        actor: &Actor,
        room: Option<&RoomId>,
        ids: Option<&[MessageId]>,
        mark: Mark,
    ) -> Result<(usize, i64)> {
        let receiver = self.receiver(actor, Action::MarkMyMessages, room).await?;
        check(ids)?;
        self.throttle(&format!("receipts:{}", name(&receiver)), throttle::RECEIPTS)?;
        let found = self.found(&receiver, room, "", LOOKED_THROUGH).await?;
        let open = |m: &OwnMessage| match mark {
            Mark::Delivered => m.delivered_ms.is_none() && m.seen_ms.is_none(),
            Mark::Seen | Mark::Removed => m.seen_ms.is_none(),
        };
        let wanted: Vec<OwnMessage> = found.into_iter().filter(|m| named(ids, m) && open(m) && received(&receiver, m)).collect();
        self.receive(actor, &receiver, &wanted, mark).await?;
        Ok((wanted.len(), self.unread(&receiver, room).await?))
    }

    /// Takes messages off the own list; a candidate's own words are withdrawn.
    pub async fn remove_my_messages(
        self: &Arc<Self>,
        actor: &Actor,
        room: Option<&RoomId>,
        ids: &[MessageId],
    ) -> Result<Vec<(MessageId, Fate)>> {
        let receiver = self.receiver(actor, Action::RemoveMyMessages, room).await?;
        check(Some(ids))?;
        self.throttle(&format!("receipts:{}", name(&receiver)), throttle::RECEIPTS)?;
        let found = self.found(&receiver, room, "", LOOKED_THROUGH).await?;
        let of: BTreeMap<&MessageId, &OwnMessage> = found.iter().map(|m| (&m.id, m)).collect();
        let (mut lines, mut off, mut back) = (Vec::new(), Vec::new(), Vec::new());
        for id in ids.iter().collect::<BTreeSet<_>>() {
            let fate = match of.get(id) {
                None => Fate::NotFound,
                Some(m) if received(&receiver, m) => {
                    off.push((*m).clone());
                    Fate::Applied
                }
                Some(m) if m.withdrawn_ms.is_some() => Fate::Unchanged,
                Some(m) => {
                    let body = Body::MessageWithdrawn { message: m.id.clone() };
                    back.push((m.id.clone(), self.event(&m.room_id, m.by_candidate.as_ref(), actor, body)));
                    Fate::Applied
                }
            };
            lines.push((id.clone(), fate));
        }
        self.receive(actor, &receiver, &off, Mark::Removed).await?;
        self.take_back(actor, back).await?;
        Ok(lines)
    }

    /// How many messages a candidate has not seen.
    pub async fn waiting(&self, actor: &Actor) -> Result<i64> {
        let me = own(actor, Action::Sit)?;
        Ok(self.store.candidate_unread(&me.room, &me.candidate).await?)
    }

    /// What a `welcome` brings.
    pub async fn postbag(&self, actor: &Actor) -> Result<Postbag> {
        let me = own(actor, Action::Sit)?;
        let mut messages = self.store.candidate_messages(&me.room, &me.candidate, "", limits::WELCOME_MESSAGES).await?;
        messages.reverse();
        let unread = self.store.candidate_unread(&me.room, &me.candidate).await?;
        let row = self.store.candidate(&me.candidate).await?.ok_or(Code::NotFound)?;
        let hand = match row.hand() {
            Some(hand) => Some((hand, self.store.hand_place(&me.room, &me.candidate, hand.raised_ms).await?)),
            None => None,
        };
        Ok(Postbag { messages, unread, hand })
    }

    /// A candidate's device has messages that are known to be for it, or its person has seen them. `reply` hears once whether that is
    /// stored.
    pub fn note_received(&self, me: &Me, ids: Vec<MessageId>, mark: Mark, reply: impl FnOnce(bool) + Send + 'static) {
        let op = Op::Receipts(self.receipts_of(me, &ids, mark));
        let sent = self.journal.send(op, Box::new(move |outcome| reply(matches!(outcome, Outcome::Noted))));
        if let Err(entry) = sent {
            (entry.reply)(Outcome::Unknown);
        }
    }

    fn receipts_of(&self, me: &Me, ids: &[MessageId], mark: Mark) -> Receipts {
        let receipt = receipt(mark, self.now());
        let event = self.event(&me.room, Some(&me.candidate), &Actor::Server, said(mark, ids.to_vec()));
        Receipts {
            receiver: me.candidate.to_string(),
            messages: ids.iter().map(|id| (id.clone(), receipt)).collect(),
            events: vec![event],
        }
    }

    /// Stores receipts and waits until they are.
    async fn receive(&self, actor: &Actor, receiver: &Receiver, messages: &[OwnMessage], mark: Mark) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let ids: Vec<MessageId> = messages.iter().map(|m| m.id.clone()).collect();
        let receipts = match receiver {
            Receiver::Candidate(me) => self.receipts_of(me, &ids, mark),
            Receiver::Staff { user, .. } => {
                let receipt = receipt(mark, self.now());
                let events = if mark == Mark::Seen { self.read_events(actor, messages) } else { Vec::new() };
                Receipts { receiver: user.to_string(), messages: ids.into_iter().map(|id| (id, receipt)).collect(), events }
            }
        };
        match self.ask(Op::Receipts(receipts)).await? {
            Outcome::Noted => Ok(()),
            Outcome::Refused(refusal) => Err(refusal_error(&refusal)),
            _ => Err(Code::Busy.into()),
        }
    }

    /// What tells candidates that staff have read what they wrote: one event a candidate.
    fn read_events(&self, actor: &Actor, messages: &[OwnMessage]) -> Vec<Event> {
        let mut by: BTreeMap<(&RoomId, &CandidateId), Vec<MessageId>> = BTreeMap::new();
        for m in messages {
            if let Some(candidate) = &m.by_candidate {
                by.entry((&m.room_id, candidate)).or_default().push(m.id.clone());
            }
        }
        let event = |((room, candidate), messages)| self.event(room, Some(candidate), actor, Body::MessageSeen { messages });
        by.into_iter().map(event).collect()
    }

    /// The actor as somebody with a list; an account of role student is the candidate that bears its student id.
    async fn receiver(&self, actor: &Actor, action: Action, room: Option<&RoomId>) -> Result<Receiver> {
        allow(actor, action, Scope::Own)?;
        if let Actor::User { user, role: role @ (Role::Admin | Role::Teacher), .. } = actor {
            return Ok(Receiver::Staff { user: user.clone(), all: *role == Role::Admin });
        }
        let actor = self.as_candidate(actor.clone(), room).await?;
        Ok(Receiver::Candidate(own(&actor, Action::Sit)?))
    }

    async fn found(&self, receiver: &Receiver, room: Option<&RoomId>, before: &str, limit: i64) -> Result<Vec<OwnMessage>> {
        Ok(match receiver {
            Receiver::Candidate(me) => self.store.candidate_messages(&me.room, &me.candidate, before, limit).await?,
            Receiver::Staff { user, all } => {
                self.store.staff_messages(user, *all, room.map_or("", RoomId::as_str), before, limit).await?
            }
        })
    }

    async fn unread(&self, receiver: &Receiver, room: Option<&RoomId>) -> Result<i64> {
        Ok(match receiver {
            Receiver::Candidate(me) => self.store.candidate_unread(&me.room, &me.candidate).await?,
            Receiver::Staff { user, all } => self.store.staff_unread(user, *all, room.map_or("", RoomId::as_str)).await?,
        })
    }
}

fn name(receiver: &Receiver) -> &str {
    match receiver {
        Receiver::Candidate(me) => me.candidate.as_str(),
        Receiver::Staff { user, .. } => user.as_str(),
    }
}

fn check(ids: Option<&[MessageId]>) -> Result<()> {
    match ids {
        Some([]) => Err(Error::field("messages", "empty")),
        Some(ids) if ids.len() > limits::MESSAGE_BATCH => Err(Error::field("messages", "too_many")),
        _ => Ok(()),
    }
}

fn named(ids: Option<&[MessageId]>, message: &OwnMessage) -> bool {
    ids.is_none_or(|ids| ids.contains(&message.id))
}

/// Whether it came to the receiver, and is not its own.
fn received(receiver: &Receiver, message: &OwnMessage) -> bool {
    match receiver {
        Receiver::Candidate(me) => message.by_candidate.as_ref() != Some(&me.candidate),
        Receiver::Staff { .. } => true,
    }
}

fn receipt(mark: Mark, now: Ms) -> Receipt {
    match mark {
        Mark::Delivered => Receipt { delivered_ms: Some(now), ..Receipt::default() },
        Mark::Seen => Receipt { delivered_ms: Some(now), seen_ms: Some(now), ..Receipt::default() },
        Mark::Removed => Receipt { removed_ms: Some(now), ..Receipt::default() },
    }
}

fn said(mark: Mark, messages: Vec<MessageId>) -> Body {
    match mark {
        Mark::Delivered => Body::MessageDelivered { messages },
        Mark::Seen => Body::MessageSeen { messages },
        Mark::Removed => Body::MessageRemoved { messages },
    }
}
