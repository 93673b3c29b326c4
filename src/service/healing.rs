//! What this node may have missed is read from the store: rooms that moved, all rooms while it does not hear the others, sessions that
//! are over.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;

use super::Service;
use super::sessions::actor_of;
use crate::bus::Link;
use crate::domain::ids::{RoomId, SessionId};
use crate::error::Result;
use crate::limits;
use crate::live::LiveRoom;

/// Rooms that are read at a time: answers need the database too.
const TOGETHER: usize = 4;

impl Service {
    /// Compares live rooms with the store and doubts those that have moved, or all while nodes do not hear each other; forgets rooms that
    /// nobody uses.
    pub async fn reconcile(&self) -> Result<()> {
        let now = self.now();
        // Where this node answers for somebody it has to go on listening.
        let answers = |room: &LiveRoom| room.read(|table| table.status.any_answered_for(self.pulse.node())) == Some(true);
        self.live.forget_unused(|room| !room.connections.is_empty(now) || answers(room));
        let rooms = self.live.all();
        let ids: Vec<RoomId> = rooms.iter().map(|room| room.id.clone()).collect();
        let revs: BTreeMap<RoomId, i64> = self.store.room_revs(&ids).await?.into_iter().collect();
        let deaf = self.is_deaf().await?;
        for room in rooms {
            let here = room.read(|table| table.clock.rev);
            match revs.get(&room.id).copied() {
                None => self.live.forget(&room.id),
                there if deaf || (here.is_some() && here < there) => room.set_stale(),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether something may have happened on other nodes that this one has not heard: it is cut off from them, or one of them is.
    async fn is_deaf(&self) -> Result<bool> {
        Ok(match self.bus.link() {
            Link::Alone => false,
            Link::Away => true,
            Link::Up => self.store.any_node_cut(self.now() - limits::LEASE_MS).await?,
        })
    }

    /// Reads every room again of which there is a doubt.
    pub async fn heal(&self) {
        let stale = self.live.all().into_iter().filter(|room| room.is_stale());
        futures_util::stream::iter(stale).for_each_concurrent(TOGETHER, |room| async move { self.heal_room(&room).await }).await;
    }

    async fn heal_room(&self, room: &LiveRoom) {
        let _turn = room.turn().await;
        if room.is_stale()
            && let Err(error) = self.load(room).await
        {
            room.set_stale();
            tracing::error!(room = %room.id, error = ?error, "live.heal_failed");
        }
    }

    /// Closes the sockets of sessions that are over, however that came about.
    pub async fn recheck_sessions(self: &Arc<Self>) -> Result<()> {
        for room in self.live.all() {
            let mut over: Vec<SessionId> = room.connections.sessions();
            let (now, rows) = (self.now(), self.store.sessions(&over).await?);
            over.retain(|id| !rows.iter().any(|row| row.id == *id && actor_of(row, now).is_ok()));
            room.connections.end_sessions(&over);
        }
        Ok(())
    }
}
