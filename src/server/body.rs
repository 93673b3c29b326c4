//! Bodies on their way in: bounded in bytes and in time, whatever reads them.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// Bodies as poem takes and gives them.
pub(super) type Carrier = BoxBody<Bytes, io::Error>;

/// Why a body was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    TooLarge,
    TooSlow,
}

/// Set once, by the body, when it cuts itself off; read after the handler has answered.
pub(super) type CutSlot = Arc<OnceLock<Cut>>;

/// A body that ends with an error after `left` more bytes or when its time is over.
pub(super) struct Bounded {
    inner: Carrier,
    left: usize,
    deadline: Pin<Box<Sleep>>,
    cut: CutSlot,
}

impl Bounded {
    pub(super) fn new(inner: Carrier, bytes: usize, time: Duration) -> (Self, CutSlot) {
        let cut = CutSlot::default();
        (Self { inner, left: bytes, deadline: Box::pin(sleep(time)), cut: Arc::clone(&cut) }, cut)
    }

    fn cut_off(&mut self, why: Cut) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // A second reason never comes: whoever reads stops at the first error.
        let _ = self.cut.set(why);
        let kind = if why == Cut::TooLarge { io::ErrorKind::FileTooLarge } else { io::ErrorKind::TimedOut };
        Poll::Ready(Some(Err(kind.into())))
    }
}

impl Body for Bounded {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let size = frame.data_ref().map_or(0, Bytes::len);
                match self.left.checked_sub(size) {
                    Some(left) => self.left = left,
                    None => return self.cut_off(Cut::TooLarge),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending if self.deadline.as_mut().poll(context).is_ready() => self.cut_off(Cut::TooSlow),
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Reads and throws away what a refused client still sends, within bounds. Closing at once would reset the connection and
/// take the refusal with it before a browser has read it.
pub(super) async fn discard(mut body: Carrier, bytes: usize, time: Duration) {
    let mut left = bytes;
    let reading = async {
        while let Some(Ok(frame)) = http_body_util::BodyExt::frame(&mut body).await {
            let size = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether it was read to its end or not, the answer is the same.
    let _ = tokio::time::timeout(time, reading).await;
}
