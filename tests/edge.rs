//! The edge over real TCP: what it refuses, what it survives, what it adds.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

use futures_util::{SinkExt as _, StreamExt as _};
use invigil::server::{ClientAddr, ClientScheme, Edge, Origins, Settings, TlsFiles, serve};
use poem::{
    Body, EndpointExt as _, Response, Route, get, handler,
    http::StatusCode,
    post,
    web::{
        Data,
        websocket::{Message as Frame, WebSocket},
    },
};
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use tokio_util::sync::CancellationToken;

const SHORT: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(5);
/// Every reading of the test's clock is this much later than the one before.
const STEP_MS: u64 = 7;

#[handler]
fn hello() -> &'static str {
    "hello"
}

#[handler]
async fn measure(body: Body) -> poem::Result<String> {
    Ok(body.into_bytes().await?.len().to_string())
}

#[handler]
fn ignore() -> &'static str {
    "never looked"
}

#[handler]
fn fall() -> &'static str {
    panic!("the secret of the handler")
}

#[handler]
fn fail() -> poem::Result<()> {
    Err(poem::error::InternalServerError(io::Error::other("the secret of the database")))
}

#[handler]
fn who(Data(address): Data<&ClientAddr>, Data(scheme): Data<&ClientScheme>) -> String {
    format!("{} {scheme:?}", address.0)
}

#[handler]
async fn slow() -> &'static str {
    sleep(Duration::from_millis(500)).await;
    "done"
}

#[handler]
fn big() -> Vec<u8> {
    vec![b'x'; 64 << 20]
}

#[handler]
fn documented() -> Response {
    let page =
        Response::builder().header("content-security-policy", "script-src 'sha256-abc'").header("cache-control", "max-age=60");
    page.body("docs")
}

#[handler]
fn echo(socket: WebSocket) -> impl poem::IntoResponse {
    socket.on_upgrade(|mut socket| async move {
        while let Some(Ok(Frame::Text(text))) = socket.next().await {
            socket.send(Frame::Text(text)).await.unwrap();
        }
    })
}

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

fn settings() -> Settings {
    let clock = AtomicU64::new(0);
    Settings::new(Arc::new(move || Duration::from_millis(clock.fetch_add(STEP_MS, Ordering::Relaxed))))
}

async fn start(settings: Settings) -> Server {
    let routes = Route::new()
        .at("/hello", get(hello))
        .at("/measure", post(measure))
        .at("/ignore", post(ignore))
        .at("/import", post(measure))
        .at("/panic", get(fall))
        .at("/who", get(who))
        .at("/slow", get(slow))
        .at("/big", get(big))
        .at("/docs", get(documented))
        .at("/ws", get(echo))
        .at("/health/live", get(hello))
        .at("/api/v1/things", get(hello).post(measure))
        .at("/api/v1/broken", get(fail))
        .at("/api/v1/panic", get(fall));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let edge = Edge::new(routes.to_response().boxed(), settings).unwrap();
    Server { address, stop: stop.clone(), serving: tokio::spawn(serve(listener, edge, stop)) }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes and reads until the server closes.
    async fn raw(&self, bytes: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        read_all(&mut stream).await
    }

    async fn ask(&self, line: &str, headers: &str, body: &str) -> String {
        self.raw(&request(line, headers, body)).await
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), "", "").await
    }

    async fn socket(&self) -> WebSocketStream<TcpStream> {
        client_async(format!("ws://{}/ws", self.address), self.connect().await).await.unwrap().0
    }
}

fn request(line: &str, headers: &str, body: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}")
}

async fn read_all(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server closes in time") {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&answer).into_owned(),
    }
}

