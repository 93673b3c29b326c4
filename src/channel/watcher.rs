//! A watcher's socket: a snapshot, then deltas in order, a beat in the quiet. It sends nothing.

use std::pin::pin;
use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep_until;

use super::candidate::Mark;
use super::socket::{Heard, Socket};
use super::words::{error_frame, table_frame};
use super::{Channel, millis, spread};
use crate::domain::access::Actor;
use crate::domain::ids::RoomId;
use crate::error::Code;
use crate::limits;
use crate::live::LiveRoom;
use crate::live::connections::{Connection, Kick};
use crate::live::delta::Delta;
use crate::locale::Locale;
use crate::protocol::{Close, ServerFrame, WatcherFrame};

/// Watches until the socket ends.
pub(super) async fn run(
    channel: Channel,
    actor: Actor,
    room: RoomId,
    live: Arc<LiveRoom>,
    html: Option<Locale>,
    mut socket: Socket,
) {
    let Some(session) = actor.session().cloned() else { return };
    let connection = Connection::new(session, channel.service.now());
    live.connections.add_watcher(&connection);
    let close = turns(&channel, &actor, &room, &live, html, &mut socket, &connection).await;
    live.connections.remove_watcher(&connection);
    if let Some(close) = close {
        socket.bye(close).await;
    }
}

/// The text for one kind of reader; a delta's is made once, whoever asks first.
fn text(delta: &Delta, html: Option<Locale>) -> Option<Arc<str>> {
    let reader = html.map_or(0, |locale| 1 + usize::from(locale == Locale::Zh));
    delta.text(reader, |delta| serde_json::to_string(&WatcherFrame::Delta(table_frame(delta, html))).unwrap_or_default())
}

async fn turns(
    channel: &Channel,
    actor: &Actor,
    room: &RoomId,
    live: &LiveRoom,
    html: Option<Locale>,
    socket: &mut Socket,
    connection: &Connection,
) -> Option<Close> {
    let service = &channel.service;
    let Some((table, mut deltas)) = live.watch() else { return Some(Close::Internal) };
    let snapshot = table.snapshot(service.now());
    let mut seq = snapshot.seq;
    socket.send(&WatcherFrame::Snapshot(table_frame(&snapshot, html))).await.ok()?;
    let mut ping = spread(&service.time, limits::PING_EVERY);
    let mut rights = spread(&service.time, limits::RECONCILE);
    let mut leaving = pin!(channel.turn_to_leave());
    let mut quiet = service.time.after(limits::QUIET_BEAT);
    loop {
        tokio::select! {
            biased;
            () = &mut leaving => return Some(Close::Draining),
            () = connection.bell.notified() => match connection.kick.get() {
                Some(Kick::Revoked) => return Some(Close::Revoked),
                Some(Kick::Replaced) => return Some(Close::Limit),
                None => {}
            },
            delta = deltas.recv() => match delta {
                Ok(delta) => {
                    seq = delta.seq;
                    let text = text(&delta, html)?;
                    if socket.text(text.to_string()).await.is_err() {
                        return Some(Close::Slow);
                    }
                    quiet = service.time.after(limits::QUIET_BEAT);
                }
                Err(RecvError::Lagged(_)) => return Some(Close::Slow),
                Err(RecvError::Closed) => return Some(Close::Internal),
            },
            () = sleep_until(quiet) => {
                socket.send(&WatcherFrame::Beat { seq, now_ms: service.now() }).await.ok()?;
                quiet = service.time.after(limits::QUIET_BEAT);
            }
            _ = rights.tick() => {
                if service.watch_room(actor, room).await.is_err_and(|e| matches!(e.code, Code::NotFound | Code::Forbidden)) {
                    return Some(Close::Forbidden);
                }
            }
            _ = ping.tick() => {
                if service.now() - connection.heard_ms() > millis(limits::SILENT) {
                    return Some(Close::Silent);
                }
                socket.ping(Mark::default()).await.ok()?;
            }
            heard = socket.next() => {
                connection.heard(service.now());
                match heard {
                    Heard::Text(_) => socket.send(&told_nothing(html)).await.ok()?,
                    Heard::Pong(_) | Heard::Life => {}
                    Heard::Refused(close) => return Some(close),
                    Heard::Gone => return None,
                }
            }
        }
    }
}

fn told_nothing(html: Option<Locale>) -> ServerFrame {
    error_frame(html.unwrap_or(Locale::En), &Code::UnknownType.into(), None, None)
}
