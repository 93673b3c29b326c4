//! Messages of a room: announcements, words to one, words to staff; who has them, who has seen them. And raised hands.
//!
//! A letter never changes but for facts that are added once: withdrawn, delivered, seen, removed. So two copies of one letter, read at
//! different times, have a union, and that is the newer one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Ms;
use super::event::Body;
use super::ids::{CandidateId, MessageId, UserId};
use crate::limits;

/// For whom a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every candidate of the room, also those who come later.
    Room,
    /// These candidates.
    Some(BTreeSet<CandidateId>),
    /// Staff of the room, from a candidate.
    Staff,
}

impl Audience {
    /// The word as stored and sent.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Some(_) => "selection",
            Self::Staff => "staff",
        }
    }
    /// The selection, for the timeline.
    pub fn selection(&self) -> Option<Vec<CandidateId>> {
        if let Self::Some(ids) = self { Some(ids.iter().cloned().collect()) } else { None }
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A member of staff.
    User(UserId),
    /// A candidate.
    Candidate(CandidateId),
}

/// How far a message has come with one candidate. Unix ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipt {
    /// When it was known to be on the device.
    pub delivered_ms: Option<Ms>,
    /// When the person confirmed it.
    pub seen_ms: Option<Ms>,
    /// When the person took it off the own list.
    pub removed_ms: Option<Ms>,
}

impl Receipt {
    /// Both together: each fact as it was known first.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            delivered_ms: first(self.delivered_ms, other.delivered_ms),
            seen_ms: first(self.seen_ms, other.seen_ms),
            removed_ms: first(self.removed_ms, other.removed_ms),
        }
    }
}

/// The earlier of two instants of which either may be unknown.
fn first(a: Option<Ms>, b: Option<Ms>) -> Option<Ms> {
    a.into_iter().chain(b).min()
}

/// A message with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub sender: Sender,
    /// The writer's name.
    pub author: String,
    /// For whom.
    pub audience: Audience,
    /// What it says.
    pub text: String,
    /// When the server took it, Unix ms.
    pub sent_ms: Ms,
    /// When it was withdrawn, Unix ms.
    pub withdrawn_ms: Option<Ms>,
    /// Candidates' receipts.
    pub receipts: BTreeMap<CandidateId, Receipt>,
    /// Of what a candidate wrote: when the first of the staff confirmed it, Unix ms.
    pub read_ms: Option<Ms>,
}

impl Letter {
    /// Whether a candidate is among those whom it is for.
    pub fn is_for(&self, candidate: &CandidateId) -> bool {
        match &self.audience {
            Audience::Room => true,
            Audience::Some(ids) => ids.contains(candidate),
            Audience::Staff => false,
        }
    }
    /// Whether a candidate wrote it.
    pub fn is_from(&self, candidate: &CandidateId) -> bool {
        self.sender == Sender::Candidate(candidate.clone())
    }
    /// How far it has come with a candidate.
    pub fn receipt(&self, candidate: &CandidateId) -> Receipt {
        self.receipts.get(candidate).copied().unwrap_or_default()
    }
    /// Whether it waits for staff to look at it.
    pub fn is_unread(&self) -> bool {
        self.audience == Audience::Staff && self.read_ms.is_none() && self.withdrawn_ms.is_none()
    }
    /// How far it has come with those whom it is for. `everybody` names the candidates of the room and says of each whether they have
    /// ended: who had ended before a word to the room came is not waited for.
    pub fn tally<'a>(&self, everybody: impl Iterator<Item = (&'a CandidateId, bool)>) -> Tally {
        let mut tally = Tally::default();
        for (id, ended) in everybody.filter(|(id, _)| self.is_for(id)) {
            let receipt = self.receipt(id);
            if ended && receipt.delivered_ms.is_none() && self.audience == Audience::Room {
                continue;
            }
            tally.total += 1;
            tally.seen += i64::from(receipt.seen_ms.is_some());
            if receipt.delivered_ms.is_some() {
                tally.delivered += 1;
            } else if tally.missing.len() < limits::NAMED_MISSING {
                tally.missing.push(id.clone());
            }
        }
        tally
    }
    /// Adds what another copy knows. Whether that was news.
    fn learn(&mut self, other: &Self) -> bool {
        let before = (self.withdrawn_ms, self.read_ms);
        self.withdrawn_ms = first(self.withdrawn_ms, other.withdrawn_ms);
        self.read_ms = first(self.read_ms, other.read_ms);
        let mut news = before != (self.withdrawn_ms, self.read_ms);
        for (id, receipt) in &other.receipts {
            news |= self.note(id, *receipt);
        }
        news
    }
    fn note(&mut self, candidate: &CandidateId, receipt: Receipt) -> bool {
        let known = self.receipts.entry(candidate.clone()).or_default();
        let both = known.with(receipt);
        let news = *known != both;
        *known = both;
        news
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whom it is for.
    pub total: i64,
    /// On whose device it is.
    pub delivered: i64,
    /// Who has confirmed it.
    pub seen: i64,
    /// The first of those who do not have it yet.
    pub missing: Vec<CandidateId>,
}

