//! Kinds of people.

/// What kind of candidate a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Needs about half of the time.
    Fast,
    /// Needs most of it.
    Steady,
    /// Would need more than there is.
    Slow,
    /// Looks at something else now and then.
    LookingAway,
    /// Loses the connection several times and comes back.
    Dropping,
    /// Goes on with another device in the middle.
    TakingOver,
    /// Hands in early.
    HandingIn,
    /// Comes back to questions and decides otherwise.
    ChangingMind,
}

impl Profile {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Fast,
        Self::Steady,
        Self::Slow,
        Self::LookingAway,
        Self::Dropping,
        Self::TakingOver,
        Self::HandingIn,
        Self::ChangingMind,
    ];

    /// A class as it is: of ten, three are steady, and each other kind is there once.
    pub fn of(index: u32) -> Self {
        match index % 10 {
            0 | 4 | 8 => Self::Steady,
            1 => Self::Fast,
            2 => Self::LookingAway,
            3 => Self::Dropping,
            5 => Self::ChangingMind,
            6 => Self::Slow,
            7 => Self::TakingOver,
            _ => Self::HandingIn,
        }
    }

    /// The part of the time that is left which this kind needs for the whole paper.
    pub(super) fn share(self) -> f64 {
        match self {
            Self::Fast => 0.45,
            Self::HandingIn => 0.55,
            Self::ChangingMind => 0.7,
            Self::Steady | Self::Dropping | Self::TakingOver => 0.8,
            Self::LookingAway => 0.85,
            Self::Slow => 1.3,
        }
    }

    /// How often, of 100 times, this kind knows the answer.
    pub(super) fn knows(self) -> u32 {
        match self {
            Self::Fast | Self::HandingIn => 85,
            Self::Steady | Self::TakingOver => 75,
            Self::ChangingMind | Self::Dropping => 65,
            Self::LookingAway | Self::Slow => 55,
        }
    }

    /// Whether this kind hands in by itself; the others let the time run out or stay until the end.
    pub(super) fn hands_in(self) -> bool {
        matches!(self, Self::Fast | Self::HandingIn | Self::Steady | Self::ChangingMind)
    }
}
