//! A copy of the database, made while others write, and called made only when it has been read back.

use std::path::Path;

use super::{BackupError, Made, Result, files};
use crate::auth::receipts::{self, Line};
use crate::domain::Ms;
use crate::store::Store;
use crate::store::answers::AnswerRow;
use crate::store::backup::Tally;
use crate::store::backup::postgres;

/// Copies the database into `dir` while others go on writing, verifies the copy, and only then gives it its name.
pub async fn make(url: &str, dir: &Path, now: Ms) -> Result<Made> {
    files::make_dir(dir)?;
    let temp = files::start(dir, now)?;
    let source = Store::look(url, false).await;
    let done = match &source {
        Ok(source) => fill(source, url, &temp, now).await,
        Err(_) => Ok(None),
    };
    if let Ok(source) = &source {
        source.close().await;
    }
    match source.map_err(BackupError::from).and(done) {
        Ok(tally) => {
            let dump = tally.is_none();
            let (file, bytes) = files::finish(temp, dir, now, dump).await?;
            Ok(Made { file, bytes, tally })
        }
        Err(error) => {
            files::discard(&temp);
            Err(error)
        }
    }
}

/// Fills the empty file `temp` and verifies it; what is in it, where that can be read.
async fn fill(source: &Store, url: &str, temp: &Path, now: Ms) -> Result<Option<Tally>> {
    if source.engine() == "postgres" {
        source.set_taken(now).await?;
        postgres::dump(url, temp).await?;
        postgres::check(temp).await?;
        return Ok(None);
    }
    let before = source.tally().await?;
    source.copy_into(temp).await?;
    let after = source.tally().await?;
    let name = temp.display().to_string();
    let copy = Store::look(&name, false).await?;
    copy.set_taken(now).await?;
    copy.close().await;
    let copy = Store::look(&name, true).await?;
    let good = compare(source, &copy, before, after).await;
    copy.close().await;
    good.map(Some)
}

/// The copy is sound, holds what was there when it began and nothing that was not there when it ended, and each candidate's receipt over
/// the copied rows is the one over the same rows of the source.
async fn compare(source: &Store, copy: &Store, before: Tally, after: Tally) -> Result<Tally> {
    let tally = sound(copy).await?;
    let between = |least: i64, n: i64, most: i64| least <= n && n <= most;
    if !between(before.answers, tally.answers, after.answers) || !between(before.events, tally.events, after.events) {
        return Err(BackupError::Bad(format!("it holds {tally:?}, the database had {before:?} before and {after:?} after")));
    }
    for candidate in copy.writers().await? {
        let copied = copy.answers(&candidate).await?;
        let mut here = source.answers(&candidate).await?;
        here.retain(|row| copied.binary_search_by_key(&(row.pen, row.seq), |c| (c.pen, c.seq)).is_ok());
        if receipt_of(&copied) != receipt_of(&here) {
            return Err(BackupError::Bad(format!("the receipt of {candidate} is another one")));
        }
    }
    Ok(tally)
}

/// The file is whole, is one of ours, and every answer in it can be read.
pub(crate) async fn sound(copy: &Store) -> Result<Tally> {
    let said = copy.complaints().await?;
    if !said.is_empty() {
        return Err(BackupError::Bad(said.join("; ")));
    }
    let none = copy.meta("epoch").await?.is_none();
    if none {
        return Err(BackupError::Bad("it has no epoch: a server has never run on it".to_owned()));
    }
    let tally = copy.tally().await?;
    let mut answers = 0;
    for candidate in copy.writers().await? {
        let rows = copy.answers(&candidate).await?;
        answers += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let unreadable = rows.iter().find(|row| serde_json::from_str::<serde_json::Value>(&row.value).is_err());
        if let Some(row) = unreadable {
            return Err(BackupError::Bad(format!("answer ({}, {}) of {candidate} cannot be read", row.pen, row.seq)));
        }
    }
    if answers != tally.answers {
        return Err(BackupError::Bad(format!("{} answers are counted and {answers} read", tally.answers)));
    }
    Ok(tally)
}

/// A name for a store that has had none, or that has become another one.
pub fn fresh_epoch() -> String {
    format!("e{:016x}", rand::random::<u64>())
}

/// The receipt over rows, as a hand-in makes it.
pub fn receipt_of(rows: &[AnswerRow]) -> String {
    receipts::receipt(rows.iter().map(line_of).collect())
}

/// One row as a receipt counts it.
pub fn line_of(row: &AnswerRow) -> Line {
    Line {
        pen: row.pen,
        seq: row.seq,
        question: row.question_id.0.clone(),
        value_sha256: receipts::value_hash(&row.value),
        received_ms: row.received_ms,
    }
}