/// What an event about messages touches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// The messages that are another now.
    pub messages: Vec<MessageId>,
    /// Whose pages look again.
    pub candidates: Vec<CandidateId>,
    /// Every page looks again.
    pub everybody: bool,
}

/// The newest messages of a room.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    letters: BTreeMap<MessageId, Arc<Letter>>,
    version: u64,
}

impl Mail {
    /// Another one whenever there is something to tell candidates: a message, a withdrawal, a reading by staff. Receipts are no news to
    /// those who gave them.
    pub fn version(&self) -> u64 {
        self.version
    }
    /// Takes the place of another copy, whose facts hold too; which messages are others now.
    pub fn merge(&mut self, other: &Self) -> BTreeSet<MessageId> {
        other.letters.values().for_each(|letter| self.put(letter));
        let other_now = |(id, letter): &(&MessageId, &Arc<Letter>)| other.letters.get(*id) != Some(*letter);
        let changed: BTreeSet<MessageId> = self.letters.iter().filter(other_now).map(|(id, _)| id.clone()).collect();
        self.version = other.version + u64::from(!changed.is_empty());
        changed
    }
    /// All of them, oldest first.
    pub fn letters(&self) -> impl DoubleEndedIterator<Item = &Arc<Letter>> {
        self.letters.values()
    }
    /// One of them.
    pub fn get(&self, id: &MessageId) -> Option<&Arc<Letter>> {
        self.letters.get(id)
    }
    /// Those for or from a candidate, oldest first, without what it took off its list.
    pub fn of(&self, candidate: &CandidateId) -> Vec<Arc<Letter>> {
        let own = |letter: &&Arc<Letter>| {
            (letter.is_for(candidate) || letter.is_from(candidate)) && letter.receipt(candidate).removed_ms.is_none()
        };
        self.letters().filter(own).cloned().collect()
    }
    /// How many wait for staff.
    pub fn unread(&self) -> i64 {
        i64::try_from(self.letters().filter(|letter| letter.is_unread()).count()).unwrap_or(i64::MAX)
    }
    /// Adds a letter as it was read, or what it knows beyond the one that is here. The oldest goes when there are too many.
    pub fn put(&mut self, letter: &Arc<Letter>) {
        let news = match self.letters.get_mut(&letter.id) {
            Some(known) => Arc::make_mut(known).learn(letter),
            None => self.letters.insert(letter.id.clone(), letter.clone()).is_none(),
        };
        self.version += u64::from(news);
        while self.letters.len() > limits::LIVE_MESSAGES {
            self.letters.pop_first();
        }
    }
    /// Folds an event about messages; again it changes nothing. `at_ms` and `candidate` are the event's.
    pub fn fold(&mut self, body: &Body, at_ms: Ms, candidate: Option<&CandidateId>, by_user: bool) -> Touched {
        match body {
            Body::MessageSent { message, .. } => self.touch(std::slice::from_ref(message), |_| true),
            Body::MessageWithdrawn { message } => self.touch(std::slice::from_ref(message), |letter| {
                let news = letter.withdrawn_ms.is_none();
                letter.withdrawn_ms = first(letter.withdrawn_ms, Some(at_ms));
                news
            }),
            Body::MessageSeen { messages } if by_user => self.touch(messages, |letter| {
                let news = letter.read_ms.is_none();
                letter.read_ms = first(letter.read_ms, Some(at_ms));
                news
            }),
            Body::MessageDelivered { messages } => self.receive(messages, candidate, delivered(at_ms)),
            Body::MessageSeen { messages } => {
                self.receive(messages, candidate, Receipt { seen_ms: Some(at_ms), ..delivered(at_ms) })
            }
            Body::MessageRemoved { messages } => {
                self.receive(messages, candidate, Receipt { removed_ms: Some(at_ms), ..Receipt::default() })
            }
            _ => Touched::default(),
        }
    }

