//! Opaque, prefixed identifiers. Secrets are never ids, and ids are never secrets.

use serde::{Deserialize, Serialize};

/// Longest identifier accepted from outside, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// Text is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct BadId;

/// An identifier that carries its kind as a prefix and a UUIDv7 inside, so ids sort by the time they were made.
pub trait Id: Sized {
    /// The prefix with its underscore, for example `rm_`.
    const PREFIX: &'static str;
    /// Takes text that is known to be of this kind.
    fn trusted(text: String) -> Self;
    /// Makes an id from an instant and 80 random bits.
    fn make(now: super::Ms, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now).unwrap_or(0);
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Self::trusted(format!("{}{}", Self::PREFIX, uuid.simple()))
    }
    /// Parses text from outside: right prefix, ASCII letters and digits only, bounded length.
    fn parse(text: &str) -> Result<Self, BadId> {
        let rest = text.strip_prefix(Self::PREFIX).ok_or(BadId)?;
        let plain = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && text.len() <= MAX_ID_BYTES { Ok(Self::trusted(text.to_owned())) } else { Err(BadId) }
    }
}

/// When an identifier was made, as far as it tells.
pub fn made_ms(id: &str) -> Option<super::Ms> {
    let (_, rest) = id.split_once('_')?;
    let plain = rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit());
    super::Ms::from_str_radix(rest.get(..12).filter(|_| plain)?, 16).ok()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn trusted(text: String) -> Self { Self(text) }
        }
        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> { <Self as Id>::parse(text) }
        }
    )*};
}

ids! {
    /// A supervised run of an exam in one place.
    RoomId = "rm_",
    /// One student in one room.
    CandidateId = "cd_",
    /// What is sat.
    ExamId = "ex_",
    /// An account.
    UserId = "us_",
    /// One entry by password or by code.
    SessionId = "ss_",
    /// One row of the timeline.
    EventId = "ev_",
    /// One takeover request.
    TakeoverId = "tk_",
    /// One process among those that share a store.
    NodeId = "nd_",
    /// One message.
    MessageId = "mg_",
    /// One template of a message.
    TemplateId = "mt_",
    /// One incident.
    IncidentId = "in_",
    /// One reply to an incident.
    ReplyId = "ir_",
}

/// A question's or an option's own id, stable within its paper: 1 to 32 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct QuestionId(pub String);

/// An option's own id, stable within its question.
pub type OptionId = String;

/// Whether `text` may name a question or an option.
pub fn is_local_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl std::fmt::Display for QuestionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
