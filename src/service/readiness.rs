//! Gathers what a room's checklist is made of. Reads only.

use super::Service;
use crate::bus::Link;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor, Right};
use crate::domain::ids::RoomId;
use crate::domain::paper::{Kind, Paper};
use crate::domain::readiness::{BackupSeen, Line, PaperSeen, Reach, Seat, Seen, ServerSeen, StaffSeen, Times, checklist};
use crate::error::Result;
use crate::limits;
use crate::store::candidates::CandidateRow;
use crate::store::rooms::{RoomFilter, RoomRow};

/// Nothing that could be in the way begins longer than this before it, ms.
const BEFORE_MS: Ms = 24 * 3_600_000;

impl Service {
    /// Whether a room is ready for its exam: line by line, with the room. `client_now_ms` is the reader's clock, if it was told.
    pub async fn get_readiness(&self, actor: &Actor, id: &RoomId, client_now_ms: Option<Ms>) -> Result<(RoomRow, Vec<Line>)> {
        let room = self.room_for(actor, Action::GetReadiness, id).await?;
        let now = self.now();
        let times = times(&room, now);
        let (others, place_twice) = self.others(&room, &times).await?;
        let version = room.paper_version.unwrap_or(room.newest_version);
        let paper = if version == 0 { PaperSeen::default() } else { paper_seen(&*self.paper(&room.exam_id, version).await?) };
        let staff = self.store.staff(id).await?;
        let seen = Seen {
            times,
            seats: self.store.candidates(id).await?.into_iter().map(seat).collect(),
            paper,
            staff: StaffSeen {
                people: staff.len(),
                with_time: staff.iter().filter(|(.., rights)| rights.has(Right::Time)).count(),
            },
            others,
            place_twice,
            clock_off_ms: client_now_ms.map(|theirs| theirs.saturating_sub(now)),
            server: self.server_seen(now).await,
            checked: self.check_of(id).await?.map(|check| check.counts()),
            rehearsed: self.rehearsal_of(id).await?.map(|seen| (seen.row.began_ms, seen.state)),
        };
        let lines = checklist(&seen);
        Ok((room, lines))
    }

    /// How many other rooms are sat at the same time, and whether one of them is in the same place. Nothing else is said of them: they may be
    /// somebody else's.
    async fn others(&self, room: &RoomRow, times: &Times) -> Result<(usize, bool)> {
        let from = times.begins_ms();
        let to = from.saturating_add(times.late_ms).saturating_add(times.base_ms);
        let filter = RoomFilter {
            from_ms: Some((from - BEFORE_MS).max(1)),
            to_ms: Some(to),
            limit: limits::PAGE_MAX,
            ..RoomFilter::default()
        };
        let mut others = self.store.rooms(&filter).await?;
        others.retain(|other| {
            let begins = other.started_ms.or(other.starts_ms).unwrap_or(Ms::MAX);
            other.id != room.id && other.ended_ms.is_none() && begins.saturating_add(other.base_ms) > from
        });
        let place = room.location.to_lowercase();
        Ok((others.len(), others.iter().any(|other| other.location.to_lowercase() == place)))
    }

    async fn server_seen(&self, now: Ms) -> ServerSeen {
        let backup = match self.backups.health(now) {
            None => BackupSeen::Off,
            Some(health) if health.last_error.is_some() => BackupSeen::Failed,
            Some(health) => health.age_ms.map_or(BackupSeen::None, BackupSeen::Aged),
        };
        let free = self.house.folder.as_ref().and_then(|folder| rustix::fs::statvfs(folder).ok());
        ServerSeen {
            reach: self.reach(),
            free_bytes: free.map(|seen| seen.f_bavail.saturating_mul(seen.f_frsize)),
            backup,
            saves: self.journal.trouble().is_none() && self.store.ping().await.is_ok(),
            heard: match self.bus.link() {
                Link::Alone => None,
                link => Some(link == Link::Up),
            },
            drift_ms: self.time.drift_ms(),
        }
    }

    fn reach(&self) -> Reach {
        let host = self.house.url.split("://").nth(1).unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        match name {
            "localhost" | "127.0.0.1" | "[::1]" => Reach::OnlyHere,
            _ if self.is_secure() => Reach::Secure,
            _ => Reach::Plain,
        }
    }
}

fn times(room: &RoomRow, now: Ms) -> Times {
    let on_entry = room.timing == "on_entry";
    Times {
        now,
        starts_ms: room.started_ms.or(room.starts_ms),
        window_ends_ms: room.window_ends_ms,
        window_hard: room.window_hard,
        base_ms: room.base_ms,
        late_ms: room.late_entry_ms.filter(|_| on_entry).unwrap_or(0),
        started: room.started_ms.is_some(),
    }
}

fn seat(c: CandidateRow) -> Seat {
    Seat {
        has_number: c.student_id.is_some(),
        has_seat: c.seat.is_some(),
        has_code: c.code_cipher.is_some() || c.joined_ms.is_some(),
        multiplier_bp: c.multiplier_bp,
        name: c.name,
    }
}

/// An essay is marked by a person and needs no key.
fn paper_seen(paper: &Paper) -> PaperSeen {
    let unkeyed = paper.questions.iter().zip(1..).filter(|(q, _)| q.key.is_none() && q.kind != Kind::Essay);
    PaperSeen { questions: paper.questions.len(), unkeyed: unkeyed.map(|(_, number)| number).collect() }
}
