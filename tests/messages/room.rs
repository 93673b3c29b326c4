//! A room with a teacher and candidates, and waits for what has to come.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use invigil::client::outbox::Outbox;
use invigil::client::rest::{Entry, fresh_key};
use invigil::client::sitter::{Event, Setup};
use invigil::client::{Rest, Sitter};
use invigil::domain::access::Role;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::app::TestApp;
use crate::support::room::{PASSWORD, Room, TEACHER, short_questions};

/// Longest anything may take. Generous: a busy machine must not turn a test red.
pub const WITHIN: Duration = Duration::from_secs(30);

/// A running room.
pub struct Hall {
    pub app: TestApp,
    pub staff: Rest,
    pub room: String,
    codes: Vec<(String, String)>,
    entries: Mutex<HashMap<usize, Entry>>,
    stop: CancellationToken,
}

impl Hall {
    pub async fn running(people: usize) -> Self {
        let app = TestApp::start().await;
        let user = app.service.make_user(TEACHER, TEACHER, Role::Teacher, PASSWORD, None).await.unwrap();
        app.service.store.create_user(&user).await.unwrap();
        let base = Url::parse(&app.base).unwrap();
        let Room { staff, id, codes } = Room::running(&base, people, json!({}), short_questions(2)).await.unwrap();
        Self { app, staff, room: id, codes, entries: Mutex::default(), stop: CancellationToken::new() }
    }

    /// Another account, signed in.
    pub async fn account(&self, login: &str, role: Role) -> Rest {
        let user = self.app.service.make_user(login, login, role, PASSWORD, None).await.unwrap();
        self.app.service.store.create_user(&user).await.unwrap();
        let rest = Rest::new(Url::parse(&self.app.base).unwrap()).unwrap();
        rest.login(login, PASSWORD).await.unwrap().0
    }

    pub fn candidate(&self, n: usize) -> &str {
        &self.codes[n].0
    }

    /// A new device of a candidate, welcomed.
    pub async fn sit(&self, n: usize) -> Sitter {
        let entry = self.staff.anonymous().enter(&self.codes[n].1).await.unwrap();
        self.entries.lock().unwrap().insert(n, entry);
        self.sit_with(n, Outbox::default()).await
    }

    /// The last device of a candidate, with what it held.
    pub async fn sit_with(&self, n: usize, outbox: Outbox) -> Sitter {
        let entry = self.entries.lock().unwrap()[&n].clone();
        let setup = Setup::new(self.app.service.time.clone(), self.stop.child_token(), n as u64);
        let sitter = Sitter::start_with(&entry, &setup, outbox);
        sitter.until(WITHIN, |view| view.connected).await.unwrap();
        sitter
    }

    /// A candidate without a socket.
    pub async fn as_candidate(&self, n: usize) -> Rest {
        self.staff.anonymous().enter(&self.codes[n].1).await.unwrap().rest
    }

    /// An announcement; its id.
    pub async fn announce(&self, text: &str) -> String {
        ids(&self.staff.send_message(&self.room, json!({ "text": text }), &fresh_key()).await.unwrap())
    }

    /// A message with its receipts.
    pub async fn message(&self, id: &str) -> Value {
        self.staff.message(&self.room, id).await.unwrap()
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.app.stop().await;
    }
}

/// Waits until something is so.
pub async fn settle(mut so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(WITHIN, wait).await.unwrap_or_else(|_| panic!("it never was so"));
}

/// The id in an answer.
pub fn ids(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}

/// The words that the server has taken next.
pub async fn written(sitter: &mut Sitter) -> String {
    let wait = async {
        loop {
            match sitter.event().await {
                Some(Event::Written { text, .. }) => return text,
                Some(_) => {}
                None => panic!("it ended before"),
            }
        }
    };
    tokio::time::timeout(WITHIN, wait).await.unwrap()
}

/// What comes back first on a bare socket for many more messages that is no consent: each node counts for itself what it is sent.
pub async fn refused_frame(hall: &Hall, n: usize) -> Value {
    use invigil::client::channel::Channel;
    use invigil::protocol::{ClientFrame, ServerFrame};
    let entry = hall.staff.anonymous().enter(&hall.codes[n].1).await.unwrap();
    let mut channel = Channel::open(&entry.rest, None, None).await.unwrap();
    let wait = async {
        loop {
            match channel.frame().await.unwrap() {
                ServerFrame::Welcome(_) => {
                    for seq in 900..950 {
                        channel.send(&ClientFrame::Message { seq, text: "One more?".into() }).await.unwrap();
                    }
                }
                frame @ (ServerFrame::Refused(_) | ServerFrame::Error { .. }) => return serde_json::to_value(frame).unwrap(),
                _ => {}
            }
        }
    };
    tokio::time::timeout(WITHIN, wait).await.unwrap()
}
