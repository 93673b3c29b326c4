//! Holds the rows of a room's timeline against its seals. It is fed page by page, so that a room of a million entries needs no memory.

use std::collections::VecDeque;

use serde::Serialize;

use super::{Mark, digest, head};
use crate::domain::Ms;
use crate::domain::ids::RoomId;
use crate::domain::seal::{Content, Link, Seal};
use crate::weaken;

/// Faults that are named one by one; further ones are counted.
const NAMED: usize = 100;
/// An entry that is sealed this much later than it says it happened, behind entries that are as much younger, was put in afterwards, ms. A
/// transaction takes 30 s at most.
const LATE_MS: Ms = 60_000;
/// How far a copy of the store may lie before the instant that is told of it, ms.
const COPY_MS: Ms = 5_000;

/// What is wrong, or worth naming, at one spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Finding {
    /// An entry does not say what it said when it was sealed.
    Altered {
        /// Its place.
        place: i64,
        /// Its id.
        id: String,
    },
    /// Entries that were sealed are gone.
    Deleted {
        /// Place of the first.
        from: i64,
        /// Place of the last.
        to: i64,
    },
    /// An entry was put in afterwards.
    Inserted {
        /// Its id.
        id: String,
        /// When it says that it happened, Unix ms.
        at_ms: Ms,
    },
    /// The entries under a seal are not in the order in which they were sealed, or one was exchanged together with its digest.
    Reordered {
        /// The seal.
        seal: i64,
    },
    /// Seals are gone from the middle.
    SealDeleted {
        /// The first of them.
        seal: i64,
    },
    /// The timeline ends before a head that was told outside.
    Truncated {
        /// The seal that was told.
        seal: i64,
        /// When it was made, Unix ms.
        sealed_ms: Ms,
    },
    /// A seal is another than was told outside: the chain has been made anew from there or from before.
    Remade {
        /// The seal that was told.
        seal: i64,
        /// When it was made, Unix ms.
        sealed_ms: Ms,
    },
}

/// What a check came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Entries under seals.
    pub entries: i64,
    /// Seals.
    pub seals: i64,
    /// Entries that are too new to be sealed.
    pub unsealed: i64,
    /// Places of entries whose content has been erased; the first of them.
    pub erased: Vec<i64>,
    /// How many there are.
    pub erased_count: i64,
    /// Heads that were told outside and are as they were told.
    pub told: i64,
    /// Heads that were told after the copy from which the store was restored: what they covered is not in it, and the timeline says so.
    pub lost_by_restore: i64,
    /// What is wrong; the first of it.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub faults: i64,
    /// The last seal.
    pub last: Option<Seal>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults == 0
    }
    fn fault(&mut self, finding: Finding) {
        self.faults += 1;
        if self.findings.len() < NAMED {
            self.findings.push(finding);
        }
    }
}

/// A check under way: seals first, then entries by place, then what is not sealed.
#[derive(Debug)]
pub struct Check {
    room: RoomId,
    seals: VecDeque<Seal>,
    marks: Vec<Mark>,
    report: Report,
    /// The seal whose entries come now, with the head before it and the digests so far.
    open: Option<Open>,
    before: (i64, String),
    /// Greatest instant under the seals that are done, Unix ms.
    newest_ms: Ms,
    /// Place that comes next.
    next: i64,
    /// Times of which the store has no memory.
    restored: Vec<(Ms, Ms)>,
}

#[derive(Debug)]
struct Open {
    seal: Seal,
    /// The seal before it is there.
    linked: bool,
    digests: Vec<String>,
    /// A fault of its entries is named already.
    named: bool,
    last_id: String,
    ordered: bool,
    newest_ms: Ms,
}

impl Check {
    /// Begins with a room's seals, by number, and the heads that were told outside.
    pub fn new(room: &RoomId, seals: Vec<Seal>, marks: Vec<Mark>) -> Self {
        let marks = marks.into_iter().filter(|mark| mark.room == *room).collect();
        let mut report =
            Report { seals: i64::try_from(seals.len()).unwrap_or(i64::MAX), last: seals.last().cloned(), ..Report::default() };
        let mut expected = 1;
        for seal in &seals {
            if seal.n != expected {
                report.fault(Finding::SealDeleted { seal: expected });
            }
            expected = seal.n + 1;
        }
        let before = (0, String::new());
        Self {
            room: room.clone(),
            seals: seals.into(),
            marks,
            report,
            open: None,
            before,
            newest_ms: 0,
            next: 1,
            restored: Vec::new(),
        }
    }

