//! Invigil: timed exams, live.
//!
//! Arrows point down; `tests/structure.rs` reads `src/` and refuses any other.
//!
//! ```text
//! main -> commands -> { app, client }
//! app -> server, { api, channel, web, tasks } -> service -> { live, store, bus, auth } -> domain
//! leaves usable from above: view (by channel, web) · protocol (by channel, client) · locale (api, app, channel, web, view)
//!                           files (by service) · config (by commands, app)
//!                           error · time · limits · metrics · weaken (by all but domain; limits by domain too)
//! ```

/// REST under `/api/v1`: one file a resource, DTOs apart from the domain.
pub mod api;
/// Builds, owns and stops everything in order.
pub mod app;
/// Hashes, tokens and codes. No IO.
pub mod auth;
/// What nodes tell each other: small absolute states; may lose, the store is the truth.
pub mod bus;
/// The exam clock and the watchers' stream over WebSocket.
pub mod channel;
/// A client of the whole wire: REST verbs, the channel, resume, outbox; and a scripted crowd.
pub mod client;
/// `serve`, `demo`, `status`, `doctor`, `openapi`, `migrate`, `backup`, `restore`, `verify`, `verify-receipt`, `user`.
pub mod commands;
/// Configuration from file, environment and flags.
pub mod config;
/// The rules. No async, no IO, no clock.
pub mod domain;
/// One error type for the edge: code, status, title, close code.
pub mod error;
/// Bytes to rows and back. No IO.
pub mod files;
/// The one table of constants.
pub mod limits;
/// Rooms as this node sees them. Memory only.
pub mod live;
/// The catalogue of texts, negotiation, durations in words.
pub mod locale;
/// Counters, gauges and histograms, in one place.
pub mod metrics;
/// Frames and close codes of the channel. Serde only.
pub mod protocol;
/// HTTP/1.1 accept loop, deadlines, limits, security headers, access log, TLS.
pub mod server;
/// Use cases, one verb a function: may, load, change.
pub mod service;
/// The database: one SQL text on SQLite and PostgreSQL; the journal.
pub mod store;
/// Named background tasks with a restart policy.
pub mod tasks;
/// Trusted time: the only source of `now`.
pub mod time;
/// Pages and fragments: (domain value, locale) to text.
pub mod view;
/// Breaks laws on purpose, for the tests that must see it. Absent from release builds.
pub mod weaken;
/// Pages for people: cookies, CSRF, forms to the same services.
pub mod web;
