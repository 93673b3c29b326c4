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
    /// Deal with students: messages, hands, incidents, attendance.
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
    /// Those of these that are also among `others`.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }
    /// Those of these that are not among `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
    /// Either's.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
    /// Whether somebody with `own` rights may make these rights of another `after`: nobody gives or takes what is not theirs.
    pub fn may_become(self, after: Self, own: Self) -> bool {
        Self(self.0 ^ after.0).without(own) == Self::NONE
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gives_or_takes_a_right_that_is_not_theirs() {
        let (chief, marker) = (Rights::INVIGILATOR, Rights::NONE.with(Right::Watch).with(Right::Results));
        assert!(Rights::NONE.may_become(chief, chief));
        assert!(!Rights::NONE.may_become(marker, chief), "results are not hers to give");
        assert!(!marker.may_become(Rights::NONE, chief), "nor to take");
        assert!(marker.may_become(marker.with(Right::Time), chief), "what stays is nobody's business");
        assert!(marker.may_become(Rights::NONE, Rights::ALL));
    }
}
