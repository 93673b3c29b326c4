//! How trusted time is brought to another clock without a step, and what a look at that clock is worth. Pure.

use std::time::Duration;

use crate::limits::SLEW_PPM;

/// What is to be added to the anchor and the monotonic time since. It runs to its aim at `SLEW_PPM`, so that time goes on a little faster
/// or slower and never back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Course {
    /// Since when, on the monotonic clock.
    at: Duration,
    /// What it was then, µs.
    from_us: i64,
    /// What it will be, µs.
    to_us: i64,
}

impl Course {
    /// What is added when the monotonic clock says `mono`, µs.
    pub(super) fn at(&self, mono: Duration) -> i64 {
        let most = micros(mono.saturating_sub(self.at)).saturating_mul(SLEW_PPM) / 1_000_000;
        self.from_us.saturating_add(self.to_us.saturating_sub(self.from_us).clamp(-most, most))
    }

    /// The same with a step.
    pub(super) fn stepped(self, by_us: i64) -> Self {
        Self { from_us: self.from_us.saturating_add(by_us), to_us: self.to_us.saturating_add(by_us), ..self }
    }

    /// From `mono` on towards what it is then and `by_us` more; an earlier aim is forgotten.
    pub(super) fn slewed(self, mono: Duration, by_us: i64) -> Self {
        let from_us = self.at(mono);
        Self { at: mono, from_us, to_us: from_us.saturating_add(by_us) }
    }
}

/// One look at another clock: what it said (Unix µs) after we asked and before we had the answer, by our monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When we asked.
    pub asked: Duration,
    /// When we had the answer.
    pub answered: Duration,
    /// What it said, Unix µs.
    pub said_us: i64,
}

/// What the best of several looks says. However unequal the ways there and back were, the other clock was at `said_us` at `at`, give or
/// take `bound_us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The middle of the look, on our monotonic clock.
    pub at: Duration,
    /// What the other clock said, Unix µs.
    pub said_us: i64,
    /// Half the round trip, µs: the greatest possible error.
    pub bound_us: i64,
}

impl Reading {
    /// The quickest look: it is the one that can be wrong by least. None where nobody looked.
    pub fn best(samples: &[Sample]) -> Option<Self> {
        let trip = |sample: &Sample| sample.answered.saturating_sub(sample.asked);
        let best = samples.iter().min_by_key(|sample| trip(sample))?;
        let half = trip(best) / 2;
        Some(Self { at: best.asked + half, said_us: best.said_us, bound_us: micros(half).saturating_add(1) })
    }
}

pub(super) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_slew_takes_its_time_and_ends_at_its_aim() {
        let course = Course::default().slewed(s(10), 5_000);
        assert_eq!((course.at(s(9)), course.at(s(10))), (0, 0));
        assert_eq!(course.at(s(12)), 2 * SLEW_PPM, "µs a second are parts in a million");
        assert_eq!(course.at(s(1_000)), 5_000);
        let back = course.slewed(s(1_000), -5_000).stepped(1_000_000);
        assert_eq!(back.at(s(1_001)), 1_005_000 - SLEW_PPM);
        assert_eq!(back.at(s(9_000)), 1_000_000);
        // A new aim counts from where the course is, not from where it was going.
        assert_eq!(course.slewed(s(12), 0).at(s(9_000)), 2 * SLEW_PPM);
    }

    #[test]
    fn the_quickest_look_counts() {
        let look = |asked, answered, said_us| Sample {
            asked: Duration::from_millis(asked),
            answered: Duration::from_millis(answered),
            said_us,
        };
        assert_eq!(Reading::best(&[]), None);
        let best = Reading::best(&[look(0, 50, 7), look(100, 104, 8), look(200, 230, 9)]).unwrap();
        assert_eq!((best.at, best.said_us, best.bound_us), (Duration::from_millis(102), 8, 2_001));
    }

    proptest! {
        /// Whatever is asked of it, a slew never sets time back: it is slower than time itself.
        #[test]
        fn time_never_goes_back(aims in prop::collection::vec((0_u64..10_000_000, -10_000_000_i64..10_000_000), 1..20), steps in 1_u64..5_000) {
            let (mut mono, mut course, mut last) = (Duration::ZERO, Course::default(), i64::MIN);
            for (wait, aim) in aims {
                course = course.slewed(mono, aim);
                for _ in 0..4 {
                    let now = micros(mono) + course.at(mono);
                    prop_assert!(now >= last);
                    last = now;
                    mono += Duration::from_micros(wait / 4 + steps);
                }
            }
        }
    }
}
