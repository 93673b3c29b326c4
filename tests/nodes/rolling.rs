//! Nodes that are started anew one after the other, as for an upgrade, while people work.

use std::time::Duration;

use invigil::client::checker::Checker;
use invigil::client::sitter::{Setup, Sitter};
use invigil::limits;
use invigil::time::Time;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::long_run;
use crate::rig::{Nodes, PATIENCE, patiently};
use crate::support::balance::Balance;

/// People, and answers a second by all of them, unless `INVIGIL_SOAK_PEOPLE` and `INVIGIL_SOAK_RATE` say otherwise.
const SHORT: (usize, usize) = (60, 120);
/// Longest that somebody may be away because a node went.
const PROMISED: Duration = Duration::from_secs(15);
/// Connections that one node may be offered in a second.
const RUSH: usize = 500;

/// Longest time for which one was away, until told to stop looking.
async fn longest_away(time: &Time, sitter: &Sitter, stop: &CancellationToken) -> Duration {
    let mut longest = Duration::ZERO;
    let looking = async {
        loop {
            if let Err(view) = sitter.until(PATIENCE, |view| !view.connected).await {
                assert!(!sitter.is_over(), "sent away: {:?}", view.report);
                continue;
            }
            let gone = time.mono();
            sitter.until(PATIENCE, |view| view.connected).await.unwrap_or_else(|view| panic!("never back: {view:?}"));
            longest = longest.max(time.mono().saturating_sub(gone));
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = looking => {}
    }
    longest
}

/// Answers, evenly, until told to stop; how many.
async fn offer(time: &Time, sitters: &[Sitter], rate: u32, stop: &CancellationToken) -> u32 {
    let (begun, mut n) = (time.mono(), 0);
    while !stop.is_cancelled() {
        let due = begun + Duration::from_secs(1) * n / rate;
        tokio::time::sleep(due.saturating_sub(time.mono())).await;
        let question = format!("q{}", n % 6 + 1);
        sitters[n as usize % sitters.len()].answer_at(&question, json!(format!("answer {n}")), due).await;
        n += 1;
    }
    n
}

/// Greatest number of connections that the nodes took in a second.
async fn rush(door: &Balance, stop: &CancellationToken) -> usize {
    let (mut before, mut most) = (door.opened(), 0);
    while !stop.is_cancelled() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = door.opened();
        most = most.max(now - before);
        before = now;
    }
    most
}

pub async fn loses_nothing() {
    let (people, rate) = (long_run("INVIGIL_SOAK_PEOPLE"), long_run("INVIGIL_SOAK_RATE"));
    // A machine that does other things too has twice the time.
    let limit = if rate.is_some() { PROMISED } else { 2 * PROMISED };
    let (people, rate) = (people.unwrap_or(SHORT.0), u32::try_from(rate.unwrap_or(SHORT.1)).unwrap());
    let mut nodes = Nodes::start(3).await;
    let room = nodes.room(people, json!({})).await;
    let checker = Checker::default();
    let mut sitters = Vec::new();
    for (seed, (_, code)) in (0..).zip(&room.codes) {
        let entry = nodes.enter(nodes.anywhere(), code).await;
        let (wait_cap, recorder) = (limits::BACKOFF_CAP, Some(checker.recorder()));
        sitters.push(Sitter::start(&entry, &Setup { wait_cap, recorder, ..nodes.setup(seed) }));
    }
    for sitter in &sitters {
        sitter.until(PATIENCE, |view| view.paper.is_some()).await.unwrap_or_else(|view| panic!("no paper: {view:?}"));
    }
    let (stop, time, door) = (CancellationToken::new(), nodes.time.clone(), nodes.door.clone());
    let away = futures_util::future::join_all(sitters.iter().map(|sitter| longest_away(&time, sitter, &stop)));
    let restarting = async {
        for n in 0..3 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            nodes.end(n).await;
            nodes.serve(n).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.cancel();
    };
    let (away, offered, rush, ()) = tokio::join!(away, offer(&time, &sitters, rate, &stop), rush(&door, &stop), restarting);
    let (mut connects, mut away) = (0, away);
    away.sort_unstable();
    for sitter in sitters {
        sitter.until(PATIENCE, |view| view.unsaved == 0).await.unwrap_or_else(|view| panic!("never settled: {view:?}"));
        let report = sitter.stop().await;
        assert_eq!((report.not_queued, report.refused, report.lost), (0, 0, 0), "{report:?}");
        connects += report.connects;
    }
    let found = checker.compare(&patiently(async || room.stored().await).await);
    let longest = away[away.len() - 1];
    println!(
        "3 nodes restarted under {rate} answers/s: {offered} offered, {} acked, {} stored, {} lost; away p50 {:?}, longest {longest:?}; \
         {connects} connects, at most {rush} in a second",
        found.acked,
        found.stored,
        found.lost.len(),
        away[away.len() / 2]
    );
    assert!(found.clean(), "{found:?}\n{}", nodes.log());
    assert_eq!((found.acked, found.stored), (offered as usize, offered as usize));
    assert!(longest <= limit && rush <= RUSH);
    nodes.until_all_equal_the_store(&room.id).await;
}
