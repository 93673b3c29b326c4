//! Commands of the live room. Each is shown before it is given: `preview` is the command's dry run, the confirmation bears the rev that
//! was shown and a key of its own, so that neither a changed room nor a second click does what nobody saw.

use std::collections::BTreeMap;
use std::str::FromStr;

use poem::Response;

use super::answer::{page, page_again, redirect, said};
use super::ask::{Ask, Member};
use super::form::Form;
use super::room::people;
use crate::domain::Ms;
use crate::domain::clock::{Reason, WHOLE_BP};
use crate::domain::control::{Care, Verb, Word};
use crate::domain::ids::{CandidateId, RoomId, TakeoverId};
use crate::domain::status::Person;
use crate::error::{Code, Error, Result};
use crate::live::Table;
use crate::locale::error_title;
use crate::service::control::{Change, Command, Line};
use crate::view::command::{PreviewFragment, PreviewPage, PreviewRow, PreviewView};
use crate::view::room::DoneFragment;
use crate::view::{Problem, live};

/// Extra time that is asked for most often, per cent.
const USUAL_PERCENT: f64 = 25.0;

/// A command as the form says it.
struct Wanted {
    /// As pages name it: the word of the verb without its number.
    name: &'static str,
    verb: Verb,
    candidates: Vec<CandidateId>,
    reason: Reason,
    /// Of `open`: what the browser's clock said at the click, Unix ms.
    client_now_ms: Option<Ms>,
    /// Of `open`: the difference has been looked at.
    accept_clock_difference: bool,
}

