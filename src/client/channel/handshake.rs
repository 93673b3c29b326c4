//! The HTTP half of a socket's beginning. The library's own gives up a refusal's body when it comes in a second packet;
//! here a refusal is read whole.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response, generate_request};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

use crate::client::Problem;
use crate::protocol::SUBPROTOCOL;

/// Largest head and body of an answer that is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// Connects and upgrades.
pub(super) async fn upgrade(
    url: &Url,
    token: Option<&str>,
    config: WebSocketConfig,
) -> Result<WebSocketStream<TcpStream>, Problem> {
    let (head, key) = generate_request(request(url, token)?).map_err(|error| Problem::unreachable(&error))?;
    let mut stream = connect(url).await.map_err(|error| Problem::unreachable(&error))?;
    stream.write_all(&head).await.map_err(|error| Problem::unreachable(&error))?;
    let mut read = Vec::new();
    let (response, body) = loop {
        more(&mut stream, &mut read).await?;
        if let Some((used, response)) = Response::try_parse(&read).map_err(|error| Problem::unreachable(&error))? {
            break (response, read.split_off(used));
        }
    };
    if response.status().as_u16() != 101 {
        return Err(refusal(&mut stream, &response, body).await);
    }
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    if header("sec-websocket-accept") != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return Err(Problem::no_answer("the upgrade was not accepted for this key"));
    }
    if header("sec-websocket-protocol") != Some(SUBPROTOCOL) {
        return Err(Problem::no_answer("the server does not speak this protocol"));
    }
    Ok(WebSocketStream::from_partially_read(stream, body, Role::Client, Some(config)).await)
}

async fn connect(url: &Url) -> std::io::Result<TcpStream> {
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = match url.host() {
        Some(url::Host::Domain(name)) => TcpStream::connect((name, port)).await,
        Some(url::Host::Ipv4(ip)) => TcpStream::connect((ip, port)).await,
        Some(url::Host::Ipv6(ip)) => TcpStream::connect((ip, port)).await,
        None => Err(std::io::ErrorKind::InvalidInput.into()),
    }?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn request(url: &Url, token: Option<&str>) -> Result<Request, Problem> {
    let ws = url.as_str().replacen("http", "ws", 1);
    let mut request = ws.into_client_request().map_err(|error| Problem::unreachable(&error))?;
    let headers = request.headers_mut();
    headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    if let Some(token) = token {
        let value = HeaderValue::try_from(["Bearer ", token].concat()).map_err(|error| Problem::unreachable(&error))?;
        headers.insert("Authorization", value);
    }
    Ok(request)
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<(), Problem> {
    if read.len() > ANSWER_BYTES {
        return Err(Problem::no_answer("the answer to the upgrade is too large"));
    }
    match stream.read_buf(read).await {
        Ok(0) => Err(Problem::no_answer("the connection was closed before an answer")),
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::unreachable(&error)),
    }
}

async fn refusal(stream: &mut TcpStream, response: &Response, mut body: Vec<u8>) -> Problem {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    // Without a length the body ends with the connection.
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(ANSWER_BYTES);
    while body.len() < length.min(ANSWER_BYTES) && more(stream, &mut body).await.is_ok() {}
    body.truncate(length);
    Problem::of(response.status().as_u16(), header("retry-after"), &body)
}
