//! The node's pulse: once a second it looks whether time is what it should be, and says in the store that it is alive. Where no node
//! did for more than five seconds there was an outage, and nothing is ended by a deadline before it has been dealt with.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{Service, allow};
use crate::auth::secrets::mint;
use crate::bus::Link;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Scope};
use crate::domain::control::Gap;
use crate::domain::ids::{NodeId, RoomId};
use crate::error::{Code, Error, Result};
use crate::live::lock;
use crate::time::Time;
use crate::{limits, metrics, weaken};

/// What a node remembers of its own pulse.
#[derive(Debug)]
pub struct Pulse {
    /// This process among all that share the store.
    node: NodeId,
    /// One looks at time, or sets it, at a time.
    turn: tokio::sync::Mutex<()>,
    /// The last beat that was stored, Unix ms.
    beat_ms: AtomicI64,
    /// Since when the service has been there without an interruption, Unix ms.
    since_ms: AtomicI64,
    /// The difference to the system clock that was said last, ms.
    told_ms: AtomicI64,
    /// The last look at the common time; none with a database in a file.
    look: Mutex<Option<Look>>,
    /// Rooms in which an outage could not be dealt with yet.
    held: Mutex<BTreeSet<RoomId>>,
}

/// What a look at the common time came to, µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How far trusted time is ahead of the common time.
    pub ahead_us: i64,
    /// How far the common time is ahead of the database's clock.
    pub lead_us: i64,
}

impl Pulse {
    /// Of a process that starts.
    pub fn new(now: Ms) -> Self {
        Self {
            node: mint(now),
            turn: tokio::sync::Mutex::default(),
            beat_ms: AtomicI64::new(Ms::MIN),
            since_ms: AtomicI64::new(now),
            told_ms: AtomicI64::new(0),
            look: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// What the last look at the common time came to; none with a database in a file.
    pub fn look(&self) -> Option<Look> {
        *lock(&self.look)
    }

    /// Notes such a look; returns the lead of the one before.
    pub(super) fn looked(&self, ahead_us: i64, lead_us: i64) -> Option<i64> {
        lock(&self.look).replace(Look { ahead_us, lead_us }).map(|before| before.lead_us)
    }

    /// This process among all that share the store.
    pub(super) fn node(&self) -> &NodeId {
        &self.node
    }

    /// Since when the service has been there without an interruption: nobody can have been silent for longer.
    pub fn since_ms(&self) -> Ms {
        self.since_ms.load(Ordering::Relaxed)
    }

    /// Whether an outage in this room waits to be dealt with.
    pub(super) fn holds(&self, room: &RoomId) -> bool {
        lock(&self.held).contains(room)
    }
}

/// What setting trusted time came to, Unix ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reanchored {
    /// Trusted time before.
    pub before_ms: Ms,
    /// After.
    pub after_ms: Ms,
    /// Rooms that run and whose candidates keep what they had left.
    pub rooms: usize,
    /// Whether it was done.
    pub applied: bool,
}

impl Service {
    /// One beat. An outage that this finds is dealt with before it returns.
    pub async fn beat(self: &Arc<Self>) -> Result<()> {
        if weaken::on("uncovered") {
            // Late enough for every sweep to come first.
            tokio::time::sleep(limits::BEAT_EVERY * 6).await;
        }
        let _turn = self.pulse.turn.lock().await;
        self.watch_clock().await?;
        let now = self.now();
        let cut = self.bus.link() == Link::Away;
        let gaps = self.store.beat(&self.pulse.node, cut, || self.now()).await?;
        let last = self.pulse.beat_ms.load(Ordering::Relaxed);
        // A node that was frozen alone has heard nobody meanwhile, either.
        if !gaps.is_empty() || now.saturating_sub(last) > limits::OUTAGE_GAP_MS {
            self.pulse.since_ms.store(self.now(), Ordering::Relaxed);
        }
        let held = self.settle(&gaps).await?;
        *lock(&self.pulse.held) = held;
        self.pulse.beat_ms.store(now, Ordering::Relaxed);
        Ok(())
    }

