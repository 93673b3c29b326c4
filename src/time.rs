//! Trusted time: the only source of `now`, and the only file that reads a clock.
//!
//! The system clock is read once, when the process starts. From then on `now` is that anchor plus the time that has
//! elapsed on a monotonic clock, so a step of the system clock (a person, NTP, a virtual machine) moves no deadline and
//! expires no token. The step is seen as `drift_ms` and reported. It is followed (`correct`) only on a person's command or
//! while no room is open; `service::pulse` decides that. Nodes that share a database take their time from its clock instead
//! (`step`, `slew`; `service::one_time` decides), so that they have one time whatever their own clocks say. What a suspended
//! machine slept is not on the monotonic clock: it is found (`slept_ms`) and added. The monotonic clock is tokio's: a test that
//! pauses it owns time.

mod course;
mod start;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Datelike, Local, SecondsFormat, TimeZone};
use tokio::time::Instant;

use crate::domain::Ms;
use crate::weaken;
use course::{Course, micros};
pub use course::{Reading, Sample};
pub use start::{ClockBehind, Doubt, Known};

/// Longest single sleep of `sleep_until`: after it the clock is asked again, so a machine that was suspended is late by
/// this much at most.
const SLEEP_STEP: Duration = Duration::from_secs(1);
/// 0000 to 1969 and anything from 10000 on cannot be an instant of an exam.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;
/// 9999-12-31T23:59:59.999Z in Unix milliseconds.
const LAST_MS: Ms = 253_402_300_799_999;
/// The machine slept if the clock that counts sleep is ahead of the one that does not by more than this, ms. Its file counts
/// hundredths of a second.
const SLEPT_MS: Ms = 1_000;

/// Trusted time. Clones share the anchor and its corrections.
#[derive(Debug, Clone)]
pub struct Time {
    anchor_wall_ms: Ms,
    anchor: Instant,
    /// Seconds the machine had been up at the anchor, sleep included; none where that cannot be read.
    anchor_up: Option<Duration>,
    shift: Arc<Shift>,
}

/// What has been added to the anchor since.
#[derive(Debug, Default)]
struct Shift {
    /// In all.
    course: RwLock<Course>,
    /// Of it: what the machine slept, ms.
    slept_ms: AtomicI64,
}

impl Time {
    /// Time that says `wall_ms` at this moment and runs from there.
    #[expect(clippy::disallowed_methods, reason = "the one reading of the monotonic clock that anchors trusted time")]
    pub fn anchored(wall_ms: Ms) -> Self {
        Self { anchor_wall_ms: wall_ms, anchor: Instant::now(), anchor_up: up(), shift: Arc::default() }
    }

    /// Moves a time that has just been set by some clock to where it may begin by what the store knows. Never before the last event: a
    /// machine whose clock was set back while it was off would otherwise write new facts before old ones.
    pub fn begin(&self, known: Known, accept_behind: bool) -> Result<Vec<Doubt>, ClockBehind> {
        let clock_ms = self.now();
        let (anchor, doubts) = start::anchor(clock_ms, start::BUILT_MS, known, accept_behind)?;
        self.correct(anchor - clock_ms);
        Ok(doubts)
    }

    /// The present instant.
    pub fn now(&self) -> Ms {
        if weaken::on("wall_clock") {
            return Self::wall_ms();
        }
        self.micros_at(self.mono()).div_euclid(1000)
    }

    /// Trusted time when the monotonic clock says `mono`, Unix µs.
    fn micros_at(&self, mono: Duration) -> i64 {
        self.base_us(mono).saturating_add(micros(mono))
    }

    /// What trusted time was, or would have been, at the anchor, by what has been added until `mono`; Unix µs.
    fn base_us(&self, mono: Duration) -> i64 {
        let course = *self.shift.course.read().unwrap_or_else(PoisonError::into_inner);
        self.anchor_wall_ms.saturating_mul(1000).saturating_add(course.at(mono))
    }

    fn turn(&self, change: impl FnOnce(Course) -> Course) {
        let mut course = self.shift.course.write().unwrap_or_else(PoisonError::into_inner);
        *course = change(*course);
    }

