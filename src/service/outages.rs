//! Outages in rooms: given back by the exam's policy, or proposed to staff.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Service;
use super::control::{Change, Command};
use super::rules::proposal;
use crate::auth::secrets::mint;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::{OutagePolicy, Reason};
use crate::domain::control::{Gap, Verb};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, IncidentId, RoomId};
use crate::domain::incident::{Finding, Incident, State, Step};
use crate::domain::rules::Found;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::outages::{Mark, OutageState, RoomOutage};

impl Service {
    /// Deals with every room that ran in these outages. Returns the rooms in which that failed: it is tried again with the next beat.
    pub(super) async fn settle(self: &Arc<Self>, gaps: &[Gap]) -> Result<BTreeSet<RoomId>> {
        let mut held = BTreeSet::new();
        for gap in gaps {
            let mut whole = true;
            for (room, policy) in self.store.rooms_concerned(*gap).await? {
                let policy = OutagePolicy::parse(&policy).unwrap_or(OutagePolicy::Automatic);
                let settled = self.settle_room(&room, policy, *gap).await;
                match settled {
                    Ok(state) => {
                        tracing::warn!(room = %room, seconds = gap.length_ms() / 1000, state = state.as_str(), "outage");
                    }
                    // Of several nodes that deal with it one was the first.
                    Err(_) if self.is_settled(&room, gap.after_ms).await => {}
                    Err(error) => {
                        tracing::error!(room = %room, error = ?error, "outage.not_settled");
                        held.insert(room);
                        whole = false;
                    }
                }
            }
            if whole {
                self.store.outage_settled(gap.after_ms, self.now()).await?;
            }
        }
        Ok(held)
    }

    async fn is_settled(&self, room: &RoomId, after_ms: Ms) -> bool {
        let outages = self.store.room_outages(room).await;
        outages.is_ok_and(|all| all.iter().any(|outage| outage.gap.after_ms == after_ms))
    }

    async fn settle_room(self: &Arc<Self>, room: &RoomId, policy: OutagePolicy, gap: Gap) -> Result<OutageState> {
        let by_itself = policy == OutagePolicy::Automatic && gap.length_ms() <= limits::OUTAGE_AUTOMATIC_MS;
        let server = &Actor::Server;
        let state = if policy == OutagePolicy::Off {
            OutageState::Off
        } else if by_itself && self.give(server, room, gap, None, false).await?.applied {
            return Ok(OutageState::Given);
        } else if by_itself || self.give(server, room, gap, None, true).await?.affected.is_empty() {
            OutageState::Nobody
        } else {
            self.propose_outage(room, gap).await?;
            return Ok(OutageState::Proposed);
        };
        self.mark(server, room, gap, state, None).await?;
        Ok(state)
    }

    /// Staff decide: the mark and the incident that asks them are one transaction.
    async fn propose_outage(self: &Arc<Self>, room: &RoomId, gap: Gap) -> Result<()> {
        let (server, now) = (&Actor::Server, self.now());
        let finding = Finding::Outage { from_ms: gap.from_ms, to_ms: gap.to_ms, outage: gap.after_ms };
        let found = Found { candidate: None, finding, key: outage_key(room, gap.after_ms), signs: Vec::new() };
        let incident = proposal(mint(now), found, Vec::new(), now);
        let body = Body::OutageProposed { from_ms: gap.from_ms, to_ms: gap.to_ms };
        let mark = Mark { after_ms: gap.after_ms, state: OutageState::Proposed, rev: None, at_ms: now, by: None };
        let told = self.event(room, None, server, body);
        self.add(server, room, incident, Step::Proposed, Some((mark, told))).await.map(drop)
    }

    /// Gives an outage back to whoever was working then and not known to be lost, or says what that would do.
    async fn give(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        gap: Gap,
        settles: Option<&IncidentId>,
        dry_run: bool,
    ) -> Result<Change> {
        let lost = self.store.lost_at(room, gap.from_ms).await?;
        let all = self.store.times(room).await?.into_iter().map(|c| c.id);
        let awake: Vec<CandidateId> = all.filter(|id| !lost.contains(id)).collect();
        // A command without anybody is a mistake of whoever gives it; an outage that concerned nobody is none.
        if awake.is_empty() {
            return Ok(Change { rev: 0, applied: false, phase: String::new(), affected: Vec::new() });
        }
        let command = removal(gap, Some(awake), "outage", dry_run);
        self.change_settling(actor, room, &command, settles).await
    }

