//! One shape for every error: `application/problem+json`, in the reader's language.

use poem::http::header::{ACCEPT_LANGUAGE, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use poem::http::{HeaderMap, HeaderValue, StatusCode};
use poem::{Endpoint, IntoResponse, Request, Response};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Any, Type};
use poem_openapi::{ApiResponse, Object};
use serde_json::{Map, Value, json};

use crate::error::{Code, Error};
use crate::locale::{Locale, error_words};

/// What went wrong and what to do about it. Some codes add members of their own, for example `phase` and `allowed`.
#[derive(Object)]
#[oai(rename = "Problem")]
struct ProblemBody {
    /// Where the code is explained.
    r#type: String,
    /// The kind of problem in a few words, in the reader's language.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The stable name of the problem.
    code: String,
    /// What to do, in the reader's language.
    detail: String,
    /// The fields at fault.
    errors: Option<Vec<FieldFault>>,
}

/// One field that was refused.
#[derive(Object)]
struct FieldFault {
    /// Where, like `questions[3].key`, or `line 4, seat` in a file.
    path: String,
    /// The stable name of the fault.
    code: String,
    /// The value as it came, shortened.
    value: Option<String>,
}

/// What a handler fails with.
pub(super) struct Fail(Error);

/// What a handler returns.
pub(super) type Reply<T> = Result<T, Fail>;

impl<E: Into<Error>> From<E> for Fail {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<Fail> for poem::Error {
    fn from(fail: Fail) -> Self {
        let status = status(fail.0.code);
        Self::new(fail.0, status)
    }
}

impl ApiResponse for Fail {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/problem+json", schema: ProblemBody::schema_ref() }];
        let description = "What went wrong: `status` and `code` say it to programs, `title` and `detail` to people.";
        MetaResponses {
            responses: vec![MetaResponse { description, status: None, status_range: None, content, headers: Vec::new() }],
        }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
        Any::<Value>::register(registry);
    }
}

/// An error of ours on its way through poem.
pub(super) fn raise(error: impl Into<Error>) -> poem::Error {
    Fail(error.into()).into()
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The language of whoever asks.
pub(super) fn language(headers: &HeaderMap) -> Locale {
    Locale::negotiate(None, headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// The problem document of an error, with the headers that belong to its status.
fn response(error: &Error, locale: Locale) -> Response {
    let code = error.code.as_str();
    let (title, detail) = error_words(locale, error);
    let mut body = Map::new();
    if let Some(Value::Object(state)) = &error.state {
        body.extend(state.clone());
    }
    body.insert("type".into(), format!("/docs/errors#{code}").into());
    body.insert("title".into(), title.into());
    body.insert("status".into(), error.code.status().into());
    body.insert("code".into(), code.into());
    body.insert("detail".into(), detail.into());
    if !error.faults.is_empty() {
        body.insert("errors".into(), error.faults.iter().map(fault).collect());
    }
    let mut response = Response::builder()
        .status(status(error.code))
        .content_type("application/problem+json")
        .header("content-language", locale.tag())
        .body(Value::Object(body).to_string());
    let headers = response.headers_mut();
    if error.code.status() == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = error.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn fault(fault: &crate::error::Fault) -> Value {
    if fault.value.is_empty() {
        json!({ "path": fault.path, "code": fault.code })
    } else {
        json!({ "path": fault.path, "code": fault.code, "value": fault.value })
    }
}

/// Our name for what a library says. Its own words stay here: they are English and speak of types.
fn named(error: poem::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(ours) => return ours,
        Err(error) => error,
    };
    if let Some(ParseParamError { name, .. }) = error.downcast_ref() {
        return Error::field(name, "malformed");
    }
    // What cannot be an id names nothing.
    if error.downcast_ref::<ParsePathError>().is_some() {
        return Code::NotFound.into();
    }
    if error.downcast_ref::<ContentTypeError>().is_some() {
        return Code::UnsupportedMediaType.into();
    }
    if error.downcast_ref::<ParseRequestPayloadError>().is_some() {
        return Code::BadRequest.into();
    }
    let code = match error.status().as_u16() {
        401 => Code::TokenMissing,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::Timeout,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::RateLimited,
        503 => Code::Busy,
        400..=499 => Code::BadRequest,
        _ => return Error::internal(anyhow::anyhow!("{error}")),
    };
    code.into()
}

/// Puts every error of the routes beneath it into words.
pub(super) struct Worded<E> {
    inner: E,
    methods: Methods,
}

impl<E> Worded<E> {
    pub(super) fn new(inner: E, methods: Methods) -> Self {
        Self { inner, methods }
    }
}

impl<E: Endpoint> Endpoint for Worded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let locale = language(request.headers());
        let path = request.original_uri().path().to_owned();
        let error = match self.inner.call(request).await {
            Ok(output) => return Ok(output.into_response()),
            Err(error) => named(error),
        };
        if let Some(cause) = &error.cause {
            tracing::error!(code = error.code.as_str(), cause = ?cause, "api.failed");
        }
        let mut response = response(&error, locale);
        if error.code == Code::MethodNotAllowed
            && let Some(allow) = self.methods.allow(&path).and_then(|allow| HeaderValue::from_str(&allow).ok())
        {
            response.headers_mut().insert(ALLOW, allow);
        }
        Ok(response)
    }
}

/// Which methods each path has, for the `Allow` of a 405.
pub(super) struct Methods(Vec<(Vec<Option<String>>, String)>);

impl Methods {
    /// Reads them from the `OpenAPI` document.
    pub(super) fn of(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
        let mut all: Vec<_> = paths
            .map(|(path, item)| {
                let segments: Vec<Option<String>> =
                    path.split('/').map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
                let has = |method: &&str| item.get(method.to_ascii_lowercase()).is_some();
                let mut methods: Vec<&str> = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(has).collect();
                if methods.first() == Some(&"GET") {
                    methods.insert(1, "HEAD");
                }
                (segments, methods.join(", "))
            })
            .collect();
        // A literal segment is found before a parameter in its place, as the router does.
        all.sort_by_key(|(segments, _)| segments.iter().map(Option::is_none).collect::<Vec<_>>());
        Self(all)
    }

    fn allow(&self, path: &str) -> Option<String> {
        let Some(path) = path.strip_prefix(super::BASE) else { return Some("GET, HEAD".to_owned()) };
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |segments: &[Option<String>]| {
            segments.len() == asked.len()
                && segments.iter().zip(&asked).all(|(mine, asked)| mine.as_deref().is_none_or(|m| m == *asked))
        };
        self.0.iter().find(|(segments, _)| fits(segments)).map(|(_, methods)| methods.clone())
    }
}
