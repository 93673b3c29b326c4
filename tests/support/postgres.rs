use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::Connection as _;

use super::{ports, temp::TempDir};

/// Said when there is no PostgreSQL: the test fails, it is never skipped.
pub const MISSING: &str = "these tests need PostgreSQL 15 or newer: install it (Debian and Ubuntu: apt install postgresql; macOS: brew install \
                       postgresql) or name the folder of its programs in PG_BIN";

/// Starts a cluster and ends it when its standard input closes. The test holds the other end, so that however the test
/// ends, killed included, neither a server nor a folder remains. Arguments: folder of the programs, own folder, options.
const SUPERVISOR: &str = r#"
bin=$1 dir=$2 options=$3
finish() {
    "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
    cd / && rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$dir" || exit 1
"$bin/initdb" -N -A trust -U postgres --locale=C --encoding=UTF8 -D "$dir/data" >log 2>&1 &&
"$bin/pg_ctl" -w -t 60 -D "$dir/data" -l "$dir/server.log" -o "$options" start >>log 2>&1 || { cat log server.log; exit 1; }
echo ready
read -r _
"#;

/// One private PostgreSQL for all tests of a binary.
struct Cluster {
    port: u16,
    /// Held, never read: the supervisor ends when this process does.
    _supervisor: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Makes an empty database in this binary's own PostgreSQL and returns its URL.
pub async fn create_database() -> String {
    let port = CLUSTER.get_or_init(Cluster::start).port;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = sqlx::PgConnection::connect(&url(port, "postgres")).await.expect("the private PostgreSQL answers");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut admin).await.expect("a new database");
    admin.close().await.expect("a closed connection");
    url(port, &name)
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

impl Cluster {
    /// Another program may take the port before the server does; then it is tried with another one.
    fn start() -> Self {
        let bin = programs().unwrap_or_else(|| panic!("{MISSING}"));
        let mut said = String::new();
        for _ in 0..5 {
            match Self::try_start(&bin, ports::free()) {
                Ok(cluster) => return cluster,
                Err(text) => said = text,
            }
        }
        panic!("PostgreSQL in {} does not start:\n{said}", bin.display());
    }

    fn try_start(bin: &Path, port: u16) -> Result<Self, String> {
        let dir = TempDir::new();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=on -c full_page_writes=on \
             -c synchronous_commit=on -c max_connections=400 -c deadlock_timeout=200ms",
            dir.path().display()
        );
        let mut command = Command::new("sh");
        command.arg("-c").arg(SUPERVISOR).arg("sh").arg(bin).arg(dir.path()).arg(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        if let Some((user, group)) = drop_to(dir.path()) {
            command.uid(user).gid(group);
        }
        let mut supervisor = command.spawn().map_err(|e| format!("cannot run sh: {e}"))?;
        // From here on the supervisor removes the folder.
        dir.leave();
        let lines = BufReader::new(supervisor.stdout.take().expect("a piped output")).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            if line == "ready" {
                return Ok(Self { port, _supervisor: supervisor });
            }
            said.push(line);
        }
        let _ = supervisor.wait();
        Err(said.join("\n"))
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
