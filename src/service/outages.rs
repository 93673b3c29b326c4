//! Outages in rooms: given back by the exam's policy, or proposed to staff.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Service;
use super::control::{Change, Command};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::{OutagePolicy, Reason};
use crate::domain::control::{Gap, Verb};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::lost::{Lost, lost};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::outages::{Mark, OutageState, RoomOutage};

/// A room's outages, and what its candidates lost through their own devices; each oldest first.
pub type Proposals = (Vec<RoomOutage>, Vec<(CandidateId, Lost)>);

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
        let (state, event) = if policy == OutagePolicy::Off {
            (OutageState::Off, None)
        } else if by_itself && self.give(server, room, gap, false).await?.applied {
            return Ok(OutageState::Given);
        } else if by_itself || self.give(server, room, gap, true).await?.affected.is_empty() {
            (OutageState::Nobody, None)
        } else {
            let body = Body::OutageProposed { from_ms: gap.from_ms, to_ms: gap.to_ms };
            (OutageState::Proposed, Some(self.event(room, None, server, body)))
        };
        self.mark(server, room, gap, state, event).await?;
        Ok(state)
    }

    /// Gives an outage back to whoever was working then and not known to be lost, or says what that would do.
    async fn give(self: &Arc<Self>, actor: &Actor, room: &RoomId, gap: Gap, dry_run: bool) -> Result<Change> {
        let lost = self.store.lost_at(room, gap.from_ms).await?;
        let all = self.store.candidates(room).await?.into_iter().map(|c| c.id);
        let awake: Vec<CandidateId> = all.filter(|id| !lost.contains(id)).collect();
        // A command without anybody is a mistake of whoever gives it; an outage that concerned nobody is none.
        if awake.is_empty() {
            return Ok(Change { rev: 0, applied: false, phase: String::new(), affected: Vec::new() });
        }
        self.remove(actor, room, gap, Some(awake), "outage", dry_run).await
    }

    /// Removes a step of trusted time from everybody's.
    pub(super) async fn remove_step(self: &Arc<Self>, actor: &Actor, room: &RoomId, gap: Gap) -> Result<()> {
        if self.remove(actor, room, gap, None, "clock_step", false).await?.applied {
            return Ok(());
        }
        self.mark(actor, room, gap, OutageState::Nobody, None).await
    }

    async fn remove(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        gap: Gap,
        candidates: Option<Vec<CandidateId>>,
        code: &str,
        dry_run: bool,
    ) -> Result<Change> {
        let command = Command {
            verb: Verb::Outage(gap),
            candidates,
            reason: Reason { code: code.to_owned(), text: String::new() },
            expected_rev: None,
            dry_run,
            key: None,
            client_now_ms: None,
            accept_clock_difference: false,
        };
        self.change(actor, room, &command).await
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

    /// The room's outages, and what its candidates lost through their own devices and were not given back; each oldest first.
    pub async fn list_proposals(&self, actor: &Actor, room: &RoomId) -> Result<Proposals> {
        let row = self.room_for(actor, Action::ListProposals, room).await?;
        let clock = row.clock(self.store.ledger(room).await?);
        let mut signs: BTreeMap<CandidateId, Vec<Event>> = BTreeMap::new();
        for sign in self.store.signs(room).await? {
            if let Some(id) = sign.candidate.clone() {
                signs.entry(id).or_default().push(sign);
            }
        }
        let candidates = self.store.candidates(room).await?;
        let own = candidates.iter().flat_map(|c| {
            let signs = signs.get(&c.id).map(Vec::as_slice).unwrap_or_default();
            lost(&clock, &c.id, &c.facts(), signs).into_iter().map(|lost| (c.id.clone(), lost))
        });
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|(_, lost)| lost.from_ms);
        Ok((self.store.room_outages(room).await?, own))
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
            (OutageState::Proposed, true) => self.give(actor, room, outage.gap, dry_run).await,
            (OutageState::Proposed, false) if dry_run => Ok(none),
            (OutageState::Proposed, false) => {
                let body = Body::OutageDismissed { from_ms: outage.gap.from_ms, to_ms: outage.gap.to_ms };
                let event = self.event(room, None, actor, body);
                self.mark(actor, room, outage.gap, OutageState::Dismissed, Some(event)).await?;
                Ok(Change { applied: true, ..none })
            }
            (OutageState::Accepted | OutageState::Given, true) | (OutageState::Dismissed, false) => Ok(none),
            _ => Err(Error::from(Code::NotProposed)),
        }
    }
}
