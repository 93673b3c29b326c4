//! Answers at a fixed rate, whatever becomes of the server, and cuts at the worst moments.
//!
//! Every answer has its instant in a schedule that does not wait for anything, so a server that is down is charged for all it held up.
//! A cut falls into a burst: the recorder, which hears of every answer in the very moment, kills the server from within.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use invigil::client::Sitter;
use invigil::client::checker::{Checker, Key};
use invigil::client::crowd::histogram::{Histogram, Quantiles};
use invigil::client::sitter::{Record, Recorder, Row, Setup};
use invigil::time::Time;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::support::process::Process;
use crate::support::room::Room;
use crate::support::site::Site;

/// Answers of a burst: two by each of 50 candidates. Two bursts a second are 200 answers a second.
const BURST: usize = 100;
const EVERY: Duration = Duration::from_millis(500);
/// Answers that have to be in flight at a cut.
pub const IN_FLIGHT: usize = 20;
/// A cut between sending and acknowledging waits for this many, since the last ones may not have left this process yet.
const SENT: usize = IN_FLIGHT + 10;
/// From a restart to the next cut, so that rates can be told from outages.
const PEACE: Duration = Duration::from_secs(4);
/// Longest that answers are offered.
const LENGTH: Duration = Duration::from_secs(90);
/// How long the server stays away.
const AWAY: Duration = Duration::from_millis(300);

/// When in a burst the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// As soon as enough answers are on their way.
    Sent,
    /// As soon as the first one is acknowledged: if that was said too early, it is lost now.
    Acknowledged,
}

/// What the recorder sees and does.
#[derive(Default)]
struct Wire {
    flying: HashSet<Key>,
    acked: usize,
    armed: Option<Moment>,
    server: Option<Process>,
    /// What was in flight when the server was killed.
    cut: Option<HashSet<Key>>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// Answers that were due.
    pub offered: usize,
    /// Answers acknowledged when the last one was due.
    pub acked_in_time: usize,
    /// At each cut, what was in flight and not acknowledged by anything that still came through afterwards.
    pub cuts: Vec<usize>,
    /// How long each restart took, until the server served again.
    pub restarts: Vec<Duration>,
    /// From due to acknowledged.
    pub ack: Quantiles,
    /// Connections of all candidates.
    pub connects: u64,
}

/// Everything a run needs.
pub struct Traffic<'a> {
    /// Where the server is run.
    pub site: &'a Site,
    /// What was attempted and heard.
    pub checker: Checker,
    time: Time,
    wire: Arc<Mutex<Wire>>,
    killed: Arc<Notify>,
    ack: Arc<Histogram>,
}

fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(row: &Row) -> Key {
    (row.candidate.clone(), row.pen, row.seq)
}

impl Wire {
    fn note(&mut self, record: &Record) {
        match record {
            Record::Attempted(row) => drop(self.flying.insert(key(row))),
            Record::Saved { row, .. } => {
                self.flying.remove(&key(row));
                self.acked += 1;
            }
            Record::Refused { row, .. } => drop(self.flying.remove(&key(row))),
            Record::Lost { .. } | Record::Message | Record::Tick { .. } => {}
        }
    }

    fn is_the_moment(&self, record: &Record) -> bool {
        match (self.armed, record) {
            (Some(Moment::Sent), Record::Attempted(_)) => self.flying.len() >= SENT,
            (Some(Moment::Acknowledged), Record::Saved { .. }) => self.flying.len() >= IN_FLIGHT,
            _ => false,
        }
    }
}

impl<'a> Traffic<'a> {
    /// On a server that serves.
    pub fn new(site: &'a Site, server: Process) -> Self {
        let wire = Wire { server: Some(server), ..Wire::default() };
        Self {
            site,
            checker: Checker::default(),
            time: Time::anchored(0),
            wire: Arc::new(Mutex::new(wire)),
            killed: Arc::default(),
            ack: Arc::default(),
        }
    }

    fn recorder(&self) -> Recorder {
        let (checker, wire, killed, ack) = (self.checker.recorder(), self.wire.clone(), self.killed.clone(), self.ack.clone());
        Arc::new(move |record| {
            checker(record);
            if let Record::Saved { took, .. } = record {
                ack.record(*took);
            }
            let mut wire = lock(&wire);
            wire.note(record);
            if wire.is_the_moment(record)
                && let Some(mut server) = wire.server.take()
            {
                server.kill();
                wire.armed = None;
                wire.cut = Some(wire.flying.clone());
                killed.notify_one();
            }
        })
    }

