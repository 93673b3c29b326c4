//! The time that an incident suggests is given back once, in one transaction with the incident's resolution.

use std::sync::Arc;

use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::Reason;
use crate::domain::control::Verb;
use crate::domain::ids::{IncidentId, RoomId};
use crate::domain::incident::{Finding, Incident, State, Step};
use crate::domain::lost;
use crate::error::{Code, Error, Result};
use crate::service::Service;
use crate::service::control::{Change, Command};
use crate::store::rooms::Plan;

impl Service {
    /// Gives back the time that an incident suggests, or `seconds` in its place, and resolves it; both in one transaction, so it is given
    /// once whoever asks. Of an incident that was credited before nothing is changed.
    pub async fn credit_incident(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        id: &IncidentId,
        seconds: Option<i64>,
        dry_run: bool,
    ) -> Result<Change> {
        let row = self.room_for(actor, Action::CreditIncident, room).await?;
        let incident = self.incident(room, id).await?;
        let unchanged = Change { rev: row.rev, applied: false, phase: String::new(), affected: Vec::new() };
        if incident.credited_rev.is_some() {
            return Ok(unchanged);
        }
        let suggested = incident.suggests_ms().ok_or(Code::NotProposed)?;
        let given = match (&incident.finding, &incident.candidate) {
            (Some(Finding::Outage { outage, .. }), _) if seconds.is_none() => {
                self.give_outage(actor, room, *outage, Some(id), dry_run).await
            }
            (Some(Finding::Outage { .. }), _) => return Err(Error::field("seconds", "not_here")),
            (Some(finding), Some(candidate)) => {
                let clock = row.clock(self.store.ledger(room).await?);
                if let Some(rev) = lost::given_by(&clock, candidate, finding) {
                    let next = settled(&incident, actor, rev, self.now());
                    let noted = if dry_run { Ok(()) } else { self.put(actor, room, next, Step::Credited, None).await };
                    return match noted {
                        Err(error) if error.code == Code::Conflict => Ok(unchanged),
                        other => other.map(|()| unchanged),
                    };
                }
                let seconds = seconds.unwrap_or((suggested + 500) / 1000);
                let command = Command {
                    verb: Verb::Credit(seconds.saturating_mul(1000)),
                    candidates: Some(vec![candidate.clone()]),
                    reason: Reason { code: finding.rule().as_str().to_owned(), text: String::new() },
                    expected_rev: None,
                    dry_run,
                    key: Some(format!("{id}:{}", incident.rev)),
                    client_now_ms: None,
                    accept_clock_difference: false,
                };
                self.change_settling(actor, room, &command, Some(id)).await
            }
            (None, _) | (Some(_), None) => return Err(Code::NotProposed.into()),
        };
        match given {
            // Somebody was first: what they did stands.
            Err(error) if error.code == Code::NotProposed => Ok(unchanged),
            other => other,
        }
    }

    /// Adds to a plan that it settles an incident; refused when that has nothing to be given back any more.
    pub(in crate::service) async fn settle_in(
        &self,
        plan: &mut Plan,
        actor: &Actor,
        room: &RoomId,
        id: &IncidentId,
    ) -> Result<()> {
        let incident = self.incident(room, id).await?;
        incident.suggests_ms().ok_or(Code::NotProposed)?;
        let rev = plan.changes.first().map_or(plan.from_rev, |change| change.rev);
        let next = settled(&incident, actor, rev, self.now());
        plan.events.push(self.incident_event(actor, room, &next, Step::Credited));
        plan.incident = Some(next);
        Ok(())
    }
}

/// The incident once its time has been given back by a change of the clock.
fn settled(incident: &Incident, actor: &Actor, rev: i64, now: Ms) -> Incident {
    Incident {
        rev: incident.rev + 1,
        state: State::Resolved,
        credited_rev: Some(rev),
        decided_ms: Some(now),
        decided_by: actor.user().cloned(),
        ..incident.clone()
    }
}
