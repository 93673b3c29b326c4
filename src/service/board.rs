//! What a projector shows of a room: never a name of a candidate.

use std::sync::Arc;

use super::Service;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::RoomId;
use crate::domain::message::{Audience, Letter};
use crate::domain::status::RoomClock;
use crate::error::{Code, Result};
use crate::weaken;

/// Announcements that a projector shows.
const SHOWN: usize = 4;

/// What a projector shows.
pub struct Board {
    /// The room's time.
    pub clock: Arc<RoomClock>,
    /// Announcements to everybody that hold, newest first.
    pub announcements: Vec<Arc<Letter>>,
    /// Trusted time.
    pub now_ms: Ms,
}

impl Service {
    /// What a projector shows: the room's time, and what was said to everybody.
    pub async fn get_board(&self, actor: &Actor, room: &RoomId) -> Result<Board> {
        self.room_for(actor, Action::GetBoard, room).await?;
        let live = self.live_room(room).await?;
        let read = live.read(|table| {
            let public = |letter: &Letter| letter.audience == Audience::Room || weaken::on("board");
            let holds = |letter: &&Arc<Letter>| public(letter) && letter.withdrawn_ms.is_none();
            let letters = table.status.mail.letters().rev().filter(holds).take(SHOWN).cloned().collect();
            (table.clock.clone(), letters)
        });
        let (clock, announcements) = read.ok_or(Code::Busy)?;
        Ok(Board { clock, announcements, now_ms: self.now() })
    }
}
