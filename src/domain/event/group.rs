//! Kinds of events in the groups by which people look for them.

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// The clock: changes, how far they have come, begin and end.
    Time,
    /// Devices: joins, pens, takeovers, presence.
    Connection,
    /// Answers.
    Answers,
    /// Whether the person looks at the paper.
    Attention,
    /// Messages and hands.
    Messages,
    /// Incidents.
    Incidents,
    /// Who is here, who works here.
    People,
    /// The room itself, its roster, its store.
    Room,
}

impl Group {
    /// Every group, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::Time,
        Self::Connection,
        Self::Answers,
        Self::Attention,
        Self::Messages,
        Self::Incidents,
        Self::People,
        Self::Room,
    ];

    /// As asked for and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Connection => "connection",
            Self::Answers => "answers",
            Self::Attention => "attention",
            Self::Messages => "messages",
            Self::Incidents => "incidents",
            Self::People => "people",
            Self::Room => "room",
        }
    }

    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|group| group.as_str() == text)
    }

    /// Beginnings of the names of its kinds.
    pub fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Time => {
                &["clock.", "change.", "outage.", "candidate.began", "candidate.ended", "candidate.reopened", "room.ended"]
            }
            Self::Connection => &["candidate.joined", "pen.", "takeover.", "presence."],
            Self::Answers => &["answer.", "answers."],
            Self::Attention => &["attention."],
            Self::Messages => &["message.", "hand."],
            Self::Incidents => &["incident.", "rules."],
            Self::People => &["attendance.", "identity.", "staff.", "handover."],
            Self::Room => &["roster.", "store.", "room."],
        }
    }
}
