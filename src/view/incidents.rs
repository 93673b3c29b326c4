//! Incidents for staff: the list of the live room, one with its talk and its entries of the timeline, the form in which one is recorded.

use std::borrow::Borrow;

use askama::Template;

use super::{Problem, Shell, live::who, mail::People, room::RoomInfo};
use crate::{
    domain::{
        Ms,
        ids::CandidateId,
        incident::{Incident, State, Topic},
        rules::Rule,
        status::RoomClock,
    },
    locale::{self, Locale},
};

/// One incident of the list.
#[derive(Debug, Clone)]
pub struct IncidentView {
    /// Its id.
    pub id: String,
    /// The room.
    pub room: String,
    /// Whom it is about: "07 Zhang Wei", or the room.
    pub who: String,
    /// What it is about, in words.
    pub title: String,
    /// The topic's code.
    pub topic: String,
    /// `proposed, open, resolved, dismissed`.
    pub state: &'static str,
    /// What a rule found, in words.
    pub because: Option<String>,
    /// What staff wrote.
    pub text: String,
    /// Who recorded it; empty: a rule.
    pub author: String,
    /// When it was made.
    pub made_ms: Ms,
    /// Who decided last, and when, in words.
    pub decided: Option<String>,
    /// The time that it suggests to give back, in words.
    pub credit: Option<String>,
    /// The candidate sees it.
    pub shown: bool,
    /// It is about a candidate, who can be shown it.
    pub personal: bool,
    /// About whom, where a rule found it that can be off for somebody.
    pub exempt: Option<String>,
    /// How many replies it has.
    pub replies: usize,
}

impl IncidentView {
    /// Whether somebody has still to do something.
    pub fn waits(&self) -> bool {
        matches!(self.state, "proposed" | "open")
    }
    fn state_text(&self, locale: Locale) -> String {
        locale.t(&format!("incident-state-{}", self.state))
    }
}

/// One incident as a fragment of the list.
#[derive(Template)]
#[template(path = "staff/incident.html")]
pub struct IncidentFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// What it shows.
    pub incident: &'a IncidentView,
    /// IANA zone of the room.
    pub zone: &'a str,
}
impl askama::filters::HtmlSafe for IncidentFragment<'_> {}

impl IncidentFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day_short(*ms.borrow(), self.zone)
    }
}

/// Those that wait, for the live room.
#[derive(Template)]
#[template(path = "staff/incidents_part.html")]
pub struct WaitingFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// The room.
    pub room: &'a RoomInfo,
    /// Token of the forms.
    pub csrf: &'a str,
    /// Newest first.
    pub incidents: &'a [IncidentView],
}
impl askama::filters::HtmlSafe for WaitingFragment<'_> {}

impl WaitingFragment<'_> {
    fn item<'a>(&'a self, incident: &'a IncidentView) -> IncidentFragment<'a> {
        IncidentFragment { locale: self.locale, incident, zone: &self.room.zone }
    }
}

/// `/staff/rooms/{room}/incidents`: all of them.
#[derive(Template)]
#[template(path = "staff/incidents.html")]
pub struct IncidentsPage {
    /// What every page needs.
    pub shell: Shell,
    /// Rights of the reader, for what the page shows.
    pub rights: String,
    /// The room.
    pub room: RoomInfo,
    /// The reader may look at what rules look for.
    pub rules: bool,
    /// Only in this state; empty: all.
    pub state: String,
    /// Newest first.
    pub incidents: Vec<IncidentView>,
    /// Address of older ones.
    pub older: Option<String>,
}

impl IncidentsPage {
    fn item<'a>(&'a self, incident: &'a IncidentView) -> IncidentFragment<'a> {
        IncidentFragment { locale: self.shell.locale, incident, zone: &self.room.zone }
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn states(&self) -> impl Iterator<Item = &'static str> {
        State::ALL.iter().map(|state| state.as_str())
    }
}

/// A reply, or an entry of the timeline.
#[derive(Debug, Clone)]
pub struct LineView {
    /// When.
    pub at_ms: Ms,
    /// Who; may be empty.
    pub who: String,
    /// What.
    pub text: String,
}

/// One incident with all that belongs to it.
#[derive(Debug, Clone)]
pub struct DetailView {
    /// The room.
    pub room: RoomInfo,
    /// The incident.
    pub incident: IncidentView,
    /// What was written to it, oldest first.
    pub replies: Vec<LineView>,
    /// Entries of the timeline that belong to it.
    pub events: Vec<LineView>,
    /// Makes a second click on the reply harmless.
    pub key: String,
    /// Why something was not taken.
    pub problem: Option<Problem>,
}

/// One incident as a part of the room's page.
#[derive(Template)]
#[template(path = "staff/incident_part.html")]
pub struct DetailFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// Token of the forms.
    pub csrf: &'a str,
    /// What it shows.
    pub detail: &'a DetailView,
}
impl askama::filters::HtmlSafe for DetailFragment<'_> {}

