//! The newest incidents of a room, as they are kept in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Incident;
use crate::domain::ids::{CandidateId, IncidentId};
use crate::domain::rules::{Rule, Rules};
use crate::limits;

/// The newest incidents of a room, what rules look for there, and whom not to look at.
#[derive(Debug, Clone, Default)]
pub struct Casebook {
    incidents: BTreeMap<IncidentId, Arc<Incident>>,
    of: BTreeMap<CandidateId, BTreeSet<IncidentId>>,
    /// The rev of each that watchers were told.
    told: BTreeMap<IncidentId, i64>,
    /// What rules look for.
    pub rules: Rules,
    /// Rules that are off for somebody.
    pub off: BTreeMap<CandidateId, BTreeSet<Rule>>,
}

impl Casebook {
    /// All of them, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Incident>> {
        self.incidents.values()
    }
    /// One of them.
    pub fn get(&self, id: &IncidentId) -> Option<&Arc<Incident>> {
        self.incidents.get(id)
    }
    /// The rev of the copy that is here; 0: none.
    pub fn rev(&self, id: &IncidentId) -> i64 {
        self.get(id).map_or(0, |incident| incident.rev)
    }
    /// Those about a candidate, oldest first.
    pub fn of(&self, candidate: &CandidateId) -> impl Iterator<Item = &Arc<Incident>> {
        self.of.get(candidate).into_iter().flatten().filter_map(|id| self.incidents.get(id))
    }
    /// Those that a candidate sees.
    pub fn shown_to(&self, candidate: &CandidateId) -> Vec<Arc<Incident>> {
        self.of(candidate).filter(|incident| incident.is_shown_to(candidate)).cloned().collect()
    }
    /// How many wait for somebody.
    pub fn waiting(&self) -> i64 {
        count(self.all().filter(|incident| incident.state.waits()))
    }
    /// How many about a candidate wait for somebody.
    pub fn waiting_of(&self, candidate: &CandidateId) -> i64 {
        count(self.of(candidate).filter(|incident| incident.state.waits()))
    }
    /// Whether a rule is off for a candidate.
    pub fn is_off(&self, candidate: &CandidateId, rule: Rule) -> bool {
        self.off.get(candidate).is_some_and(|rules| rules.contains(&rule))
    }
    /// Takes a copy, unless a newer one is here. Whether it was news.
    pub fn put(&mut self, incident: &Arc<Incident>) -> bool {
        if self.rev(&incident.id) >= incident.rev {
            return false;
        }
        if let Some(candidate) = &incident.candidate {
            self.of.entry(candidate.clone()).or_default().insert(incident.id.clone());
        }
        self.incidents.insert(incident.id.clone(), incident.clone());
        while self.incidents.len() > limits::LIVE_INCIDENTS
            && let Some((id, oldest)) = self.incidents.pop_first()
        {
            self.told.remove(&id);
            let own = oldest.candidate.as_ref().and_then(|candidate| self.of.get_mut(candidate));
            own.map(|ids| ids.remove(&id));
        }
        true
    }
    /// Notes that watchers are told of a rev. Whether they had not been.
    pub fn tell(&mut self, id: &IncidentId, rev: i64) -> bool {
        let told = self.told.entry(id.clone()).or_default();
        let news = *told < rev;
        *told = rev.max(*told);
        news
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}
