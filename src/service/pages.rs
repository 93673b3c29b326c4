//! What only pages ask: where a browser stands, which codes can be printed. Nothing here writes.

use super::sessions::SETUP_KEY;
use super::{Service, sitting};
use crate::auth::codes;
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::RoomId;
use crate::error::{Code, Error, Result};
use crate::store::candidates::CandidateRow;

/// Where a candidate's session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It has not joined.
    New,
    /// It asks to continue and waits for an answer.
    Asking,
    /// It has the pen.
    Holder,
    /// It had the pen.
    Superseded {
        /// Since when, Unix ms.
        at_ms: Ms,
    },
}

impl Service {
    /// Where the actor's session stands.
    pub async fn place(&self, actor: &Actor) -> Result<Place> {
        let me = sitting::own(actor, Action::Sit)?;
        let candidate = self.store.candidate(&me.candidate).await?.ok_or(Code::NotFound)?;
        if candidate.pen_session.as_ref() == Some(&me.session) {
            return Ok(Place::Holder);
        }
        let open = self.store.open_takeovers(&me.room).await?;
        if open.iter().any(|asked| asked.candidate_id == me.candidate && asked.session_id == me.session) {
            return Ok(Place::Asking);
        }
        let pens = self.store.pens(&me.candidate).await?;
        let held = pens.iter().any(|(_, session, _)| *session == me.session);
        let newest = pens.last().filter(|_| held);
        Ok(newest.map_or(Place::New, |(_, _, taken_ms)| Place::Superseded { at_ms: *taken_ms }))
    }

    /// Whether nobody has made the first account yet.
    pub async fn needs_setup(&self) -> Result<bool> {
        Ok(self.store.meta(SETUP_KEY).await?.is_some())
    }

    /// The roster with the codes that may be printed; None where there is none or where its student has entered.
    pub async fn printable_codes(&self, actor: &Actor, room: &RoomId) -> Result<Vec<(CandidateRow, Option<String>)>> {
        self.room_for(actor, Action::MakeEntryCodes, room).await?;
        let open = |c: CandidateRow| {
            let code = c.code_cipher.as_deref().map(|sealed| codes::open(&self.secret, sealed)).transpose();
            code.map(|code| (c, code)).map_err(Error::internal)
        };
        self.store.candidates(room).await?.into_iter().map(open).collect()
    }
}
