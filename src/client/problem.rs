//! Why a request was not done: a problem body, or no answer at all.

use std::time::Duration;

use serde_json::Value;

/// A refusal by the server, or status 0 when none came from it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{status} {code}: {detail}")]
pub struct Problem {
    /// HTTP status; 0 when the server did not answer.
    pub status: u16,
    /// Its stable code; `unreachable` or `not_a_problem` when it has none.
    pub code: String,
    /// What to do, in the reader's language.
    pub detail: String,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The whole body; null when it is no JSON.
    pub json: Value,
}

impl Problem {
    /// No answer: refused, reset, timed out.
    pub fn unreachable(cause: &dyn std::error::Error) -> Self {
        // An HTTP library says "error sending request" and keeps the reason in its sources.
        let mut detail = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            detail = [detail, inner.to_string()].join(": ");
            source = inner.source();
        }
        Self { status: 0, code: "unreachable".to_owned(), detail, retry_after: None, json: Value::Null }
    }

    /// The same, in own words.
    pub fn no_answer(detail: &str) -> Self {
        Self { status: 0, code: "unreachable".to_owned(), detail: detail.to_owned(), retry_after: None, json: Value::Null }
    }

    /// A server's answer that this client cannot use although it is no error.
    pub fn unusable(status: u16, detail: &str, json: Value) -> Self {
        Self { status, code: "not_as_documented".to_owned(), detail: detail.to_owned(), retry_after: None, json }
    }

    /// From an answer's status and body. `retry_after` is the header, in seconds.
    pub fn of(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        Self {
            status,
            code: text("code").unwrap_or_else(|| "not_a_problem".to_owned()),
            detail: text("detail").or_else(|| text("title")).unwrap_or_default(),
            retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs),
            json,
        }
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub fn may_retry(&self) -> bool {
        matches!(self.status, 0 | 408 | 425 | 429) || self.status >= 500
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_body_is_read() {
        let body = br#"{"type":"/docs/errors#pen_held","title":"T","status":409,"code":"pen_held","detail":"D","phase":"open"}"#;
        let problem = Problem::of(409, Some(" 7 "), body);
        assert_eq!((problem.status, problem.code.as_str(), problem.detail.as_str()), (409, "pen_held", "D"));
        assert_eq!(problem.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(problem.json["phase"], "open");
    }

    #[test]
    fn a_body_that_is_no_problem_is_still_an_error() {
        let problem = Problem::of(502, Some("Wed, 21 Oct 2026 07:28:00 GMT"), b"<html>");
        assert_eq!((problem.code.as_str(), problem.retry_after), ("not_a_problem", None));
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retried() {
        for (status, may) in [(0, true), (400, false), (401, false), (403, false), (409, false), (429, true), (503, true)] {
            assert_eq!(Problem::of(status, None, b"").may_retry(), may, "{status}");
        }
    }
}
