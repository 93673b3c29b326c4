//! Cookies. Their names say the scheme: `__Host-` binds a cookie to this host and to TLS, and plain HTTP on a school's own network
//! cannot have it.

use poem::http::{HeaderMap, header};

use crate::auth::secrets::SessionSecret;

/// Keeps the reader's choice of language.
pub(super) const LANGUAGE: &str = "lang";
/// A choice of language is kept for a year, in seconds.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 3600;

/// The value of a cookie.
pub(super) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v))
}

/// The session's secret. Over TLS only the bound cookie counts: a plain one may have been planted by another page of the domain.
pub(super) fn read(headers: &HeaderMap, name: &str, secure: bool) -> Option<SessionSecret> {
    SessionSecret::parse(find(headers, &full_name(name, secure))?)
}

fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

fn line(name: &str, value: &str, secure: bool, seconds: Option<i64>) -> String {
    let (name, secure) = (full_name(name, secure), if secure { "; Secure" } else { "" });
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

/// Keeps a session until the browser closes: a computer of an exam hall is somebody else's tomorrow.
pub(super) fn keep(name: &str, secret: &SessionSecret, secure: bool) -> String {
    line(name, &secret.expose(), secure, None)
}

/// Forgets a session.
pub(super) fn forget(name: &str, secure: bool) -> String {
    line(name, "", secure, Some(0))
}

/// Keeps a choice of language. It is no secret, so its name does not depend on the scheme.
pub(super) fn keep_language(tag: &str) -> String {
    line(LANGUAGE, tag, false, Some(LANGUAGE_SECONDS))
}
