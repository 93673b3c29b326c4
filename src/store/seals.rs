//! The seals of timelines: which entries have none yet, a pass that gives them one, and a reading that holds still.

use std::collections::BTreeMap;

use super::{Engine, Result, Store, StoreError, Tx, commit, on, run, tx};
use crate::domain::Ms;
use crate::domain::ids::{Id, RoomId};
use crate::domain::seal::{Content, Link, Seal};

const CONTENT: &str = "select id, room_id, at_ms, candidate_id, by_user, kind, version, body from events";
const SEAL: &str = "select n, sealed_ms, first_place, last_place, head from seals";

macro_rules! sql {
    ($($part:expr),+) => { sqlx::AssertSqlSafe([$($part),+].concat()) };
}

/// What is to be sealed in a room: the seal, and each entry's id with what binds it.
pub type Sealing = (RoomId, Seal, Vec<(String, Link)>);

#[derive(sqlx::FromRow)]
struct ContentRow {
    id: String,
    room_id: String,
    at_ms: Ms,
    candidate_id: Option<String>,
    by_user: Option<String>,
    kind: String,
    version: i64,
    body: String,
}

impl From<ContentRow> for Content {
    fn from(row: ContentRow) -> Self {
        let ContentRow { id, room_id, at_ms, candidate_id, by_user, kind, version, body } = row;
        Self { id, room_id, at_ms, candidate_id, by_user, kind, version, body }
    }
}

/// An entry with what binds it.
#[derive(sqlx::FromRow)]
struct SealedRow {
    #[sqlx(flatten)]
    content: ContentRow,
    place: i64,
    salt: Option<String>,
    digest: Option<String>,
}

type SealRow = (i64, Ms, i64, i64, String);

fn seal((n, sealed_ms, first_place, last_place, head): SealRow) -> Seal {
    Seal { n, sealed_ms, first_place, last_place, head }
}

impl Store {
    /// Entries of all rooms that are not sealed yet, oldest first, by room.
    pub async fn unsealed(&self, limit: i64) -> Result<BTreeMap<RoomId, Vec<Content>>> {
        let sql = sql!(CONTENT, " where place is null order by id limit $1");
        let rows: Vec<ContentRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(limit).fetch_all(db).await)?;
        let mut rooms: BTreeMap<RoomId, Vec<Content>> = BTreeMap::new();
        for row in rows {
            rooms.entry(RoomId::trusted(row.room_id.clone())).or_default().push(row.into());
        }
        Ok(rooms)
    }

    /// Every room that has a timeline, also those that are gone.
    pub async fn rooms_with_timeline(&self) -> Result<Vec<RoomId>> {
        let sql = "select room_id from events union select room_id from seals order by room_id";
        Ok(on!(&self.read, |db| sqlx::query_scalar(sql).fetch_all(db).await)?)
    }

    /// The last seal of a room.
    pub async fn last_seal(&self, room: &RoomId) -> Result<Option<Seal>> {
        let sql = sql!(SEAL, " where room_id = $1 order by n desc limit 1");
        let row: Option<SealRow> = on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_optional(db).await)?;
        Ok(row.map(seal))
    }

    /// Seals entries, in one transaction for all rooms: a seal, and places for what it covers. Where another node has made a seal of that
    /// number meanwhile nothing is done in that room; where it has sealed some of these entries, nothing at all (`Moved`). Which were made.
    pub async fn seal(&self, rooms: &[Sealing]) -> Result<Vec<bool>> {
        let mut tx = self.begin().await?;
        let mut made = Vec::with_capacity(rooms.len());
        for (room, seal, links) in rooms {
            // Two nodes that come at once meet here: the second waits for the first and then finds its number taken.
            let sql = "insert into seals (room_id, n, sealed_ms, first_place, last_place, head) values ($1, $2, $3, $4, $5, $6) \
                       on conflict (room_id, n) do nothing";
            let places = (seal.first_place, seal.last_place);
            let first = run!(
                &mut tx,
                sqlx::query(sql).bind(room).bind(seal.n).bind(seal.sealed_ms).bind(places.0).bind(places.1).bind(&seal.head)
            )? == 1;
            if first {
                bind(&mut tx, links).await?;
            }
            made.push(first);
        }
        commit(tx).await?;
        Ok(made)
    }

    /// Begins to read seals and entries as they are at one instant, whatever is written meanwhile.
    pub async fn read_seals(&self) -> Result<SealReading> {
        Ok(SealReading(match &self.read {
            Engine::Sqlite(db) => Engine::Sqlite(db.begin().await?),
            Engine::Postgres(db) => Engine::Postgres(db.begin_with("begin isolation level repeatable read read only").await?),
        }))
    }
}

/// A reading of seals and entries that holds still.
pub struct SealReading(Tx);

impl SealReading {
    /// The seals of a room, by number.
    pub async fn seals(&mut self, room: &RoomId) -> Result<Vec<Seal>> {
        let sql = sql!(SEAL, " where room_id = $1 order by n");
        let rows: Vec<SealRow> = tx!(&mut self.0, fetch_all, sqlx::query_as(sql).bind(room))?;
        Ok(rows.into_iter().map(seal).collect())
    }

    /// Entries of a room behind the place `after`, by place.
    pub async fn entries(&mut self, room: &RoomId, after: i64, limit: i64) -> Result<Vec<(Link, Content)>> {
        let sql = "select id, room_id, at_ms, candidate_id, by_user, kind, version, body, place, salt, digest from events \
                   where room_id = $1 and place > $2 order by place limit $3";
        let rows: Vec<SealedRow> = tx!(&mut self.0, fetch_all, sqlx::query_as(sql).bind(room).bind(after).bind(limit))?;
        let link = |row: SealedRow| {
            let digest = row.digest.unwrap_or_default();
            (Link { place: row.place, salt: row.salt, digest }, row.content.into())
        };
        Ok(rows.into_iter().map(link).collect())
    }

    /// Entries of a room without a place, by id.
    pub async fn unsealed(&mut self, room: &RoomId, after: &str, limit: i64) -> Result<Vec<Content>> {
        let sql = sql!(CONTENT, " where room_id = $1 and place is null and id > $2 order by id limit $3");
        let rows: Vec<ContentRow> = tx!(&mut self.0, fetch_all, sqlx::query_as(sql).bind(room).bind(after).bind(limit))?;
        Ok(rows.into_iter().map(Content::from).collect())
    }
}

async fn bind(tx: &mut Tx, links: &[(String, Link)]) -> Result<()> {
    macro_rules! update {
        ($t:expr) => {{
            let mut sql =
                sqlx::QueryBuilder::new("update events set place = v.column2, salt = v.column3, digest = v.column4 from (");
            sql.push_values(links, |mut row, (id, link)| {
                row.push_bind(id).push_bind(link.place).push_bind(&link.salt).push_bind(&link.digest);
            });
            sql.push(") as v where events.id = v.column1 and events.place is null");
            sql.build().persistent(false).execute(&mut **$t).await.map(|done| done.rows_affected())
        }};
    }
    let done = match &mut *tx {
        Engine::Sqlite(t) => update!(t),
        Engine::Postgres(t) => update!(t),
    }?;
    if usize::try_from(done).is_ok_and(|done| done == links.len()) { Ok(()) } else { Err(StoreError::Moved) }
}
