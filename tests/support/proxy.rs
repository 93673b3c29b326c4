//! A TCP proxy with faults: it delays each direction, cuts, swallows, throttles, says things twice. One for all connections to one server;
//! the conditions may change at any moment.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks on their way in one direction of one connection.
const UNDER_WAY: usize = 256;

/// What a proxy does to what passes.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// Delay towards the server.
    pub there: Duration,
    /// Delay towards the client.
    pub back: Duration,
    /// Nothing passes either way; connections stay open and new ones are taken.
    pub black_hole: bool,
    /// Each direction of each connection passes so many bytes a second at most.
    pub bytes_per_second: Option<u32>,
    /// Each text frame of a client's WebSocket arrives twice.
    pub twice: bool,
}

/// Where one connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// After so many further bytes towards the client, of the connection that gets them first.
    Back(usize),
    /// So many bytes into the next `COMMIT` that a PostgreSQL client sends; more bytes than it has are counted on in its reply.
    Commit(usize),
}

/// PostgreSQL's message that commits: kind, length, text.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

#[derive(Debug)]
struct Shared {
    weather: watch::Sender<Weather>,
    cut: Mutex<Option<Cut>>,
    cuts: AtomicUsize,
    all: Mutex<CancellationToken>,
}

/// A running proxy; it ends with its handle.
#[derive(Debug)]
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// In front of `server`.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            weather: watch::Sender::new(Weather::default()),
            cut: Mutex::default(),
            cuts: AtomicUsize::new(0),
            all: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, server, shared.clone()));
        Self { address, shared, task }
    }

    /// Changes the conditions for all connections, present and future.
    pub fn weather(&self, weather: Weather) {
        self.shared.weather.send_replace(weather);
    }

    /// Cuts one connection there, once.
    pub fn cut(&self, at: Cut) {
        *lock(&self.shared.cut) = Some(at);
    }

    /// Cuts every connection now.
    pub fn cut_all(&self) {
        std::mem::take(&mut *lock(&self.shared.all)).cancel();
    }

    /// How many connections have been cut where they were to be.
    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut_all();
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            // Whoever comes while the server is away finds the door shut, as without a proxy.
            if let Ok(server) = TcpStream::connect(server).await {
                connection(client, server, shared).await;
            }
        });
    }
}

async fn connection(client: TcpStream, server: TcpStream, shared: Arc<Shared>) {
    let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
    let ended = lock(&shared.all).child_token();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Bytes of the reply to a COMMIT after which this connection is cut.
    let reply = Arc::new(Mutex::new(None));
    let there = Direction { towards_server: true, reply: reply.clone(), shared: shared.clone(), ended: ended.clone() };
    let back = Direction { towards_server: false, reply, shared, ended: ended.clone() };
    let both = async { tokio::join!(there.pass(from_client, to_server), back.pass(from_server, to_client)) };
    tokio::select! {
        () = ended.cancelled() => {}
        _ = both => {}
    }
}

/// One direction of one connection.
struct Direction {
    towards_server: bool,
    reply: Arc<Mutex<Option<usize>>>,
    shared: Arc<Shared>,
    ended: CancellationToken,
}

impl Direction {
    /// Reading and writing are apart, so that a delay holds bytes back without slowing them down.
    async fn pass(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let (put, mut take) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(UNDER_WAY);
        let reading = async {
            let (mut frames, mut buffer) = (Frames::default(), vec![0; CHUNK]);
            while let Ok(n @ 1..) = from.read(&mut buffer).await {
                let weather = self.shared.weather.borrow().clone();
                let delay = if self.towards_server { weather.there } else { weather.back };
                let bytes = if self.towards_server { frames.pass(&buffer[..n], weather.twice) } else { buffer[..n].to_vec() };
                if put.send((invigil::time::Time::anchored(0).after(delay), bytes)).await.is_err() {
                    break;
                }
            }
            drop(put);
        };
        let writing = async {
            while let Some((due, bytes)) = take.recv().await {
                tokio::time::sleep_until(due).await;
                let weather = self.shared.weather.subscribe().wait_for(|w| !w.black_hole).await.map(|w| w.clone());
                if let Some(rate) = weather.ok().and_then(|w| w.bytes_per_second) {
                    tokio::time::sleep(Duration::from_secs(1) * u32::try_from(bytes.len()).expect("a chunk") / rate).await;
                }
                let most = self.most(&bytes);
                let done = to.write_all(&bytes[..most.unwrap_or(bytes.len())]).await.is_ok();
                if most.is_some() {
                    self.shared.cuts.fetch_add(1, Ordering::SeqCst);
                    self.ended.cancel();
                }
                if !done || most.is_some() {
                    return;
                }
            }
            let _ = to.shutdown().await;
        };
        tokio::join!(reading, writing);
    }

    /// How many of these bytes pass before the cut; None when there is none here.
    fn most(&self, bytes: &[u8]) -> Option<usize> {
        let mut armed = lock(&self.shared.cut);
        if self.towards_server {
            let Some(Cut::Commit(at)) = *armed else { return None };
            let begin = bytes.windows(COMMIT.len()).position(|part| part == COMMIT)?;
            *armed = None;
            if at < COMMIT.len() {
                return Some(begin + at);
            }
            *lock(&self.reply) = Some(at - COMMIT.len());
            return None;
        }
        let mut reply = lock(&self.reply);
        let left = match (*reply, *armed) {
            (Some(left), _) => left,
            (None, Some(Cut::Back(left))) => {
                *armed = None;
                left
            }
            _ => return None,
        };
        if left <= bytes.len() {
            return Some(left);
        }
        *reply = Some(left - bytes.len());
        None
    }
}

/// Frames of a client's WebSocket, found in what it sends after the head of its request.
#[derive(Default)]
struct Frames {
    upgraded: bool,
    rest: Vec<u8>,
}

impl Frames {
    /// The bytes to pass on: as they are, or with every whole text frame twice. What is not whole waits for its rest.
    fn pass(&mut self, bytes: &[u8], twice: bool) -> Vec<u8> {
        if !self.upgraded {
            let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
            self.upgraded = text.contains("upgrade: websocket") && text.ends_with("\r\n\r\n");
            return bytes.to_vec();
        }
        self.rest.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(length) = frame_length(&self.rest) {
            let frame: Vec<u8> = self.rest.drain(..length).collect();
            if twice && frame[0] & 0x0f == 1 {
                out.extend_from_slice(&frame);
            }
            out.extend(frame);
        }
        out
    }
}

/// Length of the masked frame that `bytes` begin with, if it is whole.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    const MASK: usize = 4;
    let short = usize::from(bytes.get(1)? & 0x7f);
    let (head, payload) = match short {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        _ => (2, short),
    };
    let length = head + MASK + payload;
    (bytes.len() >= length).then_some(length)
}
