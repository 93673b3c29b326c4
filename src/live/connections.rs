//! Sockets of this node. A socket is told nothing but «look again»: state is absolute, so a lost bell is healed by the next.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::Notify;

use super::lock;
use crate::domain::Ms;
use crate::domain::ids::{CandidateId, SessionId};
use crate::domain::presence::{Ear, Proof, Socket};
use crate::limits::{self, LOST_MS};

/// Why a socket is told to close from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kick {
    /// Its session is over.
    Revoked,
    /// A newer socket shows the same pen.
    Replaced,
}

/// One socket.
#[derive(Debug)]
pub struct Connection {
    /// Through which session.
    pub session: SessionId,
    /// Rung when there is something to look at.
    pub bell: Notify,
    /// Set once when it has to close.
    pub kick: OnceLock<Kick>,
    opened_ms: Ms,
    heard_ms: AtomicI64,
    /// When a pong came last; 0: never.
    answered_ms: AtomicI64,
    pen: AtomicI64,
    number: AtomicI64,
}

impl Connection {
    /// A socket of a session, heard now.
    pub fn new(session: SessionId, now: Ms) -> Arc<Self> {
        Arc::new(Self {
            session,
            bell: Notify::new(),
            kick: OnceLock::new(),
            opened_ms: now,
            heard_ms: AtomicI64::new(now),
            answered_ms: AtomicI64::new(0),
            pen: AtomicI64::new(0),
            number: AtomicI64::new(0),
        })
    }
    /// Any inbound frame is life.
    pub fn heard(&self, now: Ms) {
        self.heard_ms.fetch_max(now, Ordering::Relaxed);
    }
    /// When it was heard last.
    pub fn heard_ms(&self) -> Ms {
        self.heard_ms.load(Ordering::Relaxed)
    }
    /// A pong came: what we say arrives, and what it says arrives here.
    pub fn answered(&self, now: Ms) {
        self.answered_ms.fetch_max(now, Ordering::Relaxed);
    }
    fn stands(&self) -> Socket {
        let proof = match self.answered_ms.load(Ordering::Relaxed) {
            0 => Proof::Opened(self.opened_ms),
            answered => Proof::Answered(answered),
        };
        Socket { heard_ms: self.heard_ms(), proof }
    }
    /// The pen it writes with; 0: none.
    pub fn pen(&self) -> i64 {
        self.pen.load(Ordering::Relaxed)
    }
    /// Notes the pen it writes with.
    pub fn set_pen(&self, pen: i64) {
        self.pen.store(pen, Ordering::Relaxed);
    }
    /// Its number among the candidate's connections on all nodes; 0: it does not speak for the candidate yet.
    pub fn number(&self) -> i64 {
        self.number.load(Ordering::Relaxed)
    }
    /// Notes its number.
    pub fn set_number(&self, number: i64) {
        self.number.store(number, Ordering::Relaxed);
    }
    /// Tells it to close.
    pub fn close(&self, kick: Kick) {
        let _ = self.kick.set(kick);
        self.bell.notify_one();
    }
}

/// Candidates whose sockets are rung.
#[derive(Debug)]
pub enum Whom {
    /// All of the room.
    Everybody,
    /// These.
    Only(BTreeSet<CandidateId>),
}

fn ring(sockets: &[Arc<Connection>]) {
    for socket in sockets {
        socket.bell.notify_one();
    }
}

/// Sockets that still have to be rung.
#[derive(Debug, Default)]
pub struct Queue(Vec<Arc<Connection>>);

impl Queue {
    /// Whether everybody has been rung.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Rings them, some at a time.
    pub async fn ring(self) {
        for some in self.0.chunks(limits::RUNG_AT_ONCE) {
            tokio::time::sleep(limits::RUNG_EVERY).await;
            ring(some);
        }
    }
}

/// The sockets of a room.
#[derive(Debug, Default)]
pub struct Connections {
    candidates: Mutex<HashMap<CandidateId, Vec<Arc<Connection>>>>,
    watchers: Mutex<Vec<Arc<Connection>>>,
    /// The newest connection of a candidate that has gone, and when it was heard last.
    gone: Mutex<HashMap<CandidateId, (i64, Ms)>>,
    /// Who was heard without a socket, through which session, and when last.
    by_http: Mutex<HashMap<CandidateId, (SessionId, Ms)>>,
}