    /// Sets trusted time forward, or back if `by_ms` is negative, for every clone.
    pub fn correct(&self, by_ms: Ms) {
        self.step(by_ms.saturating_mul(1000));
    }

    /// How far another clock is ahead of trusted time, µs.
    pub fn behind_us(&self, reading: &Reading) -> i64 {
        reading.said_us.saturating_sub(self.micros_at(reading.at))
    }

    /// Sets trusted time forward, or back, by so many µs, at once.
    pub fn step(&self, by_us: i64) {
        self.turn(|course| course.stepped(by_us));
    }

    /// Lets trusted time run a little faster, or slower, until it is `by_us` further than it would have been. Replaces what was asked before.
    pub fn slew(&self, by_us: i64) {
        let mono = self.mono();
        self.turn(|course| course.slewed(mono, by_us));
    }

    /// How long the machine has slept without trusted time having been told; 0 if it has not, or where that cannot be known.
    pub fn slept_ms(&self) -> Ms {
        let Some((then, now)) = self.anchor_up.zip(up()) else { return 0 };
        let counted = millis(self.mono()).saturating_add(self.shift.slept_ms.load(Ordering::Acquire));
        let slept = millis(now.saturating_sub(then)).saturating_sub(counted);
        if slept > SLEPT_MS { slept } else { 0 }
    }

    /// Adds what the machine slept.
    pub fn wake(&self, slept_ms: Ms) {
        self.shift.slept_ms.fetch_add(slept_ms, Ordering::AcqRel);
        self.correct(slept_ms);
    }

    /// Monotonic time since the anchor, to measure how long something took.
    pub fn mono(&self) -> Duration {
        self.anchor.elapsed()
    }

    /// The system clock as it is, in Unix milliseconds. Only for comparing: it may step.
    #[expect(clippy::disallowed_methods, reason = "the one reading of the system clock: the anchor, and drift against it")]
    pub fn wall_ms() -> Ms {
        match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        }
    }

    /// How far the system clock is ahead of trusted time, in milliseconds. Beyond 500 either way the operator is told
    /// (`clock_step`); trusted time does not follow while a room is open.
    pub fn drift_ms(&self) -> Ms {
        Self::wall_ms().saturating_sub(self.now())
    }

    /// Where `at` lies on the monotonic clock. An instant before the anchor is the anchor: it is past either way.
    pub fn instant_of(&self, at: Ms) -> Instant {
        // Thirty years ahead is "never" for a sleep, and safe to add on every platform.
        const FAR: Duration = Duration::from_hours(30 * 365 * 24);
        let ahead = u64::try_from(at.saturating_mul(1000).saturating_sub(self.base_us(self.mono()))).unwrap_or(0);
        self.anchor + Duration::from_micros(ahead).min(FAR)
    }

    /// How long until `at`; zero when it is past.
    pub fn until(&self, at: Ms) -> Duration {
        self.instant_of(at).saturating_duration_since(self.anchor + self.mono())
    }

    /// The instant that lies `length` ahead on the monotonic clock.
    pub fn after(&self, length: Duration) -> Instant {
        self.anchor + self.mono() + length
    }

    /// How long ago an instant of the monotonic clock was; zero when it lies ahead.
    pub fn since(&self, at: Instant) -> Duration {
        (self.anchor + self.mono()).saturating_duration_since(at)
    }

    /// Returns when `now` has reached `at`.
    pub async fn sleep_until(&self, at: Ms) {
        while self.now() < at {
            tokio::time::sleep(self.until(at).min(SLEEP_STEP)).await;
        }
    }
}

/// The first instant after `now` at which clocks on the wall of this machine's zone show `minute` of the day; where that minute falls into
/// a change of the clocks, the next day's.
pub fn next_local(now: Ms, minute: u32) -> Ms {
    let here =
        Local.timestamp_millis_opt(now).earliest().map_or_else(|| DateTime::UNIX_EPOCH.naive_utc().date(), |at| at.date_naive());
    let on = |day: chrono::NaiveDate| {
        let at = day.and_hms_opt(minute / 60 % 24, minute % 60, 0)?;
        Local.from_local_datetime(&at).earliest().map(|at| at.timestamp_millis())
    };
    let days = here.iter_days().take(4).filter_map(on);
    days.filter(|at| *at > now).min().unwrap_or(now.saturating_add(DAY_MS))
}

