use std::fmt::Write as _;

use aws_lc_rs::hmac;
use serde_json::Value;

use super::crockford;
use super::secrets::{ServerSecret, hex, mac, sha256};
use crate::domain::Ms;

/// SHA-256 of an answer's value as JSON text, exactly as it is stored (compact; a cleared answer is `null`), in hex.
pub fn value_hash(value_json: &str) -> String {
    hex(&sha256(value_json.as_bytes()))
}

/// One committed answer, as a receipt counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who wrote.
    pub pen: i64,
    /// Which of that pen's frames.
    pub seq: i64,
    /// The question's id.
    pub question: String,
    /// `value_hash` of the value.
    pub value_sha256: String,
    /// When the frame was read, Unix milliseconds.
    pub received_ms: Ms,
}

/// The receipt of a hand-in over all answers committed by then, in whatever order they come: `h1:` and SHA-256 of the
/// lines `pen,seq,question,sha256(value JSON),received_ms`, sorted by (pen, seq), each ended by a line feed. Anyone with
/// the answers can make it again.
pub fn receipt(mut lines: Vec<Line>) -> String {
    lines.sort_by_key(|line| (line.pen, line.seq));
    let mut text = String::new();
    for Line { pen, seq, question, value_sha256, received_ms } in &lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{pen},{seq},{question},{value_sha256},{received_ms}");
    }
    format!("h1:{}", hex(&sha256(text.as_bytes())))
}

/// A receipt for people: its first 30 bits as `4F7K-2M`. `None` if the text is no receipt.
pub fn short(receipt: &str) -> Option<String> {
    let digits = receipt.strip_prefix("h1:").filter(|hex| hex.len() == 64)?;
    let start = digits.get(..8).and_then(|first| u32::from_str_radix(first, 16).ok())?;
    let symbols = crockford::encode(&start.to_be_bytes(), 6);
    let (group, rest) = symbols.split_at(4);
    Some(format!("{group}-{rest}"))
}

/// What a proof is about. The question is part of it, else a proof earned with one answer could carry another question's
/// late answer of the same value.
#[derive(Debug, Clone, Copy)]
pub struct Proven<'a> {
    /// Who wrote; names the room too.
    pub candidate: &'a str,
    /// The pen that wrote.
    pub pen: i64,
    /// Which of its frames.
    pub seq: i64,
    /// The question's id.
    pub question: &'a str,
    /// `value_hash` of the value.
    pub value_sha256: &'a str,
}

impl Proven<'_> {
    fn mac(&self, key: &hmac::Key, received_ms: Ms) -> [u8; 32] {
        // Ids and hashes hold no line feed, so no two different claims give one text.
        let Self { candidate, pen, seq, question, value_sha256 } = self;
        mac(key, format!("{candidate}\n{pen}\n{seq}\n{question}\n{value_sha256}\n{received_ms}").as_bytes())
    }
}

/// Proof that we read this answer at `received_ms` and refused it for our own reasons: `p1.<received_ms>.<mac>`. Resent
/// with it, the answer keeps its time.
pub fn proof(secret: &ServerSecret, proven: &Proven<'_>, received_ms: Ms) -> String {
    format!("p1.{received_ms}.{}", hex(&proven.mac(&secret.mac_key("proof"), received_ms)))
}

/// When the answer was first read, if the proof is ours and is about this very answer.
pub fn check_proof(secret: &ServerSecret, proven: &Proven<'_>, proof: &str) -> Option<Ms> {
    let (received, tag) = proof.strip_prefix("p1.")?.split_once('.')?;
    let received_ms: Ms = received.parse().ok()?;
    let ours = self::proof(secret, proven, received_ms);
    let (_, expected) = ours.rsplit_once('.')?;
    aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), tag.as_bytes()).ok().map(|()| received_ms)
}

/// First line of what is hashed, and the file's `format`.
pub const FILE_FORMAT: &str = "invigil-answers-1";

/// Tells an emergency file that was damaged on its way from a whole one. It proves nothing about who wrote it. `lines` are the file's
/// answers in its order: pen, seq, question, proof, and the value with the members of every object sorted by name.
pub fn file_hash<'a>(
    room: &str,
    candidate: &str,
    lines: impl Iterator<Item = (i64, i64, &'a str, &'a str, &'a Value)>,
) -> String {
    let mut text = format!("{FILE_FORMAT}\n{room}\n{candidate}\n");
    for (pen, seq, question, proof, value) in lines {
        // Writing to a String cannot fail.
        let _ = write!(text, "{pen},{seq},{question},{proof},");
        canonical(&mut text, value);
        text.push('\n');
    }
    format!("h1:{}", hex(&sha256(text.as_bytes())))
}

