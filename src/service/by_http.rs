//! What a page without a socket asks besides joining and answering: how its clock stands. Whoever asks is here: presence is noted from
//! these calls, as `slow`.

use std::sync::Arc;

use super::Service;
use super::sitting::{Me, own};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::clock::{Clock, Facts};
use crate::domain::incident::Incident;
use crate::domain::message::Hand;
use crate::domain::status::RoomClock;
use crate::error::{Code, Result};

/// A candidate's clock as a page without a socket gets it.
pub struct MyClock {
    /// The clock.
    pub clock: Clock,
    /// The room's, for what is new in it.
    pub room: Arc<RoomClock>,
    /// The candidate's facts of time.
    pub facts: Facts,
    /// Whether the pen is this device's.
    pub holds: bool,
    /// Trusted time at which the clock was read.
    pub now_ms: Ms,
    /// Another one whenever there is a message, or something is new with one.
    pub mail_version: u64,
    /// The raised hand and its place in the queue.
    pub hand: Option<(Hand, i64)>,
    /// Incidents that the candidate sees, oldest first; nearly always none.
    pub incidents: Vec<Arc<Incident>>,
    /// IANA zone of the room.
    pub zone: String,
}

impl Service {
    /// The own clock, from memory: it is asked for every two seconds. `known` is the rev that the page has; asking with it proves that
    /// the change has reached the device, as a pong does on a socket.
    pub async fn sync_my_clock(&self, actor: &Actor, known: Option<i64>) -> Result<MyClock> {
        let me = own(actor, Action::SyncClock)?;
        self.heard_by_http(&me).await?;
        let look = self.live_room(&me.room).await?.look(&me.candidate).ok_or(Code::NotFound)?;
        let now_ms = self.now();
        let clock = look.clock.clock(&me.candidate, &look.facts, now_ms);
        if let Some(rev) = known.filter(|rev| *rev > look.delivered_rev && *rev <= clock.rev) {
            self.note_delivered(&me, rev);
        }
        let (room, facts) = (look.clock.clone(), look.facts);
        let (mail_version, hand, incidents) = (look.mail_version, look.hand, look.incidents);
        let holds = look.pen.is_some_and(|(_, session)| session == me.session);
        let zone = room.zone.clone();
        Ok(MyClock { clock, room, facts, holds, now_ms, mail_version, hand, incidents, zone })
    }

    /// The device that holds the pen was heard without a socket. What an older page still sends says nothing about who is here.
    pub(super) async fn heard_by_http(&self, me: &Me) -> Result<()> {
        let live = self.live_room(&me.room).await?;
        let holds = live.look(&me.candidate).and_then(|look| look.pen).is_some_and(|(_, session)| session == me.session);
        if holds {
            live.connections.heard_by_http(&me.candidate, &me.session, self.now());
        }
        Ok(())
    }
}
