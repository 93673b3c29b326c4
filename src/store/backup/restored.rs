use super::super::timeline::insert_events;
use super::super::{Result, Store, commit, run, tx};
use super::{EPOCH_KEY, TAKEN_KEY};
use crate::domain::Ms;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{EventId, Id, RoomId};
use crate::limits;

/// What a restore came to.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The new epoch.
    pub epoch: String,
    /// When the copy was taken, Unix ms: what happened since is not in it.
    pub from_ms: Ms,
    /// Rooms that were open then or should have begun since.
    pub rooms: Vec<RoomId>,
}

impl Store {
    /// Makes a restored copy the truth, in one transaction: another epoch, pens past all that may have been given since the copy was
    /// taken, and a timeline row in every room that was going on. `alive_ms` is the last beat of the server that has died, if anybody
    /// knows it: the outage begins there, and not when the copy was taken, since people have worked in between. Unix ms.
    pub async fn restored(&self, epoch: &str, alive_ms: Option<Ms>, now: Ms) -> Result<Restored> {
        let from_ms = match self.taken_ms().await? {
            Some(at) => at,
            None => self.last_event_ms().await?.unwrap_or(now),
        };
        // A machine whose clock is behind does not tell of the restore before what happened before it.
        let now = now.max(self.last_event_ms().await?.unwrap_or(now));
        let mut tx = self.begin().await?;
        let set = "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value";
        run!(&mut tx, sqlx::query(set).bind(EPOCH_KEY).bind(epoch))?;
        run!(&mut tx, sqlx::query("delete from meta where key = $1").bind(TAKEN_KEY))?;
        if let Some(alive) = alive_ms {
            run!(&mut tx, sqlx::query("update nodes set beat_ms = $1 where beat_ms < $1").bind(alive.min(now)))?;
        }
        let pens = "insert into pens (candidate_id, pen, session_id, taken_ms, since) \
                    select c.id, c.pen + $1, p.session_id, $2, coalesce(p.since, c.pen) \
                    from candidates c join pens p on p.candidate_id = c.id and p.pen = c.pen";
        run!(&mut tx, sqlx::query(pens).bind(limits::PENS_RESERVED).bind(now))?;
        run!(&mut tx, sqlx::query("update candidates set pen = pen + $1").bind(limits::PENS_RESERVED))?;
        let going = "select id from rooms where ended_ms is null and (opened_ms is not null or starts_ms <= $1) order by id";
        let rooms: Vec<RoomId> = tx!(&mut tx, fetch_all, sqlx::query_scalar(going).bind(now))?;
        let told = |room: &RoomId| Event {
            id: EventId::make(now, rand::random()),
            room: room.clone(),
            at_ms: now,
            candidate: None,
            by: None,
            body: Body::StoreRestored { from_ms, to_ms: now },
        };
        let events: Vec<Event> = rooms.iter().map(told).collect();
        insert_events(&mut tx, &events).await?;
        commit(tx).await?;
        Ok(Restored { epoch: epoch.to_owned(), from_ms, rooms })
    }
}
