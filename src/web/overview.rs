//! The rooms of whoever is signed in.

use poem::Response;

use super::answer::page;
use super::ask::{Ask, Member};
use crate::domain::Ms;
use crate::error::{Code, Result};
use crate::limits;
use crate::store::rooms::{RoomFilter, RoomRow};
use crate::view::staff::{RoomItem, RoomsPage};
use crate::view::{RoomPhase, live};

/// `GET /staff`: running first, then by start.
pub(super) async fn rooms(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    let filter = RoomFilter { limit: limits::PAGE_MAX, ..RoomFilter::default() };
    let mut rooms = Vec::new();
    for row in ask.web.service.list_rooms(&member.actor, filter).await? {
        // Whom a grant without `watch` lets into the list sees the room and no figures.
        match item(&ask, &member, &row).await {
            Ok(item) => rooms.push(item),
            Err(error) if matches!(error.code, Code::NotFound | Code::Forbidden) => {}
            Err(error) => return Err(error),
        }
    }
    rooms.sort_by_key(|item| (order(item.phase), newest_first(item), item.room.location.clone()));
    page(&RoomsPage { shell: member.shell, rooms })
}

fn order(phase: RoomPhase) -> u8 {
    match phase {
        RoomPhase::Running | RoomPhase::Paused => 0,
        RoomPhase::Open => 1,
        RoomPhase::Scheduled => 2,
        RoomPhase::Ended => 3,
    }
}

/// What comes next stands first; of what is over, the last.
fn newest_first(item: &RoomItem) -> Ms {
    let at = item.starts_ms.unwrap_or(Ms::MAX);
    if item.phase == RoomPhase::Ended { at.saturating_neg() } else { at }
}

async fn item(ask: &Ask, member: &Member, row: &RoomRow) -> Result<RoomItem> {
    let now = ask.read_ms;
    let table = ask.web.service.get_status(&member.actor, &row.id).await?;
    let counts = table.status.counts(&table.clock, now);
    let head = live::head(ask.locale, &table.clock, &counts, &[], &std::collections::BTreeMap::new(), now);
    Ok(RoomItem {
        phase: head.phase,
        starts_ms: head.starts_ms,
        ends_ms: head.ended_ms.or(head.last_ms).or(head.deadline_ms),
        expected: head.counts.expected,
        here: head.counts.here,
        ended: head.counts.ended,
        trouble: head.counts.trouble,
        room: head.room,
    })
}
