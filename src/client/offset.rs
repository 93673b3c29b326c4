//! What the server's clock says, from the client's own: intervals that hold the truth, cut with each other. Pure.
//!
//! One exchange bounds the offset whatever the way there and back took: the server read the frame after it was sent and
//! wrote the answer before that was read. A quiet exchange makes a narrow interval and pins it for the rest.

use std::collections::VecDeque;

/// Exchanges that are cut with each other.
const KEPT: usize = 16;
/// How far two clocks may part, in milliseconds a millisecond: 100 parts in a million.
const DRIFT: f64 = 100e-6;

/// Where the server's clock lies against the client's, in milliseconds to add to the client's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The middle of what is possible.
    pub middle: f64,
    /// Half its width: the greatest possible error.
    pub bound: f64,
}

#[derive(Debug, Clone, Copy)]
struct Interval {
    low: f64,
    high: f64,
    at: f64,
}

/// The last exchanges.
#[derive(Debug, Clone, Default)]
pub struct Offset {
    kept: VecDeque<Interval>,
}

impl Offset {
    /// Takes one exchange: sent at `t0` and answered at `t3` by the client's clock, read at `t1` and written at `t2` by the
    /// server's, all in milliseconds. False when it contradicts what was known: a clock has jumped, and only this exchange
    /// is kept.
    pub fn take(&mut self, t0: f64, t1: f64, t2: f64, t3: f64) -> bool {
        // The server cuts its instants to whole milliseconds: the truth may be almost one later.
        let new = Interval { low: t2 - t3, high: t1 + 1.0 - t0, at: t3 };
        if new.high < new.low {
            return true;
        }
        self.kept.push_back(new);
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        let agrees = self.cut(t3).is_some();
        if !agrees {
            self.kept.clear();
            self.kept.push_back(new);
        }
        agrees
    }

    /// The best that is known at `now` by the client's clock; None before the first exchange.
    pub fn estimate(&self, now: f64) -> Option<Estimate> {
        let (low, high) = self.cut(now)?;
        Some(Estimate { middle: f64::midpoint(low, high), bound: (high - low) / 2.0 })
    }

    fn cut(&self, now: f64) -> Option<(f64, f64)> {
        let aged = self.kept.iter().map(|kept| {
            let slack = (now - kept.at).max(0.0) * DRIFT;
            (kept.low - slack, kept.high + slack)
        });
        let (low, high) = aged.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1)))?;
        (low <= high).then_some((low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_quiet_exchange_pins_what_slow_ones_leave_open() {
        let mut offset = Offset::default();
        assert_eq!(offset.estimate(0.0), None);
        // Server = client + 5,000. There 300 ms, back 20 ms.
        assert!(offset.take(0.0, 5_300.0, 5_300.0, 320.0));
        assert!(offset.estimate(320.0).unwrap().bound > 150.0);
        assert!(offset.take(400.0, 5_401.0, 5_401.0, 402.0));
        let estimate = offset.estimate(402.0).unwrap();
        assert!((estimate.middle - 5_000.0).abs() <= estimate.bound && estimate.bound <= 1.6, "{estimate:?}");
    }

    #[test]
    fn a_jump_drops_what_was_known() {
        let mut offset = Offset::default();
        assert!(offset.take(0.0, 5_001.0, 5_001.0, 2.0));
        assert!(!offset.take(1_000.0, 9_001.0, 9_001.0, 1_002.0));
        assert!((offset.estimate(1_002.0).unwrap().middle - 8_000.0).abs() < 2.0);
    }

    #[test]
    fn what_is_known_ages() {
        let mut offset = Offset::default();
        offset.take(0.0, 5_001.0, 5_001.0, 2.0);
        let fresh = offset.estimate(2.0).unwrap().bound;
        let old = offset.estimate(60_002.0).unwrap().bound;
        assert!((old - fresh - 6.0).abs() < 0.001, "{fresh} {old}");
    }

    proptest! {
        #[test]
        fn the_truth_is_always_inside(
            offset_ms in -1e9_f64..1e9,
            exchanges in prop::collection::vec((0.0_f64..1_000.0, 0.0_f64..600.0, 0.0_f64..5.0, 0.0_f64..600.0), 1..40),
        ) {
            let (mut known, mut now) = (Offset::default(), 0.0);
            for (gap, there, inside, back) in exchanges {
                let t0 = now + gap;
                let t1 = (t0 + there + offset_ms).floor();
                let t2 = (t0 + there + inside + offset_ms).floor();
                now = t0 + there + inside + back;
                prop_assert!(known.take(t0, t1, t2, now));
                let estimate = known.estimate(now).unwrap();
                prop_assert!((estimate.middle - offset_ms).abs() <= estimate.bound + 1e-3, "{:?}", estimate);
            }
        }
    }
}
