//! The channel: refusal before the upgrade, then one loop a socket. This file is the only one on the server's side that knows the
//! WebSocket library; `candidate` is a pure machine, and the loop never awaits an acknowledgement: outcomes are inputs.

/// The candidate's side as a pure machine.
pub mod candidate;
mod credential;
mod duties;
mod probe;
mod socket;
mod watcher;
mod words;

use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use poem::http::{HeaderMap, StatusCode, header};
use poem::web::websocket::{WebSocket, WebSocketStream};
use poem::{EndpointExt, FromRequest, IntoResponse, Request, Response, Route, endpoint::BoxEndpoint, endpoint::make};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::access::Actor;
use crate::domain::ids::RoomId;
use crate::error::{Code, Error};
use crate::limits;
use crate::live::connections::{Connection, Kick};
use crate::live::{LiveRoom, Look};
use crate::locale::{Locale, error_words};
use crate::metrics;
use crate::protocol::{Close, SUBPROTOCOL};
use crate::service::Shared;
use crate::service::sitting::Me;
use crate::time::Time;
use candidate::{Candidate, Command, Input, Output};
use duties::Duties;
use socket::{Heard, Socket, config};

/// What the channel needs besides the services.
#[derive(Clone)]
pub struct Channel {
    /// The services.
    pub service: Shared,
    /// Whether an Origin header is there, and listed.
    pub origin: Origin,
    /// Cancelled when this node goes away.
    pub stop: CancellationToken,
    /// Every socket's task, so that the end can wait for them.
    pub tasks: TaskTracker,
}

/// None: no Origin header. Some(true): it is listed.
pub type Origin = Arc<dyn Fn(&HeaderMap) -> Option<bool> + Send + Sync>;

/// `/ws/exam-clock`, `/ws/rooms/{room}` and `/ws/check`.
pub fn routes(channel: Channel) -> BoxEndpoint<'static, Response> {
    let sitting = channel.clone();
    let (watching, trying) = (channel.clone(), channel);
    Route::new()
        .at("/ws/exam-clock", make(move |req| door(sitting.clone(), req, Side::Candidate)))
        .at("/ws/rooms/:room", make(move |req| door(watching.clone(), req, Side::Watcher)))
        .at("/ws/check", make(move |req| probe::door(trying.clone(), req)))
        .map_to_response()
        .boxed()
}

impl Channel {
    /// Returns when it is a socket's turn to leave: it works until then, and those of one node do not come to the others all at once.
    async fn turn_to_leave(&self) {
        self.stop.cancelled().await;
        let sockets = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX);
        let spread = (Duration::from_secs(1) * sockets / limits::DRAIN_PER_SECOND).min(limits::DRAIN_SPREAD);
        tokio::time::sleep(spread.mul_f64(rand::random::<f64>())).await;
    }
}

#[derive(Clone, Copy)]
enum Side {
    Candidate,
    Watcher,
}

/// What stands in the address; nothing secret ever does.
#[derive(Default, serde::Deserialize)]
struct Query {
    room: Option<String>,
    pen: Option<i64>,
    lang: Option<String>,
    #[serde(rename = "as")]
    form: Option<String>,
}

async fn door(channel: Channel, req: Request, side: Side) -> poem::Result<Response> {
    let (req, mut body) = req.split();
    let query: Query = req.params().unwrap_or_default();
    let accept = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let locale = Locale::negotiate(query.lang.as_deref(), accept);
    let room = req.path_params::<String>().ok();
    let entered = match side {
        Side::Candidate => candidate_door(&channel, &req, &query, locale).await,
        Side::Watcher => watcher_door(&channel, &req, &query, room.as_deref(), locale).await,
    };
    let visit = match entered {
        Ok(visit) => visit,
        Err(error) => return Ok(refusal(locale, &error)),
    };
    let ws = WebSocket::from_request(&req, &mut body).await?;
    let ws = ws.protocols([SUBPROTOCOL]).config(config());
    let tasks = channel.tasks.clone();
    Ok(ws.on_upgrade(move |stream| tasks.track_future(visit_socket(channel, visit, stream))).into_response())
}

/// Somebody who may come in.
enum Visit {
    Candidate {
        actor: Actor,
        me: Me,
        live: Arc<LiveRoom>,
        machine: Box<Candidate>,
        html: Option<Locale>,
        /// Of the connection.
        number: i64,
        superseded: bool,
    },
    Watcher {
        actor: Actor,
        room: RoomId,
        live: Arc<LiveRoom>,
        html: Option<Locale>,
    },
}