impl Connections {
    /// A candidate's socket comes. Of two that show one pen the newer stays.
    pub fn add(&self, candidate: &CandidateId, connection: &Arc<Connection>) {
        let mut all = lock(&self.candidates);
        let mine = all.entry(candidate.clone()).or_default();
        let pen = connection.pen();
        for older in mine.iter().filter(|c| pen > 0 && c.pen() == pen) {
            older.close(Kick::Replaced);
        }
        mine.push(connection.clone());
    }
    /// It goes.
    pub fn remove(&self, candidate: &CandidateId, connection: &Arc<Connection>) {
        let mut all = lock(&self.candidates);
        if let Some(mine) = all.get_mut(candidate) {
            mine.retain(|c| !Arc::ptr_eq(c, connection));
            // One that never carried leaves nothing to be believed.
            if matches!(connection.stands().proof, Proof::Answered(_)) {
                let mut gone = lock(&self.gone);
                let last = gone.entry(candidate.clone()).or_default();
                *last = (connection.number(), connection.heard_ms()).max(*last);
            }
            if mine.is_empty() {
                all.remove(candidate);
            }
        }
    }
    /// A watcher comes.
    pub fn add_watcher(&self, connection: &Arc<Connection>) {
        lock(&self.watchers).push(connection.clone());
    }
    /// It goes.
    pub fn remove_watcher(&self, connection: &Arc<Connection>) {
        lock(&self.watchers).retain(|c| !Arc::ptr_eq(c, connection));
    }
    /// Whether a session has a socket for a candidate, or is heard without one.
    pub fn has(&self, candidate: &CandidateId, session: &SessionId, now: Ms) -> bool {
        lock(&self.candidates).get(candidate).is_some_and(|mine| mine.iter().any(|c| c.session == *session))
            || lock(&self.by_http).get(candidate).is_some_and(|(s, heard)| s == session && now - heard < LOST_MS)
    }
    /// How this node hears a candidate whose connection is `number`, here or elsewhere.
    pub fn ear(&self, candidate: &CandidateId, number: i64) -> Ear {
        let open = lock(&self.candidates).get(candidate).and_then(|mine| {
            let numbered = mine.iter().filter(|c| number > 0 && c.number() == number);
            numbered.map(|c| c.stands()).max_by_key(|socket| socket.heard_ms)
        });
        let closed = || lock(&self.gone).get(candidate).filter(|(n, _)| *n == number).map(|(_, heard)| *heard);
        let closed = || closed().map(|heard_ms| Socket { heard_ms, proof: Proof::Closed });
        Ear { socket: open.or_else(closed), http: lock(&self.by_http).get(candidate).map(|(_, heard)| *heard) }
    }
    /// A page that has no socket does its work by HTTP.
    pub fn heard_by_http(&self, candidate: &CandidateId, session: &SessionId, now: Ms) {
        lock(&self.by_http).insert(candidate.clone(), (session.clone(), now));
    }
    /// Rings the sockets of these candidates.
    pub fn ring(&self, whom: &Whom) {
        ring(&self.of(whom));
    }
    /// The same in turn: the first of them now, the others when the queue is rung.
    pub fn ring_in_turn(&self, whom: &Whom) -> Queue {
        let mut now = self.of(whom);
        let later = now.split_off(now.len().min(limits::RUNG_AT_ONCE));
        ring(&now);
        Queue(later)
    }
    fn of(&self, whom: &Whom) -> Vec<Arc<Connection>> {
        match whom {
            Whom::Only(nobody) if nobody.is_empty() => Vec::new(),
            Whom::Everybody => lock(&self.candidates).values().flatten().cloned().collect(),
            Whom::Only(some) => {
                let all = lock(&self.candidates);
                some.iter().filter_map(|id| all.get(id)).flatten().cloned().collect()
            }
        }
    }
    /// Closes the sockets of sessions that are over.
    pub fn end_sessions(&self, sessions: &[SessionId]) {
        for c in lock(&self.candidates).values().flatten().chain(lock(&self.watchers).iter()) {
            if sessions.contains(&c.session) {
                c.close(Kick::Revoked);
            }
        }
    }
    /// Sessions with a socket here, to be checked against the store.
    pub fn sessions(&self) -> Vec<SessionId> {
        let mut all: Vec<SessionId> = lock(&self.candidates).values().flatten().map(|c| c.session.clone()).collect();
        all.extend(lock(&self.watchers).iter().map(|c| c.session.clone()));
        all.sort();
        all.dedup();
        all
    }
    /// Whether nobody is here, and nobody was heard lately.
    pub fn is_empty(&self, now: Ms) -> bool {
        lock(&self.candidates).is_empty()
            && lock(&self.watchers).is_empty()
            && lock(&self.by_http).values().all(|(_, heard)| now - heard >= LOST_MS)
    }
}
