//! The private PostgreSQL, stopped and started by its own id while its clients live on.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::Connection as _;

/// One cluster.
pub struct Database {
    folder: PathBuf,
    address: (String, u16),
    /// What was started here; the test's own supervisor ends it by its folder.
    child: Option<Child>,
}

impl Database {
    /// The cluster behind a URL.
    pub async fn of(url: &str) -> Self {
        let mut db = sqlx::PgConnection::connect(url).await.unwrap();
        let folder: String = sqlx::query_scalar("select current_setting('data_directory')").fetch_one(&mut db).await.unwrap();
        let at = url::Url::parse(url).unwrap();
        Self { folder: folder.into(), address: (at.host_str().unwrap().to_owned(), at.port().unwrap()), child: None }
    }

    /// Ends it without warning, sockets and all.
    pub fn stop(&mut self) {
        let pid = std::fs::read_to_string(self.folder.join("postmaster.pid")).unwrap().lines().next().unwrap().to_owned();
        let done = Command::new("kill").args(["-QUIT", &pid]).status().expect("the program kill");
        assert!(done.success(), "kill -QUIT {pid}");
        if let Some(child) = &mut self.child {
            drop(child.wait());
            return;
        }
        let gone = || !Path::new(&format!("/proc/{pid}/stat")).exists();
        wait_until(|| gone() || !self.folder.join("postmaster.pid").exists());
    }

    /// Starts it as it was started first, as the owner of its folder, and returns when it listens.
    pub fn start(&mut self) {
        let line = std::fs::read_to_string(self.folder.join("postmaster.opts")).unwrap();
        let owner = std::fs::metadata(&self.folder).unwrap();
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("exec {}", line.trim())).current_dir(&self.folder).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        self.child = Some(command.spawn().expect("PostgreSQL starts again"));
        wait_until(|| std::net::TcpStream::connect((self.address.0.as_str(), self.address.1)).is_ok());
    }
}

fn wait_until(there: impl Fn() -> bool) {
    for _ in 0..600 {
        if there() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("PostgreSQL neither came nor went");
}
