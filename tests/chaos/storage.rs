//! Disks that fail, are slow, full or take no writes; writers that wait for somebody else's lock.

use std::time::Duration;

use invigil::time::Time;
use serde_json::json;
use sqlx::Connection as _;

use crate::load::{Load, until};
use crate::one::{One, Settled};
use crate::rig::{Rig, Tracer};

const PEOPLE: usize = 10;

/// EIO on fsync: nothing is acknowledged on its strength, it is never tried again, the process ends, and what was acknowledged is there.
pub async fn a_disk_that_does_not_confirm_ends_the_process() {
    let mut rig = Rig::sqlite();
    rig.start();
    let room = rig.room(PEOPLE).await;
    rig.kill();
    // Counted by thread, and one thread writes: far beyond what it takes to let everybody in.
    rig.start_with("fsync,fdatasync", "error=EIO:when=200");
    let mut load = Load::enter(&room, None, 1).await;
    load.offer(200);
    let status = rig.ended().await;
    assert_eq!(status.code(), Some(74), "{status}\n{}", rig.log());
    // Whoever wrote just then: the journal, or the beat.
    assert!(rig.site.whole_log().contains("the disk failed to keep what was written"), "{}", rig.log());
    let acked = load.acked();
    assert!(acked > 0, "nothing was acknowledged before");
    rig.start();
    load.until_acked(acked + 50, || rig.log()).await;
    load.hush().await;
    load.settle(|| rig.log()).await;
    load.judge(&room).await.require(json!({ "chaos": "EIO on fsync", "exit": 74, "acked_before": acked }), &rig.log());
}

/// 200 ms for each fsync: batches grow, everything is saved.
pub async fn a_slow_disk_is_only_slow() {
    let mut rig = Rig::sqlite();
    rig.start();
    let room = rig.room(PEOPLE).await;
    rig.kill();
    rig.start_with("fsync,fdatasync", "delay_exit=200000");
    let mut load = Load::enter(&room, None, 2).await;
    load.offer(100);
    load.until_acked(500, || rig.log()).await;
    load.hush().await;
    load.settle(|| rig.log()).await;
    let sum = load.judge(&room).await;
    assert!(sum.ack.p50 >= Duration::from_millis(100), "the disk was not slow: {:?}", sum.ack);
    sum.require(json!({ "chaos": "fsync takes 200 ms" }), &rig.log());
}

/// No space: refused with the permission to come again, not ready, and over by itself when there is space.
pub async fn a_full_disk_refuses_and_recovers() {
    let mut rig = Rig::sqlite_on_a_disk();
    rig.start();
    let room = rig.room(PEOPLE).await;
    let mut load = Load::enter(&room, None, 3).await;
    load.offer(100);
    load.until_acked(50, || rig.log()).await;
    let disk = rig.disk.as_ref().unwrap();
    tokio::task::block_in_place(|| disk.fill());
    rig.until_ready(Some("disk_full")).await;
    let acked = load.acked();
    tokio::task::block_in_place(|| disk.empty());
    rig.until_ready(None).await;
    load.until_acked(acked + 100, || rig.log()).await;
    load.hush().await;
    load.settle(|| rig.log()).await;
    load.judge(&room).await.require(json!({ "chaos": "full disk" }), &rig.log());
}

/// Every write to the log fails as on a file system that has become read-only.
pub async fn a_disk_that_takes_no_writes_refuses_and_recovers() {
    let mut rig = Rig::sqlite_on_a_disk();
    rig.start();
    let mut room = rig.room(PEOPLE).await;
    let mut one = One::enter(&room).await;
    let candidate = room.codes.pop().unwrap();
    let mut load = Load::enter(&room, None, 4).await;
    load.burst(50).await;
    load.settle(|| rig.log()).await;
    let wal = rig.disk.as_ref().unwrap().file("invigil.db-wal");
    let tracer = Tracer::attach(rig.id(), &wal, "write,pwrite64,writev,pwritev", "error=EROFS").await;
    let proof = refused(one.answer(1, "while read-only", None).await, "database_away");
    let failures = || rig.site.whole_log().matches("journal.failed").count();
    let before = failures();
    load.burst(50).await;
    until(|| failures() > before, || "the fault meets the load".to_owned()).await;
    rig.until_ready(Some("database_away")).await;
    tracer.detach();
    rig.until_ready(None).await;
    load.settle(|| rig.log()).await;
    kept_its_time(&mut one, proof, "while read-only").await;
    load.judge(&room).await.require(json!({ "chaos": "no writes" }), &rig.log());
    assert_eq!(candidate.0, one.entry.candidate);
}

pub async fn a_locked_writer_refuses_with_proof_on_sqlite() {
    let mut rig = Rig::sqlite_on_a_disk();
    rig.start();
    let file = rig.disk.as_ref().unwrap().file("invigil.db");
    let mut other = sqlx::SqliteConnection::connect(&file).await.unwrap();
    let room = rig.room(1).await;
    let mut one = One::enter(&room).await;
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    let proof = refused(one.answer(1, "while locked", None).await, "busy");
    rig.until_ready(Some("busy")).await;
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    rig.until_ready(None).await;
    kept_its_time(&mut one, proof, "while locked").await;
}

pub async fn a_locked_writer_refuses_with_proof_on_postgres() {
    let (mut rig, _proxy) = Rig::postgres_behind_a_proxy().await;
    rig.start();
    let url = rig.cluster.as_ref().unwrap().url(None);
    let mut other = sqlx::PgConnection::connect(&url).await.unwrap();
    let room = rig.room(1).await;
    let mut one = One::enter(&room).await;
    sqlx::raw_sql("begin; lock table candidates in access exclusive mode").execute(&mut other).await.unwrap();
    let proof = refused(one.answer(1, "while locked", None).await, "busy");
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    rig.until_ready(None).await;
    kept_its_time(&mut one, proof, "while locked").await;
}

/// A proof, and when it was heard, Unix ms.
struct Proof {
    text: Option<String>,
    heard_ms: i64,
}

fn refused(settled: Settled, code: &str) -> Proof {
    let Settled::Refused(refused) = settled else { panic!("not refused: {settled:?}") };
    assert_eq!((refused.code.as_str(), refused.retry), (code, true), "{refused:?}");
    Proof { text: refused.proof, heard_ms: Time::wall_ms() }
}

/// Sent again with its proof, an answer keeps the time at which it first came.
async fn kept_its_time(one: &mut One, proof: Proof, value: &str) {
    until(|| Time::wall_ms() > proof.heard_ms + 100, || "a later millisecond".to_owned()).await;
    let settled = one.answer(1, value, proof.text).await;
    let Settled::Saved(item) = settled else { panic!("not saved: {settled:?}") };
    assert!(item.received_ms <= proof.heard_ms, "received {} ms after it was refused", item.received_ms - proof.heard_ms);
}
