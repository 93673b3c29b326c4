//! Who asks: a bearer token becomes an actor; the few operations that need none know the client's address instead.

use std::net::IpAddr;

use poem::http::header::AUTHORIZATION;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::problem::{language, raise};
use crate::domain::access::Actor;
use crate::domain::ids::RoomId;
use crate::domain::status::RoomClock;
use crate::error::{Code, Error};
use crate::locale::Locale;
use crate::service::Shared;

const SCHEME: &str = "bearer";

/// Somebody with a token that is good.
pub(super) struct Caller {
    /// The use cases.
    pub(super) service: Shared,
    /// Who it is.
    pub(super) actor: Actor,
    /// Their language.
    pub(super) locale: Locale,
}

impl Caller {
    /// The clock of a room that this caller may watch.
    pub(super) async fn clock(&self, room: &RoomId) -> crate::error::Result<RoomClock> {
        self.service.get_clock(&self.actor, room).await
    }

    /// The candidate this caller is in a room; for an account of role student the one that bears its student id.
    pub(super) async fn candidate(&self, room: &RoomId) -> crate::error::Result<Actor> {
        self.service.as_candidate(self.actor.clone(), Some(room)).await
    }
}

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            SCHEME,
            MetaSecurityScheme {
                ty: "http",
                description: Some("An access token of `POST /auth/login` or `POST /auth/entry`."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let service = service(request)?;
        // Said before anything of the request is looked at: nobody learns from a form's faults what is behind it.
        let token = bearer(request).ok_or_else(|| raise(Code::TokenMissing))?;
        let actor = service.actor_by_token(token).await.map_err(raise)?;
        Ok(Self { service, actor, locale: language(request.headers()) })
    }
}

/// Anybody, from some address.
pub(super) struct Visitor {
    /// The use cases.
    pub(super) service: Shared,
    /// Where they are, for throttles.
    pub(super) address: String,
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let known = request.data::<IpAddr>().copied();
        let address = known.or_else(|| request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip));
        Ok(Self { service: service(request)?, address: address.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()) })
    }
}

fn service(request: &Request) -> poem::Result<Shared> {
    let service = request.data::<Shared>().cloned();
    service.ok_or_else(|| raise(Error::internal(anyhow::anyhow!("no service beneath the routes"))))
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}
