//! Who knocks: `Authorization: Bearer`, or a subprotocol `bearer.<token>`, or the same-origin cookie. An Origin, if present, must be
//! listed whatever the credential; a cookie without Origin is refused: only browsers send cookies, and they send an Origin with them.

use std::net::{IpAddr, SocketAddr};

use poem::Request;
use poem::http::{HeaderMap, header};

use super::Channel;
use crate::auth::secrets::SessionSecret;
use crate::domain::access::Actor;
use crate::error::{Code, Result};
use crate::protocol::BEARER_SUBPROTOCOL;
use crate::service::Shared;
use crate::service::sitting::Me;

/// The actor behind a request, by the first credential it shows.
pub(super) async fn actor(channel: &Channel, headers: &HeaderMap, cookie: &str) -> Result<Actor> {
    let origin = (channel.origin)(headers);
    if origin == Some(false) {
        return Err(Code::OriginForbidden.into());
    }
    if let Some(token) = bearer(headers).or_else(|| subprotocol(headers)) {
        return channel.service.actor_by_token(token).await;
    }
    let Some(secret) = cookies(headers, cookie) else { return Err(Code::TokenMissing.into()) };
    if origin.is_none() {
        return Err(Code::OriginForbidden.into());
    }
    channel.service.actor_by_secret(&secret).await?.ok_or_else(|| Code::TokenExpired.into())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    text(headers, header::AUTHORIZATION)?.strip_prefix("Bearer ")
}

fn subprotocol(headers: &HeaderMap) -> Option<&str> {
    let offered = text(headers, header::SEC_WEBSOCKET_PROTOCOL)?;
    offered.split(',').find_map(|p| p.trim().strip_prefix(BEARER_SUBPROTOCOL))
}

fn cookies(headers: &HeaderMap, name: &str) -> Option<SessionSecret> {
    let all = text(headers, header::COOKIE)?;
    let mut pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(n, _)| *n == name || n.strip_prefix("__Host-") == Some(name))?.1;
    SessionSecret::parse(value)
}

/// From where a device comes is noted beside its arrival, which does not wait for it.
pub(super) fn note_address(service: &Shared, me: &Me, req: &Request) {
    let known = req.data::<IpAddr>().copied().or_else(|| req.remote_addr().as_socket_addr().map(SocketAddr::ip));
    let Some(address) = known else { return };
    let (service, me) = (service.clone(), me.clone());
    tokio::spawn(async move { service.note_address(&me.room, &me.candidate, &address.to_string()).await });
}
