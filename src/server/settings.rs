//! What the edge is told at start.

use super::{
    origin::Origins,
    problem::{Asker, Failure},
    tls::TlsFiles,
};
use crate::limits;
use ipnet::IpNet;
use poem::Response;
use std::{fmt, sync::Arc, time::Duration};

/// Monotonic time, for latencies only.
pub type Mono = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Turns a failure nobody has put into words into a response: a page for people, a translated problem for programs.
/// `None` leaves it to the edge's own English problem body.
pub type Voice = Arc<dyn Fn(&Failure, &Asker) -> Option<Response> + Send + Sync>;

/// Which methods a path has, for the `Allow` header of a 405. `None` when the path is not known.
pub type Allowed = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Limits, names and deadlines of the edge.
#[derive(Clone)]
pub struct Settings {
    /// The hosts and origins we answer to.
    pub origins: Origins,
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Certificate and key; without them the edge speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Most connections at once, sockets included.
    pub connections: usize,
    /// Most connections of one address at once; an IPv6 address counts by its /64.
    pub per_address: usize,
    /// Time for a TLS handshake.
    pub handshake_deadline: Duration,
    /// Time for a request head; also the longest a connection may be idle between requests.
    pub head_deadline: Duration,
    /// Time for a whole body.
    pub body_deadline: Duration,
    /// Longest a write may make no progress at all.
    pub write_deadline: Duration,
    /// Longest the last requests may take once we stop.
    pub drain: Duration,
    /// Largest head, in bytes.
    pub head_bytes: usize,
    /// Largest body, in bytes.
    pub body_bytes: usize,
    /// Largest body of an import, in bytes.
    pub import_bytes: usize,
    /// Paths that end so take imports.
    pub import_suffixes: Vec<String>,
    /// Paths beneath these answer to any Host: probes call a machine by its address.
    pub any_host: Vec<String>,
    /// Paths beneath these speak to programs: their errors are always problem+json.
    pub programs: Vec<String>,
    /// Puts failures into words.
    pub voice: Option<Voice>,
    /// Knows the methods of a path.
    pub allowed: Option<Allowed>,
    /// Monotonic time, for latencies.
    pub mono: Mono,
}

impl Settings {
    /// The defaults, which answer on loopback names only.
    pub fn new(mono: Mono) -> Self {
        Self {
            origins: Origins::default(),
            trusted_proxies: Vec::new(),
            tls: None,
            connections: limits::CONNECTIONS,
            per_address: limits::CONNECTIONS_PER_ADDRESS,
            handshake_deadline: limits::HEAD_DEADLINE,
            head_deadline: limits::HEAD_DEADLINE,
            body_deadline: limits::BODY_DEADLINE,
            write_deadline: limits::SOCKET_WRITE_DEADLINE,
            drain: limits::DRAIN,
            head_bytes: 16 * 1024,
            body_bytes: limits::BODY_BYTES,
            import_bytes: limits::IMPORT_BYTES,
            import_suffixes: ["/candidates", "/roster", "/paper", "/import", "/answers/file"].map(String::from).to_vec(),
            any_host: vec!["/health/".into()],
            programs: ["/api/", "/ws/", "/health/"].map(String::from).to_vec(),
            voice: None,
            allowed: None,
            mono,
        }
    }

    /// The largest body this path takes, in bytes.
    pub(super) fn body_limit(&self, path: &str) -> usize {
        let import = self.import_suffixes.iter().any(|suffix| path.ends_with(suffix.as_str()));
        if import { self.import_bytes } else { self.body_bytes }
    }

    pub(super) fn is_program(&self, path: &str) -> bool {
        self.programs.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }

    pub(super) fn is_any_host(&self, path: &str) -> bool {
        self.any_host.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }

    pub(super) fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("origins", &self.origins).field("tls", &self.tls).finish_non_exhaustive()
    }
}
