use super::*;
use crate::files::table::{Cell, csv};

fn rows(text: &str) -> Vec<RosterRow> {
    parse(text.as_bytes()).unwrap()
}

/// Errors as `line column code value`.
fn errors(text: &str) -> Vec<String> {
    let found = parse(text.as_bytes()).unwrap_err().into_iter();
    found.map(|e| format!("{} {} {} {}", e.line, e.column.as_deref().unwrap_or("-"), e.code, e.value)).collect()
}

fn row(name: &str, student_id: &str, class: &str, seat: &str, multiplier_bp: i64) -> RosterRow {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    RosterRow { name: name.to_owned(), student_id: some(student_id), class: some(class), seat: some(seat), multiplier_bp }
}

#[test]
fn columns_are_found_by_header() {
    let text = "Seat No.,email,Full Name,STUDENT-ID,extra_percent,Class\nA1,a@x.example,Ann Lee,007,25,5b\n,,Bob,,,\n";
    assert_eq!(rows(text), [row("Ann Lee", "007", "5b", "A1", 12_500), row("Bob", "", "", "", 10_000)]);
    assert_eq!(rows("name\nAnn\n"), [row("Ann", "", "", "", 10_000)]);
}

#[test]
fn chinese_files_are_read_in_three_encodings() {
    let text = "学号,姓名,班级,座位号,加时\r\n2024001,李雷,三班,12,50%\r\n2024002,韩梅梅,三班,13,\r\n";
    let expect = [row("李雷", "2024001", "三班", "12", 15_000), row("韩梅梅", "2024002", "三班", "13", 10_000)];
    assert_eq!(rows(text), expect);
    assert_eq!(rows(&format!("\u{feff}{text}")), expect);
    let (gb, ..) = encoding_rs::GB18030.encode(text);
    assert!(std::str::from_utf8(&gb).is_err());
    assert_eq!(parse(&gb).unwrap(), expect);
    let utf16: Vec<u8> = format!("\u{feff}{}", text.replace(',', "\t")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parse(&utf16).unwrap(), expect);
    assert_eq!(parse(b"name\nJos\xe9,\n\xff\xff").unwrap_err()[0].code, "encoding");
}

#[test]
fn delimiters_are_sniffed() {
    let expect = [row("Lee, Ann", "1", "", "", 11_250)];
    assert_eq!(rows("name,id,extra time\n\"Lee, Ann\",1,12.5\n"), expect);
    assert_eq!(rows("name;id;extra time\nLee, Ann;1;12,5\n"), expect);
    assert_eq!(rows("name\tid\textra time\nLee, Ann\t1\t12.50 %\n"), expect);
    assert_eq!(rows("sep=;\r\nname;id;extra time\r\nLee, Ann;1;12.5\r\n"), expect);
    assert_eq!(rows("\"name, first\";name;id\nx;Ann;1\n"), [row("Ann", "1", "", "", 10_000)]);
}

#[test]
fn blank_lines_are_skipped_and_lines_are_counted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["", "name,seat", "", "Ann,1", ",", "  ,  ", "", ",2", "Bob,3", "", ",4"].join(end);
        assert_eq!(errors(&text), ["8 name required ", "11 name required "], "{end:?}");
    }
    assert_eq!(errors("sep=,\nname,seat\n\n,1\n"), ["4 name required "]);
}

#[test]
fn percents() {
    for (text, bp) in [
        ("0", 10_000),
        ("300", 40_000),
        ("33.33", 13_333),
        ("12,5", 11_250),
        ("25 %", 12_500),
        ("２５", 12_500),
        ("", 10_000),
        ("+50％", 15_000),
    ] {
        let parsed = parse(format!("name;extra\nAnn;{text}\n").as_bytes());
        assert_eq!(parsed.map_or(0, |rows| rows[0].multiplier_bp), bp, "{text}");
    }
    for text in ["300.01", "-25", "1000", "25.125", "half", "1.2.3", "%", "1e2", ".5"] {
        assert_eq!(errors(&format!("name;extra\nAnn;{text}\n")), [format!("2 extra percent {text}")]);
    }
}

