//! A socket for computers that are tried before an exam: what comes in goes back. Anybody may open it, so it is small, short and counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use poem::web::websocket::{Message, WebSocket, WebSocketStream};
use poem::{FromRequest, IntoResponse, Request, Response};

use super::socket::config;
use super::{Channel, refusal};
use crate::error::Code;
use crate::limits;
use crate::locale::Locale;
use crate::protocol::SUBPROTOCOL;

/// Messages that are sent back; the next one ends it.
const ECHOES: usize = 4;
/// Longest message that is sent back, bytes.
const ECHO_BYTES: usize = 256;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// One of the sockets that may be open.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let taken = OPEN.fetch_add(1, Ordering::Relaxed) < limits::CHECK_SOCKETS;
        // Without a place the count goes back when this is dropped.
        Some(Self).filter(|_| taken)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `/ws/check`.
pub(super) async fn door(channel: Channel, req: Request) -> poem::Result<Response> {
    let (req, mut body) = req.split();
    if (channel.origin)(req.headers()) == Some(false) {
        return Ok(refusal(Locale::En, &Code::OriginForbidden.into()));
    }
    let Some(place) = Place::take() else { return Ok(refusal(Locale::En, &Code::Busy.into())) };
    let ws = WebSocket::from_request(&req, &mut body).await?;
    let config = config().max_message_size(Some(ECHO_BYTES)).max_frame_size(Some(ECHO_BYTES));
    let ws = ws.protocols([SUBPROTOCOL]).config(config);
    let tasks = channel.tasks.clone();
    let visit = move |stream| {
        tasks.track_future(async move {
            let _place = place;
            tokio::select! {
                () = channel.stop.cancelled() => {}
                _ = tokio::time::timeout(limits::CHECK_SOCKET, echo(stream)) => {}
            }
        })
    };
    Ok(ws.on_upgrade(visit).into_response())
}

async fn echo(mut stream: WebSocketStream) {
    for _ in 0..ECHOES {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                if stream.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => return,
        }
    }
}
