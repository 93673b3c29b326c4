//! The edge: HTTP/1.1 only, on our own accept loop, so that every wait has a deadline and every buffer a bound.
//!
//! `accept -> door (limits) -> TLS -> hyper -> request (judge, bound, call, dress, log) -> endpoint`

/// One log event a request.
mod access;
/// Bounded bodies.
mod body;
/// The client's address and scheme.
mod client;
/// Limits on connections, and the socket that carries its ticket.
mod door;
/// Security headers.
mod headers;
/// The `Allow` header.
mod methods;
/// Hosts and origins.
mod origin;
/// Failures and their bodies.
mod problem;
/// One request.
mod request;
/// What the edge is told at start.
mod settings;
/// Certificate and key.
mod tls;

pub use client::{ClientAddr, ClientScheme};
pub use headers::CONTENT_POLICY;
pub use methods::allowed_by;
pub use origin::{OriginVerdict, Origins, may_use_cookie, origin_allowed};
pub use problem::{Asker, Failure};
pub use request::RequestId;
pub use settings::{Allowed, Mono, Settings, Voice};
pub use tls::{TlsError, TlsFiles};

use door::{Door, Socket, Tally, Ticket, Upgrade};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{Response, endpoint::BoxEndpoint};
use request::Connection;
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Pause after `accept` has failed for want of something: out of descriptors it would fail again at once, for ever.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Smallest read buffer of a connection: larger bodies pass through it in pieces.
const READ_BUFFER_BYTES: usize = 32 * 1024;
/// A stream of refusals is logged once in this time, with its count.
const REFUSALS_LOGGED_EVERY: Duration = Duration::from_secs(1);

/// An endpoint and everything that stands before it.
pub struct Edge {
    endpoint: BoxEndpoint<'static, Response>,
    settings: Settings,
    tls: Option<TlsAcceptor>,
    door: Door,
    /// Clients of trusted proxies, by address.
    behind_proxies: Arc<Tally>,
}

impl Edge {
    /// Reads certificate and key, if there are any, and sets up the counts.
    pub fn new(endpoint: BoxEndpoint<'static, Response>, settings: Settings) -> Result<Self, TlsError> {
        let tls = settings.tls.as_ref().map(tls::acceptor).transpose()?;
        let door = Door::new(settings.connections, settings.per_address);
        let behind_proxies = Tally::new(settings.per_address);
        Ok(Self { endpoint, settings, tls, door, behind_proxies })
    }
}

/// Serves until `stop`; then takes no more connections, lets requests under way finish, and returns. What is not done
/// after the drain's time is cut off. Sockets that were upgraded are not waited for: they have their own way to say goodbye.
pub async fn serve(listener: TcpListener, edge: Edge, stop: CancellationToken) {
    let edge = Arc::new(edge);
    let (connections, cut) = (TaskTracker::new(), CancellationToken::new());
    let mut refusals = Refusals::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let proxy = edge.settings.trusts(peer.ip().to_canonical());
                match edge.door.admit(peer.ip(), proxy) {
                    Ok(ticket) => {
                        let serving = connect(Arc::clone(&edge), stream, peer, ticket, stop.clone());
                        let cut = cut.clone();
                        connections.spawn(async move { cut.run_until_cancelled(serving).await });
                    }
                    // Nothing can be said before a request has been read; closing is the answer.
                    Err(limit) => refusals.count(limit, (edge.settings.mono)()),
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::select! { () = stop.cancelled() => break, () = sleep(ACCEPT_PAUSE) => {} }
            }
        }
    }
    drop(listener);
    connections.close();
    if timeout(edge.settings.drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off by the end of the drain");
        cut.cancel();
        connections.wait().await;
    }
}

/// A connection that was lost before we took it says nothing about the next one.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Connections turned away, counted; logged at most once a second, since whoever floods us must not fill the log too.
#[derive(Default)]
struct Refusals {
    unlogged: u64,
    logged: Option<Duration>,
}

impl Refusals {
    fn count(&mut self, limit: &'static str, now: Duration) {
        crate::metrics::dropped(limit);
        self.unlogged += 1;
        if self.logged.is_none_or(|logged| now.saturating_sub(logged) >= REFUSALS_LOGGED_EVERY) {
            tracing::warn!(limit, refused = self.unlogged, "connections turned away");
            *self = Self { unlogged: 0, logged: Some(now) };
        }
    }
}

async fn connect(edge: Arc<Edge>, stream: TcpStream, peer: SocketAddr, ticket: Ticket, stop: CancellationToken) {
    // Small frames must not wait for company. A socket that refuses the option is about to fail anyway.
    let _ = stream.set_nodelay(true);
    let (local, upgrade) = (stream.local_addr().ok(), Upgrade::default());
    let socket = Socket::new(stream, edge.settings.write_deadline, ticket, Arc::clone(&upgrade));
    let connection = Connection { tls: edge.tls.is_some(), edge: Arc::clone(&edge), peer, local, upgrade };
    match &edge.tls {
        None => speak(socket, connection, stop).await,
        Some(tls) => match timeout(edge.settings.handshake_deadline, tls.accept(socket)).await {
            Ok(Ok(socket)) => speak(socket, connection, stop).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        },
    }
}

/// Speaks HTTP/1.1 until the peer leaves, a deadline passes, the socket is upgraded, or we stop.
async fn speak<S>(socket: S, connection: Connection, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let settings = &connection.edge.settings;
    let mut http = http1::Builder::new();
    // Without a timer hyper's read timeout does nothing. It also covers the wait for the next request of a connection.
    // Headers are bounded in number by hyper's default of 100, which keeps them off the heap.
    http.timer(TokioTimer::new()).header_read_timeout(settings.head_deadline).max_header_size(settings.head_bytes);
    http.max_buf_size(settings.head_bytes.max(READ_BUFFER_BYTES));
    let peer = connection.peer;
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&connection);
        async move { Ok::<_, Infallible>(request::answer(&connection, request).await) }
    });
    let mut serving = pin!(http.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_out_of_descriptors_pauses_and_a_lost_connection_does_not() {
        let (emfile, aborted) = (24, 103);
        assert!(!is_of_one_connection(&io::Error::from_raw_os_error(emfile)));
        assert!(is_of_one_connection(&io::Error::from_raw_os_error(aborted)));
    }

    #[test]
    fn a_flood_is_logged_once_a_second() {
        let mut refusals = Refusals::default();
        for at in 0..1_000 {
            refusals.count("connections", Duration::from_millis(at));
        }
        assert_eq!(refusals.unlogged, 999);
        refusals.count("connections", Duration::from_secs(1));
        assert_eq!(refusals.unlogged, 0);
    }
}
