//! A roster in CSV to rows, all or nothing: either every row is good, or every error is told with its line.
//!
//! Read as schools send it: columns by header in English or Chinese, in any order; UTF-8, UTF-16 with its mark, or GB18030; comma, semicolon or tab;
//! any line end. Columns that are not known here are left out.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::table::unguarded;
use crate::limits;

/// Characters of a name.
const NAME_CHARS: usize = 100;
/// Characters of any other cell.
const CELL_CHARS: usize = 40;
/// Characters of a bad value that an error repeats.
const SHOWN_CHARS: usize = 40;

/// One student who is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// As it shall be shown.
    pub name: String,
    /// The school's own number; unique in the file, capitals aside.
    pub student_id: Option<String>,
    /// Class or group.
    pub class: Option<String>,
    /// Unique in the file, capitals aside.
    pub seat: Option<String>,
    /// Working time in basis points of the base: 10,000 is the base, 12,500 is 25 % more.
    pub multiplier_bp: i64,
}

/// Something wrong with the file, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowError {
    /// Line of the file, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The column as the file names it.
    pub column: Option<String>,
    /// What is wrong, as a stable name: `too_large`, `encoding`, `no_rows`, `too_many_rows`, `name_column_missing`, `duplicate_column`,
    /// `required`, `too_long`, `control_character`, `duplicate`, `percent`, `spoiled_number`, `line_break`.
    pub code: &'static str,
    /// The value, cut to 40 characters.
    pub value: String,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Name,
    StudentId,
    Class,
    Seat,
    ExtraPercent,
}

/// A row's cells with the line it starts on.
struct Line {
    number: usize,
    cells: Vec<String>,
}

/// Reads a roster. Stops at [`limits::ROSTER_ERRORS`] errors.
pub fn parse(bytes: &[u8]) -> Result<Vec<RosterRow>, Vec<RowError>> {
    if bytes.len() > limits::IMPORT_BYTES {
        return Err(vec![file_error("too_large", &bytes.len().to_string())]);
    }
    let text = decode(bytes).ok_or_else(|| vec![file_error("encoding", "")])?;
    let mut lines = split(&text);
    let header = lines.next().ok_or_else(|| vec![file_error("no_rows", "")])?;
    let columns = columns(&header)?;
    let mut reader = Reader { titles: header.cells, columns, taken: HashMap::new(), errors: Vec::new() };
    let mut rows = Vec::new();
    for line in lines {
        if rows.len() == limits::ROSTER_ROWS {
            reader.errors.push(RowError { line: line.number, ..file_error("too_many_rows", &limits::ROSTER_ROWS.to_string()) });
            break;
        }
        rows.push(reader.row(&line));
        if reader.errors.len() >= limits::ROSTER_ERRORS {
            break;
        }
    }
    if rows.is_empty() {
        reader.errors.push(file_error("no_rows", ""));
    }
    if reader.errors.is_empty() { Ok(rows) } else { Err(reader.errors) }
}

fn file_error(code: &'static str, value: &str) -> RowError {
    RowError { line: 0, column: None, code, value: value.to_owned() }
}

/// Text with `\n` as its only line end, from the encoding its mark names, else UTF-8, else GB18030. `None` when it is none of them.
fn decode(bytes: &[u8]) -> Option<String> {
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..])?,
        None => std::str::from_utf8(bytes).map_or_else(
            |_| encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes),
            |text| Some(text.into()),
        )?,
    };
    Some(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The rows that hold anything, each with its own line number. The reader's own count would begin at the blank lines before a row.
fn split(text: &str) -> impl Iterator<Item = Line> {
    let (skipped, delimiter) = dialect(text);
    let rest = &text[skipped..];
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(rest.as_bytes());
    let (mut counted, mut number) = (0, 1);
    let mut record = csv::StringRecord::new();
    std::iter::from_fn(move || {
        while reader.read_record(&mut record).unwrap_or(false) {
            let begin = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
            let begin = begin + rest[begin..].bytes().take_while(|&byte| byte == b'\n').count();
            number += rest[counted..begin].matches('\n').count();
            counted = begin;
            let cells: Vec<String> = record.iter().map(|cell| clean(cell).to_owned()).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                return Some(Line { number, cells });
            }
        }
        None
    })
}

/// Bytes of a `sep=` line, if there is one, and the delimiter: what it says, or what is most frequent in the first line that is not blank.
fn dialect(text: &str) -> (usize, u8) {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    if let Some(said) = text.lines().next().and_then(|line| line.strip_prefix("sep="))
        && let [delimiter @ (b',' | b';' | b'\t')] = said.as_bytes()
    {
        return ("sep=,".len(), *delimiter);
    }
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == *delimiter);
        }
    }
    // The first of equals wins, so a file of one column is read with commas.
    (0, counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter))
}

/// A cell without white space around it, without the `="…"` by which a spreadsheet is made to keep zeros, and without our own guard.
fn clean(cell: &str) -> &str {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
    let cell = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell);
    unguarded(cell).trim()
}

