//! Why the server closes a socket.

use crate::limits;

/// Why the server closes a socket. 4000-4499: come back; 4500-4999: do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// 1003: a binary frame.
    Binary,
    /// 1009: a message over the limit.
    TooBig,
    /// 4001: this node is going away.
    Draining,
    /// 4004: something went wrong here.
    Internal,
    /// 4008: the peer reads too slowly.
    Slow,
    /// 4012: nothing was heard for too long.
    Silent,
    /// 4013: too many frames.
    TooFast,
    /// 4501: too many malformed frames.
    Malformed,
    /// 4503: the session has ended.
    Revoked,
    /// 4504: too many connections for this credential.
    Limit,
    /// 4507: not yours any more.
    Forbidden,
    /// 4510: another connection writes now.
    Superseded,
    /// 4511: the room is over.
    RoomOver,
}

impl Close {
    /// The code on the wire.
    pub fn code(self) -> u16 {
        match self {
            Self::Binary => 1003,
            Self::TooBig => 1009,
            Self::Draining => 4001,
            Self::Internal => 4004,
            Self::Slow => 4008,
            Self::Silent => 4012,
            Self::TooFast => 4013,
            Self::Malformed => 4501,
            Self::Revoked => 4503,
            Self::Limit => 4504,
            Self::Forbidden => 4507,
            Self::Superseded => 4510,
            Self::RoomOver => 4511,
        }
    }
    /// The reason on the wire.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::TooBig => "too_big",
            Self::Draining => "draining",
            Self::Internal => "internal",
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::TooFast => "too_fast",
            Self::Malformed => "malformed",
            Self::Revoked => "revoked",
            Self::Limit => "limit",
            Self::Forbidden => "forbidden",
            Self::Superseded => "superseded",
            Self::RoomOver => "room_over",
        }
    }
    /// Whether the client should come back: the range says it.
    pub fn reconnect(self) -> bool {
        (4000..4500).contains(&self.code())
    }
    /// Bounds of the random wait before coming back, in ms.
    pub fn after_ms(self) -> (i64, i64) {
        match self {
            Self::Draining => limits::DRAIN_AWAY_MS,
            _ if self.reconnect() => (0, 10_000),
            _ => (0, 0),
        }
    }
}
