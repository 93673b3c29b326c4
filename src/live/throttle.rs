//! Token buckets, keyed by text. Bounded: full buckets are forgotten first.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lock;
use crate::domain::Ms;
use crate::limits;

/// Keys remembered at most.
const KEYS: usize = 50_000;

/// How much of something is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// At once.
    pub burst: f64,
    /// Tokens that come back per second.
    pub per_second: f64,
}

/// A guess of one entry code, or of one room part.
pub const CODE: Allowance = Allowance { burst: 10.0, per_second: 0.2 };
/// Wrong codes from one address: an exam hall shares one address.
pub const CODE_ADDRESS: Allowance = Allowance { burst: 2_000.0, per_second: 5.0 };
/// Wrong passwords of one account.
pub const LOGIN: Allowance = Allowance { burst: 8.0, per_second: 0.1 };
/// Wrong passwords from one address.
pub const LOGIN_ADDRESS: Allowance = Allowance { burst: 100.0, per_second: 1.0 };
/// What a candidate writes.
pub const CANDIDATE_MESSAGES: Allowance = Allowance::of(limits::CANDIDATE_MESSAGES);
/// What a member of staff writes.
pub const STAFF_MESSAGES: Allowance = Allowance::of(limits::STAFF_MESSAGES);
/// A hand, up and down.
pub const HAND_MOVES: Allowance = Allowance::of(limits::HAND_MOVES);
/// Receipts given by hand.
pub const RECEIPTS: Allowance = Allowance::of(limits::RECEIPTS);
/// Reports to one check of computers.
pub const CHECK_REPORTS: Allowance = Allowance::of(limits::CHECK_REPORTS);
/// Wrong codes of checks from one address.
pub const CHECK_GUESSES: Allowance = Allowance::of(limits::CHECK_GUESSES);

/// Signals of a page.
pub const SIGNALS: Allowance = Allowance::of(limits::SIGNALS);

impl Allowance {
    const fn of((burst, per_second): (f64, f64)) -> Self {
        Self { burst, per_second }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at_ms: Ms,
    allowance: Allowance,
}

impl Bucket {
    fn level(&self, now: Ms) -> f64 {
        // Milliseconds since the last visit fit an f64 exactly.
        #[expect(clippy::cast_precision_loss, reason = "a difference of instants is far below 2^53")]
        let seconds = (now - self.at_ms).max(0) as f64 / 1000.0;
        (self.tokens + seconds * self.allowance.per_second).min(self.allowance.burst)
    }
}

/// Every bucket of this node.
#[derive(Debug, Default)]
pub struct Throttles {
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Throttles {
    /// Whether `key` has a token left; takes nothing.
    pub fn has(&self, key: &str, allowance: Allowance, now: Ms) -> bool {
        lock(&self.buckets).get(key).is_none_or(|b| b.level(now) >= 1.0) || allowance.burst < 1.0
    }
    /// Takes a token, or says how many seconds it takes until there is one.
    pub fn wait(&self, key: &str, allowance: Allowance, now: Ms) -> Result<(), u32> {
        if self.take(key, allowance, now) {
            return Ok(());
        }
        let level = lock(&self.buckets).get(key).map_or(0.0, |b| b.level(now));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wait of seconds, at least one")]
        let seconds = ((1.0 - level) / allowance.per_second).ceil().max(1.0) as u32;
        Err(seconds)
    }
    /// Takes a token; false when there was none.
    pub fn take(&self, key: &str, allowance: Allowance, now: Ms) -> bool {
        let mut buckets = lock(&self.buckets);
        if buckets.len() >= KEYS {
            buckets.retain(|_, b| b.level(now) < b.allowance.burst);
        }
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { tokens: allowance.burst, at_ms: now, allowance });
        let level = bucket.level(now);
        bucket.at_ms = now;
        bucket.tokens = if level >= 1.0 { level - 1.0 } else { level };
        level >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let throttles = Throttles::default();
        let two = Allowance { burst: 2.0, per_second: 1.0 };
        assert!(throttles.take("a", two, 0) && throttles.take("a", two, 0));
        assert!(!throttles.take("a", two, 0) && !throttles.has("a", two, 999));
        assert!(throttles.take("b", two, 0), "another key has its own tokens");
        assert!(throttles.has("a", two, 1000) && throttles.take("a", two, 1000));
        assert!(!throttles.take("a", two, 1500));
    }
}
