//! Counters, gauges and histograms: every name in one place, so nobody else spells one.
//!
//! Labels come from closed sets (kinds, route classes, codes), never from what a caller sent: a label's values are memory.

use std::sync::OnceLock;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const CONNECTIONS: &str = "invigil_connections_open";
const ACKS: &str = "invigil_acks_total";
const ACK_SECONDS: &str = "invigil_ack_seconds";
const BATCH_ROWS: &str = "invigil_journal_batch_rows";
const COMMIT_SECONDS: &str = "invigil_journal_commit_seconds";
const TICK_LAG_SECONDS: &str = "invigil_tick_lag_seconds";
const DROPS: &str = "invigil_drops_total";
const HTTP_REQUESTS: &str = "invigil_http_requests_total";
const REFUSED: &str = "invigil_refused_total";
const CLOCK_DRIFT_SECONDS: &str = "invigil_clock_drift_seconds";
const BUS_UP: &str = "invigil_bus_up";
const CLOCK_OFFSET_SECONDS: &str = "invigil_clock_offset_seconds";
const CLOCK_LEAD_SECONDS: &str = "invigil_clock_lead_seconds";
const PRESENCE_EDGES: &str = "invigil_presence_edges_total";
const SEALED: &str = "invigil_timeline_sealed_total";
const BACKUPS: &str = "invigil_backups_total";
const BACKUP_SECONDS: &str = "invigil_backup_seconds";
const BACKUP_AGE_SECONDS: &str = "invigil_backup_age_seconds";

/// Seconds: from a commit on a fast disk to what a person calls broken. The promises lie at 0.02, 0.1 and 1.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Rows of one journal transaction, up to `limits::BATCH_ROWS`.
const ROWS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// The recorder of this process could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The table of buckets is refused.
    #[error("the table of histogram buckets is refused: {0}")]
    Buckets(#[from] BuildError),
    /// Something else in the process records already.
    #[error("another recorder of metrics is installed in this process")]
    Taken,
}

/// Starts recording. Before it, what is recorded is dropped at no cost; a second call changes nothing.
pub fn install() -> Result<(), MetricsError> {
    // One at a time: two tests of one process may arrive here together.
    static ONCE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONCE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if HANDLE.get().is_some() {
        return Ok(());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_rows".to_owned()), ROWS)?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Taken)?;
    describe();
    HANDLE.get_or_init(|| handle);
    Ok(())
}

fn describe() {
    describe_gauge!(CONNECTIONS, "Open connections by kind.");
    describe_counter!(ACKS, "Answers acknowledged after their commit.");
    describe_histogram!(ACK_SECONDS, Unit::Seconds, "From the frame read to its acknowledgement queued.");
    describe_histogram!(BATCH_ROWS, "Rows of one journal transaction.");
    describe_histogram!(COMMIT_SECONDS, Unit::Seconds, "One journal transaction, from begin to commit.");
    describe_histogram!(TICK_LAG_SECONDS, Unit::Seconds, "How late a tick left.");
    describe_counter!(DROPS, "Things given up by reason: slow sockets, full queues, stale states.");
    describe_counter!(HTTP_REQUESTS, "Requests by class of route and status.");
    describe_counter!(REFUSED, "Refusals by code.");
    describe_counter!(SEALED, "Entries of timelines sealed.");
    describe_counter!(BACKUPS, "Backups by result: made (and verified), failed.");
    describe_histogram!(BACKUP_SECONDS, Unit::Seconds, "One backup, from its begin to its verified end.");
    describe_gauge!(BACKUP_AGE_SECONDS, Unit::Seconds, "Age of the newest backup; absent where there is none.");
    describe_gauge!(CLOCK_DRIFT_SECONDS, Unit::Seconds, "How far the system clock is ahead of trusted time.");
    describe_gauge!(BUS_UP, "Whether this node and the others hear each other: 1 or 0; absent where there are no others.");
    describe_gauge!(
        CLOCK_OFFSET_SECONDS,
        Unit::Seconds,
        "How far trusted time is ahead of the time that the nodes have in common."
    );
    describe_gauge!(
        CLOCK_LEAD_SECONDS,
        Unit::Seconds,
        "How far that is ahead of the database's clock: not 0 after a step of the latter."
    );
    describe_counter!(PRESENCE_EDGES, "Changes of a candidate's presence by what it became.");
}

/// The text of `/metrics`, empty before `install`.
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Folds what histograms have collected. Called on a timer: without it they grow for as long as nobody asks for `/metrics`.
pub fn upkeep() {
    if let Some(handle) = HANDLE.get() {
        handle.run_upkeep();
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// A connection that speaks HTTP, upgraded or not.
    Http,
    /// A candidate's socket.
    Candidate,
    /// A watcher's socket.
    Watcher,
}

impl Connection {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Candidate => "candidate",
            Self::Watcher => "watcher",
        }
    }
}

/// The system clock is ahead of trusted time by this, or behind if negative.
#[expect(clippy::cast_precision_loss, reason = "a difference of clocks in ms is far below 2^53")]
pub fn clock_drift(ms: i64) {
    gauge!(CLOCK_DRIFT_SECONDS).set(ms as f64 / 1000.0);
}

