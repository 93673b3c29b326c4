//! Beats of nodes, the gaps between them, and what became of each in the rooms that ran.

use super::timeline::EventRow;
use super::{Result, Store, StoreError, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::control::Gap;
use crate::domain::event::{Body, Event, Presence};
use crate::domain::ids::{CandidateId, EventId, Id, NodeId, RoomId, UserId};
use crate::{limits, weaken};

/// What became of an outage in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageState {
    /// Given back by itself.
    Given,
    /// Staff decide.
    Proposed,
    /// Staff gave it back.
    Accepted,
    /// Staff did not.
    Dismissed,
    /// Nobody was working.
    Nobody,
    /// The exam wants none.
    Off,
}

impl OutageState {
    const ALL: [Self; 6] = [Self::Given, Self::Proposed, Self::Accepted, Self::Dismissed, Self::Nobody, Self::Off];

    /// The word as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Nobody => "nobody",
            Self::Off => "off",
        }
    }

    /// Reads a stored word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is to be noted of an outage in a room, in the transaction of what is done about it. Where it was decided before, that
/// transaction fails as `Moved`.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Which outage.
    pub after_ms: Ms,
    /// What becomes of it.
    pub state: OutageState,
    /// The ledger entry that gives it back.
    pub rev: Option<i64>,
    /// When that was decided.
    pub at_ms: Ms,
    /// By whom; None: the server.
    pub by: Option<UserId>,
}

/// An outage in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomOutage {
    /// When.
    pub gap: Gap,
    /// What became of it.
    pub state: OutageState,
    /// The ledger entry that gave it back.
    pub rev: Option<i64>,
}

/// Says that an outage was found, with the rooms that ran then and have not been dealt with, and their exams' policies.
pub type Concerned = Vec<(RoomId, String)>;

impl Store {
    /// Notes that a node is alive, and gives the outages that have not been settled; a new one is found when no node has been alive for
    /// longer than `limits::OUTAGE_GAP_MS`. `cut` says that it does not hear the others. `clock` is read once the database has answered: a beat that waited for it would end the
    /// outage before it was over.
    pub async fn beat(&self, node: &NodeId, cut: bool, clock: impl Fn() -> Ms + Send) -> Result<Vec<Gap>> {
        let mut tx = self.begin().await?;
        let sql = "select id, beat_ms from nodes order by beat_ms desc limit 1";
        let last: Option<(String, Ms)> = tx!(&mut tx, fetch_optional, sqlx::query_as(sql))?;
        let now = clock();
        if let Some((whose, after_ms)) = last.filter(|(_, last)| now.saturating_sub(*last) > limits::OUTAGE_GAP_MS) {
            // What a process that lives on received meanwhile may be stored by now: only one that is gone has left signs.
            let from_ms = if whose == node.as_str() { after_ms } else { last_sign(&mut tx, after_ms).await? };
            insert_outage(&mut tx, Gap { after_ms, from_ms, to_ms: now }, node).await?;
        }
        write_beat(&mut tx, node, cut, now).await?;
        let sql = "select after_ms, from_ms, to_ms from outages where settled_ms is null order by after_ms";
        let open: Vec<(Ms, Ms, Ms)> = tx!(&mut tx, fetch_all, sqlx::query_as(sql))?;
        commit(tx).await?;
        Ok(open.into_iter().map(|(after_ms, from_ms, to_ms)| Gap { after_ms, from_ms, to_ms }).collect())
    }

    /// Notes that a node is alive without looking back: trusted time is set to `now`, and what lies between is no outage, but `removed`
    /// from the time of the rooms that run. Beats that are ahead now were made by the wrong clock.
    pub async fn beat_anew(&self, node: &NodeId, now: Ms, removed: Option<Gap>) -> Result<()> {
        let mut tx = self.begin().await?;
        run!(&mut tx, sqlx::query("delete from nodes where beat_ms > $1").bind(now))?;
        if let Some(gap) = removed {
            insert_outage(&mut tx, gap, node).await?;
        }
        write_beat(&mut tx, node, false, now).await?;
        commit(tx).await
    }

    /// Whether one of the nodes that have beaten since does not hear the others.
    pub async fn any_node_cut(&self, since: Ms) -> Result<bool> {
        let sql = "select count(*) from nodes where beat_ms > $1 and cut";
        Ok(on!(&self.read, |db| sqlx::query_scalar::<_, i64>(sql).bind(since).fetch_one(db).await)? > 0)
    }

    /// The last beat of any node.
    pub async fn last_beat_ms(&self) -> Result<Option<Ms>> {
        let sql = "select max(beat_ms) from nodes";
        Ok(on!(&self.read, |db| sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(db).await)?)
    }

    /// Whether any room is open, running or paused.
    pub async fn any_room_open(&self) -> Result<bool> {
        let sql = "select count(*) from rooms where opened_ms is not null and ended_ms is null";
        Ok(on!(&self.read, |db| sqlx::query_scalar::<_, i64>(sql).fetch_one(db).await)? > 0)
    }

    /// Rooms that ran in an outage and have not been dealt with, with their exams' policies.
    pub async fn rooms_concerned(&self, gap: Gap) -> Result<Concerned> {
        let sql = "select r.id, e.outages from rooms r join exams e on e.id = r.exam_id where r.started_ms < $3 \
                   and (r.ended_ms is null or r.ended_ms > $2) \
                   and not exists (select 1 from room_outages o where o.room_id = r.id and o.after_ms = $1) order by r.id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(gap.after_ms).bind(gap.from_ms).bind(gap.to_ms).fetch_all(db).await)?)
    }

