//! `verify`: whether timelines are as they were sealed.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr as _;

use anyhow::Context;
use clap::Args;

use super::{NOT_WELL, reason};
use crate::auth::seals::{self, Finding, Mark, Report};
use crate::config::{Config, ServeArgs};
use crate::domain::ids::RoomId;
use crate::service::seals::check;
use crate::store::Store;
use crate::time::rfc3339_ms;

/// Options of `verify`.
#[derive(Args)]
pub(super) struct VerifyArgs {
    /// Only this room; may be given more than once.
    #[arg(long)]
    room: Vec<String>,
    /// The server's log, in which the heads stand (lines `timeline.sealed`); `-`: standard input. Without a head from outside nobody can tell
    /// that the end of a timeline was cut off.
    #[arg(long, value_name = "FILE")]
    heads: Vec<PathBuf>,
    /// A head as the timeline's page, an appeal's bundle or the log gives it; may be given more than once.
    #[arg(long, value_name = "ROOM/SEAL/MS/H1")]
    head: Vec<String>,
    /// For programs.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Box<ServeArgs>,
}

pub(super) async fn run(args: VerifyArgs) -> anyhow::Result<ExitCode> {
    let marks = marks(&args)?;
    let mut rooms = Vec::new();
    for text in &args.room {
        rooms.push(RoomId::from_str(text).map_err(|_| anyhow::anyhow!("{text}: a room is named rm_…"))?);
    }
    let config = Config::resolve(*args.settings)?;
    let store =
        Store::look(&config.database.url(), false).await.with_context(|| format!("{} cannot be opened", config.database))?;
    let checked = all(&store, rooms, &marks).await.map_err(|error| anyhow::anyhow!("{}", reason(&error)));
    store.close().await;
    let checked = checked?;
    let whole = checked.iter().all(|(_, report)| report.is_whole());
    if args.json {
        println!("{:#}", as_json(&checked)?);
    } else {
        println!("{}", as_text(&checked, marks.is_empty()));
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(NOT_WELL) })
}

fn marks(args: &VerifyArgs) -> anyhow::Result<Vec<Mark>> {
    let mut marks = Vec::new();
    for text in &args.head {
        marks.push(text.parse::<Mark>().with_context(|| text.clone())?);
    }
    for path in &args.heads {
        let mut log = Vec::new();
        if path.as_os_str() == "-" {
            std::io::stdin().lock().read_to_end(&mut log)?;
        } else {
            log = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        }
        marks.extend(seals::marks(&String::from_utf8_lossy(&log)));
    }
    // Of several nodes one may have sealed nothing.
    anyhow::ensure!(args.heads.is_empty() || !marks.is_empty(), "no line timeline.sealed in what --heads names");
    Ok(marks)
}

async fn all(store: &Store, rooms: Vec<RoomId>, marks: &[Mark]) -> anyhow::Result<Vec<(RoomId, Report)>> {
    let mut rooms = rooms;
    if rooms.is_empty() {
        // A room of which nothing is left but a head in the log is cut off as a whole.
        rooms = store.rooms_with_timeline().await.map_err(crate::error::Error::from)?;
        rooms.extend(marks.iter().map(|mark| mark.room.clone()));
        rooms.sort();
        rooms.dedup();
    }
    let mut checked = Vec::with_capacity(rooms.len());
    for room in rooms {
        let report = check(store, &room, marks.to_vec()).await.map_err(crate::error::Error::from)?;
        checked.push((room, report));
    }
    Ok(checked)
}

fn as_json(checked: &[(RoomId, Report)]) -> anyhow::Result<serde_json::Value> {
    let mut rooms = Vec::with_capacity(checked.len());
    for (room, report) in checked {
        let mut value = serde_json::to_value(report)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("room".to_owned(), room.as_str().into());
            members.insert("whole".to_owned(), report.is_whole().into());
        }
        rooms.push(value);
    }
    Ok(serde_json::json!({ "whole": checked.iter().all(|(_, report)| report.is_whole()), "rooms": rooms }))
}

fn as_text(checked: &[(RoomId, Report)], alone: bool) -> String {
    let mut lines: Vec<String> = checked.iter().flat_map(|(room, report)| of_room(room, report)).collect();
    let bad = checked.iter().filter(|(_, report)| !report.is_whole()).count();
    lines.push(String::new());
    lines.push(match bad {
        0 => format!("Timelines checked: {}. All are as they were sealed.", checked.len()),
        bad => format!("Timelines checked: {}. NOT as they were sealed: {bad}.", checked.len()),
    });
    if alone {
        lines.push(
            "No head from outside was given: that the end of a timeline was cut off, or that the whole chain was made anew, could not \
             show. Name the server's log with --heads."
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn of_room(room: &RoomId, report: &Report) -> Vec<String> {
    let word = if report.is_whole() { "whole" } else { "NOT WHOLE" };
    let last = report.last.as_ref().map_or_else(String::new, |last| format!(", the last of {}", rfc3339_ms(last.sealed_ms)));
    let mut lines = vec![format!("{room}  {word}: {} entries under {} seals{last}", report.entries, report.seals)];
    let notes = [
        (report.told, "heads from outside are as they were told"),
        (report.unsealed, "entries are too new to be sealed"),
        (report.erased_count, "entries have been erased; that they were there, and where, still stands"),
        (report.lost_by_restore, "heads are of a time that a restored copy does not know, as its timeline says"),
    ];
    lines.extend(notes.into_iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("    {n} {words}")));
    if !report.erased.is_empty() {
        let places: Vec<String> = report.erased.iter().map(ToString::to_string).collect();
        lines.push(format!("    erased: places {}", places.join(", ")));
    }
    lines.extend(report.findings.iter().map(|finding| format!("  ! {}", words(finding))));
    let more = report.faults - i64::try_from(report.findings.len()).unwrap_or(i64::MAX);
    if more > 0 {
        lines.push(format!("  ! and {more} more"));
    }
    lines
}

/// For operators, so in English; pages have their own words.
fn words(finding: &Finding) -> String {
    match finding {
        Finding::Altered { place, id } => format!("altered: the entry at place {place} ({id}) does not say what it said"),
        Finding::Deleted { from, to } if from == to => format!("deleted: the entry at place {from} is gone"),
        Finding::Deleted { from, to } => format!("deleted: the entries at places {from} to {to} are gone"),
        Finding::Inserted { id, at_ms } => format!("inserted: {id}, which says that it happened at {}", rfc3339_ms(*at_ms)),
        Finding::Reordered { seal } => {
            format!(
                "reordered: the entries under seal {seal} are in another order, or one was exchanged together with its digest"
            )
        }
        Finding::SealDeleted { seal } => format!("deleted: seal {seal} is gone"),
        Finding::Truncated { seal, sealed_ms } => {
            format!("truncated: seal {seal} of {} was told outside and is gone", rfc3339_ms(*sealed_ms))
        }
        Finding::Remade { seal, sealed_ms } => {
            format!("made anew: seal {seal} of {} is another than was told outside", rfc3339_ms(*sealed_ms))
        }
    }
}
