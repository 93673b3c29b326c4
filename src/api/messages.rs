//! Messages of a room, for staff: sending, history, taking back; and what a candidate writes to them.

use std::str::FromStr;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::replies::{All, Created, Done, Page, Wanted};
use super::types::{At, Body, at};
use crate::domain::ids::{CandidateId, MessageId, RoomId, UserId};
use crate::domain::message::{Letter, Sender};
use crate::error::{Error, Result};
use crate::limits;
use crate::service::messages::{Fate, MessageView, Sent};
use crate::store::messages::MessageFilter;

pub(super) struct Messages;

/// For whom a message is.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum MessageAudience {
    /// Every candidate of the room, also those who come later.
    Room,
    /// Some candidates.
    Selection,
    /// The staff, from a candidate.
    Staff,
}

impl MessageAudience {
    /// From the stored word.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "room" => Self::Room,
            "staff" => Self::Staff,
            _ => Self::Selection,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Selection => "selection",
            Self::Staff => "staff",
        }
    }
}

/// Who wrote a message: an account or a candidate.
#[derive(Object)]
pub(super) struct MessageAuthor {
    /// The account.
    pub(super) user: Option<UserId>,
    /// The candidate.
    pub(super) candidate: Option<CandidateId>,
    /// The name.
    pub(super) name: String,
}

/// How far a message has come with those whom it is for.
#[derive(Object)]
struct MessageTally {
    /// Whom it is for; who had ended before a word to the room reached them does not count.
    total: i64,
    /// On whose device it is.
    delivered: i64,
    /// Who has confirmed it.
    seen: i64,
    /// Who does not have it yet, the first 20.
    missing: Vec<CandidateId>,
}

/// A message of a room.
#[derive(Object)]
struct Message {
    /// Its id; ids sort by time.
    id: MessageId,
    /// For whom.
    audience: MessageAudience,
    /// The selection; null where it is not for one.
    candidates: Option<Vec<CandidateId>>,
    /// Who wrote it.
    author: MessageAuthor,
    /// What it says: plain text.
    text: String,
    /// When it was sent.
    sent_at: At,
    /// When it was withdrawn.
    withdrawn_at: Option<At>,
    /// Of what a candidate wrote: when the first of the staff confirmed it.
    read_at: Option<At>,
    /// How far it has come.
    delivery: MessageTally,
}

/// How far a message has come with one candidate.
#[derive(Object)]
struct MessageReceipt {
    /// Who.
    candidate: CandidateId,
    /// Name.
    name: String,
    /// Seat.
    seat: Option<String>,
    /// When it was known to be on the device.
    delivered_at: Option<At>,
    /// When the person confirmed it.
    seen_at: Option<At>,
}

/// A message with every receipt.
#[derive(Object)]
struct MessageDetail {
    /// The message.
    message: Message,
    /// One line a candidate whom it is for.
    receipts: Vec<MessageReceipt>,
}

/// A message to be sent.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewMessage {
    /// Plain text, 1,000 characters at most.
    text: String,
    /// To these candidates; absent: to everybody in the room, also those who come later.
    #[oai(validator(max_items = 20000))]
    candidates: Option<Vec<CandidateId>>,
}

/// What a candidate writes.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewNote {
    /// Plain text, 1,000 characters at most.
    text: String,
}

/// A message that was taken.
#[derive(Object)]
struct MessageSent {
    /// Its id.
    id: MessageId,
    /// When it was taken: the first time, on every repeat.
    sent_at: At,
}

/// What became of one message.
#[derive(Object)]
pub(super) struct MessageOutcome {
    /// The message.
    message: MessageId,
    /// `applied`, `unchanged`, `refused`.
    outcome: String,
    /// Why refused: `not_found`, or `forbidden` where it is somebody else's.
    code: Option<String>,
}

impl From<(MessageId, Fate)> for MessageOutcome {
    fn from((message, fate): (MessageId, Fate)) -> Self {
        let (outcome, code) = fate.words();
        Self { message, outcome: outcome.to_owned(), code: code.map(str::to_owned) }
    }
}

impl From<MessageView> for Message {
    fn from(MessageView { letter, tally }: MessageView) -> Self {
        Self {
            id: letter.id.clone(),
            audience: MessageAudience::of(letter.audience.as_str()),
            candidates: letter.audience.selection(),
            author: author(&letter),
            text: letter.text.clone(),
            sent_at: At(letter.sent_ms),
            withdrawn_at: at(letter.withdrawn_ms),
            read_at: at(letter.read_ms),
            delivery: MessageTally { total: tally.total, delivered: tally.delivered, seen: tally.seen, missing: tally.missing },
        }
    }
}

fn author(letter: &Letter) -> MessageAuthor {
    let (user, candidate) = match &letter.sender {
        Sender::User(id) => (Some(id.clone()), None),
        Sender::Candidate(id) => (None, Some(id.clone())),
    };
    MessageAuthor { user, candidate, name: letter.author.clone() }
}

fn made(place: &str, sent: Sent) -> Created<MessageSent> {
    let at = format!("{place}/{}", sent.id);
    Created::Made(Json(MessageSent { id: sent.id, sent_at: At(sent.sent_ms) }), at)
}

