//! What changed in a room since the delta before. Its text is made once per kind of reader, by the first who needs it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, UserId};
use crate::domain::incident::Incident;
use crate::domain::message::{Audience, Hand, Letter, Sender, Tally};
use crate::domain::status::{Counts, Delivery, Person, RoomClock, Row, Status};
use crate::limits;

/// How many kinds of readers there are: data, and pages in each language.
pub const READERS: usize = 3;

/// What changed.
#[derive(Debug)]
pub struct Delta {
    /// Last + 1.
    pub seq: i64,
    /// Trusted time.
    pub now_ms: Ms,
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// How many are in each state.
    pub counts: Counts,
    /// How far the last changes of time have come, the newest first.
    pub deliveries: Vec<Delivery>,
    /// Who the events and the delivery speak of.
    pub people: BTreeMap<CandidateId, Person>,
    /// Names of the accounts that the events speak of.
    pub staff: BTreeMap<UserId, String>,
    /// Rows that changed.
    pub rows: Vec<(CandidateId, Row)>,
    /// Messages that changed, oldest first, and how far each has come.
    pub letters: Vec<(Arc<Letter>, Tally)>,
    /// Incidents that changed, oldest first.
    pub incidents: Vec<Arc<Incident>>,
    /// Every hand that is up, the one that waits longest first.
    pub hands: Vec<(CandidateId, Hand)>,
    /// What happened, oldest first.
    pub feed: Vec<Event>,
    texts: [OnceLock<Arc<str>>; READERS],
}

impl Delta {
    /// What a watcher needs of a status: these rows and these events; without texts yet.
    pub fn new(
        seq: i64,
        now_ms: Ms,
        clock: &Arc<RoomClock>,
        status: &Status,
        rows: Vec<(CandidateId, Row)>,
        (letters, incidents): (Vec<Arc<Letter>>, Vec<Arc<Incident>>),
        feed: Vec<Event>,
    ) -> Self {
        let deliveries = status.deliveries(clock);
        let letters: Vec<_> = letters.into_iter().map(|letter| (letter.clone(), status.tally(&letter))).collect();
        let hands = status.hands();
        let spoken = feed
            .iter()
            .filter_map(|e| e.candidate.as_ref())
            .chain(deliveries.iter().flat_map(|d| d.missing.iter().take(limits::NAMED_MISSING)));
        let spoken = spoken.chain(letters.iter().flat_map(|(letter, tally)| tally.missing.iter().chain(named(letter))));
        let spoken = spoken.chain(hands.iter().map(|(id, _)| id));
        let spoken = spoken.chain(incidents.iter().filter_map(|incident| incident.candidate.as_ref()));
        let people = spoken.filter_map(|id| status.rows.get(id).map(|row| (id.clone(), row.person.clone()))).collect();
        let accounts = feed.iter().flat_map(Event::accounts);
        let staff = accounts.filter_map(|id| status.staff.get(id).map(|name| (id.clone(), name.clone()))).collect();
        let counts = status.counts(clock, now_ms);
        Self {
            seq,
            now_ms,
            clock: clock.clone(),
            counts,
            deliveries,
            people,
            staff,
            rows,
            letters,
            incidents,
            hands,
            feed,
            texts: Default::default(),
        }
    }
    /// The text for one kind of reader, made once.
    pub fn text(&self, reader: usize, make: impl FnOnce(&Self) -> String) -> Option<Arc<str>> {
        self.texts.get(reader).map(|cell| cell.get_or_init(|| make(self).into()).clone())
    }
}

/// Candidates whose names a message shows: who wrote it, and the first of a selection.
fn named(letter: &Letter) -> Vec<&CandidateId> {
    let writer = if let Sender::Candidate(id) = &letter.sender { Some(id) } else { None };
    let selection = if let Audience::Some(ids) = &letter.audience { Some(ids.iter().take(limits::NAMED_MISSING)) } else { None };
    writer.into_iter().chain(selection.into_iter().flatten()).collect()
}
