use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::Connection as _;

/// Said when there is no PostgreSQL: the test fails, it is never skipped.
pub const MISSING: &str = "these tests need PostgreSQL 15 or newer: install it (Debian and Ubuntu: apt install postgresql; macOS: brew install \
                       postgresql) or name the folder of its programs in PG_BIN";

/// One private PostgreSQL for all tests of a process.
struct Server {
    port: u16,
    /// Held, never read: the script ends when this process does.
    _script: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Makes an empty database and returns its URL: in the PostgreSQL whose port is named in `INVIGIL_TEST_POSTGRES`, as a run of all tests
/// does, or in one of this process's own.
pub async fn create_database() -> String {
    let shared = std::env::var("INVIGIL_TEST_POSTGRES").ok().map(|port| port.parse().expect("a port in INVIGIL_TEST_POSTGRES"));
    create_in(shared.unwrap_or_else(own_server)).await
}

/// The same in a PostgreSQL of this process's own, for a test that stops it: all others go on with theirs.
pub async fn create_database_to_break() -> String {
    create_in(own_server()).await
}

fn own_server() -> u16 {
    SERVER.get_or_init(Server::start).port
}

async fn create_in(port: u16) -> String {
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = sqlx::PgConnection::connect(&url(port, "postgres")).await.expect("the private PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut admin).await.expect("a new database");
    admin.close().await.expect("a closed connection");
    url(port, &name)
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

impl Server {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres.sh");
        let mut command = Command::new("bash");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut script = command.spawn().expect("bash starts");
        let lines = BufReader::new(script.stdout.take().expect("a piped output")).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            if let Some(port) = line.strip_prefix("ready ") {
                return Self { port: port.parse().expect("a port"), _script: script };
            }
            said.push(line);
        }
        let _ = script.wait();
        panic!("PostgreSQL does not start:\n{}", said.join("\n"));
    }
}

/// PostgreSQL refuses to run as root: then it gets another user, to whom the folder is given.
pub fn drop_to(dir: &Path) -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").or_else(|_| std::fs::metadata(dir)).expect("own user").uid() != 0 {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = ["postgres", "nobody"].iter().find_map(|name| {
        let mut fields = accounts.lines().map(|line| line.split(':')).find(|f| f.clone().next() == Some(name))?.skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    let (user, group) = ids.unwrap_or((65534, 65534));
    chown(dir, Some(user), Some(group)).expect("a folder given to another user");
    Some((user, group))
}

/// The folder that holds `initdb`, `pg_ctl` and `postgres`.
pub fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let path: Vec<PathBuf> = std::env::var_os("PATH").map(|p| std::env::split_paths(&p).collect()).unwrap_or_default();
    let mut packaged: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(Result::ok).map(|v| v.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    packaged.reverse();
    named
        .into_iter()
        .chain(path)
        .chain(packaged)
        .find(|dir| ["initdb", "pg_ctl", "postgres"].iter().all(|p| dir.join(p).exists()))
}
