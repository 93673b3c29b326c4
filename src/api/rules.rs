//! What rules look for in an exam's rooms, and for whom they are off.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::types::Body;
use crate::domain::ids::{CandidateId, ExamId, RoomId};
use crate::domain::rules::{Rule, Rules};

pub(super) struct IncidentRules;

/// What rules look for. They propose incidents and do nothing else. Null: that rule is off.
#[derive(Object)]
struct RuleSet {
    /// The page in the background for longer than this.
    away_seconds: Option<i64>,
    /// Nothing heard of the device for longer than this.
    silent_seconds: Option<i64>,
    /// Another device asks to continue.
    takeover: bool,
    /// Written from this many devices, or more.
    devices: Option<i64>,
    /// Come from this many addresses, or more.
    addresses: Option<i64>,
    /// More than this many characters pasted at once.
    paste_chars: Option<i64>,
    /// What staff take up is shown to the candidate, unless they say otherwise.
    shown: bool,
}

impl From<Rules> for RuleSet {
    fn from(rules: Rules) -> Self {
        let Rules { away_seconds, silent_seconds, takeover, devices, addresses, paste_chars, shown } = rules;
        Self { away_seconds, silent_seconds, takeover, devices, addresses, paste_chars, shown }
    }
}

/// What rules are to look for. What is absent stays; null turns a rule off.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct RulePatch {
    /// The page in the background for longer than this, 5 to 3,600.
    away_seconds: MaybeUndefined<i64>,
    /// Nothing heard of the device for longer than this, 15 to 3,600.
    silent_seconds: MaybeUndefined<i64>,
    /// Another device asks to continue.
    takeover: Option<bool>,
    /// Written from this many devices, or more, 2 to 20.
    devices: MaybeUndefined<i64>,
    /// Come from this many addresses, or more, 2 to 20.
    addresses: MaybeUndefined<i64>,
    /// More than this many characters pasted at once, 1 to 20,000.
    paste_chars: MaybeUndefined<i64>,
    /// What staff take up is shown to the candidate, unless they say otherwise.
    shown: Option<bool>,
}

fn over(wanted: MaybeUndefined<i64>, now: Option<i64>) -> Option<i64> {
    match wanted {
        MaybeUndefined::Undefined => now,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(n) => Some(n),
    }
}

/// Rules that are off for a candidate.
#[derive(Object)]
struct Exemptions {
    /// Which.
    rules: Vec<Rule>,
}

/// Rules that are to be off for a candidate.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewExemptions {
    /// All of them; those not named are on.
    rules: Vec<Rule>,
}

#[OpenApi(tag = "Tag::Incidents")]
impl IncidentRules {
    /// Read what rules look for.
    #[oai(path = "/exams/:exam/incident-rules", method = "get", operation_id = "get_incident_rules")]
    async fn get_incident_rules(&self, caller: Caller, exam: Path<ExamId>) -> Reply<Json<RuleSet>> {
        Ok(Json(caller.service.get_rules(&caller.actor, &exam.0).await?.into()))
    }

    /// Set what rules look for.
    ///
    /// From now on, also in rooms that run. What was proposed before stays.
    #[oai(path = "/exams/:exam/incident-rules", method = "put", operation_id = "put_incident_rules")]
    async fn put_incident_rules(&self, caller: Caller, exam: Path<ExamId>, body: Body<RulePatch>) -> Reply<Json<RuleSet>> {
        let (now, patch) = (caller.service.get_rules(&caller.actor, &exam.0).await?, body.0);
        let rules = Rules {
            away_seconds: over(patch.away_seconds, now.away_seconds),
            silent_seconds: over(patch.silent_seconds, now.silent_seconds),
            takeover: patch.takeover.unwrap_or(now.takeover),
            devices: over(patch.devices, now.devices),
            addresses: over(patch.addresses, now.addresses),
            paste_chars: over(patch.paste_chars, now.paste_chars),
            shown: patch.shown.unwrap_or(now.shown),
        };
        Ok(Json(caller.service.put_rules(&caller.actor, &exam.0, rules).await?.into()))
    }

    /// Read which rules are off for a candidate.
    #[oai(path = "/rooms/:room/candidates/:candidate/rule-exemptions", method = "get", operation_id = "get_rule_exemptions")]
    async fn get_rule_exemptions(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
    ) -> Reply<Json<Exemptions>> {
        let rules = caller.service.get_exemptions(&caller.actor, &room.0, &candidate.0).await?;
        Ok(Json(Exemptions { rules }))
    }

    /// Turn rules off for a candidate.
    ///
    /// An accommodation: whoever works with a screen reader in another window is not proposed as away.
    #[oai(path = "/rooms/:room/candidates/:candidate/rule-exemptions", method = "put", operation_id = "put_rule_exemptions")]
    async fn put_rule_exemptions(
        &self,
        caller: Caller,
        room: Path<RoomId>,
        candidate: Path<CandidateId>,
        body: Body<NewExemptions>,
    ) -> Reply<Json<Exemptions>> {
        let rules = caller.service.put_exemptions(&caller.actor, &room.0, &candidate.0, body.0.rules).await?;
        Ok(Json(Exemptions { rules }))
    }
}