async fn candidate_door(channel: &Channel, req: &Request, query: &Query, locale: Locale) -> Result<Visit, Error> {
    let service = &channel.service;
    let actor = credential::actor(channel, req.headers(), crate::service::sessions::SIT_COOKIE).await?;
    let room = query.room.as_deref().map(RoomId::from_str).transpose().map_err(|_| Code::NotFound)?;
    let actor = service.as_candidate(actor, room.as_ref()).await?;
    let me = service.me(&actor)?;
    let live = service.live_room(&me.room).await?;
    let joined = service.connect(&actor, query.pen).await?;
    credential::note_address(service, &me, req);
    let waiting = joined.takeover.map(|(id, _)| id.to_string());
    let now = service.now();
    let machine = Box::new(Candidate::new(me.candidate.clone(), me.session.clone(), locale, joined.pen, waiting, now));
    let html = (query.form.as_deref() == Some("html")).then_some(locale);
    let number = joined.connection;
    Ok(Visit::Candidate { actor, me, live, machine, html, number, superseded: joined.superseded })
}

async fn watcher_door(
    channel: &Channel,
    req: &Request,
    query: &Query,
    room: Option<&str>,
    locale: Locale,
) -> Result<Visit, Error> {
    let actor = credential::actor(channel, req.headers(), crate::service::sessions::STAFF_COOKIE).await?;
    let room = room.and_then(|r| RoomId::from_str(r).ok()).ok_or(Code::NotFound)?;
    let live = channel.service.watch_room(&actor, &room).await?;
    let html = (query.form.as_deref() == Some("html")).then_some(locale);
    Ok(Visit::Watcher { actor, room, live, html })
}

/// A refusal is plain HTTP with a problem body; a page, which cannot read it, calls join over HTTP and shows that one.
fn refusal(locale: Locale, error: &Error) -> Response {
    let (title, detail) = error_words(locale, error);
    let code = error.code.as_str();
    let body = serde_json::json!({ "type": format!("/docs/errors#{code}"), "title": title, "status": error.code.status(), "code": code, "detail": detail });
    if let Some(cause) = &error.cause {
        tracing::warn!(code, error = ?cause, "channel.refused");
    }
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::builder().status(status).content_type("application/problem+json");
    if let Some(seconds) = error.retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    response.body(body.to_string())
}

async fn visit_socket(channel: Channel, visit: Visit, stream: WebSocketStream) {
    let socket = Socket::new(stream);
    match visit {
        Visit::Candidate { superseded: true, .. } => socket.bye(Close::Superseded).await,
        Visit::Candidate { actor, me, live, machine, html, number, .. } => {
            let _open = metrics::open(metrics::Connection::Candidate);
            let connection = Connection::new(me.session.clone(), channel.service.now());
            connection.set_pen(machine.pen().unwrap_or(0));
            connection.set_number(number);
            live.connections.add(&me.candidate, &connection);
            let sitting = Sitting { channel, actor, me, live, machine, html, connection, unproven: false };
            sitting.run(socket).await;
        }
        Visit::Watcher { actor, room, live, html } => {
            let _open = metrics::open(metrics::Connection::Watcher);
            watcher::run(channel, actor, room, live, html, socket).await;
        }
    }
}

/// One candidate's socket.
struct Sitting {
    channel: Channel,
    actor: Actor,
    me: Me,
    live: Arc<LiveRoom>,
    machine: Box<Candidate>,
    html: Option<Locale>,
    connection: Arc<Connection>,
    /// A pong has to prove what was sent.
    unproven: bool,
}

impl Sitting {
    async fn run(mut self, mut socket: Socket) {
        let close = self.turns(&mut socket).await;
        self.live.connections.remove(&self.me.candidate, &self.connection);
        self.channel.service.note_left(&self.me, self.connection.number());
        if let Some(close) = close {
            socket.bye(close).await;
        }
    }

