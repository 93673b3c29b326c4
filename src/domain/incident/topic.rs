//! What incidents are about.

macro_rules! topics {
    ($($name:ident = $category:literal, $kind:literal;)*) => {
        /// What an incident is about, on two levels: `category.kind`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Topic { $(#[doc = concat!("`", $category, ".", $kind, "`")] $name),* }
        impl Topic {
            /// Every topic, by category.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Both levels, as stored and sent.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => concat!($category, ".", $kind)),* } }
            /// The upper level.
            pub fn category(self) -> &'static str { match self { $(Self::$name => $category),* } }
            /// The key of its words.
            pub fn key(self) -> &'static str { match self { $(Self::$name => concat!("topic-", $category, "-", $kind)),* } }
        }
    };
}

topics! {
    Alarm = "environment", "alarm";
    Noise = "environment", "noise";
    Power = "environment", "power";
    Place = "environment", "place";
    EnvironmentOther = "environment", "other";
    Illness = "candidate", "illness";
    LeftRoom = "candidate", "left_room";
    Late = "candidate", "late";
    LeftPage = "candidate", "left_page";
    Paste = "candidate", "paste";
    Conduct = "candidate", "conduct";
    CandidateOther = "candidate", "other";
    Mistake = "staff", "mistake";
    LateStart = "staff", "late_start";
    Shortage = "staff", "shortage";
    StaffOther = "staff", "other";
    Connection = "technical", "connection";
    Computer = "technical", "computer";
    Service = "technical", "service";
    LatePaper = "technical", "late_paper";
    Device = "technical", "device";
    TechnicalOther = "technical", "other";
}

impl Topic {
    /// The upper level, in the order in which it is shown.
    pub const CATEGORIES: [&'static str; 4] = ["environment", "candidate", "staff", "technical"];
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == text)
    }
}
