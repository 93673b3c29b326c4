//! Rosters and entry codes.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Service, text};
use crate::auth::codes::{self, EntryCode, RoomPart};
use crate::auth::secrets::{mint, random_bytes};
use crate::domain::access::{Action, Actor};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId};
use crate::domain::status::Person;
use crate::error::{Code, Error, Fault, Result};
use crate::files::roster;
use crate::store::StoreError;
use crate::store::candidates::{CandidateRow, NewCandidate};
use crate::store::presence::PresenceRow;
use crate::store::rooms::RoomRow;

/// Who somebody on a roster is.
#[derive(Debug, Clone)]
pub struct RosterWords {
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub student_id: Option<String>,
    /// Class.
    pub class: Option<String>,
    /// Seat.
    pub seat: Option<String>,
    /// Accommodation, basis points of the allowance.
    pub multiplier_bp: i64,
}

impl Service {
    /// A page of a room's roster.
    pub async fn list_candidates(&self, actor: &Actor, room: &RoomId, after: &str, limit: i64) -> Result<Vec<CandidateRow>> {
        self.room_for(actor, Action::ListCandidates, room).await?;
        Ok(self.store.candidate_page(room, after, limit).await?)
    }

    /// One candidate.
    pub async fn get_candidate(&self, actor: &Actor, room: &RoomId, id: &CandidateId) -> Result<CandidateRow> {
        Ok(self.candidate_for(actor, Action::GetCandidate, room, id).await?.1)
    }

    /// Imports a roster file, all or nothing. With `dry_run` only says who would come.
    pub async fn import_roster(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        bytes: &[u8],
        dry_run: bool,
    ) -> Result<Vec<CandidateRow>> {
        self.room_for(actor, Action::AddCandidates, room).await?;
        let rows = roster::parse(bytes).map_err(|errors| {
            let faults = errors.into_iter().map(|e| Fault {
                path: e.column.map_or_else(|| format!("line {}", e.line), |c| format!("line {}, {c}", e.line)),
                code: e.code.to_owned(),
                value: e.value,
            });
            Error::from(Code::RosterInvalid).faults(faults.collect())
        })?;
        let words = rows
            .into_iter()
            .map(|r| RosterWords {
                name: r.name,
                student_id: r.student_id,
                class: r.class,
                seat: r.seat,
                multiplier_bp: r.multiplier_bp,
            })
            .collect();
        self.add_candidates(actor, room, words, dry_run).await
    }

    /// Adds candidates, all or nothing; also to a room that runs.
    pub async fn add_candidates(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        words: Vec<RosterWords>,
        dry_run: bool,
    ) -> Result<Vec<CandidateRow>> {
        let row = self.room_for(actor, Action::AddCandidates, room).await?;
        if row.ended_ms.is_some() {
            return Err(Code::RoomOver.into());
        }
        let now = self.now();
        let mut new = Vec::with_capacity(words.len());
        for w in words {
            let (person, multiplier_bp) = person(w)?;
            let seed = i64::from_be_bytes(random_bytes());
            new.push(NewCandidate { id: mint(now), person, multiplier_bp, seed });
        }
        // Ids made in one millisecond are random among themselves; the roster's order is kept by sorting them.
        let mut ids: Vec<CandidateId> = new.iter().map(|c| c.id.clone()).collect();
        ids.sort();
        for (c, id) in new.iter_mut().zip(ids) {
            c.id = id;
        }
        if dry_run {
            return Ok(new.into_iter().map(|c| as_row(&row, c)).collect());
        }
        let count = self.count_candidates(room).await? + i64::try_from(new.len()).unwrap_or(0);
        let event = self.event(room, None, actor, Body::RosterChanged { candidates: count });
        let (service, id) = (self.clone(), room.clone());
        let storing = async move {
            match service.store.add_candidates(&id, &new, now, &event).await {
                Err(StoreError::Duplicate) => return Err(Code::SeatTaken.into()),
                other => other?,
            }
            Ok((new, vec![event]))
        };
        let new = self.tell_after(storing).await?;
        Ok(new.into_iter().map(|c| as_row(&row, c)).collect())
    }