/// Which column holds what, with the header's own words.
fn columns(header: &Line) -> Result<Vec<(Field, usize, String)>, Vec<RowError>> {
    let mut columns: Vec<(Field, usize, String)> = Vec::new();
    for (index, title) in header.cells.iter().enumerate() {
        let Some(field) = field_of(title) else { continue };
        if columns.iter().any(|(known, ..)| *known == field) {
            let column = Some(shown(title));
            return Err(vec![RowError { line: header.number, column, code: "duplicate_column", value: shown(title) }]);
        }
        columns.push((field, index, shown(title)));
    }
    if columns.iter().any(|(field, ..)| *field == Field::Name) {
        return Ok(columns);
    }
    let value = shown(&header.cells.join(", "));
    Err(vec![RowError { line: header.number, column: None, code: "name_column_missing", value }])
}

/// What a header means; letters and digits decide, so `Student ID`, `student_id` and `STUDENT-ID` are one.
fn field_of(title: &str) -> Option<Field> {
    let bare: String = title.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match bare.as_str() {
        "name" | "fullname" | "studentname" | "student" | "姓名" | "名字" | "学生姓名" | "考生姓名" | "學生姓名" => {
            Field::Name
        }
        "studentid" | "id" | "number" | "no" | "studentnumber" | "studentno" | "学号" | "學號" | "编号" | "考号" | "准考证号" => {
            Field::StudentId
        }
        "class" | "classname" | "group" | "form" | "班级" | "班級" | "班" => Field::Class,
        "seat" | "seatnumber" | "seatno" | "desk" | "座位" | "座位号" | "座號" | "座号" => Field::Seat,
        "extrapercent" | "extratime" | "extratimepercent" | "extra" | "加时" | "加時" | "加时百分比" | "延长时间" => {
            Field::ExtraPercent
        }
        _ => return None,
    })
}

/// What has been seen of the file so far.
struct Reader {
    titles: Vec<String>,
    columns: Vec<(Field, usize, String)>,
    /// Line that first used a student id or a seat, by the folded value.
    taken: HashMap<(Field, String), usize>,
    errors: Vec<RowError>,
}

impl Reader {
    fn row(&mut self, line: &Line) -> RosterRow {
        // Looked for in every column, also those left out: a quote that is never closed swallows the students below it.
        if let Some(index) = line.cells.iter().position(|cell| cell.contains('\n')) {
            let column = self.titles.get(index).map(|title| shown(title));
            self.errors.push(RowError { line: line.number, column, code: "line_break", value: shown(&line.cells[index]) });
        }
        let name = self.cell(line, Field::Name);
        if name.is_none() {
            self.error(line, Field::Name, "required", "");
        }
        let student_id = self.unique(line, Field::StudentId);
        let seat = self.unique(line, Field::Seat);
        let class = self.cell(line, Field::Class);
        let percent = self.cell(line, Field::ExtraPercent);
        let extra_bp = percent.as_deref().map_or(Some(0), basis_points);
        if extra_bp.is_none() {
            self.error(line, Field::ExtraPercent, "percent", percent.as_deref().unwrap_or(""));
        }
        RosterRow { name: name.unwrap_or_default(), student_id, class, seat, multiplier_bp: 10_000 + extra_bp.unwrap_or(0) }
    }

    /// A cell that is not empty and fit to be kept; errors are noted.
    fn cell(&mut self, line: &Line, field: Field) -> Option<String> {
        let index = self.columns.iter().find(|(known, ..)| *known == field)?.1;
        let cell = line.cells.get(index).filter(|cell| !cell.is_empty())?;
        let most = if field == Field::Name { NAME_CHARS } else { CELL_CHARS };
        if cell.contains(is_unfit) {
            self.error(line, field, "control_character", cell);
        } else if cell.chars().count() > most {
            self.error(line, field, "too_long", cell);
        }
        Some(cell.clone())
    }

    /// A cell that no other row may repeat.
    fn unique(&mut self, line: &Line, field: Field) -> Option<String> {
        let cell = self.cell(line, field)?;
        if field == Field::StudentId && is_spoiled(&cell) {
            self.error(line, field, "spoiled_number", &cell);
        } else if self.taken.insert((field, cell.to_lowercase()), line.number).is_some() {
            self.error(line, field, "duplicate", &cell);
        }
        Some(cell)
    }

    fn error(&mut self, line: &Line, field: Field, code: &'static str, value: &str) {
        let column = self.columns.iter().find(|(known, ..)| *known == field).map(|(_, _, title)| title.clone());
        self.errors.push(RowError { line: line.number, column, code, value: shown(value) });
    }
}

/// Control characters (line breaks are told apart), and those that turn the direction of writing and so make one name look like another.
fn is_unfit(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a spreadsheet has turned a long number into `2.02101E+11`: its digits are lost, and the file must be made again.
fn is_spoiled(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper.split_once("E+").is_some_and(|(front, power)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(&front.replacen(['.', ','], "", 1)) && digits(power)
    })
}

/// `25`, `25%`, `12.5` or `12,5` percent, 0 to 300, at most two decimals, in basis points.
fn basis_points(text: &str) -> Option<i64> {
    let text: String = text.nfkc().collect();
    let text = text.trim_end_matches('%').trim_end().trim_start_matches('+');
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let bp: i64 = format!("{whole}{part:0<2}").parse().ok()?;
    (bp <= 30_000).then_some(bp)
}

/// A value cut for an error.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests;
