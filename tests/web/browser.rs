//! As much of a browser as the pages need: a jar of cookies, forms with the token of the last page, no following of redirects.

use std::collections::BTreeMap;
use std::net::IpAddr;

use invigil::web::Secure;
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, EndpointExt as _, Request, Response, endpoint::BoxEndpoint};
use serde_json::Value;

use super::hall::{Hall, PASSWORD};

/// One person's browser.
pub struct Browser {
    pages: BoxEndpoint<'static, Response>,
    jar: BTreeMap<String, String>,
    /// Token of the last page that had one.
    pub csrf: String,
    /// Whence it comes, as the server's door would say.
    pub address: Option<IpAddr>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: String,
    headers: poem::http::HeaderMap,
}

impl Browser {
    pub fn new(hall: &Hall, secure: bool) -> Self {
        Self { pages: hall.pages().data(Secure(secure)).boxed(), jar: BTreeMap::new(), csrf: String::new(), address: None }
    }

    pub async fn sign_in(&mut self) {
        let entered = self.post("/staff/login", &[("login", "ada"), ("password", PASSWORD)]).await;
        assert_eq!(entered.status, 303, "{}", entered.body);
        self.get("/staff").await;
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call(self.request(Method::GET, path).finish()).await
    }

    pub async fn get_if_changed(&mut self, path: &str, tag: &str) -> Answer {
        self.call(self.request(Method::GET, path).header("if-none-match", tag).finish()).await
    }

    /// A form of the last page, from our own origin.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.clone();
        self.raw_post(path, Some(&token), true, fields).await
    }

    pub async fn raw_post(&mut self, path: &str, token: Option<&str>, ours: bool, fields: &[(&str, &str)]) -> Answer {
        self.submit(path, token, ours, fields, false).await
    }

    /// A form that a script sends, for a part of a page.
    pub async fn fragment(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf.clone();
        self.submit(path, Some(&token), true, fields, true).await
    }

    async fn submit(&mut self, path: &str, token: Option<&str>, ours: bool, fields: &[(&str, &str)], part: bool) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in token.map(|token| ("csrf", token)).iter().chain(fields) {
            body.append_pair(name, value);
        }
        let mut request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        if part {
            request = request.header("x-fragment", "1");
        }
        let origin = if ours { "https://school.example" } else { "https://evil.example" };
        self.call(request.header("origin", origin).body(body.finish())).await
    }

    /// JSON from the page's script.
    pub async fn send(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(method.parse().unwrap(), path).header("content-type", "application/json; charset=utf-8");
        let request = request.header("x-csrf", &self.csrf).header("origin", "https://school.example").body(body.to_string());
        self.call(request).await
    }

    /// The secret of a session.
    pub fn secret(&self, cookie: &str) -> &str {
        &self.jar[cookie]
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        let value = self.jar.remove(from).unwrap();
        self.jar.insert(to.to_owned(), value);
    }

    fn request(&self, method: Method, path: &str) -> poem::RequestBuilder {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(path.parse().unwrap());
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    async fn call(&mut self, mut request: Request) -> Answer {
        if let Some(address) = self.address {
            request.set_data(address);
        }
        let response = self.pages.call(request).await.unwrap_or_else(|error| {
            let status = error.status();
            if status == StatusCode::INTERNAL_SERVER_ERROR { panic!("{error:?}") } else { error.into_response() }
        });
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().into_string().await.unwrap();
        let answer = Answer { status, body, headers };
        for line in answer.cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                self.jar.remove(name)
            } else {
                self.jar.insert(name.to_owned(), value.to_owned())
            };
        }
        if let Some(token) = answer.maybe_field("csrf") {
            self.csrf = token;
        }
        answer
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    }
    pub fn location(&self) -> String {
        self.header("location")
    }
    pub fn cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect()
    }
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().into_iter().find(|line| line.starts_with(&format!("{name}=")))
    }
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }
    /// `data-state` of a student's page.
    pub fn state(&self) -> String {
        assert_eq!(self.status, 200, "{} {}", self.location(), self.body);
        self.body.split("<body").nth(1).unwrap().split("data-state=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
    fn maybe_field(&self, name: &str) -> Option<String> {
        let rest = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    }
    /// The value of a field or button that begins so, if the page has it.
    pub fn field_of(&self, name: &str, begins: &str) -> Option<String> {
        let rest = self.body.split(&format!("name=\"{name}\" value=\"{begins}")).nth(1)?;
        Some(format!("{begins}{}", rest.split('"').next()?))
    }
    /// A hidden field.
    pub fn field(&self, name: &str) -> String {
        self.maybe_field(name).unwrap_or_else(|| panic!("no field {name}: {}", self.body))
    }
    /// Nothing a person wrote has become markup, and the page speaks the language.
    pub fn is_harmless(&self, lang: &str) {
        for bad in ["<b>Li", "<img src=x", "<script>", "onerror=x>"] {
            assert!(!self.body.contains(bad), "{bad} in {}", self.body);
        }
        assert!(self.body.contains(&format!("<html lang=\"{lang}\">")), "{}", self.body);
    }
}