    /// Replaces who a candidate is. The accommodation of somebody whose time has begun is changed by `set_accommodation`.
    pub async fn update_candidate(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        id: &CandidateId,
        words: RosterWords,
    ) -> Result<CandidateRow> {
        let (_, mut row) = self.candidate_for(actor, Action::UpdateCandidate, room, id).await?;
        let (person, multiplier_bp) = person(words)?;
        if row.begun_ms.is_some() && multiplier_bp != row.multiplier_bp {
            return Err(Code::RoomStarted.into());
        }
        let event = self.roster_event(actor, room).await?;
        let (service, room, id) = (self.clone(), room.clone(), id.clone());
        let storing = async move {
            match service.store.update_candidate(&room, &id, &person, multiplier_bp, &event).await {
                Err(StoreError::Duplicate) => return Err(Code::SeatTaken.into()),
                other => drop(other?),
            }
            Ok((person, vec![event]))
        };
        let person = self.tell_after(storing).await?;
        row.name = person.name;
        row.student_id = person.student_id;
        row.class = person.class;
        row.seat = person.seat;
        row.multiplier_bp = multiplier_bp;
        Ok(row)
    }

    /// Removes somebody who never came.
    pub async fn delete_candidate(self: &Arc<Self>, actor: &Actor, room: &RoomId, id: &CandidateId) -> Result<()> {
        self.candidate_for(actor, Action::DeleteCandidate, room, id).await?;
        let event = self.roster_event(actor, room).await?;
        let (service, room, id) = (self.clone(), room.clone(), id.clone());
        self.tell_after(async move {
            let removed = service.store.delete_candidate(&room, &id, &event).await?;
            if removed { Ok(((), vec![event])) } else { Err(Code::RoomStarted.into()) }
        })
        .await
    }

    async fn roster_event(&self, actor: &Actor, room: &RoomId) -> Result<Event> {
        Ok(self.event(room, None, actor, Body::RosterChanged { candidates: self.count_candidates(room).await? }))
    }

    /// Makes the codes that are missing and returns those that may be printed: nobody has entered with them yet. `replace` makes new ones
    /// for the named candidates and ends the sessions of the old.
    pub async fn make_entry_codes(
        &self,
        actor: &Actor,
        room: &RoomId,
        candidates: Option<&[CandidateId]>,
        replace: bool,
    ) -> Result<Vec<(CandidateRow, String)>> {
        let room = self.room_for(actor, Action::MakeEntryCodes, room).await?;
        if replace && candidates.is_none() {
            return Err(Error::field("candidates", "required"));
        }
        let part = RoomPart::fold(&room.entry_part).ok_or_else(|| Error::internal(anyhow::anyhow!("entry part")))?;
        let wanted: Option<HashSet<&CandidateId>> = candidates.map(|ids| ids.iter().collect());
        let mut printable = Vec::new();
        let mut fresh = Vec::new();
        for c in self.store.candidates(&room.id).await? {
            if wanted.as_ref().is_some_and(|w| !w.contains(&c.id)) {
                continue;
            }
            match &c.code_cipher {
                Some(sealed) if !replace => {
                    let code = codes::open(&self.secret, sealed).map_err(Error::internal)?;
                    printable.push((c, code));
                }
                // Entered already: its code is not shown again, it can be replaced.
                None if c.joined_ms.is_some() && !replace => {}
                _ => {
                    let code = EntryCode::make(&part, random_bytes());
                    let sealed = codes::seal(&self.secret, &code.shown()).map_err(Error::internal)?;
                    fresh.push((c.id.clone(), code.lookup_hash(&self.secret), sealed));
                    printable.push((c, code.shown()));
                }
            }
        }
        self.store.set_codes(&fresh).await?;
        if replace {
            for (id, ..) in &fresh {
                self.end_sessions(None, Some(id)).await?;
            }
        }
        Ok(printable)
    }
}

fn person(w: RosterWords) -> Result<(Person, i64)> {
    let short = |path: &str, value: Option<String>| match value {
        Some(v) if !v.trim().is_empty() => text(path, &v, 40).map(Some),
        _ => Ok(None),
    };
    let person = Person {
        name: text("name", &w.name, 100)?,
        student_id: short("student_id", w.student_id)?,
        class: short("class", w.class)?,
        seat: short("seat", w.seat)?,
    };
    Ok((person, super::in_range("multiplier_bp", w.multiplier_bp, 10_000, 40_000)?))
}

fn as_row(room: &RoomRow, c: NewCandidate) -> CandidateRow {
    CandidateRow {
        id: c.id,
        room_id: room.id.clone(),
        name: c.person.name,
        student_id: c.person.student_id,
        class: c.person.class,
        seat: c.person.seat,
        multiplier_bp: c.multiplier_bp,
        seed: c.seed,
        joined_ms: None,
        begun_ms: None,
        ended_ms: None,
        ended_by: None,
        rev: 0,
        pen: 0,
        pen_session: None,
        pen_since: None,
        code_cipher: None,
        hand_ms: None,
        hand_answered_ms: None,
        attendance: None,
        attendance_ms: None,
        identity_ms: None,
        identified_by: None,
        presence: PresenceRow::default(),
    }
}
