//! The timeline, searched and written out.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _, stream};

use super::Service;
use super::timeline_file::Format;
use crate::domain::access::{Action, Actor};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{CandidateId, RoomId, UserId};
use crate::domain::status::{Person, RoomClock};
use crate::error::{Code, Result};
use crate::store::timeline::TimelineFilter;

/// Entries that are read at a time.
const READ: i64 = 500;
/// Entries that one search looks at; it goes on where it stopped.
const SCAN: usize = 20_000;

/// Puts an event into words, for a search and for a file.
pub type Words = Arc<dyn Fn(&Context, &Event) -> String + Send + Sync>;

/// What an event does not say of itself: who people are, and why time was changed.
pub struct Context {
    /// The room's time with its ledger.
    pub clock: RoomClock,
    /// Who is on the roster.
    pub people: BTreeMap<CandidateId, Person>,
    /// Accounts that entries speak of.
    pub names: BTreeMap<UserId, String>,
}

impl Context {
    /// Why the time was changed, if the event tells of a change.
    pub fn reason(&self, event: &Event) -> Option<&crate::domain::clock::Reason> {
        let Body::ClockChanged { rev, .. } = &event.body else { return None };
        self.clock.ledger.change(*rev).map(|change| &change.reason)
    }

    /// Whether all words of `wanted` stand somewhere in what there is to say of an event.
    fn says(&self, event: &Event, wanted: &[String], words: &Words) -> bool {
        if wanted.is_empty() {
            return true;
        }
        let person = event.candidate.as_ref().and_then(|id| self.people.get(id));
        let who = person.map(|p| [Some(&p.name), p.student_id.as_ref(), p.class.as_ref(), p.seat.as_ref()]);
        let by = event.by.as_ref().and_then(|user| self.names.get(user));
        let reason = self.reason(event).map(|reason| [Some(&reason.code), Some(&reason.text)]);
        let parts = who.into_iter().flatten().chain(reason.into_iter().flatten()).chain([by]).flatten();
        let mut text = format!("{} {}", event.body.name(), words(self, event));
        parts.for_each(|part| text.extend([" ", part]));
        let text = text.to_lowercase();
        wanted.iter().all(|word| text.contains(word))
    }
}

/// What a search has found.
pub struct Found {
    /// The entries, in the order that was asked for.
    pub events: Vec<Event>,
    /// Where to go on; None: there is no more.
    pub next: Option<String>,
}

/// A file under way.
struct Writing {
    service: Arc<Service>,
    room: RoomId,
    context: Context,
    filter: TimelineFilter,
    wanted: Vec<String>,
    words: Words,
    format: Format,
    over: bool,
}

/// Words of a search, in lower case.
fn wanted(q: &str) -> Vec<String> {
    q.split_whitespace().map(str::to_lowercase).collect()
}

impl Service {
    /// Entries that match the filter and say `q`, from one end; `filter.limit` of them at most.
    pub async fn search_timeline(
        &self,
        actor: &Actor,
        id: &RoomId,
        filter: &TimelineFilter,
        q: &str,
        words: &Words,
    ) -> Result<(Context, Found)> {
        self.room_for(actor, Action::GetTimeline, id).await?;
        let context = self.timeline_context(id).await?;
        let (wanted, limit) = (wanted(q), usize::try_from(filter.limit).unwrap_or_default());
        let mut page = TimelineFilter { limit: if wanted.is_empty() { filter.limit + 1 } else { READ }, ..filter.clone() };
        let (mut found, mut seen) = (Found { events: Vec::new(), next: None }, 0);
        loop {
            let events = self.store.timeline(id, &page).await?;
            let whole = i64::try_from(events.len()).is_ok_and(|n| n < page.limit);
            for event in events {
                if found.events.len() == limit || seen == SCAN {
                    found.next = Some(page.after);
                    return Ok((context, found));
                }
                seen += 1;
                page.after = event.id.to_string();
                if context.says(&event, &wanted, words) {
                    found.events.push(event);
                }
            }
            if whole {
                return Ok((context, found));
            }
        }
    }

    /// Everything that matches, oldest first, as a file in parts.
    pub async fn export_timeline(
        self: &Arc<Self>,
        actor: &Actor,
        id: &RoomId,
        (filter, q): (TimelineFilter, &str),
        words: Words,
        format: Format,
    ) -> Result<impl Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static> {
        self.room_for(actor, Action::ExportTimeline, id).await?;
        let context = self.timeline_context(id).await?;
        let filter = TimelineFilter { limit: READ, newest_first: false, ..filter };
        let (service, room, wanted) = (self.clone(), id.clone(), wanted(q));
        let writing = Writing { service, room, context, filter, wanted, words, format, over: false };
        let head = stream::iter([Ok(format.head())]);
        Ok(head.chain(stream::try_unfold(writing, |mut writing| async move {
            let part = writing.next().await?;
            Ok(part.map(|bytes| (bytes, writing)))
        })))
    }

    async fn timeline_context(&self, id: &RoomId) -> Result<Context> {
        let clock = self.store.room_clock(id).await?.ok_or(Code::NotFound)?;
        let people = self.store.candidates(id).await?.into_iter().map(|c| (c.id.clone(), c.person())).collect();
        let names = self.store.timeline_accounts(id).await?.into_iter().collect();
        Ok(Context { clock, people, names })
    }
}

impl Writing {
    /// The next entries; a part may be empty while a search finds nothing.
    async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if self.over {
            return Ok(None);
        }
        let mut events = self.service.store.timeline(&self.room, &self.filter).await.map_err(std::io::Error::other)?;
        self.over = i64::try_from(events.len()).is_ok_and(|n| n < READ);
        if let Some(last) = events.last() {
            self.filter.after = last.id.to_string();
        }
        events.retain(|event| self.context.says(event, &self.wanted, &self.words));
        Ok(Some(self.format.write(&self.context, &events, &self.words)))
    }
}
