//! Sockets: the candidate's channel and the watcher's stream.
//!
//! A refusal before the upgrade is a problem, with its whole body; frames of a kind this client does not know are told
//! apart from silence and otherwise ignored. Pings are answered while the socket is read.

use std::marker::PhantomData;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use url::Url;

use super::{Problem, Rest};
use crate::limits;
use crate::protocol::{ClientFrame, ServerFrame, WatcherFrame};

/// The HTTP half of a socket's beginning.
mod handshake;

/// Largest message taken: a snapshot of the largest room, or a paper, with room to spare.
const MESSAGE_BYTES: usize = 16 << 20;
/// Longest a connection may take from the first packet to the upgrade.
const UPGRADE: Duration = Duration::from_secs(15);

/// A candidate's channel.
pub type Channel = Socket<ServerFrame>;
/// A watcher's stream.
pub type Watcher = Socket<WatcherFrame>;

/// One open socket that receives frames of `F`.
pub struct Socket<F> {
    stream: WebSocketStream<TcpStream>,
    frames: PhantomData<fn() -> F>,
}

/// What a socket brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming<F> {
    /// A frame of the protocol.
    Frame(F),
    /// Text that is no frame this client knows.
    Unknown(String),
    /// A ping, pong or empty frame: the server lives.
    Life,
    /// The socket is over; with the code of the server's close frame, if there was one.
    Closed(Option<u16>),
}

/// The socket is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the socket is over")]
pub struct Gone;

impl Channel {
    /// Opens the exam clock of a candidate. `pen` is shown by one that comes back; `room` is needed only by an account.
    pub async fn open(rest: &Rest, room: Option<&str>, pen: Option<i64>) -> Result<Self, Problem> {
        let mut url = place(rest, "/ws/exam-clock")?;
        if let Some(room) = room {
            url.query_pairs_mut().append_pair("room", room);
        }
        if let Some(pen) = pen {
            url.query_pairs_mut().append_pair("pen", &pen.to_string());
        }
        Self::connect(&url, rest).await
    }

    /// Sends one frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), Gone> {
        let text = serde_json::to_string(frame).map_err(|_| Gone)?;
        self.send_text(text).await
    }
}

impl Watcher {
    /// Watches a room as data.
    pub async fn watch(rest: &Rest, room: &str) -> Result<Self, Problem> {
        Self::watch_as(rest, room, "json").await
    }

    /// Watches a room as `json` or `html`.
    pub async fn watch_as(rest: &Rest, room: &str, form: &str) -> Result<Self, Problem> {
        let mut url = place(rest, &format!("/ws/rooms/{room}"))?;
        url.query_pairs_mut().append_pair("as", form);
        Self::connect(&url, rest).await
    }
}

fn place(rest: &Rest, path: &str) -> Result<Url, Problem> {
    let mut url = rest.base().join(path).map_err(|error| Problem::unreachable(&error))?;
    if let Some(lang) = rest.lang() {
        url.query_pairs_mut().append_pair("lang", lang);
    }
    Ok(url)
}

impl<F: DeserializeOwned> Socket<F> {
    async fn connect(url: &Url, rest: &Rest) -> Result<Self, Problem> {
        // The library's own buffers would cost 256 KiB a socket, and a crowd has thousands.
        let config = WebSocketConfig::default()
            .read_buffer_size(limits::SOCKET_READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(limits::SOCKET_WRITE_BUFFER)
            .max_message_size(Some(MESSAGE_BYTES))
            .max_frame_size(Some(MESSAGE_BYTES));
        let upgrade = tokio::time::timeout(UPGRADE, handshake::upgrade(url, rest.token(), config));
        let stream = upgrade.await.map_err(|_| Problem::no_answer("the upgrade took too long"))??;
        Ok(Self { stream, frames: PhantomData })
    }

    /// What comes next. After `Closed` there is nothing more.
    pub async fn next(&mut self) -> Incoming<F> {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(frame) => Incoming::Frame(frame),
                Err(_) => Incoming::Unknown(text.to_string()),
            },
            Some(Ok(Message::Close(close))) => Incoming::Closed(close.map(|close| close.code.into())),
            Some(Ok(_)) => Incoming::Life,
            Some(Err(_)) | None => Incoming::Closed(None),
        }
    }

    /// The next frame, past whatever is none; None when the socket is over.
    pub async fn frame(&mut self) -> Option<F> {
        loop {
            match self.next().await {
                Incoming::Frame(frame) => return Some(frame),
                Incoming::Closed(_) => return None,
                Incoming::Unknown(_) | Incoming::Life => {}
            }
        }
    }

    /// Sends text as it is: also what is no frame.
    pub async fn send_text(&mut self, text: String) -> Result<(), Gone> {
        self.write(Message::text(text)).await
    }

    /// Sends a binary message, which the protocol does not have.
    pub async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        self.write(Message::binary(bytes)).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(limits::SOCKET_WRITE_DEADLINE, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// Says goodbye and waits for the answer, a second at most.
    pub async fn close(mut self) {
        let close = CloseFrame { code: 1000.into(), reason: "".into() };
        let goodbye = async {
            if self.stream.close(Some(close)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // Whoever does not answer within a second is left.
        drop(tokio::time::timeout(Duration::from_secs(1), goodbye).await);
    }

    /// Cuts the connection as a pulled cable's reset would: no close frame, no end of stream.
    pub fn sever(self) {
        // A socket that cannot be set so is already gone.
        drop(self.stream.get_ref().set_zero_linger());
    }
}

#[cfg(test)]
mod tests;
