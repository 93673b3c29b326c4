//! `verify-receipt`: whether a receipt fits answers, from an export or from the database.

use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::{Context, bail};
use clap::Args;

use crate::auth::receipts::Line;
use crate::config::{Config, ServeArgs};
use crate::domain::ids::{CandidateId, RoomId};
use crate::service::verify::{self, Verdict};
use crate::store::Store;

/// Options of `verify-receipt`.
#[derive(Args)]
pub(super) struct VerifyArgs {
    /// The receipt: `h1:` and 64 digits, or the short form that students see, like 4F7K-2M.
    receipt: String,
    /// Answers as `GET /rooms/{room}/candidates/{candidate}/answers` gives them.
    #[arg(long, value_name = "FILE", required_unless_present = "candidate", conflicts_with = "candidate")]
    answers: Option<PathBuf>,
    /// The room, to read the answers from the database.
    #[arg(long, requires = "candidate")]
    room: Option<String>,
    /// The candidate, to read the answers from the database.
    #[arg(long, requires = "room")]
    candidate: Option<String>,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

pub(super) async fn verify(args: VerifyArgs) -> anyhow::Result<()> {
    let lines = match (&args.answers, &args.room, &args.candidate) {
        (Some(file), ..) => {
            let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
            verify::lines(&bytes).with_context(|| file.display().to_string())?
        }
        (None, Some(room), Some(candidate)) => of_store(room, candidate, *args.settings).await?,
        _ => bail!("name a file with --answers, or --room and --candidate"),
    };
    let count = lines.len();
    match verify::verify(lines, &args.receipt) {
        Verdict::Fits => println!("The receipt fits: it was made over exactly these {count} answers."),
        Verdict::FitsFirst(first) => println!(
            "The receipt fits the first {first} of these {count} answers, by the instant of receipt. The other {} were saved after it was made.",
            count - first
        ),
        Verdict::Differs => bail!(
            "the receipt does not fit these {count} answers: at least one was added, removed or altered, or it is somebody else's"
        ),
        Verdict::NoReceipt => bail!("{:?} is no receipt: write h1: and 64 digits, or six characters like 4F7K-2M", args.receipt),
    }
    Ok(())
}

async fn of_store(room: &str, candidate: &str, settings: ServeArgs) -> anyhow::Result<Vec<Line>> {
    let (room, id) = (RoomId::from_str(room), CandidateId::from_str(candidate));
    let (Ok(room), Ok(id)) = (room, id) else { bail!("a room is named rm_…, a candidate cd_…") };
    let config = Config::resolve(settings)?;
    let store = Store::look(&config.database.url(), false).await?;
    let found = async {
        let here = store.candidate(&id).await?.is_some_and(|c| c.room_id == room);
        anyhow::ensure!(here, "there is no such candidate in this room");
        Ok(verify::stored(&store.answers(&id).await?))
    };
    let found = found.await;
    store.close().await;
    found
}
