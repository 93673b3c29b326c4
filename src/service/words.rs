//! What people type, before it is kept.

use crate::error::{Code, Error, Result};

/// Longest Idempotency-Key, in bytes.
const KEY_BYTES: usize = 200;

/// The key of what somebody writes: the writer's own, so that two people never share one.
pub(super) fn once(who: &str, key: Option<&str>) -> Result<Option<String>> {
    match key {
        Some(key) if key.len() > KEY_BYTES => Err(Error::field("Idempotency-Key", "too_long")),
        Some(key) if !key.is_empty() => Ok(Some(format!("{who}:{key}"))),
        _ => Ok(None),
    }
}

/// What may be written: at most `limit` characters, nothing that cannot be shown; trimmed, may be empty.
pub(super) fn plain(text: &str, limit: usize) -> Result<String> {
    let text = text.trim().replace("\r\n", "\n");
    let length = text.chars().count();
    if length > limit {
        return Err(Error::from(Code::TooLong).arg("limit", limit).arg("got", length));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Code::NulCharacter.into());
    }
    Ok(text)
}

/// The same, and it must say something.
pub(super) fn some_words(text: &str, limit: usize) -> Result<String> {
    let text = plain(text, limit)?;
    if text.is_empty() { Err(Error::field("text", "required")) } else { Ok(text) }
}
