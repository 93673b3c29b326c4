//! The program with what it stands on, and what can be done to both.

use std::process::ExitStatus;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::cluster::Cluster;
use crate::disk::{Disk, tool};
use crate::load::{Load, QUESTIONS, SOON, until};
use crate::support::postgres::create_database;
use crate::support::process::Process;
use crate::support::proxy::Proxy;
use crate::support::room::{Room, short_questions};
use crate::support::site::Site;
use crate::support::temp::TempDir;

/// Faults that one room sees; then what it has is compared, and the next room begins.
const ROUND: usize = 10;

/// What a storm does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed.
    Kill,
    /// The power of the database's disk goes, and everything that runs on it is killed.
    PowerCut,
    /// PostgreSQL is killed; the server stays.
    DatabaseKill,
}

/// How much of it. Long runs say so in the environment.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub people: usize,
    pub rate: u32,
    pub faults: usize,
}

impl Plan {
    /// So many faults unless the variable `faults_in` names another number.
    pub fn of(faults_in: &str, faults: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
        let small = |name: &str, short: u32| number(name).map_or(short, |n| u32::try_from(n).expect("a small number"));
        Self {
            seed: number("INVIGIL_SOAK_SEED").unwrap_or_else(rand::random),
            people: small("INVIGIL_SOAK_PEOPLE", 20) as usize,
            rate: small("INVIGIL_SOAK_RATE", 100),
            faults: number(faults_in).map_or(faults, |n| usize::try_from(n).expect("a small number")),
        }
    }
}

/// The program on its database.
pub struct Rig {
    pub site: Site,
    // Dropped in this order: whoever uses a disk before the disk.
    server: Option<Process>,
    pub cluster: Option<Cluster>,
    pub disk: Option<Disk>,
    _home: TempDir,
}

impl Rig {
    /// SQLite in a file.
    pub fn sqlite() -> Self {
        Self::on(None, None, None, TempDir::new())
    }

    /// SQLite on a disk of its own.
    pub fn sqlite_on_a_disk() -> Self {
        let disk = block_in_place(Disk::new);
        Self::on(Some(disk.file("invigil.db")), None, Some(disk), TempDir::new())
    }

    /// PostgreSQL, a database of the one that all tests share.
    pub async fn postgres() -> Self {
        Self::on(Some(create_database().await), None, None, TempDir::new())
    }

    /// PostgreSQL of its own, on a disk of its own.
    pub async fn postgres_on_a_disk() -> Self {
        let (home, mut disk) = (TempDir::new(), block_in_place(Disk::new));
        let folder = disk.path().join("postgres");
        std::fs::create_dir(&folder).expect("a folder");
        let cluster = Cluster::new(&folder, home.path().join("postgres.log")).await;
        disk.held_by(cluster.id());
        Self::on(Some(cluster.url(None)), Some(cluster), Some(disk), home)
    }

    /// PostgreSQL of its own, behind a proxy of the test.
    pub async fn postgres_behind_a_proxy() -> (Self, Proxy) {
        let home = TempDir::new();
        let folder = home.path().join("postgres");
        std::fs::create_dir(&folder).expect("a folder");
        let cluster = Cluster::new(&folder, home.path().join("postgres.log")).await;
        let proxy = Proxy::before(cluster.address()).await;
        (Self::on(Some(cluster.url(Some(proxy.address))), Some(cluster), None, home), proxy)
    }

    fn on(database: Option<String>, cluster: Option<Cluster>, disk: Option<Disk>, home: TempDir) -> Self {
        let site = block_in_place(|| Site::new(database));
        Self { site, server: None, cluster, disk, _home: home }
    }

    /// Starts the server.
    pub fn start(&mut self) {
        self.server = Some(block_in_place(|| self.site.serve()));
    }

