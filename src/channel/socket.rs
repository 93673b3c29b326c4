//! One WebSocket: bounded writes, and what is heard in four words.

use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::{CloseCode, Message, WebSocketConfig, WebSocketStream};
use serde::Serialize;
use tokio::time::timeout;

use super::candidate::{Mark, Output};
use crate::limits;
use crate::protocol::{Close, ServerFrame};

/// The library's defaults are 64 MiB a message, 128 KiB a read buffer and no bound on what waits to be written.
pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(limits::SOCKET_MESSAGE_BYTES))
        .max_frame_size(Some(limits::SOCKET_MESSAGE_BYTES))
        .read_buffer_size(limits::SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::SOCKET_WRITE_BUFFER)
}

/// The other side reads too slowly, or has gone.
#[derive(Debug)]
pub(super) struct Stuck;

/// What was heard.
pub(super) enum Heard {
    /// A text message.
    Text(String),
    /// A pong with what its ping carried.
    Pong(Mark),
    /// A sign of life without content.
    Life,
    /// Something that closes the socket.
    Refused(Close),
    /// The other side has gone.
    Gone,
}

/// One socket.
pub(super) struct Socket {
    stream: WebSocketStream,
}

impl Socket {
    pub(super) fn new(stream: WebSocketStream) -> Self {
        Self { stream }
    }

    /// The next thing heard.
    pub(super) async fn next(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Heard::Text(text),
            Some(Ok(Message::Binary(_))) => Heard::Refused(Close::Binary),
            Some(Ok(Message::Pong(payload))) => {
                let mark = std::str::from_utf8(&payload).ok().and_then(Mark::parse);
                mark.map_or(Heard::Life, Heard::Pong)
            }
            Some(Ok(Message::Ping(_))) => Heard::Life,
            // The library says only in words that a message was over the limit.
            Some(Err(error)) if error.to_string().contains("too long") || error.to_string().contains("too big") => {
                Heard::Refused(Close::TooBig)
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::Gone,
        }
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &impl Serialize) -> Result<(), Stuck> {
        let text = serde_json::to_string(frame).map_err(|_| Stuck)?;
        self.text(text).await
    }

    /// Sends a text that is made already.
    pub(super) async fn text(&mut self, text: String) -> Result<(), Stuck> {
        self.write(Message::Text(text)).await
    }

    /// Pings with what its pong will prove.
    pub(super) async fn ping(&mut self, mark: Mark) -> Result<(), Stuck> {
        self.write(Message::Ping(mark.to_string().into_bytes())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Stuck> {
        match timeout(limits::SOCKET_WRITE_DEADLINE, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Stuck),
        }
    }

    /// Says goodbye and closes; patient for a second only.
    pub(super) async fn bye(mut self, close: Close) {
        let farewell = async {
            if close.code() >= 4000 {
                let bye = ServerFrame::Bye {
                    code: close.code(),
                    reason: close.reason().to_owned(),
                    reconnect: close.reconnect(),
                    after_ms: close.after_ms(),
                };
                self.send(&bye).await.ok()?;
            }
            let code = CloseCode::from(close.code());
            self.stream.send(Message::Close(Some((code, close.reason().to_owned())))).await.ok()?;
            // The other side answers with its own close; reading it lets the library finish the handshake.
            while let Some(Ok(_)) = self.stream.next().await {}
            Some(())
        };
        let _ = timeout(std::time::Duration::from_secs(1), farewell).await;
    }
}

/// Neighbouring `saved` of one pen become one frame.
pub(super) fn merged(outputs: Vec<Output>) -> Vec<Output> {
    let mut out: Vec<Output> = Vec::with_capacity(outputs.len());
    for output in outputs {
        match (out.last_mut(), output) {
            (Some(Output::Send(last)), Output::Send(next)) => match (&mut **last, *next) {
                (ServerFrame::Saved { pen, items }, ServerFrame::Saved { pen: same, items: more }) if *pen == same => {
                    items.extend(more);
                }
                (_, next) => out.push(Output::Send(Box::new(next))),
            },
            (_, output) => out.push(output),
        }
    }
    out
}
