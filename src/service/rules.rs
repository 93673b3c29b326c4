//! What rules propose. Each live room is looked at once a second, on each node that has it; what two of them find is one incident, by its
//! key. A proposal is all that a rule can make: nothing here knows a verb of the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sitting::{Me, own};
use super::{Service, in_range};
use crate::auth::secrets::mint;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, ExamId, IncidentId, QuestionId, RoomId};
use crate::domain::incident::{Finding, Incident, Step};
use crate::domain::lost::lost;
use crate::domain::message::Sender;
use crate::domain::rules::{Found, Rule, Rules};
use crate::domain::status::{RoomClock, Status};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::live::throttle;
use crate::live::{LiveRoom, Signs};
use crate::store::incidents::IncidentFilter;
use crate::store::rooms::RoomFilter;
use crate::weaken;

/// Rooms of one exam that are told of its rules; the others learn them when they are read.
const ROOMS: i64 = 1_000;

impl Service {
    /// Looks at every live room.
    pub async fn look_by_rules(self: &Arc<Self>) {
        for live in self.live.all() {
            let signs = live.take_signs(self.now());
            if let Err(error) = self.look_at_room(&live, &signs).await {
                tracing::warn!(room = %live.id, error = ?error, "rules.failed");
                live.give_back(signs);
            }
        }
    }

    async fn look_at_room(self: &Arc<Self>, live: &LiveRoom, signs: &Signs) -> Result<()> {
        let now = self.now();
        let seen = live.read(|table| {
            let mut found = Found::now(&table.status, &table.clock, now);
            found.extend(asked(&table.status, signs));
            (found, table.status.cases.rules.clone())
        });
        let Some((mut found, rules)) = seen else { return Ok(()) };
        found.extend(self.several_devices(live, &rules, signs).await?);
        if signs.back {
            found.extend(self.lost_times(&live.id).await?);
        }
        for one in live.fresh(found) {
            let (rule, key) = (one.finding.rule(), one.key.clone());
            self.propose(&live.id, one).await?;
            live.looked_at(rule, key);
        }
        Ok(())
    }

    /// Who has written from as many devices as the exam looks for.
    async fn several_devices(&self, live: &LiveRoom, rules: &Rules, signs: &Signs) -> Result<Vec<Found>> {
        let Some(limit) = rules.devices else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (id, at_ms) in &signs.pens {
            let off = live.read(|table| table.status.cases.is_off(id, Rule::Devices)).unwrap_or(true);
            if !off {
                let sessions: BTreeSet<_> = self.store.pens(id).await?.into_iter().map(|(_, session, _)| session).collect();
                found.extend(Found::devices(id, i64::try_from(sessions.len()).unwrap_or(i64::MAX), limit, *at_ms));
            }
        }
        Ok(found)
    }

    /// What candidates lost through their own devices, once they are back. Of a silence that was proposed it is what became of it.
    async fn lost_times(&self, room: &RoomId) -> Result<Vec<Found>> {
        let row = self.store.room(room).await?.ok_or(Code::NotFound)?;
        if row.started_ms.is_none() {
            return Ok(Vec::new());
        }
        let clock = row.clock(self.store.ledger(room).await?);
        let mut signs: BTreeMap<CandidateId, Vec<Event>> = BTreeMap::new();
        for sign in self.store.signs(room).await? {
            if let Some(id) = sign.candidate.clone() {
                signs.entry(id).or_default().push(sign);
            }
        }
        let mut found = Vec::new();
        for c in self.store.candidates(room).await? {
            let Some(signs) = signs.get(&c.id) else { continue };
            found.extend(lost(&clock, &c.id, &c.facts(), signs).iter().map(|one| Found::lost(&c.id, one)));
        }
        Ok(found)
    }

    /// Makes an incident of what was found: a proposal, whatever it is. One that is known under its key learns what is new, while it waits.
    pub(super) async fn propose(self: &Arc<Self>, room: &RoomId, found: Found) -> Result<()> {
        if let Some(known) = self.store.incident_by_key(room, &found.key).await? {
            return self.learn(room, &known, found).await;
        }
        let events = self.signs_of(room, &found).await?;
        let incident = proposal(mint(self.now()), found, events, self.now());
        self.add(&Actor::Server, room, incident, Step::Proposed, None).await.map(drop)
    }

