//! Who is asking: the address and the scheme at the far end of our own proxies.

use super::settings::Settings;
use poem::http::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};

/// The address of the client, as far as it can be known without believing strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddr(pub IpAddr);

/// The scheme the client used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientScheme {
    /// Plain.
    Http,
    /// Encrypted up to us or up to our proxy.
    Https,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Walks `X-Forwarded-For` from the right, which our own proxies wrote, and stops at the first hop that is not one of them:
/// what stands left of it is that hop's claim. An unreadable hop ends the walk at the last one that was readable.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> ClientAddr {
    let mut known = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    while settings.trusts(known) {
        match hops.next().and_then(hop) {
            Some(next) => known = next,
            None => break,
        }
    }
    ClientAddr(known)
}

/// An address with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

/// The scheme: what our own TLS says, or the nearest proxy's word if it is one of ours.
pub(super) fn scheme(peer: IpAddr, tls: bool, headers: &HeaderMap, settings: &Settings) -> ClientScheme {
    let said = headers.get_all(FORWARDED_PROTO).iter().next_back().and_then(|line| line.to_str().ok());
    let said = said.and_then(|line| line.rsplit(',').next()).map(str::trim);
    match said {
        Some(said) if settings.trusts(peer.to_canonical()) => {
            if said.eq_ignore_ascii_case("https") {
                ClientScheme::Https
            } else {
                ClientScheme::Http
            }
        }
        _ if tls => ClientScheme::Https,
        _ => ClientScheme::Http,
    }
}

#[cfg(test)]
mod tests;
