//! Whether a receipt fits answers: anyone with the answers can make it again.

use serde_json::Value;

use crate::auth::crockford;
use crate::auth::receipts::{self, Line, value_hash};
use crate::store::answers::AnswerRow;
use crate::time::parse_rfc3339;

/// Why an export cannot be compared with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadExport {
    /// It is no list of answers.
    #[error("this is not JSON with a list of answers, as GET /rooms/…/candidates/…/answers gives it")]
    Form,
    /// An answer lacks something.
    #[error("answer {0} lacks pen, seq, question, value or received_at, or has something else there")]
    Answer(usize),
}

/// What a receipt comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the receipt of exactly these answers.
    Fits,
    /// It is the receipt of the first so many of them, in the order in which they were received: others came later.
    FitsFirst(usize),
    /// It is not theirs.
    Differs,
    /// It is no receipt.
    NoReceipt,
}

/// The lines of an export: what `GET …/answers` answers, to staff or to the candidate, or only its list.
pub fn lines(bytes: &[u8]) -> Result<Vec<Line>, BadExport> {
    let json: Value = serde_json::from_slice(bytes).map_err(|_| BadExport::Form)?;
    let items = json.get("items").unwrap_or(&json).as_array().ok_or(BadExport::Form)?;
    items.iter().enumerate().map(|(n, item)| line(item).ok_or(BadExport::Answer(n + 1))).collect()
}

fn line(item: &Value) -> Option<Line> {
    Some(Line {
        pen: item.get("pen")?.as_i64()?,
        seq: item.get("seq")?.as_i64()?,
        question: item.get("question")?.as_str()?.to_owned(),
        // As the store keeps it: compact JSON.
        value_sha256: value_hash(&item.get("value")?.to_string()),
        received_ms: parse_rfc3339(item.get("received_at")?.as_str()?).ok()?,
    })
}

/// The receipt over stored answers.
pub fn receipt_of(rows: &[AnswerRow]) -> String {
    super::backup::make::receipt_of(rows)
}

/// The lines of stored answers.
pub fn stored(rows: &[AnswerRow]) -> Vec<Line> {
    rows.iter().map(super::backup::make::line_of).collect()
}

/// Compares a receipt, whole (`h1:…`) or short (`4F7K-2M`), with answers. One that was made before later answers came fits the first of
/// them, by the instant of receipt.
pub fn verify(mut lines: Vec<Line>, receipt: &str) -> Verdict {
    let receipt = receipt.trim();
    let fits: Box<dyn Fn(&str) -> bool> = if receipts::short(receipt).is_some() {
        let wanted = receipt.to_ascii_lowercase();
        Box::new(move |made| made == wanted)
    } else {
        let Some(wanted) = crockford::fold(receipt).filter(|symbols| symbols.len() == 6) else { return Verdict::NoReceipt };
        Box::new(move |made| receipts::short(made).and_then(|short| crockford::fold(&short)).is_some_and(|short| short == wanted))
    };
    if fits(&receipts::receipt(lines.clone())) {
        return Verdict::Fits;
    }
    lines.sort_by_key(|line| (line.received_ms, line.pen, line.seq));
    for n in (0..lines.len()).rev() {
        if fits(&receipts::receipt(lines[..n].to_vec())) {
            return Verdict::FitsFirst(n);
        }
    }
    Verdict::Differs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn export() -> Value {
        json!({ "items": [
            { "pen": 1, "seq": 1, "question": "q1", "value": ["a"], "received_at": "2026-11-03T09:00:00.001Z", "counts": true },
            { "pen": 1, "seq": 2, "question": "q2", "value": "4,5", "received_at": "2026-11-03T09:00:02.000Z", "counts": true },
            { "pen": 2, "seq": 1, "question": "q1", "value": null, "received_at": "2026-11-03T09:59:00.000Z", "counts": false },
        ] })
    }

    fn read(json: &Value) -> Vec<Line> {
        lines(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn whole_and_short_receipts_fit_and_nothing_else_does() {
        let all = read(&export());
        let whole = receipts::receipt(all.clone());
        let short = receipts::short(&whole).unwrap();
        for receipt in
            [whole.clone(), whole.to_uppercase().replace("H1", "h1"), short.clone(), short.to_lowercase().replace('-', " ")]
        {
            assert_eq!(verify(all.clone(), &receipt), Verdict::Fits, "{receipt}");
        }
        let mut altered = export();
        altered["items"][1]["value"] = json!("4,6");
        for receipt in [&whole, &short] {
            assert_eq!(verify(read(&altered), receipt), Verdict::Differs);
            assert_eq!(verify(all[1..].to_vec(), receipt), Verdict::Differs, "one is missing");
        }
        for text in ["", "h1:", "4F7K", "4F7K-2M9", "???? ??"] {
            assert_eq!(verify(all.clone(), text), Verdict::NoReceipt, "{text}");
        }
    }

    #[test]
    fn a_receipt_from_before_a_late_answer_fits_the_first_of_them() {
        let all = read(&export());
        assert_eq!(verify(all.clone(), &receipts::receipt(all[..2].to_vec())), Verdict::FitsFirst(2));
        let list = export()["items"].clone();
        assert_eq!(read(&list), all, "the bare list is as good");
        assert_eq!(lines(b"pen,seq"), Err(BadExport::Form));
        let broken = json!([{ "pen": 1, "seq": 1, "question": "q1", "received_at": "2026-11-03T09:00:00.001Z" }]);
        assert_eq!(lines(broken.to_string().as_bytes()), Err(BadExport::Answer(1)));
    }
}
