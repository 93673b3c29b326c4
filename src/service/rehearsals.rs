//! Rehearsals: a simulated crowd sits the room's paper in a room of its own, which no list shows and which is erased afterwards.
//!
//! The crowd is this very program, started as a child: it comes in by the address that people type, as they will. It lives as long as its
//! standard input is open, so it ends with the server however that ends; in every other case it is killed by its own id.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command as Program};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::candidates::RosterWords;
use super::control::Command;
use super::{Service, in_range, standing};
use crate::auth::codes::RoomPart;
use crate::auth::secrets::{mint, random_bytes};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::Reason;
use crate::domain::control::Verb;
use crate::domain::ids::RoomId;
use crate::domain::readiness::{Rehearsal, Rehearsed};
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::store::rehearsals::RehearsalRow;
use crate::store::rooms::RoomRow;

/// Between two looks at how it goes.
const LOOK: Duration = Duration::from_millis(500);
/// Longest report of a crowd that is read, bytes.
const REPORT_BYTES: u64 = 64 * 1024;

/// The rehearsals that this node holds: one at a time.
#[derive(Debug, Default)]
pub struct Rehearsals {
    stop: CancellationToken,
    tasks: TaskTracker,
    busy: Arc<AtomicBool>,
}

impl Rehearsals {
    /// Ends them: the crowd is killed, its room erased.
    pub async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(limits::REHEARSAL_END, self.tasks.wait()).await.is_err() {
            tracing::warn!("rehearsal.left_behind");
        }
    }
}

/// What is wanted of a rehearsal.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Simulated students; None: as many as are expected, or thirty.
    pub people: Option<i64>,
    /// How long they answer.
    pub seconds: Option<i64>,
    /// What the room and the students are called in the language of whoever starts it.
    pub label: String,
    /// Only say what it would be.
    pub dry_run: bool,
}

/// A rehearsal.
#[derive(Debug, Clone)]
pub struct RehearsalSeen {
    /// As stored.
    pub row: RehearsalRow,
    /// How it stands.
    pub state: Rehearsal,
    /// Those who have come in, and the answers so far; None: its room is erased.
    pub so_far: Option<(i64, i64)>,
}

/// What the crowd writes when it is done.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Told {
    entered: i64,
    given: i64,
    saved: i64,
    lost: i64,
    handed_in: i64,
    worst_ms: Ms,
}

