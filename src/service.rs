//! Use cases, one verb a function: may, load, change. The only layer that knows the store and the live rooms together.

/// Counting what did not count.
pub mod accept;
/// Answers that staff bring in a file.
pub mod answer_file;
/// Who is here.
pub mod attendance;
/// Backups and restores.
pub mod backup;
/// What a projector shows.
pub mod board;
/// The time, for a page without a socket.
pub mod by_http;
/// Rosters and entry codes.
pub mod candidates;
/// Computers tried before an exam.
pub mod checks;
/// What may be asked of a room now.
pub mod commands;
/// The verbs of a room.
pub mod control;
/// Exams and papers.
pub mod exams;
/// Who is in charge of a room.
pub mod handover;
/// Raised hands.
pub mod hands;
/// What was missed, read from the store.
mod healing;
/// Messages as their receivers find them.
pub mod inbox;
/// Incidents: staff's side.
pub mod incidents;
/// A device comes to a candidate.
mod joining;
/// Messages: staff's side.
pub mod messages;
/// Trusted time is the same on every node.
mod one_time;
/// Times in which no node was alive.
pub mod outages;
/// What only pages ask; nothing in it writes.
pub mod pages;
/// Who is heard.
mod presence;
/// Beats, and trusted time held against the system clock.
pub mod pulse;
/// Whether a room is ready for its exam.
mod readiness;
/// Simulated crowds in rooms of their own.
pub mod rehearsals;
/// A room as it was.
pub mod replay;
/// Results, statistics.
pub mod results;
/// Rooms, grants, status.
pub mod rooms;
/// What rules propose, and what they look for.
pub mod rules;
/// Timelines, sealed and checked.
pub mod seals;
/// Sign-in, entry, sessions.
pub mod sessions;
/// Everything a candidate does.
pub mod sitting;
/// Who may do what in a room.
pub mod staffing;
/// What goes on, for whoever wants to stop a server.
pub mod standing;
/// Results and statistics as tables.
pub mod tables;
/// Requests to take over, answered.
mod takeover;
/// Templates of messages.
pub mod templates;
/// The timeline, searched and written out.
pub mod timeline;
/// Its entries as a file has them.
pub mod timeline_file;
/// What happens by itself: schedule, deadlines, presence, healing.
pub mod upkeep;
/// Accounts.
pub mod users;
/// Whether a receipt fits answers.
pub mod verify;
/// What people type, before it is kept.
mod words;

use std::sync::Arc;

use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::auth::passwords::Passwords;
use crate::auth::secrets::{ServerSecret, mint};
use crate::auth::tokens::Keys;
use crate::bus::{Bus, Message};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Denied, Rights, Scope, may};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, EventId, RoomId};
use crate::error::{Code, Error, Fault, Result};
use crate::limits;
use crate::live::{Live, LiveRoom};
use crate::store::StoreError;
use crate::store::journal::Journal;
use crate::store::rooms::RoomRow;
use crate::store::{Store, candidates::CandidateRow};
use crate::time::Time;
use crate::weaken;

/// What every use case works with.
pub struct Service {
    /// The truth.
    pub store: Store,
    /// Rooms as this node sees them.
    pub live: Live,
    /// The way in for hot writes.
    pub journal: Journal,
    /// What nodes tell each other.
    pub bus: Bus,
    /// The only `now`.
    pub time: Time,
    /// Keys of access tokens.
    pub keys: Keys,
    /// The server's own secret: entry codes, proofs.
    pub secret: ServerSecret,
    /// Password hashing on its own threads.
    pub passwords: Passwords,
    /// What this deployment calls itself and promises.
    pub house: House,
    /// Which store this is: another one after a restore.
    pub epoch: String,
    /// Backups that this node makes.
    pub backups: backup::Backups,
    /// Its beats, and the last look at the clock.
    pub pulse: pulse::Pulse,
    /// Rehearsals that it holds.
    pub rehearsals: rehearsals::Rehearsals,
    /// Stores and tells that are under way, whether or not anybody waits for them.
    pub telling: TaskTracker,
}

/// What this deployment calls itself and promises.
#[derive(Debug, Clone)]
pub struct House {
    /// Name of the school.
    pub organisation: String,
    /// How long answers are kept, in words; empty: not said.
    pub retention: String,
    /// Address that people type, without a slash at its end.
    pub url: String,
    /// Folder of the database, where it is a file of this machine.
    pub folder: Option<std::path::PathBuf>,
}

/// Shared by every request and task.
pub type Shared = Arc<Service>;

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::from(match denied {
            Denied::Unknown => Code::TokenMissing,
            Denied::NotFound => Code::NotFound,
            Denied::Forbidden => Code::Forbidden,
        })
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Duplicate | StoreError::Moved => Code::Conflict,
            StoreError::KeyReused => Code::KeyReused,
            StoreError::Busy(_) => Code::Busy,
            StoreError::DiskFull(_) => Code::DiskFull,
            StoreError::Away(_) | StoreError::Unsure(_) | StoreError::Broken(_) => Code::DatabaseAway,
            StoreError::Rejected(_) => Code::Unstorable,
            StoreError::Unreadable(_) | StoreError::Other(_) => Code::Internal,
        };
        Self::from(code).because(error)
    }
}