impl DetailFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), &self.detail.room.zone)
    }
    fn topics(&self) -> TopicField<'_> {
        TopicField { locale: self.locale, id: "case-topic", chosen: &self.detail.incident.topic }
    }
}

/// `/staff/rooms/{room}/incidents/{incident}`.
#[derive(Template)]
#[template(path = "staff/incident_page.html")]
pub struct DetailPage {
    /// What every page needs.
    pub shell: Shell,
    /// Rights of the reader, for what the page shows.
    pub rights: String,
    /// What it shows.
    pub detail: DetailView,
}

impl DetailPage {
    fn part(&self) -> DetailFragment<'_> {
        DetailFragment { locale: self.shell.locale, csrf: &self.shell.csrf, detail: &self.detail }
    }
}

/// An incident that is being recorded.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// The room.
    pub room: RoomInfo,
    /// About whom: id and "07 Zhang Wei"; None: the room.
    pub about: Option<(String, String)>,
    /// The topic's code that is chosen.
    pub topic: String,
    /// What is written so far.
    pub text: String,
    /// The candidate is to see it.
    pub shown: bool,
    /// Makes a second click harmless.
    pub key: String,
    /// Why it was not taken.
    pub problem: Option<Problem>,
}

/// The form as a part of the room's page.
#[derive(Template)]
#[template(path = "staff/record_part.html")]
pub struct RecordFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// Token of the form.
    pub csrf: &'a str,
    /// What it shows.
    pub record: &'a RecordView,
}
impl askama::filters::HtmlSafe for RecordFragment<'_> {}

impl RecordFragment<'_> {
    fn topics(&self) -> TopicField<'_> {
        TopicField { locale: self.locale, id: "record-topic", chosen: &self.record.topic }
    }
}

/// The form as a page of its own.
#[derive(Template)]
#[template(path = "staff/record.html")]
pub struct RecordPage {
    /// What every page needs.
    pub shell: Shell,
    /// What it shows.
    pub record: RecordView,
}

impl RecordPage {
    fn part(&self) -> RecordFragment<'_> {
        RecordFragment { locale: self.shell.locale, csrf: &self.shell.csrf, record: &self.record }
    }
}

/// The field in which a topic is chosen, by category.
#[derive(Template)]
#[template(path = "staff/topic_field.html")]
struct TopicField<'a> {
    locale: Locale,
    id: &'static str,
    chosen: &'a str,
}
impl askama::filters::HtmlSafe for TopicField<'_> {}

impl TopicField<'_> {
    fn groups(&self) -> Vec<(String, Vec<(&'static str, String)>)> {
        let kinds = |category: &str| {
            let own = Topic::ALL.iter().filter(|topic| topic.category() == category);
            own.map(|topic| (topic.as_str(), self.locale.t(topic.key()))).collect()
        };
        Topic::CATEGORIES.iter().map(|category| (self.locale.t(&format!("topic-{category}")), kinds(category))).collect()
    }
}

/// An incident as the list shows it.
pub fn view(locale: Locale, clock: &RoomClock, people: &People, i: &Incident) -> IncidentView {
    let name = |id: &CandidateId| people.get(id).map_or_else(|| id.to_string(), who);
    let at = |ms| locale::time_of_day_short(ms, &clock.zone);
    let decided = i.decided_ms.filter(|_| !i.decider.is_empty()).map(|ms| {
        locale::t(
            locale,
            "incident-decided",
            &[("name", (&i.decider).into()), ("time", at(ms).into()), ("state", state(locale, i).into())],
        )
    });
    let by_rule = i.finding.as_ref().is_some_and(|finding| Rule::ALL.contains(&finding.rule()));
    IncidentView {
        id: i.id.to_string(),
        room: clock.room.to_string(),
        who: i.candidate.as_ref().map_or_else(|| locale.t("incident-room"), name),
        title: locale::topic(locale, i.topic),
        topic: i.topic.as_str().to_owned(),
        state: i.state.as_str(),
        because: i.finding.as_ref().map(|finding| locale::finding(locale, finding, &clock.zone)),
        text: i.text.clone(),
        author: i.author.clone(),
        made_ms: i.made_ms,
        decided,
        credit: i.suggests_ms().map(|ms| locale::words(locale, ms)),
        shown: i.shown,
        personal: i.candidate.is_some(),
        exempt: i.candidate.as_ref().filter(|_| by_rule).map(ToString::to_string),
        replies: i.replies.len(),
    }
}

/// Its state in words; a time that was given back says so.
fn state(locale: Locale, i: &Incident) -> String {
    let key = if i.credited_rev.is_some() { "credited" } else { i.state.as_str() };
    locale.t(&format!("incident-state-{key}"))
}

/// One incident as a fragment of the list.
pub fn item_html(locale: Locale, clock: &RoomClock, people: &People, of: &Incident) -> String {
    let view = view(locale, clock, people, of);
    IncidentFragment { locale, incident: &view, zone: &clock.zone }.render().unwrap_or_default()
}
