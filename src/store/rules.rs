//! What rules look for, for whom they are off, and addresses of devices.

use super::accounts::unreadable;
use super::timeline::insert_events;
use super::{Result, Store, StoreError, commit, on, run};
use crate::domain::Ms;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, ExamId, RoomId};
use crate::domain::rules::{Rule, Rules};

impl Store {
    /// What an exam's rules look for.
    pub async fn rules(&self, exam: &ExamId) -> Result<Rules> {
        let sql = "select incident_rules from exams where id = $1";
        let text: Option<Option<String>> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(exam).fetch_optional(db).await)?;
        let Some(text) = text.flatten() else { return Ok(Rules::default()) };
        serde_json::from_str(&text).map_err(|_| unreadable("rules", &text))
    }

    /// Sets what an exam's rules look for, with an event for each room that is going on.
    pub async fn set_rules(&self, exam: &ExamId, rules: &Rules, events: &[Event]) -> Result<()> {
        let text = serde_json::to_string(rules).map_err(|e| StoreError::Unreadable(e.to_string()))?;
        let sql = "update exams set incident_rules = $2 where id = $1";
        let mut tx = self.begin().await?;
        run!(&mut tx, sqlx::query(sql).bind(exam).bind(&text))?;
        insert_events(&mut tx, events).await?;
        commit(tx).await
    }

    /// Rules that are off for candidates of a room.
    pub async fn exemptions(&self, room: &RoomId) -> Result<Vec<(CandidateId, Vec<Rule>)>> {
        let sql = "select id, rules_off from candidates where room_id = $1 and rules_off <> '' order by id";
        let rows: Vec<(CandidateId, String)> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|(id, words)| (id, words.split(',').filter_map(Rule::parse).collect())).collect())
    }

    /// Sets the rules that are off for a candidate.
    pub async fn set_exemptions(&self, candidate: &CandidateId, rules: &[Rule], event: &Event) -> Result<()> {
        let words: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
        let mut tx = self.begin().await?;
        let sql = "update candidates set rules_off = $2 where id = $1";
        run!(&mut tx, sqlx::query(sql).bind(candidate).bind(words.join(",")))?;
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await
    }

    /// Notes an address of a candidate's device; all of them, oldest first, if it is a new one. Nearly always it is known, and nothing
    /// is written.
    pub async fn note_address(&self, candidate: &CandidateId, address: &str, now: Ms) -> Result<Option<Vec<String>>> {
        let sql = "select address from candidate_addresses where candidate_id = $1 order by first_ms, address";
        let mut known: Vec<String> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(candidate).fetch_all(db).await)?;
        if known.iter().any(|one| one == address) {
            return Ok(None);
        }
        let sql = "insert into candidate_addresses (candidate_id, address, first_ms) values ($1, $2, $3) on conflict do nothing";
        on!(&self.write, |db| sqlx::query(sql).bind(candidate).bind(address).bind(now).execute(db).await.map(drop))?;
        known.push(address.to_owned());
        Ok(Some(known))
    }
}
