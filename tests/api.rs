//! REST as programs use it: a whole exam, every kind of error, every operation with every kind of actor.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

/// A server with people in it, and requests.
#[path = "api/world.rs"]
mod world;

#[path = "api/commands.rs"]
mod commands;
#[path = "api/deny.rs"]
mod deny;
#[path = "api/document.rs"]
mod document;
#[path = "api/errors.rs"]
mod errors;
#[path = "api/incidents.rs"]
mod incidents;
#[path = "api/lists.rs"]
mod lists;
#[path = "api/people.rs"]
mod people;
#[path = "api/ready.rs"]
mod ready;
#[path = "api/whole.rs"]
mod whole;
