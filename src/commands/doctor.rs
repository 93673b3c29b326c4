//! `doctor`: everything a server needs, looked at before an exam and not in it. Each line says what is wrong and what to do.

mod certificate;
mod database;
mod machine;

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::NOT_WELL;
use crate::config::{Config, ServeArgs};

/// Options of `doctor`.
#[derive(Args)]
pub(super) struct DoctorArgs {
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Good,
    /// Somebody should look; an exam can be held.
    Odd,
    /// To be mended before an exam.
    Bad,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    /// What was looked at.
    check: &'static str,
    /// How it stands.
    state: State,
    /// What was seen.
    says: String,
    /// What to do; empty where nothing is to be done.
    #[serde(rename = "do")]
    advice: String,
}

fn good(check: &'static str, says: impl Into<String>) -> Finding {
    Finding { check, state: State::Good, says: says.into(), advice: String::new() }
}

fn odd(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, state: State::Odd, says: says.into(), advice: advice.into() }
}

fn bad(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, state: State::Bad, says: says.into(), advice: advice.into() }
}

pub(super) async fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(*args.settings)?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut findings = machine::disks(&config);
    let (more, alive) = database::look(&config).await;
    findings.extend(more);
    findings.extend(machine::nats(&config).await);
    findings.extend(machine::backups(&config));
    findings.extend(machine::ports(&config, alive));
    findings.extend(certificate::look(&config));
    let well = findings.iter().all(|finding| finding.state != State::Bad);
    if args.json {
        println!("{:#}", json!({ "well": well, "checks": findings }));
    } else {
        for finding in &findings {
            println!("{}", line(finding));
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

fn line(finding: &Finding) -> String {
    let Finding { check, state, says, advice } = finding;
    let word = match state {
        State::Good => "ok",
        State::Odd => "LOOK",
        State::Bad => "BAD",
    };
    let advice = if advice.is_empty() { String::new() } else { format!("\n     -> {advice}") };
    format!("{word:<4} {check}: {says}{advice}")
}
