//! Timelines, sealed and checked. Any node seals, each entry once; nothing that somebody waits for waits for a seal.

use super::Service;
use crate::auth::seals::{self, Check, Mark, Report};
use crate::domain::Ms;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::RoomId;
use crate::error::Result;
use crate::store::{Store, StoreError};
use crate::{limits, metrics};

impl Service {
    /// Seals what has no seal yet, in every room, and tells the new heads in the log, where no hand that alters the store can reach them.
    pub async fn seal_timelines(&self) -> Result<()> {
        for _ in 0..limits::SEAL_ROUNDS {
            match seal_some(&self.store, self.now()).await {
                Ok((marks, entries, more)) => {
                    metrics::sealed(entries);
                    for mark in marks {
                        tracing::info!(%mark, "timeline.sealed");
                    }
                    if !more {
                        return Ok(());
                    }
                }
                // Another node was quicker; what it has left comes with the next pass.
                Err(StoreError::Moved) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(limits::SEAL_PAUSE).await;
        }
        Ok(())
    }

    /// Holds a room's timeline against its seals, and these against heads that were told outside.
    pub async fn verify_timeline(&self, actor: &Actor, room: &RoomId, marks: Vec<Mark>) -> Result<Report> {
        self.room_for(actor, Action::VerifyTimeline, room).await?;
        Ok(check(&self.store, room, marks).await?)
    }

    /// The head of a room's chain, to be kept elsewhere.
    pub async fn timeline_mark(&self, actor: &Actor, room: &RoomId) -> Result<Option<Mark>> {
        self.room_for(actor, Action::GetTimeline, room).await?;
        let seal = self.store.last_seal(room).await?;
        Ok(seal.map(|seal| Mark::of(room, &seal)))
    }
}

/// Seals the oldest entries that have no seal: the new heads, how many entries, and whether there are more.
pub async fn seal_some(store: &Store, now: Ms) -> std::result::Result<(Vec<Mark>, usize, bool), StoreError> {
    let rooms = store.unsealed(limits::SEAL_ROWS).await?;
    let found: usize = rooms.values().map(Vec::len).sum();
    let mut plans = Vec::with_capacity(rooms.len());
    for (room, entries) in rooms {
        let last = store.last_seal(&room).await?;
        let (seal, links) = seals::seal(&room, last.as_ref(), &entries, now);
        let links: Vec<_> = entries.into_iter().map(|entry| entry.id).zip(links).collect();
        plans.push((room, seal, links));
    }
    if plans.is_empty() {
        return Ok((Vec::new(), 0, false));
    }
    let made = store.seal(&plans).await?;
    let made = plans.into_iter().zip(made).filter_map(|(plan, made)| made.then_some(plan));
    let (mut marks, mut entries) = (Vec::new(), 0);
    for (room, seal, links) in made {
        entries += links.len();
        marks.push(Mark::of(&room, &seal));
    }
    Ok((marks, entries, i64::try_from(found).is_ok_and(|found| found == limits::SEAL_ROWS)))
}

/// Reads a room's timeline as it is at one instant and checks it.
pub async fn check(store: &Store, room: &RoomId, marks: Vec<Mark>) -> std::result::Result<Report, StoreError> {
    let mut reading = store.read_seals().await?;
    let seals = reading.seals(room).await?;
    let mut check = Check::new(room, seals.clone(), marks);
    let mut after = i64::MIN;
    loop {
        let page = reading.entries(room, after, limits::SEAL_READ).await?;
        let Some((last, _)) = page.last() else { break };
        after = last.place;
        for (link, content) in &page {
            check.entry(link, content);
        }
    }
    let mut after = String::new();
    loop {
        let page = reading.unsealed(room, &after, limits::SEAL_READ).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for content in &page {
            check.unsealed(content);
        }
    }
    Ok(check.report(&seals))
}
