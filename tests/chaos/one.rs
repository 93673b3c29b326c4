//! One candidate with a bare socket, who sees every frame.

use invigil::client::channel::{Channel, Incoming};
use invigil::client::rest::Entry;
use invigil::protocol::{AnswerFrame, ClientFrame, RefusedFrame, SavedItem, ServerFrame};
use serde_json::json;

use crate::load::SOON;
use crate::support::room::Room;

/// A candidate's socket.
pub struct One {
    pub entry: Entry,
    channel: Channel,
}

/// What became of an answer.
#[derive(Debug)]
pub enum Settled {
    Saved(SavedItem),
    Refused(RefusedFrame),
}

impl One {
    /// The last candidate of the roster, who sits for nobody else.
    pub async fn enter(room: &Room) -> Self {
        let (_, code) = room.codes.last().expect("a candidate");
        let entry = room.staff.enter(code).await.expect("let in");
        let channel = Channel::open(&entry.rest, None, None).await.expect("a socket");
        let mut one = Self { entry, channel };
        while !matches!(one.next().await, ServerFrame::Paper { .. }) {}
        one
    }

    /// Sends an answer and waits until it is settled.
    pub async fn answer(&mut self, seq: i64, value: &str, proof: Option<String>) -> Settled {
        let frame = AnswerFrame { seq, question: "q1".to_owned(), value: json!(value), pen: None, proof };
        self.channel.send(&ClientFrame::Answer(frame)).await.expect("a socket that takes it");
        loop {
            match self.next().await {
                ServerFrame::Saved { items, .. } => {
                    if let Some(item) = items.into_iter().find(|item| item.seq == seq) {
                        return Settled::Saved(item);
                    }
                }
                ServerFrame::Refused(refused) if refused.seq == seq => return Settled::Refused(refused),
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> ServerFrame {
        loop {
            match tokio::time::timeout(SOON, self.channel.next()).await.expect("a frame in time") {
                Incoming::Frame(frame) => return frame,
                Incoming::Closed(code) => panic!("the socket was closed with {code:?}"),
                Incoming::Unknown(_) | Incoming::Life => {}
            }
        }
    }
}
