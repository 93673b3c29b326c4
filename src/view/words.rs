//! The small vocabularies of the pages. Each value has a key for styles and scripts and a text for people: never colour alone.

use crate::locale::Locale;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $prefix:literal { $($(#[$vdoc:meta])* $variant:ident = $key:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $key)] $variant),* }
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Name on the wire and in `data-` attributes.
            pub fn key(self) -> &'static str { match self { $(Self::$variant => $key),* } }
            /// In words.
            pub fn text(self, locale: impl std::borrow::Borrow<Locale>) -> String { locale.borrow().t(&format!(concat!($prefix, "-{}"), self.key())) }
        }
    };
}

vocabulary! {
    /// Phase of a room.
    RoomPhase, "room-phase" {
        /// Planned.
        Scheduled = "scheduled",
        /// Students may enter and wait.
        Open = "open",
        /// The clock runs.
        Running = "running",
        /// The clock stands still.
        Paused = "paused",
        /// Over.
        Ended = "ended",
    }
}
vocabulary! {
    /// Phase of a candidate.
    CandidatePhase, "phase" {
        /// Not joined yet.
        Expected = "expected",
        /// Joined, time not begun.
        Waiting = "waiting",
        /// Writing.
        Working = "working",
        /// Clock stands still.
        Paused = "paused",
        /// Handed in, by whomever.
        Ended = "ended",
    }
}
vocabulary! {
    /// Who ended a candidate's exam.
    EndedBy, "ended-by" {
        /// Handed in.
        Candidate = "candidate",
        /// The clock.
        Deadline = "deadline",
        /// Staff.
        Invigilator = "invigilator",
    }
}
vocabulary! {
    /// Whether the page is connected. Nothing else.
    Presence, "presence" {
        /// Never seen.
        Never = "never",
        /// A frame came lately.
        Connected = "connected",
        /// Heard lately, without a socket.
        Slow = "slow",
        /// Quiet for 10 s.
        Unsteady = "unsteady",
        /// Quiet for 15 s.
        Lost = "lost",
    }
}
vocabulary! {
    /// Whether the page is in front. Nothing else.
    Attention, "attention" {
        /// In front.
        Here = "here",
        /// Behind another window.
        Away = "away",
    }
}
vocabulary! {
    /// How far a time change has come to one candidate.
    Delivery, "delivery" {
        /// Nothing to deliver.
        None = "none",
        /// Not there yet.
        Queued = "queued",
        /// The page has it.
        Delivered = "delivered",
        /// The person said so.
        Seen = "seen",
    }
}
vocabulary! {
    /// Kind of a question.
    Kind, "kind" {
        /// One option.
        Single = "single",
        /// Some options.
        Multiple = "multiple",
        /// True or false.
        TrueFalse = "true_false",
        /// A number.
        Numeric = "numeric",
        /// A few words.
        Short = "short",
        /// A text.
        Essay = "essay",
    }
}

/// The texts a page's script says, with their variables left as `{name}` for the script to fill in.
pub(super) fn script_texts(
    locale: Locale,
    wanted: &[(&'static str, &'static [&'static str])],
) -> std::collections::BTreeMap<&'static str, String> {
    let text = |(key, names): &(&'static str, &'static [&'static str])| {
        let args: Vec<_> = names.iter().map(|name| (*name, crate::locale::Arg::from(format!("{{{name}}}")))).collect();
        (key.trim_start_matches("js-"), crate::locale::t(locale, key, &args))
    };
    wanted.iter().map(text).collect()
}
