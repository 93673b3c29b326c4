//! Hashes, tokens and codes. No IO beyond asking the operating system for randomness; nothing here is stored or sent.
//!
//! This module is the only one that knows the libraries of passwords and tokens. Keys come in as parameters, and so does
//! the time. Every stored hash says its scheme (`h1:`), so that a better one can stand beside it later.

/// Entry codes: made, folded as people type them, looked up without being stored.
pub mod codes;
/// Crockford's base 32, for what people read aloud and type.
pub mod crockford;
/// Passwords of staff: judged, hashed and verified on threads of their own.
pub mod passwords;
/// What proves that something was received, and when.
pub mod receipts;
/// The chain that seals a timeline.
pub mod seals;
/// Randomness, the server's secret, and the opaque secrets of sessions.
pub mod secrets;
/// Access tokens: issued and read.
pub mod tokens;
