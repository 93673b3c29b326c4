//! Failures the edge itself answers, and those a route left without words.

use poem::{
    Body, Response,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE},
    },
};

/// What went wrong, before it is put into words for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// Short English title.
    pub title: &'static str,
    /// What to do about it, if more can be said.
    pub detail: Option<String>,
    /// The request's id, for whoever asks for help.
    pub id: String,
}

/// Who is to be told: enough of the request to choose a form and a language.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The path is one for programs: answer problem+json.
    pub program: bool,
    /// `Accept`, `Accept-Language` and `Cookie`, as far as they were sent.
    pub headers: HeaderMap,
}

impl Asker {
    pub(super) fn new(program: bool, all: &HeaderMap) -> Self {
        let mut headers = HeaderMap::new();
        for name in [ACCEPT, ACCEPT_LANGUAGE, COOKIE] {
            if let Some(mut value) = all.get(&name).cloned() {
                // Keeps it out of whatever prints an asker.
                value.set_sensitive(name == COOKIE);
                headers.insert(name, value);
            }
        }
        Self { program, headers }
    }

    /// Does this client want a page?
    pub fn wants_page(&self) -> bool {
        let accepts = self.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        !self.program && accepts.is_some_and(|accept| accept.contains("text/html"))
    }
}

/// Status, code, title and detail of a refusal by the edge.
pub(super) type Refusal = (StatusCode, &'static str, &'static str, Option<&'static str>);

pub(super) const INTERNAL: Refusal = (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side", None);

/// A status nobody has put into words.
pub(super) fn of_status(status: StatusCode) -> Refusal {
    let (code, title) = match status {
        StatusCode::BAD_REQUEST => ("malformed", "The request cannot be read"),
        StatusCode::UNAUTHORIZED => ("token_missing", "Sign in first"),
        StatusCode::FORBIDDEN => ("forbidden", "Not allowed"),
        StatusCode::NOT_FOUND => ("not_found", "There is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This method is not served here"),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long to arrive"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The request is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "This kind of content is not taken here"),
        StatusCode::TOO_MANY_REQUESTS => ("too_many", "Too many requests at once"),
        StatusCode::SERVICE_UNAVAILABLE => ("busy", "The server is busy"),
        status if status.is_client_error() => ("refused", "The request was refused"),
        _ => return (status, INTERNAL.1, INTERNAL.2, None),
    };
    (status, code, title, None)
}

/// The problem+json body of a failure.
pub(super) fn problem(failure: &Failure) -> Response {
    let mut body = serde_json::json!({
        "type": format!("/docs/errors#{}", failure.code),
        "title": failure.title,
        "status": failure.status.as_u16(),
        "code": failure.code,
        "request_id": failure.id,
    });
    if let Some(detail) = &failure.detail {
        body["detail"] = detail.as_str().into();
    }
    Response::builder().status(failure.status).content_type("application/problem+json").body(Body::from_string(body.to_string()))
}
