use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::ports;

/// Said when there is no NATS server: the test fails, it is never skipped.
const MISSING: &str = "these tests need nats-server: install it (Debian and Ubuntu: apt install nats-server)";

/// A NATS server on a port of its own, which keeps the port when it is started again. Killed, by its id, when this is dropped.
pub struct Nats {
    port: u16,
    child: Option<Child>,
}

impl Nats {
    /// One that runs.
    pub fn start() -> Self {
        let mut nats = Self::absent();
        nats.begin();
        nats
    }

    /// The place of one that does not run yet.
    pub fn absent() -> Self {
        Self { port: ports::free(), child: None }
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The same as a socket's address.
    pub fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Starts it and waits until it listens.
    pub fn begin(&mut self) {
        let mut command = Command::new(program());
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.unwrap_or_else(|e| panic!("{MISSING}: {e}")));
        #[expect(clippy::disallowed_methods, reason = "a test's patience, not an exam's time")]
        let patience = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            #[expect(clippy::disallowed_methods, reason = "a test's patience, not an exam's time")]
            let now = Instant::now();
            assert!(now < patience, "nats-server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// It does not run any more and does not end: lines to it stay open, new ones are taken, and nothing comes of either.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().expect("a server that runs").id().to_string();
        let done = Command::new("kill").args([signal, &id]).status().expect("the program kill");
        assert!(done.success(), "kill {signal} {id}");
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Debian keeps it among the programs of the administrator, which are not in everybody's path.
fn program() -> &'static str {
    let usual = "/usr/sbin/nats-server";
    if std::path::Path::new(usual).exists() { usual } else { "nats-server" }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
