//! A room for tests.

use super::RoomClock;
use crate::domain::clock::{Change, Ledger, Terms, Timing};
use crate::domain::ids::{ExamId, Id, RoomId};

/// Room `rm_1` of ten minutes and three questions, in which these changes were made.
pub(crate) fn room_clock(changes: Vec<Change>) -> RoomClock {
    let rev = changes.last().map_or(0, |change| change.rev);
    RoomClock {
        room: RoomId::trusted("rm_1".into()),
        exam: ExamId::trusted("ex_1".into()),
        title: "T".into(),
        location: "L".into(),
        zone: "UTC".into(),
        terms: Terms { base_ms: 600_000, grace_ms: 3_000, timing: Timing::WithRoom, late_entry_ms: None, window: None },
        scheduled_ms: None,
        ledger: Ledger::new(changes),
        ended_ms: None,
        paper_version: Some(1),
        questions: 3,
        rev,
    }
}
