//! Who is heard: each node says what its own sockets tell, and looks after the candidates of a node that has died.

use tokio::sync::oneshot;

use super::Service;
use super::sitting::Me;
use crate::domain::Ms;
use crate::domain::event::Presence;
use crate::domain::ids::{CandidateId, NodeId, RoomId};
use crate::domain::presence::{Heard, Word};
use crate::domain::status::Row;
use crate::error::Result;
use crate::live::LiveRoom;
use crate::store::journal::{Op, Outcome, Say};
use crate::{limits, metrics};

/// Candidates of a dead node that are looked after at a time.
const AT_ONCE: i64 = 1_000;

impl Service {
    /// Notes who has fallen silent and who is back, once an edge; and who asks for the teacher's eye since nothing was heard of them.
    pub fn presence(&self) {
        let (now, since, me) = (self.now(), self.pulse.since_ms(), self.pulse.node());
        for live in self.live.all() {
            live.look_for_trouble(now);
            let words = live.read(|table| {
                let rows = table.status.rows.iter().filter(|(_, row)| row.facts.ended.is_none());
                rows.filter_map(|(id, row)| Some((id.clone(), word(&live, id, row, me, since, now)?))).collect::<Vec<_>>()
            });
            for (id, word) in words.unwrap_or_default() {
                metrics::presence_edge(word.presence.as_str());
                let say = Say { room: live.id.clone(), candidate: id, word, dead: false };
                if self.journal.send(Op::Say(say), Box::new(drop)).is_err() {
                    metrics::dropped("note");
                }
            }
        }
    }

    /// Says of the candidates of nodes that have died that they are lost, unless they have come to another node.
    pub async fn bury(&self) -> Result<()> {
        let now = self.now();
        // When the service has just come back, nobody could be heard before.
        if now - self.pulse.since_ms() < limits::LOST_MS {
            return Ok(());
        }
        let since = now - limits::LEASE_MS;
        // A process that stood still itself is not dead: it beats again at once.
        for node in self.store.dead_nodes(since).await?.into_iter().filter(|node| node != self.pulse.node()) {
            let left = self.store.answered_for(&node, AT_ONCE).await?;
            tracing::warn!(node = %node, candidates = left.len(), "node.dead");
            if self.say_lost(&node, &left).await {
                self.store.bury(&node, since, self.now()).await?;
            }
        }
        Ok(())
    }

    /// Whether that is settled for everybody there is.
    async fn say_lost(&self, node: &NodeId, left: &[(CandidateId, RoomId, i64)]) -> bool {
        let mut waiting = Vec::with_capacity(left.len());
        for (candidate, room, connection) in left {
            let word = Word { presence: Presence::Lost, connection: *connection, node: node.clone() };
            let say = Say { room: room.clone(), candidate: candidate.clone(), word, dead: true };
            let (tell, told) = oneshot::channel();
            if self.journal.send(Op::Say(say), Box::new(move |outcome| drop(tell.send(outcome)))).is_err() {
                return false;
            }
            waiting.push(told);
        }
        for told in waiting {
            if !matches!(told.await, Ok(Outcome::Noted | Outcome::Stale)) {
                return false;
            }
        }
        i64::try_from(left.len()).is_ok_and(|n| n < AT_ONCE)
    }

    /// A candidate's socket was closed.
    pub fn note_left(&self, me: &Me, connection: i64) {
        if connection > 0 {
            let op = Op::Left { room: me.room.clone(), candidate: me.candidate.clone(), connection };
            let _ = self.journal.send(op, Box::new(drop));
        }
    }
}

/// What this node has to say of a candidate, if that is news.
fn word(live: &LiveRoom, id: &CandidateId, row: &Row, me: &NodeId, since: Ms, now: Ms) -> Option<Word> {
    let (presence, at_ms) = row.presence;
    let answers = row.line.node.as_ref() == Some(me);
    let stays_away = now - at_ms.max(since) >= limits::LOST_MS;
    let says = match heard(live, id, row, since, now) {
        Some(seen) if answers || matches!(seen, Presence::Connected | Presence::Slow) => seen,
        // What was known holds for the time in which a page would come back.
        None if (answers || row.line.node.is_none()) && stays_away => Presence::Lost,
        _ => return None,
    };
    let word = Word { presence: says, connection: row.line.connection, node: me.clone() };
    let known = Heard { presence, at_ms, line: row.line.clone(), left: false };
    known.believes(&word).then_some(word)
}

/// How this node hears a candidate; None: it never has.
fn heard(live: &LiveRoom, id: &CandidateId, row: &Row, since: Ms, now: Ms) -> Option<Presence> {
    live.connections.ear(id, row.line.connection).hears(row.presence.0, since, now)
}