/// Ids of messages, with commas between them.
pub(super) fn ids(list: &str) -> Result<Vec<MessageId>> {
    let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids = ids.map(|id| MessageId::from_str(id).map_err(|_| Error::field("ids", "not_an_id"))).collect::<Result<Vec<_>>>()?;
    match ids.len() {
        0 => Err(Error::field("ids", "empty")),
        n if n > limits::MESSAGE_BATCH => Err(Error::field("ids", "too_many")),
        _ => Ok(ids),
    }
}

#[OpenApi(tag = "Tag::Messages")]
impl Messages {
    /// Send a message.
    ///
    /// To everybody in the room, or to some. It reaches open pages at once and others when they come. Give an Idempotency-Key, and a
    /// repeat is not a second message.
    #[oai(path = "/rooms/:room/messages", method = "post", operation_id = "send_message")]
    async fn send_message(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Makes a repeat harmless: it is the same message.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<NewMessage>,
    ) -> Reply<Created<MessageSent>> {
        let NewMessage { text, candidates } = body.0;
        let sent = caller.service.send_message(&caller.actor, &room.0, candidates, &text, key.0.as_deref()).await?;
        Ok(made(&format!("{}/rooms/{}/messages", super::BASE, room.0), sent))
    }

    /// List the messages of a room.
    ///
    /// Newest first, withdrawn ones too, with how far each has come.
    #[oai(path = "/rooms/:room/messages", method = "get", operation_id = "list_messages")]
    #[expect(clippy::too_many_arguments, reason = "one for each query parameter of the operation")]
    async fn list_messages(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Only those that this account wrote.
        author: Query<Option<UserId>>,
        /// Only those that this candidate wrote or is named by.
        candidate: Query<Option<CandidateId>>,
        /// Only those for these.
        audience: Query<Option<MessageAudience>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<Page<Message>>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let filter = MessageFilter {
            author: author.0,
            candidate: candidate.0,
            audience: audience.0.map(|audience| audience.word().to_owned()),
            before: wanted.after.clone(),
            limit: wanted.read(),
        };
        let found = caller.service.list_messages(&caller.actor, &room.0, &filter).await?;
        Ok(Json(wanted.page(found, |view| view.letter.id.to_string(), Message::from)))
    }

    /// Withdraw messages.
    ///
    /// Many at once, each with its own outcome. Whoever has one already sees that it was withdrawn; whoever has not gets it no more.
    #[oai(path = "/rooms/:room/messages", method = "delete", operation_id = "withdraw_messages")]
    async fn withdraw_messages(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Ids with commas between them, 200 at most.
        ids: Query<String>,
    ) -> Reply<Json<All<MessageOutcome>>> {
        let lines = caller.service.withdraw_messages(&caller.actor, &room.0, &self::ids(&ids.0)?).await?;
        Ok(Json(All { items: lines.into_iter().map(MessageOutcome::from).collect() }))
    }

    /// Read a message with its receipts.
    ///
    /// One line for each candidate whom it is for: when it was on the device, and when the person confirmed it.
    #[oai(path = "/rooms/:room/messages/:message", method = "get", operation_id = "get_message")]
    async fn get_message(&self, caller: Caller, room: Path<RoomId>, message: Path<MessageId>) -> Reply<Json<MessageDetail>> {
        let (view, people) = caller.service.get_message(&caller.actor, &room.0, &message.0).await?;
        let receipts = people.into_iter().map(|(candidate, person)| {
            let receipt = view.letter.receipt(&candidate);
            MessageReceipt {
                candidate,
                name: person.name,
                seat: person.seat,
                delivered_at: at(receipt.delivered_ms),
                seen_at: at(receipt.seen_ms),
            }
        });
        Ok(Json(MessageDetail { receipts: receipts.collect(), message: view.into() }))
    }

    /// Withdraw a message.
    ///
    /// By whoever sent it, by the owner of the exam or by an administrator. A repeat changes nothing.
    #[oai(path = "/rooms/:room/messages/:message", method = "delete", operation_id = "withdraw_message")]
    async fn withdraw_message(&self, caller: Caller, room: Path<RoomId>, message: Path<MessageId>) -> Reply<Done> {
        caller.service.withdraw_message(&caller.actor, &room.0, &message.0).await?;
        Ok(Done::Done)
    }

    /// Write to the staff.
    ///
    /// From a candidate. It is in the list of `GET /me/messages`, where `read_at` says when one of the staff has read it.
    #[oai(path = "/rooms/:room/candidates/me/messages", method = "post", operation_id = "write_to_staff")]
    async fn write_to_staff(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        /// Makes a repeat harmless: it is the same message.
        #[oai(name = "Idempotency-Key")]
        key: Header<Option<String>>,
        body: Body<NewNote>,
    ) -> Reply<Created<MessageSent>> {
        let received_ms = caller.service.now();
        let actor = caller.candidate(&room.0).await?;
        let sent = caller.service.write_to_staff(&actor, &body.0.text, received_ms, key.0.as_deref()).await?;
        Ok(made(&format!("{}/me/messages", super::BASE), sent))
    }
}
