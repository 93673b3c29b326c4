//! Answers: pages, redirects, JSON, and failures in the form that whoever asked can read.

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::ask::escaped;
use super::cookies;
use crate::error::{Code, Error, Result};
use crate::locale::{Locale, error_words};
use crate::view::{ErrorPage, Page, Problem, ProblemFragment, Shell};

/// For whom a route speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// A student's page.
    Student,
    /// A page of staff.
    Staff,
    /// The script of a student's page.
    Data,
}

/// In which form somebody reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A page.
    Page,
    /// A part of one, for a script.
    Fragment,
    /// JSON, for a script.
    Data,
}

/// Enough of a request to answer its failure.
pub(super) struct Reader {
    pub(super) voice: Voice,
    pub(super) locale: Locale,
    /// The language was chosen in the address: it is kept.
    pub(super) chosen: bool,
    /// In which form the answer is read.
    pub(super) form: Shape,
    /// Nothing was to be changed.
    pub(super) reads: bool,
    pub(super) path: String,
}

impl Reader {
    /// A failure as a page, a part of a page, a problem body, or a way to the door.
    pub(super) fn refusal(&self, error: &Error) -> Response {
        if let Some(cause) = &error.cause {
            tracing::warn!(code = error.code.as_str(), path = %self.path, error = ?cause, "web.failed");
        }
        if self.voice == Voice::Data || self.form == Shape::Data {
            return problem(self.locale, error);
        }
        if self.form == Shape::Fragment {
            return with_retry(page_with(status(error), &ProblemFragment { problem: Some(said(self.locale, error)) }), error);
        }
        if matches!(error.code, Code::TokenMissing | Code::TokenExpired | Code::TokenInvalid) {
            return redirect(&self.door());
        }
        let shell = Shell { locale: self.locale, csrf: String::new(), path: self.path.clone(), user: None };
        let back = if self.voice == Voice::Staff { "/staff" } else { "/" };
        let page = ErrorPage { shell, status: error.code.status(), problem: said(self.locale, error), back: back.to_owned() };
        with_retry(page_with(status(error), &page), error)
    }

    fn door(&self) -> String {
        match self.voice {
            Voice::Staff if self.reads && self.path != "/staff" => format!("/staff/login?next={}", escaped(&self.path)),
            Voice::Staff => "/staff/login".to_owned(),
            Voice::Student | Voice::Data => "/".to_owned(),
        }
    }

    /// What every answer bears: nothing of it is for a cache, and a chosen language stays.
    pub(super) fn dress(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
        let vary = header::HeaderValue::from_static("Cookie, Accept-Language");
        headers.insert(header::VARY, vary);
        if self.chosen
            && let Ok(line) = cookies::keep_language(self.locale.tag()).parse()
        {
            headers.append(header::SET_COOKIE, line);
        }
        response
    }
}

fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error in words, for a page.
pub(super) fn said(locale: Locale, error: &Error) -> Problem {
    let (title, detail) = error_words(locale, error);
    Problem { code: error.code.as_str().to_owned(), title, detail }
}

/// A page.
pub(super) fn page(template: &impl Page) -> Result<Response> {
    let body = template.render().map_err(Error::internal)?;
    Ok(html(StatusCode::OK, body))
}

/// A page that says what was wrong, above the form in which it can be mended.
pub(super) fn page_again(template: &impl Page, error: &Error) -> Response {
    with_retry(page_with(status(error), template), error)
}

fn page_with(status: StatusCode, template: &impl Page) -> Response {
    match template.render() {
        Ok(body) => html(status, body),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn html(status: StatusCode, body: String) -> Response {
    Response::builder().status(status).content_type("text/html; charset=utf-8").body(body)
}

fn with_retry(mut response: Response, error: &Error) -> Response {
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// "See other": a reload never repeats a form. The address is always one of ours.
pub(super) fn redirect(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}

/// Adds a cookie.
pub(super) fn with_cookie(mut response: Response, line: &str) -> Response {
    if let Ok(value) = line.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// An answer for a script.
pub(super) fn data(value: &Value) -> Response {
    Response::builder().content_type("application/json").body(value.to_string())
}

/// A failure for a script: problem+json.
fn problem(locale: Locale, error: &Error) -> Response {
    let (title, detail) = error_words(locale, error);
    let code = error.code.as_str();
    // Members of its own come first: none of them may replace what every problem has.
    let mut body = error.state.as_ref().and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let own = json!({
        "type": format!("/docs/errors#{code}"), "title": title, "status": error.code.status(), "code": code, "detail": detail,
    });
    body.extend(own.as_object().cloned().unwrap_or_default());
    if !error.faults.is_empty() {
        body.insert("errors".to_owned(), json!(error.faults));
    }
    let response = Response::builder().status(status(error)).content_type("application/problem+json");
    with_retry(response.body(Value::Object(body).to_string()), error)
}