/// A day, in milliseconds.
const DAY_MS: Ms = 24 * 3_600_000;

/// How long the machine has been up, its sleep included (`CLOCK_BOOTTIME`). Linux only: elsewhere a suspended machine is not
/// noticed by this, but the system clock then shows as drift.
fn up() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

fn millis(length: Duration) -> Ms {
    Ms::try_from(length.as_millis()).unwrap_or(Ms::MAX)
}

/// Text is not an instant of the years 1970 to 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 instant between 1970 and 9999")]
pub struct BadInstant;

/// An instant as RFC 3339 in UTC with milliseconds: `2026-11-03T09:05:00.000Z`. Outside 1970 to 9999 it is the nearest
/// instant inside.
pub fn rfc3339_ms(at: Ms) -> String {
    DateTime::from_timestamp_millis(at.clamp(0, LAST_MS))
        .unwrap_or(DateTime::UNIX_EPOCH)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads an RFC 3339 instant with any offset. Digits below a millisecond are cut.
pub fn parse_rfc3339(text: &str) -> Result<Ms, BadInstant> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| BadInstant)?.to_utc();
    if YEARS.contains(&at.year()) { Ok(at.timestamp_millis()) } else { Err(BadInstant) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NINE: Ms = 1_793_696_400_000;

    #[tokio::test(start_paused = true)]
    async fn time_runs_on_the_clock_that_tests_can_move() {
        let time = Time::anchored(NINE);
        assert_eq!(time.now(), NINE);
        tokio::time::advance(Duration::from_millis(90 * 60_000 + 7)).await;
        assert_eq!(time.now(), NINE + 90 * 60_000 + 7);
        assert_eq!(time.clone().mono(), Duration::from_millis(90 * 60_000 + 7));
    }

    #[tokio::test(start_paused = true)]
    async fn the_system_clock_moves_nothing_and_shows_as_drift() {
        // The system clock is an hour ahead of the anchor, which is what a step of an hour looks like afterwards.
        let hour = 3_600_000;
        let time = Time::anchored(Time::wall_ms() - hour);
        let before = time.now();
        assert!((time.drift_ms() - hour).abs() < 1_000, "{}", time.drift_ms());
        assert_eq!(time.now(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_correction_moves_every_clone_and_every_wait() {
        let time = Time::anchored(NINE);
        let clone = time.clone();
        tokio::time::advance(Duration::from_secs(2)).await;
        let due = time.instant_of(NINE + 10_000);
        clone.correct(5_000);
        assert_eq!(time.now(), NINE + 7_000);
        assert_eq!(time.until(NINE + 10_000), Duration::from_secs(3));
        assert_eq!(due - time.instant_of(NINE + 10_000), Duration::from_secs(5), "what lay 8 s ahead lies 3 s ahead");
        assert_eq!(time.mono(), Duration::from_secs(2), "lengths are measured, not corrected");
        time.correct(-6_000);
        assert_eq!((clone.now(), clone.until(NINE)), (NINE + 1_000, Duration::ZERO));
        time.sleep_until(NINE + 4_000).await;
        assert_eq!(time.now(), NINE + 4_000);
    }

    #[tokio::test(start_paused = true)]
    async fn another_clock_is_reached_by_slewing() {
        let time = Time::anchored(NINE);
        tokio::time::advance(Duration::from_secs(1)).await;
        let sample = Sample { asked: time.mono(), answered: time.mono(), said_us: (NINE + 1_003) * 1000 };
        let reading = Reading::best(&[sample]).unwrap();
        assert_eq!(time.behind_us(&reading), 3_000);
        time.slew(3_000);
        assert_eq!(time.now(), NINE + 1_000, "nothing at once");
        assert_eq!(time.until(NINE + 2_000), Duration::from_secs(1));
        time.sleep_until(NINE + 61_000).await;
        assert_eq!((time.now(), time.mono()), (NINE + 61_000, Duration::from_millis(60_997)));
        time.step(-61_000_000);
        assert_eq!(time.now(), NINE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_correction_ends_a_sleep_within_a_second() {
        let time = Time::anchored(NINE);
        let sleeper = tokio::spawn({
            let time = time.clone();
            async move {
                time.sleep_until(NINE + 3_600_000).await;
                time.mono()
            }
        });
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        time.correct(3_600_000);
        assert_eq!(sleeper.await.unwrap(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_machine_slept_is_found_once() {
        // Monotonic time stands still in this test while the machine's own goes on: as seen from inside, a sleep. An hour of it is
        // what an anchor an hour earlier on that clock looks like.
        let mut time = Time::anchored(NINE);
        assert_eq!(time.slept_ms(), 0);
        let Some(at) = time.anchor_up else { return };
        time.anchor_up = Some(at.saturating_sub(Duration::from_millis(900)));
        assert_eq!(time.slept_ms(), 0, "below what is told apart from noise");
        time.anchor_up = Some(Duration::ZERO);
        let slept = time.slept_ms();
        assert!(slept >= millis(at), "{slept}");
        time.wake(slept);
        assert_eq!((time.now(), time.slept_ms()), (NINE + slept, 0));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(time.slept_ms(), 0, "time that runs is no sleep");
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_takes_the_later_of_clock_and_last_event() {
        let wall = Time::wall_ms();
        let (time, future) = (Time::anchored(wall), wall + 60_000);
        time.begin(Known::default(), false).unwrap();
        assert_eq!(time.now(), wall);
        time.begin(Known { event_ms: Some(future), beat_ms: None }, false).unwrap();
        assert_eq!(time.now(), future);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_at_its_instant_and_not_before() {
        let time = Time::anchored(NINE);
        time.sleep_until(NINE + 7_200_123).await;
        assert_eq!(time.now(), NINE + 7_200_123);
        time.sleep_until(NINE).await;
        time.sleep_until(Ms::MIN).await;
        assert_eq!(time.now(), NINE + 7_200_123, "what is past is not waited for");
    }

    #[tokio::test(start_paused = true)]
    async fn instants_and_lengths_agree() {
        let time = Time::anchored(NINE);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(time.until(NINE + 2_000), Duration::from_millis(1_500));
        assert_eq!(time.until(NINE - 1), Duration::ZERO);
        assert_eq!(time.instant_of(NINE + 2_000) - time.instant_of(NINE), Duration::from_secs(2));
        // Extremes neither overflow nor come due.
        assert_eq!(time.until(Ms::MIN), Duration::ZERO);
        assert!(time.until(Ms::MAX) > Duration::from_hours(365 * 24));
    }

    #[test]
    fn a_minute_of_the_day_comes_within_a_day() {
        for minute in [0, 150, 1439] {
            let next = next_local(NINE, minute);
            assert!(next > NINE && next <= NINE + 26 * 3_600_000, "{minute}: {next}");
            assert_eq!(next % 60_000, 0);
            assert!(next_local(next, minute) > next);
        }
    }

    #[test]
    fn instants_are_written_in_utc_with_milliseconds() {
        assert_eq!(rfc3339_ms(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339_ms(1_793_696_400_005), "2026-11-03T09:00:00.005Z");
        assert_eq!(rfc3339_ms(LAST_MS), "9999-12-31T23:59:59.999Z");
        assert_eq!(rfc3339_ms(Ms::MAX), rfc3339_ms(LAST_MS));
        assert_eq!(rfc3339_ms(Ms::MIN), rfc3339_ms(0));
    }

    #[test]
    fn any_offset_is_read_and_other_years_are_not() {
        assert_eq!(parse_rfc3339("2026-11-03T17:00:00.005+08:00"), Ok(1_793_696_400_005));
        assert_eq!(parse_rfc3339("2026-11-03T09:00:00.0059Z"), Ok(1_793_696_400_005));
        assert_eq!(parse_rfc3339("1970-01-01T00:00:00Z"), Ok(0));
        for bad in [
            "",
            "2026-11-03",
            "2026-11-03T09:00:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T01:00:00+02:00",
            "+10000-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_rfc3339(bad), Err(BadInstant), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(at in 0..=LAST_MS) {
            prop_assert_eq!(parse_rfc3339(&rfc3339_ms(at)), Ok(at));
        }
    }
}
