//! One change of time: what it did to whom, and how far it has come with each.

use poem::Response;

use super::answer::page;
use super::ask::Ask;
use super::room::{natural, people};
use crate::domain::status::Reach;
use crate::error::{Error, Result};
use crate::view::room::{ChangeFragment, ChangePage, ChangeRow};
use crate::view::{Delivery, live};

/// `GET /staff/rooms/{room}/changes/{rev}`; as a fragment, the table alone.
pub(super) async fn change(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let (service, id) = (&ask.web.service, ask.room()?);
    let rev: i64 = ask.param("rev").parse().map_err(|_| Error::field("rev", "not_a_number"))?;
    let view = service.get_clock_change(&member.actor, &id, rev).await?;
    let table = service.get_status(&member.actor, &id).await?;
    let (clock, people) = (&*table.clock, people(&table));
    let mut rows: Vec<ChangeRow> = view
        .candidates
        .iter()
        .map(|(candidate, before_ms, after_ms, reach)| {
            let person = people.get(candidate);
            ChangeRow {
                who: person.map_or_else(|| candidate.to_string(), live::who),
                seat: person.and_then(|person| person.seat.clone()).unwrap_or_default(),
                before_ms: *before_ms,
                after_ms: *after_ms,
                delivery: table.status.rows.get(candidate).filter(|row| row.sits()).map_or(Delivery::None, |_| words(*reach)),
            }
        })
        .collect();
    rows.sort_by_cached_key(|row| (natural(&row.seat), row.who.clone()));
    let room = live::room_info(clock);
    if ask.is_fragment() {
        return page(&ChangeFragment { locale: ask.locale, zone: &room.zone, rows: &rows });
    }
    let what = live::what_changed(ask.locale, &view.change);
    page(&ChangePage { shell: member.shell, room, what, at_ms: view.change.at_ms, reverted: view.reverted, rows })
}

fn words(reach: Reach) -> Delivery {
    match reach {
        Reach::Queued => Delivery::Queued,
        Reach::Delivered => Delivery::Delivered,
        Reach::Seen => Delivery::Seen,
    }
}
