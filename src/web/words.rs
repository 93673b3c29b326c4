//! Messages and the hand on the student's page without a socket, for the page's script. What a socket brings as frames has the same
//! members here.

use poem::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::data;
use super::ask::Ask;
use crate::domain::ids::MessageId;
use crate::domain::message::Hand;
use crate::error::{Error, Result};
use crate::limits;
use crate::service::inbox::{Mark, Postbag};
use crate::store::messages::OwnMessage;

/// A message, as in a `message` frame.
fn message_json(m: &OwnMessage) -> Value {
    let mut members = json!({ "id": m.id, "audience": m.audience, "author": m.author, "text": m.body, "sent_ms": m.sent_ms });
    for (name, at) in [("withdrawn_ms", m.withdrawn_ms), ("seen_ms", m.seen_ms), ("read_ms", m.read_ms)] {
        if let Some(at) = at {
            members[name] = at.into();
        }
    }
    members
}

/// The hand, as in a `hand` frame.
pub(super) fn hand_json(hand: Option<(Hand, i64)>) -> Value {
    let (raised, answered) = (hand.map(|(hand, _)| hand.raised_ms), hand.and_then(|(hand, _)| hand.answered_ms));
    json!({ "up": hand.is_some(), "raised_ms": raised, "answered_ms": answered, "place": hand.map(|(_, place)| place) })
}

/// What a `welcome` says of messages and the hand.
pub(super) fn bag_json(bag: &Postbag) -> (i64, Vec<Value>, Option<Value>) {
    (bag.unread, bag.messages.iter().map(message_json).collect(), bag.hand.map(|hand| hand_json(Some(hand))))
}

/// `GET /sit/{room}/messages`: the newest of the own list, oldest first.
pub(super) async fn messages(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let (unread, messages, _) = bag_json(&ask.web.service.postbag(&visitor.actor).await?);
    Ok(data(&json!({ "unread": unread, "messages": messages })))
}

#[derive(Deserialize)]
struct Words {
    text: String,
    /// Makes a repeat the same message.
    key: String,
}

/// `POST /sit/{room}/messages`: words to the staff.
pub(super) async fn write(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: Words = ask.json()?;
    let sent = ask.web.service.write_to_staff(&visitor.actor, &body.text, ask.read_ms, Some(&body.key)).await?;
    Ok(data(&json!({ "id": sent.id, "sent_ms": sent.sent_ms })))
}

#[derive(Deserialize)]
struct Receipt {
    messages: Vec<MessageId>,
    /// The person has read them; else they are on the device.
    #[serde(default)]
    seen: bool,
}

/// `POST /sit/{room}/messages/mark`.
pub(super) async fn mark(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: Receipt = ask.json()?;
    if body.messages.len() > limits::MESSAGE_BATCH {
        return Err(Error::field("messages", "too_many"));
    }
    let (mark, room) = (if body.seen { Mark::Seen } else { Mark::Delivered }, ask.room()?);
    let (marked, unread) = ask.web.service.mark_my_messages(&visitor.actor, Some(&room), Some(&body.messages), mark).await?;
    Ok(data(&json!({ "marked": marked, "unread": unread })))
}

#[derive(Deserialize)]
struct Wish {
    up: bool,
}

/// `POST /sit/{room}/hand`: up or down.
pub(super) async fn hand(ask: Ask) -> Result<Response> {
    let visitor = ask.sitter().await?;
    let body: Wish = ask.json()?;
    let hand = ask.web.service.set_my_hand(&visitor.actor, body.up, ask.read_ms).await?;
    Ok(data(&hand_json(hand)))
}
