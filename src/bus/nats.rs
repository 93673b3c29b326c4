//! Letters between nodes over NATS core, which delivers at most once. Each node numbers its letters; whoever misses a number, a
//! connection or room in a queue says `Message::Lost`. A letter bears a MAC of the deployment's own key, so that nobody else who
//! reaches the NATS server can make a node show what never happened.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event as Change, Subscriber};
use aws_lc_rs::hmac;
use futures_util::StreamExt as _;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::Message;
use crate::domain::event::Event;
use crate::domain::ids::SessionId;
use crate::metrics;

/// Letters that wait to be sent; more are lost, and the others are told so by the next number.
const QUEUE: usize = 4096;
/// Events in one letter: far below the 1 MiB that NATS takes.
const EVENTS: usize = 1000;
/// How often a node says how many letters it has sent, so that the loss of the last one is noticed.
const BEAT: Duration = Duration::from_secs(2);
/// A letter that cannot be handed over in this time is lost: waiting would only lose the next ones.
const HAND_OVER: Duration = Duration::from_millis(500);
/// Time between two attempts to set up the link.
const AGAIN: Duration = Duration::from_secs(1);
/// How often the server is asked whether it is there. Of the third question in a row that it has not answered the link is away: a server
/// that is frozen, or behind a line that swallows everything, would be believed in for minutes otherwise.
const ASK: Duration = Duration::from_secs(1);
/// Longest that the last letters of a process that ends may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes of a MAC in front of each letter.
const MAC: usize = 32;
/// Nodes that are remembered; each start of a process is one.
const NODES: usize = 256;

/// Where the bus leaves what others shall know.
#[derive(Debug)]
pub(super) struct Post {
    queue: mpsc::Sender<What>,
    /// A letter did not fit into the queue.
    skipped: AtomicBool,
    up: AtomicBool,
    end: CancellationToken,
    ended: CancellationToken,
}

