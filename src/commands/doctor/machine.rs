//! Disks, ports, backups.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Finding, bad, good, odd};
use crate::config::{Config, Database};
use crate::limits;
use crate::service::backup::files;
use crate::time::Time;

/// Writes that are confirmed one by one to see what that costs.
const WRITES: usize = 20;
/// A confirmation that takes longer makes every answer wait for it: a disk of a healthy machine takes a tenth of it.
const SLOW: Duration = Duration::from_millis(50);
/// Longest that NATS may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

fn folder(file: &Path) -> PathBuf {
    file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Space, and the time a disk takes to confirm, where the database and its backups are.
pub(super) fn disks(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Database::Sqlite(path) = &config.database {
        let dir = folder(path);
        findings.push(space("disk", &dir));
        findings.extend(network(&dir));
        findings.push(confirmation(&dir));
    }
    if let Some(plan) = &config.backups {
        findings.push(if plan.dir.exists() { space("backup disk", &plan.dir) } else { space("backup disk", &folder(&plan.dir)) });
    }
    findings
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / f64::from(1_u32 << 30))
}

fn space(check: &'static str, dir: &Path) -> Finding {
    let shown = dir.display();
    match rustix::fs::statvfs(dir) {
        Err(error) => bad(
            check,
            format!("{shown} cannot be looked at: {error}"),
            "Make the folder, and give it to the user that the server runs as.",
        ),
        Ok(seen) => {
            let free = seen.f_bavail.saturating_mul(seen.f_frsize);
            let says = format!("{} free in {shown}", gigabytes(free));
            match free {
                ..limits::SPACE_BAD => bad(
                    check,
                    says,
                    "Make space now: when there is none left, answers are refused (disk_full) and stay on the students' computers.",
                ),
                limits::SPACE_BAD..limits::SPACE_ODD => odd(check, says, "Make space: a backup needs as much as the database."),
                _ => good(check, says),
            }
        }
    }
}

/// A file system of another machine, on which SQLite is not safe.
#[cfg(target_os = "linux")]
fn network(dir: &Path) -> Option<Finding> {
    // NFS, SMB, SMB2, CIFS, as statfs(2) lists them.
    const NETWORK: [&str; 4] = ["6969", "517b", "fe534d42", "ff534d42"];
    let kind = format!("{:x}", rustix::fs::statfs(dir).ok()?.f_type);
    let says = format!("{} is on a network file system", dir.display());
    let advice = "Put the database on a disk of this machine: over a network its locks and confirmations cannot be relied on.";
    NETWORK.contains(&kind.as_str()).then(|| bad("disk", says, advice))
}

#[cfg(not(target_os = "linux"))]
fn network(_dir: &Path) -> Option<Finding> {
    None
}

/// How long the disk takes to confirm a write: every batch of answers waits for one.
fn confirmation(dir: &Path) -> Finding {
    const CHECK: &str = "fsync";
    let file = dir.join(format!(".invigil-doctor-{}", std::process::id()));
    let took = times(&file);
    let _ = std::fs::remove_file(&file);
    match took {
        Err(error) => {
            let says = format!("nothing can be written in {}: {error}", dir.display());
            bad(CHECK, says, "The server has to run as the owner of this folder, and the disk must take writes.")
        }
        Ok(mut took) => {
            took.sort_unstable();
            let (median, worst) = (took[took.len() / 2], took.last().copied().unwrap_or_default());
            let ms = |length: Duration| length.as_secs_f64() * 1000.0;
            let says = format!("a confirmed write takes {:.1} ms, {:.1} ms at worst", ms(median), ms(worst));
            if median > SLOW {
                odd(
                    CHECK,
                    says,
                    "The disk is slow: answers are saved, but later than people are used to. Put the database on an SSD of this machine.",
                )
            } else {
                good(CHECK, says)
            }
        }
    }
}

fn times(path: &Path) -> std::io::Result<Vec<Duration>> {
    let time = Time::anchored(0);
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = time.mono();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        took.push(time.mono().saturating_sub(begun));
    }
    Ok(took)
}

/// Whether the newest backup is new enough, and on another disk.
pub(super) fn backups(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "backup";
    let Some(plan) = &config.backups else {
        let advice = "Set backup_dir on one node, or make sure that PostgreSQL is backed up by other means and that somebody has tried to restore it.";
        return vec![odd(CHECK, "this server makes none", advice)];
    };
    let dir = plan.dir.display();
    let mut findings = vec![match files::newest(&plan.dir) {
        None => odd(CHECK, format!("there is none in {dir} yet"), "`invigil backup` makes one."),
        Some(at) => {
            let hours = Time::wall_ms().saturating_sub(at) / 3_600_000;
            let says = format!("the newest in {dir} is {hours} hours old");
            if hours * 3_600_000 > limits::BACKUP_STALE_MS {
                bad(
                    CHECK,
                    says,
                    "See why (`last_error` of /health/ready, or run `invigil backup` by hand); until then a dead disk costs everything since.",
                )
            } else {
                good(CHECK, says)
            }
        }
    }];
    if let Database::Sqlite(path) = &config.database {
        let disk = |path: &Path| rustix::fs::stat(path).ok().map(|seen| seen.st_dev);
        let here = disk(&folder(path));
        if here.is_some() && here == disk(&plan.dir) {
            findings.push(odd(
                "backup disk",
                "it is the disk of the database",
                "Put backup_dir on another disk or copy the folder to another machine: what one disk holds twice is lost once.",
            ));
        }
    }
    findings
}

/// Whether the server can listen where it is told to, or does already.
pub(super) fn ports(config: &Config, alive: bool) -> Vec<Finding> {
    let mut findings = vec![port("port", config.listen, alive)];
    findings.extend(config.metrics_listen.map(|address| port("metrics port", address, alive)));
    findings
}

fn port(check: &'static str, address: SocketAddr, alive: bool) -> Finding {
    let number = address.port();
    match TcpListener::bind(address) {
        Ok(_) => good(check, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && alive => {
            good(check, format!("{address} is taken, and a server runs on this database"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => bad(
            check,
            format!("{address} is taken by another program"),
            format!("`ss -ltnp 'sport = :{number}'` says by which. Stop it, or give another --listen."),
        ),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => bad(
            check,
            format!("this user may not listen on {address}"),
            "Ports below 1024 need the capability CAP_NET_BIND_SERVICE (deploy/invigil.service gives it), or listen above and put a proxy in front.",
        ),
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => bad(
            check,
            format!("this machine does not have the address {}", address.ip()),
            "`ip address` lists those it has; 0.0.0.0 listens on all.",
        ),
        Err(error) => bad(check, format!("{address}: {error}"), "Give another --listen."),
    }
}

/// Whether the nodes can hear each other.
pub(super) async fn nats(config: &Config) -> Option<Finding> {
    const CHECK: &str = "nats";
    let nats = config.nats.as_ref()?;
    let advice = "Start it, or look at nats_url and at the way there. Without it everything works, but nodes learn of each other's changes up to 5 s later.";
    Some(match tokio::time::timeout(ANSWER, async_nats::connect(nats.0.expose().as_str())).await {
        Ok(Ok(_)) => good(CHECK, format!("{nats} answers")),
        Ok(Err(error)) => odd(CHECK, format!("{nats} does not take us in ({})", error.kind()), advice),
        Err(_) => odd(CHECK, format!("{nats} does not answer"), advice),
    })
}