    /// Removes a step of trusted time from everybody's.
    pub(super) async fn remove_step(self: &Arc<Self>, actor: &Actor, room: &RoomId, gap: Gap) -> Result<()> {
        if self.change(actor, room, &removal(gap, None, "clock_step", false)).await?.applied {
            return Ok(());
        }
        self.mark(actor, room, gap, OutageState::Nobody, None).await
    }

    async fn mark(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        gap: Gap,
        state: OutageState,
        event: Option<Event>,
    ) -> Result<()> {
        let mark = Mark { after_ms: gap.after_ms, state, rev: None, at_ms: self.now(), by: actor.user().cloned() };
        let (service, room) = (self.clone(), room.clone());
        self.tell_after(async move {
            service.store.mark_outage(&room, &mark, event.as_ref()).await?;
            Ok(((), event.into_iter().collect()))
        })
        .await
    }

    /// The room's outages and what became of each, oldest first.
    pub async fn list_outages(&self, actor: &Actor, room: &RoomId) -> Result<Vec<RoomOutage>> {
        self.room_for(actor, Action::ListOutages, room).await?;
        Ok(self.store.room_outages(room).await?)
    }

    /// Gives back an outage that was proposed. What settles with it is settled in the same transaction.
    pub(super) async fn give_outage(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        after_ms: Ms,
        settles: Option<&IncidentId>,
        dry_run: bool,
    ) -> Result<Change> {
        let outages = self.store.room_outages(room).await?;
        let outage = outages.iter().find(|outage| outage.gap.after_ms == after_ms).ok_or(Code::NotFound)?;
        if outage.state != OutageState::Proposed {
            return Err(Code::NotProposed.into());
        }
        self.give(actor, room, outage.gap, settles, dry_run).await
    }

    /// Staff give an outage back, or do not. Whoever was ended by the deadline meanwhile works again.
    pub async fn decide_outage(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        after_ms: Ms,
        accept: bool,
        dry_run: bool,
    ) -> Result<Change> {
        let row = self.room_for(actor, Action::DecideOutage, room).await?;
        let outages = self.store.room_outages(room).await?;
        let outage = outages.iter().find(|outage| outage.gap.after_ms == after_ms).ok_or(Code::NotFound)?;
        let none = Change { rev: row.rev, applied: false, phase: String::new(), affected: Vec::new() };
        match (outage.state, accept) {
            (OutageState::Proposed, true) => {
                let incident = self.store.incident_by_key(room, &outage_key(room, after_ms)).await?;
                self.give(actor, room, outage.gap, incident.as_ref().map(|incident| &incident.id), dry_run).await
            }
            (OutageState::Proposed, false) if dry_run => Ok(none),
            (OutageState::Proposed, false) => {
                self.withhold(actor, room, outage.gap).await?;
                Ok(Change { applied: true, ..none })
            }
            (OutageState::Accepted | OutageState::Given, true) | (OutageState::Dismissed, false) => Ok(none),
            _ => Err(Error::from(Code::NotProposed)),
        }
    }
    /// An outage is not given back. One that was proposed by an earlier version has no incident.
    async fn withhold(self: &Arc<Self>, actor: &Actor, room: &RoomId, gap: Gap) -> Result<()> {
        let Some(incident) = self.store.incident_by_key(room, &outage_key(room, gap.after_ms)).await? else {
            let body = Body::OutageDismissed { from_ms: gap.from_ms, to_ms: gap.to_ms };
            let event = self.event(room, None, actor, body);
            return self.mark(actor, room, gap, OutageState::Dismissed, Some(event)).await;
        };
        let (at_ms, by) = (self.now(), actor.user().cloned());
        let next = Incident {
            rev: incident.rev + 1,
            state: State::Dismissed,
            decided_ms: Some(at_ms),
            decided_by: by.clone(),
            ..(*incident).clone()
        };
        let mark = Mark { after_ms: gap.after_ms, state: OutageState::Dismissed, rev: None, at_ms, by };
        self.put(actor, room, next, Step::Dismissed, Some(mark)).await
    }
}

fn outage_key(room: &RoomId, after_ms: Ms) -> String {
    format!("outage:{room}:{after_ms}")
}

/// The command that takes a time out of the clocks.
fn removal(gap: Gap, candidates: Option<Vec<CandidateId>>, code: &str, dry_run: bool) -> Command {
    Command {
        verb: Verb::Outage(gap),
        candidates,
        reason: Reason { code: code.to_owned(), text: String::new() },
        expected_rev: None,
        dry_run,
        key: None,
        client_now_ms: None,
        accept_clock_difference: false,
    }
}
