//! The database and the clock.

use std::process::{Command, Stdio};

use super::{Finding, bad, good, odd};
use crate::config::{Config, Database};
use crate::limits;
use crate::store::facts::Facts;
use crate::store::{Result, Store};
use crate::time::{Known, Time};

const CHECK: &str = "database";
const CLOCK: &str = "clock";
/// Connections of one server to PostgreSQL, and some for people and backups.
const CONNECTIONS: i64 = 16;
const SPARE: i64 = 10;

/// What is found, and whether a server runs on this database.
pub(super) async fn look(config: &Config) -> (Vec<Finding>, bool) {
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        let says = format!("{} is not there yet: the first start makes it", path.display());
        return (vec![good(CHECK, says), own_clock()], false);
    }
    match Store::look(&config.database.url(), false).await {
        Err(error) => {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            let advice = "Without it nothing starts. Is the server up, is the address right, are name and password, and is the database made?";
            (vec![bad(CHECK, format!("{} does not answer: {why}", config.database), advice), own_clock()], false)
        }
        Ok(store) => {
            let seen = inside(&store).await;
            store.close().await;
            seen.unwrap_or_else(|error| {
                let says = format!("{} cannot be read: {error}", config.database);
                (vec![bad(CHECK, says, "The log of a start (`invigil serve`) says more.")], false)
            })
        }
    }
}

async fn inside(store: &Store) -> Result<(Vec<Finding>, bool)> {
    let mut findings = Vec::new();
    let pending = store.pending().await?;
    let (there, time) = (pending.is_some(), Time::anchored(Time::wall_ms()));
    let common = if there { store.common_clock(limits::CLOCK_LOOKS_AT_START, || time.mono()).await? } else { None };
    let behind_us = common.map(|common| time.behind_us(&common.reading).saturating_sub(common.lead_us));
    if let Some(common) = common {
        time.step(time.behind_us(&common.reading));
    }
    let alive = if there { store.nodes_since(time.now() - limits::OUTAGE_GAP_MS).await? } else { 0 };
    findings.extend(engine(&store.facts().await?, alive));
    match pending {
        None => findings.push(good("tables", "there are none yet: the first start makes them")),
        Some(list) if list.is_empty() => {
            findings.push(good("tables", format!("they are those of this version; servers alive: {alive}")));
        }
        Some(list) => {
            let says = format!("this version has to change them first ({} changes)", list.len());
            findings.push(odd(
                "tables",
                says,
                "Start it, or run `invigil migrate`, when no room runs (`invigil status`), after a backup.",
            ));
        }
    }
    findings.push(match (behind_us, common) {
        (Some(behind_us), Some(common)) => common_clock(behind_us, common.reading.bound_us),
        _ => own_clock(),
    });
    if let Some(lead_us) = common.map(|common| common.lead_us).filter(|lead_us| *lead_us != 0) {
        let says = format!(
            "the database's clock has stepped in mid-exam; exams go on without the step, {:.1} s from it",
            seconds(lead_us)
        );
        findings.push(odd(
            CLOCK,
            says,
            "Set the clock of the database's machine right. Exams follow by themselves when no room is open.",
        ));
    }
    if there {
        let known = Known { event_ms: store.last_event_ms().await?, beat_ms: store.last_beat_ms().await? };
        match time.begin(known, false) {
            Err(behind) => findings.push(bad(CLOCK, behind.to_string(), "As it says: no server starts before.")),
            Ok(doubts) => {
                findings.extend(doubts.iter().map(|doubt| odd(CLOCK, doubt.to_string(), "Compare the clock with a watch.")));
            }
        }
    }
    Ok((findings, alive > 0))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1_000_000.0
}

