//! Messages and the hand: what the page knows of them, what it has proven to have, what is still to be noted.

use std::collections::HashMap;
use std::str::FromStr;

use super::{Candidate, Command, Output};
use crate::channel::words::{error_frame, hand_frame, message_frame};
use crate::domain::Ms;
use crate::domain::ids::MessageId;
use crate::domain::message::{Audience, Hand, Letter};
use crate::error::{Code, Error};
use crate::limits;
use crate::live::Look;
use crate::protocol::{MessageFrame, ServerFrame, Welcome};
use crate::service::inbox;

/// What a ping carries and its pong proves: the rev of the clock, and how many messages had been sent on this connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Rev.
    pub rev: i64,
    /// Messages.
    pub mail: i64,
}

impl Mark {
    /// From a pong; a rev alone is one of before.
    pub fn parse(text: &str) -> Option<Self> {
        let (rev, mail) = text.split_once(' ').unwrap_or((text, "0"));
        Some(Self { rev: rev.parse().ok()?, mail: mail.parse().ok()? })
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rev, self.mail)
    }
}

/// What a page was told of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    withdrawn: bool,
    /// Of the candidate's own words: staff have read them.
    read: bool,
    /// They are the candidate's own words.
    own: bool,
}

impl State {
    fn of(message: &MessageFrame) -> Self {
        let own = message.audience == Audience::Staff.as_str();
        Self { withdrawn: message.withdrawn_ms.is_some(), read: message.read_ms.is_some(), own }
    }
}

/// What the page was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Of which mail.
    version: Option<u64>,
    messages: HashMap<MessageId, State>,
    /// The oldest message of a `welcome` that had no room for all: those before it are to be asked for.
    oldest: Option<MessageId>,
    /// Messages sent on this connection.
    count: i64,
    /// Those whose coming is not proven, with the count after each.
    unproven: Vec<(i64, MessageId)>,
    /// What the person has read and could not be stored yet.
    unseen: Vec<MessageId>,
    hand: Option<(Hand, i64)>,
}

impl Candidate {
    /// The version of the mail that the page has.
    pub fn mail_version(&self) -> Option<u64> {
        self.mail.version
    }

    /// What the next ping carries.
    pub fn mark(&self) -> Mark {
        Mark { rev: self.rev_pinged, mail: self.mail.count }
    }

    /// A `welcome` brings messages and the hand along.
    pub(super) fn welcomed_mail(&mut self, welcome: &Welcome) {
        let full = i64::try_from(welcome.messages.len()).is_ok_and(|n| n >= limits::WELCOME_MESSAGES);
        self.mail.version = None;
        self.mail.oldest = welcome.messages.first().filter(|_| full).and_then(|m| MessageId::from_str(&m.id).ok());
        self.mail.hand = welcome.hand.as_ref().and_then(|hand| {
            let known = Hand { raised_ms: hand.raised_ms?, answered_ms: hand.answered_ms };
            Some((known, hand.place?))
        });
        for message in &welcome.messages {
            self.tell(message);
        }
    }

    /// Notes that a message goes out, and that its coming has to be proven.
    fn tell(&mut self, message: &MessageFrame) {
        let Ok(id) = MessageId::from_str(&message.id) else { return };
        self.mail.count += 1;
        let state = State::of(message);
        let known = self.mail.messages.insert(id.clone(), state).is_some();
        if !known && !state.own {
            self.mail.unproven.push((self.mail.count, id));
        }
    }

    /// How messages and the hand stand against what the page knows.
    pub(super) fn look_at_mail(&mut self, look: &Look) -> Vec<Output> {
        if self.version.is_none() || self.waiting.is_some() {
            return Vec::new();
        }
        let mut out = Vec::new();
        if let Some(letters) = &look.mail {
            self.mail.version = Some(look.mail_version);
            for letter in letters {
                out.extend(self.letter(letter));
            }
            if !out.is_empty() {
                out.push(Output::Ping);
            }
        }
        if look.hand != self.mail.hand {
            self.mail.hand = look.hand;
            out.push(Output::Send(Box::new(ServerFrame::Hand(hand_frame(look.hand)))));
        }
        out
    }

