//! Several processes of the program over one PostgreSQL and one NATS.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use invigil::client::rest::Entry;
use invigil::client::sitter::Setup;
use invigil::client::{Problem, Rest, Sitter};
use invigil::time::Time;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::balance::Balance;
use crate::support::nats::Nats;
use crate::support::postgres::create_database;
use crate::support::process::Process;
use crate::support::proxy::Proxy;
use crate::support::room::{PASSWORD, Room, TEACHER, short_questions, text};
use crate::support::site::Site;

/// Longest wait for something that takes seconds on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again while a node that is busy says so: these machines do other things too.
pub async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, Problem>) -> T {
    for _ in 0..100 {
        match ask().await {
            Err(problem) if problem.may_retry() => tokio::time::sleep(Duration::from_millis(500)).await,
            other => return other.unwrap(),
        }
    }
    panic!("it stays busy");
}

/// One node.
pub struct Node {
    pub site: Arc<Site>,
    pub process: Option<Process>,
}

/// All of them.
pub struct Nodes {
    pub nats: Nats,
    /// Each node's own line to it.
    pub links: Vec<Proxy>,
    pub all: Vec<Node>,
    /// A door to all.
    pub door: Arc<Balance>,
    known: watch::Sender<Vec<SocketAddr>>,
    pub time: Time,
}

impl Nodes {
    /// So many, all serving.
    pub async fn start(count: usize) -> Self {
        Self::on(create_database().await, count).await
    }

    /// The same on a database of the test's.
    pub async fn on(database: String, count: usize) -> Self {
        let (door, known) = Balance::door().await;
        let nats = block_in_place(Nats::start);
        let first = block_in_place(|| Site::new(Some(database.clone())));
        let more = (1..count).map(|_| Site::beside(database.clone()));
        let nodes: Vec<Node> =
            std::iter::once(first).chain(more).map(|site| Node { site: Arc::new(site), process: None }).collect();
        let mut links = Vec::new();
        for _ in 0..count {
            links.push(Proxy::before(nats.address()).await);
        }
        let mut started = Self { nats, links, all: nodes, door: Arc::new(door), known, time: Time::anchored(0) };
        for n in 0..count {
            started.all[n].site.door(started.door.address);
            started.serve(n).await;
        }
        started.known.send_replace(started.all.iter().map(|node| node.site.address()).collect());
        started
    }

    /// One more, which has seen nothing of what happened.
    pub async fn add(&mut self) -> usize {
        let site = Site::beside(self.all[0].site.database().to_owned());
        self.all.push(Node { site: Arc::new(site), process: None });
        self.serve(self.all.len() - 1).await;
        self.all.len() - 1
    }

    /// Starts a node and waits until it hears the others.
    pub async fn serve(&mut self, n: usize) {
        self.begin(n).await;
        self.until_ready(n, "ready", "ok").await;
    }

    /// Starts a node.
    pub async fn begin(&mut self, n: usize) {
        let site = self.all[n].site.clone();
        let mut command = site.program("serve");
        command.env("INVIGIL_NATS_URL", self.links.get(n).map_or(self.nats.url(), |link| format!("nats://{}", link.address)));
        let begun = tokio::task::spawn_blocking(move || site.serve_by(command)).await;
        self.all[n].process = Some(begun.expect("a node that starts"));
    }

    /// Kills a node.
    pub fn kill(&mut self, n: usize) {
        block_in_place(|| drop(self.all[n].process.take()));
    }

