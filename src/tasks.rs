//! Named background tasks. One that fails or panics is started again after a second and says so; a dead journal ends the process, since
//! nothing could be saved any more.

use std::future::Future;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::Link;
use crate::service::{Service, Shared};
use crate::{limits, metrics};

/// Pause before a task that ended is started again.
const AGAIN: Duration = Duration::from_secs(1);

/// The tasks of one node.
pub struct Tasks {
    service: Shared,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Tasks {
    /// Starts all but the journal, which outlives them.
    pub fn start(service: &Shared, stop: &CancellationToken) -> Self {
        let tasks = Self { service: service.clone(), stop: stop.clone(), tracker: TaskTracker::new() };
        tasks.keep("follow", follow);
        tasks.keep("pace", pace);
        tasks.keep("beat", beat);
        tasks.keep("sweep", sweep);
        tasks.keep("presence", presence);
        tasks.keep("rules", rules);
        tasks.keep("reconcile", reconcile);
        tasks.keep("sessions", sessions);
        tasks.keep("seal", seal);
        tasks.keep("upkeep", upkeep);
        tasks.keep("backup", Service::keep_backups);
        tasks.tracker.close();
        tasks
    }

    /// Waits until every task has seen the stop.
    pub async fn ended(&self) {
        self.tracker.wait().await;
    }

    fn keep<F>(&self, name: &'static str, task: fn(Shared) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (service, stop) = (self.service.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            loop {
                let mut running = tokio::spawn(task(service.clone()));
                tokio::select! {
                    () = stop.cancelled() => {
                        running.abort();
                        return;
                    }
                    end = &mut running => tracing::error!(task = name, error = ?end.err(), "task.restarted"),
                }
                tokio::time::sleep(AGAIN).await;
            }
        });
    }
}

/// Bus to live rooms.
async fn follow(service: Shared) {
    let mut messages = service.bus.follow();
    service.live.doubt();
    loop {
        match messages.recv().await {
            Ok(message) => service.follow(message).await,
            Err(RecvError::Lagged(n)) => {
                tracing::warn!(lost = n, "follow.lagged");
                service.live.doubt();
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Live rooms to watchers.
async fn pace(service: Shared) {
    every(limits::COALESCE, || {
        service.pace();
        std::future::ready(())
    })
    .await;
}

/// The node says that it is alive, and holds trusted time against the machine's clocks.
async fn beat(service: Shared) {
    every(limits::BEAT_EVERY, || async {
        if let Err(error) = service.beat().await {
            tracing::warn!(error = ?error, "beat.failed");
        }
    })
    .await;
}

/// Deadlines and schedule. Wakes at the next one due, and every second in any case.
async fn sweep(service: Shared) {
    loop {
        let next = match service.sweep().await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(error = ?error, "sweep.failed");
                None
            }
        };
        let wait = next.map_or(limits::SWEEP_EVERY, |at| service.time.until(at).min(limits::SWEEP_EVERY));
        // A due room that cannot be settled now must not make this spin.
        tokio::time::sleep(wait.max(Duration::from_millis(50))).await;
    }
}

async fn presence(service: Shared) {
    every(Duration::from_secs(1), || async {
        service.presence();
        if let Err(error) = service.bury().await {
            tracing::warn!(error = ?error, "presence.failed");
        }
    })
    .await;
}

/// What rules find in live rooms is proposed.
async fn rules(service: Shared) {
    every(limits::RULES_EVERY, || service.look_by_rules()).await;
}

/// Live rooms to what the store has: at once when something was lost, every few seconds in any case.
async fn reconcile(service: Shared) {
    let mut timer = interval(limits::RECONCILE);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = service.live.doubted() => {}
            _ = timer.tick() => {
                if let Err(error) = service.reconcile().await {
                    tracing::warn!(error = ?error, "reconcile.failed");
                }
            }
        }
        service.heal().await;
    }
}

/// Sessions that ended without this node hearing of it.
async fn sessions(service: Shared) {
    every(limits::RECONCILE, || async {
        if let Err(error) = service.recheck_sessions().await {
            tracing::warn!(error = ?error, "sessions.failed");
        }
    })
    .await;
}

/// What happened is bound into each room's chain.
async fn seal(service: Shared) {
    every(limits::SEAL_EVERY, || async {
        if let Err(error) = service.seal_timelines().await {
            tracing::warn!(error = ?error, "seal.failed");
        }
    })
    .await;
}

/// Histograms are folded, the age of the newest backup is told, and what is left of rehearsals is erased.
async fn upkeep(service: Shared) {
    every(Duration::from_secs(5), || async {
        if let Err(error) = service.erase_old_rehearsals().await {
            tracing::warn!(error = ?error, "rehearsals.failed");
        }
        metrics::upkeep();
        if let Some(age) = service.backups.health(service.now()).and_then(|health| health.age_ms) {
            metrics::backup_age(age);
        }
        match service.bus.link() {
            Link::Alone => {}
            link => metrics::bus_up(link == Link::Up),
        }
    })
    .await;
}

async fn every<F: Future<Output = ()>>(period: Duration, mut work: impl FnMut() -> F) {
    let mut timer = interval(period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        work().await;
    }
}