/// Whoever holds it lets go of the node's only place.
struct Place(Arc<AtomicBool>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Service {
    /// The last rehearsal of a room.
    pub async fn get_rehearsal(&self, actor: &Actor, room: &RoomId) -> Result<Option<RehearsalSeen>> {
        self.room_for(actor, Action::GetRehearsal, room).await?;
        self.rehearsal_of(room).await
    }

    pub(super) async fn rehearsal_of(&self, room: &RoomId) -> Result<Option<RehearsalSeen>> {
        let Some(row) = self.store.rehearsal(room).await? else { return Ok(None) };
        let said = row.report.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let over = row.began_ms < self.now() - limits::REHEARSAL_OVER_MS;
        let state = match row.ended_ms {
            None if over => Rehearsal::Failed,
            None => Rehearsal::Running,
            Some(_) => said.unwrap_or(Rehearsal::Failed),
        };
        let going = state == Rehearsal::Running;
        let so_far = if going { Some(self.store.joined_and_answers(&row.stage_id).await?) } else { None };
        Ok(Some(RehearsalSeen { row, state, so_far }))
    }

    /// Starts a rehearsal. Not while an exam runs here or is about to: the crowd would be in its way.
    pub async fn start_rehearsal(self: &Arc<Self>, actor: &Actor, id: &RoomId, wish: Wish) -> Result<RehearsalSeen> {
        let room = self.room_for(actor, Action::StartRehearsal, id).await?;
        let (row, stage) = self.rehearsal_wanted(&room, &wish).await?;
        if wish.dry_run {
            return Ok(RehearsalSeen { row, state: Rehearsal::Running, so_far: None });
        }
        self.nothing_near().await?;
        if self.rehearsals.busy.swap(true, Ordering::Relaxed) {
            return Err(Code::RehearsalRunning.into());
        }
        let place = Place(self.rehearsals.busy.clone());
        if !self.store.begin_rehearsal(&row, row.began_ms - limits::REHEARSAL_OVER_MS).await? {
            return Err(Code::RehearsalRunning.into());
        }
        let seen = RehearsalSeen { row: row.clone(), state: Rehearsal::Running, so_far: Some((0, 0)) };
        let service = self.clone();
        self.rehearsals.tasks.spawn(async move {
            let _place = place;
            let came = tokio::select! {
                came = service.rehearse(&row, &stage, &wish.label) => came,
                () = service.stopped(&row) => Ok(Rehearsal::Stopped),
            };
            service.rehearsed(&row, came).await;
        });
        Ok(seen)
    }

    /// Stops a rehearsal, on whatever node it is held, and erases its room.
    pub async fn stop_rehearsal(&self, actor: &Actor, room: &RoomId) -> Result<Option<RehearsalSeen>> {
        self.room_for(actor, Action::StopRehearsal, room).await?;
        if let Some(row) = self.store.rehearsal(room).await?.filter(|row| row.ended_ms.is_none()) {
            self.store.end_rehearsal(&row.stage_id, &report(Rehearsal::Stopped), self.now()).await?;
            // Whoever holds it does this too, if there is still somebody.
            self.erase(&row.stage_id).await?;
        }
        self.rehearsal_of(room).await
    }

    /// Erases rooms of rehearsals that nobody can be holding any more: their node has died.
    pub async fn erase_old_rehearsals(&self) -> Result<()> {
        for stage in self.store.old_stages(self.now() - limits::REHEARSAL_OVER_MS).await? {
            self.erase(&stage).await?;
        }
        Ok(())
    }

    async fn rehearsal_wanted(&self, room: &RoomRow, wish: &Wish) -> Result<(RehearsalRow, RoomRow)> {
        if room.questions.unwrap_or(0) == 0 {
            return Err(Code::PaperEmpty.into());
        }
        let expected = self.count_candidates(&room.id).await?;
        let usual = if expected == 0 { 30 } else { expected.min(limits::REHEARSAL_PEOPLE) };
        let people = in_range("people", wish.people.unwrap_or(usual), 1, limits::REHEARSAL_PEOPLE)?;
        let (least, most) = limits::REHEARSAL_SECONDS;
        // An exam of a minute is rehearsed for half of it.
        let usual = limits::REHEARSAL_SECONDS_USUAL.min(room.base_ms / 2_000).max(least);
        let seconds = in_range("seconds", wish.seconds.unwrap_or(usual), least, most)?;
        let now = self.now();
        let stage = RoomRow {
            id: mint(now),
            location: format!("{} \u{00b7} {}", wish.label, room.location),
            starts_ms: None,
            window_ends_ms: None,
            window_hard: false,
            entry_part: RoomPart::make(random_bytes()).as_str().to_owned(),
            created_ms: now,
            rehearsal_of: Some(room.id.clone()),
            ..room.clone()
        };
        let row = RehearsalRow {
            room_id: room.id.clone(),
            stage_id: stage.id.clone(),
            people,
            seconds,
            began_ms: now,
            ended_ms: None,
            report: None,
        };
        Ok((row, stage))
    }

    async fn nothing_near(&self) -> Result<()> {
        let now = self.now();
        let rooms = standing::look(&self.store, now).await?.rooms;
        let soon = |at: Ms| at <= now + limits::RESTART_AHEAD_MS;
        let near = rooms.iter().any(|r| matches!(r.phase, "running" | "paused") || r.starts_ms.is_some_and(soon));
        if near { Err(Code::ExamsNear.into()) } else { Ok(()) }
    }

    /// Returns when it has to stop: the server does, or one of the staff has said so, here or on another node.
    async fn stopped(&self, row: &RehearsalRow) {
        loop {
            tokio::select! {
                () = self.rehearsals.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let seen = self.store.rehearsal(&row.room_id).await;
            if seen.is_ok_and(|seen| seen.is_none_or(|seen| seen.stage_id != row.stage_id || seen.ended_ms.is_some())) {
                return;
            }
        }
    }

    async fn rehearse(self: &Arc<Self>, row: &RehearsalRow, stage: &RoomRow, label: &str) -> Result<Rehearsal> {
        self.store.create_room(stage).await?;
        let nobody =
            |n| RosterWords { name: format!("{label} {n}"), student_id: None, class: None, seat: None, multiplier_bp: 10_000 };
        self.add_candidates(&Actor::Server, &stage.id, (1..=row.people).map(nobody).collect(), false).await?;
        let codes = self.make_entry_codes(&Actor::Server, &stage.id, None, false).await?;
        let codes: Vec<String> = codes.into_iter().map(|(_, code)| code).collect();
        self.command(&stage.id, Verb::Open).await?;
        let (mut child, input) = self.crowd(&codes, row.seconds).await?;
        let most = limits::REHEARSAL_ENTRY * 2 + Duration::from_secs(row.seconds.unsigned_abs());
        let sitting = async {
            self.begin_when_in(row).await?;
            told(&mut child).await
        };
        let told = tokio::time::timeout(most, sitting)
            .await
            .map_err(|_| Error::internal(anyhow::anyhow!("the crowd takes too long")))?;
        drop(input);
        let told = told?;
        let (_, stored) = self.store.joined_and_answers(&stage.id).await?;
        Ok(Rehearsal::Done(Rehearsed {
            people: row.people,
            entered: told.entered,
            given: told.given,
            saved: told.saved,
            stored,
            lost: told.lost,
            handed_in: told.handed_in,
            worst_ms: told.worst_ms,
        }))
    }

    /// Time begins when everybody is in, as a teacher would do it, or when waiting longer is of no use.
    async fn begin_when_in(self: &Arc<Self>, row: &RehearsalRow) -> Result<()> {
        let end = self.now() + i64::try_from(limits::REHEARSAL_ENTRY.as_millis()).unwrap_or(i64::MAX);
        while self.now() < end && self.store.joined_and_answers(&row.stage_id).await?.0 < row.people {
            tokio::time::sleep(LOOK).await;
        }
        self.command(&row.stage_id, Verb::Start).await
    }

    async fn command(self: &Arc<Self>, room: &RoomId, verb: Verb) -> Result<()> {
        let command = Command {
            verb,
            candidates: None,
            reason: Reason::default(),
            expected_rev: None,
            dry_run: false,
            key: None,
            client_now_ms: None,
            accept_clock_difference: false,
        };
        self.change(&Actor::Server, room, &command).await.map(drop)
    }

    /// Starts the crowd; it lives as long as its input is open.
    async fn crowd(&self, codes: &[String], seconds: i64) -> Result<(Child, ChildStdin)> {
        let program = std::env::current_exe().map_err(Error::internal)?;
        let mut crowd = Program::new(program);
        // Nothing of this process's settings is the crowd's business.
        crowd.arg("crowd").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = crowd.spawn().map_err(Error::internal)?;
        tracing::info!(pid = child.id(), people = codes.len(), "rehearsal.began");
        let mut input = child.stdin.take().ok_or_else(|| Error::internal(anyhow::anyhow!("no input")))?;
        let every_ms = limits::REHEARSAL_ANSWER_EVERY.as_millis();
        let wanted = json!({ "base": self.house.url, "codes": codes, "seconds": seconds, "every_ms": u64::try_from(every_ms).unwrap_or(u64::MAX) });
        input.write_all(format!("{wanted}\n").as_bytes()).await.map_err(Error::internal)?;
        Ok((child, input))
    }

    /// Says what came of it, and erases its room. The crowd is gone by now.
    async fn rehearsed(&self, row: &RehearsalRow, state: Result<Rehearsal>) {
        let state = state.unwrap_or_else(|error| {
            tracing::warn!(room = %row.room_id, error = ?error, "rehearsal.failed");
            Rehearsal::Failed
        });
        tracing::info!(room = %row.room_id, state = ?state, "rehearsal.over");
        let ended = self.store.end_rehearsal(&row.stage_id, &report(state), self.now()).await;
        let erased = self.erase(&row.stage_id).await;
        if let Err(error) = ended.map_err(Error::from).and(erased) {
            // Who looks after old ones does it later.
            tracing::warn!(room = %row.room_id, error = ?error, "rehearsal.not_erased");
        }
    }

    async fn erase(&self, stage: &RoomId) -> Result<()> {
        self.store.erase_stage(stage).await?;
        self.live.forget(stage);
        Ok(())
    }
}

fn report(state: Rehearsal) -> String {
    serde_json::to_string(&state).unwrap_or_default()
}

/// Waits for what the crowd has to say at its end.
async fn told(child: &mut Child) -> Result<Told> {
    let output = child.stdout.take().ok_or_else(|| Error::internal(anyhow::anyhow!("no output")))?;
    let mut text = String::new();
    output.take(REPORT_BYTES).read_to_string(&mut text).await.map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(|error| Error::internal(anyhow::anyhow!("the crowd said {text:?}: {error}")))
}