    /// Notes that every room has been dealt with.
    pub async fn outage_settled(&self, after_ms: Ms, now: Ms) -> Result<()> {
        let sql = "update outages set settled_ms = $2 where after_ms = $1 and settled_ms is null";
        on!(&self.write, |db| sqlx::query(sql).bind(after_ms).bind(now).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Notes what becomes of an outage in a room whose ledger stays as it is.
    pub async fn mark_outage(&self, room: &RoomId, mark: &Mark, event: Option<&Event>) -> Result<()> {
        let mut tx = self.begin().await?;
        insert_mark(&mut tx, room, mark).await?;
        super::timeline::insert_events(&mut tx, event.map_or(&[], std::slice::from_ref)).await?;
        commit(tx).await
    }

    /// A room's outages, oldest first.
    pub async fn room_outages(&self, room: &RoomId) -> Result<Vec<RoomOutage>> {
        let sql = "select o.after_ms, o.from_ms, o.to_ms, r.state, r.rev from room_outages r join outages o on o.after_ms = r.after_ms \
                   where r.room_id = $1 order by o.after_ms";
        let rows: Vec<(Ms, Ms, Ms, String, Option<i64>)> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        rows.into_iter()
            .map(|(after_ms, from_ms, to_ms, word, rev)| {
                let state = OutageState::parse(&word).ok_or_else(|| super::accounts::unreadable("outage", &word))?;
                Ok(RoomOutage { gap: Gap { after_ms, from_ms, to_ms }, state, rev })
            })
            .collect()
    }

    /// What the timeline says of presence and delivery, of all candidates, oldest first.
    pub async fn signs(&self, room: &RoomId) -> Result<Vec<Event>> {
        let sql = "select id, room_id, at_ms, candidate_id, by_user, body from events where room_id = $1 \
                   and kind in ('presence.changed', 'change.delivered') order by id";
        let rows: Vec<EventRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        rows.into_iter().map(EventRow::read).collect()
    }

    /// Who was known to be lost at an instant: the newest word on each candidate's presence until then.
    pub async fn lost_at(&self, room: &RoomId, at: Ms) -> Result<Vec<CandidateId>> {
        let sql = "select e.candidate_id, e.body from events e join ( \
                   select max(id) as id from events where room_id = $1 and kind = 'presence.changed' and at_ms <= $2 group by candidate_id \
                   ) last on last.id = e.id";
        let rows: Vec<(CandidateId, String)> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).bind(at).fetch_all(db).await)?;
        let lost = |body: &str| matches!(serde_json::from_str(body), Ok(Body::PresenceChanged { presence: Presence::Lost, .. }));
        Ok(rows.into_iter().filter(|(_, body)| lost(body)).map(|(id, _)| id).collect())
    }
}

async fn insert_outage(tx: &mut Tx, gap: Gap, node: &NodeId) -> Result<()> {
    let sql =
        "insert into outages (after_ms, from_ms, to_ms, found_by) values ($1, $2, $3, $4) on conflict (after_ms) do nothing";
    run!(&mut *tx, sqlx::query(sql).bind(gap.after_ms).bind(gap.from_ms).bind(gap.to_ms).bind(node))?;
    Ok(())
}

async fn write_beat(tx: &mut Tx, node: &NodeId, cut: bool, now: Ms) -> Result<()> {
    let sql = "insert into nodes (id, started_ms, beat_ms, cut) values ($1, $2, $2, $3) \
               on conflict (id) do update set beat_ms = excluded.beat_ms, cut = excluded.cut, buried_ms = null";
    run!(&mut *tx, sqlx::query(sql).bind(node).bind(now).bind(cut))?;
    run!(&mut *tx, sqlx::query("delete from nodes where beat_ms < $1").bind(now - limits::NODE_FORGOTTEN_MS))?;
    Ok(())
}

/// The last sign of life at or after a beat: an event of the second that followed. Later ones are of whoever came back.
async fn last_sign(tx: &mut Tx, beat: Ms) -> Result<Ms> {
    let (from, to): (EventId, EventId) = (Id::make(beat, [0; 10]), Id::make(beat + limits::SIGN_OF_LIFE_MS, [0; 10]));
    let sql = "select max(at_ms) from events where id >= $1 and id < $2";
    let sign: Option<Ms> = tx!(&mut *tx, fetch_one, sqlx::query_scalar(sql).bind(&from).bind(&to))?;
    Ok(sign.unwrap_or(beat).max(beat))
}

/// Written once; a proposal may be decided once.
pub(super) async fn insert_mark(tx: &mut Tx, room: &RoomId, mark: &Mark) -> Result<()> {
    let sql = "insert into room_outages (room_id, after_ms, state, rev, decided_ms, decided_by) values ($1, $2, $3, $4, $5, $6) \
               on conflict (room_id, after_ms) do update set state = excluded.state, rev = excluded.rev, \
               decided_ms = excluded.decided_ms, decided_by = excluded.decided_by where room_outages.state = 'proposed'";
    let done = run!(
        &mut *tx,
        sqlx::query(sql).bind(room).bind(mark.after_ms).bind(mark.state.as_str()).bind(mark.rev).bind(mark.at_ms).bind(&mark.by)
    )?;
    if done == 1 || weaken::on("outage_twice") { Ok(()) } else { Err(StoreError::Moved) }
}
