//! One room for staff: the live page, slips with entry codes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use poem::Response;

use super::answer::{page, redirect};
use super::ask::Ask;
use super::colleagues::charge_view;
use super::incidents;
use crate::domain::ids::CandidateId;
use crate::domain::message::Letter;
use crate::domain::status::Person;
use crate::error::Result;
use crate::live::Table;
use crate::store::candidates::CandidateRow;
use crate::view::room::{Filter, RoomPage};
use crate::view::staff::{CodesPage, Slip};
use crate::view::{live, mail};

/// `GET /staff/rooms/{room}`.
pub(super) async fn live(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id, now) = (&ask.web.service, ask.room()?, ask.read_ms);
    let seen = service.get_room(&member.actor, &id).await?;
    let row = service.get_handover(&member.actor, &id).await?;
    let charge = charge_view(&member, &seen.room, seen.rights, row);
    let rights = seen.rights.names().join(" ");
    let table = service.get_status(&member.actor, &id).await?;
    let (clock, people) = (&*table.clock, people(&table));
    let counts = table.status.counts(clock, now);
    let deliveries = table.status.deliveries(clock);
    let head = live::head(ask.locale, clock, &counts, &deliveries, &people, now);
    let mut rows: Vec<_> = table.status.rows.iter().map(|(id, row)| live::row(ask.locale, clock, id, row, now)).collect();
    rows.sort_by_cached_key(|row| (natural(&row.seat), row.name.clone()));
    let feed: Vec<_> = table.feed.iter().cloned().collect();
    let filter = Filter {
        q: ask.query("q").unwrap_or_default().chars().take(100).collect(),
        show: ask.query("show").unwrap_or_default().to_owned(),
    };
    let feed = live::feed(ask.locale, clock, (&people, &table.status.staff), &feed);
    let incidents = incidents::waiting(&ask, &table);
    let letter = |letter: &Arc<Letter>| mail::letter(ask.locale, clock, &people, letter, &table.status.tally(letter));
    let letters = table.status.mail.letters().rev().map(letter).collect();
    let hands = mail::hands(&people, &table.status.hands());
    page(&RoomPage {
        shell: member.shell,
        rights,
        head,
        rows,
        feed,
        filter,
        now_ms: now,
        notice: notice(&ask),
        incidents,
        letters,
        hands,
        charge,
    })
}

/// What a command just did; only our own words, chosen by a number in the address.
fn notice(ask: &Ask) -> Option<String> {
    let n: i64 = ask.query("done")?.parse().ok()?;
    Some(if n == 0 { ask.locale.t("done-unchanged") } else { ask.locale.t1("done-n", "n", n) })
}

/// Everybody on the roster, by id.
pub(super) fn people(table: &Table) -> BTreeMap<CandidateId, Person> {
    table.status.rows.iter().map(|(id, row)| (id.clone(), row.person.clone())).collect()
}

/// Sorts "A2" before "A10", and those without a seat last.
pub(super) fn natural(seat: &str) -> (bool, String) {
    let mut key = String::new();
    let mut digits = String::new();
    for c in seat.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            if !digits.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(key, "{:0>12}", std::mem::take(&mut digits));
            }
            key.push(c);
        }
    }
    (seat.is_empty(), key)
}

/// `GET /staff/rooms/{room}/codes`: slips to print.
pub(super) async fn codes(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let mut rows = service.printable_codes(&member.actor, &id).await?;
    let clock = service.get_clock(&member.actor, &id).await?;
    rows.sort_by_cached_key(|(row, _)| (natural(row.seat.as_deref().unwrap_or_default()), row.name.clone()));
    let unmade = rows.iter().filter(|(row, code)| code.is_none() && row.joined_ms.is_none()).count();
    let address = ask.web.settings.public_url.trim_end_matches('/').to_owned();
    let slips = rows.into_iter().map(|(row, code)| slip(&address, row, code)).collect();
    page(&CodesPage {
        shell: member.shell,
        room: live::room_info(&clock),
        starts_ms: clock.ledger.started_ms().or(clock.scheduled_ms),
        address,
        slips,
        unmade,
    })
}

fn slip(address: &str, row: CandidateRow, code: Option<String>) -> Slip {
    // Behind the number sign it stays in the browser and reaches no log.
    let qr = code.as_ref().and_then(|code| picture(&format!("{address}/#{code}")));
    Slip {
        name: row.name,
        number: row.student_id.unwrap_or_default(),
        class: row.class.unwrap_or_default(),
        seat: row.seat.unwrap_or_default(),
        code,
        qr,
    }
}

pub(super) fn picture(text: &str) -> Option<String> {
    let code = qrcode::QrCode::new(text).ok()?;
    Some(code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(120, 120).build())
}

/// `POST /staff/rooms/{room}/codes`: makes the codes that are missing.
pub(super) async fn make_codes(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let id = ask.room()?;
    ask.web.service.make_entry_codes(&member.actor, &id, None, false).await?;
    Ok(redirect(&format!("/staff/rooms/{id}/codes")))
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn seats_stand_in_the_order_people_expect() {
        let mut seats = ["A10", "", "B1", "A2", "7", "10", "07b"];
        seats.sort_by_key(|seat| natural(seat));
        assert_eq!(seats, ["7", "07b", "10", "A2", "A10", "B1", ""]);
    }
}
