use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{BackupError, Result};
use crate::domain::Ms;
use crate::time::{parse_rfc3339, rfc3339_ms};

/// Names of backups begin so.
const PREFIX: &str = "invigil-";

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::File(path, error)
}

/// Makes the folder, for its owner alone.
pub fn make_dir(dir: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))
}

/// An empty file for a copy that is not finished, readable by its owner alone from the first byte on. A copy that was left behind by a
/// process that died goes.
pub fn start(dir: &Path, now: Ms) -> Result<PathBuf> {
    let temp = dir.join(format!(".{}.part", name(now, false)));
    match fs::remove_file(&temp) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&temp)(error)),
        Ok(()) | Err(_) => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temp).map_err(at(&temp))?;
    Ok(temp)
}

/// Gives a finished copy its name once it and its folder are on the disk. Returns that and its size.
pub async fn finish(temp: PathBuf, dir: &Path, now: Ms, dump: bool) -> Result<(PathBuf, u64)> {
    let dir = dir.to_owned();
    let file = dir.join(name(now, dump));
    let work = move || {
        let bytes = settle(&temp, &file)?;
        Ok((file, bytes))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| BackupError::Bad(error.to_string()))?
}

/// Renames `temp` to `file` in the same folder, so that after a power cut there is the one or the other, whole. Its size.
pub fn settle(temp: &Path, file: &Path) -> Result<u64> {
    let open = File::open(temp).map_err(at(temp))?;
    open.sync_all().map_err(at(temp))?;
    let bytes = open.metadata().map_err(at(temp))?.len();
    fs::rename(temp, file).map_err(at(file))?;
    sync_dir(file)?;
    Ok(bytes)
}

/// Puts the folder of `file` on the disk.
pub fn sync_dir(file: &Path) -> Result<()> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir))
}

/// Takes away what was not finished. Whatever hinders that is no reason to fail twice.
pub fn discard(temp: &Path) {
    if let Err(error) = fs::remove_file(temp) {
        tracing::warn!(file = %temp.display(), %error, "backup.left_behind");
    }
}

/// `invigil-20261103T090000123Z.db`: sorts by time.
fn name(now: Ms, dump: bool) -> String {
    let stamp: String = rfc3339_ms(now).chars().filter(|c| !matches!(c, '-' | ':' | '.')).collect();
    format!("{PREFIX}{stamp}.{}", if dump { "dump" } else { "db" })
}

/// When the file of this name was made; None: it is no backup of ours.
fn made_ms(name: &str) -> Option<Ms> {
    let (stamp, ending) = name.strip_prefix(PREFIX)?.split_once('.')?;
    if !matches!(ending, "db" | "dump") || stamp.len() != 19 || !stamp.is_ascii() {
        return None;
    }
    let (day, time) = stamp.split_once('T').filter(|(day, time)| day.len() == 8 && time.len() == 10)?;
    let text =
        format!("{}-{}-{}T{}:{}:{}.{}", &day[..4], &day[4..6], &day[6..], &time[..2], &time[2..4], &time[4..6], &time[6..]);
    parse_rfc3339(&text).ok()
}

fn backups(dir: &Path) -> Vec<(Ms, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(io::Result::ok);
    let mut found: Vec<(Ms, PathBuf)> =
        entries.filter_map(|entry| Some((made_ms(entry.file_name().to_str()?)?, entry.path()))).collect();
    found.sort();
    found
}

/// When the newest backup of a folder was made.
pub fn newest(dir: &Path) -> Option<Ms> {
    backups(dir).last().map(|(at, _)| *at)
}

/// Removes the oldest backups but `keep`; 0 keeps all. Nothing but backups is touched.
pub fn prune(dir: &Path, keep: usize) {
    let found = backups(dir);
    let gone = if keep == 0 { 0 } else { found.len().saturating_sub(keep) };
    for (_, file) in found.into_iter().take(gone) {
        if let Err(error) = fs::remove_file(&file) {
            tracing::warn!(file = %file.display(), %error, "backup.not_removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_instant_and_sorts_by_it() {
        let now = 1_793_696_400_123;
        assert_eq!(name(now, false), "invigil-20261103T090000123Z.db");
        assert_eq!(made_ms(&name(now, true)), Some(now));
        for other in
            ["invigil.db", "invigil-20261103T090000123Z.db-wal", "invigil-notes.db", ".invigil-20261103T090000123Z.db.part"]
        {
            assert_eq!(made_ms(other), None, "{other}");
        }
    }
}