    /// Starts it with faults in its system calls; `inject` is strace's expression of them.
    pub fn start_with(&mut self, calls: &str, inject: &str) {
        let strace = tool("strace", "strace");
        let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:{inject}"));
        let tracer =
            [strace.to_str().expect("UTF-8"), "-D", "-f", "--seccomp-bpf", "-q", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        self.server = Some(block_in_place(|| self.site.serve_by(self.site.program_under(&tracer, "serve"))));
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.server.as_ref().expect("a server").id()
    }

    /// Kills it.
    pub fn kill(&mut self) {
        drop(self.server.take());
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut server = self.server.take().expect("a server");
        let end = tokio::task::spawn_blocking(move || server.wait());
        tokio::time::timeout(SOON, end).await.expect("an end by itself").expect("its status")
    }

    /// The end of the log.
    pub fn log(&self) -> String {
        self.site.log()
    }

    /// A running room of so many people.
    pub async fn room(&self, people: usize) -> Room {
        Room::running(&self.site.base(), people, json!({}), short_questions(QUESTIONS)).await.expect("a room that runs")
    }

    /// What `/health/ready` says: whether it is ready, and its body.
    pub async fn ready(&self) -> (bool, Value) {
        let url = self.site.base().join("/health/ready").expect("an address");
        let reply = reqwest::get(url).await.expect("an answer of the server");
        (reply.status() == 200, reply.json().await.expect("a JSON body"))
    }

    /// Waits until it is ready, or is not and names `trouble`.
    pub async fn until_ready(&self, trouble: Option<&str>) {
        let wanted = async {
            loop {
                let (ready, body) = self.ready().await;
                if trouble.map_or(ready, |name| !ready && body["journal"] == name) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let came = tokio::time::timeout(SOON, wanted).await.is_ok();
        assert!(came, "ready never said {trouble:?} but {:?}\n{}", self.ready().await, self.log());
    }

    /// One fault and the return from it. `pause` is how long it lasts.
    async fn strike(&mut self, fault: Fault, pause: Duration) {
        if fault == Fault::Kill {
            self.kill();
            tokio::time::sleep(pause).await;
        }
        if let (Fault::PowerCut, Some(disk)) = (fault, &self.disk) {
            // While the power is gone the program still runs: whatever it says now is heard.
            block_in_place(|| disk.lose_power());
            tokio::time::sleep(pause).await;
            self.kill();
        }
        if fault != Fault::Kill
            && let Some(cluster) = &mut self.cluster
        {
            block_in_place(|| cluster.kill());
        }
        if let (Fault::PowerCut, Some(disk)) = (fault, &mut self.disk) {
            disk.held_by(None);
            block_in_place(|| disk.regain_power());
        }
        if fault != Fault::Kill
            && let Some(cluster) = &mut self.cluster
        {
            cluster.start().await;
            if let Some(disk) = &mut self.disk {
                disk.held_by(cluster.id());
            }
        }
        if self.server.is_none() {
            self.start();
        }
    }

    /// Strikes again and again under load, compares, and reports. Seeded: the same seed waits the same times.
    pub async fn storm(&mut self, name: &str, fault: Fault, plan: &Plan) {
        let mut rng = StdRng::seed_from_u64(plan.seed);
        let (mut left, mut total) = (plan.faults, 0);
        self.start();
        while left > 0 {
            let room = self.room(plan.people).await;
            let mut load = Load::enter(&room, None, rng.random()).await;
            if let Some(disk) = &self.disk {
                // Room and people stay, whatever the database does not keep: what is lost then is answers.
                block_in_place(|| disk.sync());
            }
            let (time, faults) = (load.time.clone(), left.min(ROUND));
            let (mut in_flight, mut back_ms) = (Vec::new(), Vec::new());
            let begun = time.mono();
            load.offer(plan.rate);
            for _ in 0..faults {
                load.until_acked(load.acked() + u64::from(plan.rate) / 4, || self.log()).await;
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..1500))).await;
                // A fault meets more than the steady stream has on its way.
                load.burst(2 * plan.people as u64).await;
                for _ in 0..1000 {
                    if load.flying() >= i64::try_from(plan.people).expect("a small number") {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                in_flight.push(load.flying());
                let struck = time.mono();
                self.strike(fault, Duration::from_millis(rng.random_range(0..300))).await;
                back_ms.push(u64::try_from(time.mono().saturating_sub(struck).as_millis()).expect("a short time"));
            }
            load.until_acked(load.acked() + u64::from(plan.rate) / 4, || self.log()).await;
            load.hush().await;
            let offering = time.mono().saturating_sub(begun);
            load.settle(|| self.log()).await;
            self.kill();
            self.start();
            let sum = load.judge(&room).await;
            total += sum.offered;
            let what = json!({
                "chaos": name, "seed": plan.seed, "people": plan.people, "rate": plan.rate, "faults": faults,
                "seconds": offering.as_secs(), "in_flight": in_flight, "back_ms": back_ms,
            });
            sum.require(what, &self.log());
            left -= faults;
        }
        println!("{}", json!({ "total": name, "faults": plan.faults, "offered": total }));
    }
}

/// Another process's system calls made to fail, from outside and while it runs; ends with its handle.
pub struct Tracer {
    strace: Process,
}

impl Tracer {
    /// Only calls that concern `path`.
    pub async fn attach(id: u32, path: &str, calls: &str, inject: &str) -> Self {
        let (id, trace, inject) = (id.to_string(), format!("trace={calls}"), format!("inject={calls}:{inject}"));
        let mut command = std::process::Command::new(tool("strace", "strace"));
        command.args(["-f", "-q", "-o", "/dev/null", "-P", path, "-e", &trace, "-e", &inject, "-p", &id]);
        let strace = Process::start(&mut command);
        let traced = |task: std::path::PathBuf| {
            let status = std::fs::read_to_string(task.join("status")).unwrap_or_default();
            status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|p| p.trim() != "0"))
        };
        let all = || {
            let tasks = std::fs::read_dir(format!("/proc/{id}/task")).expect("its threads");
            tasks.filter_map(Result::ok).all(|task| traced(task.path()))
        };
        until(all, || "strace follows every thread (this needs the right to trace)".to_owned()).await;
        Self { strace }
    }

    /// The calls succeed again.
    pub fn detach(mut self) {
        self.strace.ask_to_end();
        self.strace.wait();
    }
}
