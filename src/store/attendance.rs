//! Who is here, as staff say, and who made sure who somebody is. A repeat changes nothing and tells nothing.

use super::timeline::insert_events;
use super::{Result, Store, commit, on, run};
use crate::domain::Ms;
use crate::domain::attendance::Said;
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId, UserId};
use crate::weaken;

/// One candidate of the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AttendanceRow {
    /// Who.
    pub id: CandidateId,
    /// Name.
    pub name: String,
    /// The school's number for the student.
    pub student_id: Option<String>,
    /// Class.
    pub class: Option<String>,
    /// Seat.
    pub seat: Option<String>,
    /// First joined, Unix ms.
    pub joined_ms: Option<Ms>,
    attendance: Option<String>,
    /// When it was last said who it is, Unix ms.
    pub identity_ms: Option<Ms>,
    /// Who made sure who it is; None: nobody.
    pub identified_by: Option<UserId>,
    /// The name of that account.
    pub identifier: Option<String>,
}

impl AttendanceRow {
    /// What staff say; None: nothing.
    pub fn said(&self) -> Option<Said> {
        self.attendance.as_deref().and_then(Said::parse)
    }
}

impl Store {
    /// Who is expected in a room, in id order, with what staff have seen.
    pub async fn attendance(&self, room: &RoomId) -> Result<Vec<AttendanceRow>> {
        let sql = "select c.id, c.name, c.student_id, c.class, c.seat, c.joined_ms, c.attendance, c.identity_ms, c.identified_by, \
                   u.name as identifier from candidates c left join users u on u.id = c.identified_by where c.room_id = $1 order by c.id";
        Ok(on!(&self.read, |db| sqlx::query_as(sql).bind(room).fetch_all(db).await)?)
    }

    /// Stores what staff have seen of a candidate, as the event says it, and the event; whether it was news. An older word than the one
    /// that is stored says nothing.
    pub async fn attend(&self, event: &Event) -> Result<bool> {
        let (candidate, at, by) = (&event.candidate, event.at_ms, &event.by);
        let mut tx = self.begin().await?;
        let changed = match &event.body {
            Body::AttendanceChanged { said } => {
                let said = said.map_or("", Said::as_str);
                let sql = "update candidates set attendance = nullif($2, ''), attendance_ms = $3 where id = $1 \
                           and coalesce(attendance, '') <> $2 and (coalesce(attendance_ms, 0) <= $3 or $4)";
                run!(&mut tx, sqlx::query(sql).bind(candidate).bind(said).bind(at).bind(weaken::on("older_word")))?
            }
            Body::IdentityConfirmed => {
                let sql = "update candidates set identity_ms = $2, identified_by = $3 where id = $1 \
                           and identified_by is null and coalesce(identity_ms, 0) <= $2";
                run!(&mut tx, sqlx::query(sql).bind(candidate).bind(at).bind(by))?
            }
            Body::IdentityWithdrawn => {
                let sql = "update candidates set identity_ms = $2, identified_by = null where id = $1 \
                           and identified_by is not null and coalesce(identity_ms, 0) <= $2";
                run!(&mut tx, sqlx::query(sql).bind(candidate).bind(at))?
            }
            _ => 0,
        };
        if changed == 1 {
            insert_events(&mut tx, std::slice::from_ref(event)).await?;
        }
        commit(tx).await?;
        Ok(changed == 1)
    }
}
