//! Rooms as this node sees them. Memory only: everything here can be thrown away and loaded again.

/// Sockets of this node, by candidate and by watcher.
pub mod connections;
/// What watchers get: the same text for all of one locale.
pub mod delta;
/// A read of the store that is under way.
mod reading;
/// One room's table.
mod signs;
mod table;
/// Token buckets.
pub mod throttle;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};

use crate::domain::Ms;
use crate::domain::clock::Facts;
use crate::domain::event::Event;
use crate::domain::ids::{CandidateId, ExamId, RoomId, SessionId};
use crate::domain::incident::Incident;
use crate::domain::message::{Hand, Letter};
use crate::domain::paper::Paper;
use crate::domain::status::{Folded, RoomClock, Row, Takeover, Want};
use connections::{Connections, Queue, Whom};
use delta::Delta;
pub use reading::Reading;
pub use signs::Signs;
pub use table::Table;

/// Events a room's feed shows. What happens by the hundred is not among them, or it would push out all else.
pub const FEED: usize = 40;
/// Deltas a watcher may lag behind before it starts again from a snapshot.
const LAG: usize = 64;
/// Papers kept in memory.
const PAPERS: usize = 256;

/// Locks without fear of poison: every critical section leaves whole values behind, and none awaits.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every room somebody looks at or sits in.
#[derive(Debug, Default)]
pub struct Live {
    rooms: Mutex<HashMap<RoomId, Arc<LiveRoom>>>,
    /// Token buckets of entry codes, logins and addresses.
    pub throttles: throttle::Throttles,
    papers: Mutex<HashMap<(ExamId, i64), Arc<Paper>>>,
    /// Rung when rooms have to be read again.
    doubts: Notify,
}

/// One of them.
#[derive(Debug)]
pub struct LiveRoom {
    /// Which.
    pub id: RoomId,
    state: Mutex<State>,
    /// The sockets of this node in this room.
    pub connections: Connections,
    deltas: broadcast::Sender<Arc<Delta>>,
    stale: AtomicBool,
    /// One reads the store at a time; who waited finds it read.
    turn: tokio::sync::Mutex<()>,
}

/// The table, and what came while the store is being read: it is folded again afterwards, so none falls between.
#[derive(Debug, Default)]
struct State {
    table: Option<Box<Table>>,
    /// Reads that have begun and not ended.
    reads: usize,
    /// Events since the first of them began.
    since: Vec<Event>,
}

/// What one candidate's socket has to know: absolute, so a missed bell is healed by the next.
#[derive(Debug, Clone)]
pub struct Look {
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// The candidate's facts of time.
    pub facts: Facts,
    /// The current pen and whose it is.
    pub pen: Option<(i64, SessionId)>,
    /// A request to take over that waits.
    pub takeover: Option<Takeover>,
    /// Greatest rev known to have reached the device.
    pub delivered_rev: i64,
    /// Which messages there are; another one when there is something to tell.
    pub mail_version: u64,
    /// The newest messages for or from the candidate, oldest first; None when the version is the one that was known.
    pub mail: Option<Vec<Arc<Letter>>>,
    /// The raised hand and its place in the queue.
    pub hand: Option<(Hand, i64)>,
    /// Number of the connection that is the candidate's.
    pub connection: i64,
    /// Incidents that the candidate sees, oldest first; nearly always none.
    pub incidents: Vec<Arc<Incident>>,
}

impl Live {
    /// The room, if somebody has loaded it.
    pub fn get(&self, id: &RoomId) -> Option<Arc<LiveRoom>> {
        lock(&self.rooms).get(id).cloned()
    }

