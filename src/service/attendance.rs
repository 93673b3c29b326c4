//! Attendance: who is here, and who has made sure who somebody is. It changes no time and no answer.

use std::sync::Arc;

use super::Service;
use crate::domain::access::{Action, Actor};
use crate::domain::attendance::{Attendance, Said};
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, RoomId};
use crate::error::Result;
use crate::store::attendance::AttendanceRow;

impl Service {
    /// Who is expected, who is here, and who confirmed whom.
    pub async fn get_attendance(&self, actor: &Actor, room: &RoomId) -> Result<Vec<(AttendanceRow, Attendance)>> {
        let row = self.room_for(actor, Action::GetAttendance, room).await?;
        let phase = row.clock(self.store.ledger(room).await?).phase(self.now());
        let rows = self.store.attendance(room).await?.into_iter();
        let with_state = |row: AttendanceRow| {
            let state = Attendance::of(row.said(), row.joined_ms.is_some(), phase);
            (row, state)
        };
        Ok(rows.map(with_state).collect())
    }

    /// Says that a candidate is here or missing, whatever the computer says. A repeat changes nothing.
    pub async fn put_attendance(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        said: Said,
    ) -> Result<()> {
        self.candidate_for(actor, Action::PutAttendance, room, candidate).await?;
        self.attend(actor, room, candidate, Body::AttendanceChanged { said: Some(said) }).await
    }

    /// Says nothing of it any more: what the room knows holds.
    pub async fn delete_attendance(self: &Arc<Self>, actor: &Actor, room: &RoomId, candidate: &CandidateId) -> Result<()> {
        self.candidate_for(actor, Action::DeleteAttendance, room, candidate).await?;
        self.attend(actor, room, candidate, Body::AttendanceChanged { said: None }).await
    }

    /// Somebody has looked at the person and the card. Who did so first stays named.
    pub async fn confirm_identity(self: &Arc<Self>, actor: &Actor, room: &RoomId, candidate: &CandidateId) -> Result<()> {
        self.candidate_for(actor, Action::ConfirmIdentity, room, candidate).await?;
        self.attend(actor, room, candidate, Body::IdentityConfirmed).await
    }

    /// Takes that back.
    pub async fn withdraw_identity(self: &Arc<Self>, actor: &Actor, room: &RoomId, candidate: &CandidateId) -> Result<()> {
        self.candidate_for(actor, Action::WithdrawIdentity, room, candidate).await?;
        self.attend(actor, room, candidate, Body::IdentityWithdrawn).await
    }

    /// Stores what somebody has seen, and tells it if it is news.
    async fn attend(self: &Arc<Self>, actor: &Actor, room: &RoomId, candidate: &CandidateId, body: Body) -> Result<()> {
        let event = self.event(room, Some(candidate), actor, body);
        let service = self.clone();
        self.show_after(async move {
            let news = service.store.attend(&event).await?;
            Ok(((), if news { vec![event] } else { Vec::new() }))
        })
        .await
    }
}
