//! Answers at a fixed rate, whatever becomes of the server, and the judgement of what came of them.
//!
//! Every answer has its instant in a schedule that waits for nothing, so a server that is down is charged for all it held up: no
//! coordinated omission.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use invigil::client::checker::{Checker, Findings, Stored};
use invigil::client::crowd::histogram::{Histogram, Quantiles};
use invigil::client::sitter::{Record, Recorder, Setup, View};
use invigil::client::{Rest, Sitter};
use invigil::time::Time;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::room::Room;

/// Questions of the paper, short ones.
pub const QUESTIONS: usize = 6;
/// Longest wait for a condition that has to come.
pub const SOON: Duration = Duration::from_secs(120);

/// Where the numbers of bursts begin, so that none of their values is one of the steady stream.
const BURSTS: u64 = 1 << 32;

/// People who sit and what they heard.
pub struct Load {
    /// What was attempted and heard.
    pub checker: Checker,
    /// The clock of all.
    pub time: Time,
    sitters: Arc<Vec<Sitter>>,
    ack: Arc<Histogram>,
    attempted: Arc<AtomicU64>,
    flying: Arc<AtomicI64>,
    offering: Option<(CancellationToken, JoinHandle<u64>)>,
    offered: u64,
}

/// What a load came to.
#[derive(Debug)]
pub struct Sum {
    pub offered: u64,
    pub ack: Quantiles,
    pub connects: u64,
    pub findings: Findings,
}

impl Load {
    /// Lets everybody of `room` in through `door`, or the server's own address, and waits until all have the paper.
    pub async fn enter(room: &Room, door: Option<&Url>, seed: u64) -> Self {
        let mut load = Self {
            checker: Checker::default(),
            time: Time::anchored(0),
            sitters: Arc::default(),
            ack: Arc::default(),
            attempted: Arc::default(),
            flying: Arc::default(),
            offering: None,
            offered: 0,
        };
        let rest = door.map_or_else(|| room.staff.anonymous(), |door| Rest::new(door.clone()).expect("a client"));
        let mut sitters = Vec::new();
        for (n, (_, code)) in (0..).zip(&room.codes) {
            let setup = Setup {
                first_wait: Duration::from_millis(100),
                wait_cap: Duration::from_secs(1),
                silent: Duration::from_secs(5),
                sync: false,
                recorder: Some(load.recorder()),
                ..Setup::new(load.time.clone(), CancellationToken::new(), seed ^ (n << 20))
            };
            sitters.push(Sitter::enter(&rest, code, &setup).await.expect("let in"));
        }
        for sitter in &sitters {
            sitter.until(SOON, |view| view.paper.is_some()).await.expect("the paper");
        }
        load.sitters = Arc::new(sitters);
        load
    }

    fn recorder(&self) -> Recorder {
        let (checker, ack) = (self.checker.recorder(), self.ack.clone());
        let (attempted, flying) = (self.attempted.clone(), self.flying.clone());
        Arc::new(move |record| {
            checker(record);
            match record {
                Record::Attempted(_) => {
                    flying.fetch_add(1, Ordering::SeqCst);
                    attempted.fetch_add(1, Ordering::SeqCst);
                }
                Record::Saved { took, .. } => {
                    flying.fetch_sub(1, Ordering::SeqCst);
                    ack.record(*took);
                }
                Record::Refused { .. } => drop(flying.fetch_sub(1, Ordering::SeqCst)),
                Record::Lost { .. } | Record::Message | Record::Tick { .. } => {}
            }
        })
    }

    /// Begins to offer `rate` answers a second, spread evenly over all people.
    pub fn offer(&mut self, rate: u32) {
        let (stop, sitters, time) = (CancellationToken::new(), self.sitters.clone(), self.time.clone());
        let (stopped, first) = (stop.clone(), self.offered);
        let task = tokio::spawn(async move {
            let (begun, mut n) = (time.mono(), 0_u64);
            loop {
                let due = begun + Duration::from_nanos(n * 1_000_000_000 / u64::from(rate));
                tokio::select! {
                    () = stopped.cancelled() => return n,
                    () = tokio::time::sleep(due.saturating_sub(time.mono())) => {}
                }
                one(&sitters, first + n, due).await;
                n += 1;
            }
        });
        self.offering = Some((stop, task));
    }

    /// Offers `count` answers at this instant.
    pub async fn burst(&mut self, count: u64) {
        for _ in 0..count {
            one(&self.sitters, BURSTS + self.offered, self.time.mono()).await;
            self.offered += 1;
        }
    }

    /// Ends offering.
    pub async fn hush(&mut self) {
        if let Some((stop, task)) = self.offering.take() {
            stop.cancel();
            self.offered += task.await.expect("a generator");
        }
    }

    /// How many answers have been acknowledged.
    pub fn acked(&self) -> u64 {
        self.ack.quantiles().count
    }

