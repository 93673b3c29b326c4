//! Where trusted time begins: the system clock, unless the store knows better.

use std::fmt;

use super::rfc3339_ms;
use crate::domain::Ms;

/// When this program was built, Unix ms: no true clock is before it.
pub(super) const BUILT_MS: Ms = built();
/// A clock that is behind the last event by more than this is not believed without being told so, ms.
const BEHIND_MS: Ms = 5 * 60_000;
/// A clock that is further from the last event is doubted, ms.
const FAR_MS: Ms = 24 * 3_600_000;

/// What the store knows of time when a process starts, Unix ms.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// The last event of any timeline.
    pub event_ms: Option<Ms>,
    /// The last beat of any node.
    pub beat_ms: Option<Ms>,
}

/// The clock that time is taken from is so far behind the last event that it is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock says {}, but the last event in this database is of {}: it is {} minutes behind. (With a database in a file that is this \
     machine's clock, with PostgreSQL its server's.) Set the clock right and start again. If the clock is right, start once with --accept-clock-behind: time then goes on from the last event.",
    rfc3339_ms(*.clock_ms), rfc3339_ms(*.event_ms), (.event_ms - .clock_ms) / 60_000
)]
pub struct ClockBehind {
    /// That clock.
    pub clock_ms: Ms,
    /// The last event.
    pub event_ms: Ms,
}

/// Something that is odd at start about the clock that time is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It is before the day this program was built.
    BeforeBuild,
    /// It is more than a day from the last event, in ms: ahead, or behind if negative.
    FarFromLastEvent(Ms),
    /// It is behind the last event by this, ms: time goes on from that event.
    BehindLastEvent(Ms),
}

impl Doubt {
    /// The word for logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeBuild => "clock_before_build",
            Self::FarFromLastEvent(_) => "clock_far_from_last_event",
            Self::BehindLastEvent(_) => "clock_behind_last_event",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeBuild => {
                write!(f, "the clock is before the day this program was built ({})", rfc3339_ms(BUILT_MS))
            }
            Self::FarFromLastEvent(ms) => write!(f, "the clock is {} hours from the last event", ms / 3_600_000),
            Self::BehindLastEvent(ms) => {
                write!(f, "the clock is {} s behind the last event: time goes on from there", ms / 1000)
            }
        }
    }
}

/// The instant at which trusted time begins, and what is odd about it. A beat a little ahead of the clock is believed like an event,
/// so that nobody gains what the clock lost; one far ahead was made by a wrong clock that wrote nothing else.
pub(super) fn anchor(clock_ms: Ms, built_ms: Ms, known: Known, accept_behind: bool) -> Result<(Ms, Vec<Doubt>), ClockBehind> {
    let mut doubts = Vec::new();
    if clock_ms < built_ms {
        doubts.push(Doubt::BeforeBuild);
    }
    let ahead = known.event_ms.map(|event_ms| clock_ms.saturating_sub(event_ms));
    if let (Some(event_ms), Some(ahead)) = (known.event_ms, ahead) {
        if ahead < -BEHIND_MS && !accept_behind {
            return Err(ClockBehind { clock_ms, event_ms });
        }
        if ahead.saturating_abs() > FAR_MS {
            doubts.push(Doubt::FarFromLastEvent(ahead));
        }
        if ahead < 0 {
            doubts.push(Doubt::BehindLastEvent(ahead.saturating_neg()));
        }
    }
    let beat_ms =
        known.beat_ms.filter(|beat| *beat <= clock_ms.max(known.event_ms.unwrap_or(clock_ms)).saturating_add(BEHIND_MS));
    Ok((clock_ms.max(known.event_ms.unwrap_or(clock_ms)).max(beat_ms.unwrap_or(clock_ms)), doubts))
}

/// Reads the seconds that the build script leaves.
const fn built() -> Ms {
    let digits = env!("INVIGIL_BUILT_SECONDS").as_bytes();
    let (mut seconds, mut at) = (0, 0);
    while at < digits.len() {
        seconds = seconds * 10 + (digits[at] - b'0') as Ms;
        at += 1;
    }
    seconds * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: Ms = 1_793_696_400_000;
    const MINUTE: Ms = 60_000;
    const DAY: Ms = 24 * 60 * MINUTE;

    fn known(event_ms: Ms) -> Known {
        Known { event_ms: Some(event_ms), beat_ms: None }
    }

    #[test]
    fn the_build_day_is_known() {
        assert!((1_577_836_800_000..=super::super::Time::wall_ms()).contains(&BUILT_MS), "{BUILT_MS}");
    }

    #[test]
    fn a_clock_far_behind_the_last_event_is_refused_unless_accepted() {
        let refused = anchor(NINE - 5 * MINUTE - 1, 0, known(NINE), false).unwrap_err();
        assert_eq!(refused, ClockBehind { clock_ms: NINE - 5 * MINUTE - 1, event_ms: NINE });
        assert!(refused.to_string().contains("--accept-clock-behind"), "{refused}");
        let accepted = anchor(NINE - 2 * DAY, 0, known(NINE), true);
        assert_eq!(accepted, Ok((NINE, vec![Doubt::FarFromLastEvent(-2 * DAY), Doubt::BehindLastEvent(2 * DAY)])));
        let little = anchor(NINE - 5 * MINUTE, 0, known(NINE), false);
        assert_eq!(little, Ok((NINE, vec![Doubt::BehindLastEvent(5 * MINUTE)])));
    }

    #[test]
    fn a_strange_clock_is_doubted() {
        let doubts = |clock, built, known| anchor(clock, built, known, false).unwrap().1;
        assert_eq!(doubts(NINE, NINE, Known::default()), []);
        assert_eq!(doubts(NINE - 1, NINE, Known::default()), [Doubt::BeforeBuild]);
        assert_eq!(doubts(NINE + DAY, NINE, known(NINE)), []);
        assert_eq!(doubts(NINE + DAY + 1, NINE, known(NINE)), [Doubt::FarFromLastEvent(DAY + 1)]);
    }

    #[test]
    fn time_does_not_go_back_behind_a_beat_that_may_be_true() {
        let at = |beat_ms| anchor(NINE, 0, Known { event_ms: Some(NINE - DAY), beat_ms: Some(beat_ms) }, false).unwrap().0;
        assert_eq!(at(NINE - MINUTE), NINE);
        assert_eq!(at(NINE + 5 * MINUTE), NINE + 5 * MINUTE);
        assert_eq!(at(NINE + DAY), NINE, "a wrong clock ran once, and nothing happened under it");
    }
}