    /// Turns until the socket ends; Some: we close it, with this code.
    async fn turns(&mut self, socket: &mut Socket) -> Option<Close> {
        let (tell, mut outcomes) = mpsc::channel(limits::UNSAVED_WINDOW * 4);
        let duties = Duties::new(&self.channel.service, &self.actor, &self.me, (self.machine.locale(), self.html), tell);
        let arrived = duties.arrive(self.machine.pen(), self.machine.waiting().map(str::to_owned)).await;
        let now = self.channel.service.now();
        let first = self.machine.take(Input::Outcome(arrived), now);
        if let Some(close) = self.carry_out(first, socket, &duties).await {
            return Some(close);
        }
        self.connection.bell.notify_one();
        let (channel, time) = (self.channel.clone(), self.channel.service.time.clone());
        let mut leaving = pin!(channel.turn_to_leave());
        let mut tick = spread(&time, limits::TICK_EVERY);
        let mut ping = spread(&time, limits::PING_EVERY);
        loop {
            let service = self.channel.service.clone();
            let input = tokio::select! {
                biased;
                () = &mut leaving => Input::Stop(Close::Draining),
                Some(outcome) = outcomes.recv() => Input::Outcome(outcome),
                () = self.connection.bell.notified() => match self.look() {
                    Some(look) => look,
                    None => continue,
                },
                due = tick.tick() => {
                    metrics::tick_lag(time.since(due).as_secs_f64());
                    // A hall that was told of a change answers over a second: what the last socket has to be told does not wait for the
                    // first one's pong to be noted.
                    if std::mem::take(&mut self.unproven) {
                        socket.ping(self.machine.mark()).await.ok()?;
                    }
                    match self.look() {
                        Some(Input::Look(look)) => Input::Tick(look),
                        Some(other) => other,
                        None => continue,
                    }
                }
                _ = ping.tick() => {
                    if service.now() - self.connection.heard_ms() > millis(limits::SILENT) {
                        return Some(Close::Silent);
                    }
                    socket.ping(self.machine.mark()).await.ok()?;
                    continue;
                }
                heard = socket.next(), if self.machine.reads() => match heard {
                    Heard::Text(text) => Input::Text(text, self.hear(&service)),
                    Heard::Pong(mark) => {
                        self.connection.answered(self.hear(&service));
                        Input::Pong(mark)
                    }
                    Heard::Life => {
                        self.hear(&service);
                        continue;
                    }
                    Heard::Refused(close) => return Some(close),
                    Heard::Gone => return None,
                },
            };
            let mut outputs = self.machine.take(input, service.now());
            while let Ok(outcome) = outcomes.try_recv() {
                outputs.extend(self.machine.take(Input::Outcome(outcome), service.now()));
            }
            if let Some(close) = self.carry_out(outputs, socket, &duties).await {
                return Some(close);
            }
        }
    }

    /// The instant at which something was read: stamped here, before any queue.
    fn hear(&self, service: &Shared) -> i64 {
        let now = service.now();
        self.connection.heard(now);
        now
    }

    fn look(&self) -> Option<Input> {
        match self.connection.kick.get() {
            Some(Kick::Revoked) => Some(Input::Stop(Close::Revoked)),
            Some(Kick::Replaced) => Some(Input::Stop(Close::Superseded)),
            None => self.see().map(|look| {
                let number = self.connection.number();
                // Of two sockets that show one pen the newer stays, on whatever node it is.
                if number > 0 && look.connection > number { Input::Stop(Close::Superseded) } else { Input::Look(Box::new(look)) }
            }),
        }
    }

    /// How things stand, with the messages if they are others than the page has.
    fn see(&self) -> Option<Look> {
        self.live.look_beyond(&self.me.candidate, self.machine.mail_version())
    }

    async fn carry_out(&mut self, outputs: Vec<Output>, socket: &mut Socket, duties: &Duties) -> Option<Close> {
        for output in socket::merged(outputs) {
            match output {
                Output::Send(frame) => {
                    if socket.send(&frame).await.is_err() {
                        return Some(Close::Slow);
                    }
                }
                Output::Ping => self.unproven = true,
                Output::Close(close) => return Some(close),
                Output::Do(Command::Arrive) => {
                    self.connection.set_pen(self.machine.pen().unwrap_or(0));
                    duties.spawn_arrive(self.machine.pen(), &self.connection);
                }
                Output::Do(command) => duties.carry_out(command).await,
            }
        }
        None
    }
}

/// A timer whose first turn is at a random point of its period, so that a room's sockets do not all speak at one instant.
fn spread(time: &Time, period: Duration) -> tokio::time::Interval {
    let offset = period.mul_f64(rand::random::<f64>());
    let mut timer = interval_at(time.after(offset), period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