    /// How many are on their way and not settled.
    pub fn flying(&self) -> i64 {
        self.flying.load(Ordering::SeqCst)
    }

    /// Waits until at least so many are acknowledged; panics with `said` if that never happens.
    pub async fn until_acked(&self, count: u64, said: impl Fn() -> String) {
        until(|| self.acked() >= count, || format!("{} of {count} acknowledged\n{}", self.acked(), said())).await;
    }

    /// Who has something that is not settled, and how the first of them fare.
    fn stuck(&self) -> String {
        let views: Vec<_> = self.sitters.iter().map(Sitter::view).filter(|view| view.unsaved > 0).collect();
        let one = |view: &View| {
            format!("connected {}, pen {:?}, {} unsaved: {:?}", view.connected, view.pen, view.unsaved, view.report)
        };
        format!("{} people wait\n{}", views.len(), views.iter().take(5).map(one).collect::<Vec<_>>().join("\n"))
    }

    /// Waits until everybody has everything acknowledged; what a long fault has piled up may take its time as long as it gets less.
    pub async fn settle(&self, said: impl Fn() -> String) {
        let attempted = || self.attempted.load(Ordering::SeqCst);
        while attempted() < self.offered || self.flying() != 0 {
            let before = (attempted(), self.acked());
            let moved = || self.flying() == 0 || (attempted(), self.acked()) != before;
            until(moved, || {
                let (offered, attempted, flying, stuck) = (self.offered, before.0, self.flying(), self.stuck());
                format!("{offered} offered, {attempted} attempted, {flying} not settled\n{stuck}\n{}", said())
            })
            .await;
        }
        for sitter in self.sitters.iter() {
            let connected = sitter.until(SOON, |view| view.unsaved == 0 && view.connected).await;
            connected.unwrap_or_else(|view| panic!("never connected: {:?}\n{}", view.report, said()));
        }
    }

    /// Ends everybody and compares what they heard with what is stored.
    pub async fn judge(mut self, room: &Room) -> Sum {
        self.hush().await;
        let stored = stored(room).await;
        let findings = self.checker.compare(&stored);
        let mut connects = 0;
        for sitter in Arc::into_inner(self.sitters).expect("nobody else offers") {
            let report = sitter.stop().await;
            assert_eq!((report.not_queued, report.lost), (0, 0), "{report:?}");
            connects += report.connects;
        }
        Sum { offered: self.offered, ack: self.ack.quantiles(), connects, findings }
    }
}

/// What is stored. A server that has just been started may be busy with those who come back.
async fn stored(room: &Room) -> Vec<Stored> {
    for _ in 0..60 {
        match room.stored().await {
            Ok(stored) => return stored,
            Err(problem) if problem.may_retry() => tokio::time::sleep(Duration::from_secs(1)).await,
            Err(problem) => panic!("what is stored cannot be read: {problem:?}"),
        }
    }
    panic!("what is stored cannot be read: the server stays busy");
}

/// Every value is another one, so that none can stand in for another.
async fn one(sitters: &[Sitter], n: u64, due: Duration) {
    let people = sitters.len() as u64;
    let sitter = &sitters[usize::try_from(n % people).expect("a person")];
    let question = n / people % QUESTIONS as u64 + 1;
    sitter.answer_at(&format!("q{question}"), json!(format!("answer {n}")), due).await;
}

/// Waits for a condition; panics with what `said` if it never comes.
pub async fn until(mut condition: impl FnMut() -> bool, said: impl Fn() -> String) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(SOON, waiting).await.is_ok(), "never came: {}", said());
}

impl Sum {
    /// The report: one line of JSON, to be collected by whoever runs many of these.
    pub fn report(&self, mut what: Value) -> Value {
        let found = &self.findings;
        let ms = |length: Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        let more = json!({
            "offered": self.offered, "attempted": found.attempted, "acked": found.acked, "stored": found.stored,
            "lost": found.lost.len(), "duplicated": found.duplicated.len(), "phantom": found.phantom.len(), "altered": found.altered.len(),
            "contradicted": found.contradicted.len(), "connects": self.connects,
            "ack_p50_ms": ms(self.ack.p50), "ack_p99_ms": ms(self.ack.p99), "ack_max_ms": ms(self.ack.max),
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            what[name] = value.clone();
        }
        what
    }

    /// Prints the report and requires that nothing was lost, doubled, made up or altered, and that everything offered is stored.
    pub fn require(&self, what: Value, said: &str) {
        println!("{}", self.report(what));
        let found = &self.findings;
        assert!(
            found.clean(),
            "lost {}, duplicated {}, phantom {}, altered {}, contradicted {}\n{said}",
            found.lost.len(),
            found.duplicated.len(),
            found.phantom.len(),
            found.altered.len(),
            found.contradicted.len()
        );
        assert_eq!(
            (found.acked as u64, found.stored as u64),
            (self.offered, self.offered),
            "not everything offered is stored\n{said}"
        );
    }
}
