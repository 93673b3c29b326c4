//! Plays steps: one HTTP client, one token a person, one socket a name.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::task::AbortOnDropHandle;

use crate::matching::{Names, fill, fits};
use crate::script::{Act, Call, Step};

/// Longest wait for something that has to come; the exam itself is over after 30 s.
const PATIENCE: Duration = Duration::from_secs(40);

/// One socket. A task reads it all the time, as a page does: pings are answered whether or not the transcript waits for something.
struct Socket {
    sink: SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>,
    frames: mpsc::UnboundedReceiver<Value>,
    reader: AbortOnDropHandle<()>,
}

pub struct Player {
    base: String,
    http: reqwest::Client,
    names: Names,
    tokens: HashMap<String, String>,
    sockets: HashMap<String, Socket>,
    nearly: String,
}

impl Player {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::new();
        Self {
            base: base.to_owned(),
            http,
            names: Names::new(),
            tokens: HashMap::new(),
            sockets: HashMap::new(),
            nearly: String::new(),
        }
    }

    pub async fn play(&mut self, step: &Step) -> Result<(), String> {
        let played = tokio::time::timeout(PATIENCE + PATIENCE, self.act(&step.act)).await;
        played.unwrap_or_else(|_| Err(format!("nothing came that fits; at last: {}", self.nearly)))
    }

    async fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Call(call) => loop {
                match self.call(call).await {
                    Err(why) if call.until => {
                        self.nearly = why;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    other => return other,
                }
            },
            Act::Connect { who, socket, path } => self.connect(who, socket, path).await,
            Act::Send { socket, frame } => {
                let text = fill(frame, &self.names);
                self.socket(socket)?.sink.send(Message::text(text)).await.map_err(|e| e.to_string())
            }
            Act::Drop { socket } => {
                let gone = self.sockets.remove(socket).ok_or("no such socket")?;
                drop(gone.reader);
                Ok(())
            }
            Act::Receive { socket, frame } => self.receive(socket, frame).await,
        }
    }

    async fn call(&mut self, call: &Call) -> Result<(), String> {
        let Call { who, method, path, headers, body, status, answer, .. } = call;
        let url = format!("{}{}", self.base, fill(path, &self.names));
        let mut request = self.http.request(method.parse().map_err(|_| "method")?, url);
        if let Some(token) = self.tokens.get(who) {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(name, fill(value, &self.names));
        }
        if !body.is_empty() {
            if !headers.iter().any(|(name, _)| name == "Content-Type") {
                request = request.header("Content-Type", "application/json");
            }
            request = request.body(fill(body, &self.names));
        }
        let reply = request.send().await.map_err(|e| e.to_string())?;
        let got = reply.status().as_u16();
        let text = reply.text().await.map_err(|e| e.to_string())?;
        if got != *status {
            return Err(format!("{got} instead of {status}: {text}"));
        }
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let pattern: Value = serde_json::from_str(answer).map_err(|e| format!("the pattern is not JSON: {e}"))?;
        if pattern.get("access_token").is_some() {
            // Each person has an own token.
            self.names.remove("token");
        }
        fits(&pattern, &value, &mut self.names)?;
        if let Some(token) = value.get("access_token").and_then(Value::as_str) {
            self.tokens.insert(who.to_owned(), token.to_owned());
        }
        Ok(())
    }

    async fn connect(&mut self, who: &str, name: &str, path: &str) -> Result<(), String> {
        let url = format!("{}{}", self.base.replacen("http", "ws", 1), fill(path, &self.names));
        let mut request = url.into_client_request().map_err(|e| e.to_string())?;
        let token = self.tokens.get(who).ok_or("has not signed in")?;
        request.headers_mut().insert("Authorization", format!("Bearer {token}").parse().map_err(|_| "token")?);
        request.headers_mut().insert("Sec-WebSocket-Protocol", "invigil.v1".parse().map_err(|_| "protocol")?);
        let (socket, _) = connect_async(request).await.map_err(|e| e.to_string())?;
        let (sink, mut stream) = socket.split();
        let (tell, frames) = mpsc::unbounded_channel();
        let reader = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Message::Text(text) = message {
                    let _ = tell.send(serde_json::from_str(&text).unwrap_or(Value::Null));
                }
            }
        }));
        self.sockets.insert(name.to_owned(), Socket { sink, frames, reader });
        Ok(())
    }

    fn socket(&mut self, name: &str) -> Result<&mut Socket, String> {
        self.sockets.get_mut(name).ok_or_else(|| format!("no socket {name}"))
    }

    /// The next frame that fits; what comes in between is left out. A deadlock would show as the last frame of that type that did not fit.
    async fn receive(&mut self, name: &str, frame: &str) -> Result<(), String> {
        let pattern: Value = serde_json::from_str(frame).map_err(|e| format!("the pattern is not JSON: {e}"))?;
        let mut names = self.names.clone();
        let mut nearly = String::new();
        let socket = self.socket(name)?;
        let searched = tokio::time::timeout(PATIENCE, async {
            while let Some(value) = socket.frames.recv().await {
                match fits(&pattern, &value, &mut names) {
                    Ok(()) => return Ok(()),
                    Err(why) if value.get("type") == pattern.get("type") => nearly = why,
                    Err(_) => {}
                }
            }
            Err("the socket ended".to_owned())
        })
        .await;
        match searched {
            Ok(Ok(())) => {
                self.names = names;
                Ok(())
            }
            Ok(Err(why)) => Err(format!("{why}; nearest: {nearly}")),
            Err(_) => Err(format!("no frame fits; nearest: {nearly}")),
        }
    }
}