async fn read_some(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut buffer = [0; 4096];
    let count = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("the server answers in time").unwrap();
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let lines = answer.split("\r\n\r\n").next()?.lines().skip(1);
    lines.filter_map(|line| line.split_once(": ")).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn problem(answer: &str) -> serde_json::Value {
    assert_eq!(header(answer, "content-type"), Some("application/problem+json"), "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn refused_as(answer: &str, expected: u16, code: &str) {
    assert_eq!(status(answer), expected, "{answer}");
    assert_eq!(problem(answer)["code"], code);
}

async fn speak(socket: &mut WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>) {
    socket.send(Message::text("heard?")).await.unwrap();
    let heard = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(heard, Message::text("heard?"));
}

#[tokio::test]
async fn slow_heads_are_closed_and_hold_nobody_up() {
    let server = start(Settings { head_deadline: SHORT, ..settings() }).await;
    let mut half_open = Vec::new();
    for number in 0..50 {
        let mut stream = server.connect().await;
        if number % 2 == 1 {
            stream.write_all(b"GET /hello HTTP/1.1\r\nHost: loc").await.unwrap();
        }
        half_open.push(stream);
    }
    assert!(server.get("/hello").await.ends_with("hello"));
    let (mut reading, mut dripping) = server.connect().await.into_split();
    let drip = tokio::spawn(async move {
        for byte in b"GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Long: ".iter().chain(std::iter::repeat(&b'x')) {
            if dripping.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    for stream in &mut half_open {
        assert_ne!(status(&read_all(stream).await), 200);
    }
    assert_ne!(status(&read_all(&mut reading).await), 200);
    drip.abort();
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_kept() {
    let server = start(Settings { head_deadline: SHORT, ..settings() }).await;
    let mut stream = server.connect().await;
    for _ in 0..12 {
        stream.write_all(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(read_some(&mut stream).await.ends_with("hello"));
        sleep(SHORT / 6).await;
    }
    assert_eq!(read_all(&mut stream).await, "");
}

#[tokio::test]
async fn a_peer_that_stops_reading_is_let_go() {
    let server = start(Settings { write_deadline: SHORT, connections: 1, ..settings() }).await;
    let mut deaf = server.connect().await;
    deaf.write_all(request("GET /big", "", "").as_bytes()).await.unwrap();
    assert_eq!(server.get("/hello").await, "", "the only connection is taken");
    let freed = async { while status(&server.get("/hello").await) != 200 {} };
    timeout(PATIENCE, freed).await.expect("its connection is free again");
}

#[tokio::test]
async fn sockets_are_upgraded_and_hold_their_place_until_they_are_gone() {
    let server = start(Settings { connections: 1, head_deadline: SHORT, ..settings() }).await;
    let mut socket = server.socket().await;
    speak(&mut socket).await;
    sleep(SHORT * 2).await;
    speak(&mut socket).await;
    assert_eq!(server.get("/hello").await, "", "the only connection is taken");
    drop(socket);
    let freed = async { while status(&server.get("/hello").await) != 200 {} };
    timeout(PATIENCE, freed).await.expect("its place is free again");
}

#[tokio::test]
async fn one_address_cannot_take_all_connections() {
    let server = start(Settings { per_address: 2, ..settings() }).await;
    let first = server.socket().await;
    let _second = server.socket().await;
    assert_eq!(server.get("/hello").await, "");
    drop(first);
    let freed = async { while status(&server.get("/hello").await) != 200 {} };
    timeout(PATIENCE, freed).await.unwrap();
}

#[tokio::test]
async fn behind_a_proxy_clients_are_counted_and_not_the_proxy() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = start(Settings { per_address: 1, trusted_proxies, ..settings() }).await;
    let upgrade = |client: &str| {
        let key = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        format!("GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n{key}X-Forwarded-For: {client}\r\n\r\n")
    };
    let mut socket = server.connect().await;
    socket.write_all(upgrade("198.51.100.7").as_bytes()).await.unwrap();
    assert_eq!(status(&read_some(&mut socket).await), 101);
    let from = |client: &'static str| server.ask("GET /hello", client, "");
    let second = from("X-Forwarded-For: 198.51.100.7\r\n").await;
    refused_as(&second, 429, "too_many");
    assert_eq!(header(&second, "retry-after"), Some("1"));
    assert_eq!(status(&from("X-Forwarded-For: 198.51.100.8\r\n").await), 200);
    drop(socket);
    let freed = async { while status(&from("X-Forwarded-For: 198.51.100.7\r\n").await) != 200 {} };
    timeout(PATIENCE, freed).await.expect("the place left with the socket");
}

#[tokio::test]
async fn heads_are_bounded_and_never_ambiguous() {
    let server = start(settings()).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(17 * 1024));
    assert_eq!(status(&server.ask("GET /hello", &long, "").await), 431);
    assert_eq!(status(&server.ask("GET /hello", &"X-Many: x\r\n".repeat(200), "").await), 431);
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    let smuggled = "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = server.ask("POST /measure", both, smuggled).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "one request, one answer: {answer}");
    let kept = format!("POST /measure HTTP/1.1\r\nHost: localhost\r\n{both}\r\n{smuggled}");
    assert_eq!(server.raw(&kept).await.matches("HTTP/1.1 ").count(), 1, "nor when the connection was to be kept");
    for coding in ["gzip, chunked", "chunked, chunked", "chunked\r\nTransfer-Encoding: chunked", "identity", "chunked, identity"]
    {
        let answer = server.ask("POST /measure", &format!("Transfer-Encoding: {coding}\r\n"), "0\r\n\r\n").await;
        assert_eq!(status(&answer), 400, "{coding}: {answer}");
    }
    let twice = server.ask("POST /measure", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello!").await;
    assert_eq!(status(&twice), 400);
    assert_eq!(status(&server.raw("GET /hello HTTP/1.1\r\nHost : localhost\r\n\r\n").await), 400);
    assert_ne!(status(&server.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await) / 100, 2);
}

#[tokio::test]
async fn bodies_are_bounded_in_size() {
    let server = start(Settings { body_bytes: 1000, import_bytes: 3000, ..settings() }).await;
    let send = |path: &str, size: usize| {
        let request = request(&format!("POST {path}"), &format!("Content-Length: {size}\r\n"), &"x".repeat(size));
        let server = &server;
        async move { server.raw(&request).await }
    };
    assert!(send("/measure", 1000).await.ends_with("1000"));
    refused_as(&send("/measure", 1001).await, 413, "too_large");
    refused_as(&send("/measure", 2 << 20).await, 413, "too_large");
    assert!(send("/import", 3000).await.ends_with("3000"));
    refused_as(&send("/import", 3001).await, 413, "too_large");
    let chunk = format!("200\r\n{}\r\n", "x".repeat(512));
    let chunks =
        |count: usize| request("POST /measure", "Transfer-Encoding: chunked\r\n", &format!("{}0\r\n\r\n", chunk.repeat(count)));
    assert!(server.raw(&chunks(1)).await.ends_with("512"));
    refused_as(&server.raw(&chunks(2)).await, 413, "too_large");
}

#[tokio::test]
async fn whoever_sends_too_much_still_hears_so() {
    let server = start(Settings { body_bytes: 1000, ..settings() }).await;
    let mut stream = server.connect().await;
    let (piece, pieces) = (vec![b'x'; 256 << 10], 6);
    let length = format!("Content-Length: {}\r\n", piece.len() * pieces);
    stream.write_all(request("POST /measure", &length, "").as_bytes()).await.unwrap();
    for _ in 0..pieces {
        // As a browser does: it sends on and reads only when it is done.
        sleep(Duration::from_millis(30)).await;
        stream.write_all(&piece).await.expect("the connection is not reset under the sender");
    }
    refused_as(&read_all(&mut stream).await, 413, "too_large");
}

#[tokio::test]
async fn bodies_are_bounded_in_time() {
    let server = start(Settings { body_deadline: SHORT, ..settings() }).await;
    let stalled = request("POST /measure", "Content-Length: 10\r\n", "12345");
    refused_as(&server.raw(&stalled).await, 408, "timeout");
    let (mut reading, mut dripping) = server.connect().await.into_split();
    let head = request("POST /measure", "Content-Length: 100000\r\n", "");
    let drip = tokio::spawn(async move {
        dripping.write_all(head.as_bytes()).await.unwrap();
        while dripping.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    refused_as(&read_some(&mut reading).await, 408, "timeout");
    drip.abort();
    let unread = request("POST /ignore", "Content-Length: 10\r\n", "12345");
    assert!(server.raw(&unread).await.ends_with("never looked"), "a route that needs no body is not made to wait for it");
}

#[tokio::test]
async fn encoded_bodies_and_foreign_methods_are_refused() {
    let server = start(settings()).await;
    let gzip = server.ask("POST /measure", "Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x").await;
    refused_as(&gzip, 415, "unsupported_media_type");
    let identity = server.ask("POST /measure", "Content-Encoding: identity\r\nContent-Length: 1\r\n", "x").await;
    assert_eq!(status(&identity), 200);
    for method in ["TRACE", "CONNECT", "PROPFIND"] {
        let target = if method == "CONNECT" { "localhost:80" } else { "/hello" };
        let answer = server.ask(&format!("{method} {target}"), "", "").await;
        refused_as(&answer, 405, "method_not_allowed");
        assert!(header(&answer, "allow").unwrap().contains("GET"), "{answer}");
    }
}

#[tokio::test]
async fn only_our_hosts_are_served() {
    let origins = Origins::from_urls(&["https://exam.school.org".parse().unwrap()]);
    let server = start(Settings { origins, ..settings() }).await;
    let ask = |host: &str, target: &str| {
        let request = format!("GET {target} HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        let server = &server;
        async move { server.raw(&request).await }
    };
    assert_eq!(status(&ask("Host: exam.school.org\r\n", "/hello").await), 200);
    assert_eq!(status(&ask(&format!("Host: {}\r\n", server.address), "/hello").await), 200);
    refused_as(&ask("Host: evil.example\r\n", "/hello").await, 421, "host_unknown");
    refused_as(&ask("Host: exam.school.org\r\n", "http://evil.example/hello").await, 421, "host_unknown");
    refused_as(&ask("", "/hello").await, 400, "host_unknown");
    refused_as(&ask("Host: localhost\r\nHost: evil.example\r\n", "/hello").await, 400, "host_unknown");
    assert_eq!(status(&ask("Host: 10.1.2.3:8080\r\n", "/health/live").await), 200, "probes call by address");
}

#[tokio::test]
async fn forwarded_headers_are_believed_from_our_proxies_only() {
    let forged = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 7.7.7.7\r\nForwarded: for=8.8.8.8\r\nX-Forwarded-Proto: https\r\n";
    let stranger = start(settings()).await;
    let answer = stranger.ask("GET /who", forged, "").await;
    assert!(answer.ends_with("127.0.0.1 Http"), "{answer}");
    assert_eq!(header(&answer, "strict-transport-security"), None);
    let trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let proxied = start(Settings { trusted_proxies, ..settings() }).await;
    let answer = proxied.ask("GET /who", "X-Forwarded-For: 6.6.6.6, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n", "").await;
    assert!(answer.ends_with("198.51.100.7 Https"), "{answer}");
    assert!(header(&answer, "strict-transport-security").unwrap().contains("max-age=31536000"));
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_its_own_id() {
    let server = start(settings()).await;
    let mut ids = Vec::new();
    let paths = [
        ("/hello", 200),
        ("/nowhere", 404),
        ("/panic", 500),
        ("/api/v1/nothing", 404),
        ("/api/v1/broken", 500),
        ("/measure", 405),
    ];
    for (path, expected) in paths {
        let answer = server.get(path).await;
        assert_eq!(status(&answer), expected, "{answer}");
        let policy = header(&answer, "content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(header(&answer, name), Some(value), "{path}");
        }
        assert!(header(&answer, "permissions-policy").is_some() && header(&answer, "server").is_none());
        let id = header(&answer, "x-request-id").unwrap().to_owned();
        assert!(id.len() == 16 && id.chars().all(|digit| digit.is_ascii_hexdigit()), "{id}");
        assert!(!ids.contains(&id));
        ids.push(id);
    }
    let docs = server.get("/docs").await;
    assert_eq!(header(&docs, "content-security-policy"), Some("script-src 'sha256-abc'"));
    assert_eq!(header(&docs, "cache-control"), Some("max-age=60"));
    let claimed = server.ask("GET /hello", "X-Request-Id: 0000000000000000\r\n", "").await;
    assert_ne!(header(&claimed, "x-request-id"), Some("0000000000000000"));
}

#[tokio::test]
async fn a_panic_is_one_problem_and_the_connection_lives() {
    let server = start(settings()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /api/v1/panic HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let answer = read_some(&mut stream).await;
    refused_as(&answer, 500, "internal");
    assert_eq!(problem(&answer)["request_id"], header(&answer, "x-request-id").unwrap());
    assert_eq!(problem(&answer)["type"], "/docs/errors#internal");
    assert!(!answer.contains("secret"));
    stream.write_all(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(read_some(&mut stream).await.ends_with("hello"));
    let broken = server.get("/api/v1/broken").await;
    refused_as(&broken, 500, "internal");
    assert!(!broken.contains("secret"));
}

#[tokio::test]
async fn programs_get_problems_and_people_get_the_page() {
    let document = serde_json::json!({"paths": {"/things": {"get": {}, "post": {}}}});
    let page: invigil::server::Voice = Arc::new(|failure, asker| {
        asker.wants_page().then(|| Response::builder().status(failure.status).content_type("text/html").body("<h1>Sorry</h1>"))
    });
    let allowed = Some(invigil::server::allowed_by(&document, "/api/v1"));
    let server = start(Settings { voice: Some(page), allowed, ..settings() }).await;
    let wrong = server.ask("DELETE /api/v1/things", "Accept: text/html\r\n", "").await;
    refused_as(&wrong, 405, "method_not_allowed");
    assert_eq!(header(&wrong, "allow"), Some("GET, HEAD, POST"));
    refused_as(&server.ask("GET /api/v1/nothing", "Accept: text/html\r\n", "").await, 404, "not_found");
    let page = server.ask("GET /nowhere", "Accept: text/html,*/*\r\n", "").await;
    assert_eq!((status(&page), header(&page, "content-type")), (404, Some("text/html")));
    assert!(page.ends_with("<h1>Sorry</h1>") && header(&page, "content-security-policy").is_some());
    refused_as(&server.ask("GET /nowhere", "Accept: application/json\r\n", "").await, 404, "not_found");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_access_log_has_one_line_a_request_and_no_query() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start(settings()).await;
    let answer = server.get("/hello?token=CANARY").await;
    server.ask("GET /nowhere?code=CANARY", "Referer: http://localhost/?CANARY\r\nCookie: s=CANARY\r\n", "").await;
    server.get("/api/v1/panic?CANARY").await;
    let mut leaving = server.connect().await;
    leaving.write_all(b"GET /slow?CANARY HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    drop(leaving);
    sleep(Duration::from_millis(100)).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("CANARY"), "{text}");
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "access").map(|line| &line["fields"]).collect();
    let seen: Vec<_> =
        access.iter().map(|fields| (fields["path"].as_str().unwrap(), fields["status"].as_u64().unwrap())).collect();
    assert_eq!(seen, [("/hello", 200), ("/nowhere", 404), ("/api/v1/panic", 500), ("/slow", 499)]);
    assert_eq!(access[0]["method"], "GET");
    assert_eq!(access[0]["bytes"], 5);
    assert_eq!(access[0]["ms"], STEP_MS);
    assert_eq!(access[0]["address"], "127.0.0.1");
    assert_eq!(access[0]["id"], header(&answer, "x-request-id").unwrap());
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_nothing_else() {
    let server = start(settings()).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    read_some(&mut idle).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut socket = server.socket().await;
    sleep(Duration::from_millis(100)).await;
    server.stop.cancel();
    assert_eq!(read_all(&mut idle).await, "");
    assert!(read_all(&mut busy).await.ends_with("done"));
    timeout(PATIENCE, server.serving).await.unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
    speak(&mut socket).await;
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let server = start(Settings { drain: SHORT / 3, ..settings() }).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(50)).await;
    server.stop.cancel();
    timeout(PATIENCE, server.serving).await.unwrap().unwrap();
    assert_eq!(read_all(&mut busy).await, "", "the drain ended before the request did");
}

#[tokio::test]
async fn tls_speaks_http_1_1_only_and_stalled_handshakes_end() {
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let folder = std::env::temp_dir().join(format!("invigil-edge-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files = TlsFiles { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
    let missing = Settings { tls: Some(files.clone()), ..settings() };
    assert!(Edge::new(Route::new().map_to_response().boxed(), missing).is_err(), "said at start, not at the first handshake");
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let server = start(Settings { tls: Some(files), handshake_deadline: SHORT, ..settings() }).await;
    std::fs::remove_dir_all(&folder).unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config =
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("localhost").unwrap();
    let mut stalled = server.connect().await;
    let mut stream = connector.connect(name.clone(), server.connect().await).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream.write_all(request("GET /who", "X-Forwarded-Proto: http\r\n", "").as_bytes()).await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.ends_with("127.0.0.1 Https"), "{answer}");
    assert!(header(&answer, "strict-transport-security").is_some());
    let stream = connector.connect(name, server.connect().await).await.unwrap();
    let (mut socket, upgraded) = client_async("wss://localhost/ws", stream).await.unwrap();
    assert_eq!(upgraded.status(), StatusCode::SWITCHING_PROTOCOLS);
    speak(&mut socket).await;
    assert_eq!(read_all(&mut stalled).await, "");
}
