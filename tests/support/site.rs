//! The program itself, started again and again on one port and one database; where `INVIGIL_TEST_STACK` is `nodes`, two of it.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sqlx::Connection as _;
use url::Url;

use super::balance::Balance;
use super::nats::Nats;
use super::postgres::create_database;
use super::process::Process;
use super::room::{PASSWORD, TEACHER};
use super::temp::TempDir;
use super::{Stack, ports, stack};

/// Lines of the program's log that are shown when a test fails.
const LOG_LINES: usize = 40;

/// Where the program is run.
pub struct Site {
    home: TempDir,
    database: String,
    port: OnceLock<u16>,
    /// Addresses besides its own under which people reach it.
    doors: OnceLock<String>,
    pair: Option<Pair>,
}

/// What two nodes have in common besides their database.
struct Pair {
    nats: Nats,
    /// Where people come: each connection goes to the next node.
    door: SocketAddr,
    second: u16,
}

impl Site {
    /// A fresh database, in a file unless a URL is given, with a teacher in it.
    pub fn new(url: Option<String>) -> Self {
        let home = TempDir::new();
        let file = || home.file("invigil.db");
        let site = if stack() == Stack::Nodes {
            let database = url.unwrap_or_else(|| apart(create_database));
            let mut site = Self { home, database, port: OnceLock::new(), doors: OnceLock::new(), pair: None };
            site.pair = Some(Pair::before(site.port()));
            site
        } else {
            let database = url.unwrap_or_else(file);
            Self { home, database, port: OnceLock::new(), doors: OnceLock::new(), pair: None }
        };
        site.add_user(TEACHER, "teacher");
        site
    }

    /// Another place to run it, on a database that there is already.
    pub fn beside(database: String) -> Self {
        Self { home: TempDir::new(), database, port: OnceLock::new(), doors: OnceLock::new(), pair: None }
    }

    /// Makes an account with the password of the tests.
    pub fn add_user(&self, login: &str, role: &str) {
        let mut add = self.program("user");
        add.args(["add", login, "--role", role, "--listen", "127.0.0.1:0"]);
        let mut child = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
        child.stdin.take().expect("a piped input").write_all(PASSWORD.as_bytes()).expect("a password given");
        let status = child.wait().expect("its exit status");
        assert!(status.success(), "user add: {status}\n{}", self.log());
    }

    /// Where it answers.
    pub fn base(&self) -> Url {
        Url::parse(&format!("http://{}", self.address())).expect("an address")
    }

    /// Where people come.
    pub fn address(&self) -> SocketAddr {
        self.pair.as_ref().map_or_else(|| ([127, 0, 0, 1], self.port()).into(), |pair| pair.door)
    }

    /// Another address leads to it too, from the next start on.
    pub fn door(&self, address: SocketAddr) {
        self.doors.set(format!("http://{},http://{address}", self.address())).expect("one more door");
    }

    /// Starts it and returns when it serves.
    pub fn serve(&self) -> Process {
        self.serve_by(self.program("serve"))
    }

    /// The same by a command that has more to it.
    pub fn serve_by(&self, command: Command) -> Process {
        let process = self.node(command, self.port());
        match &self.pair {
            Some(pair) => process.with(self.node(self.program("serve"), pair.second)),
            None => process,
        }
    }

    fn node(&self, mut command: Command, port: u16) -> Process {
        let doors = self.doors.get().cloned().or_else(|| self.pair.as_ref().map(|pair| format!("http://{}", pair.door)));
        if let Some(doors) = doors {
            command.env("INVIGIL_PUBLIC_URLS", doors);
        }
        if let Some(pair) = &self.pair {
            command.env("INVIGIL_NATS_URL", pair.nats.url());
        }
        let listen = format!("127.0.0.1:{port}");
        let mut process = Process::start(command.args(["--listen", &listen, "--log-level", "warn"]));
        while !process.line().unwrap_or_else(|| panic!("the server does not start:\n{}", self.log())).contains("serves") {}
        process
    }

    /// Everything its starts have logged.
    pub fn whole_log(&self) -> String {
        std::fs::read_to_string(self.home.file("log")).unwrap_or_default()
    }

    /// The end of its log, all starts together.
    pub fn log(&self) -> String {
        let log = self.whole_log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// The program on this database, with its log.
    pub fn program(&self, verb: &str) -> Command {
        self.program_under(&[], verb)
    }

    /// The same under another program, which is given the rest as its arguments.
    pub fn program_under(&self, wrapper: &[&str], verb: &str) -> Command {
        let log = File::options().create(true).append(true).open(self.home.file("log")).expect("a log");
        let mut words = wrapper.iter().copied().chain([env!("CARGO_BIN_EXE_invigil"), verb]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env("INVIGIL_DATABASE_URL", &self.database).env("NO_COLOR", "1").stderr(log);
        command
    }

    /// The database: a path or a URL.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Changes what is stored, past the program.
    pub async fn execute(&self, sql: &'static str) {
        if self.database.contains("://") {
            let mut db = sqlx::PgConnection::connect(&self.database).await.expect("the database");
            sqlx::query(sql).execute(&mut db).await.expect("a change");
        } else {
            let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", self.database)).await.expect("the database");
            sqlx::query(sql).execute(&mut db).await.expect("a change");
            db.close().await.expect("a closed database");
        }
    }

    /// A file beside it.
    pub fn file(&self, name: &str) -> String {
        self.home.file(name)
    }

    /// The same for every start.
    fn port(&self) -> u16 {
        *self.port.get_or_init(ports::lasting)
    }
}

impl Pair {
    fn before(first: u16) -> Self {
        let second = ports::lasting();
        // The door stays open as long as the test's process lives.
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            runtime().block_on(async {
                let (door, known) = Balance::door().await;
                known.send_replace([first, second].map(|port| SocketAddr::from(([127, 0, 0, 1], port))).into());
                tell.send(door.address).expect("somebody who waits");
                std::future::pending::<()>().await;
            });
        });
        Self { nats: Nats::start(), door: told.recv().expect("a door"), second }
    }
}

/// The result of an asynchronous call, on a thread of its own: this may be called from within a runtime.
fn apart<T: Send + 'static, F: Future<Output = T>>(ask: impl FnOnce() -> F + Send + 'static) -> T {
    std::thread::spawn(|| runtime().block_on(ask())).join().expect("an answer")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
