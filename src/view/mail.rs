//! Messages and raised hands in the live room, and the form in which one is written.

use std::{borrow::Borrow, collections::BTreeMap};

use askama::Template;

use super::{Problem, Shell, live::who, room::RoomInfo};
use crate::{
    domain::{
        Ms,
        ids::CandidateId,
        message::{Audience, Hand, Letter, Sender, Tally},
        status::{Person, RoomClock},
    },
    limits,
    locale::{self, Arg, Locale},
};

/// Names of a selection that are shown; the rest is counted.
const NAMED: usize = 3;

/// Who people are, by id.
pub type People = BTreeMap<CandidateId, Person>;

/// One message of the room's list.
#[derive(Debug, Clone)]
pub struct LetterView {
    /// Its id.
    pub id: String,
    /// The room.
    pub room: String,
    /// When it was sent.
    pub sent_ms: Ms,
    /// Who wrote it.
    pub author: String,
    /// To whom, in words.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Who has it, who has read it, who does not have it yet: in words.
    pub how: String,
    /// Somebody does not have it yet.
    pub waits: bool,
    /// When it was withdrawn.
    pub withdrawn_ms: Option<Ms>,
    /// The candidate who wrote it, if one did.
    pub candidate: Option<String>,
    /// It waits for staff to read it.
    pub unread: bool,
}

/// One message as a fragment.
#[derive(Template)]
#[template(path = "staff/letter.html")]
pub struct LetterFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// What it shows.
    pub letter: &'a LetterView,
    /// IANA zone of the room.
    pub zone: &'a str,
}
impl askama::filters::HtmlSafe for LetterFragment<'_> {}

impl LetterFragment<'_> {
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day(*ms.borrow(), self.zone)
    }
}

/// One raised hand.
#[derive(Debug, Clone)]
pub struct HandView {
    /// Candidate id.
    pub candidate: String,
    /// "07 Zhang Wei".
    pub who: String,
    /// Since when.
    pub raised_ms: Ms,
    /// When somebody said that they are coming.
    pub answered_ms: Option<Ms>,
}

/// The queue of raised hands as a fragment.
#[derive(Template)]
#[template(path = "staff/hands.html")]
pub struct HandsFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// The room's id.
    pub room: &'a str,
    /// The one that waits longest first.
    pub hands: &'a [HandView],
    /// IANA zone of the room.
    pub zone: &'a str,
    /// The instant it was made.
    pub now_ms: Ms,
}
impl askama::filters::HtmlSafe for HandsFragment<'_> {}

impl HandsFragment<'_> {
    fn since(&self, ms: impl Borrow<Ms>) -> String {
        locale::clock((self.now_ms - *ms.borrow()).max(0))
    }
    fn time(&self, ms: impl Borrow<Ms>) -> String {
        locale::time_of_day_short(*ms.borrow(), self.zone)
    }
}

/// A template to choose.
#[derive(Debug, Clone)]
pub struct TemplateView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// It is the reader's own, who may remove it.
    pub own: bool,
}

/// A message that is being written.
#[derive(Debug, Clone)]
pub struct ComposeView {
    /// The room.
    pub room: RoomInfo,
    /// To whom: id and "07 Zhang Wei"; empty: to everybody.
    pub to: Vec<(String, String)>,
    /// How many are expected in the room.
    pub everybody: usize,
    /// What is written so far.
    pub text: String,
    /// What can be chosen.
    pub templates: Vec<TemplateView>,
    /// Makes a second click harmless.
    pub key: String,
    /// Why it was not sent.
    pub problem: Option<Problem>,
    /// What was just done with a template, in words.
    pub notice: Option<String>,
}

impl ComposeView {
    fn lead(&self, locale: Locale) -> String {
        if self.to.is_empty() {
            return locale.t1("compose-all", "n", self.everybody);
        }
        let names: Vec<&str> = self.to.iter().take(limits::NAMED_MISSING).map(|(_, who)| who.as_str()).collect();
        locale.t2("compose-some", "n", self.to.len(), "names", names.join(&locale.t("list-comma")))
    }
    #[expect(clippy::unused_self, reason = "a template calls methods of its own value")]
    fn most(&self) -> usize {
        limits::MESSAGE_CHARS
    }
}

/// The form as a part of the room's page.
#[derive(Template)]
#[template(path = "staff/compose_part.html")]
pub struct ComposeFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// Token of the form.
    pub csrf: &'a str,
    /// What it shows.
    pub compose: &'a ComposeView,
}
impl askama::filters::HtmlSafe for ComposeFragment<'_> {}

