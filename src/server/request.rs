//! One request on its way through the edge: named, judged, bounded, handled, dressed, logged.

use super::{
    Edge,
    access::{Line, Logged},
    body::{Bounded, Carrier, Cut, CutSlot, discard},
    client::{self, ClientAddr, ClientScheme},
    door::Upgrade,
    headers::secure,
    origin::HostVerdict,
    problem::{Asker, Failure, INTERNAL, Refusal, of_status, problem},
};
use futures_util::FutureExt as _;
use hyper::body::{Body as _, Incoming};
use poem::{
    Addr, Body, Endpoint as _, Request, Response,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, RETRY_AFTER, TRANSFER_ENCODING},
        uri::Scheme,
    },
    web::{LocalAddr, RemoteAddr},
};
use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tracing::Instrument as _;

/// The id of a request: 16 hexadecimal digits, ours alone, echoed in `X-Request-Id` and in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
const ALL_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What a client may still send after it was told that its body is too large, and for how long.
const LINGER: (usize, Duration) = (4 << 20, Duration::from_secs(2));
/// Longest text of a route's plain error that becomes the detail of a problem, in bytes.
const DETAIL_BYTES: usize = 1024;

/// What requests of one connection have in common.
pub(super) struct Connection {
    pub(super) edge: Arc<Edge>,
    pub(super) peer: SocketAddr,
    pub(super) local: Option<SocketAddr>,
    pub(super) tls: bool,
    pub(super) upgrade: Upgrade,
}

/// What is known of a request besides the request itself.
struct Facts {
    id: String,
    path: String,
    address: ClientAddr,
    scheme: ClientScheme,
    asker: Asker,
}

/// Answers one request, always.
pub(super) async fn answer(connection: &Connection, request: hyper::Request<Incoming>) -> hyper::Response<Carrier> {
    let settings = &connection.edge.settings;
    let (headers, path) = (request.headers(), request.uri().path().to_owned());
    let facts = Facts {
        id: format!("{:016x}", rand::random::<u64>()),
        address: client::address(connection.peer.ip(), headers, settings),
        scheme: client::scheme(connection.peer.ip(), connection.tls, headers, settings),
        asker: Asker::new(settings.is_program(&path), headers),
        path,
    };
    let mut line = Line::new(&facts.id, request.method(), &facts.path, facts.address, &settings.mono);
    let span = tracing::info_span!("request", id = %facts.id);
    let mut response = handle(connection, request, &facts).instrument(span).await;
    dress(&mut response, &facts);
    line.answered(response.status());
    let response: hyper::Response<Carrier> = response.into();
    response.map(|inner| Carrier::new(Logged { inner, line }))
}

async fn handle(connection: &Connection, request: hyper::Request<Incoming>, facts: &Facts) -> Response {
    let edge = &connection.edge;
    if let Err(refusal) = judge(edge, &request, &facts.path) {
        let mut response = refuse(edge, refusal, facts);
        if refusal.0 == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().entry(ALLOW).or_insert(HeaderValue::from_static(ALL_METHODS));
        }
        return response;
    }
    // Behind a proxy all connections come from one peer, so that clients are counted here instead.
    let place = if edge.settings.trusts(connection.peer.ip().to_canonical()) {
        let Some(place) = edge.behind_proxies.enter(facts.address.0) else {
            return refuse(edge, of_status(StatusCode::TOO_MANY_REQUESTS), facts);
        };
        Some(place)
    } else {
        None
    };
    let limit = edge.settings.body_limit(&facts.path);
    if request.body().size_hint().lower() > limit as u64 {
        if !request.headers().contains_key(EXPECT) {
            let body = http_body_util::BodyExt::map_err(request.into_body(), std::io::Error::other);
            discard(Carrier::new(body), LINGER.0, LINGER.1).await;
        }
        return refuse(edge, of_status(StatusCode::PAYLOAD_TOO_LARGE), facts);
    }
    let (request, cut) = admit(connection, request, facts, limit);
    let response = call(edge, request, facts).await;
    if let (StatusCode::SWITCHING_PROTOCOLS, Some(place)) = (response.status(), place) {
        // A connection is upgraded once; the place leaves with the socket.
        let _ = connection.upgrade.set(place);
    }
    match cut.as_ref().and_then(|cut| cut.get()) {
        // A route that answered well in spite of a body cut short did not need it.
        Some(cut) if response.status().as_u16() >= 400 => refuse(edge, of_cut(*cut), facts),
        _ => response,
    }
}

fn of_cut(cut: Cut) -> Refusal {
    of_status(match cut {
        Cut::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Cut::TooSlow => StatusCode::REQUEST_TIMEOUT,
    })
}

