use std::net::TcpListener;

/// A port that was free a moment ago, for programs that cannot bind port 0 and say what they got. The caller tries again when
/// somebody else was faster.
pub fn free() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
    listener.local_addr().expect("its address").port()
}

/// A free port for a server that goes and comes again. It lies below the ports that systems give to outgoing connections: while the server
/// is down, one of the clients that try to reach it could otherwise be given this very port.
pub fn lasting() -> u16 {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (0..100).map(|_| rand::random_range(20_000..30_000)).find(free).expect("a free port")
}
