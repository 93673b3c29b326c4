use std::future::Future;

use futures_util::SinkExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use super::*;
use crate::protocol::{Attention, SUBPROTOCOL};

async fn listen() -> (TcpListener, Rest) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    (listener, Rest::new(Url::parse(&base).unwrap()).unwrap().with_token("tok").with_lang("de"))
}

/// Answers the first connection with these pieces, one packet each.
async fn answer(listener: TcpListener, pieces: Vec<Vec<u8>>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_buf(&mut read).await.unwrap();
    }
    for piece in pieces {
        stream.write_all(&piece).await.unwrap();
        stream.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn both<T>(server: impl Future<Output = ()> + Send + 'static, client: impl Future<Output = T>) -> T {
    let server = tokio::spawn(server);
    let out = client.await;
    server.await.unwrap();
    out
}

#[tokio::test]
async fn a_refusal_in_pieces_is_read_whole() {
    let (listener, rest) = listen().await;
    let body = r#"{"code":"pen_superseded","detail":"D","status":409}"#;
    let head = format!("HTTP/1.1 409 Conflict\r\ncontent-length: {}\r\nretry-after: 3\r\n\r\n", body.len());
    let (first, second) = body.split_at(9);
    let pieces = vec![head.into(), first.into(), second.into()];
    let problem = both(answer(listener, pieces), Channel::open(&rest, None, Some(2))).await.err().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (409, "pen_superseded"));
    assert_eq!(problem.retry_after, Some(Duration::from_secs(3)));
}

#[tokio::test]
async fn an_answer_that_is_none_is_unreachable() {
    for pieces in [vec![b"HTTP/1.1 ".to_vec()], vec![b"what?\r\n\r\n".to_vec()], vec![vec![b'a'; 200_000]]] {
        let (listener, rest) = listen().await;
        let server = tokio::spawn(answer(listener, pieces));
        let problem = Channel::open(&rest, None, None).await.err().unwrap();
        assert_eq!((problem.status, problem.may_retry()), (0, true));
        server.abort();
    }
}

#[tokio::test]
async fn an_upgrade_for_another_key_is_refused() {
    let (listener, rest) = listen().await;
    let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n";
    let problem = both(answer(listener, vec![head.into()]), Channel::open(&rest, None, None)).await.err().unwrap();
    assert_eq!(problem.status, 0);
}

/// Accepts one socket and notes the request's line and credential.
async fn accept(listener: &TcpListener) -> (WebSocketStream<TcpStream>, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut seen = String::new();
    #[expect(clippy::result_large_err, reason = "the library's type")]
    let note = |request: &Request, mut response: Response| {
        let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
        seen = format!("{} {} {}", request.uri(), header("authorization"), header("sec-websocket-protocol"));
        response.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        Ok(response)
    };
    let socket = tokio_tungstenite::accept_hdr_async(stream, note).await.unwrap();
    (socket, seen)
}

#[tokio::test]
async fn frames_go_both_ways_and_pings_are_answered() {
    let (listener, rest) = listen().await;
    let server = async move {
        let (mut socket, seen) = accept(&listener).await;
        assert_eq!(seen, "/ws/exam-clock?lang=de&room=rm_1&pen=2 Bearer tok invigil.v1");
        socket.send(Message::Ping("7".into())).await.unwrap();
        socket.send(Message::text(r#"{"type":"tick","rev":1,"now_ms":2,"remaining_ms":null,"new":1}"#)).await.unwrap();
        socket.send(Message::text(r#"{"type":"confetti"}"#)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("7".into()));
        let said = socket.next().await.unwrap().unwrap().into_text().unwrap();
        assert_eq!(said, r#"{"type":"attention","state":"away"}"#);
        let close = CloseFrame { code: 4511.into(), reason: "room_over".into() };
        socket.send(Message::Close(Some(close))).await.unwrap();
    };
    let client = async move {
        let mut channel = Channel::open(&rest, Some("rm_1"), Some(2)).await.unwrap();
        assert_eq!(channel.next().await, Incoming::Life);
        let tick = ServerFrame::Tick { rev: 1, now_ms: 2, remaining_ms: None };
        assert_eq!(channel.next().await, Incoming::Frame(tick));
        assert!(matches!(channel.next().await, Incoming::Unknown(text) if text.contains("confetti")));
        channel.send(&ClientFrame::Attention { state: Attention::Away }).await.unwrap();
        assert_eq!(channel.next().await, Incoming::Closed(Some(4511)));
        assert_eq!(channel.frame().await, None);
    };
    both(server, client).await;
}

#[tokio::test]
async fn a_severed_socket_is_a_reset_and_not_a_goodbye() {
    let (listener, rest) = listen().await;
    let server = async move {
        let (mut socket, seen) = accept(&listener).await;
        assert_eq!(seen, "/ws/rooms/rm_2?lang=de&as=html Bearer tok invigil.v1");
        let error = socket.next().await.unwrap().unwrap_err();
        assert!(format!("{error:?}").contains("ConnectionReset"), "{error:?}");
    };
    both(server, async move { Watcher::watch_as(&rest, "rm_2", "html").await.unwrap().sever() }).await;
}
