//! Incidents, from the side of staff: recorded, taken up, decided, credited, talked about. Every change is a compare-and-set on the
//! incident's rev, with its entry of the timeline in the same transaction.

/// Time that is given back.
mod credit;
/// What is written to an incident.
mod replies;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::words::{once, plain};
use super::{Service, allow};
use crate::auth::secrets::mint;
use crate::domain::access::{Action, Actor, Scope};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, IncidentId, RoomId};
use crate::domain::incident::{Finding, Incident, State, Step, Topic};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle;
use crate::store::incidents::IncidentFilter;
use crate::store::outages::{Mark, OutageState};
use crate::store::rooms::RoomRow;

/// Times a change is tried when the incident moves under it.
const TRIES: usize = 5;

/// An incident that somebody records.
#[derive(Debug, Clone)]
pub struct IncidentWords {
    /// About whom; None: the room.
    pub candidate: Option<CandidateId>,
    /// About what.
    pub topic: Topic,
    /// In words; may be empty.
    pub text: String,
    /// Whether the candidate sees it; None: as the exam says.
    pub shown: Option<bool>,
    /// Entries of the timeline that belong to it.
    pub events: Vec<EventId>,
}

/// What is to be another with an incident; None stays.
#[derive(Debug, Clone, Default)]
pub struct IncidentPatch {
    /// How far it is.
    pub state: Option<State>,
    /// About what.
    pub topic: Option<Topic>,
    /// In words.
    pub text: Option<String>,
    /// Whether the candidate sees it.
    pub shown: Option<bool>,
    /// Entries of the timeline that belong to it.
    pub events: Option<Vec<EventId>>,
}

impl Service {
    /// Incidents of a room that match, newest first.
    pub async fn list_incidents(&self, actor: &Actor, room: &RoomId, filter: &IncidentFilter) -> Result<Vec<Arc<Incident>>> {
        self.room_for(actor, Action::ListIncidents, room).await?;
        let ids = self.store.incident_page(room, filter).await?;
        Ok(self.store.incidents(room, &ids).await?)
    }

    /// One incident, with the entries of the timeline that belong to it.
    pub async fn get_incident(&self, actor: &Actor, room: &RoomId, id: &IncidentId) -> Result<(Arc<Incident>, Vec<Event>)> {
        self.room_for(actor, Action::GetIncident, room).await?;
        let incident = self.incident(room, id).await?;
        let events = self.store.events_of(room, &incident.events).await?;
        Ok((incident, events))
    }

    /// Records an incident: it is open. The same key again is the same incident.
    pub async fn record_incident(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        words: IncidentWords,
        key: Option<&str>,
    ) -> Result<Arc<Incident>> {
        let row = self.room_for(actor, Action::RecordIncident, room).await?;
        let user = actor.user().cloned().ok_or(Code::Forbidden)?;
        let text = plain(&words.text, limits::INCIDENT_CHARS)?;
        self.check_links(room, words.candidate.as_ref(), &words.events).await?;
        if let Some(candidate) = &words.candidate {
            let known = self.store.candidate(candidate).await?.is_some_and(|c| c.room_id == *room);
            known.then_some(()).ok_or_else(|| Error::field("candidate", "not_found"))?;
        }
        self.throttle(&format!("message:{user}"), throttle::STAFF_MESSAGES)?;
        let now = self.now();
        let id: IncidentId = mint(now);
        let shown = match words.shown {
            Some(shown) => shown,
            None => self.store.rules(&row.exam_id).await?.shown,
        };
        let incident = Incident {
            candidate: words.candidate,
            state: State::Open,
            text,
            shown,
            by: Some(user.clone()),
            events: words.events,
            ..Incident::new(id, words.topic, once(user.as_str(), key)?, now)
        };
        let made = self.add(actor, room, incident.clone(), Step::Opened, None).await?;
        let same = (&made.candidate, made.topic, &made.text) == (&incident.candidate, incident.topic, &incident.text);
        if made.id == incident.id || same { Ok(made) } else { Err(Code::KeyReused.into()) }
    }

    /// Stores an incident, unless one was made under its key; returns the one that there is.
    pub(super) async fn add(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        incident: Incident,
        step: Step,
        mark: Option<(Mark, Event)>,
    ) -> Result<Arc<Incident>> {
        let key = incident.once.clone();
        let mut events = vec![self.incident_event(actor, room, &incident, step)];
        let (mark, told) = mark.unzip();
        events.extend(told);
        let (service, place) = (self.clone(), room.clone());
        self.show_after(async move {
            let fresh = service.store.add_incident(&place, &incident, mark.as_ref(), &events).await?;
            Ok(((), if fresh { events } else { Vec::new() }))
        })
        .await?;
        self.store.incident_by_key(room, &key).await?.ok_or_else(|| Code::NotFound.into())
    }

