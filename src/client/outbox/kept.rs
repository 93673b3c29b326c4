use std::collections::BTreeMap;
use std::time::Duration;

use super::{Key, ROWS, Row, Stage};
use crate::limits::KEPT_AFTER_ACK;
use crate::protocol::SavedItem;

/// What the server has called saved, kept for a day: a store that is restored from a backup has lost what came after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// The store that called it saved.
    epoch: Option<String>,
    /// Each answer, and when it was called saved, on the caller's monotonic clock.
    rows: BTreeMap<Key, (Row, Duration)>,
}

impl Kept {
    /// Keeps an answer with what proves its time. What is older than a day goes, and the oldest when there is too much.
    pub(super) fn keep(&mut self, key: Key, row: &Row, item: &SavedItem, now: Duration) {
        if self.rows.len() >= ROWS {
            self.rows.retain(|_, (_, at)| now.saturating_sub(*at) < KEPT_AFTER_ACK);
        }
        if self.rows.len() >= ROWS {
            self.rows.pop_first();
        }
        let proof = item.proof.clone().or_else(|| row.proof.clone());
        self.rows.insert(key, (Row { proof, stage: Stage::Waiting, ..row.clone() }, now));
    }

    /// The server names its store. If that is another one than before, everything that is kept is to be sent again.
    pub(super) fn epoch(&mut self, epoch: &str, now: Duration) -> BTreeMap<Key, Row> {
        let before = self.epoch.replace(epoch.to_owned());
        if before.is_none_or(|before| before == epoch) {
            return BTreeMap::new();
        }
        let rows = std::mem::take(&mut self.rows);
        rows.into_iter()
            .filter(|(_, (_, at))| now.saturating_sub(*at) < KEPT_AFTER_ACK)
            .map(|(key, (row, _))| (key, row))
            .collect()
    }

    /// How much is kept.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}
