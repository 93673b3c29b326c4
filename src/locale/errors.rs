//! An error in words: what happened and what to do next.

use super::{Arg, Locale, error_detail, error_title, maybe};
use crate::error::Error;

/// Title and detail of an error in the reader's language.
pub fn error_words(locale: Locale, error: &Error) -> (String, String) {
    let code = error.code.as_str();
    let args: Vec<(&'static str, Arg<'_>)> = error.args.iter().map(|(name, value)| (*name, arg(value))).collect();
    let detail = maybe(locale, &format!("error-{code}"), &args).unwrap_or_else(|| error_detail(locale, code));
    (error_title(locale, code), detail)
}

/// A value that reads as a number chooses plurals.
fn arg(value: &str) -> Arg<'_> {
    value.parse::<i64>().map_or_else(|_| Arg::from(value), Arg::Number)
}
