//! The rows that bind a room's timeline into a chain. How they are hashed and held against each other stands in `auth::seals`.

use serde::Serialize;

use super::Ms;

/// What an entry of the timeline says, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its id.
    pub id: String,
    /// Room.
    pub room_id: String,
    /// When, Unix ms.
    pub at_ms: Ms,
    /// Whom it is about.
    pub candidate_id: Option<String>,
    /// Who did it.
    pub by_user: Option<String>,
    /// Kind of event.
    pub kind: String,
    /// Version of the vocabulary.
    pub version: i64,
    /// The event as JSON, exactly as it is stored.
    pub body: String,
}

/// What binds an entry to its room's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its place in the room, from 1.
    pub place: i64,
    /// Makes the digest say nothing to somebody who guesses at the content; None: the content has been erased.
    pub salt: Option<String>,
    /// `digest` of salt and content.
    pub digest: String,
}

/// A seal over some entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seal {
    /// Number in the room, from 1.
    pub n: i64,
    /// When, Unix ms.
    pub sealed_ms: Ms,
    /// Place of its first entry.
    pub first_place: i64,
    /// Place of its last entry.
    pub last_place: i64,
    /// `h1:` and 64 digits.
    pub head: String,
}
