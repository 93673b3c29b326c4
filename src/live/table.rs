//! A room's table: the fold of what happened, and what of it watchers have not been told yet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::delta::Delta;
use super::signs::{Looked, Signs};
use super::{FEED, LiveRoom, lock};
use crate::domain::Ms;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, IncidentId, MessageId, UserId};
use crate::domain::incident::Incident;
use crate::domain::message::Letter;
use crate::domain::status::{Folded, RoomClock, Status};

/// The room's table.
#[derive(Debug, Clone)]
pub struct Table {
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// One row a candidate.
    pub status: Status,
    /// What happened lately, oldest first.
    pub feed: VecDeque<Event>,
    pub(super) dirty: BTreeSet<CandidateId>,
    pub(super) head_dirty: bool,
    pub(super) mail_dirty: BTreeSet<MessageId>,
    pub(super) case_dirty: BTreeSet<IncidentId>,
    /// What rules have to look at, since when they looked last.
    pub(super) signs: Signs,
    /// What rules have looked at already.
    pub(super) looked: Looked,
    /// Who asked for the teacher's eye when last looked.
    pub(super) troubled: BTreeSet<CandidateId>,
    pub(super) fresh_feed: Vec<Event>,
    pub(super) seq: i64,
}

impl LiveRoom {
    /// Messages that `events` speak of and whose words are not here.
    pub fn lacks(&self, events: &[Event]) -> Vec<MessageId> {
        let sent = |event: &Event| if let Body::MessageSent { message, .. } = &event.body { Some(message.clone()) } else { None };
        self.read(|table| events.iter().filter_map(sent).filter(|id| table.status.mail.get(id).is_none()).collect())
            .unwrap_or_default()
    }

    /// Incidents that `events` speak of and that are older here.
    pub fn lacks_incidents(&self, events: &[Event]) -> Vec<IncidentId> {
        let newer = |table: &Table, event: &Event| match &event.body {
            Body::IncidentChanged { incident, incident_rev, .. } => {
                (table.status.cases.rev(incident) < *incident_rev).then(|| incident.clone())
            }
            _ => None,
        };
        let lacking = self.read(|table| events.iter().filter_map(|event| newer(table, event)).collect::<BTreeSet<_>>());
        lacking.unwrap_or_default().into_iter().collect()
    }

    /// Accounts that `events` speak of and whose names are not here.
    pub fn lacks_names(&self, events: &[Event]) -> Vec<UserId> {
        let lacking = self.read(|table| {
            let accounts = events.iter().filter(|event| !event.body.is_routine()).flat_map(Event::accounts);
            accounts.filter(|id| !table.status.staff.contains_key(id)).cloned().collect::<BTreeSet<_>>()
        });
        lacking.unwrap_or_default().into_iter().collect()
    }

    /// Takes names as they were read.
    pub fn take_names(&self, names: Vec<(UserId, String)>) {
        if let Some(table) = &mut lock(&self.state).table {
            table.status.staff.extend(names);
        }
    }

    /// Takes incidents as they were read.
    pub fn take_incidents(&self, incidents: &[Arc<Incident>]) {
        if let Some(table) = &mut lock(&self.state).table {
            for incident in incidents {
                table.status.put_incident(incident);
            }
        }
    }

    /// Takes messages as they were read.
    pub fn take_letters(&self, letters: &[Arc<Letter>]) {
        if let Some(table) = &mut lock(&self.state).table {
            for letter in letters {
                table.status.mail.put(letter);
            }
        }
    }
}

impl Table {
    /// A table that nobody follows: a room as it was.
    pub fn still(clock: RoomClock, status: Status, feed: Vec<Event>) -> Self {
        Self::read(clock, status, feed, None)
    }