/// Trusted time is ahead of the common time, and that of the database's clock, by this, in µs; behind if negative.
#[expect(clippy::cast_precision_loss, reason = "a difference of clocks in µs is far below 2^53")]
pub fn clock_offset(ahead_us: i64, lead_us: i64) {
    gauge!(CLOCK_OFFSET_SECONDS).set(ahead_us as f64 / 1_000_000.0);
    gauge!(CLOCK_LEAD_SECONDS).set(lead_us as f64 / 1_000_000.0);
}

/// Entries of timelines were sealed.
pub fn sealed(entries: usize) {
    counter!(SEALED).increment(u64::try_from(entries).unwrap_or(u64::MAX));
}

/// Counts a connection as open for as long as it lives, however the connection ends.
#[derive(Debug)]
#[must_use = "the connection counts as open while this value lives"]
pub struct Open(Connection);

impl Drop for Open {
    fn drop(&mut self) {
        gauge!(CONNECTIONS, "kind" => self.0.as_str()).decrement(1.0);
    }
}

/// A connection was opened.
pub fn open(kind: Connection) -> Open {
    gauge!(CONNECTIONS, "kind" => kind.as_str()).increment(1.0);
    Open(kind)
}

/// An answer was acknowledged, `seconds` after its frame was read.
pub fn ack(seconds: f64) {
    counter!(ACKS).increment(1);
    histogram!(ACK_SECONDS).record(seconds);
}

/// The journal committed a batch.
#[expect(clippy::cast_precision_loss, reason = "a batch has at most limits::BATCH_ROWS rows")]
pub fn journal_batch(rows: usize, commit_seconds: f64) {
    histogram!(BATCH_ROWS).record(rows as f64);
    histogram!(COMMIT_SECONDS).record(commit_seconds);
}

/// A tick left this late.
pub fn tick_lag(seconds: f64) {
    histogram!(TICK_LAG_SECONDS).record(seconds);
}

/// Something was given up, for `reason`.
pub fn dropped(reason: &'static str) {
    counter!(DROPS, "reason" => reason).increment(1);
}

/// A request was answered. `route` is a class such as `api`, `page`, `asset`, never a path.
pub fn http(route: &'static str, status: u16) {
    counter!(HTTP_REQUESTS, "route" => route, "status" => status.to_string()).increment(1);
}

/// Something was refused, with this public code.
pub fn refused(code: &'static str) {
    counter!(REFUSED, "code" => code).increment(1);
}

/// A backup was `made` or has `failed`, after this time.
pub fn backup(result: &'static str, seconds: f64) {
    counter!(BACKUPS, "result" => result).increment(1);
    histogram!(BACKUP_SECONDS).record(seconds);
}

/// The newest backup is this old, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "an age in ms is far below 2^53")]
pub fn backup_age(ms: i64) {
    gauge!(BACKUP_AGE_SECONDS).set(ms as f64 / 1000.0);
}

/// Whether this node and the others hear each other.
pub fn bus_up(up: bool) {
    gauge!(BUS_UP).set(if up { 1.0 } else { 0.0 });
}

/// A candidate's presence became `to`.
pub fn presence_edge(to: &'static str) {
    counter!(PRESENCE_EDGES, "to" => to).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test: the recorder is the process's, and other tests' code may record beside it, so labels are of this test.
    #[test]
    fn what_is_recorded_is_rendered() {
        install().unwrap();
        install().unwrap();
        let watcher = open(Connection::Watcher);
        let text = render();
        assert!(text.contains("# TYPE invigil_connections_open gauge"), "{text}");
        let open_now = |text: &str| {
            let line =
                text.lines().find(|line| line.starts_with("invigil_connections_open{kind=\"watcher\"}")).unwrap().to_owned();
            line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()
        };
        assert!(open_now(&text) >= 1.0);
        let before = open_now(&text);
        drop(watcher);
        assert!(open_now(&render()) <= before - 1.0);

        ack(0.015);
        journal_batch(33, 0.004);
        tick_lag(0.3);
        dropped("test_reason");
        http("test_route", 503);
        refused("test_code");
        presence_edge("test_edge");
        backup("test_result", 1.5);
        backup_age(90_000);
        bus_up(true);
        clock_offset(-250, 0);
        upkeep();
        let text = render();
        for line in [
            "# TYPE invigil_acks_total counter",
            "invigil_ack_seconds_bucket{le=\"0.02\"}",
            "invigil_ack_seconds_bucket{le=\"+Inf\"}",
            "invigil_journal_batch_rows_bucket{le=\"64\"}",
            "invigil_journal_commit_seconds_sum",
            "invigil_tick_lag_seconds_count",
            "invigil_drops_total{reason=\"test_reason\"} 1",
            "invigil_http_requests_total{route=\"test_route\",status=\"503\"} 1",
            "invigil_refused_total{code=\"test_code\"} 1",
            "invigil_presence_edges_total{to=\"test_edge\"} 1",
            "invigil_backups_total{result=\"test_result\"} 1",
            "invigil_backup_seconds_sum",
            "# TYPE invigil_backup_age_seconds gauge",
            "invigil_bus_up 1",
            "# TYPE invigil_clock_offset_seconds gauge",
            "# TYPE invigil_clock_lead_seconds gauge",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
