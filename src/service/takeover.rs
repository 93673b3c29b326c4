//! Requests to take over, answered.

use std::sync::Arc;

use super::{Service, sitting};
use crate::domain::access::{Action, Actor};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId, TakeoverId};
use crate::error::{Code, Result};

impl Service {
    /// Answers a request to take over: staff, or the page that holds the pen.
    pub async fn decide_takeover(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        candidate: &CandidateId,
        id: &TakeoverId,
        allow: bool,
    ) -> Result<()> {
        match actor {
            Actor::Candidate { .. } => sitting::own(actor, Action::AnswerTakeover).map(drop)?,
            _ => drop(self.candidate_for(actor, Action::DecideTakeover, room, candidate).await?),
        }
        let row = self.store.takeover(id).await?.filter(|t| t.candidate_id == *candidate).ok_or(Code::NotFound)?;
        // The newcomer cannot let itself in.
        if actor.session() == Some(&row.session_id) {
            return Err(Code::Forbidden.into());
        }
        let decided = self.event(
            room,
            Some(candidate),
            actor,
            Body::TakeoverDecided { id: id.clone(), session: row.session_id.clone(), allowed: allow },
        );
        let taken = self.event(room, Some(candidate), actor, Body::PenTaken { pen: 0, session: row.session_id.clone() });
        let (service, now) = (self.clone(), self.now());
        self.tell_after(async move {
            let events = |pen: i64| {
                let mut events = vec![decided.clone()];
                if pen > 0 {
                    events.push(Event { body: Body::PenTaken { pen, session: row.session_id.clone() }, ..taken.clone() });
                }
                events
            };
            let pen = service.store.decide_takeover(&row, allow, now, &events).await?;
            Ok(((), events(pen.unwrap_or(0))))
        })
        .await
    }
}
