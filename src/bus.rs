//! What nodes tell each other: small absolute states with revs and ids, never texts. It may lose; the store is the truth, and
//! `reconcile` heals what was lost.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::domain::event::Event;
use crate::domain::ids::SessionId;

/// Messages one follower may lag behind before it reloads from the store.
const LAG: usize = 4096;

/// One message.
#[derive(Debug, Clone)]
pub enum Message {
    /// Committed together.
    Events(Arc<Vec<Event>>),
    /// These sessions are over: their sockets are closed wherever they are.
    SessionsEnded(Arc<Vec<SessionId>>),
}

/// The bus of one process.
#[derive(Debug, Clone)]
pub struct Bus {
    sender: broadcast::Sender<Message>,
}

impl Default for Bus {
    fn default() -> Self {
        Self { sender: broadcast::channel(LAG).0 }
    }
}

impl Bus {
    /// Tells every follower, this node's own included: one way of delivery.
    pub fn publish(&self, message: Message) {
        // No follower yet is no loss: whoever follows later reads the store first.
        let _ = self.sender.send(message);
    }
    /// Follows from now on. `Lagged` means: something was lost, read the store.
    pub fn follow(&self) -> broadcast::Receiver<Message> {
        self.sender.subscribe()
    }
}
