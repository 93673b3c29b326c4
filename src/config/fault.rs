use std::net::SocketAddr;

/// Why the server does not start, as a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file cannot be read.
    #[error("cannot read the configuration file {path}: {why}. Check the path given with --config or INVIGIL_CONFIG.")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system says.
        why: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the configuration file {path} is not valid. {why}")]
    File {
        /// Which file.
        path: String,
        /// Where and why, without what the file holds.
        why: String,
    },
    /// A value cannot be read.
    #[error("{setting}: {why}")]
    Value {
        /// The setting by its key.
        setting: &'static str,
        /// What is wrong and what to write instead.
        why: String,
    },
    /// Plain HTTP beyond this machine that nobody asked for.
    #[error(
        "listen: {0} can be reached from other machines and there is no TLS, so passwords and answers could be read on the \
         network. Give tls_certificate and tls_key, or listen on 127.0.0.1 behind a proxy, or say allow_plain = true if this \
         is a closed network."
    )]
    PlainBeyondLoopback(SocketAddr),
    /// Several nodes on one file.
    #[error(
        "nats_url: NATS joins several nodes, and several nodes need one PostgreSQL: a database in a file serves one node only. \
         Give database_url = \"postgres://user:password@host/name\", or leave nats_url out."
    )]
    NatsWithoutPostgres,
    /// Half of TLS.
    #[error("tls_certificate and tls_key belong together: {0} is missing.")]
    HalfTls(&'static str),
    /// Nobody could tell a right Host from a wrong one.
    #[error(
        "public_urls: listening on {0} needs the addresses that people will type, for example public_urls = \
         [\"{1}://exam.example.org\"]. Requests for any other host are refused."
    )]
    NoPublicUrl(SocketAddr, &'static str),
}
