//! A request as the handlers see it: who, in which language, with which form.

use std::net::IpAddr;
use std::str::FromStr;

use bytes::Bytes;
use poem::Request;
use poem::error::ReadBodyError;
use poem::http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::answer::{Reader, Shape, Voice};
use super::form::Form;
use super::{Secure, Web, cookies};
use crate::auth::secrets::SessionSecret;
use crate::domain::Ms;
use crate::domain::access::Actor;
use crate::domain::ids::RoomId;
use crate::error::{Code, Error, Result};
use crate::limits;
use crate::locale::Locale;
use crate::service::sessions::{SIT_COOKIE, STAFF_COOKIE};
use crate::view::Shell;

/// A request, read whole.
pub(super) struct Ask {
    pub(super) web: Web,
    pub(super) locale: Locale,
    /// Trusted time when the body had been read: the one instant of this request.
    pub(super) read_ms: Ms,
    pub(super) secure: bool,
    req: Request,
    body: std::result::Result<Bytes, Code>,
    query: Form,
}

/// Somebody with a session.
pub(super) struct Visitor {
    pub(super) actor: Actor,
    pub(super) secret: SessionSecret,
}

/// A member of staff.
pub(super) struct Member {
    pub(super) actor: Actor,
    pub(super) shell: Shell,
}

impl Ask {
    pub(super) async fn read(web: Web, req: Request) -> Self {
        let (req, mut body) = req.split();
        let body = match body.take() {
            Ok(body) if !req.method().is_safe() => {
                body.into_bytes_limit(body_bytes(req.uri().path())).await.map_err(|error| match error {
                    ReadBodyError::PayloadTooLarge => Code::TooLarge,
                    _ => Code::BadRequest,
                })
            }
            _ => Ok(Bytes::new()),
        };
        let query = Form::parse(req.uri().query().unwrap_or_default().as_bytes());
        let locale = language(req.headers(), query.get("lang"), &web.settings.language);
        let secure = req.data::<Secure>().is_some_and(|secure| secure.0);
        let read_ms = web.service.now();
        Self { web, locale, read_ms, secure, req, body, query }
    }

    /// Whom to answer, also after the request is used up.
    pub(super) fn reader(&self, voice: Voice) -> Reader {
        Reader {
            voice,
            locale: self.locale,
            chosen: self.query.get("lang").is_some_and(|tag| Locale::parse(tag).is_some()),
            form: match (self.is_json(), self.is_fragment()) {
                (true, _) => Shape::Data,
                (false, true) => Shape::Fragment,
                (false, false) => Shape::Page,
            },
            reads: self.req.method().is_safe(),
            path: self.path().to_owned(),
        }
    }

    pub(super) fn path(&self) -> &str {
        self.req.uri().path()
    }
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }
    pub(super) fn param(&self, name: &str) -> &str {
        self.req.raw_path_param(name).unwrap_or_default()
    }
    pub(super) fn room(&self) -> Result<RoomId> {
        RoomId::from_str(self.param("room")).map_err(|_| Code::NotFound.into())
    }

    /// A script wants a part of a page, to put it into the one it has.
    pub(super) fn is_fragment(&self) -> bool {
        self.req.headers().contains_key("x-fragment")
    }

    /// The body is JSON: a script speaks, not a form.
    pub(super) fn is_json(&self) -> bool {
        let kind = self.req.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    }

    /// The client's address, for throttles.
    pub(super) fn address(&self) -> String {
        let known =
            self.req.data::<IpAddr>().copied().or_else(|| self.req.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip));
        known.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }

    pub(super) fn form(&self) -> Result<Form> {
        Ok(Form::parse(self.body.as_ref().map_err(|code| Error::from(*code))?))
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let body = self.body.as_ref().map_err(|code| Error::from(*code))?;
        if !self.is_json() {
            return Err(Code::UnsupportedMediaType.into());
        }
        serde_json::from_slice(body).map_err(|_| Code::BadRequest.into())
    }

    /// The request comes from one of our pages.
    pub(super) fn check_origin(&self) -> Result<()> {
        let ours = (self.web.settings.origin_check)(self.req.method(), self.req.headers());
        if ours { Ok(()) } else { Err(Code::OriginForbidden.into()) }
    }

    /// The request comes from a page of this very session.
    fn check_token(&self, secret: &SessionSecret) -> Result<()> {
        if *self.req.method() == Method::GET || *self.req.method() == Method::HEAD {
            return Ok(());
        }
        self.check_origin()?;
        let form = if self.is_json() { None } else { Some(self.form()?) };
        let token = match &form {
            Some(form) => form.get("csrf"),
            None => self.req.headers().get("x-csrf").and_then(|token| token.to_str().ok()),
        };
        if token.is_some_and(|token| secret.check_csrf(token)) { Ok(()) } else { Err(Code::Csrf.into()) }
    }

    async fn visitor(&self, cookie: &str) -> Result<Visitor> {
        let secret = cookies::read(self.req.headers(), cookie, self.secure).ok_or(Code::TokenMissing)?;
        let actor = self.web.service.actor_by_secret(&secret).await?.ok_or(Code::TokenExpired)?;
        self.check_token(&secret)?;
        Ok(Visitor { actor, secret })
    }

    /// The student of this page; with `room` as the candidate in it.
    pub(super) async fn sitter(&self) -> Result<Visitor> {
        let visitor = self.visitor(SIT_COOKIE).await?;
        let actor = self.web.service.as_candidate(visitor.actor, Some(&self.room()?)).await?;
        Ok(Visitor { actor, ..visitor })
    }

    /// The member of staff of this page.
    pub(super) async fn staff(&self) -> Result<Member> {
        let visitor = self.visitor(STAFF_COOKIE).await?;
        let user = self.web.service.get_me(&visitor.actor).await?.ok_or(Code::TokenMissing)?;
        let shell = Shell { user: Some(user.name), ..self.shell(Some(&visitor.secret)) };
        Ok(Member { actor: visitor.actor, shell })
    }

    /// What a page needs; without a session its forms bear an empty token.
    pub(super) fn shell(&self, secret: Option<&SessionSecret>) -> Shell {
        let csrf = secret.map(SessionSecret::csrf).unwrap_or_default();
        Shell { locale: self.locale, csrf, path: self.path().to_owned(), user: None }
    }
}

/// A file with answers is longer than any other form.
fn body_bytes(path: &str) -> usize {
    if path.ends_with("/answers/file") { limits::IMPORT_BYTES } else { limits::BODY_BYTES }
}

/// A choice in the address wins, then the cookie, then what the browser prefers, then the house.
fn language(headers: &HeaderMap, chosen: Option<&str>, house: &str) -> Locale {
    let kept = cookies::find(headers, cookies::LANGUAGE);
    let choice = chosen.filter(|tag| Locale::parse(tag).is_some()).or(kept);
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let speaks = |part: &str| part.split(';').next().and_then(Locale::parse).is_some();
    let house = if accept.is_some_and(|all| all.split(',').any(speaks)) { None } else { Some(house) };
    Locale::negotiate(choice.filter(|tag| Locale::parse(tag).is_some()).or(house), accept)
}

/// Text as a part of an address's query.
pub(super) fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
