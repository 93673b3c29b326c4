//! What tests stand on: a private PostgreSQL, temporary folders, free ports, processes that end with their test.
#![allow(dead_code, reason = "each test binary uses its own part of this folder")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot be set up fails")]

/// A whole node in this process.
pub mod app;
/// A door to several nodes.
pub mod balance;
/// A NATS server.
pub mod nats;
/// A free port of the loopback interface.
pub mod ports;
/// A private PostgreSQL.
pub mod postgres;
/// Processes that end with their test.
pub mod process;
/// A TCP proxy with faults.
pub mod proxy;
/// A room that runs, and what is stored of it.
pub mod room;
/// The program itself, started again and again on one port and one database.
pub mod site;
/// Folders that go with their test.
pub mod temp;

/// On what the program under test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// One node, on SQLite or on what the test names.
    One,
    /// Two nodes on PostgreSQL and NATS behind a door that sends each connection to the next of them.
    Nodes,
}

/// What `INVIGIL_TEST_STACK` says: `one`, unless it is `nodes`.
pub fn stack() -> Stack {
    match std::env::var("INVIGIL_TEST_STACK").as_deref() {
        Err(_) | Ok("one") => Stack::One,
        Ok("nodes") => Stack::Nodes,
        Ok(other) => panic!("INVIGIL_TEST_STACK is {other}: neither one nor nodes"),
    }
}