    /// Asks a node to end and waits until it has.
    pub async fn end(&mut self, n: usize) {
        let mut process = self.all[n].process.take().expect("a node that runs");
        process.ask_to_end();
        let end = tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(move || process.wait())).await;
        let status = end.unwrap_or_else(|_| panic!("node {n} does not end\n{}", self.log())).expect("its status");
        assert!(status.success(), "{status}\n{}", self.log());
    }

    pub fn base(&self, n: usize) -> Url {
        self.all[n].site.base()
    }

    /// Where somebody comes who does not care to which node.
    pub fn anywhere(&self) -> Url {
        Url::parse(&format!("http://{}", self.door.address)).unwrap()
    }

    /// The teacher at a node.
    pub async fn staff(&self, n: usize) -> Rest {
        let guest = Rest::new(self.base(n)).unwrap();
        patiently(async || guest.login(TEACHER, PASSWORD).await).await.0
    }

    /// A running room, made at the first node.
    pub async fn room(&self, people: usize, exam: Value) -> Room {
        Room::running(&self.base(0), people, exam, short_questions(6)).await.unwrap()
    }

    /// A candidate at an address.
    pub async fn enter(&self, base: Url, code: &str) -> Entry {
        let guest = Rest::new(base).unwrap();
        patiently(async || guest.enter(code).await).await
    }

    /// How people behave here: patient for a second only.
    pub fn setup(&self, seed: u64) -> Setup {
        let first_wait = Duration::from_millis(100);
        Setup {
            first_wait,
            wait_cap: Duration::from_secs(1),
            sync: false,
            ..Setup::new(self.time.clone(), CancellationToken::new(), seed)
        }
    }

    /// Lets people sit at these addresses, in turn, and waits until each has the paper.
    pub async fn sit(&self, codes: &[(String, String)], bases: &[Url]) -> Vec<Sitter> {
        let mut sitters = Vec::new();
        for (n, (_, code)) in codes.iter().enumerate() {
            let rest = Rest::new(bases[n % bases.len()].clone()).unwrap();
            sitters.push(Sitter::enter(&rest, code, &self.setup(n as u64)).await.unwrap());
        }
        for sitter in &sitters {
            let seen = sitter.until(PATIENCE, |view| view.paper.is_some()).await;
            seen.unwrap_or_else(|view| panic!("no paper: {view:?}\n{}", self.log()));
        }
        sitters
    }

    /// What `/health/ready` says: the code, and its body.
    pub async fn ready(&self, n: usize) -> Option<(u16, Value)> {
        let reply = reqwest::get(self.base(n).join("/health/ready").unwrap()).await.ok()?;
        Some((reply.status().as_u16(), reply.json().await.ok()?))
    }

    /// Waits until a node says so; it serves either way.
    pub async fn until_ready(&self, n: usize, status: &str, bus: &str) {
        self.until(&format!("node {n} {status}, bus {bus}"), async || {
            let ready = self.ready(n).await;
            ready.is_some_and(|(code, body)| code == 200 && body["status"] == status && body["bus"] == bus)
        })
        .await;
    }

    /// Waits for a condition and returns how long that took.
    pub async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) -> Duration {
        let begun = self.time.mono();
        loop {
            if condition().await {
                return self.time.mono().saturating_sub(begun);
            }
            assert!(self.time.mono().saturating_sub(begun) < PATIENCE, "never came: {what}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn log(&self) -> String {
        let logs: Vec<String> =
            self.all.iter().enumerate().map(|(n, node)| format!("-- node {n}\n{}", node.site.log())).collect();
        logs.join("\n")
    }

    /// Waits until a node's table is as wanted, and returns it with how long that took.
    pub async fn rows(&self, staff: &Rest, room: &str, what: &str, wanted: impl Fn(&Rows) -> bool) -> (Rows, Duration) {
        let mut last = Rows::new();
        let took = self
            .until(what, async || {
                let Some(now) = table(staff, room).await else { return false };
                last = now;
                wanted(&last)
            })
            .await;
        (last, took)
    }

    /// Waits until every node that runs shows of a room what a node shows that has just read it from the store.
    /// How long it takes them, once that node is asked.
    pub async fn until_all_equal_the_store(&mut self, room: &str) -> Duration {
        let running: Vec<usize> = (0..self.all.len()).filter(|n| self.all[*n].process.is_some()).collect();
        let mut staff = Vec::new();
        for n in running {
            staff.push((n, self.staff(n).await));
        }
        let fresh = self.add().await;
        let judge = self.staff(fresh).await;
        let took = self
            .until("every table equal to the store's", async || {
                let Some(truth) = table(&judge, room).await else { return false };
                for (n, staff) in &staff {
                    let Some(here) = table(staff, room).await else { return false };
                    if here != truth {
                        println!("node {n}: {}", differences(&here, &truth));
                        return false;
                    }
                }
                true
            })
            .await;
        self.kill(fresh);
        self.all.pop();
        took
    }
}

/// Named fields of each candidate.
pub type Rows = BTreeMap<String, BTreeMap<&'static str, Value>>;

/// What a node may not show otherwise than another.
const FIELDS: [&str; 14] = [
    "phase",
    "presence",
    "presence_at",
    "attention",
    "rev",
    "deadline_at",
    "ended_at",
    "ended_by",
    "answered",
    "last_saved_at",
    "uncounted",
    "delivered_rev",
    "seen_rev",
    "takeover",
];

/// A node's table; none while it is too busy to say.
async fn table(staff: &Rest, room: &str) -> Option<Rows> {
    let status = match staff.status(room).await {
        Err(problem) if problem.may_retry() => return None,
        other => other.unwrap(),
    };
    let rows = status["rows"].as_array().unwrap().iter();
    Some(rows.map(|row| (text(row, "candidate"), FIELDS.iter().map(|name| (*name, row[*name].clone())).collect())).collect())
}

fn differences(here: &Rows, there: &Rows) -> String {
    let mut all = Vec::new();
    for (candidate, row) in there {
        for (name, value) in row {
            let own = here.get(candidate).and_then(|row| row.get(name)).cloned().unwrap_or(json!("none"));
            if own != *value {
                all.push(format!("{candidate} {name}: {own} here, {value} in the store"));
            }
        }
    }
    all.join("; ")
}
