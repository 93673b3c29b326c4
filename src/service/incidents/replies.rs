//! What staff and the candidate write to an incident.

use std::sync::Arc;

use super::TRIES;
use crate::auth::secrets::mint;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::{IncidentId, ReplyId, RoomId};
use crate::domain::incident::{Incident, Step};
use crate::domain::message::Sender;
use crate::error::{Code, Result};
use crate::limits;
use crate::live::throttle;
use crate::service::Service;
use crate::service::words::{once, some_words};
use crate::store::incidents::NewReply;

impl Service {
    /// Staff write to an incident. The same key again is the same reply.
    pub async fn reply_incident(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        id: &IncidentId,
        text: &str,
        key: Option<&str>,
    ) -> Result<Arc<Incident>> {
        self.room_for(actor, Action::ReplyIncident, room).await?;
        let user = actor.user().cloned().ok_or(Code::Forbidden)?;
        self.throttle(&format!("message:{user}"), throttle::STAFF_MESSAGES)?;
        let once = once(user.as_str(), key)?;
        self.reply(actor, room, id, Sender::User(user), text, once).await
    }

    /// Adds a reply to an incident.
    pub(in crate::service) async fn reply(
        self: &Arc<Self>,
        actor: &Actor,
        room: &RoomId,
        id: &IncidentId,
        sender: Sender,
        text: &str,
        once: Option<String>,
    ) -> Result<Arc<Incident>> {
        let text = some_words(text, limits::INCIDENT_CHARS)?;
        let now = self.now();
        let reply_id = mint::<ReplyId>(now);
        let once = once.unwrap_or_else(|| reply_id.to_string());
        let new = NewReply { id: reply_id, sender, text, sent_ms: now, once };
        for _ in 0..TRIES {
            let incident = self.incident(room, id).await?;
            if i64::try_from(incident.replies.len()).unwrap_or(i64::MAX) >= limits::INCIDENT_REPLIES {
                return Err(Code::RateLimited.into());
            }
            let next = Incident { rev: incident.rev + 1, ..(*incident).clone() };
            let event = self.incident_event(actor, room, &next, Step::Replied);
            let (service, new) = (self.clone(), new.clone());
            let done = self.show_after(async move {
                let fresh = service.store.add_reply(&next, &new, &event).await?;
                Ok(((), if fresh { vec![event] } else { Vec::new() }))
            });
            match done.await {
                Err(error) if error.code == Code::Conflict => {}
                other => {
                    other?;
                    return self.incident(room, id).await;
                }
            }
        }
        Err(Code::Conflict.into())
    }
}
