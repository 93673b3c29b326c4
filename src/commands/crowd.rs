//! `crowd`: the simulated students of a rehearsal, started by a server as its child. What is wanted comes as one line of JSON; what they did goes
//! out as another. They leave when their input ends: the server that wanted them is gone.

use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::crowd::Load;
use crate::limits;
use crate::time::Time;

/// What is wanted.
#[derive(Deserialize)]
struct Wanted {
    base: String,
    codes: Vec<String>,
    seconds: u64,
    every_ms: u64,
}

pub(super) async fn run() -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let wanted: Wanted = serde_json::from_str(&line).context("a server says in one line of JSON what is wanted")?;
    let stop = CancellationToken::new();
    let gone = stop.clone();
    // A thread of its own: a read that waits would hold up the end of the process.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        gone.cancel();
    });
    let load = Load {
        base: Url::parse(&wanted.base)?,
        time: Time::anchored(Time::wall_ms()),
        seed: 7,
        every: Duration::from_millis(wanted.every_ms),
        length: Duration::from_secs(wanted.seconds),
        settle: limits::REHEARSAL_ENTRY,
        wait_cap: Duration::from_secs(5),
        hand_in: true,
        recorder: None,
    };
    let report = load.run(wanted.codes, &stop).await?;
    let crowd = report.crowd;
    let told = json!({
        "entered": crowd.entered,
        "given": crowd.sent,
        "saved": crowd.acked,
        "lost": crowd.lost,
        "handed_in": crowd.submitted,
        "worst_ms": u64::try_from(report.ack.max.as_millis()).unwrap_or(u64::MAX),
    });
    println!("{told}");
    Ok(())
}
