//! Rows to CSV that a spreadsheet may open without running anything.

use std::borrow::Cow;

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Anything that a person may have written; guarded against being read as a formula.
    Text(String),
    /// A whole number of ours.
    Number(i64),
    /// Hundredths of ours, written with two decimals.
    Centi(i64),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Without it Excel takes UTF-8 for the system's old encoding and spoils every name that is not ASCII.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// RFC 4180 with a byte order mark: commas, CR LF, quotes where needed; headers are guarded like any text.
pub fn csv(header: &[String], rows: impl Iterator<Item = Vec<Cell>>) -> Vec<u8> {
    let mut out = BYTE_ORDER_MARK.to_owned();
    line(&mut out, header.iter().map(|text| field(text)));
    let mut out = out.into_bytes();
    out.extend(csv_rows(rows));
    out
}

/// Further rows of a table that is written in parts.
pub fn csv_rows(rows: impl Iterator<Item = Vec<Cell>>) -> Vec<u8> {
    let mut out = String::new();
    for row in rows {
        line(&mut out, row.iter().map(written));
    }
    out.into_bytes()
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&field);
    }
    out.push_str("\r\n");
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => field(text),
        Cell::Number(number) => number.to_string(),
        Cell::Centi(centi) => {
            let (sign, size) = (if *centi < 0 { "-" } else { "" }, centi.unsigned_abs());
            format!("{sign}{}.{:02}", size / 100, size % 100)
        }
        Cell::Empty => String::new(),
    }
}

/// Guarded, and in quotes where anything in it could be taken for the end of a field in any of the usual dialects.
fn field(text: &str) -> String {
    let text = guarded(text);
    let plain = !text.contains(['"', ',', ';', '\t', '\r', '\n', '\0']) && text.trim() == text;
    if plain { text.into_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// An apostrophe before whatever a spreadsheet would run or swallow; [`unguarded`] takes exactly that away again.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`guarded`] was given.
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| runs(rest)).unwrap_or(text)
}

/// Whether a spreadsheet may read the text as a formula: `= + - @`, their full width forms, which some versions take for the same, or a
/// control character at the front; behind white space too, which some trim; and behind apostrophes, so that the guard can be undone.
fn runs(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    let first = bare.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}', '\u{200b}']).chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') || c.is_control())
}

#[cfg(test)]
mod tests;
