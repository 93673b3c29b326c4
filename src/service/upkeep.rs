//! What happens by itself: the schedule, the deadlines, presence, healing. Each is one pass; `tasks` repeats them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Service;
use super::control::{Command, next_due};
use crate::bus::Message;
use crate::domain::Ms;
use crate::domain::access::Actor;
use crate::domain::clock::{Ended, EndedBy, Facts, Phase, Reason};
use crate::domain::control::Verb;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::status::{RoomClock, Want};
use crate::error::{Code, Error, Result};
use crate::live::LiveRoom;
use crate::store::rooms::{CandidateFact, Plan, RoomFacts, RoomRow};

impl Service {
    /// Looks at every room that is due: starts it by the schedule, ends candidates at their deadlines, ends the room. Returns when to
    /// look again at the latest.
    pub async fn sweep(self: &Arc<Self>) -> Result<Option<Ms>> {
        // Every decision of this pass is for this instant: should the machine sleep in the middle of it, nobody is ended by the time that
        // passed meanwhile.
        let now = self.covered_ms().await?;
        for id in self.store.due_rooms(now).await? {
            if self.pulse.holds(&id) {
                continue;
            }
            if let Err(error) = self.sweep_room(&id, now).await {
                // Somebody changed the room meanwhile, another node perhaps by the same right: the next pass sees the new state.
                if !matches!(error.code, Code::Conflict | Code::ClockMoved) {
                    tracing::error!(room = %id, error = ?error, "sweep.failed");
                }
            }
        }
        Ok(self.store.next_due().await?)
    }

    async fn sweep_room(self: &Arc<Self>, id: &RoomId, now: Ms) -> Result<()> {
        let row = self.store.room(id).await?.ok_or(Code::NotFound)?;
        if row.started_ms.is_none() {
            return self.start_by_schedule(&row, now).await;
        }
        let clock = row.clock(self.store.ledger(id).await?);
        let candidates = self.store.times(id).await?;
        let mut facts: BTreeMap<CandidateId, Facts> = candidates.iter().map(|c| (c.id.clone(), c.facts())).collect();
        let mut plan = Plan { from_rev: row.rev, ..Plan::default() };
        for c in &candidates {
            let Some(ended) = due_end(&clock, &c.id, &c.facts(), now) else { continue };
            facts.entry(c.id.clone()).and_modify(|f| f.ended = Some(ended));
            let event = self.event(id, Some(&c.id), &Actor::Server, Body::ended(ended));
            plan.candidates.push((c.id.clone(), CandidateFact::Ended { ended, on_rev: c.rev }, vec![event]));
        }
        if clock.ledger.room_can_end(&clock.terms, &facts, now) {
            plan.room = RoomFacts { ended_ms: Some(Some(now)), ..RoomFacts::default() };
            plan.events.push(self.event(id, None, &Actor::Server, Body::RoomEnded));
        } else {
            plan.next_due_ms = next_due(&clock, &facts, now);
        }
        if plan.candidates.is_empty() && plan.events.is_empty() {
            return Ok(self.store.set_next_due(&row, plan.next_due_ms).await?);
        }
        plan.room.paused_ms = Some(row.paused_ms);
        self.commit(id, plan).await
    }

    /// Starts a room by its schedule; one that cannot start (no paper) is left to its staff, and said once a minute in the log.
    async fn start_by_schedule(self: &Arc<Self>, row: &RoomRow, now: Ms) -> Result<()> {
        if row.starts_ms.is_none_or(|at| at > now) {
            return Ok(self.store.set_next_due(row, row.starts_ms).await?);
        }
        let command = Command {
            verb: Verb::Start,
            candidates: None,
            reason: Reason { code: "schedule".to_owned(), text: String::new() },
            expected_rev: Some(row.rev),
            dry_run: false,
            key: None,
            client_now_ms: None,
            accept_clock_difference: false,
        };
        // The newest of what devices have sent is read first, so that those connected begin.
        self.live_room(&row.id).await?;
        match self.change_as_server(&row.id, &command).await {
            Err(error) if error.code == Code::PaperEmpty => {
                tracing::warn!(room = %row.id, "schedule.no_paper");
                Ok(self.store.set_next_due(row, Some(now + 60_000)).await?)
            }
            other => other,
        }
    }

    async fn change_as_server(self: &Arc<Self>, room: &RoomId, command: &Command) -> Result<()> {
        self.change(&Actor::Server, room, command).await.map(drop)
    }

    /// Takes what another or this node has committed into the live rooms.
    pub async fn follow(self: &Arc<Self>, message: Message) {
        match message {
            Message::SessionsEnded(sessions) => self.live.end_sessions(&sessions),
            Message::Lost => self.live.doubt(),
            Message::Events(events) => self.follow_rooms(&events).await,
        }
    }

    /// Takes what happened, room by room.
    pub(super) async fn follow_rooms(&self, events: &[Event]) {
        for room in events.chunk_by(|a, b| a.room == b.room) {
            self.follow_room(room).await;
        }
    }

    /// Takes what happened in one room: first what only the store knows, then all at once.
    async fn follow_room(&self, events: &[Event]) {
        let Some(live) = events.first().and_then(|event| self.live.get(&event.room)) else { return };
        self.read_lacking(&live, events).await;
        let clock = match live.wants(events) {
            Want::Nothing => Ok(None),
            Want::Clock => self.store.room_clock(&live.id).await.map_err(Error::from),
            Want::Whole => self.load(&live).await.map(|()| None),
        };
        let clock = clock.unwrap_or_else(|error| {
            // What is here stays as it is until `reconcile` reads it again.
            live.set_stale();
            tracing::error!(room = %live.id, error = ?error, "live.heal_failed");
            None
        });
        let queue = live.take(clock, events);
        if !queue.is_empty() {
            tokio::spawn(queue.ring());
        }
    }

    /// What events speak of and do not say: words, incidents, names.
    async fn read_lacking(&self, live: &LiveRoom, events: &[Event]) {
        let lacking = live.lacks(events);
        if !lacking.is_empty() {
            match self.store.letters(&live.id, &lacking).await {
                Ok(letters) => live.take_letters(&letters),
                Err(error) => tracing::error!(room = %live.id, error = ?error, "live.letters_unread"),
            }
        }
        let lacking = live.lacks_incidents(events);
        if !lacking.is_empty() {
            match self.store.incidents(&live.id, &lacking).await {
                Ok(incidents) => live.take_incidents(&incidents),
                Err(error) => tracing::error!(room = %live.id, error = ?error, "live.incidents_unread"),
            }
        }
        let lacking = live.lacks_names(events);
        if !lacking.is_empty() {
            match self.store.user_names(&lacking).await {
                Ok(names) => live.take_names(names),
                Err(error) => tracing::error!(room = %live.id, error = ?error, "live.names_unread"),
            }
        }
    }

    /// Sends watchers what has changed.
    pub fn pace(&self) {
        let now = self.now();
        for live in self.live.all() {
            live.pace(now);
        }
    }
}

/// Ended by its deadline, once grace is over; recorded at the deadline.
fn due_end(clock: &RoomClock, id: &CandidateId, facts: &Facts, now: Ms) -> Option<Ended> {
    if facts.ended.is_some() || clock.ledger.due_ms(&clock.terms, id, facts, now)? > now {
        return None;
    }
    let read = clock.clock(id, facts, now);
    let working = matches!(read.phase, Phase::Working | Phase::Paused);
    read.deadline_ms.filter(|_| working).map(|at_ms| Ended { at_ms, by: EndedBy::Deadline })
}
