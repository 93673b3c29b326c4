use std::net::TcpListener;

/// A port that was free a moment ago, for programs that cannot bind port 0 and say what they got. The caller tries again when
/// somebody else was faster.
pub fn free() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
    listener.local_addr().expect("its address").port()
}