    /// A silence that has ended is a time that was lost.
    async fn learn(self: &Arc<Self>, room: &RoomId, known: &Incident, found: Found) -> Result<()> {
        let grew = matches!((&known.finding, &found.finding), (Some(Finding::Silent { .. }), Finding::LostTime { .. }));
        if !grew || !known.state.waits() {
            return Ok(());
        }
        let mut events: BTreeSet<_> = known.events.iter().cloned().collect();
        events.extend(self.signs_of(room, &found).await?);
        let next =
            Incident { rev: known.rev + 1, finding: Some(found.finding), events: events.into_iter().collect(), ..known.clone() };
        match self.put(&Actor::Server, room, next, Step::Edited, None).await {
            // Another node, or a person, was first: the next look sees what there is.
            Err(error) if error.code == Code::Conflict => Ok(()),
            other => other,
        }
    }

    async fn signs_of(&self, room: &RoomId, found: &Found) -> Result<Vec<EventId>> {
        let Some(candidate) = &found.candidate else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        for (kind, at) in &found.signs {
            events.extend(self.store.event_at(room, candidate, kind, *at).await?);
        }
        Ok(events)
    }

    /// A candidate's device has come from an address.
    pub(crate) async fn note_address(self: &Arc<Self>, room: &RoomId, candidate: &CandidateId, address: &str) {
        let noted = async {
            let Some(all) = self.store.note_address(candidate, address, self.now()).await? else { return Ok(()) };
            let live = self.live_room(room).await?;
            let limit = live.read(|table| {
                table.status.cases.rules.addresses.filter(|_| !table.status.cases.is_off(candidate, Rule::Addresses))
            });
            let found = limit.flatten().and_then(|limit| Found::addresses(candidate, all, limit));
            match found {
                Some(found) => self.propose(room, found).await,
                None => Ok(()),
            }
        };
        // Nobody is kept out because this could not be noted.
        let noted: Result<()> = noted.await;
        if let Err(error) = noted {
            tracing::warn!(room = %room, error = ?error, "rules.failed");
        }
    }

    /// The page says that much was pasted at once. What is below the exam's limit is kept nowhere. The same key again is the same signal.
    pub async fn tell_signal(
        self: &Arc<Self>,
        actor: &Actor,
        chars: i64,
        question: Option<&str>,
        key: &str,
        at_ms: Ms,
    ) -> Result<()> {
        let me = own(actor, Action::TellSignal)?;
        in_range("chars", chars, 1, i64::MAX)?;
        if key.is_empty() || key.len() > 200 {
            return Err(Error::field("key", "malformed"));
        }
        self.throttle(&format!("signal:{}", me.candidate), throttle::SIGNALS)?;
        let live = self.live_room(&me.room).await?;
        let limit = live.read(|table| {
            let on = !table.status.cases.is_off(&me.candidate, Rule::Paste);
            table.status.cases.rules.paste_chars.filter(|limit| on && chars > *limit)
        });
        let Some(limit) = limit.flatten() else { return Ok(()) };
        let paper = self.pinned_paper(&me.room).await?;
        let question = question.map(|id| QuestionId(id.to_owned()));
        // What the page names and the paper does not have is left out: it is a page's word.
        let question = question.filter(|id| paper.is_some_and(|paper| paper.question(id).is_some()));
        let key = format!("paste:{}:{key}", me.candidate);
        let finding = Finding::Paste { at_ms, chars, limit, question };
        self.propose(&me.room, Found { candidate: Some(me.candidate), finding, key, signs: Vec::new() }).await
    }

    /// Incidents that the candidate sees, oldest first.
    pub async fn list_my_incidents(&self, actor: &Actor) -> Result<Vec<Arc<Incident>>> {
        let me = own(actor, Action::ListMyIncidents)?;
        self.incidents_of(&me).await
    }

    async fn incidents_of(&self, me: &Me) -> Result<Vec<Arc<Incident>>> {
        let newest = i64::try_from(limits::LIVE_INCIDENTS).unwrap_or(i64::MAX);
        let filter =
            IncidentFilter { candidate: Some(me.candidate.clone()), shown: true, limit: newest, ..IncidentFilter::default() };
        let mut ids = self.store.incident_page(&me.room, &filter).await?;
        ids.reverse();
        Ok(self.store.incidents(&me.room, &ids).await?)
    }

    /// The candidate answers to an incident that it sees. The same key again is the same reply.
    pub async fn reply_my_incident(
        self: &Arc<Self>,
        actor: &Actor,
        id: &IncidentId,
        text: &str,
        key: Option<&str>,
    ) -> Result<Arc<Incident>> {
        let me = own(actor, Action::ReplyMyIncident)?;
        let incident = self.incident(&me.room, id).await?;
        if !incident.is_shown_to(&me.candidate) {
            return Err(Code::NotFound.into());
        }
        self.throttle(&format!("message:{}", me.candidate), throttle::CANDIDATE_MESSAGES)?;
        let once = super::words::once(me.candidate.as_str(), key)?;
        self.reply(actor, &me.room, id, Sender::Candidate(me.candidate), text, once).await
    }