fn seconds(form: &Form) -> Result<i64> {
    let minutes: f64 = form.text("minutes").trim().parse().map_err(|_| Error::field("minutes", "not_a_number"))?;
    let seconds = (minutes * 60.0).round();
    if !seconds.is_finite() || seconds.abs() > 1e9 {
        return Err(Error::field("minutes", "out_of_range"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above, and whole")]
    let seconds = seconds as i64;
    Ok(seconds)
}

/// Extra time of an accommodation, as people say it: 25 per cent more is a factor of 12,500 basis points.
fn multiplier_bp(form: &Form) -> Result<i64> {
    let text = form.text("percent").trim();
    let percent: f64 =
        if text.is_empty() { USUAL_PERCENT } else { text.parse().map_err(|_| Error::field("percent", "not_a_number"))? };
    if !(-100.0..=10_000.0).contains(&percent) {
        return Err(Error::field("percent", "out_of_range"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above, and whole")]
    let more = (percent * 100.0).round() as i64;
    Ok(WHOLE_BP.saturating_add(more))
}

/// What has to be typed for what cannot be undone; digits as a Chinese keyboard gives them are digits.
fn same_words(typed: &str, wanted: &str) -> bool {
    let plain = |text: &str| -> String {
        let narrow = |c: char| char::from_u32(u32::from(c).wrapping_sub(0xFEE0)).filter(char::is_ascii_graphic).unwrap_or(c);
        text.trim().chars().map(narrow).collect::<String>().to_lowercase()
    };
    plain(typed) == plain(wanted)
}

impl Wanted {
    /// `said` is the verb's word, for a revert with the rev behind a colon.
    fn read(said: &str, form: &Form) -> Result<Self> {
        let (word, number) = said.split_once(':').unwrap_or((said, form.text("rev")));
        let candidates =
            form.all("candidate").map(|id| CandidateId::from_str(id).map_err(|_| Error::field("candidate", "not_an_id")));
        let candidates = candidates.collect::<Result<Vec<_>>>()?;
        let ms = |seconds: i64| seconds.saturating_mul(1000);
        let (name, verb) = match word {
            "open" => ("open", Verb::Open),
            "start" => ("start", Verb::Start),
            "pause" => ("pause", Verb::Pause),
            "resume" => ("resume", Verb::Resume(None)),
            "extend" => ("extend", Verb::Extend(ms(seconds(form)?))),
            "credit" => ("credit", Verb::Credit(ms(seconds(form)?))),
            // "End" for a selection is another verb: the room goes on without them.
            "end" if !candidates.is_empty() => ("terminate", Verb::Terminate),
            "end" => ("end", Verb::End { spare: form.text("spare") != "false" }),
            "terminate" => ("terminate", Verb::Terminate),
            "accommodate" => ("accommodate", Verb::Accommodate(multiplier_bp(form)?)),
            // The minutes beside the toolbar are not meant for it, only those of its own preview.
            "reopen" if form.text("key").is_empty() || form.text("minutes").is_empty() => ("reopen", Verb::Reopen(0)),
            "reopen" => ("reopen", Verb::Reopen(ms(seconds(form)?))),
            "revert" => ("revert", Verb::Revert(number.parse().map_err(|_| Error::field("rev", "not_a_number"))?)),
            _ => return Err(Code::NotFound.into()),
        };
        let reason = Reason { code: form.text("reason_code").to_owned(), text: form.text("reason_text").trim().to_owned() };
        // What a whole room got is taken back from the whole room.
        let candidates = if matches!(verb, Verb::Revert(_)) { Vec::new() } else { candidates };
        let client_now_ms = form.text("client_now").parse().ok();
        let accept_clock_difference = form.text("accept_clock_difference") == "1";
        Ok(Self { name, verb, candidates, reason, client_now_ms, accept_clock_difference })
    }

    fn command(&self) -> Command {
        Command {
            verb: self.verb,
            candidates: (!self.candidates.is_empty()).then(|| self.candidates.clone()),
            reason: self.reason.clone(),
            expected_rev: None,
            dry_run: true,
            key: None,
            client_now_ms: self.client_now_ms,
            accept_clock_difference: self.accept_clock_difference,
        }
    }

    /// A preview may be asked for before a reason was chosen; the confirmation brings the one that is shown.
    fn preview(&self) -> Command {
        let mut command = Command { client_now_ms: None, ..self.command() };
        if command.reason.code.is_empty() {
            "other".clone_into(&mut command.reason.code);
        }
        command
    }

    /// Extra time in per cent.
    fn percent(&self) -> Option<String> {
        let Verb::Accommodate(bp) = self.verb else { return None };
        let more = bp - WHOLE_BP;
        Some(if more % 100 == 0 { (more / 100).to_string() } else { format!("{}.{:02}", more / 100, (more % 100).abs()) })
    }

    fn seconds(&self) -> Option<i64> {
        match self.verb {
            Verb::Extend(ms) | Verb::Credit(ms) | Verb::Reopen(ms) => Some(ms / 1000),
            _ => None,
        }
    }
}

/// `POST /staff/rooms/{room}/preview`.
pub(super) async fn preview(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let form = ask.form()?;
    let wanted = Wanted::read(form.text("verb"), &form)?;
    let view = look(&ask, &member, &wanted).await?;
    show(&ask, member, view, None)
}

/// `POST /staff/rooms/{room}/{verb}`.
pub(super) async fn give(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let wanted = Wanted::read(ask.param("verb"), &form)?;
    let rev: i64 = form.text("expected_rev").parse().map_err(|_| Error::field("expected_rev", "required"))?;
    let key = Some(form.text("key")).filter(|key| (8..=100).contains(&key.len())).ok_or(Code::KeyRequired)?;
    if wanted.verb.care() == Care::Typed && !same_words(form.text("typed"), form.text("wanted")) {
        let error = Error::field("typed", "does_not_match");
        let mut view = look(&ask, &member, &wanted).await?;
        let problem = Problem { detail: ask.locale.t("typed-wrong"), ..said(ask.locale, &error) };
        view.problem_of_typing = Some(problem);
        return show(&ask, member, view, Some(&error));
    }
    let command = Command { expected_rev: Some(rev), dry_run: false, key: Some(key.to_owned()), ..wanted.command() };
    match ask.web.service.change(&member.actor, &room, &command).await {
        Ok(change) if ask.is_fragment() => done(&ask, &member, &room, &wanted, &change).await,
        Ok(change) => Ok(redirect(&format!("/staff/rooms/{room}?done={}", applied(&change)))),
        // Whoever may not do this learns nothing more; anybody else sees how the room is now, with what was wrong.
        Err(error) if matches!(error.code.status(), 409 | 422 | 400) => {
            let mut view = look(&ask, &member, &wanted).await?;
            view.clock_differs = error.code == Code::ClockDiffers;
            view.problem.get_or_insert(said(ask.locale, &error));
            show(&ask, member, view, Some(&error))
        }
        Err(error) => Err(error),
    }
}

/// What was done, with the way back: for a page that stays where it is.
async fn done(ask: &Ask, member: &Member, room: &RoomId, wanted: &Wanted, change: &Change) -> Result<Response> {
    let n = applied(change);
    let count = if n == 0 { ask.locale.t("done-unchanged") } else { ask.locale.t1("done-n", "n", n) };
    let clock = ask.web.service.get_clock(&member.actor, room).await?;
    let what = clock.ledger.change(change.rev).filter(|_| change.applied).map(|entry| live::what_changed(ask.locale, entry));
    let light = matches!(wanted.verb.word(), Word::Extend | Word::Credit | Word::Pause | Word::Resume | Word::Accommodate);
    page(&DoneFragment {
        locale: ask.locale,
        csrf: &member.shell.csrf,
        room: room.as_str(),
        text: what.map_or(count.clone(), |what| format!("{what}. {count}")),
        undo: Some(change.rev).filter(|_| light && change.applied),
        key: fresh_key(),
    })
}

fn fresh_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(super) fn applied(change: &Change) -> usize {
    if change.applied { change.affected.iter().filter(|line| line.outcome == "applied").count().max(1) } else { 0 }
}

fn show(ask: &Ask, member: Member, preview: PreviewView, error: Option<&Error>) -> Result<Response> {
    if ask.is_fragment() {
        let part = PreviewFragment { locale: ask.locale, csrf: &member.shell.csrf, preview: &preview };
        return error.map_or_else(|| page(&part), |error| Ok(page_again(&part, error)));
    }
    let room = format!("/staff/rooms/{}", preview.room.id);
    let whole = PreviewPage { shell: crate::view::Shell { path: room, ..member.shell }, preview };
    error.map_or_else(|| page(&whole), |error| Ok(page_again(&whole, error)))
}

/// What the command would do now.
async fn look(ask: &Ask, member: &Member, wanted: &Wanted) -> Result<PreviewView> {
    let (service, room) = (&ask.web.service, ask.room()?);
    // Read before the dry run: a change between the two makes the confirmation be refused, never be misread.
    let rev = service.get_room(&member.actor, &room).await?.room.rev;
    let table = service.get_status(&member.actor, &room).await?;
    let (rows, problem) = match service.change(&member.actor, &room, &wanted.preview()).await {
        Ok(change) => (rows(ask, &table, wanted, &change), None),
        Err(error) if matches!(error.code.status(), 400 | 409 | 422) => (Vec::new(), Some(said(ask.locale, &error))),
        Err(error) => return Err(error),
    };
    Ok(PreviewView {
        room: live::room_info(&table.clock),
        verb: wanted.name.to_owned(),
        candidates: wanted.candidates.iter().map(ToString::to_string).collect(),
        seconds: wanted.seconds(),
        spare: if let Verb::End { spare } = wanted.verb { Some(spare) } else { None },
        rev: if let Verb::Revert(rev) = wanted.verb { Some(rev) } else { None },
        expected_rev: rev,
        key: fresh_key(),
        percent: wanted.percent(),
        rows,
        problem,
        problem_of_typing: None,
        clock_differs: false,
        reason_code: wanted.reason.code.clone(),
        reason_text: wanted.reason.text.clone(),
    })
}

fn rows(ask: &Ask, table: &Table, wanted: &Wanted, change: &Change) -> Vec<PreviewRow> {
    let people = people(table);
    change.affected.iter().map(|line| row(ask, table, &people, wanted, line)).collect()
}

fn row(ask: &Ask, table: &Table, people: &BTreeMap<CandidateId, Person>, wanted: &Wanted, line: &Line) -> PreviewRow {
    let refused = match (line.outcome.as_str(), line.code.as_deref()) {
        ("applied", _) => None,
        ("unchanged", _) => Some(ask.locale.t("preview-unchanged")),
        (_, code) => Some(error_title(ask.locale, code.unwrap_or("conflict"))),
    };
    PreviewRow {
        candidate: line.candidate.to_string(),
        who: people.get(&line.candidate).map_or_else(|| line.candidate.to_string(), live::who),
        seat: people.get(&line.candidate).and_then(|person| person.seat.clone()).unwrap_or_default(),
        before_ms: line.before_ms,
        after_ms: line.after_ms,
        left_ms: left(ask.read_ms, table, wanted, line),
        refused,
    }
}

/// Up to the new end; where there is none (not begun, paused), what stands and what is added to it.
fn left(now: Ms, table: &Table, wanted: &Wanted, line: &Line) -> Option<Ms> {
    if matches!(wanted.verb, Verb::End { .. } | Verb::Terminate | Verb::Open) {
        return None;
    }
    if let Some(after) = line.after_ms {
        return Some(after.saturating_sub(now).max(0));
    }
    let row = table.status.rows.get(&line.candidate)?;
    let stands = table.clock.clock(&line.candidate, &row.facts, now).remaining_ms?;
    Some(stands.saturating_add(wanted.seconds().unwrap_or(0).saturating_mul(1000)).max(0))
}

/// `POST /staff/rooms/{room}/takeover`: `answer` is `allow:cd_…:tk_…` or `refuse:…`.
pub(super) async fn takeover(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (form, room) = (ask.form()?, ask.room()?);
    let (allow, candidate, id) = decision(form.text("answer")).ok_or_else(|| Error::field("answer", "malformed"))?;
    ask.web.service.decide_takeover(&member.actor, &room, &candidate, &id, allow).await?;
    Ok(redirect(&back(&room)))
}

fn back(room: &RoomId) -> String {
    format!("/staff/rooms/{room}?done=1")
}

fn decision(answer: &str) -> Option<(bool, CandidateId, TakeoverId)> {
    let mut parts = answer.splitn(3, ':');
    let allow = match parts.next()? {
        "allow" => true,
        "refuse" => false,
        _ => return None,
    };
    Some((allow, CandidateId::from_str(parts.next()?).ok()?, TakeoverId::from_str(parts.next()?).ok()?))
}
