//! The program as people start it: the demonstration, and a server with a certificate.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use invigil::client::Rest;
use serde_json::json;
use support::ports;
use support::process::Process;
use support::room::{PASSWORD, TEACHER};
use support::temp::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

/// How long a condition may take to come true on a machine that does other things too.
const PATIENCE: Duration = Duration::from_mins(1);

fn program(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_invigil"));
    command.env("INVIGIL_DATABASE_URL", home.file("invigil.db"));
    command
}

/// The word after `before` in a line.
fn word_after<'a>(line: &'a str, before: &str) -> &'a str {
    line.split_once(before).and_then(|(_, rest)| rest.split([' ', ')']).find(|word| !word.is_empty())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_shows_a_class_at_work_and_ends_when_asked() {
    let home = TempDir::new();
    let mut command = program(&home);
    command.args(["demo", "--listen", "127.0.0.1:0", "--candidates", "5", "--speed", "20", "--database", &home.file("demo.db")]);
    let mut demo = Process::start(&mut command);
    let watch = demo.line_with("Watch:");
    let (base, room) = word_after(&watch, "Watch:").split_once("/staff/rooms/").unwrap();
    let signs_in = demo.line_with("password");
    let free = demo.line_with("the room that runs");
    let (base, code) = (Url::parse(base).unwrap(), word_after(&free, "(code"));
    let (teacher, _) = Rest::new(base.clone()).unwrap().login("teacher", word_after(&signs_in, "password")).await.unwrap();
    let at_work = async {
        while teacher.status(room).await.unwrap()["rows"].as_array().unwrap().iter().all(|row| row["answered"] == 0) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, at_work).await.expect("nobody answers");
    let entered = Rest::new(base).unwrap().enter(code).await.unwrap();
    assert_eq!(entered.room, room);
    demo.ask_to_end();
    assert!(demo.wait().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_certificate_speaks_tls() {
    let home = TempDir::new();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    std::fs::write(home.file("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(home.file("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let mut add = program(&home);
    support::process::feed(add.args(["user", "add", TEACHER, "--listen", "127.0.0.1:0"]), PASSWORD);
    let port = ports::free();
    let mut serve = program(&home);
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--public-urls", &format!("https://localhost:{port}")]);
    serve.args(["--tls-certificate", &home.file("cert.pem"), "--tls-key", &home.file("key.pem")]);
    let mut server = Process::start(&mut serve);
    server.line_with("serves");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    let body = json!({ "login": TEACHER, "password": PASSWORD }).to_string();
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert!(answer.contains("strict-transport-security"), "{answer}");
    server.ask_to_end();
    assert!(server.wait().success());
}
