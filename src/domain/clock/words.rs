//! The clock's vocabularies: one word each in storage, on the wire and in code.

use serde::{Deserialize, Serialize};

/// Plain enums whose words are the same in storage, on the wire and in `as_str`.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$word_doc])* $word),* }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            /// The word as stored and sent.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }

            /// Reads a stored word.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$word),)* _ => None }
            }
        }
    )*};
}

words! {
    /// When a candidate's time begins.
    Timing {
        /// With the room: a latecomer loses the time before.
        WithRoom = "with_room",
        /// At the first join while the room runs.
        OnEntry = "on_entry",
    }
    /// What becomes of a time in which the service was away.
    OutagePolicy {
        /// Given back by itself up to a limit; beyond it staff decide.
        Automatic = "automatic",
        /// Staff decide.
        Propose = "propose",
        /// Nothing.
        Off = "off",
    }
    /// What a room is doing.
    RoomPhase {
        /// Planned; nobody can enter.
        Scheduled = "scheduled",
        /// The waiting room is open, the paper pinned.
        Open = "open",
        /// Time runs.
        Running = "running",
        /// Time stands still for the whole room.
        Paused = "paused",
        /// Over.
        Ended = "ended",
    }
    /// What a candidate is doing.
    Phase {
        /// On the roster, never joined.
        Expected = "expected",
        /// Joined, time not begun.
        Waiting = "waiting",
        /// Time runs.
        Working = "working",
        /// Time stands still, for the room or for this candidate.
        Paused = "paused",
        /// Over.
        Ended = "ended",
    }
    /// Who ended a candidate's work.
    EndedBy {
        /// Handed in.
        Candidate = "candidate",
        /// The sweep, recorded at the deadline.
        Deadline = "deadline",
        /// A member of staff.
        Invigilator = "invigilator",
    }
    /// What one term of an explanation stands for.
    TermKind {
        /// The exam's allowance.
        Base = "base",
        /// What an accommodation adds to the allowance.
        Multiplier = "multiplier",
        /// Minutes given or taken.
        Extension = "extension",
        /// Minutes given back for an incident.
        Credit = "credit",
        /// A pause of the room or of the candidate.
        Pause = "pause",
        /// Time in which the service could not be reached.
        Outage = "outage",
        /// The time from an end to its reopening, and what was given with it.
        Reopened = "reopened",
        /// What the hard end of the window takes away; never positive.
        Window = "window",
    }
    /// Why a verdict is not the plain "counts".
    Why {
        /// Counts: received between the deadline and deadline + grace.
        Grace = "grace",
        /// Counts: received while time stood still.
        Paused = "paused",
        /// Does not count: received after deadline + grace.
        Late = "late",
        /// Does not count: received after the work had ended.
        Ended = "ended",
        /// Does not count: received before time began.
        NotRunning = "not_running",
        /// Counts: written by an older pen, and no newer pen has a row for the question.
        OlderPen = "older_pen",
        /// Does not count: a newer pen has a row for the question.
        Superseded = "superseded",
        /// Counts: staff accepted it.
        Accepted = "accepted",
    }
}
