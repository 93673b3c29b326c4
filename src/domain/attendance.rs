//! Who is here. The room knows who has come in; what staff say stands above it. Who somebody is, a person confirms and no rule.

use serde::{Deserialize, Serialize};

use super::Ms;
use super::clock::RoomPhase;
use super::ids::UserId;

/// What staff say of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Is in the room, whatever the computer says.
    Here,
    /// Is not in the room.
    Missing,
}

impl Said {
    /// Every word.
    pub const ALL: &'static [Self] = &[Self::Here, Self::Missing];
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Missing => "missing",
        }
    }
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|said| said.as_str() == text)
    }
}

/// What people have seen of a candidate with their own eyes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attended {
    /// Here or missing, as staff say; None: they say nothing.
    pub said: Option<Said>,
    /// When that was last said: of two words the newer holds.
    pub said_ms: Ms,
    /// Who made sure who it is; None: nobody.
    pub identified: Option<UserId>,
    /// When that was last said.
    pub identity_ms: Ms,
}

/// Whether a candidate is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    /// May still come.
    Expected,
    /// Has come.
    Here,
    /// Has not come, and the room has started.
    Missing,
}

impl Attendance {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Expected, Self::Here, Self::Missing];
    /// As sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Here => "here",
            Self::Missing => "missing",
        }
    }
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }
    /// What staff say, else whether the candidate has come in, else how far the room is.
    pub fn of(said: Option<Said>, joined: bool, phase: RoomPhase) -> Self {
        match (said, joined, phase) {
            (Some(Said::Here), ..) | (None, true, _) => Self::Here,
            (Some(Said::Missing), ..) => Self::Missing,
            (None, false, RoomPhase::Scheduled | RoomPhase::Open) => Self::Expected,
            (None, false, RoomPhase::Running | RoomPhase::Paused | RoomPhase::Ended) => Self::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_staff_say_stands_above_what_the_room_knows() {
        use RoomPhase::{Ended, Open, Running};
        let of = Attendance::of;
        assert_eq!(of(None, false, Open), Attendance::Expected);
        assert_eq!(of(None, false, Running), Attendance::Missing);
        assert_eq!(of(None, false, Ended), Attendance::Missing);
        assert_eq!(of(None, true, Open), Attendance::Here);
        assert_eq!(of(Some(Said::Missing), true, Running), Attendance::Missing, "somebody else sits there");
        assert_eq!(of(Some(Said::Here), false, Running), Attendance::Here, "the computer does not work yet");
    }
}
