use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::make::{fresh_epoch, sound};
use super::{BackupError, Result, files};
use crate::domain::Ms;
use crate::store::backup::Tally;
use crate::store::backup::postgres::{self, ASIDE};
use crate::store::backup::restored::Restored;
use crate::store::{Store, Tables};
use crate::time::rfc3339_ms;

/// Looks, a tenth of a second apart, until the connections of a process that has died are gone.
const GOING: u32 = 20;

/// What a restore did.
#[derive(Debug)]
pub struct Report {
    /// What the restored store knows of itself.
    pub restored: Restored,
    /// What is in it.
    pub tally: Tally,
    /// Where what was there before is now.
    pub aside: Option<String>,
}

/// Says that a process works on a database file: shared by servers and commands, whole for a restore. Let go by the system however the
/// process ends.
#[derive(Debug)]
pub struct Hold(Option<File>);

impl Hold {
    /// For a process that uses the file together with others. Where the system has no such locks, or the folder is full, that is no
    /// reason not to serve.
    pub fn shared(database: &Path) -> Result<Self> {
        let Ok(file) = lock_file(database) else { return Ok(Self(None)) };
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(Some(file))),
            Err(fs::TryLockError::WouldBlock) => Err(BackupError::Running),
            Err(fs::TryLockError::Error(error)) => {
                tracing::warn!(%error, "database.no_lock");
                Ok(Self(None))
            }
        }
    }

    /// For a process that must be alone.
    fn alone(database: &Path) -> Result<Self> {
        let file = lock_file(database).map_err(|error| BackupError::File(lock_name(database), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(fs::TryLockError::WouldBlock) => Err(BackupError::Running),
            Err(fs::TryLockError::Error(error)) => Err(BackupError::File(lock_name(database), error)),
        }
    }

    /// Whether the lock is held.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }
}

fn lock_name(database: &Path) -> PathBuf {
    with_ending(database, "-lock")
}

fn lock_file(database: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(lock_name(database))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes the SQLite database `target` from a backup. What is there is moved aside with `force`, never deleted.
pub async fn sqlite(backup: &Path, target: &Path, force: bool, now: Ms) -> Result<Report> {
    let _alone = Hold::alone(target)?;
    if target.exists() && !force {
        return Err(BackupError::Exists(target.display().to_string()));
    }
    fs::metadata(backup).map_err(|error| BackupError::File(backup.to_owned(), error))?;
    let copy = Store::look(&backup.display().to_string(), true).await?;
    let tally = sound(&copy).await;
    copy.close().await;
    let tally = tally?;
    let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temp = files::start(dir, now)?;
    let alive_ms = fold(target).await;
    let restored = match prepare(backup, &temp, alive_ms, now).await {
        Ok(restored) => restored,
        Err(error) => {
            files::discard(&temp);
            return Err(error);
        }
    };
    let aside = move_aside(target, now)?;
    files::settle(&temp, target)?;
    Ok(Report { restored, tally, aside: aside.map(|path| path.display().to_string()) })
}

/// A copy of the backup with the tables of this version, another epoch, and its gap told.
async fn prepare(backup: &Path, temp: &Path, alive_ms: Option<Ms>, now: Ms) -> Result<Restored> {
    let at = |error| BackupError::File(temp.to_owned(), error);
    fs::copy(backup, temp).map_err(at)?;
    // The copy has taken the rights of the backup.
    fs::set_permissions(temp, fs::Permissions::from_mode(0o600)).map_err(at)?;
    let store = Store::open_with(&temp.display().to_string(), Tables::Anyway)
        .await
        .map_err(|error| BackupError::Bad(format!("{error:#}")))?;
    let restored = store.restored(&fresh_epoch(), alive_ms, now).await;
    // Folds the write-ahead log into the file, which then stands alone.
    store.close().await;
    let wal = with_ending(temp, "-wal");
    if fs::metadata(&wal).is_ok_and(|meta| meta.len() > 0) {
        return Err(BackupError::Bad(format!("{} was left over", wal.display())));
    }
    for ending in ["-wal", "-shm", "-lock"] {
        // Absent as a rule.
        drop(fs::remove_file(with_ending(temp, ending)));
    }
    Ok(restored?)
}

/// Folds the log of the database that is there into its file, as the last connection does that closes: then it is one file that moves. A file
/// that cannot be opened keeps its log, for whoever wants to save what can be saved. Returns when its server was alive last.
async fn fold(target: &Path) -> Option<Ms> {
    let old = Store::look(&target.display().to_string(), false).await.ok()?;
    let alive = old.last_beat_ms().await.ok().flatten();
    old.close().await;
    alive
}

/// Moves the database and what belongs to it to another name.
fn move_aside(target: &Path, now: Ms) -> Result<Option<PathBuf>> {
    let stamp: String = rfc3339_ms(now).chars().filter(char::is_ascii_alphanumeric).collect();
    let aside = with_ending(target, &format!(".before-restore-{stamp}"));
    let mut moved = false;
    // The file last: until then there is a database under the old name, and no log without one.
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (with_ending(target, ending), with_ending(&aside, ending));
        match fs::rename(&from, &to) {
            Ok(()) => moved = true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::File(from, error)),
        }
    }
    files::sync_dir(target)?;
    Ok(moved.then_some(aside))
}

/// Loads a dump into the PostgreSQL database `url`. What is there is moved into a schema of its own with `force`, never deleted.
pub async fn postgres(dump: &Path, url: &str, force: bool, now: Ms) -> Result<Report> {
    postgres::check(dump).await?;
    let look = Store::look(url, false).await?;
    let ready = make_room(&look, force, now).await;
    look.close().await;
    let (aside, alive_ms) = ready?;
    postgres::load(url, dump).await?;
    Ok(Report { aside, ..another_epoch(url, alive_ms, now).await? })
}

/// The database `url` has been restored by other means: makes it another store. `file` is its file, if it is one.
pub async fn in_place(url: &str, file: Option<&Path>, now: Ms) -> Result<Report> {
    let _alone = file.map(Hold::alone).transpose()?;
    let look = Store::look(url, false).await?;
    let alone = wait_until_alone(&look).await;
    look.close().await;
    alone?;
    another_epoch(url, None, now).await
}

async fn another_epoch(url: &str, alive_ms: Option<Ms>, now: Ms) -> Result<Report> {
    let store = Store::open_with(url, Tables::Anyway).await.map_err(|error| BackupError::Bad(format!("{error:#}")))?;
    let done = async {
        let tally = sound(&store).await?;
        let restored = store.restored(&fresh_epoch(), alive_ms, now).await?;
        Ok(Report { restored, tally, aside: None })
    };
    let done = done.await;
    store.close().await;
    done
}

/// A server that has just died is known to PostgreSQL for a moment more.
async fn wait_until_alone(look: &Store) -> Result<()> {
    for _ in 0..GOING {
        if look.others().await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(BackupError::Running)
}

/// Empties the database. Returns where what was there is now, and when its server was alive last.
async fn make_room(look: &Store, force: bool, now: Ms) -> Result<(Option<String>, Option<Ms>)> {
    wait_until_alone(look).await?;
    if !look.has_tables().await? {
        return Ok((None, None));
    }
    if !force {
        return Err(BackupError::Exists("the database".to_owned()));
    }
    let stamp: String = rfc3339_ms(now).to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let aside = format!("{ASIDE}{stamp}");
    let alive_ms = look.last_beat_ms().await.ok().flatten();
    look.move_aside(&aside).await?;
    Ok((Some(format!("schema {aside}")), alive_ms))
}