/// What can be refused by the head alone.
fn judge(edge: &Edge, request: &hyper::Request<Incoming>, path: &str) -> Result<(), Refusal> {
    if !METHODS.contains(request.method()) {
        return Err(of_status(StatusCode::METHOD_NOT_ALLOWED));
    }
    if !edge.settings.is_any_host(path) {
        let title = "This server does not answer to that host name";
        match edge.settings.origins.host(request.uri().authority(), request.headers()) {
            HostVerdict::Ours => {}
            HostVerdict::Invalid => {
                return Err((StatusCode::BAD_REQUEST, "host_unknown", title, Some("Send exactly one valid Host header.")));
            }
            HostVerdict::Unknown => {
                let detail = "Use the address you were given. Whoever runs this server: list this one in public_urls.";
                return Err((StatusCode::MISDIRECTED_REQUEST, "host_unknown", title, Some(detail)));
            }
        }
    }
    if request.headers().get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let (status, code, title, _) = of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return Err((status, code, title, Some("Send the body without Content-Encoding.")));
    }
    // What stands beside `chunked` would reach the route undecoded. A length beside it never shows here: hyper drops it,
    // reads the chunks and closes the connection afterwards, so that nothing can hide behind a second reading.
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    if codings.next().is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) || codings.next().is_some() {
        return Err(of_status(StatusCode::BAD_REQUEST));
    }
    Ok(())
}

/// Makes it poem's request, with our facts as data and its body bounded.
fn admit(connection: &Connection, request: hyper::Request<Incoming>, facts: &Facts, limit: usize) -> (Request, Option<CutSlot>) {
    let local = LocalAddr(connection.local.map(Addr::socket).unwrap_or_default());
    let remote = RemoteAddr(Addr::socket(connection.peer));
    let scheme = if facts.scheme == ClientScheme::Https { Scheme::HTTPS } else { Scheme::HTTP };
    let empty = request.body().is_end_stream();
    let mut request = Request::from((request, local, remote, scheme));
    let data = request.extensions_mut();
    data.insert(facts.address);
    data.insert(facts.scheme);
    data.insert(RequestId(facts.id.clone()));
    if empty {
        return (request, None);
    }
    let body: Carrier = request.take_body().into();
    let (body, cut) = Bounded::new(body, limit, connection.edge.settings.body_deadline);
    request.set_body(Body::from(Carrier::new(body)));
    (request, Some(cut))
}

/// Calls the endpoint. A panic is answered and ends nothing but its own request; its words stay here.
async fn call(edge: &Edge, request: Request, facts: &Facts) -> Response {
    let Ok(response) = AssertUnwindSafe(edge.endpoint.get_response(request)).catch_unwind().await else {
        tracing::error!(id = %facts.id, path = %facts.path.escape_default(), "a handler panicked");
        return refuse(edge, INTERNAL, facts);
    };
    if is_worded(&response, facts) { response } else { word(edge, response, facts).await }
}

/// Has the route said itself what is wrong, in a form its reader takes?
fn is_worded(response: &Response, facts: &Facts) -> bool {
    if response.status().as_u16() < 400 {
        return true;
    }
    // What is not ready says in its own words what it lacks.
    if facts.path.starts_with("/health/") && response.status() == StatusCode::SERVICE_UNAVAILABLE {
        return true;
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.starts_with("application/problem+json") || (!facts.asker.program && kind.starts_with("text/html"))
}

/// Gives an error that a library made its proper form. What it says is kept only where it explains a bad request.
async fn word(edge: &Edge, mut response: Response, facts: &Facts) -> Response {
    let refusal = of_status(response.status());
    let body = response.take_body();
    let detail = if refusal.0 == StatusCode::BAD_REQUEST {
        let text = body.into_bytes_limit(DETAIL_BYTES).await.ok();
        text.and_then(|text| String::from_utf8(text.into()).ok()).filter(|text| !text.is_empty())
    } else {
        None
    };
    let mut worded = speak(edge, refusal, detail, facts);
    let kept = response.headers().iter().filter(|(name, _)| !is_about_body(name));
    let kept: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    worded.headers_mut().extend(kept);
    worded
}

fn is_about_body(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-") || name.as_str() == "transfer-encoding"
}

/// The edge's own refusal.
fn refuse(edge: &Edge, refusal: Refusal, facts: &Facts) -> Response {
    speak(edge, refusal, None, facts)
}

fn speak(edge: &Edge, (status, code, title, hint): Refusal, detail: Option<String>, facts: &Facts) -> Response {
    let detail = detail.or_else(|| hint.map(str::to_owned));
    let failure = Failure { status, code, title, detail, id: facts.id.clone() };
    let spoken = edge.settings.voice.as_ref().and_then(|voice| voice(&failure, &facts.asker));
    let mut response = spoken.unwrap_or_else(|| problem(&failure));
    let headers = response.headers_mut();
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let known = edge.settings.allowed.as_ref().and_then(|allowed| allowed(&facts.path));
            if let Some(Ok(known)) = known.map(|known| HeaderValue::from_str(&known)) {
                headers.insert(ALLOW, known);
            }
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.entry(RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

/// The headers every response has. An upgrade's answer is no document: it has the id only.
fn dress(response: &mut Response, facts: &Facts) {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        secure(response.headers_mut(), facts.scheme);
    }
    if let Ok(id) = HeaderValue::from_str(&facts.id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
}
