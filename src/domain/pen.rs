//! Who may write for a candidate: one pen is current. A fresh join takes a new pen; a page that comes back shows its pen and keeps it.
//! A reconnect never takes the pen from another page; only a person's choice does.

use super::ids::SessionId;

/// What happens when a fresh join comes from another device while the holder is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeoverPolicy {
    /// Staff or the old page decide.
    Ask,
    /// The newcomer takes it.
    Allow,
    /// The newcomer is refused.
    Refuse,
}

impl TakeoverPolicy {
    /// From text; None when unknown.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ask" => Some(Self::Ask),
            "allow" => Some(Self::Allow),
            "refuse" => Some(Self::Refuse),
            _ => None,
        }
    }
    /// As stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Allow => "allow",
            Self::Refuse => "refuse",
        }
    }
}

/// The current pen.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Its number, from 1.
    pub pen: i64,
    /// After a restore: the least of the numbers that a page of this session may show and still be the holder. The store does not know
    /// which of them were given after the copy was taken.
    pub since: Option<i64>,
    /// Whose it is.
    pub session: &'a SessionId,
    /// Whether that device is connected now.
    pub connected: bool,
}

/// What a join gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PenDecision {
    /// Its own pen again.
    Keep,
    /// The next pen.
    Take,
    /// Waits for a person.
    Ask,
    /// Nothing: the exam forbids it.
    Refuse,
    /// Nothing: the pen it shows has been taken over.
    Superseded,
}

/// Decides a join that shows `shown` (a reconnect) or nothing (a fresh join).
pub fn decide(holder: Option<Holder<'_>>, session: &SessionId, shown: Option<i64>, policy: TakeoverPolicy) -> PenDecision {
    let Some(holder) = holder else { return PenDecision::Take };
    match shown {
        Some(pen) if holder.session == session && (holder.since.unwrap_or(holder.pen)..=holder.pen).contains(&pen) => {
            PenDecision::Keep
        }
        Some(_) => PenDecision::Superseded,
        None if holder.session == session || !holder.connected => PenDecision::Take,
        None => match policy {
            TakeoverPolicy::Ask => PenDecision::Ask,
            TakeoverPolicy::Allow => PenDecision::Take,
            TakeoverPolicy::Refuse => PenDecision::Refuse,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Id;

    #[test]
    fn a_reconnect_never_takes_the_pen_from_another_page() {
        let (a, b) = (SessionId::trusted("ss_a".into()), SessionId::trusted("ss_b".into()));
        let held = |connected| Some(Holder { pen: 2, since: None, session: &a, connected });
        let ask = TakeoverPolicy::Ask;
        assert_eq!(decide(None, &a, None, ask), PenDecision::Take);
        assert_eq!(decide(held(true), &a, Some(2), ask), PenDecision::Keep);
        for (session, shown) in [(&a, 1), (&b, 1), (&b, 2), (&b, 3)] {
            for connected in [true, false] {
                assert_eq!(decide(held(connected), session, Some(shown), TakeoverPolicy::Allow), PenDecision::Superseded);
            }
        }
    }

    #[test]
    fn after_a_restore_the_holder_s_own_page_is_known_by_any_pen_it_may_have_had() {
        let (a, b) = (SessionId::trusted("ss_a".into()), SessionId::trusted("ss_b".into()));
        let held = Some(Holder { pen: 1_002, since: Some(2), session: &a, connected: false });
        for (session, shown, decision) in [
            (&a, 2, PenDecision::Keep),
            (&a, 3, PenDecision::Keep),
            (&a, 1_002, PenDecision::Keep),
            (&a, 1, PenDecision::Superseded),
            (&a, 1_003, PenDecision::Superseded),
            (&b, 2, PenDecision::Superseded),
            (&b, 3, PenDecision::Superseded),
        ] {
            assert_eq!(decide(held, session, Some(shown), TakeoverPolicy::Allow), decision, "{session} {shown}");
        }
    }

    #[test]
    fn a_fresh_join_takes_asks_or_is_refused_by_policy() {
        let (a, b) = (SessionId::trusted("ss_a".into()), SessionId::trusted("ss_b".into()));
        let held = |connected| Some(Holder { pen: 2, since: None, session: &a, connected });
        assert_eq!(decide(held(true), &a, None, TakeoverPolicy::Refuse), PenDecision::Take);
        assert_eq!(decide(held(false), &b, None, TakeoverPolicy::Refuse), PenDecision::Take);
        assert_eq!(decide(held(true), &b, None, TakeoverPolicy::Ask), PenDecision::Ask);
        assert_eq!(decide(held(true), &b, None, TakeoverPolicy::Allow), PenDecision::Take);
        assert_eq!(decide(held(true), &b, None, TakeoverPolicy::Refuse), PenDecision::Refuse);
    }
}
