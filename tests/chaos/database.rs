//! A database that is killed, cut off in the middle of a COMMIT, swallows everything, or refuses one row.

use serde_json::json;
use sqlx::Connection as _;

use crate::load::{Load, until};
use crate::one::{One, Settled};
use crate::rig::{Fault, Plan, Rig};
use crate::support::proxy::{Cut, Weather};

const PEOPLE: usize = 10;
/// Bytes of a `COMMIT` and of its reply: `Q…COMMIT`, then `C…COMMIT` and `Z…`.
const COMMIT_BYTES: usize = 12 + 12 + 6;

/// The postmaster is killed under load, the server stays.
pub async fn kills_of_postgres_lose_nothing() {
    let (mut rig, _proxy) = Rig::postgres_behind_a_proxy().await;
    rig.storm("kills of PostgreSQL", Fault::DatabaseKill, &Plan::of("INVIGIL_SOAK_DATABASE_KILLS", 2)).await;
}

/// The connection breaks after each single byte of a COMMIT and of its reply: whether it happened is known to nobody, so nobody is told
/// anything, the sockets are closed, the answers come again, and each is stored once.
pub async fn a_commit_cut_after_any_byte_is_settled_once() {
    let (mut rig, proxy) = Rig::postgres_behind_a_proxy().await;
    rig.start();
    let room = rig.room(PEOPLE).await;
    let mut load = Load::enter(&room, None, 5).await;
    for at in 0..=COMMIT_BYTES {
        let cuts = proxy.cuts();
        proxy.cut(Cut::Commit(at));
        load.burst(20).await;
        until(|| proxy.cuts() > cuts, || format!("no COMMIT to cut after {at} bytes\n{}", rig.log())).await;
        load.settle(|| rig.log()).await;
    }
    let ambiguous = rig.site.whole_log().matches("journal.ambiguous_commit").count();
    let sum = load.judge(&room).await;
    let connects = sum.connects;
    sum.require(json!({ "chaos": "COMMIT cut", "cuts": proxy.cuts(), "ambiguous": ambiguous }), &rig.log());
    assert!(ambiguous >= COMMIT_BYTES / 2, "too few of the cuts met the journal: {ambiguous}\n{}", rig.log());
    assert!(connects > PEOPLE as u64, "no socket was closed");
}

/// Nothing comes back from the database, and the connections stay open.
pub async fn a_database_that_swallows_everything_is_away() {
    let (mut rig, proxy) = Rig::postgres_behind_a_proxy().await;
    rig.start();
    let room = rig.room(PEOPLE).await;
    let mut load = Load::enter(&room, None, 6).await;
    load.burst(20).await;
    load.settle(|| rig.log()).await;
    proxy.weather(Weather { black_hole: true, ..Weather::default() });
    load.burst(20).await;
    let journal = || rig.site.whole_log();
    until(|| journal().contains("journal.failed") || journal().contains("journal.ambiguous"), || rig.log()).await;
    assert_eq!(load.acked(), 20, "called saved by a database that says nothing");
    proxy.weather(Weather::default());
    load.burst(20).await;
    load.settle(|| rig.log()).await;
    rig.until_ready(None).await;
    load.judge(&room).await.require(json!({ "chaos": "database in a black hole" }), &rig.log());
}

/// The database refuses one row for what is in it: the others of its batch are saved, it is refused for good.
pub async fn a_poisoned_answer_is_refused_for_good(mut rig: Rig) {
    rig.start();
    let mut room = rig.room(PEOPLE).await;
    poison(rig.site.database()).await;
    let mut one = One::enter(&room).await;
    let (candidate, _) = room.codes.pop().unwrap();
    let mut load = Load::enter(&room, None, 7).await;
    load.offer(400);
    for seq in 1..=5 {
        let settled = one.answer(seq, "poison", None).await;
        let Settled::Refused(refused) = settled else { panic!("not refused: {settled:?}") };
        assert_eq!((refused.code.as_str(), refused.retry, &refused.proof), ("unstorable", false, &None), "{refused:?}");
        load.until_acked(load.acked() + 20, || rig.log()).await;
    }
    let settled = one.answer(6, "harmless", None).await;
    assert!(matches!(settled, Settled::Saved(_)), "{settled:?}");
    load.hush().await;
    load.settle(|| rig.log()).await;
    load.judge(&room).await.require(json!({ "chaos": "poisoned answer" }), &rig.log());
    let answers = room.staff.answers_of(&room.id, &candidate).await.unwrap();
    assert_eq!(answers["items"].as_array().unwrap().len(), 1, "{answers}");
}

/// From now on the database itself refuses an answer that says `poison`.
async fn poison(database: &str) {
    if database.starts_with("postgres") {
        let mut other = sqlx::PgConnection::connect(database).await.unwrap();
        let sql = "alter table answers add constraint harmless check (value not like '%poison%')";
        sqlx::query(sql).execute(&mut other).await.unwrap();
        return;
    }
    let mut other = sqlx::SqliteConnection::connect(database).await.unwrap();
    let sql =
        "create trigger harmless before insert on answers when new.value like '%poison%' begin select raise(abort, 'no'); end";
    sqlx::query(sql).execute(&mut other).await.unwrap();
}
