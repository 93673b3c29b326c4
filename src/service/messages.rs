//! Messages, from the side of whoever sends: announcements, words to some, what a candidate writes; the history, and taking back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Service;
use super::sitting::{own, refusal_error};
use super::words::{once, some_words};
use crate::auth::secrets::mint;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Role};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, MessageId, RoomId};
use crate::domain::message::{Audience, Letter, Sender, Tally};
use crate::domain::status::Person;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle::{self, Allowance};
use crate::store::journal::{NewMessage, Op, Outcome};
use crate::store::messages::MessageFilter;
use crate::store::rooms::RoomRow;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// When it was taken: the first time, on every repeat. Unix ms.
    pub sent_ms: Ms,
}

/// A message as staff find it.
pub struct MessageView {
    /// With all that is known of it.
    pub letter: Arc<Letter>,
    /// How far it has come.
    pub tally: Tally,
}

/// What became of one message that somebody took back or off a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Done now.
    Applied,
    /// It was so already.
    Unchanged,
    /// There is no such message for this actor.
    NotFound,
    /// It is somebody else's.
    Forbidden,
}

impl Fate {
    /// Outcome and code on the wire.
    pub fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Applied => ("applied", None),
            Self::Unchanged => ("unchanged", None),
            Self::NotFound => ("refused", Some(Code::NotFound.as_str())),
            Self::Forbidden => ("refused", Some(Code::Forbidden.as_str())),
        }
    }
}

impl Service {
    /// Sends a message to the room, or to some of its candidates. The same key again is the same message.
    pub async fn send_message(
        &self,
        actor: &Actor,
        room: &RoomId,
        candidates: Option<Vec<CandidateId>>,
        text: &str,
        key: Option<&str>,
    ) -> Result<Sent> {
        let row = self.room_for(actor, Action::SendMessage, room).await?;
        let user = actor.user().cloned().ok_or(Code::Forbidden)?;
        let text = some_words(text, limits::MESSAGE_CHARS)?;
        let audience = self.audience(&row, candidates).await?;
        let once = once(user.as_str(), key)?;
        if row.ended_ms.is_some() {
            return Err(super::phase_conflict("ended", &["scheduled", "open", "running", "paused"]));
        }
        self.throttle(&format!("message:{user}"), throttle::STAFF_MESSAGES)?;
        self.post(room, Sender::User(user), audience, text, self.now(), once).await
    }

    /// A candidate writes to the staff of the room. `received_ms` is when it was read.
    pub async fn write_to_staff(&self, actor: &Actor, text: &str, received_ms: Ms, key: Option<&str>) -> Result<Sent> {
        let me = own(actor, Action::WriteToStaff)?;
        let text = some_words(text, limits::MESSAGE_CHARS)?;
        let once = once(me.candidate.as_str(), key)?;
        self.room_goes_on(&me.room).await?;
        self.throttle(&format!("message:{}", me.candidate), throttle::CANDIDATE_MESSAGES)?;
        self.post(&me.room, Sender::Candidate(me.candidate), Audience::Staff, text, received_ms, once).await
    }

    /// Messages of a room, newest first, with how far each has come.
    pub async fn list_messages(&self, actor: &Actor, room: &RoomId, filter: &MessageFilter) -> Result<Vec<MessageView>> {
        self.room_for(actor, Action::ListMessages, room).await?;
        let ids = self.store.message_page(room, filter).await?;
        let live = self.live_room(room).await?;
        // Those in memory have their receipts with them; a large room's would be many rows to read.
        let here = |id: &MessageId| live.read(|table| table.status.mail.get(id).cloned()).flatten();
        let mut letters: BTreeMap<MessageId, Arc<Letter>> = ids.iter().filter_map(|id| Some((id.clone(), here(id)?))).collect();
        let rest: Vec<MessageId> = ids.iter().filter(|id| !letters.contains_key(id)).cloned().collect();
        letters.extend(self.store.letters(room, &rest).await?.into_iter().map(|letter| (letter.id.clone(), letter)));
        let tally = |letter: &Letter| live.read(|table| table.status.tally(letter)).unwrap_or_default();
        Ok(ids.iter().filter_map(|id| letters.remove(id)).map(|letter| MessageView { tally: tally(&letter), letter }).collect())
    }

    /// One message with the receipt of each candidate whom it is for.
    pub async fn get_message(
        &self,
        actor: &Actor,
        room: &RoomId,
        id: &MessageId,
    ) -> Result<(MessageView, Vec<(CandidateId, Person)>)> {
        self.room_for(actor, Action::GetMessage, room).await?;
        let letter = self.letter(room, id).await?;
        let candidates = self.store.candidates(room).await?;
        let tally = letter.tally(candidates.iter().map(|c| (&c.id, c.ended_ms.is_some())));
        let people = candidates.into_iter().filter(|c| letter.is_for(&c.id)).map(|c| (c.id.clone(), c.person())).collect();
        Ok((MessageView { letter, tally }, people))
    }