    /// Lets everybody in and waits until all have the paper.
    pub async fn enter(&self, room: &Room) -> Vec<Sitter> {
        let mut sitters = Vec::new();
        for (seed, (_, code)) in (0..).zip(&room.codes) {
            let setup = Setup {
                wait_cap: Duration::from_secs(1),
                sync: false,
                recorder: Some(self.recorder()),
                ..Setup::new(self.time.clone(), CancellationToken::new(), seed)
            };
            sitters.push(Sitter::enter(&room.staff, code, &setup).await.expect("let in"));
        }
        for sitter in &sitters {
            sitter.until(Duration::from_secs(20), |view| view.paper.is_some()).await.expect("the paper");
        }
        sitters
    }

    /// Offers answers until `cuts` deep cuts have been made and some peace has followed, for `LENGTH` at most; then waits until everything
    /// is acknowledged.
    pub async fn run(&self, sitters: Vec<Sitter>, cuts: usize) -> Run {
        let (begun, mut offered, cut) = (self.time.mono(), 0, CancellationToken::new());
        let offering = async {
            let (mut due, mut end, mut peace) = (begun, begun + LENGTH, None);
            while due < end {
                tokio::time::sleep(due.saturating_sub(self.time.mono())).await;
                offered += self.burst(&sitters, due).await;
                due += EVERY;
                if cut.is_cancelled() {
                    end = end.min(*peace.get_or_insert(due + 3 * PEACE));
                }
            }
            tokio::time::sleep(end.saturating_sub(self.time.mono())).await;
            lock(&self.wire).acked
        };
        let cutting = async {
            let made = self.cut(&sitters, cuts, begun + LENGTH).await;
            cut.cancel();
            made
        };
        let (acked_in_time, (cuts, restarts)) = tokio::join!(offering, cutting);
        for sitter in &sitters {
            let settled = sitter.until(Duration::from_secs(20), |view| view.unsaved == 0).await;
            settled.unwrap_or_else(|view| panic!("never settled: {:?}\n{}", view.report, self.site.log()));
        }
        let mut connects = 0;
        for sitter in sitters {
            let report = sitter.stop().await;
            assert_eq!((report.not_queued, report.refused, report.lost), (0, 0, 0), "{report:?}");
            connects += report.connects;
        }
        Run { offered, acked_in_time, cuts, restarts, ack: self.ack.quantiles(), connects }
    }

    /// One burst, due at one instant. Every value is another one, so that none can stand in for another.
    async fn burst(&self, sitters: &[Sitter], due: Duration) -> usize {
        for n in 0..BURST {
            let value = json!(format!("{n} at {} ms", due.as_millis()));
            sitters[n % sitters.len()].answer_at(&format!("q{}", n % 6 + 1), value, due).await;
        }
        BURST
    }

    /// Kills and restarts, each time at another moment of a burst, until `times` cuts were deep. How many answers a cut leaves in flight is
    /// the machine's affair: a batch may have been acknowledged in the same moment.
    async fn cut(&self, sitters: &[Sitter], times: usize, end: Duration) -> (Vec<usize>, Vec<Duration>) {
        let (mut cuts, mut restarts) = (Vec::<usize>::new(), Vec::new());
        for moment in [Moment::Acknowledged, Moment::Sent].into_iter().cycle() {
            if cuts.iter().filter(|in_flight| **in_flight >= IN_FLIGHT).count() >= times {
                break;
            }
            tokio::time::sleep(PEACE).await;
            while !self.arm(sitters, moment) {
                assert!(self.time.mono() < end, "the clients never came to rest\n{}", self.site.log());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            tokio::time::timeout(Duration::from_secs(20), self.killed.notified()).await.expect("a burst to be cut");
            tokio::time::sleep(AWAY).await;
            let mut wire = lock(&self.wire);
            let cut = wire.cut.take().expect("what was in flight");
            cuts.push(cut.intersection(&wire.flying).count());
            drop(wire);
            let begun = self.time.mono();
            let server = tokio::task::block_in_place(|| self.site.serve());
            restarts.push(self.time.mono().saturating_sub(begun));
            lock(&self.wire).server = Some(server);
        }
        (cuts, restarts)
    }

    /// Arms the recorder if all are connected and nothing is in flight: what is in flight at the cut is then a burst that was sent.
    fn arm(&self, sitters: &[Sitter], moment: Moment) -> bool {
        let connected = sitters.iter().all(|sitter| sitter.view().connected);
        let mut wire = lock(&self.wire);
        let ready = connected && wire.flying.is_empty();
        if ready {
            wire.armed = Some(moment);
        }
        ready
    }

    /// Kills the server once more, now that everything is acknowledged, and starts it again.
    pub fn cut_at_rest(&self) {
        drop(lock(&self.wire).server.take());
        let server = tokio::task::block_in_place(|| self.site.serve());
        lock(&self.wire).server = Some(server);
    }
}
