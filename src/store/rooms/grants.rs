//! Who works in a room, who is in charge of it, and to whom it is being handed over.

use super::super::timeline::insert_events;
use super::super::{Result, Store, StoreError, Tx, commit, on, run};
use crate::domain::Ms;
use crate::domain::access::{Right, Rights};
use crate::domain::event::Event;
use crate::domain::ids::{RoomId, UserId};
use crate::weaken;

/// Who is in charge of a room, as stored. Instants in Unix ms.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ChargeRow {
    /// Whose exam it is.
    pub owner: UserId,
    /// The name.
    pub owner_name: String,
    /// Who is: the last who took it over, or the owner.
    pub holder: UserId,
    /// The name.
    pub holder_name: String,
    /// Since when, if it was taken over.
    pub charge_ms: Option<Ms>,
    /// Who is asked to take it over.
    pub offered_to: Option<UserId>,
    /// The name.
    pub offered_to_name: Option<String>,
    /// Who asked last.
    pub offered_by: Option<UserId>,
    /// The name.
    pub offered_by_name: Option<String>,
    /// When.
    pub offered_ms: Option<Ms>,
    /// What was said to it.
    pub offered_words: Option<String>,
}

/// What an offer said goes with it: beside an earlier hand-over it would read as that one's.
const NOBODY_ASKED: &str = "update rooms set offered_to = null, offered_by = null, offered_ms = null, offered_words = null \
                            where id = $1 and offered_to = $2";

impl Store {
    /// The grants of a room: (user, login, name, rights).
    pub async fn staff(&self, room: &RoomId) -> Result<Vec<(UserId, String, String, Rights)>> {
        let sql = "select s.user_id, u.login, u.name, s.rights from room_staff s join users u on u.id = s.user_id \
                   where s.room_id = $1 order by u.login";
        let rows: Vec<(UserId, String, String, String)> =
            on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|(id, login, name, rights)| (id, login, name, parse_rights(&rights))).collect())
    }

    /// One user's grant in a room.
    pub async fn grant(&self, room: &RoomId, user: &UserId) -> Result<Rights> {
        let sql = "select rights from room_staff where room_id = $1 and user_id = $2";
        let text: Option<String> = on!(&self.read, |db| sqlx::query_scalar(sql).bind(room).bind(user).fetch_optional(db).await)?;
        Ok(text.map_or(Rights::NONE, |t| parse_rights(&t)))
    }

    /// Sets one user's grant; whether that was news. Who may not control the room any more is not in charge of it either.
    pub async fn put_grant(&self, room: &RoomId, user: &UserId, rights: Rights, event: &Event) -> Result<bool> {
        let sql = "insert into room_staff (room_id, user_id, rights) values ($1, $2, $3) \
                   on conflict (room_id, user_id) do update set rights = excluded.rights where room_staff.rights <> excluded.rights";
        let text = rights.names().join(",");
        let mut tx = self.begin().await?;
        let changed = run!(&mut tx, sqlx::query(sql).bind(room).bind(user).bind(&text))?;
        granted(tx, changed, (room, user, rights), event).await
    }

    /// Removes one user's grant; whether there was one.
    pub async fn delete_grant(&self, room: &RoomId, user: &UserId, event: &Event) -> Result<bool> {
        let sql = "delete from room_staff where room_id = $1 and user_id = $2";
        let mut tx = self.begin().await?;
        let changed = run!(&mut tx, sqlx::query(sql).bind(room).bind(user))?;
        granted(tx, changed, (room, user, Rights::NONE), event).await
    }

    /// Who is in charge of a room; None when there is no such room.
    pub async fn charge(&self, room: &RoomId) -> Result<Option<ChargeRow>> {
        let sql = "select o.id as owner, o.name as owner_name, h.id as holder, h.name as holder_name, r.charge_ms, r.offered_to, t.name as offered_to_name, r.offered_by, \
                   b.name as offered_by_name, r.offered_ms, r.offered_words from rooms r join exams e on e.id = r.exam_id \
                   join users o on o.id = e.owner_id join users h on h.id = coalesce(r.charge_user, e.owner_id) left join users t on t.id = r.offered_to \
                   left join users b on b.id = r.offered_by where r.id = $1";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_optional(db).await)?)
    }

    /// Asks somebody to take a room over, in place of whoever was asked before. `Moved` when another is in charge than `holder`.
    pub async fn offer_room(&self, room: &RoomId, holder: &UserId, to: &UserId, words: &str, event: &Event) -> Result<()> {
        let sql = "update rooms set offered_to = $3, offered_by = $4, offered_ms = $5, offered_words = $6 where id = $1 \
                   and coalesce(charge_user, (select owner_id from exams where exams.id = rooms.exam_id)) = $2";
        let mut tx = self.begin().await?;
        let (by, at) = (&event.by, event.at_ms);
        if run!(&mut tx, sqlx::query(sql).bind(room).bind(holder).bind(to).bind(by).bind(at).bind(words))? != 1 {
            return Err(StoreError::Moved);
        }
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await
    }

    /// Whoever was asked takes a room over, at the event's instant. `Moved` when it is not them who is asked.
    pub async fn take_room(&self, room: &RoomId, user: &UserId, event: &Event) -> Result<()> {
        let sql = "update rooms set charge_user = offered_to, charge_ms = $3, offered_to = null where id = $1 and (offered_to = $2 or $4)";
        let mut tx = self.begin().await?;
        let (at, anybody) = (event.at_ms, weaken::on("unasked"));
        if run!(&mut tx, sqlx::query(sql).bind(room).bind(user).bind(at).bind(anybody))? != 1 {
            return Err(StoreError::Moved);
        }
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
        commit(tx).await
    }

    /// Nobody is asked any more; whether `to` was.
    pub async fn withdraw_offer(&self, room: &RoomId, to: &UserId, event: &Event) -> Result<bool> {
        let mut tx = self.begin().await?;
        let changed = run!(&mut tx, sqlx::query(NOBODY_ASKED).bind(room).bind(to))?;
        if changed == 1 {
            insert_events(&mut tx, std::slice::from_ref(event)).await?;
        }
        commit(tx).await?;
        Ok(changed == 1)
    }
}

async fn granted(mut tx: Tx, changed: u64, (room, user, rights): (&RoomId, &UserId, Rights), event: &Event) -> Result<bool> {
    if changed == 1 {
        if !rights.has(Right::Control) {
            for sql in ["update rooms set charge_user = null, charge_ms = null where id = $1 and charge_user = $2", NOBODY_ASKED]
            {
                run!(&mut tx, sqlx::query(sql).bind(room).bind(user))?;
            }
        }
        insert_events(&mut tx, std::slice::from_ref(event)).await?;
    }
    commit(tx).await?;
    Ok(changed == 1)
}

fn parse_rights(text: &str) -> Rights {
    Rights::from_names(text.split(',').filter(|t| !t.is_empty())).unwrap_or(Rights::NONE)
}