fn engine(facts: &Facts, alive: i64) -> Vec<Finding> {
    match facts {
        Facts::Sqlite { version, journal_mode, bytes } => {
            let says = format!("SQLite {version}, {} MB", bytes / (1 << 20));
            vec![if journal_mode == "wal" {
                good(CHECK, says)
            } else {
                odd(
                    CHECK,
                    format!("{says}, journal_mode {journal_mode}"),
                    "A server sets it to wal when it starts; on a file system that cannot, it does not start.",
                )
            }]
        }
        Facts::Postgres { version, settings, standbys, connections } => {
            let mut findings = vec![good(CHECK, format!("PostgreSQL {version}"))];
            for (name, value) in settings.iter().filter(|(_, value)| value != "on") {
                findings.push(setting(name, value));
            }
            if standbys.is_empty() {
                findings.push(odd(CHECK, "no commit waits for a standby (synchronous_standby_names is empty)", "Without one a failover to another machine may lose the last answers. With a single database machine: nothing to do, keep backups."));
            }
            let needed = CONNECTIONS * alive.max(1) + SPARE;
            if *connections < needed {
                let advice = format!("Set max_connections to {needed} or more: each server takes up to {CONNECTIONS}.");
                findings.push(bad(CHECK, format!("it takes {connections} connections at most"), advice));
            }
            findings
        }
    }
}

/// A setting that is not `on`.
fn setting(name: &str, value: &str) -> Finding {
    let says = format!("{name} is {value}");
    if name == "synchronous_commit" {
        return odd(
            CHECK,
            says,
            "Servers set it to on for themselves; set it in postgresql.conf too, for whoever else writes here.",
        );
    }
    let advice = format!(
        "Set {name} = on in postgresql.conf and restart PostgreSQL: as it is, a power cut loses answers that were called saved, and no server starts."
    );
    bad(CHECK, says, advice)
}

/// This machine's clock against the database's, by which exams go.
fn common_clock(behind_us: i64, bound_us: i64) -> Finding {
    let says = format!(
        "this machine's is {:.3} s {} the database's (known to {:.3} s)",
        seconds(behind_us.saturating_abs()),
        if behind_us < 0 { "ahead of" } else { "behind" },
        seconds(bound_us)
    );
    if behind_us.saturating_abs() > limits::CLOCK_STEP_MS * 1000 {
        odd(
            CLOCK,
            says,
            "Exams go by the database's clock and do not mind. Logs and certificates do: let NTP set both (chrony or systemd-timesyncd).",
        )
    } else {
        good(CLOCK, says)
    }
}

/// This machine's clock, by which exams go where the database is a file.
fn own_clock() -> Finding {
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).stdin(Stdio::null()).output();
    let said =
        asked.ok().filter(|done| done.status.success()).map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned());
    match said.as_deref() {
        Some("yes") => good(CLOCK, "it is set by the network (NTP)"),
        Some("no") => odd(
            CLOCK,
            "nothing sets this machine's clock",
            "`timedatectl set-ntp true`, or compare it with a watch before an exam: schedules go by it.",
        ),
        _ => odd(
            CLOCK,
            "whether NTP sets this machine's clock cannot be told here",
            "Compare it with a watch before an exam: schedules go by it.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn states(settings: [&str; 3], standbys: &str, connections: i64, alive: i64) -> Vec<State> {
        let names = ["fsync", "full_page_writes", "synchronous_commit"];
        let settings = names.into_iter().zip(settings.map(ToString::to_string)).collect();
        let facts = Facts::Postgres { version: "15.18".to_owned(), settings, standbys: standbys.to_owned(), connections };
        engine(&facts, alive).into_iter().map(|finding| finding.state).collect()
    }

    #[test]
    fn a_database_that_would_lose_answers_is_bad() {
        const ON: [&str; 3] = ["on", "on", "on"];
        assert_eq!(states(ON, "one", 100, 3), [State::Good]);
        assert_eq!(states(ON, "", 100, 3), [State::Good, State::Odd], "nothing waits for a standby");
        assert_eq!(states(["off", "on", "on"], "one", 100, 0), [State::Good, State::Bad]);
        assert_eq!(states(["on", "off", "off"], "one", 100, 0), [State::Good, State::Bad, State::Odd]);
        assert_eq!(states(ON, "one", 57, 3), [State::Good, State::Bad], "three servers take more");
    }

    #[test]
    fn a_machine_s_own_clock_matters_little_beside_the_database_s() {
        assert_eq!(common_clock(-400_000, 300).state, State::Good);
        let off = common_clock(5_000_000, 300);
        assert!(off.state == State::Odd && off.says.contains("5.000 s behind"), "{off:?}");
    }
}
