//! What one candidate costs a node: memory, processor, answers a second; and how evenly rooms fall on shards. The figures of
//! docs/SCALE.md come from here; the short run holds them to bounds that a mistake of another order would break.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "scale/fanout.rs"]
mod fanout;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use invigil::client::Sitter;
use invigil::client::sitter::Setup;
use invigil::time::Time;
use serde_json::json;
use support::nats::Nats;
use support::postgres::create_database;
use support::process::Process;
use support::room::{Room, short_questions};
use support::site::Site;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// One at a time: they measure.
static ALONE: Mutex<()> = Mutex::const_new(());
/// Longest wait for all candidates to be in, or for a round of answers.
const PATIENCE: Duration = Duration::from_secs(300);
/// Candidates that enter at a time.
const AT_ONCE: usize = 32;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

/// What a process has taken: resident bytes, and processor time.
fn taken(process: &Process) -> (f64, Duration) {
    let read =
        |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", process.id())).expect("/proc of a process that lives");
    let status = read("status");
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    let stat = read("stat");
    let fields: Vec<u64> =
        stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2).map(|n| n.parse().unwrap()).collect();
    // User and system time in ticks, of which Linux shows a hundred a second.
    (kib.unwrap() * 1024.0, Duration::from_millis((fields[0] + fields[1]) * 10))
}

struct Hall {
    server: Process,
    sitters: Vec<Sitter>,
    time: Time,
}

impl Hall {
    /// Lets `people` in, step by step, and tells what each step cost: (people, resident bytes).
    async fn fill(url: Option<String>, people: usize) -> (Self, Vec<(usize, f64)>) {
        let (site, server) = tokio::task::block_in_place(|| {
            let site = Site::new(url);
            let server = site.serve();
            (site, server)
        });
        let room = Room::running(&site.base(), people, json!({}), short_questions(10)).await.unwrap();
        let time = Time::anchored(0);
        let (mut sitters, mut steps) = (Vec::new(), Vec::new());
        for part in room.codes.chunks(people.div_ceil(4)) {
            let from = sitters.len();
            let entering = part.iter().enumerate().map(|(n, (_, code))| {
                let seed = u64::try_from(from + n).unwrap();
                let setup = Setup::new(time.clone(), CancellationToken::new(), seed);
                let staff = &room.staff;
                async move { Sitter::enter(staff, code, &setup).await.unwrap() }
            });
            let entered: Vec<Sitter> = stream::iter(entering).buffer_unordered(AT_ONCE).collect().await;
            for sitter in entered {
                sitter.until(PATIENCE, |view| view.paper.is_some()).await.unwrap_or_else(|view| panic!("not in: {view:?}"));
                sitters.push(sitter);
            }
            // Everybody's bursts of clock questions are over.
            tokio::time::sleep(Duration::from_secs(2)).await;
            steps.push((sitters.len(), taken(&server).0));
        }
        (Self { server, sitters, time }, steps)
    }

    /// Processor time of the server while `work` is done, and how long that took.
    async fn cost(&self, work: impl Future<Output = ()>) -> (Duration, Duration) {
        let (begun, before) = (self.time.mono(), taken(&self.server).1);
        work.await;
        (taken(&self.server).1.saturating_sub(before), self.time.mono().saturating_sub(begun))
    }

