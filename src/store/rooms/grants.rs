//! Who works in a room.

use super::super::{Result, Store, on};
use crate::domain::access::Rights;
use crate::domain::ids::{RoomId, UserId};

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

    /// Sets one user's grant.
    pub async fn put_grant(&self, room: &RoomId, user: &UserId, rights: Rights) -> Result<()> {
        let sql = "insert into room_staff (room_id, user_id, rights) values ($1, $2, $3) \
                   on conflict (room_id, user_id) do update set rights = excluded.rights";
        let text = rights.names().join(",");
        on!(&self.write, |db| sqlx::query(sql).bind(room).bind(user).bind(&text).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Removes one user's grant; whether there was one.
    pub async fn delete_grant(&self, room: &RoomId, user: &UserId) -> Result<bool> {
        let sql = "delete from room_staff where room_id = $1 and user_id = $2";
        let n = on!(&self.write, |db| sqlx::query(sql).bind(room).bind(user).execute(db).await.map(|r| r.rows_affected()))?;
        Ok(n > 0)
    }
}

fn parse_rights(text: &str) -> Rights {
    Rights::from_names(text.split(',').filter(|t| !t.is_empty())).unwrap_or(Rights::NONE)
}
