//! Incidents and signals on the wire.

use serde::{Deserialize, Serialize};

/// What a page signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Something was pasted.
    Paste,
}

/// An incident as the candidate gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentFrame {
    /// Its id.
    pub id: String,
    /// Counts its changes: the greater one is the newer.
    pub rev: i64,
    /// Whether it is still shown; if not, it says nothing more.
    pub shown: bool,
    /// About what, like `technical.connection`.
    pub topic: String,
    /// The same in the reader's language.
    pub title: String,
    /// `open`, `resolved`, `dismissed`.
    pub state: String,
    /// What a rule found, in the reader's language; what staff wrote stands in `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What staff wrote; may be empty.
    pub text: String,
    /// When it was made.
    pub made_ms: i64,
    /// What was written to it, oldest first.
    pub replies: Vec<ReplyInfo>,
}

/// Words to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyInfo {
    /// Name of whoever wrote them.
    pub author: String,
    /// They are the candidate's own.
    pub own: bool,
    /// Plain text.
    pub text: String,
    /// When.
    pub sent_ms: i64,
}
