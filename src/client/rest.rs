//! The verbs under `/api/v1`, one function each. Bodies are JSON values: the API's document is the type.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Problem;

/// Signing in, accounts.
mod accounts;
/// Messages and hands.
mod messages;
/// Exams, rooms, candidates, results: what staff does.
mod rooms;
/// A candidate's whole path without a socket.
mod sitting;

pub use accounts::Staff;
pub use sitting::Entry;

/// Longest a request may take, body included.
const REQUEST: Duration = Duration::from_secs(30);
/// Longest the connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection unused for this long is not used again: the server closes it soon after (`limits::HEAD_DEADLINE`).
const IDLE: Duration = Duration::from_secs(5);

/// One caller of a server: where, who, in which language. Clones share connections.
#[derive(Clone)]
pub struct Rest {
    base: Url,
    token: Option<String>,
    lang: Option<String>,
    http: reqwest::Client,
}

impl std::fmt::Debug for Rest {
    /// Without the token: this ends up in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest")
            .field("base", &self.base.as_str())
            .field("signed_in", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// What a request carries.
#[derive(Debug, Clone)]
pub enum Content {
    /// No body.
    Nothing,
    /// A JSON body.
    Json(Value),
    /// A `text/csv` body.
    Csv(Vec<u8>),
}

/// A request that was done.
#[derive(Debug, Clone)]
pub struct Reply {
    /// 2xx, or 304.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as it came.
    pub bytes: Bytes,
    /// The body if it is JSON, else null.
    pub json: Value,
}

impl Reply {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
    /// The entity tag, for `If-Match`.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }
}

/// A page of a list that names the next: `{items, next}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// Its items.
    pub items: Vec<Value>,
    /// What to pass as `after`, when there is more.
    #[serde(default)]
    pub next: Option<String>,
}

impl Rest {
    /// A caller that has not signed in.
    pub fn new(base: Url) -> Result<Self, Problem> {
        if base.scheme() != "http" || base.host_str().is_none() {
            return Err(Problem::no_answer("the address must begin with http:// and name a host"));
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(REQUEST)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| Problem::unreachable(&error))?;
        Ok(Self { base, token: None, lang: None, http })
    }

    /// The same place for another caller.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller at another node.
    #[must_use]
    pub fn at(&self, base: Url) -> Self {
        Self { base, ..self.clone() }
    }

    /// The same place for a caller without a credential.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// The same caller, reading another language.
    #[must_use]
    pub fn with_lang(&self, lang: &str) -> Self {
        Self { lang: Some(lang.to_owned()), ..self.clone() }
    }

    /// Where the server is.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The credential, for the channel.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The language asked for.
    pub(super) fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    /// One request. `path` begins with `/` and is meant under `/api/v1`, except those of `/health`, `/metrics` and other
    /// places outside, which are named in full with [`Rest::raw`].
    pub async fn call(&self, method: Method, path: &str, body: Content, headers: &[(&str, &str)]) -> Result<Reply, Problem> {
        self.raw(method, &["/api/v1", path].concat(), body, headers).await
    }

    /// One request anywhere on the server.
    pub async fn raw(&self, method: Method, path: &str, body: Content, headers: &[(&str, &str)]) -> Result<Reply, Problem> {
        let url = self.base.join(path).map_err(|error| Problem::unreachable(&error))?;
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(lang) = &self.lang {
            request = request.header(reqwest::header::ACCEPT_LANGUAGE, lang);
        }
        for (name, value) in headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(*value)) else {
                return Err(Problem::no_answer("a header is not valid"));
            };
            request = request.header(name, value);
        }
        let request = match body {
            Content::Nothing => request,
            Content::Json(value) => request.json(&value),
            Content::Csv(bytes) => request.header(reqwest::header::CONTENT_TYPE, "text/csv").body(bytes),
        };
        let response = request.send().await.map_err(|error| Problem::unreachable(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.map_err(|error| Problem::unreachable(&error))?;
        if status >= 400 {
            let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok());
            return Err(Problem::of(status, retry_after, &bytes));
        }
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Reply { status, headers, bytes, json })
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Result<Value, Problem> {
        Ok(self.call(Method::GET, path, Content::Nothing, &[]).await?.json)
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value, Problem> {
        Ok(self.call(Method::POST, path, Content::Json(body), &[]).await?.json)
    }

    /// Replaces something.
    pub async fn put(&self, path: &str, body: Value) -> Result<Value, Problem> {
        Ok(self.call(Method::PUT, path, Content::Json(body), &[]).await?.json)
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value, Problem> {
        Ok(self.call(Method::PATCH, path, Content::Json(body), &[]).await?.json)
    }

    /// Removes something.
    pub async fn delete(&self, path: &str) -> Result<(), Problem> {
        self.call(Method::DELETE, path, Content::Nothing, &[]).await.map(drop)
    }

    /// Every item of a list, page after page. `path` may have a query. Ends after 1,000 pages at the latest.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, Problem> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut after) = (Vec::new(), None::<String>);
        for _ in 0..1_000 {
            let at = match &after {
                Some(after) => {
                    let after: String = url::form_urlencoded::byte_serialize(after.as_bytes()).collect();
                    format!("{path}{joint}limit=200&after={after}")
                }
                None => format!("{path}{joint}limit=200"),
            };
            let page: Page = read(self.get(&at).await?)?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(items)
    }
}

/// A key for one command: the same key again is the same command.
pub fn fresh_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Reads a documented body.
pub(super) fn read<T: serde::de::DeserializeOwned>(json: Value) -> Result<T, Problem> {
    T::deserialize(&json).map_err(|error| Problem::unusable(200, &error.to_string(), json))
}

/// The id of something that comes as an id or as an object with one.
pub(super) fn id_in(value: &Value) -> String {
    value.as_str().or_else(|| value.get("id").and_then(Value::as_str)).unwrap_or_default().to_owned()
}

/// A reason as commands take it.
pub fn reason(code: &str, text: &str) -> Value {
    json!({ "code": code, "text": text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed() {
        let rest = Rest::new(Url::parse("http://127.0.0.1:1").unwrap()).unwrap().with_token("sekrit");
        assert!(!format!("{rest:?}").contains("sekrit"));
    }

    #[test]
    fn only_plain_http_is_taken() {
        for bad in ["https://127.0.0.1", "ftp://127.0.0.1", "data:text/plain,x"] {
            assert!(Rest::new(Url::parse(bad).unwrap()).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_unreachable() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let rest = Rest::new(Url::parse(&format!("http://{gone}")).unwrap()).unwrap();
        let problem = rest.get("/me").await.unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (0, "unreachable"));
        assert!(problem.may_retry());
    }
}
