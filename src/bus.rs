//! What nodes tell each other: small absolute states with revs and ids, never texts. It may lose; the store is the truth, and
//! a loss that is noticed (`Message::Lost`) or not (`reconcile`) is healed from there.

/// Other nodes, over NATS.
mod nats;

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::domain::event::Event;
use crate::domain::ids::SessionId;
use nats::Post;

/// Messages one follower may lag behind before it reloads from the store.
const LAG: usize = 4096;

/// One message.
#[derive(Debug, Clone)]
pub enum Message {
    /// Committed together.
    Events(Arc<Vec<Event>>),
    /// These sessions are over: their sockets are closed wherever they are.
    SessionsEnded(Arc<Vec<SessionId>>),
    /// Something another node told may not have come: read the store.
    Lost,
}

/// How this node stands with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// There are no others.
    Alone,
    /// They hear each other.
    Up,
    /// They do not: each reads from the store what the others did.
    Away,
}

/// The bus of one process, and its link to those of others.
#[derive(Debug, Clone)]
pub struct Bus {
    sender: broadcast::Sender<Message>,
    post: Option<Arc<Post>>,
}

impl Default for Bus {
    fn default() -> Self {
        Self { sender: broadcast::channel(LAG).0, post: None }
    }
}

impl Bus {
    /// A bus shared with other nodes over the NATS server at `url`, or over several with commas between. None need be there yet: nothing
    /// waits for it. `key` is the deployment's own: letters that do not bear it are not believed.
    pub fn shared(url: &str, key: &[u8; 32]) -> Self {
        let alone = Self::default();
        let post = nats::start(url.to_owned(), key, alone.sender.clone());
        Self { post: Some(post), ..alone }
    }
    /// Tells every follower, this node's own included: one way of delivery. Never waits.
    pub fn publish(&self, message: Message) {
        if let Some(post) = &self.post {
            post.send(&message);
        }
        // No follower yet is no loss: whoever follows later reads the store first.
        let _ = self.sender.send(message);
    }
    /// Follows from now on. `Lagged` means: something was lost, read the store.
    pub fn follow(&self) -> broadcast::Receiver<Message> {
        self.sender.subscribe()
    }
    /// Lets what has been told reach the others before this process ends; waits for that a second at most.
    pub async fn end(&self) {
        if let Some(post) = &self.post {
            post.end().await;
        }
    }
    /// How this node stands with the others.
    pub fn link(&self) -> Link {
        match &self.post {
            None => Link::Alone,
            Some(post) if post.is_up() => Link::Up,
            Some(_) => Link::Away,
        }
    }
}
