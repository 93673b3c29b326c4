//! Frames that are not taken: what cannot be read, what is too long.

use serde_json::Value;

use super::{Candidate, Output};
use crate::channel::words::{error_frame, refused_frame};
use crate::error::{Code, Error};
use crate::limits;
use crate::protocol::{ClientFrame, Close};

impl Candidate {
    /// What cannot be read is answered, and after ten the socket closes. An unknown type is no mistake of the page: it may be newer.
    pub(super) fn malformed(&mut self, text: &str) -> Vec<Output> {
        let value: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let number = |name: &str| value.get(name).and_then(Value::as_i64);
        let known = ["answer", "submit", "attention", "seen", "message", "hand", "signal", "sync", "rooms", "takeover"];
        let kind = value.get("type").and_then(Value::as_str);
        let code = if kind.is_some_and(|k| !known.contains(&k)) { Code::UnknownType } else { Code::Malformed };
        self.malformed += u32::from(code == Code::Malformed);
        let mut out = vec![Output::Send(Box::new(error_frame(self.locale, &code.into(), number("id"), number("seq"))))];
        if self.malformed >= limits::MALFORMED_FRAMES {
            out.push(Output::Close(Close::Malformed));
        }
        out
    }

    pub(super) fn refuse_frame(&self, frame: &ClientFrame, code: Code) -> Vec<Output> {
        let error = Error::from(code);
        let sent = match (frame, self.pen) {
            (ClientFrame::Submit { seq, .. } | ClientFrame::Message { seq, .. } | ClientFrame::Signal { seq, .. }, pen) => {
                match pen {
                    Some(pen) => refused_frame(self.locale, pen, *seq, &error, None),
                    None => error_frame(self.locale, &error, None, Some(*seq)),
                }
            }
            (ClientFrame::Sync { id, .. } | ClientFrame::Rooms { id }, _) => error_frame(self.locale, &error, Some(*id), None),
            _ => error_frame(self.locale, &error, None, None),
        };
        vec![Output::Send(Box::new(sent))]
    }
}
