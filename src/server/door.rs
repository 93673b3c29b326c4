//! Who is let in: connections are counted in all and by address, and the count lives as long as the socket.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};

/// Counts by address. An IPv6 address counts by its /64, since whoever has one has all of them.
#[derive(Debug)]
pub(super) struct Tally {
    most: usize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Tally {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, by_address: Mutex::default() })
    }

    /// One more for this address, if it may have one.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let key = prefix(address);
        let mut counts = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { tally: Arc::clone(self), key })
    }
}

fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

/// One counted place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    tally: Arc<Tally>,
    key: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.tally.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = counts.entry(self.key) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// What a connection holds while it is open.
#[derive(Debug)]
pub(super) struct Ticket {
    _global: OwnedSemaphorePermit,
    _address: Option<Place>,
}

/// The limits on connections.
#[derive(Debug)]
pub(super) struct Door {
    global: Arc<Semaphore>,
    by_address: Arc<Tally>,
}

impl Door {
    pub(super) fn new(connections: usize, per_address: usize) -> Self {
        Self { global: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))), by_address: Tally::new(per_address) }
    }

    /// A ticket, or the name of the limit that was reached. A trusted proxy carries many clients and is not counted by address.
    pub(super) fn admit(&self, peer: IpAddr, proxy: bool) -> Result<Ticket, &'static str> {
        let global = Arc::clone(&self.global).try_acquire_owned().map_err(|_| "connections")?;
        let address = if proxy { None } else { Some(self.by_address.enter(peer).ok_or("connections_of_address")?) };
        Ok(Ticket { _global: global, _address: address })
    }
}

/// A place taken by a request that became a WebSocket; held until the socket is gone.
pub(super) type Upgrade = Arc<OnceLock<Place>>;

/// A TCP stream that carries its ticket, through TLS and through an upgrade, and that fails when a write makes no
/// progress for too long: a peer that stops reading must not hold memory for ever.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    write_deadline: Duration,
    stall: Option<Pin<Box<Sleep>>>,
    _ticket: Ticket,
    _upgrade: Upgrade,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, write_deadline: Duration, ticket: Ticket, upgrade: Upgrade) -> Self {
        Self { stream, write_deadline, stall: None, _ticket: ticket, _upgrade: upgrade }
    }

    fn judge<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let deadline = self.write_deadline;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(deadline)));
        match stall.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_address_and_given_back() {
        let door = Door::new(3, 2);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = door.admit(address("2001:db8::1"), false).unwrap();
        let _second = door.admit(address("2001:db8::2"), false).unwrap();
        assert_eq!(door.admit(address("2001:db8::3"), false).unwrap_err(), "connections_of_address", "one /64 is one address");
        let proxy = door.admit(address("2001:db8::3"), true).unwrap();
        assert_eq!(door.admit(address("192.0.2.1"), false).unwrap_err(), "connections");
        drop(proxy);
        drop(first);
        let _again = door.admit(address("2001:db8::3"), false).unwrap();
        drop(door.admit(address("192.0.2.1"), false).unwrap());
        assert_eq!(door.by_address.by_address.lock().unwrap().len(), 1, "no address is remembered once it has left");
    }
}
