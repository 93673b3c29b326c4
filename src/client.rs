//! The one client of the whole wire: the REST verbs, the channel, resume and outbox, and scripted people on top of them.
//!
//! The demo, the rehearsal and every test that talks to a server drive this. It knows the server by its wire only: frames
//! from `protocol`, paths and problem bodies over HTTP. Whoever writes a client in another language can read it as a
//! worked example.
//!
//! ```text
//! crowd -> sitter -> { outbox, offset, channel, rest } -> problem
//! ```

/// Sockets: the candidate's channel and the watcher's stream.
pub mod channel;
/// Compares what was acknowledged with what is stored.
pub mod checker;
/// Scripted people, and candidates at a fixed rate.
pub mod crowd;
/// What the server's clock says, from the client's own.
pub mod offset;
/// The queue of what is not saved yet.
pub mod outbox;
/// Why a request was not done.
pub mod problem;
/// The verbs under `/api/v1`.
pub mod rest;
/// One candidate that survives its connections.
pub mod sitter;

pub use problem::Problem;
pub use rest::Rest;
pub use sitter::Sitter;
