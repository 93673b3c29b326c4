//! Messages and the hand: what came, what is written and not settled yet.

use std::sync::Arc;
use std::time::Duration;

use super::Machine;
use crate::client::sitter::{Event, Record};
use crate::protocol::{ClientFrame, HandFrame, IncidentFrame, MessageFrame, RefusedFrame, SavedItem};

/// Words to the staff that are not settled.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pen: i64,
    seq: i64,
    text: String,
}

impl Machine {
    /// An incident that the person sees, or sees no more.
    pub(super) fn on_incident(&mut self, incident: IncidentFrame) {
        let known = Arc::make_mut(&mut self.view.incidents);
        if incident.shown {
            known.insert(incident.id.clone(), incident);
        } else {
            known.remove(&incident.id);
        }
    }

    /// The whole state has come: messages, the hand, and what was written is sent again.
    pub(super) fn on_mail(&mut self, messages: &[MessageFrame], unread: i64, hand: Option<&HandFrame>) {
        let known = Arc::make_mut(&mut self.view.messages);
        known.extend(messages.iter().map(|message| (message.id.clone(), message.clone())));
        self.view.unread = unread;
        self.view.hand = hand.cloned();
        self.write_again();
    }

    pub(super) fn on_message(&mut self, message: MessageFrame) {
        let to_us = message.audience != "staff";
        let new = Arc::make_mut(&mut self.view.messages).insert(message.id.clone(), message.clone()).is_none();
        self.view.unread += i64::from(new && to_us && message.seen_ms.is_none());
        if new {
            self.record(|| Record::Message);
        }
        self.events.push_back(Event::Message(message));
    }

    pub(super) fn on_hand(&mut self, hand: HandFrame) {
        self.view.hand = Some(hand.clone()).filter(|hand| hand.up);
        self.events.push_back(Event::Hand(hand));
    }

    /// Gives words their number and sends them; without a pen they are not taken.
    pub(super) fn write(&mut self, text: String) {
        let (Some(pen), Some(seq)) = (self.outbox.pen(), self.outbox.number()) else {
            return self.events.push_back(Event::NotWritten { text, code: "no_pen".to_owned() });
        };
        self.written.push(Written { pen, seq, text: text.clone() });
        self.say(ClientFrame::Message { seq, text });
    }

    /// What is not settled goes out again; under another pen it has another number.
    pub(super) fn write_again(&mut self) {
        let Some(pen) = self.outbox.pen() else { return };
        for mut one in std::mem::take(&mut self.written) {
            if one.pen != pen {
                let Some(seq) = self.outbox.number() else { continue };
                (one.pen, one.seq) = (pen, seq);
            }
            self.say(ClientFrame::Message { seq: one.seq, text: one.text.clone() });
            self.written.push(one);
        }
    }

    /// Whether a `saved` was for words.
    pub(super) fn is_written(&mut self, pen: i64, item: &SavedItem) -> bool {
        let Some(at) = self.written.iter().position(|one| (one.pen, one.seq) == (pen, item.seq)) else { return false };
        let Written { text, .. } = self.written.remove(at);
        self.events.push_back(Event::Written { text, sent_ms: item.received_ms });
        true
    }

    /// Whether a `refused` was for words.
    pub(super) fn is_not_written(&mut self, refused: &RefusedFrame, now: Duration) -> bool {
        let Some(at) = self.written.iter().position(|one| (one.pen, one.seq) == (refused.pen, refused.seq)) else { return false };
        if refused.retry {
            self.retry_later(now);
        } else {
            let Written { text, .. } = self.written.remove(at);
            self.events.push_back(Event::NotWritten { text, code: refused.code.clone() });
        }
        true
    }

    /// The person has read messages.
    pub(super) fn read(&mut self, ids: Vec<String>) {
        let messages = Arc::make_mut(&mut self.view.messages);
        for id in &ids {
            if let Some(message) = messages.get_mut(id).filter(|message| message.seen_ms.is_none()) {
                // Only that it was read matters here; when is the server's to say.
                message.seen_ms = Some(message.sent_ms);
                self.view.unread = (self.view.unread - 1).max(0);
            }
        }
        self.say(ClientFrame::Seen { rev: None, messages: Some(ids) });
    }
}