/// The form as a page of its own.
#[derive(Template)]
#[template(path = "staff/compose.html")]
pub struct ComposePage {
    /// What every page needs.
    pub shell: Shell,
    /// What it shows.
    pub compose: ComposeView,
}

impl ComposePage {
    fn part(&self) -> ComposeFragment<'_> {
        ComposeFragment { locale: self.shell.locale, csrf: &self.shell.csrf, compose: &self.compose }
    }
}

/// A message as the list shows it.
pub fn letter(locale: Locale, clock: &RoomClock, people: &People, letter: &Letter, tally: &Tally) -> LetterView {
    let name = |id: &CandidateId| people.get(id).map_or_else(|| id.to_string(), who);
    let candidate = if let Sender::Candidate(id) = &letter.sender { Some(id) } else { None };
    LetterView {
        id: letter.id.to_string(),
        room: clock.room.to_string(),
        sent_ms: letter.sent_ms,
        author: candidate.map_or_else(|| letter.author.clone(), name),
        to: to(locale, letter, &name),
        text: letter.text.clone(),
        how: how(locale, clock, letter, tally, &name),
        waits: tally.delivered < tally.total && letter.withdrawn_ms.is_none(),
        withdrawn_ms: letter.withdrawn_ms,
        candidate: candidate.map(ToString::to_string),
        unread: letter.is_unread(),
    }
}

fn to(locale: Locale, letter: &Letter, name: &impl Fn(&CandidateId) -> String) -> String {
    match &letter.audience {
        Audience::Room => locale.t("mail-to-all"),
        Audience::Staff => locale.t("mail-to-staff"),
        Audience::Some(ids) => {
            let names = ids.iter().take(NAMED).map(name).collect::<Vec<_>>().join(&locale.t("list-comma"));
            let more = ids.len().saturating_sub(NAMED);
            if more == 0 { names } else { locale.t2("mail-to-more", "names", names, "n", more) }
        }
    }
}

fn how(locale: Locale, clock: &RoomClock, letter: &Letter, tally: &Tally, name: &impl Fn(&CandidateId) -> String) -> String {
    if letter.audience == Audience::Staff {
        let read = letter.read_ms.map(|at| locale.t1("mail-read-at", "time", locale::time_of_day_short(at, &clock.zone)));
        return read.unwrap_or_else(|| locale.t("mail-unread"));
    }
    let mut args = vec![("n", Arg::from(tally.delivered)), ("total", Arg::from(tally.total)), ("seen", Arg::from(tally.seen))];
    if tally.missing.is_empty() || letter.withdrawn_ms.is_some() {
        return locale::t(locale, "mail-how", &args);
    }
    let shown = i64::try_from(tally.missing.len()).unwrap_or(i64::MAX);
    let listed = tally.missing.iter().map(name).collect::<Vec<_>>().join(&locale.t("list-comma"));
    let more = tally.total.saturating_sub(tally.delivered).saturating_sub(shown);
    let listed = if more > 0 { locale.t2("mail-to-more", "names", listed, "n", more) } else { listed };
    args.push(("names", Arg::from(listed)));
    locale::t(locale, "mail-how-missing", &args)
}

/// Hands as the queue shows them.
pub fn hands(people: &People, hands: &[(CandidateId, Hand)]) -> Vec<HandView> {
    let view = |(id, hand): &(CandidateId, Hand)| HandView {
        candidate: id.to_string(),
        who: people.get(id).map_or_else(|| id.to_string(), who),
        raised_ms: hand.raised_ms,
        answered_ms: hand.answered_ms,
    };
    hands.iter().map(view).collect()
}

/// One message as a fragment of the list.
pub fn letter_html(locale: Locale, clock: &RoomClock, people: &People, of: &Letter, tally: &Tally) -> String {
    let view = letter(locale, clock, people, of, tally);
    LetterFragment { locale, letter: &view, zone: &clock.zone }.render().unwrap_or_default()
}

/// The queue of raised hands as a fragment.
pub fn hands_html(locale: Locale, clock: &RoomClock, people: &People, up: &[(CandidateId, Hand)], now: Ms) -> String {
    let hands = hands(people, up);
    let fragment = HandsFragment { locale, room: clock.room.as_str(), hands: &hands, zone: &clock.zone, now_ms: now };
    fragment.render().unwrap_or_default()
}