    /// What was read from the store in place of what was here, which watchers go on following. `feed` is what happened lately, oldest first:
    /// what is new of it was not heard when it happened.
    pub(super) fn read(clock: RoomClock, status: Status, feed: Vec<Event>, was: Option<Self>) -> Self {
        let everybody = || status.rows.keys().cloned().collect();
        let clock = Arc::new(clock);
        let Some(was) = was else {
            let (dirty, feed) = (everybody(), VecDeque::from(feed));
            return Self {
                clock,
                status,
                feed,
                dirty,
                head_dirty: true,
                mail_dirty: BTreeSet::new(),
                case_dirty: BTreeSet::new(),
                signs: Signs { back: true, ..Signs::default() },
                looked: Looked::default(),
                troubled: BTreeSet::new(),
                fresh_feed: Vec::new(),
                seq: 0,
            };
        };
        // A change that came while this was read is not taken back.
        let clock = if was.clock.rev > clock.rev { was.clock.clone() } else { clock };
        let mut dirty = if clock == was.clock { was.dirty } else { everybody() };
        dirty.extend(status.rows.iter().filter(|(id, row)| was.status.rows.get(*id) != Some(*row)).map(|(id, _)| id.clone()));
        // What came meanwhile may be more than what was read; of two copies of a message the facts of both hold.
        let mut status = status;
        let mut mail_dirty = status.mail.merge(&was.status.mail);
        mail_dirty.extend(was.mail_dirty);
        for incident in was.status.cases.all() {
            status.put_incident(incident);
        }
        for (id, name) in was.status.staff {
            status.staff.entry(id).or_insert(name);
        }
        let mut case_dirty = was.case_dirty;
        case_dirty.extend(status.cases.all().filter(|i| was.status.cases.rev(&i.id) < i.rev).map(|i| i.id.clone()));
        let head_dirty = was.head_dirty
            || !mail_dirty.is_empty()
            || !case_dirty.is_empty()
            || !dirty.is_empty()
            || was.status.rows.len() != status.rows.len();
        let mut table = Self {
            clock,
            status,
            dirty,
            head_dirty,
            mail_dirty,
            case_dirty,
            signs: was.signs,
            looked: was.looked,
            troubled: was.troubled,
            feed: was.feed,
            fresh_feed: was.fresh_feed,
            seq: was.seq,
        };
        let oldest = table.feed.front().map(|event| event.id.clone());
        for event in feed.into_iter().filter(|event| Some(&event.id) > oldest.as_ref()) {
            table.tell(&event);
        }
        table
    }

    /// Takes a newer clock; an older one is ignored.
    pub(super) fn set_clock(&mut self, clock: RoomClock) {
        if clock.rev > self.clock.rev || clock.ended_ms != self.clock.ended_ms || clock.rev == 0 {
            self.clock = Arc::new(clock);
            self.dirty = self.status.rows.keys().cloned().collect();
            self.head_dirty = true;
        }
    }

    /// The whole table as a watcher's first frame; its seq is that of the last delta.
    pub fn snapshot(&self, now: Ms) -> Delta {
        let rows = self.status.rows.iter().map(|(id, row)| (id.clone(), row.clone())).collect();
        let letters = self.status.mail.letters().cloned().collect();
        let incidents = self.status.cases.all().cloned().collect();
        Delta::new(self.seq, now, &self.clock, &self.status, rows, (letters, incidents), self.feed.iter().cloned().collect())
    }

    pub(super) fn fold(&mut self, event: &Event) -> Folded {
        self.note_sign(event);
        let folded = self.status.fold(&self.clock, event);
        match &folded {
            Folded::Row(candidate) => drop(self.dirty.insert(candidate.clone())),
            Folded::Mail(touched) => self.mail_dirty.extend(touched.messages.iter().cloned()),
            Folded::Room | Folded::Nothing => {}
        }
        if let (Body::IncidentChanged { incident, .. }, Folded::Row(_) | Folded::Room) = (&event.body, &folded) {
            self.case_dirty.insert(incident.clone());
            self.head_dirty = true;
        }
        if let (Body::CandidateEnded { .. }, Folded::Row(candidate)) = (&event.body, &folded) {
            // Who has ended is not waited for any more.
            let waited = |letter: &&Arc<Letter>| letter.is_for(candidate) && letter.receipt(candidate).delivered_ms.is_none();
            self.mail_dirty.extend(self.status.mail.letters().filter(waited).map(|letter| letter.id.clone()));
        }
        if folded != Folded::Nothing && !event.body.is_routine() {
            self.tell(event);
        }
        folded
    }

    /// Tells watchers what happened, once.
    fn tell(&mut self, event: &Event) {
        if self.feed.iter().any(|other| other.id == event.id) {
            return;
        }
        self.feed.push_back(event.clone());
        self.fresh_feed.push(event.clone());
        while self.feed.len() > FEED {
            self.feed.pop_front();
        }
    }
}
