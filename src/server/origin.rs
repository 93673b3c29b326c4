//! Which Host we answer to and which Origin may speak to us. `public_urls` is the source of both.

use poem::http::{
    HeaderMap, Method,
    header::{HOST, ORIGIN},
    uri::Authority,
};
use url::Url;

/// What an `Origin` header says about the page that sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginVerdict {
    /// No such header: a program, or a navigation.
    Absent,
    /// One of our own pages.
    Listed,
    /// Somebody else's page, or something that is no origin at all.
    Foreign,
}

/// What a request says about the host it was meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostVerdict {
    Ours,
    /// Absent, sent twice or not a host.
    Invalid,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PublicHost {
    name: String,
    port: u16,
    /// The port need not be said.
    default_port: bool,
}

/// The public addresses of this deployment. Loopback names are always among its hosts, on any port: a name that only
/// leads to the asker's own machine cannot be rebound by a stranger's DNS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    origins: Vec<String>,
    hosts: Vec<PublicHost>,
}

impl Origins {
    /// From the public URLs of the configuration. One without a host adds nothing.
    pub fn from_urls(urls: &[Url]) -> Self {
        let mut listed = Self::default();
        for url in urls {
            let (Some(name), Some(port)) = (url.host_str(), url.port_or_known_default()) else { continue };
            listed.origins.push(url.origin().ascii_serialization());
            listed.hosts.push(PublicHost { name: name.to_ascii_lowercase(), port, default_port: url.port().is_none() });
        }
        listed
    }

    /// Is every host this request names one of ours? An absolute request line counts as well as the header.
    pub(super) fn host(&self, target: Option<&Authority>, headers: &HeaderMap) -> HostVerdict {
        let mut said = headers.get_all(HOST).iter();
        let (Some(host), None) = (said.next(), said.next()) else { return HostVerdict::Invalid };
        let Ok(host) = Authority::try_from(host.as_bytes()) else { return HostVerdict::Invalid };
        if host.as_str().contains('@') || target.is_some_and(|target| target.as_str().contains('@')) {
            return HostVerdict::Invalid;
        }
        let ours = self.knows(&host) && target.is_none_or(|target| self.knows(target));
        if ours { HostVerdict::Ours } else { HostVerdict::Unknown }
    }

    fn knows(&self, host: &Authority) -> bool {
        let name = host.host().to_ascii_lowercase();
        is_loopback(&name)
            || self
                .hosts
                .iter()
                .any(|ours| ours.name == name && host.port_u16().map_or(ours.default_port, |port| port == ours.port))
    }
}

fn is_loopback(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// Compares `Origin` with the list, byte for byte: browsers send exactly one spelling, so any other one is foreign. A page
/// that this very server gave out under a loopback name is ours too: its origin is the Host it asks.
pub fn origin_allowed(headers: &HeaderMap, origins: &Origins) -> OriginVerdict {
    let mut said = headers.get_all(ORIGIN).iter();
    let Some(origin) = said.next() else { return OriginVerdict::Absent };
    let (Ok(origin), None) = (origin.to_str(), said.next()) else { return OriginVerdict::Foreign };
    if origins.origins.iter().any(|ours| ours == origin) || is_own_loopback(origin, headers) {
        OriginVerdict::Listed
    } else {
        OriginVerdict::Foreign
    }
}

fn is_own_loopback(origin: &str, headers: &HeaderMap) -> bool {
    let Some(authority) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let loopback = Authority::try_from(authority).is_ok_and(|authority| is_loopback(authority.host()));
    loopback && authority == host
}

/// May this request change something on the strength of a cookie? Safe methods need nothing; the others need a listed
/// Origin or, without any Origin, the browser's own word that the page is ours. Forms need their token besides.
pub fn may_use_cookie(method: &Method, headers: &HeaderMap, origins: &Origins) -> bool {
    if method.is_safe() {
        return true;
    }
    match origin_allowed(headers, origins) {
        OriginVerdict::Listed => true,
        OriginVerdict::Foreign => false,
        OriginVerdict::Absent => headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin"),
    }
}

#[cfg(test)]
mod tests;