    /// The next entry by place.
    pub fn entry(&mut self, link: &Link, content: &Content) {
        while self.open.as_ref().is_none_or(|open| open.seal.last_place < link.place) {
            self.close();
            let Some(seal) = self.seals.pop_front() else {
                self.report.fault(Finding::Inserted { id: content.id.clone(), at_ms: content.at_ms });
                return;
            };
            self.open(seal);
        }
        let Some(open) = &mut self.open else { return };
        if link.place < open.seal.first_place && !open.linked {
            // Its seal is gone, and that has been said.
            return;
        }
        if link.place < self.next {
            // Before the first place of its seal, or a place that is taken.
            self.report.fault(Finding::Inserted { id: content.id.clone(), at_ms: content.at_ms });
            return;
        }
        if link.place > self.next {
            self.report.fault(Finding::Deleted { from: self.next, to: link.place - 1 });
            open.named = true;
        }
        self.next = link.place + 1;
        self.report.entries += 1;
        open.digests.push(link.digest.clone());
        let Some(salt) = &link.salt else {
            self.report.erased_count += 1;
            if self.report.erased.len() < NAMED {
                self.report.erased.push(link.place);
            }
            return;
        };
        if digest(salt, content) != link.digest {
            self.report.fault(Finding::Altered { place: link.place, id: content.id.clone() });
            open.named = true;
            return;
        }
        if self.newest_ms - content.at_ms > LATE_MS && open.seal.sealed_ms - content.at_ms > LATE_MS {
            self.report.fault(Finding::Inserted { id: content.id.clone(), at_ms: content.at_ms });
        }
        open.ordered &= open.last_id < content.id;
        open.last_id.clone_from(&content.id);
        open.newest_ms = open.newest_ms.max(content.at_ms);
        if let (true, Some(gap)) = (content.kind == "store.restored", restored(&content.body)) {
            self.restored.push(gap);
        }
    }

    /// An entry that has no place yet.
    pub fn unsealed(&mut self, content: &Content) {
        self.finish();
        self.report.unsealed += 1;
        if self.newest_ms - content.at_ms > LATE_MS {
            self.report.fault(Finding::Inserted { id: content.id.clone(), at_ms: content.at_ms });
        }
    }

    /// What it came to. `heads` has the seals that were told outside, as far as they are there.
    pub fn report(mut self, heads: &[Seal]) -> Report {
        self.finish();
        for mark in &self.marks {
            let there = heads.iter().find(|seal| seal.n == mark.n);
            if there.is_some_and(|seal| seal.head == mark.head) {
                self.report.told += 1;
            } else if self.restored.iter().any(|(from, to)| (*from - COPY_MS..*to).contains(&mark.sealed_ms)) {
                self.report.lost_by_restore += 1;
            } else {
                let (seal, sealed_ms) = (mark.n, mark.sealed_ms);
                let cut = there.is_none();
                self.report.fault(if cut { Finding::Truncated { seal, sealed_ms } } else { Finding::Remade { seal, sealed_ms } });
            }
        }
        self.report
    }

    fn open(&mut self, seal: Seal) {
        // Where a seal is gone its entries are not asked for: that it is gone has been said.
        self.next = self.next.max(seal.first_place);
        let (linked, last_id) = (seal.n == self.before.0 + 1, String::new());
        self.open = Some(Open { seal, linked, digests: Vec::new(), named: false, last_id, ordered: true, newest_ms: 0 });
    }

    /// The seal that is open has all its entries.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let Open { seal, linked, digests, mut named, ordered, newest_ms, .. } = open;
        if self.next <= seal.last_place {
            self.report.fault(Finding::Deleted { from: self.next, to: seal.last_place });
            self.next = seal.last_place + 1;
            named = true;
        }
        let parts = (seal.n, seal.sealed_ms, seal.first_place);
        let made = head(self.room.as_str(), &self.before.1, parts, digests.iter().map(String::as_str));
        let fits = seal.head == made || weaken::on("chain");
        if !ordered || !(fits || named || !linked) {
            self.report.fault(Finding::Reordered { seal: seal.n });
        }
        self.newest_ms = self.newest_ms.max(newest_ms);
        self.before = (seal.n, seal.head);
    }

    fn finish(&mut self) {
        self.close();
        while let Some(seal) = self.seals.pop_front() {
            self.open(seal);
            self.close();
        }
    }
}

/// From when until when a store has no memory, as its entry says.
fn restored(body: &str) -> Option<(Ms, Ms)> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    Some((body.get("from_ms")?.as_i64()?, body.get("to_ms")?.as_i64()?))
}
