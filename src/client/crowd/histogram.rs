//! Latencies in buckets that are never wider than 1.6 % of what they hold; shared by many tasks, merged by adding.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Steps between two powers of two.
const STEPS: u64 = 64;
/// Buckets up to 2^36 microseconds, 19 hours; the last one takes what is longer.
const BUCKETS: usize = 1024;

/// Counts of durations in microseconds.
#[derive(Debug)]
pub struct Histogram {
    buckets: Vec<AtomicU64>,
    max_us: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: std::iter::repeat_with(AtomicU64::default).take(BUCKETS).collect(), max_us: AtomicU64::new(0) }
    }
}

/// What a histogram says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quantiles {
    /// How many.
    pub count: u64,
    /// Half are at most this.
    pub p50: Duration,
    /// 95 of 100.
    pub p95: Duration,
    /// 99 of 100.
    pub p99: Duration,
    /// 999 of 1,000.
    pub p999: Duration,
    /// All.
    pub max: Duration,
}

/// Below `STEPS` a bucket is one microsecond; then each power of two has `STEPS` / 2 of them.
fn bucket(us: u64) -> usize {
    if us < STEPS {
        return usize::try_from(us).unwrap_or(0);
    }
    let shift = u64::from(us.ilog2() - (STEPS.ilog2() - 1));
    let index = shift * (STEPS / 2) + (us >> shift);
    usize::try_from(index).unwrap_or(BUCKETS - 1).min(BUCKETS - 1)
}

/// The greatest duration of a bucket.
fn top(bucket: usize) -> u64 {
    let (bucket, half) = (bucket as u64, STEPS / 2);
    if bucket < STEPS {
        return bucket;
    }
    let shift = bucket / half - 1;
    ((bucket - shift * half + 1) << shift) - 1
}

impl Histogram {
    /// Counts one.
    pub fn record(&self, length: Duration) {
        let us = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
        if let Some(count) = self.buckets.get(bucket(us)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.max_us.fetch_max(us, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn quantiles(&self) -> Quantiles {
        let counts: Vec<u64> = self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let (count, max) = (counts.iter().sum::<u64>(), self.max_us.load(Ordering::Relaxed));
        let at = |per_mille: u64| {
            let rank = (count * per_mille).div_ceil(1_000).max(1);
            let mut seen = 0;
            let found = counts.iter().position(|n| {
                seen += n;
                seen >= rank
            });
            Duration::from_micros(found.map_or(0, top).min(max))
        };
        Quantiles { count, p50: at(500), p95: at(950), p99: at(990), p999: at(999), max: Duration::from_micros(max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_of_a_thousand() {
        let histogram = Histogram::default();
        assert_eq!(histogram.quantiles(), Quantiles::default());
        (1..=1_000).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        let q = histogram.quantiles();
        assert_eq!((q.count, q.max), (1_000, Duration::from_secs(1)));
        for (got, want) in [(q.p50, 500.0), (q.p95, 950.0), (q.p99, 990.0), (q.p999, 999.0)] {
            let got = got.as_secs_f64() * 1_000.0;
            assert!((want..want * 1.04).contains(&got), "{got} {want}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_own_and_is_narrow(us in 0_u64..1 << 36) {
            let bucket = bucket(us);
            prop_assert!(bucket < BUCKETS);
            prop_assert!(us <= top(bucket));
            prop_assert!(top(bucket) - us <= us / 32);
            prop_assert!(bucket == 0 || top(bucket - 1) < us);
        }
    }
}
