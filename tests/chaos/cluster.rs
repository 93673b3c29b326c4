//! A PostgreSQL in a folder that the test names, so that it can be killed together with its disk.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::Connection as _;

use crate::support::ports;
use crate::support::postgres::{MISSING, drop_to, programs};

/// One PostgreSQL; killed with its handle.
pub struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    /// Outside of the folder: it has to outlive a power cut.
    log: PathBuf,
    port: u16,
    postmaster: Option<Child>,
}

impl Cluster {
    /// Makes one in `folder` and starts it.
    pub async fn new(folder: &Path, log: PathBuf) -> Self {
        let bin = programs().unwrap_or_else(|| panic!("{MISSING}"));
        let mut cluster = Self { bin, data: folder.join("data"), log, port: ports::lasting(), postmaster: None };
        let mut init = cluster.command("initdb", folder);
        init.args(["-A", "trust", "-U", "postgres", "--locale=C", "--encoding=UTF8", "-D"]).arg(&cluster.data);
        assert!(init.status().expect("initdb starts").success(), "initdb: {}", cluster.said());
        cluster.start().await;
        let mut admin = cluster.admin().await.expect("a connection");
        sqlx::query("create database exams").execute(&mut admin).await.expect("a new database");
        admin.close().await.expect("a closed connection");
        cluster
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// The database for the program, under the given address or its own.
    pub fn url(&self, address: Option<std::net::SocketAddr>) -> String {
        format!("postgres://postgres@{}/exams", address.unwrap_or(self.address()))
    }

    /// The postmaster's process.
    pub fn id(&self) -> Option<u32> {
        self.postmaster.as_ref().map(Child::id)
    }

    /// Starts it and waits until it takes connections; after a kill it recovers first.
    pub async fn start(&mut self) {
        for _ in 0..300 {
            let gone = self.postmaster.as_mut().is_none_or(|p| p.try_wait().expect("its status").is_some());
            if gone {
                // Its predecessor's children may still hold its memory: then it refuses, and is started again.
                let mut command = self.command("postgres", self.data.parent().expect("a folder"));
                command.arg("-D").arg(&self.data).args(["-p", &self.port.to_string()]);
                for setting in [
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "fsync=on",
                    "full_page_writes=on",
                    "max_connections=100",
                    "max_wal_size=128MB",
                ] {
                    command.args(["-c", setting]);
                }
                self.postmaster = Some(command.spawn().expect("postgres starts"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Ok(admin) = self.admin().await {
                let _ = admin.close().await;
                return;
            }
        }
        panic!("PostgreSQL does not start:\n{}", self.said());
    }

    /// Ends it and everything it has started without warning.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        let children = children_of(postmaster.id());
        let _ = postmaster.kill();
        let _ = postmaster.wait();
        for child in children {
            let _ = Command::new("kill").args(["-9", &child.to_string()]).stderr(Stdio::null()).status();
        }
    }

    async fn admin(&self) -> Result<sqlx::PgConnection, sqlx::Error> {
        sqlx::PgConnection::connect(&format!("postgres://postgres@{}/postgres", self.address())).await
    }

    fn command(&self, program: &str, owned: &Path) -> Command {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = Command::new(self.bin.join(program));
        command.current_dir("/").stdin(Stdio::null()).stdout(log.try_clone().expect("one log")).stderr(log);
        if let Some((user, group)) = drop_to(owned) {
            command.uid(user).gid(group);
        }
        command
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Processes whose parent is `parent`.
fn children_of(parent: u32) -> Vec<u32> {
    let status = |id: u32| std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let is_child = |id: &u32| {
        let text = status(*id);
        text.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|p| p.trim() == parent.to_string()))
    };
    let all = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_child).collect()
}