    /// What an exam's rules look for.
    pub async fn get_rules(&self, actor: &Actor, exam: &ExamId) -> Result<Rules> {
        self.exam_for(actor, Action::GetRules, exam).await?;
        Ok(self.store.rules(exam).await?)
    }

    /// Sets what an exam's rules look for, from now on; also while its rooms run. What was proposed before stays.
    pub async fn put_rules(self: &Arc<Self>, actor: &Actor, exam: &ExamId, rules: Rules) -> Result<Rules> {
        self.exam_for(actor, Action::PutRules, exam).await?;
        within(&rules)?;
        let mut events = Vec::new();
        let rooms = RoomFilter { exam: Some(exam.clone()), limit: ROOMS, ..RoomFilter::default() };
        for room in self.store.rooms(&rooms).await? {
            if room.opened_ms.is_some() && room.ended_ms.is_none() {
                events.push(self.event(&room.id, None, actor, Body::RulesChanged));
            }
        }
        let (service, exam, kept) = (self.clone(), exam.clone(), rules.clone());
        self.show_after(async move {
            service.store.set_rules(&exam, &kept, &events).await?;
            Ok(((), events))
        })
        .await?;
        Ok(rules)
    }

    /// Rules that are off for a candidate.
    pub async fn get_exemptions(&self, actor: &Actor, room: &RoomId, candidate: &CandidateId) -> Result<Vec<Rule>> {
        self.candidate_for(actor, Action::GetExemptions, room, candidate).await?;
        let all = self.store.exemptions(room).await?;
        Ok(all.into_iter().find(|(id, _)| id == candidate).map(|(_, rules)| rules).unwrap_or_default())
    }

    /// Sets the rules that are off for a candidate, as an accommodation. What was proposed before stays.
    pub async fn put_exemptions(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        rules: Vec<Rule>,
    ) -> Result<Vec<Rule>> {
        self.candidate_for(actor, Action::PutExemptions, room, candidate).await?;
        let rules: Vec<Rule> = rules.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let event = self.event(room, Some(candidate), actor, Body::RulesChanged);
        let (service, candidate, kept) = (self.clone(), candidate.clone(), rules.clone());
        self.show_after(async move {
            service.store.set_exemptions(&candidate, &kept, &event).await?;
            Ok(((), vec![event]))
        })
        .await?;
        Ok(rules)
    }

    /// What the store has of a room's incidents and rules.
    pub(super) async fn read_cases(&self, status: &mut Status, clock: &RoomClock) -> Result<()> {
        status.cases.rules = self.store.rules(&clock.exam).await?;
        for (id, rules) in self.store.exemptions(&clock.room).await?.into_iter().filter(|_| !weaken::on("exempt")) {
            status.cases.off.insert(id, rules.into_iter().collect());
        }
        let newest = i64::try_from(limits::LIVE_INCIDENTS).unwrap_or(i64::MAX);
        for incident in self.store.newest_incidents(&clock.room, newest).await? {
            status.put_incident(&incident);
        }
        Ok(())
    }
}

/// Requests to take over, where the exam looks for them.
fn asked(status: &Status, signs: &Signs) -> Vec<Found> {
    let on = |id: &CandidateId| status.cases.rules.takeover && !status.cases.is_off(id, Rule::Takeover);
    let asked = signs.takeovers.iter().filter(|(id, ..)| on(id));
    asked.map(|(id, request, at_ms)| Found::takeover(id, request, *at_ms)).collect()
}

/// Every number is within its limits; each that is not is named.
fn within(rules: &Rules) -> Result<()> {
    let mut wrong = Rule::ALL.iter().filter_map(|rule| {
        let (number, value) = (rule.number()?, rules.number(*rule)?);
        in_range(number.name, value, number.min, number.max).err()
    });
    let Some(mut first) = wrong.next() else { return Ok(()) };
    first.faults.extend(wrong.flat_map(|other| other.faults));
    Err(first)
}

/// What was found, as an incident that waits for people.
pub(super) fn proposal(id: IncidentId, found: Found, events: Vec<EventId>, now: Ms) -> Incident {
    let new = Incident::new(id, found.finding.topic(), Some(found.key), now);
    Incident { candidate: found.candidate, finding: Some(found.finding), events, ..new }
}
