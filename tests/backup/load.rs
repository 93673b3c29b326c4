//! A backup in the middle of an exam, more answers, a crash, the backup restored, and everybody comes back.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use invigil::client::checker::{Checker, Key};
use invigil::client::crowd::histogram::Histogram;
use invigil::client::outbox::Outbox;
use invigil::client::rest::Entry;
use invigil::client::sitter::{Ending, Record, Recorder, Setup};
use invigil::client::{Rest, Sitter};
use invigil::store::Store;
use invigil::time::Time;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::support::room::Room;
use super::support::site::Site;

/// What all devices attempted and heard.
#[derive(Clone, Default)]
pub struct Class {
    pub checker: Checker,
    acked: Arc<Mutex<HashSet<Key>>>,
    pub ack: Arc<Histogram>,
}

impl Class {
    fn recorder(&self) -> Recorder {
        let (checker, acked, ack) = (self.checker.recorder(), self.acked.clone(), self.ack.clone());
        Arc::new(move |record| {
            checker(record);
            if let Record::Saved { row, took, .. } = record {
                acked.lock().unwrap_or_else(PoisonError::into_inner).insert((row.candidate.clone(), row.pen, row.seq));
                ack.record(*took);
            }
        })
    }

    /// Everything that was acknowledged by now.
    pub fn acked(&self) -> HashSet<Key> {
        self.acked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn setup(&self, seed: u64) -> Setup {
        Setup {
            wait_cap: Duration::from_secs(1),
            sync: false,
            recorder: Some(self.recorder()),
            ..Setup::new(Time::anchored(0), CancellationToken::new(), seed)
        }
    }

    /// A device of a candidate, with the paper.
    pub async fn enter(&self, rest: &Rest, code: &str, seed: u64) -> (Entry, Sitter) {
        let setup = self.setup(seed);
        let entry = rest.enter_patiently(code, 20, &setup.stop).await.expect("let in");
        let sitter = Sitter::start(&entry, &setup);
        sitter.until(Duration::from_secs(30), |view| view.paper.is_some()).await.expect("the paper");
        (entry, sitter)
    }

    /// A page that had been taken over is opened again on its computer, with the session it had.
    pub fn open_again(&self, entry: &Entry, seed: u64, outbox: Outbox) -> Sitter {
        Sitter::start_with(entry, &self.setup(seed), outbox)
    }

    /// The device's session is not in the backup: it is sent away, the code is entered again, and what it held goes on under its own pen.
    pub async fn enter_again(&self, rest: &Rest, code: &str, seed: u64, old: Sitter) -> Sitter {
        let sent_away = old.until(Duration::from_secs(30), |view| view.report.ending != Ending::None).await;
        sent_away.unwrap_or_else(|view| panic!("not sent away: {:?}", view.report));
        let (report, mut outbox) = old.put_down().await;
        assert!(matches!(report.ending, Ending::Refused(_)), "its session is not in the backup: {report:?}");
        assert!(outbox.kept() > 0, "it holds what was saved after the backup");
        outbox.handed_over();
        let setup = self.setup(seed);
        let entry = rest.enter_patiently(code, 20, &setup.stop).await.expect("let in again");
        Sitter::start_with(&entry, &setup, outbox)
    }
}

/// Gives each device an answer every `gap`, until told to stop. Every value is another one.
pub async fn write(sitters: &[Sitter], gap: Duration, stop: &CancellationToken) {
    let mut n = 0_u64;
    while !stop.is_cancelled() {
        for sitter in sitters {
            n += 1;
            sitter.answer(&format!("q{}", n % 6 + 1), json!(format!("value {n}"))).await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(gap) => {}
        }
    }
}

/// The restored store is a prefix: of each pen the numbers from the first on without a gap, and all that was acknowledged when the backup
/// began. How many answers it has.
pub async fn check_prefix(database: &str, room: &Room, acked_before: &HashSet<Key>) -> usize {
    let store = Store::look(database, false).await.unwrap();
    let mut stored = HashSet::new();
    for (candidate, _) in &room.codes {
        let mut pens = BTreeMap::<i64, Vec<i64>>::new();
        for row in store.answers(&candidate.parse().unwrap()).await.unwrap() {
            pens.entry(row.pen).or_default().push(row.seq);
            stored.insert((candidate.clone(), row.pen, row.seq));
        }
        for (pen, seqs) in pens {
            let whole: Vec<i64> = (1..).take(seqs.len()).collect();
            assert_eq!(seqs, whole, "{candidate} pen {pen} has a gap");
        }
    }
    store.close().await;
    let absent: Vec<&Key> = acked_before.difference(&stored).collect();
    assert!(absent.is_empty(), "acknowledged before the backup and not in it: {absent:?}");
    stored.len()
}

/// Waits until nobody holds anything that is not saved.
pub async fn settle(sitters: &[Sitter], site: &Site) {
    for sitter in sitters {
        let settled = sitter.until(Duration::from_secs(60), |view| view.connected && view.unsaved == 0).await;
        settled.unwrap_or_else(|view| panic!("never settled: {:?}\n{}", view.report, site.log()));
    }
}
