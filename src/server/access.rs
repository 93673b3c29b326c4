//! The access log: one event a request, written when its last byte has been handed on or its client has gone.

use super::{body::Carrier, client::ClientAddr, settings::Mono};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use poem::http::{Method, StatusCode};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// Status of a request whose client left before it was answered. It is never sent.
const CLIENT_GONE: u16 = 499;
/// Most bytes of a path that are logged.
const PATH_BYTES: usize = 256;

/// One line of the log, written when it is dropped. It never holds a query string.
pub(super) struct Line {
    id: String,
    method: Method,
    path: String,
    address: ClientAddr,
    status: Option<StatusCode>,
    bytes: u64,
    began: Duration,
    mono: Mono,
}

impl Line {
    pub(super) fn new(id: &str, method: &Method, path: &str, address: ClientAddr, mono: &Mono) -> Self {
        // Escaped: a path may hold any character, and a log line is read in terminals.
        let path = path.bytes().take(PATH_BYTES).flat_map(std::ascii::escape_default).map(char::from).collect();
        let (method, mono) = (method.clone(), Mono::clone(mono));
        Self { id: id.to_owned(), method, path, address, status: None, bytes: 0, began: mono(), mono }
    }

    pub(super) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

/// What kind of route a path is; a path itself would make one counter an address.
fn class(path: &str) -> &'static str {
    let classes = [("/api/", "api"), ("/ws/", "socket"), ("/assets/", "asset"), ("/health/", "health")];
    classes.iter().find(|(prefix, _)| path.starts_with(prefix)).map_or("page", |(_, class)| class)
}

impl Drop for Line {
    fn drop(&mut self) {
        let status = self.status.map_or(CLIENT_GONE, |status| status.as_u16());
        crate::metrics::http(class(&self.path), status);
        let ms = u64::try_from((self.mono)().saturating_sub(self.began).as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            target: "access",
            id = %self.id,
            method = %self.method,
            path = %self.path,
            status,
            ms,
            bytes = self.bytes,
            address = %self.address.0,
            "request"
        );
    }
}

/// A response body that counts its bytes into the line it carries.
pub(super) struct Logged {
    pub(super) inner: Carrier,
    pub(super) line: Line,
}

impl Body for Logged {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