#[test]
fn all_or_nothing_with_every_error() {
    let text = "name,学号,seat,extra time\nAnn,s1,A1,25\n,s2,a1,x\nBob,S1,A2,\nC\u{7}d,s4,A3,\nD\u{202e}d,s5,A4,\n";
    let expect = [
        "3 name required ",
        "3 seat duplicate a1",
        "3 extra time percent x",
        "4 学号 duplicate S1",
        "5 name control_character C\u{7}d",
        "6 name control_character D\u{202e}d",
    ];
    assert_eq!(errors(text), expect);
}

#[test]
fn lengths_are_bounded() {
    let name = "名".repeat(100);
    assert_eq!(rows(&format!("name,class\n{name},{}\n", "c".repeat(40)))[0].name, name);
    let shown = "名".repeat(40);
    assert_eq!(errors(&format!("name\n{name}名\n")), [format!("2 name too_long {shown}")]);
    assert_eq!(errors(&format!("name,class\nAnn,{}\n", "c".repeat(41))), [format!("2 class too_long {}", "c".repeat(40))]);
}

#[test]
fn files_that_are_no_roster() {
    for text in ["", "\n\n", "name\n", "name,seat\n,\n"] {
        assert_eq!(errors(text), ["0 - no_rows "], "{text:?}");
    }
    assert_eq!(errors("Ann,1\nBob,2\n"), ["1 - name_column_missing Ann, 1"]);
    assert_eq!(errors("name,seat,姓名\nAnn,1,B\n"), ["1 姓名 duplicate_column 姓名"]);
    assert_eq!(parse(&vec![b'a'; limits::IMPORT_BYTES + 1]).unwrap_err()[0].code, "too_large");
    let many = |count: usize| format!("name\n{}", "A\n".repeat(count));
    assert_eq!(rows(&many(limits::ROSTER_ROWS)).len(), limits::ROSTER_ROWS);
    assert_eq!(errors(&many(limits::ROSTER_ROWS + 1)), ["20002 - too_many_rows 20000"]);
    let bad = format!("name,seat\n{}", ",1\n".repeat(1000));
    assert!((200..=202).contains(&errors(&bad).len()));
}

#[test]
fn a_quote_never_closed_swallows_nobody() {
    assert_eq!(errors("name,email\nAnn,\"a@x\nBob,b@x\n").len(), 1);
    assert!(errors("name,email\nAnn,\"a@x\nBob,b@x\n")[0].starts_with("2 email line_break a@x\nBob"));
    assert!(errors("name,email\n\"Ann,a@x\nBob,b@x\n")[0].starts_with("2 name line_break"));
}

#[test]
fn what_spreadsheets_do_to_numbers() {
    assert_eq!(rows("name,id\nAnn,\"=\"\"0012\"\"\"\n"), [row("Ann", "0012", "", "", 10_000)]);
    assert_eq!(rows("name,id\nAnn,=\"0012\"\n"), [row("Ann", "0012", "", "", 10_000)]);
    assert_eq!(
        errors("name,id\nAnn,2.02101E+11\nBob,2.02101E+11\n"),
        ["2 id spoiled_number 2.02101E+11", "3 id spoiled_number 2.02101E+11"]
    );
    assert_eq!(rows("name,id\nAnn,ME+12\n"), [row("Ann", "ME+12", "", "", 10_000)]);
}

#[test]
fn our_own_tables_come_back() {
    let names = ["=1+1", "@ann", "-x", "'=x", "O'Neil", "李雷", "a, \"b\"; c", "'t Hooft", "＝x"];
    let table = csv(
        &["name".to_owned(), "id".to_owned()],
        names.iter().zip(1..).map(|(name, id)| vec![Cell::from(*name), Cell::Number(id)]),
    );
    let back: Vec<String> = parse(&table).unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(back, names);
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), head in "(name,id|name;seat|\u{feff}姓名|sep=;)?\n?") {
        let bytes = [head.as_bytes(), &bytes].concat();
        if let Ok(rows) = parse(&bytes) {
            proptest::prop_assert!(rows.iter().all(|row| !row.name.is_empty() && !row.name.contains(|c: char| c.is_control())));
        }
    }
}