    /// Withdraws one message. A repeat changes nothing.
    pub async fn withdraw_message(self: &Arc<Self>, actor: &Actor, room: &RoomId, id: &MessageId) -> Result<()> {
        let row = self.room_for(actor, Action::WithdrawMessage, room).await?;
        match self.withdraw(actor, &row, std::slice::from_ref(id)).await?.first() {
            Some((_, Fate::Forbidden)) => Err(Code::Forbidden.into()),
            None | Some((_, Fate::NotFound)) => Err(Code::NotFound.into()),
            Some((_, Fate::Applied | Fate::Unchanged)) => Ok(()),
        }
    }

    /// Withdraws many, each with its own outcome.
    pub async fn withdraw_messages(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        ids: &[MessageId],
    ) -> Result<Vec<(MessageId, Fate)>> {
        let row = self.room_for(actor, Action::WithdrawMessages, room).await?;
        self.withdraw(actor, &row, ids).await
    }

    /// Whoever sent it, the owner of the exam, or an administrator; and of what a candidate wrote only the candidate.
    async fn withdraw(self: &Arc<Self>, actor: &Actor, room: &RoomRow, ids: &[MessageId]) -> Result<Vec<(MessageId, Fate)>> {
        let letters = self.store.letters(&room.id, ids).await?;
        let of: BTreeMap<&MessageId, &Letter> = letters.iter().map(|letter| (&letter.id, &**letter)).collect();
        let fate = |id| of.get(id).map_or(Fate::NotFound, |letter| may_withdraw(actor, room, letter));
        let ids: BTreeSet<&MessageId> = ids.iter().collect();
        let lines: Vec<(MessageId, Fate)> = ids.into_iter().map(|id| (id.clone(), fate(id))).collect();
        let allowed = lines.iter().filter(|(_, fate)| *fate == Fate::Applied);
        // Staff withdraw what staff wrote, so it is no candidate's event.
        let event = |id: &MessageId| self.event(&room.id, None, actor, Body::MessageWithdrawn { message: id.clone() });
        let told = allowed.map(|(id, _)| (id.clone(), event(id))).collect();
        self.take_back(actor, told).await?;
        Ok(lines)
    }

    /// Carries out withdrawals that are allowed.
    pub(super) async fn take_back(self: &Arc<Self>, actor: &Actor, told: Vec<(MessageId, Event)>) -> Result<()> {
        if told.is_empty() {
            return Ok(());
        }
        let (service, by) = (self.clone(), actor.user().cloned());
        self.show_after(async move { Ok(((), service.store.withdraw_messages(by.as_ref(), told).await?)) }).await
    }

    /// A message of a room, as stored.
    async fn letter(&self, room: &RoomId, id: &MessageId) -> Result<Arc<Letter>> {
        self.store.letters(room, std::slice::from_ref(id)).await?.pop().ok_or_else(|| Code::NotFound.into())
    }

    /// The room, or those of its candidates who were named.
    async fn audience(&self, room: &RoomRow, candidates: Option<Vec<CandidateId>>) -> Result<Audience> {
        let Some(named) = candidates else { return Ok(Audience::Room) };
        let named: BTreeSet<CandidateId> = named.into_iter().collect();
        if named.is_empty() {
            return Err(Error::field("candidates", "empty"));
        }
        let here: BTreeSet<CandidateId> = self.store.candidates(&room.id).await?.into_iter().map(|c| c.id).collect();
        if named.is_subset(&here) { Ok(Audience::Some(named)) } else { Err(Error::field("candidates", "not_found")) }
    }

    /// Nobody reads what is written into a room that is over.
    pub(super) async fn room_goes_on(&self, room: &RoomId) -> Result<()> {
        let over = self.live_room(room).await?.read(|table| table.clock.ended_ms.is_some());
        if over == Some(true) { Err(Code::RoomOver.into()) } else { Ok(()) }
    }

    /// Takes a token of a person's allowance.
    pub(super) fn throttle(&self, key: &str, allowance: Allowance) -> Result<()> {
        let waited = self.live.throttles.wait(key, allowance, self.now());
        waited.map_err(|seconds| Error { retry_after: Some(seconds), ..Code::RateLimited.into() })
    }

    async fn post(
        &self,
        room: &RoomId,
        sender: Sender,
        audience: Audience,
        text: String,
        sent_ms: Ms,
        once: Option<String>,
    ) -> Result<Sent> {
        let id: MessageId = mint(self.now());
        let once = once.unwrap_or_else(|| id.to_string());
        let op = Op::Message(NewMessage { id, room: room.clone(), sender, audience, text, sent_ms, once });
        match self.ask(op).await? {
            Outcome::Sent { id, sent_ms } => Ok(Sent { id, sent_ms }),
            Outcome::Refused(refusal) => Err(refusal_error(&refusal)),
            // Nobody knows whether it is stored: under the same key it is sent once.
            _ => Err(Code::Busy.into()),
        }
    }
}

fn may_withdraw(actor: &Actor, room: &RoomRow, letter: &Letter) -> Fate {
    let user = actor.user();
    let allowed = match &letter.sender {
        Sender::User(id) => {
            user == Some(id) || user == Some(&room.owner_id) || matches!(actor, Actor::User { role: Role::Admin, .. })
        }
        Sender::Candidate(_) => false,
    };
    match (allowed, letter.withdrawn_ms) {
        (false, _) => Fate::Forbidden,
        (true, Some(_)) => Fate::Unchanged,
        (true, None) => Fate::Applied,
    }
}