    /// An instant until which this node is known to have been there: deadlines up to it may be enforced. A node that was frozen, asleep or
    /// cut off from its database beats first.
    pub(super) async fn covered_ms(self: &Arc<Self>) -> Result<Ms> {
        let now = self.now();
        let covered = now.saturating_sub(self.pulse.beat_ms.load(Ordering::Relaxed)) <= limits::OUTAGE_GAP_MS;
        if covered || weaken::on("uncovered") {
            return Ok(now);
        }
        self.beat().await?;
        Ok(self.pulse.beat_ms.load(Ordering::Relaxed))
    }

    /// Adds what the machine slept; says when the system clock has stepped, and follows it while no room is open.
    async fn watch_clock(&self) -> Result<()> {
        let slept_ms = self.time.slept_ms();
        if slept_ms > 0 {
            self.time.wake(slept_ms);
            tracing::warn!(slept_ms, "machine_slept");
        }
        let drift_ms = self.time.drift_ms();
        metrics::clock_drift(drift_ms);
        let told_ms = self.pulse.told_ms.load(Ordering::Relaxed);
        if drift_ms.saturating_sub(told_ms).abs() > limits::CLOCK_STEP_MS {
            self.pulse.told_ms.store(drift_ms, Ordering::Relaxed);
            tracing::warn!(drift_ms, "clock_step");
        }
        if self.keep_one_time().await? || drift_ms.abs() <= limits::CLOCK_STEP_MS || self.store.any_room_open().await? {
            return Ok(());
        }
        let (before_ms, after_ms) = self.anchors().await?;
        // Behind the last event the system clock is not followed: time would stand still there.
        if after_ms.saturating_sub(Time::wall_ms()) <= limits::CLOCK_STEP_MS
            && after_ms.saturating_sub(before_ms).abs() > limits::CLOCK_STEP_MS
        {
            self.store.beat_anew(&self.pulse.node, after_ms, None).await?;
            self.set_clock(before_ms, after_ms);
        }
        Ok(())
    }

    /// Trusted time, and what it would be by the clock that it is taken from: never before the last event.
    async fn anchors(&self) -> Result<(Ms, Ms)> {
        let last = self.store.last_event_ms().await?;
        let clock_ms = self.source_clock_ms().await?;
        Ok((self.now(), clock_ms.max(last.unwrap_or(clock_ms))))
    }

    fn set_clock(&self, before_ms: Ms, after_ms: Ms) {
        self.time.correct(after_ms - before_ms);
        self.clock_was_set(after_ms - before_ms);
    }

    /// After trusted time was set: what is remembered of it is of another time.
    pub(super) fn clock_was_set(&self, by_ms: Ms) {
        let now = self.now();
        self.pulse.beat_ms.store(now, Ordering::Relaxed);
        self.pulse.since_ms.store(now, Ordering::Relaxed);
        self.pulse.told_ms.store(self.time.drift_ms(), Ordering::Relaxed);
        tracing::warn!(by_ms, "clock_reanchored");
    }

    /// Sets trusted time to the clock it is taken from, on an administrator's word. Where rooms run their candidates keep what they have left: a
    /// step forward is removed from their time like an outage, with its entry in the ledger; a step back is refused, since what has
    /// happened would lie ahead.
    pub async fn reanchor_clock(self: &Arc<Self>, actor: &Actor, dry_run: bool) -> Result<Reanchored> {
        allow(actor, Action::ReanchorClock, Scope::Organisation)?;
        let _turn = self.pulse.turn.lock().await;
        let (before_ms, after_ms) = self.anchors().await?;
        let gap = Gap { after_ms: before_ms, from_ms: before_ms, to_ms: after_ms };
        let rooms = self.store.rooms_concerned(gap).await?;
        if after_ms < before_ms && !rooms.is_empty() {
            let state = json!({ "rooms": rooms.len(), "difference_seconds": (before_ms - after_ms) / 1000 });
            return Err(Error::from(Code::RoomsRunning).arg("count", rooms.len()).state(state));
        }
        let done = Reanchored { before_ms, after_ms, rooms: rooms.len(), applied: !dry_run && after_ms != before_ms };
        if done.applied {
            let removed = if rooms.is_empty() { None } else { Some(gap) };
            self.store.beat_anew(&self.pulse.node, after_ms, removed).await?;
            for (room, _) in rooms {
                self.remove_step(actor, &room, gap).await?;
            }
            if removed.is_some() {
                self.store.outage_settled(gap.after_ms, after_ms).await?;
            }
            self.set_clock(before_ms, after_ms);
            self.lead_to_now().await?;
        }
        Ok(done)
    }
}
