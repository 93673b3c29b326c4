//! What of a room's candidates decides their clocks. Read for each change and each sweep of a whole hall, so it is little.

use super::{Result, Store, on};
use crate::domain::Ms;
use crate::domain::clock::{Ended, EndedBy, Facts};
use crate::domain::event::Presence;
use crate::domain::ids::{CandidateId, NodeId, RoomId};

/// A candidate's facts of time, and where it is connected.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TimesRow {
    /// Id.
    pub id: CandidateId,
    /// Rev of the last change that touched it.
    pub rev: i64,
    multiplier_bp: i64,
    joined_ms: Option<Ms>,
    begun_ms: Option<Ms>,
    ended_ms: Option<Ms>,
    ended_by: Option<String>,
    presence: String,
    presence_node: Option<NodeId>,
    left_ms: Option<Ms>,
}

impl TimesRow {
    /// Facts of time.
    pub fn facts(&self) -> Facts {
        let ended = ended(self.ended_ms, self.ended_by.as_deref());
        Facts { joined_ms: self.joined_ms, begun_ms: self.begun_ms, ended, multiplier_bp: self.multiplier_bp }
    }
    /// The node at which its device is heard, if that lives.
    pub fn node(&self) -> Option<&NodeId> {
        let here = Presence::parse(&self.presence).is_some_and(Presence::is_here) && self.left_ms.is_none();
        self.presence_node.as_ref().filter(|_| here)
    }
}

/// The end as it is stored in two columns.
pub(super) fn ended(at_ms: Option<Ms>, by: Option<&str>) -> Option<Ended> {
    Some(Ended { at_ms: at_ms?, by: by.and_then(EndedBy::parse)? })
}

impl Store {
    /// The times of a room's candidates, in id order.
    pub async fn times(&self, room: &RoomId) -> Result<Vec<TimesRow>> {
        let sql = "select id, rev, multiplier_bp, joined_ms, begun_ms, ended_ms, ended_by, presence, presence_node, left_ms \
                   from candidates where room_id = $1 order by id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }
}
