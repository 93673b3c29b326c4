//! The own messages: a candidate's, and for staff what candidates wrote to their rooms.

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::messages::{MessageAudience, MessageAuthor, MessageOutcome, ids};
use super::problem::Reply;
use super::replies::{All, Wanted};
use super::types::{At, Body, at, count};
use crate::domain::ids::{MessageId, RoomId};
use crate::service::inbox::Mark;
use crate::store::messages::OwnMessage;

pub(super) struct Inbox;

/// A message as its receiver finds it.
#[derive(Object)]
struct MyMessage {
    /// Its id; ids sort by time.
    id: MessageId,
    /// Room.
    room: RoomId,
    /// For whom it is; `staff`: what a candidate wrote.
    audience: MessageAudience,
    /// Who wrote it.
    author: MessageAuthor,
    /// What it says: plain text.
    text: String,
    /// When it was sent.
    sent_at: At,
    /// When it was withdrawn: it holds no more.
    withdrawn_at: Option<At>,
    /// When it was known to be on the reader's device.
    delivered_at: Option<At>,
    /// When the reader confirmed it.
    seen_at: Option<At>,
    /// Of what a candidate wrote: when the first of the staff confirmed it.
    read_at: Option<At>,
}

impl From<OwnMessage> for MyMessage {
    fn from(m: OwnMessage) -> Self {
        Self {
            id: m.id,
            room: m.room_id,
            audience: MessageAudience::of(&m.audience),
            author: MessageAuthor { user: m.by_user, candidate: m.by_candidate, name: m.author },
            text: m.body,
            sent_at: At(m.sent_ms),
            withdrawn_at: at(m.withdrawn_ms),
            delivered_at: at(m.delivered_ms),
            seen_at: at(m.seen_ms),
            read_at: at(m.read_ms),
        }
    }
}

/// A page of the own messages.
#[derive(Object)]
struct MyMessages {
    /// Newest first.
    items: Vec<MyMessage>,
    /// Pass it as `after` for the next page; null on the last one.
    next: Option<String>,
    /// Of all of them: how many are not confirmed yet.
    unread: i64,
}

/// How far messages have come.
#[derive(Enum)]
#[oai(rename_all = "snake_case")]
enum MarkedAs {
    /// They are on the device.
    Delivered,
    /// The person has read them.
    Seen,
}

/// Messages to be marked.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct MarkCommand {
    /// Which; absent: all of them.
    #[oai(validator(max_items = 200))]
    messages: Option<Vec<MessageId>>,
    /// As what.
    state: MarkedAs,
}

/// What marking came to.
#[derive(Object)]
struct Marked {
    /// How many were marked; those that were so already are not among them.
    marked: i64,
    /// How many are not confirmed yet.
    unread: i64,
}

#[OpenApi(tag = "Tag::Messages")]
impl Inbox {
    /// List the own messages.
    ///
    /// A candidate finds what is for it and what it wrote, staff find what candidates wrote to their rooms. Reading the list marks
    /// nothing: say with `PATCH` what has arrived and what was read.
    #[oai(path = "/me/messages", method = "get", operation_id = "list_my_messages")]
    async fn list_my_messages(
        &self,
        caller: Caller,
        /// Only of this room. An account of role student has to name it.
        room: Query<Option<RoomId>>,
        /// Items on a page, 1 to 200; 50 when absent.
        limit: Query<Option<i64>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Reply<Json<MyMessages>> {
        let wanted = Wanted::new(limit.0, after.0)?;
        let (found, unread) =
            caller.service.list_my_messages(&caller.actor, room.0.as_ref(), &wanted.after, wanted.read()).await?;
        let (items, next) = wanted.page(found, |m| m.id.to_string(), MyMessage::from).parts();
        Ok(Json(MyMessages { items, next, unread }))
    }

    /// Mark the own messages.
    ///
    /// As delivered or as seen, one, many or all. What is marked already, and what is not on the list, is left out.
    #[oai(path = "/me/messages", method = "patch", operation_id = "mark_my_messages")]
    async fn mark_my_messages(
        &self,
        caller: Caller,
        /// Only of this room. An account of role student has to name it.
        room: Query<Option<RoomId>>,
        body: Body<MarkCommand>,
    ) -> Reply<Json<Marked>> {
        let MarkCommand { messages, state } = body.0;
        let mark = match state {
            MarkedAs::Delivered => Mark::Delivered,
            MarkedAs::Seen => Mark::Seen,
        };
        let (marked, unread) = caller.service.mark_my_messages(&caller.actor, room.0.as_ref(), messages.as_deref(), mark).await?;
        Ok(Json(Marked { marked: count(marked), unread }))
    }

    /// Take messages off the own list.
    ///
    /// The sender and everybody else keep theirs. What a candidate wrote itself is withdrawn by this.
    #[oai(path = "/me/messages", method = "delete", operation_id = "remove_my_messages")]
    async fn remove_my_messages(
        &self,
        caller: Caller,
        /// Only of this room. An account of role student has to name it.
        room: Query<Option<RoomId>>,
        /// Ids with commas between them, 200 at most.
        ids: Query<String>,
    ) -> Reply<Json<All<MessageOutcome>>> {
        let lines = caller.service.remove_my_messages(&caller.actor, room.0.as_ref(), &self::ids(&ids.0)?).await?;
        Ok(Json(All { items: lines.into_iter().map(MessageOutcome::from).collect() }))
    }
}