    /// A message that the page does not know, or knows otherwise.
    fn letter(&mut self, letter: &Letter) -> Option<Output> {
        let frame = message_frame(letter, &self.id);
        let state = State::of(&frame);
        match self.mail.messages.get(&letter.id) {
            Some(known) if *known == state => return None,
            Some(_) => {}
            // What was withdrawn before it came never comes.
            None if state.withdrawn || self.mail.oldest.as_ref().is_some_and(|oldest| letter.id < *oldest) => return None,
            None => {}
        }
        self.tell(&frame);
        Some(Output::Send(Box::new(ServerFrame::Message(frame))))
    }

    pub(super) fn pong(&mut self, Mark { rev, mail }: Mark) -> Vec<Output> {
        let mut out = self.proven(mail);
        if rev > self.rev_delivered && rev <= self.rev_pinged {
            self.rev_delivered = rev;
            out.push(Output::Do(Command::Delivered(rev)));
        }
        out
    }

    /// A pong came after `count` messages: they are on the device.
    fn proven(&mut self, count: i64) -> Vec<Output> {
        let told = std::mem::take(&mut self.mail.unproven);
        let (proven, open): (Vec<_>, Vec<_>) = told.into_iter().partition(|(at, _)| *at <= count);
        self.mail.unproven = open;
        let proven: Vec<MessageId> = proven.into_iter().map(|(_, id)| id).collect();
        let seen = std::mem::take(&mut self.mail.unseen);
        let lists = [(proven, inbox::Mark::Delivered), (seen, inbox::Mark::Seen)];
        let some = lists.into_iter().filter(|(ids, _)| !ids.is_empty());
        some.map(|(ids, mark)| Output::Do(Command::Received(ids, mark))).collect()
    }

    /// What could not be stored is noted again with a later pong.
    pub(super) fn unreceived(&mut self, ids: Vec<MessageId>, mark: inbox::Mark) -> Vec<Output> {
        match mark {
            inbox::Mark::Seen => self.mail.unseen.extend(ids),
            _ => self.mail.unproven.extend(ids.into_iter().map(|id| (0, id))),
        }
        Vec::new()
    }

    /// The person has seen a change of time, or has read messages: of those only what was sent here is believed.
    pub(super) fn seen(&mut self, rev: Option<i64>, messages: &[String]) -> Vec<Output> {
        let mut out: Vec<Output> = rev.map(|rev| Output::Do(Command::Seen(rev))).into_iter().collect();
        let (known, unknown): (Vec<_>, Vec<_>) = messages
            .iter()
            .map(|id| MessageId::from_str(id).ok().filter(|id| self.mail.messages.get(id).is_some_and(|state| !state.own)))
            .partition(Option::is_some);
        let known: Vec<MessageId> = known.into_iter().flatten().collect();
        if !known.is_empty() {
            self.mail.unproven.retain(|(_, id)| !known.contains(id));
            out.push(Output::Do(Command::Received(known, inbox::Mark::Seen)));
        }
        if !unknown.is_empty() {
            out.push(Output::Send(Box::new(error_frame(self.locale, &Code::NotFound.into(), None, None))));
        }
        out
    }

    /// Words to the staff: numbered like an answer.
    pub(super) fn message(&mut self, seq: i64, text: String, received_ms: Ms) -> Vec<Output> {
        let Some(pen) = self.pen else {
            let error = Error::from(Code::PenHeld);
            return vec![Output::Send(Box::new(error_frame(self.locale, &error, None, Some(seq))))];
        };
        self.in_flight += 1;
        vec![Output::Do(Command::Write { pen, seq, text, received_ms })]
    }
}