    /// Everybody answers once; returns when all of it is called saved.
    async fn round(&self, n: u64) {
        for sitter in &self.sitters {
            sitter.answer(&format!("q{}", n % 10 + 1), json!(format!("the answer of round {n}, of about a line"))).await;
        }
        for sitter in &self.sitters {
            let saved = sitter.until(PATIENCE, |view| view.report.acked > n).await;
            saved.unwrap_or_else(|view| panic!("not saved: {view:?}"));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn costs(what: &str, url: Option<String>) {
    let _alone = ALONE.lock().await;
    let people = number("INVIGIL_SCALE_PEOPLE", 120);
    let rounds = u64::try_from(number("INVIGIL_SCALE_ROUNDS", 3)).unwrap();
    let (hall, steps) = Hall::fill(url, people).await;
    let ((first, low), (last, high)) = (steps[0], *steps.last().unwrap());
    let each = (high - low) / (last - first) as f64;
    let idle = Duration::from_secs(u64::try_from(number("INVIGIL_SCALE_IDLE_SECONDS", 5)).unwrap());
    let (idle_cpu, idle_took) = hall.cost(tokio::time::sleep(idle)).await;
    let (busy_cpu, busy_took) = hall
        .cost(async {
            for n in 0..rounds {
                hall.round(n).await;
            }
        })
        .await;
    let answers = rounds as f64 * people as f64;
    let idle_each = idle_cpu.as_secs_f64() / idle_took.as_secs_f64() / people as f64;
    println!(
        "{what}: {people} candidates, {:.1} KB each ({:.1} MB in all); idle {:.3} ms of a core a second each; {answers} answers in {:.2} s: \
         {:.0}/s, {:.3} ms of a core each",
        each / 1024.0,
        high / 1_048_576.0,
        idle_each * 1000.0,
        busy_took.as_secs_f64(),
        answers / busy_took.as_secs_f64(),
        (busy_cpu.as_secs_f64() - idle_each * people as f64 * busy_took.as_secs_f64()).max(0.0) / answers * 1000.0,
    );
    assert!(each < 400.0 * 1024.0, "{each} bytes a candidate: {steps:?}");
    let reports = stream::iter(hall.sitters).map(Sitter::stop).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    assert!(reports.iter().all(|report| report.lost == 0 && report.refused == 0), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_candidate_costs_on_sqlite() {
    costs("SQLite", None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_candidate_costs_on_postgres() {
    let url = create_database().await;
    costs("PostgreSQL", Some(url)).await;
}

/// Letters of a batch's size from one node to two others, as fast as they go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn what_nats_carries() {
    let _alone = ALONE.lock().await;
    let letters = number("INVIGIL_SCALE_LETTERS", 20_000);
    let (nats, time) = (Nats::start(), Time::anchored(0));
    let sender = async_nats::connect(nats.url()).await.unwrap();
    let mut readers = Vec::new();
    for _ in 0..2 {
        let client = async_nats::connect(nats.url()).await.unwrap();
        let mut inbox = client.subscribe("letters").await.unwrap();
        client.flush().await.unwrap();
        readers.push(tokio::spawn(async move {
            for _ in 0..letters {
                inbox.next().await.expect("every letter, where nobody is slow");
            }
            drop(client);
        }));
    }
    // A batch of some answers: what is told of one is about 250 bytes.
    let letter = bytes::Bytes::from(vec![b'x'; 2_000]);
    let begun = time.mono();
    for _ in 0..letters {
        sender.publish("letters", letter.clone()).await.unwrap();
    }
    sender.flush().await.unwrap();
    for reader in readers {
        tokio::time::timeout(PATIENCE, reader).await.expect("letters that come").unwrap();
    }
    let took = time.mono().saturating_sub(begun).as_secs_f64();
    println!("NATS: {letters} letters of 2,000 bytes to two nodes in {took:.2} s: {:.0}/s", letters as f64 / took);
}

/// A million candidates in rooms of a school's sizes, on shards by a digest of the room's id: how full the fullest is.
#[test]
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn rooms_fall_evenly_on_shards() {
    use rand::{Rng as _, SeedableRng as _};
    const PEOPLE: usize = 1_000_000;
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    // Mostly classes of 20 to 40, some halls of hundreds, as rooms are.
    let mut rooms = Vec::new();
    let mut placed = 0;
    while placed < PEOPLE {
        let size = if random.random_range(0..50) == 0 { random.random_range(100..1_000) } else { random.random_range(20..=40) };
        rooms.push((random.random::<u64>(), size));
        placed += size;
    }
    for shards in [8, 20, 32_u64] {
        let mut load: BTreeMap<u64, usize> = BTreeMap::new();
        for (id, size) in &rooms {
            *load.entry(id % shards).or_default() += size;
        }
        let (mean, most) = (placed as f64 / shards as f64, *load.values().max().unwrap() as f64);
        println!(
            "{} rooms, {placed} candidates on {shards} shards: {mean:.0} on each, {most:.0} on the fullest ({:.2} times)",
            rooms.len(),
            most / mean
        );
        assert_eq!(load.len(), usize::try_from(shards).unwrap());
        assert!(most / mean < 1.3, "{shards} shards: {most} on the fullest, {mean} on each");
    }
}