    /// The room; `is_ready` says whether somebody has read it yet.
    pub fn enter(&self, id: &RoomId) -> Arc<LiveRoom> {
        let mut rooms = lock(&self.rooms);
        let fresh = || {
            Arc::new(LiveRoom {
                id: id.clone(),
                state: Mutex::default(),
                connections: Connections::default(),
                deltas: broadcast::channel(LAG).0,
                stale: AtomicBool::new(false),
                turn: tokio::sync::Mutex::default(),
            })
        };
        rooms.entry(id.clone()).or_insert_with(fresh).clone()
    }

    /// Forgets a room that is gone.
    pub fn forget(&self, id: &RoomId) {
        lock(&self.rooms).remove(id);
    }

    /// Forgets rooms that nobody uses. Whoever is about to use one holds it already: the map is locked meanwhile.
    pub fn forget_unused(&self, used: impl Fn(&LiveRoom) -> bool) {
        lock(&self.rooms).retain(|_, room| Arc::strong_count(room) > 1 || used(room));
    }

    /// Nothing here is believed any more until it has been read again.
    pub fn doubt(&self) {
        for room in self.all() {
            room.set_stale();
        }
        self.doubts.notify_one();
    }

    /// Returns when there is a doubt.
    pub async fn doubted(&self) {
        self.doubts.notified().await;
    }

    /// A paper version; it never changes, so it may be kept.
    pub fn paper(&self, exam: &ExamId, version: i64) -> Option<Arc<Paper>> {
        lock(&self.papers).get(&(exam.clone(), version)).cloned()
    }

    /// Keeps a paper version; when there are too many all are forgotten.
    pub fn keep_paper(&self, exam: &ExamId, version: i64, paper: Arc<Paper>) {
        let mut papers = lock(&self.papers);
        if papers.len() >= PAPERS {
            papers.clear();
        }
        papers.insert((exam.clone(), version), paper);
    }

    /// Every room that is here.
    pub fn all(&self) -> Vec<Arc<LiveRoom>> {
        lock(&self.rooms).values().cloned().collect()
    }

    /// Closes the sockets of sessions that are over.
    pub fn end_sessions(&self, sessions: &[SessionId]) {
        for room in self.all() {
            room.connections.end_sessions(sessions);
        }
    }
}

impl LiveRoom {
    /// Waits for the turn to read the store.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The store could not be read when it had to be, or says more than has been heard.
    pub fn set_stale(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    /// Whether it has to be read again whatever its rev says.
    pub fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }

    /// Begins to read the store: events are kept from now on until the reading ends.
    pub fn read_store(&self) -> Reading<'_> {
        lock(&self.state).reads += 1;
        self.stale.store(false, Ordering::Relaxed);
        Reading { room: self }
    }

    /// What has to be read before `events` are taken.
    pub fn wants(&self, events: &[Event]) -> Want {
        self.read(|table| events.iter().map(|event| table.status.wants(&table.clock, event)).max())
            .flatten()
            .unwrap_or(Want::Nothing)
    }

    /// Takes what was committed together, with the clock that belongs to it, in one step: nobody sees a part of it. Rings whom it touches;
    /// of those whom only a message touches the first, and gives the others: time never waits for its turn.
    pub fn take(&self, clock: Option<RoomClock>, events: &[Event]) -> Queue {
        let (mut touched, mut written_to) = (BTreeSet::new(), BTreeSet::new());
        let mut everybody = false;
        let mut state = lock(&self.state);
        if state.reads > 0 {
            state.since.extend_from_slice(events);
        }
        let moved = clock.is_some();
        if let Some(table) = &mut state.table {
            if let Some(clock) = clock {
                table.set_clock(clock);
            }
            for event in events {
                match table.fold(event) {
                    Folded::Row(candidate) if event.body.is_news_to_its_page() => drop(touched.insert(candidate)),
                    Folded::Mail(mail) => {
                        everybody |= mail.everybody;
                        written_to.extend(mail.candidates);
                    }
                    Folded::Row(_) | Folded::Room | Folded::Nothing => {}
                }
            }
        }
        drop(state);
        if moved {
            self.connections.ring(&Whom::Everybody);
            return Queue::default();
        }
        self.connections.ring(&Whom::Only(touched));
        self.connections.ring_in_turn(&if everybody { Whom::Everybody } else { Whom::Only(written_to) })
    }

    /// Whether the store has been read.
    pub fn is_ready(&self) -> bool {
        lock(&self.state).table.is_some()
    }

    /// Reads the table; None while it is being loaded.
    pub fn read<T>(&self, f: impl FnOnce(&Table) -> T) -> Option<T> {
        lock(&self.state).table.as_deref().map(f)
    }

    /// What a candidate's socket has to know, but for messages.
    pub fn look(&self, candidate: &CandidateId) -> Option<Look> {
        self.look_at(candidate, |_| false)
    }

    /// The same with messages, unless they are those of the version that is known. They are not gathered at each second's look.
    pub fn look_beyond(&self, candidate: &CandidateId, known: Option<u64>) -> Option<Look> {
        self.look_at(candidate, |version| known != Some(version))
    }

    fn look_at(&self, candidate: &CandidateId, wants: impl Fn(u64) -> bool) -> Option<Look> {
        self.read(|table| {
            let row = table.status.rows.get(candidate)?;
            Some(Look {
                clock: table.clock.clone(),
                facts: row.facts,
                pen: row.pen.clone(),
                takeover: row.takeover.clone(),
                delivered_rev: row.delivered_rev,
                mail_version: table.status.mail.version(),
                mail: wants(table.status.mail.version()).then(|| table.status.mail.of(candidate)),
                hand: row.hand.map(|hand| (hand, table.status.place(candidate, hand))),
                connection: row.line.connection,
                incidents: table.status.cases.shown_to(candidate),
            })
        })
        .flatten()
    }

    /// A watcher begins: the whole table and every delta from there on.
    pub fn watch(&self) -> Option<(Table, broadcast::Receiver<Arc<Delta>>)> {
        let state = lock(&self.state);
        state.table.as_deref().map(|table| (table.clone(), self.deltas.subscribe()))
    }

    /// Silence makes no event: rows that began or ceased to ask for the teacher's eye by the mere passing of time are shown again.
    pub fn look_for_trouble(&self, now: Ms) {
        if let Some(table) = &mut lock(&self.state).table {
            let troubled = table.status.troubled(&table.clock, now);
            table.head_dirty |= troubled != table.troubled;
            table.dirty.extend(troubled.symmetric_difference(&table.troubled).cloned());
            table.troubled = troubled;
        }
    }

    /// Sends watchers what has changed since the last call, if anything has.
    pub fn pace(&self, now: Ms) {
        let mut state = lock(&self.state);
        let Some(table) = &mut state.table else { return };
        if table.dirty.is_empty()
            && !table.head_dirty
            && table.mail_dirty.is_empty()
            && table.case_dirty.is_empty()
            && table.fresh_feed.is_empty()
        {
            return;
        }
        table.seq += 1;
        let rows: Vec<(CandidateId, Row)> = std::mem::take(&mut table.dirty)
            .into_iter()
            .filter_map(|id| table.status.rows.get(&id).cloned().map(|row| (id, row)))
            .collect();
        table.head_dirty = false;
        let feed = std::mem::take(&mut table.fresh_feed);
        let changed = std::mem::take(&mut table.mail_dirty);
        let letters = changed.iter().filter_map(|id| table.status.mail.get(id)).cloned().collect();
        let changed = std::mem::take(&mut table.case_dirty);
        let incidents = changed.iter().filter_map(|id| table.status.cases.get(id)).cloned().collect();
        let delta = Delta::new(table.seq, now, &table.clock, &table.status, rows, (letters, incidents), feed);
        // No watcher is no loss: a watcher starts with a snapshot.
        let _ = self.deltas.send(Arc::new(delta));
    }
}

#[cfg(test)]
mod tests;
