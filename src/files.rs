//! Bytes to rows and back: what people keep in spreadsheets. No IO, no rules of an exam.

/// A roster in CSV to rows, all or nothing.
pub mod roster;
/// Rows to CSV that a spreadsheet may open without running anything.
pub mod table;