/// The first line of every use case.
pub(crate) fn allow(actor: &Actor, action: Action, scope: Scope<'_>) -> Result<()> {
    if weaken::on("access") {
        return Ok(());
    }
    Ok(may(actor, action, scope)?)
}

impl Service {
    /// Trusted time.
    pub fn now(&self) -> Ms {
        self.time.now()
    }

    /// The actor's rights in a room: the owner has all, others by grant.
    pub async fn rights(&self, actor: &Actor, room: &RoomRow) -> Result<Rights> {
        let Some(user) = actor.user() else { return Ok(Rights::NONE) };
        if *user == room.owner_id { Ok(Rights::ALL) } else { Ok(self.store.grant(&room.id, user).await?) }
    }

    /// A room, if the actor may do this there.
    pub(crate) async fn room_for(&self, actor: &Actor, action: Action, id: &RoomId) -> Result<RoomRow> {
        if *actor == Actor::Nobody {
            return Err(Code::TokenMissing.into());
        }
        let room = self.store.room(id).await?.ok_or(Code::NotFound)?;
        let rights = self.rights(actor, &room).await?;
        allow(actor, action, Scope::Room { rights })?;
        Ok(room)
    }

    /// A candidate of a room, if the actor may do this there.
    pub(crate) async fn candidate_for(
        &self,
        actor: &Actor,
        action: Action,
        room: &RoomId,
        id: &CandidateId,
    ) -> Result<(RoomRow, CandidateRow)> {
        let room = self.room_for(actor, action, room).await?;
        let candidate = self.store.candidate(id).await?.filter(|c| c.room_id == room.id).ok_or(Code::NotFound)?;
        Ok((room, candidate))
    }

    /// The room as this node sees it, read from the store by the first who asks.
    pub async fn live_room(&self, id: &RoomId) -> Result<Arc<LiveRoom>> {
        let room = self.live.enter(id);
        if !room.is_ready() {
            // One of those who come together reads it for all: a hall that changes its node comes within seconds.
            let _turn = room.turn().await;
            if !room.is_ready() {
                self.load(&room).await?;
            }
        }
        Ok(room)
    }

    /// Stores and tells in a task of its own: a caller who leaves half-way cannot come between the two.
    pub(crate) async fn tell_after<T: Send + 'static>(
        self: &Arc<Self>,
        storing: impl Future<Output = Result<(T, Vec<Event>)>> + Send + 'static,
    ) -> Result<T> {
        let service = self.clone();
        let task = self.telling.spawn(async move {
            let (value, events) = storing.await?;
            service.publish(events);
            Ok::<_, Error>(value)
        });
        task.await.map_err(Error::internal)?
    }

    /// The same; and whoever looks again at this node sees it done. That it comes by the bus as well does no harm.
    pub(crate) async fn show_after<T: Send + 'static>(
        self: &Arc<Self>,
        storing: impl Future<Output = Result<(T, Vec<Event>)>> + Send + 'static,
    ) -> Result<T> {
        let (service, storing) = (self.clone(), Box::pin(storing));
        self.tell_after(async move {
            let (value, events) = storing.await?;
            service.follow_rooms(&events).await;
            Ok((value, events))
        })
        .await
    }

    /// Waits for what was begun for people who have left since.
    pub async fn all_told(&self) {
        self.telling.close();
        if tokio::time::timeout(limits::SETTLE, self.telling.wait()).await.is_err() {
            tracing::warn!(left = self.telling.len(), "drain.telling_cut_short");
        }
    }

    /// Tells every node what is committed.
    pub(crate) fn publish(&self, events: Vec<Event>) {
        if !events.is_empty() {
            self.bus.publish(Message::Events(Arc::new(events)));
        }
    }

    /// An event of now.
    pub(crate) fn event(&self, room: &RoomId, candidate: Option<&CandidateId>, actor: &Actor, body: Body) -> Event {
        let at_ms = self.now();
        Event {
            id: mint::<EventId>(at_ms),
            room: room.clone(),
            at_ms,
            candidate: candidate.cloned(),
            by: actor.user().cloned(),
            body,
        }
    }
}

/// The room is in a phase in which this cannot be done; names the phase and what is allowed.
pub(crate) fn phase_conflict(phase: &str, allowed: &[&str]) -> Error {
    Error::from(Code::PhaseConflict)
        .arg("phase", phase)
        .arg("allowed", allowed.join(", "))
        .state(json!({ "phase": phase, "allowed": allowed }))
}

/// A field that has to lie between two numbers.
pub(crate) fn in_range(path: &str, value: i64, min: i64, max: i64) -> Result<i64> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    let fault = Fault { path: path.to_owned(), code: "out_of_range".to_owned(), value: value.to_string() };
    Err(Error::from(Code::OutOfRange).arg("field", path).arg("min", min).arg("max", max).faults(vec![fault]))
}

/// Text that has to be there and to be short enough, without control characters; trimmed.
pub(crate) fn text(path: &str, value: &str, max: usize) -> Result<String> {
    let value = value.trim();
    let length = value.chars().count();
    if value.is_empty() {
        return Err(Error::field(path, "required"));
    }
    if length > max {
        return Err(Error::field(path, "too_long").arg("limit", max));
    }
    if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::field(path, "control_character"));
    }
    Ok(value.to_owned())
}
