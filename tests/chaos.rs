//! Law 1 against the real program on real databases, with real faults: kills, power cuts, disks that fail, fill up or are slow, locks,
//! connections that break in the middle of a COMMIT. What was called saved is there; what is there was sent, once, unaltered.
//!
//! Each test prints one line of JSON. `make soak` runs the storms with larger numbers. What a test needs and the machine lacks (root, loop
//! devices, XFS, strace, PostgreSQL) fails it by name.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "chaos/cluster.rs"]
mod cluster;
#[path = "chaos/database.rs"]
mod database;
#[path = "chaos/disk.rs"]
mod disk;
#[path = "chaos/load.rs"]
mod load;
#[path = "nodes/rig.rs"]
#[expect(dead_code, reason = "what moves nodes here is a part of what they are moved by elsewhere")]
mod nodes;
#[path = "chaos/one.rs"]
mod one;
#[path = "chaos/rig.rs"]
mod rig;
#[path = "chaos/several.rs"]
mod several;
#[path = "chaos/storage.rs"]
mod storage;
#[path = "chaos/wire.rs"]
mod wire;

use rig::{Fault, Plan, Rig};
use tokio::sync::Mutex;

/// One run at a time: each fills the machine.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Tests of this binary, one after the other, each on a runtime of its own.
macro_rules! chaos {
    ($($(#[$about:meta])* $name:ident => $run:expr;)*) => {$(
        $(#[$about])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
        async fn $name() {
            let _alone = ALONE.lock().await;
            $run.await;
        }
    )*};
}

async fn kills(name: &str, mut rig: Rig) {
    rig.storm(name, Fault::Kill, &Plan::of("INVIGIL_SOAK_KILLS", 4)).await;
}

async fn power_cuts(name: &str, mut rig: Rig) {
    rig.storm(name, Fault::PowerCut, &Plan::of("INVIGIL_SOAK_CUTS", 2)).await;
}

chaos! {
    kills_lose_nothing_on_sqlite => kills("kills, SQLite", Rig::sqlite());
    kills_lose_nothing_on_postgres => async { kills("kills, PostgreSQL", Rig::postgres().await).await };
    power_cuts_lose_nothing_on_sqlite => power_cuts("power cuts, SQLite", Rig::sqlite_on_a_disk());
    power_cuts_lose_nothing_on_postgres => async { power_cuts("power cuts, PostgreSQL", Rig::postgres_on_a_disk().await).await };
    kills_of_nodes_lose_nothing => several::storm("kills, 3 nodes", several::Fault::Node, Plan::of("INVIGIL_SOAK_KILLS", 3));
    kills_of_the_nodes_postgres_lose_nothing =>
        several::storm("kills of PostgreSQL, 3 nodes", several::Fault::Database, Plan::of("INVIGIL_SOAK_DATABASE_KILLS", 1));
    power_cuts_of_the_nodes_postgres_lose_nothing =>
        several::storm("power cuts of PostgreSQL, 3 nodes", several::Fault::PowerCut, Plan::of("INVIGIL_SOAK_CUTS", 1));
    silence_between_nodes_loses_nothing =>
        several::storm("NATS killed, frozen, cut off, 3 nodes", several::Fault::Nats, Plan::of("INVIGIL_SOAK_SILENCES", 3));
    kills_of_postgres_lose_nothing => database::kills_of_postgres_lose_nothing();

    a_disk_that_does_not_confirm_ends_the_process => storage::a_disk_that_does_not_confirm_ends_the_process();
    a_slow_disk_is_only_slow => storage::a_slow_disk_is_only_slow();
    a_full_disk_refuses_and_recovers => storage::a_full_disk_refuses_and_recovers();
    a_disk_that_takes_no_writes_refuses_and_recovers => storage::a_disk_that_takes_no_writes_refuses_and_recovers();
    a_locked_writer_refuses_with_proof_on_sqlite => storage::a_locked_writer_refuses_with_proof_on_sqlite();
    a_locked_writer_refuses_with_proof_on_postgres => storage::a_locked_writer_refuses_with_proof_on_postgres();

    a_commit_cut_after_any_byte_is_settled_once => database::a_commit_cut_after_any_byte_is_settled_once();
    a_database_that_swallows_everything_is_away => database::a_database_that_swallows_everything_is_away();
    a_poisoned_answer_is_refused_for_good_on_sqlite => database::a_poisoned_answer_is_refused_for_good(Rig::sqlite());
    a_poisoned_answer_is_refused_for_good_on_postgres =>
        async { database::a_poisoned_answer_is_refused_for_good(Rig::postgres().await).await };

    a_bad_line_loses_and_doubles_nothing => wire::a_bad_line_loses_and_doubles_nothing();
    an_acknowledgement_cut_after_any_byte_is_settled_once => wire::an_acknowledgement_cut_after_any_byte_is_settled_once();
}