    /// Changes an incident. A repeat changes nothing. Withholding time that it suggests to give back takes the right to give it.
    pub async fn change_incident(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        id: &IncidentId,
        patch: &IncidentPatch,
    ) -> Result<Arc<Incident>> {
        let row = self.room_for(actor, Action::ChangeIncident, room).await?;
        for _ in 0..TRIES {
            let now = self.incident(room, id).await?;
            let Some((next, step)) = self.patched(actor, &row, &now, patch).await? else { return Ok(now) };
            let mark = self.withheld(actor, &now, &next);
            match self.put(actor, room, next, step, mark).await {
                Err(error) if error.code == Code::Conflict => {}
                other => {
                    other?;
                    return self.incident(room, id).await;
                }
            }
        }
        Err(Code::Conflict.into())
    }

    /// The incident as it is to be, and what that is; None: it is so already.
    async fn patched(
        &self,
        actor: &Actor,
        room: &RoomRow,
        now: &Incident,
        patch: &IncidentPatch,
    ) -> Result<Option<(Incident, Step)>> {
        let mut next = now.clone();
        if let Some(topic) = patch.topic {
            next.topic = topic;
        }
        if let Some(text) = &patch.text {
            next.text = plain(text, limits::INCIDENT_CHARS)?;
        }
        if let Some(events) = &patch.events {
            self.check_links(&room.id, now.candidate.as_ref(), events).await?;
            next.events = events.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        }
        next.shown = patch.shown.unwrap_or(now.shown);
        let mut step = Step::Edited;
        if let Some(state) = patch.state.filter(|state| *state != now.state) {
            step = decide(now, state)?;
            if now.suggests_ms().is_some() && !state.waits() {
                let rights = self.rights(actor, room).await?;
                allow(actor, Action::CreditIncident, Scope::Room { rights })?;
            }
            if now.state == State::Proposed && patch.shown.is_none() && state == State::Open {
                next.shown = self.store.rules(&room.exam_id).await?.shown;
            }
            (next.state, next.decided_ms, next.decided_by) = (state, Some(self.now()), actor.user().cloned());
        }
        if next == *now {
            return Ok(None);
        }
        next.rev += 1;
        Ok(Some((next, step)))
    }

    /// Of an outage: that it is not given back, and the event that says so.
    fn withheld(&self, actor: &Actor, now: &Incident, next: &Incident) -> Option<Mark> {
        let Some(Finding::Outage { outage, .. }) = now.finding else { return None };
        let withheld = now.suggests_ms().is_some() && !next.state.waits();
        let (at_ms, by) = (self.now(), actor.user().cloned());
        withheld.then_some(Mark { after_ms: outage, state: OutageState::Dismissed, rev: None, at_ms, by })
    }

    /// Stores the next rev of an incident; `Conflict` when another came first. With a mark an outage is not given back.
    pub(super) async fn put(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        next: Incident,
        step: Step,
        mark: Option<Mark>,
    ) -> Result<()> {
        let mut events = vec![self.incident_event(actor, room, &next, step)];
        if let (Some(Finding::Outage { from_ms, to_ms, .. }), Some(_)) = (&next.finding, &mark) {
            let body = Body::OutageDismissed { from_ms: *from_ms, to_ms: *to_ms };
            events.push(self.event(room, None, actor, body));
        }
        let (service, room) = (self.clone(), room.clone());
        self.show_after(async move {
            service.store.change_incident(&room, &next, mark.as_ref(), &events).await?;
            Ok(((), events))
        })
        .await
    }

    /// An incident of a room, as stored.
    pub(super) async fn incident(&self, room: &RoomId, id: &IncidentId) -> Result<Arc<Incident>> {
        self.store.incidents(room, std::slice::from_ref(id)).await?.pop().ok_or_else(|| Code::NotFound.into())
    }

    /// That an incident is another now.
    pub(super) fn incident_event(&self, actor: &Actor, room: &RoomId, next: &Incident, step: Step) -> Event {
        let body = Body::IncidentChanged {
            incident: next.id.clone(),
            incident_rev: next.rev,
            step,
            topic: next.topic.as_str().to_owned(),
        };
        self.event(room, next.candidate.as_ref(), actor, body)
    }

    /// Entries that are linked are of this room, and about this candidate or the room.
    async fn check_links(&self, room: &RoomId, candidate: Option<&CandidateId>, ids: &[EventId]) -> Result<()> {
        if ids.len() > limits::INCIDENT_EVENTS {
            return Err(Error::field("events", "too_many"));
        }
        let found = self.store.events_of(room, ids).await?;
        let fits = |event: &Event| event.candidate.is_none() || candidate.is_none() || event.candidate.as_ref() == candidate;
        if found.len() == ids.len() && found.iter().all(fits) { Ok(()) } else { Err(Error::field("events", "not_found")) }
    }
}

/// What a decision is; refused where it was decided for good: time that was given, or an outage that was not.
fn decide(now: &Incident, state: State) -> Result<Step> {
    let outage = matches!(now.finding, Some(Finding::Outage { .. })) && !now.state.waits();
    match state {
        State::Proposed => Err(Error::field("state", "not_one_of_these")),
        _ if outage => Err(Code::NotProposed.into()),
        State::Dismissed if now.credited_rev.is_some() => Err(Code::NotProposed.into()),
        State::Open => Ok(Step::Opened),
        State::Resolved => Ok(Step::Resolved),
        State::Dismissed => Ok(Step::Dismissed),
    }
}