impl Post {
    /// Leaves a message for the others.
    pub(super) fn send(&self, message: &Message) {
        let letters = match message {
            Message::Events(events) => events.chunks(EVENTS).map(|some| What::Events(some.to_vec())).collect(),
            Message::SessionsEnded(sessions) => vec![What::SessionsEnded(sessions.to_vec())],
            Message::Lost => Vec::new(),
        };
        for letter in letters {
            if self.queue.try_send(letter).is_err() {
                self.skipped.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Sends what is left and closes the link.
    pub(super) async fn end(&self) {
        self.end.cancel();
        let _ = timeout(FAREWELL, self.ended.cancelled()).await;
    }

    /// Whether the NATS server is there.
    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }
}

/// What a letter says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", content = "of", rename_all = "snake_case")]
enum What {
    Events(Vec<Event>),
    SessionsEnded(Vec<SessionId>),
    /// Nothing new: this many letters have been sent.
    Beat,
}

/// A letter: the `n`th of the process `node`. A beat bears the number of the letter before it.
#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    node: u64,
    n: u64,
    #[serde(flatten)]
    what: What,
}

/// Starts the link; it ends with the bus.
pub(super) fn start(url: String, key: &[u8; 32], to: broadcast::Sender<Message>) -> Arc<Post> {
    let (queue, letters) = mpsc::channel(QUEUE);
    let (end, ended) = (CancellationToken::new(), CancellationToken::new());
    let post =
        Post { queue, skipped: AtomicBool::new(false), up: AtomicBool::new(false), end: end.clone(), ended: ended.clone() };
    let post = Arc::new(post);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    // The subject is no secret, but two deployments on one server do not hear each other.
    let name = hmac::sign(&key, b"subject");
    let subject = name.as_ref().iter().take(8).fold("invigil.v1.".to_owned(), |text, byte| text + &format!("{byte:02x}"));
    let office = Office {
        subject,
        key,
        node: rand::rng().random(),
        sent: 0,
        heard: HashMap::new(),
        to,
        post: Arc::downgrade(&post),
        lost: Arc::new(Notify::new()),
    };
    tokio::spawn(async move {
        let _ended = ended.drop_guard();
        Box::pin(office.run(url, letters, end)).await;
    });
    post
}

/// The servers that a text names, without what only they may know, and with whom to come as: the library does not take that from an
/// address.
fn servers(text: &str) -> (Vec<String>, Option<(String, String)>) {
    let plain = |text: &str| {
        let pair = format!("x={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let mut login = None;
    let one = |text: &str| {
        let Ok(mut url) = url::Url::parse(text.trim()) else { return text.to_owned() };
        if !url.username().is_empty() {
            login.get_or_insert((plain(url.username()), plain(url.password().unwrap_or_default())));
        }
        let _ = (url.set_username(""), url.set_password(None));
        url.into()
    };
    let servers = text.split(',').map(one).collect();
    (servers, login)
}

async fn open(mut options: ConnectOptions, url: &str, subject: &str) -> anyhow::Result<(Client, Subscriber)> {
    let (servers, login) = servers(url);
    if let Some((user, password)) = login {
        options = options.user_and_password(user, password);
    }
    let client = options.connect(servers).await?;
    let inbox = client.subscribe(subject.to_owned()).await?;
    Ok((client, inbox))
}

/// The one task that speaks with NATS.
struct Office {
    subject: String,
    key: hmac::Key,
    node: u64,
    sent: u64,
    heard: HashMap<u64, u64>,
    to: broadcast::Sender<Message>,
    post: std::sync::Weak<Post>,
    lost: Arc<Notify>,
}

impl Office {
    async fn run(mut self, url: String, mut letters: mpsc::Receiver<What>, end: CancellationToken) {
        let link = end.run_until_cancelled(self.connect(&url, &mut letters)).await;
        let Some(Some((client, mut inbox))) = link else { return };
        let lost = self.lost.clone();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                letter = letters.recv() => match letter {
                    Some(what) => self.give(&client, what).await,
                    None => return,
                },
                message = inbox.next() => match message {
                    Some(message) => self.take(&message.payload),
                    // The library has given up, which it is told never to do.
                    None => return tracing::error!("bus.ended"),
                },
                _ = beat.tick() => self.give(&client, What::Beat).await,
                () = lost.notified() => self.say_lost("link"),
                () = end.cancelled() => break,
            }
        }
        letters.close();
        while let Some(what) = letters.recv().await {
            self.give(&client, what).await;
        }
        let _ = timeout(FAREWELL, client.flush()).await;
    }

    /// Connects in the background: the library goes on trying for ever. None when the bus is gone before there was a link.
    async fn connect(&self, url: &str, letters: &mut mpsc::Receiver<What>) -> Option<(Client, Subscriber)> {
        loop {
            let (post, lost) = (self.post.clone(), self.lost.clone());
            let changed = move |change: Change| {
                match change {
                    Change::Connected | Change::Disconnected => {
                        let up = matches!(change, Change::Connected);
                        tracing::warn!(up, "bus.link");
                        if let Some(post) = post.upgrade() {
                            post.up.store(up, Ordering::Relaxed);
                        }
                        lost.notify_one();
                    }
                    // One for each message that did not fit: they are told once.
                    Change::SlowConsumer(_) => lost.notify_one(),
                    _ => {}
                }
                std::future::ready(())
            };
            let options = ConnectOptions::new().retry_on_initial_connect().no_echo().max_reconnects(None);
            let options = options.ping_interval(ASK).event_callback(changed);
            match open(options, url, &self.subject).await {
                Ok(both) => return Some(both),
                Err(error) => tracing::error!(error = ?error, "bus.link_failed"),
            }
            self.post.upgrade()?.skipped.store(true, Ordering::Relaxed);
            while letters.try_recv().is_ok() {}
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Hands a letter over. What cannot be handed over is lost, which its number tells the others.
    async fn give(&mut self, client: &Client, what: What) {
        let Some(post) = self.post.upgrade() else { return };
        if post.skipped.swap(false, Ordering::Relaxed) {
            self.sent += 1;
        }
        if !matches!(what, What::Beat) {
            self.sent += 1;
        }
        if !post.is_up() {
            return;
        }
        let letter = Letter { node: self.node, n: self.sent, what };
        let Ok(text) = serde_json::to_vec(&letter) else { return };
        let mut sealed = hmac::sign(&self.key, &text).as_ref().to_vec();
        sealed.extend(text);
        let handed = timeout(HAND_OVER, client.publish(self.subject.clone(), sealed.into())).await;
        if !matches!(handed, Ok(Ok(()))) {
            metrics::dropped("bus");
        }
    }

    /// Takes a letter that came.
    fn take(&mut self, payload: &[u8]) {
        let Some((mac, text)) = payload.split_at_checked(MAC) else { return };
        if hmac::verify(&self.key, text, mac).is_err() {
            tracing::warn!("bus.forged");
            return;
        }
        let Ok(letter) = serde_json::from_slice::<Letter>(text) else {
            // A newer node says something this one does not know yet; whatever it is, it is in the store.
            return self.say_lost("unknown");
        };
        let beat = matches!(letter.what, What::Beat);
        let known = self.heard.get(&letter.node).copied();
        // A letter that was seen before is a repeat, by whomever.
        if !beat && known.is_some_and(|last| letter.n <= last) {
            return;
        }
        if self.heard.len() >= NODES {
            self.heard.clear();
        }
        self.heard.insert(letter.node, letter.n.max(known.unwrap_or(0)));
        let expected = known.map(|last| if beat { last } else { last + 1 });
        match letter.what {
            What::Events(events) => self.tell(Message::Events(Arc::new(events))),
            What::SessionsEnded(sessions) => self.tell(Message::SessionsEnded(Arc::new(sessions))),
            What::Beat => {}
        }
        // Of a node not heard before nobody knows what it said earlier.
        if expected.is_none_or(|expected| letter.n > expected) {
            self.say_lost("gap");
        }
    }

    fn tell(&self, message: Message) {
        let _ = self.to.send(message);
    }

    fn say_lost(&self, why: &'static str) {
        tracing::debug!(why, "bus.lost");
        metrics::dropped("bus");
        self.tell(Message::Lost);
    }
}
