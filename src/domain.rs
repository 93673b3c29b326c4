//! The rules of an exam as pure values: no async, no IO, no clock. Time is always a parameter.

/// What may be done by whom: one `Action` per operation, one pure `may`.
pub mod access;
/// Who is here, and who made sure of it.
pub mod attendance;
/// A room's time as data: ledger, deadline, explain, judge.
pub mod clock;
/// The verbs of a room: from a wish to ledger entries, facts and a preview.
pub mod control;
/// The one vocabulary of what happens in a room: timeline row, bus message and fold input.
pub mod event;
/// Opaque, prefixed identifiers.
pub mod ids;
/// Incidents: what was recorded, what rules propose.
pub mod incident;
/// What candidates lost through their own devices, for staff to decide.
pub mod lost;
/// Messages, receipts, raised hands.
pub mod message;
/// Questions, answers, marking, item statistics.
pub mod paper;
/// Who may write for a candidate.
pub mod pen;
/// Whether a candidate's device is heard, over all nodes.
pub mod presence;
/// Whether a room and its computers are ready for an exam.
pub mod readiness;
/// What rules look for, and what they find in a room as it is.
pub mod rules;
/// The rows that bind a timeline into a chain.
pub mod seal;
/// The live table of a room: a fold of events into one row a candidate.
pub mod status;

/// An instant in Unix milliseconds UTC, or a length in milliseconds; always from trusted time.
pub type Ms = i64;