fn canonical(text: &mut String, value: &Value) {
    let list = |text: &mut String, ends: (char, char), parts: Vec<(Option<&String>, &Value)>| {
        text.push(ends.0);
        for (i, (name, part)) in parts.into_iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            if let Some(name) = name {
                let _ = write!(text, "{}:", Value::from(name.as_str()));
            }
            canonical(text, part);
        }
        text.push(ends.1);
    };
    match value {
        Value::Array(items) => list(text, ('[', ']'), items.iter().map(|item| (None, item)).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, part)| (Some(name), part)).collect();
            // As scripts sort: by UTF-16 code units.
            members.sort_by_cached_key(|(name, _)| name.map(|name| name.encode_utf16().collect::<Vec<_>>()));
            list(text, ('{', '}'), members);
        }
        plain => {
            let _ = write!(text, "{plain}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pen: i64, seq: i64, question: &str, value: &str, received_ms: Ms) -> Line {
        Line { pen, seq, question: question.to_owned(), value_sha256: value_hash(value), received_ms }
    }

    fn lines() -> Vec<Line> {
        vec![line(1, 1, "q1", r#"["a"]"#, 1_000), line(1, 2, "q2", r#""4,5""#, 2_000), line(2, 1, "q1", "null", 3_000)]
    }

    #[test]
    fn a_receipt_is_what_anyone_can_compute() {
        let text = format!(
            "1,1,q1,{},1000\n1,2,q2,{},2000\n2,1,q1,{},3000\n",
            value_hash(r#"["a"]"#),
            value_hash(r#""4,5""#),
            value_hash("null")
        );
        assert_eq!(receipt(lines()), format!("h1:{}", hex(&sha256(text.as_bytes()))));
        // SHA-256 of nothing.
        assert_eq!(receipt(vec![]), "h1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let whole = receipt(lines());
        let mut turned = lines();
        turned.reverse();
        assert_eq!(receipt(turned), whole);
        let changes: [fn(&mut Line); 5] = [
            |line| line.pen = 9,
            |line| line.seq = 9,
            |line| line.question = "q9".to_owned(),
            |line| line.value_sha256 = value_hash("\"x\""),
            |line| line.received_ms += 1,
        ];
        for change in changes {
            let mut other = lines();
            change(&mut other[0]);
            assert_ne!(receipt(other), whole);
        }
        assert_ne!(receipt(lines()[..2].to_vec()), whole);
    }

    #[test]
    fn people_get_thirty_bits() {
        // e3b0c442 = 11100 01110 11000 01100 01000 10000 10
        assert_eq!(short(&receipt(vec![])).as_deref(), Some("WERC-8G"));
        assert_eq!(short("h1:short"), None);
        assert_eq!(short("e3b0"), None);
    }

    #[test]
    fn a_proof_keeps_the_time_of_its_own_answer_only() {
        let secret = ServerSecret::fresh();
        let hash = value_hash(r#"["a"]"#);
        let other_hash = value_hash(r#"["b"]"#);
        let mine = Proven { candidate: "cd_1", pen: 1, seq: 7, question: "q1", value_sha256: &hash };
        let text = proof(&secret, &mine, 1_793_696_400_123);
        assert_eq!(check_proof(&secret, &mine, &text), Some(1_793_696_400_123));
        for other in [
            Proven { candidate: "cd_2", ..mine },
            Proven { pen: 2, ..mine },
            Proven { seq: 8, ..mine },
            Proven { question: "q2", ..mine },
            Proven { value_sha256: &other_hash, ..mine },
        ] {
            assert_eq!(check_proof(&secret, &other, &text), None, "{other:?}");
        }
        assert_eq!(check_proof(&ServerSecret::fresh(), &mine, &text), None);
    }

    #[test]
    fn a_proof_cannot_be_moved_in_time() {
        let secret = ServerSecret::fresh();
        let hash = value_hash("null");
        let mine = Proven { candidate: "cd_1", pen: 1, seq: 7, question: "q1", value_sha256: &hash };
        let text = proof(&secret, &mine, 5_000);
        let tag = text.rsplit_once('.').unwrap().1;
        let cut = &text[..text.len() - 1];
        for bad in ["", "p1.", "p1.5000", "p1.5000.", &format!("p1.4999.{tag}"), &format!("p2.5000.{tag}"), cut] {
            assert_eq!(check_proof(&secret, &mine, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_file_has_the_hash_that_the_page_gives_it() {
        let (a, b, none) = (serde_json::json!(["a"]), serde_json::json!({ "b": "2", "a": "伏尔加河 \"\n" }), Value::Null);
        let lines = [(1, 3, "q1", "", &a), (2, 1, "q2", "p1.5.ab", &b), (2, 2, "q1", "", &none)];
        // The same figure stands in tests/js/file.test.mjs.
        let page = "h1:b14f511244b7eb8a5e6925969f4153b1f6bfb13a9daa6666b201c6e1df004c80";
        assert_eq!(file_hash("rm_1", "cd_1", lines.into_iter()), page);
        assert_ne!(file_hash("rm_1", "cd_2", lines.into_iter()), page);
    }
}
