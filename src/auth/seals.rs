//! The chain that seals a room's timeline: what is digested, and what alterations of it look like.
//!
//! Everything is made so that anyone with the rows can make it again. An entry's digest covers its salt and all that it says; a seal's head
//! covers the digests of its entries in their order and the head before. Whoever alters the rows can make a whole chain again, so the last
//! head is told outside of the store as a *mark*: `room/seal/ms/h1:…`.

mod check;

use std::fmt::Write as _;
use std::str::FromStr;

use super::secrets::{hex, random_bytes, sha256};
use crate::domain::Ms;
use crate::domain::ids::RoomId;
use crate::domain::seal::{Content, Link, Seal};

pub use check::{Check, Finding, Report};

/// A head as it is told outside of the store: `room/seal/ms/h1:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Room.
    pub room: RoomId,
    /// Number of the seal.
    pub n: i64,
    /// When it was made, Unix ms.
    pub sealed_ms: Ms,
    /// Its head.
    pub head: String,
}

/// Text is no mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a mark: room/seal/ms/h1:… as the log and the timeline's page give it")]
pub struct BadMark;

impl Mark {
    /// The head of a seal.
    pub fn of(room: &RoomId, seal: &Seal) -> Self {
        Self { room: room.clone(), n: seal.n, sealed_ms: seal.sealed_ms, head: seal.head.clone() }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/{}", self.room, self.n, self.sealed_ms, self.head)
    }
}

impl FromStr for Mark {
    type Err = BadMark;
    fn from_str(text: &str) -> Result<Self, BadMark> {
        let mut parts = text.trim().splitn(4, '/');
        let mut part = || parts.next().ok_or(BadMark);
        let room = RoomId::from_str(part()?).map_err(|_| BadMark)?;
        let n = part()?.parse().map_err(|_| BadMark)?;
        let sealed_ms = part()?.parse().map_err(|_| BadMark)?;
        let head = part()?.to_ascii_lowercase();
        let digits = head.strip_prefix("h1:").ok_or(BadMark)?;
        let whole = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if whole { Ok(Self { room, n, sealed_ms, head }) } else { Err(BadMark) }
    }
}

/// Every mark in a log, whatever its format.
pub fn marks(log: &str) -> Vec<Mark> {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '{' | '}');
    log.split(around).filter(|word| word.starts_with("rm_")).filter_map(|word| word.parse().ok()).collect()
}

/// A salt for one entry.
pub fn fresh_salt() -> String {
    hex(&random_bytes::<16>())
}

/// The digest of an entry. No field but the last can hold a line feed, so no two different entries give one text.
pub fn digest(salt: &str, content: &Content) -> String {
    let Content { id, room_id, at_ms, candidate_id, by_user, kind, version, body } = content;
    let (candidate, by) = (candidate_id.as_deref().unwrap_or_default(), by_user.as_deref().unwrap_or_default());
    hex(&sha256(format!("{salt}\n{id}\n{room_id}\n{at_ms}\n{candidate}\n{by}\n{kind}\n{version}\n{body}").as_bytes()))
}

/// The head of a seal, from the head before (empty: it is the first) and the digests of its entries in their order.
pub fn head<'a>(room: &str, before: &str, seal: (i64, Ms, i64), digests: impl Iterator<Item = &'a str>) -> String {
    let (n, sealed_ms, first_place) = seal;
    let mut text = format!("{before}\n{room}\n{n}\n{sealed_ms}\n{first_place}\n");
    for digest in digests {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{digest}");
    }
    format!("h1:{}", hex(&sha256(text.as_bytes())))
}

/// The seal that follows `last` over entries in their order, and their links.
pub fn seal(room: &RoomId, last: Option<&Seal>, entries: &[Content], now: Ms) -> (Seal, Vec<Link>) {
    let (n, first_place) = last.map_or((1, 1), |last| (last.n + 1, last.last_place + 1));
    let links: Vec<Link> = (first_place..)
        .zip(entries)
        .map(|(place, content)| {
            let salt = fresh_salt();
            Link { place, digest: digest(&salt, content), salt: Some(salt) }
        })
        .collect();
    let before = last.map_or("", |last| last.head.as_str());
    let head = head(room.as_str(), before, (n, now, first_place), links.iter().map(|link| link.digest.as_str()));
    let last_place = links.last().map_or(first_place - 1, |link| link.place);
    (Seal { n, sealed_ms: now, first_place, last_place, head }, links)
}

#[cfg(test)]
mod tests;
