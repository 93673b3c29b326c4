//! A device comes to a candidate.

use super::Service;
use super::sitting::{own, refusal_error};
use crate::domain::access::{Action, Actor};
use crate::domain::ids::NodeId;
use crate::error::{Code, Result};
use crate::store::journal::{Join, JoinOutcome, Op, Outcome};

impl Service {
    /// Comes to the candidate: takes or keeps the pen, or waits. Time begins here where policy says so.
    pub async fn join(&self, actor: &Actor, shown: Option<i64>) -> Result<JoinOutcome> {
        self.join_by(actor, shown, None).await
    }

    /// The same with a socket at this node.
    pub async fn connect(&self, actor: &Actor, shown: Option<i64>) -> Result<JoinOutcome> {
        self.join_by(actor, shown, Some(self.pulse.node().clone())).await
    }

    async fn join_by(&self, actor: &Actor, shown: Option<i64>, socket: Option<NodeId>) -> Result<JoinOutcome> {
        let me = own(actor, Action::Join)?;
        let live = self.live_room(&me.room).await?;
        let holder = live.look(&me.candidate).and_then(|look| look.pen);
        let holder_connected = holder.is_some_and(|(_, session)| live.connections.has(&me.candidate, &session, self.now()));
        let op = Op::Join(Join {
            room: me.room,
            candidate: me.candidate,
            session: me.session,
            shown,
            holder_connected,
            socket,
            at_ms: self.now(),
        });
        match self.ask(op).await? {
            Outcome::Joined(outcome) => Ok(outcome),
            Outcome::Refused(refusal) => Err(refusal_error(&refusal)),
            _ => Err(Code::Busy.into()),
        }
    }
}
