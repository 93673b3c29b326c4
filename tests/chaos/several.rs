//! The same over three nodes behind a door: nodes are killed, PostgreSQL is, its disk loses power, NATS goes, stands still, or is cut off
//! from one of them. When that is over every node shows what the store holds.

use std::time::Duration;

use invigil::time::Time;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::task::block_in_place;

use crate::cluster::Cluster;
use crate::disk::Disk;
use crate::load::{Load, QUESTIONS};
use crate::nodes::Nodes;
use crate::rig::Plan;
use crate::support::postgres::create_database;
use crate::support::proxy::Weather;
use crate::support::room::{Room, short_questions};
use crate::support::temp::TempDir;

const NODES: usize = 3;
/// Faults that one room sees.
const ROUND: usize = 10;
/// From the last answer that is settled to equal tables, a node's start included, on a machine that does other things too: twice what is
/// promised.
const EQUAL: Duration = Duration::from_secs(10);

/// What befalls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed and comes again.
    Node,
    /// PostgreSQL is.
    Database,
    /// The power of PostgreSQL's disk goes.
    PowerCut,
    /// NATS is killed, stands still, or is cut off from one node.
    Nats,
}

/// Three nodes and what they stand on. Dropped in this order: whoever uses a disk before the disk.
struct Several {
    nodes: Nodes,
    cluster: Option<Cluster>,
    disk: Option<Disk>,
    _home: TempDir,
}

impl Several {
    async fn start(fault: Fault) -> Self {
        let home = TempDir::new();
        let mut disk = (fault == Fault::PowerCut).then(|| block_in_place(Disk::new));
        let folder = disk.as_ref().map_or(home.path(), Disk::path).join("postgres");
        let mut cluster = None;
        if matches!(fault, Fault::Database | Fault::PowerCut) {
            std::fs::create_dir(&folder).expect("a folder");
            cluster = Some(Cluster::new(&folder, home.path().join("postgres.log")).await);
        }
        if let (Some(disk), Some(cluster)) = (&mut disk, &cluster) {
            disk.held_by(cluster.id());
        }
        let database = match &cluster {
            Some(cluster) => cluster.url(None),
            None => create_database().await,
        };
        Self { nodes: Nodes::on(database, NODES).await, cluster, disk, _home: home }
    }

    async fn strike(&mut self, fault: Fault, rng: &mut StdRng) {
        let (n, pause) = (rng.random_range(0..NODES), Duration::from_millis(rng.random_range(0..1000)));
        match fault {
            Fault::Node => {
                self.nodes.kill(n);
                tokio::time::sleep(pause).await;
                self.nodes.begin(n).await;
            }
            Fault::Nats => self.silence(rng.random_range(0..3), n, pause * 4).await,
            Fault::Database | Fault::PowerCut => self.fell(pause / 3).await,
        }
    }

    /// Nodes do not hear each other for a while.
    async fn silence(&mut self, how: u32, n: usize, pause: Duration) {
        match how {
            0 => block_in_place(|| self.nodes.nats.kill()),
            1 => self.nodes.nats.freeze(),
            _ => self.nodes.links[n].weather(Weather { black_hole: true, ..Weather::default() }),
        }
        tokio::time::sleep(pause).await;
        match how {
            0 => block_in_place(|| self.nodes.nats.begin()),
            1 => self.nodes.nats.thaw(),
            _ => self.nodes.links[n].weather(Weather::default()),
        }
    }

    /// PostgreSQL dies, with its disk if that is the test's; the nodes live on.
    async fn fell(&mut self, pause: Duration) {
        let cluster = self.cluster.as_mut().expect("a PostgreSQL of the test's own");
        if let Some(disk) = &self.disk {
            // While the power is gone PostgreSQL still runs: whatever is said now is heard.
            block_in_place(|| disk.lose_power());
        }
        tokio::time::sleep(pause).await;
        block_in_place(|| cluster.kill());
        if let Some(disk) = &mut self.disk {
            disk.held_by(None);
            block_in_place(|| disk.regain_power());
        }
        cluster.start().await;
        if let Some(disk) = &mut self.disk {
            disk.held_by(cluster.id());
        }
    }

    /// So many faults in one room under load; what everybody heard is compared with what is stored, and so are the nodes' tables.
    async fn round(&mut self, name: &str, fault: Fault, faults: usize, plan: &Plan, rng: &mut StdRng) {
        let door = self.nodes.anywhere();
        let room = Room::running(&door, plan.people, json!({}), short_questions(QUESTIONS)).await.expect("a room that runs");
        let mut load = Load::enter(&room, None, rng.random()).await;
        if let Some(disk) = &self.disk {
            // Room and people stay, whatever the database does not keep: what is lost then is answers.
            block_in_place(|| disk.sync());
        }
        let (time, step) = (load.time.clone(), u64::from(plan.rate) / 4);
        let begun = time.mono();
        let mut back_ms = Vec::new();
        load.offer(plan.rate);
        for _ in 0..faults {
            load.until_acked(load.acked() + step, || self.nodes.log()).await;
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..1500))).await;
            load.burst(2 * plan.people as u64).await;
            let struck = time.mono();
            self.strike(fault, rng).await;
            back_ms.push(ms(&time, struck));
        }
        load.until_acked(load.acked() + step, || self.nodes.log()).await;
        load.hush().await;
        let seconds = time.mono().saturating_sub(begun).as_secs();
        load.settle(|| self.nodes.log()).await;
        let settled = time.mono();
        self.nodes.until_all_equal_the_store(&room.id).await;
        let equal = time.mono().saturating_sub(settled);
        let sum = load.judge(&room).await;
        let what = json!({
            "chaos": name, "seed": plan.seed, "nodes": NODES, "people": plan.people, "rate": plan.rate, "faults": faults, "seconds": seconds,
            "back_ms": back_ms, "equal_ms": equal.as_millis(),
        });
        sum.require(what, &self.nodes.log());
        assert!(equal <= EQUAL, "the tables were equal after {equal:?} only");
    }
}

fn ms(time: &Time, since: Duration) -> u64 {
    u64::try_from(time.mono().saturating_sub(since).as_millis()).expect("a short time")
}

/// A storm of one kind of fault; the same seed waits the same times.
pub async fn storm(name: &str, fault: Fault, plan: Plan) {
    let mut several = Several::start(fault).await;
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let mut left = plan.faults;
    while left > 0 {
        let faults = left.min(ROUND);
        several.round(name, fault, faults, &plan, &mut rng).await;
        left -= faults;
    }
    println!("{}", json!({ "total": name, "faults": plan.faults }));
}