    fn receive(&mut self, messages: &[MessageId], candidate: Option<&CandidateId>, receipt: Receipt) -> Touched {
        let Some(candidate) = candidate else { return Touched::default() };
        let version = self.version;
        let mut touched = self.touch(messages, |letter| letter.is_for(candidate) && letter.note(candidate, receipt));
        self.version = version;
        // A receipt is no news to anybody's page but the staff's.
        touched.everybody = false;
        touched.candidates.clear();
        touched
    }

    /// Changes letters and says whose pages look again.
    fn touch(&mut self, messages: &[MessageId], mut change: impl FnMut(&mut Letter) -> bool) -> Touched {
        let mut touched = Touched::default();
        for id in messages {
            let Some(letter) = self.letters.get_mut(id) else { continue };
            let letter = Arc::make_mut(letter);
            if !change(letter) {
                continue;
            }
            touched.messages.push(id.clone());
            self.version += 1;
            match (&letter.audience, &letter.sender) {
                (Audience::Room, _) => touched.everybody = true,
                (Audience::Some(ids), _) => touched.candidates.extend(ids.iter().cloned()),
                (Audience::Staff, Sender::Candidate(id)) => touched.candidates.push(id.clone()),
                (Audience::Staff, Sender::User(_)) => {}
            }
        }
        touched
    }
}

fn delivered(at_ms: Ms) -> Receipt {
    Receipt { delivered_ms: Some(at_ms), ..Receipt::default() }
}

/// A raised hand. Unix ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    /// Since when it is up.
    pub raised_ms: Ms,
    /// When one of the staff said that they are coming.
    pub answered_ms: Option<Ms>,
}

/// What somebody does about a hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandMove {
    /// The candidate raises it.
    Raise,
    /// One of the staff is coming.
    Answer,
    /// It goes down: the candidate lowers it, or staff are done.
    Lower,
}

/// What becomes of a hand, and the event that says so; None: it is so already.
pub fn move_hand(hand: Option<Hand>, wish: HandMove, at_ms: Ms) -> (Option<Hand>, Option<Body>) {
    match (wish, hand) {
        (HandMove::Raise, None) => {
            (Some(Hand { raised_ms: at_ms, answered_ms: None }), Some(Body::HandRaised { raised_ms: at_ms }))
        }
        (HandMove::Answer, Some(hand)) if hand.answered_ms.is_none() => {
            (Some(Hand { answered_ms: Some(at_ms), ..hand }), Some(Body::HandAnswered { answered_ms: at_ms }))
        }
        (HandMove::Lower, Some(_)) => (None, Some(Body::HandLowered)),
        (_, hand) => (hand, None),
    }
}

#[cfg(test)]
mod tests;
