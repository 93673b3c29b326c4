//! What accounts are, and what they may in a room.

/// What an account may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Manages accounts, reaches every exam and room.
    Admin,
    /// May create exams, and works in rooms by grant.
    Teacher,
    /// Reaches the candidates that bear its student id.
    Student,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Teacher, Self::Student];
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Teacher => "teacher",
            Self::Student => "student",
        }
    }
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == text)
    }
}

/// One right in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Right {
    /// See the live room.
    Watch = 1,
    /// Send messages.
    Message = 2,
    /// Change time.
    Time = 4,
    /// Open, start, pause, end; candidates, codes, takeovers.
    Control = 8,
    /// See the paper with its key.
    Paper = 16,
    /// See results and answers.
    Results = 32,
}

impl Right {
    /// Every right, in the order in which it is shown.
    pub const ALL: &'static [Self] = &[Self::Watch, Self::Message, Self::Time, Self::Control, Self::Paper, Self::Results];
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Message => "message",
            Self::Time => "time",
            Self::Control => "control",
            Self::Paper => "paper",
            Self::Results => "results",
        }
    }
}

/// The rights of one user in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u8);

impl Rights {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// Every right: the owner's.
    pub const ALL: Self = Self(63);
    /// An invigilator's usual grant: everything but the key and the results.
    pub const INVIGILATOR: Self = Self(15);
    /// Whether `right` is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 & right as u8 != 0
    }
    /// Adds a right.
    #[must_use]
    pub fn with(self, right: Right) -> Self {
        Self(self.0 | right as u8)
    }
    /// Names, in the order in which they are shown.
    pub fn names(self) -> Vec<&'static str> {
        Right::ALL.iter().filter(|r| self.has(**r)).map(|r| r.as_str()).collect()
    }
    /// From names; None when one is unknown.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut rights = Self::NONE;
        for name in names {
            rights = rights.with(*Right::ALL.iter().find(|r| r.as_str() == name)?);
        }
        Some(rights)
    }
}
