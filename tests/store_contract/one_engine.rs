//! What only one of the two databases can do to us.

use std::str::FromStr as _;
use std::time::Duration;

use invigil::domain::clock::{Kind, Targets, Verdict};
use invigil::store::journal::{Outcome, Refusal};
use invigil::store::{Store, StoreError};
use sqlx::Connection as _;

use crate::fixture::{NINE, World, cd, change, plan, ss};
use crate::hall::{Hall, joined, refused, saved};

/// Another process holds SQLite's write lock for longer than we wait.
#[tokio::test]
async fn a_held_sqlite_lock_is_busy_and_not_lost() {
    let hall = Hall::seated(World::sqlite().await).await;
    let options = sqlx::sqlite::SqliteConnectOptions::from_str(&format!("sqlite://{}", hall.world.url)).unwrap();
    let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    let extend = plan(change(3, NINE, Kind::Extend { ms: 1 }, Targets::Room));
    let (changed, answered) =
        tokio::join!(hall.world.store.change_room(&hall.room, &extend), hall.answer("cd_a", (1, 1), "q1", "true", NINE));
    assert!(matches!(changed, Err(StoreError::Busy(_))), "{changed:?}");
    assert_eq!(refused(answered), Refusal::Busy);
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE).await).1, Verdict::PLAIN);
}

#[tokio::test]
async fn a_closed_store_is_away() {
    for world in [World::sqlite().await, World::postgres().await] {
        world.store.close().await;
        let result = world.store.ping().await;
        assert!(matches!(result, Err(StoreError::Away(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_store_opens_again_with_what_it_held() {
    for world in [World::sqlite().await, World::postgres().await] {
        let room = world.room(|_| {}).await;
        world.store.close().await;
        let again = Store::open(&world.url).await.unwrap();
        assert!(again.room(&room).await.unwrap().is_some(), "{}", again.engine());
    }
}

/// Whoever tells PostgreSQL to be careless is overruled.
#[tokio::test]
async fn a_careless_setting_is_overruled_on_postgres() {
    let world = World::postgres().await;
    let name = world.url.rsplit('/').next().unwrap().to_owned();
    world.execute(&format!("alter database {name} set synchronous_commit = off")).await;
    Store::open(&world.url).await.expect("our own setting is stronger");
    let mut url = world.url.clone();
    url.push_str("?options=-c%20synchronous_commit%3Doff");
    Store::open(&url).await.expect("also stronger than the URL");
}

/// A change of time gives a whole hall a new rev: rows with room on their page leave the indexes alone.
#[tokio::test]
async fn a_page_of_candidates_has_room_on_postgres() {
    let world = World::postgres().await;
    let mut db = sqlx::PgConnection::connect(&world.url).await.unwrap();
    let sql = "select array_to_string(reloptions, ',') from pg_class where oid = 'candidates'::regclass";
    let options: Option<String> = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
    assert_eq!(options.as_deref(), Some("fillfactor=50"));
    Store::open(&world.url).await.expect("it is set once");
}

/// U+0000 is refused long before; PostgreSQL cannot store it, and that must stay one row's trouble.
#[tokio::test]
async fn a_nul_character_harms_only_its_row_on_postgres() {
    let hall = Hall::seated(World::postgres().await).await;
    let ops = vec![
        hall.answer_op("cd_a", (1, 1), "q1", "true", NINE),
        hall.answer_op("cd_a", (1, 2), "q2", "\"\u{0}\"", NINE),
        hall.answer_op("cd_a", (1, 3), "q3", "true", NINE),
    ];
    let mut outcomes = hall.batch(ops).await.into_iter();
    assert_eq!(saved(outcomes.next().unwrap()).1, Verdict::PLAIN);
    assert_eq!(refused(outcomes.next().unwrap()), Refusal::Unstorable);
    assert_eq!(saved(outcomes.next().unwrap()).1, Verdict::PLAIN);
}

/// The connection dies at COMMIT: nobody knows, so nobody is told "saved" nor "refused", and the repeat is safe.
#[tokio::test]
async fn a_commit_of_unknown_fate_is_unknown_on_postgres() {
    let hall = Hall::seated(World::postgres().await).await;
    let world = &hall.world;
    world
        .execute(
            "create function die() returns trigger language plpgsql as \
             $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$",
        )
        .await;
    let trigger = "create constraint trigger dies after insert on answers deferrable initially deferred \
                   for each row execute function die()";
    world.execute(trigger).await;
    hall.told();
    let outcome = hall.answer("cd_a", (1, 1), "q1", "true", NINE + 1).await;
    assert!(matches!(outcome, Outcome::Unknown), "{outcome:?}");
    assert!(hall.told().is_empty());
    world.execute("drop trigger dies on answers").await;
    assert_eq!(saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 1).await).1, Verdict::PLAIN);
    assert_eq!(hall.told(), ["answer.saved"]);
}

/// Waits until a query of this database waits for a lock, and fails when none ever does.
async fn until_blocked(connection: &mut sqlx::PgConnection) {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..500 {
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(&mut *connection).await.unwrap();
        if waiting > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("nothing waits");
}

/// A takeover is allowed by another node at the very moment in which the old page comes back. The old page's join waits for the row
/// and must then see the new pen with its holder, not a pen that nobody holds.
#[tokio::test]
async fn a_join_that_waited_sees_the_new_holder_on_postgres() {
    let hall = Hall::seated(World::postgres().await).await;
    let mut other = sqlx::PgConnection::connect(&hall.world.url).await.unwrap();
    let mut watch = sqlx::PgConnection::connect(&hall.world.url).await.unwrap();
    let mut tx = other.begin().await.unwrap();
    sqlx::query("update candidates set pen = 2 where id = 'cd_a'").execute(&mut *tx).await.unwrap();
    sqlx::query("insert into pens values ('cd_a', 2, 'ss_b', 1)").execute(&mut *tx).await.unwrap();
    let back = hall.join("cd_a", "ss_a", Some(1), NINE + 1);
    let takeover = async {
        until_blocked(&mut watch).await;
        tx.commit().await.unwrap();
    };
    let (outcome, ()) = tokio::join!(back, takeover);
    assert_eq!((outcome.pen, outcome.superseded), (None, true));
    assert_eq!(hall.world.store.pens(&cd("cd_a")).await.unwrap(), [(1, ss("ss_a"), NINE), (2, ss("ss_b"), 1)]);
}

/// Changes of the room and hot writes lock the same rows in the same order: many of both, and none is ever a deadlock's victim.
#[tokio::test]
async fn changes_and_hot_writes_never_deadlock_on_postgres() {
    let hall = Hall::running_with(World::postgres().await, |e| e.timing = "on_entry".into()).await;
    let mut second = hall.twin().await;
    second.restart();
    let changes = async {
        for rev in 3..=40 {
            hall.change(rev, NINE, Kind::Extend { ms: 1 }).await;
        }
    };
    let writes = |hall: &Hall, offset: i64| {
        let ops = |n: i64| {
            let mut ops: Vec<_> = ["cd_c", "cd_a", "cd_b"]
                .iter()
                .map(|who| hall.join_op(who, &format!("ss_{offset}x{n}"), None, false, NINE))
                .collect();
            if offset == 1 {
                ops.reverse();
            }
            ops
        };
        (0..30).map(ops).collect::<Vec<_>>()
    };
    let (left, right) = (writes(&hall, 0), writes(&second, 1));
    let run = |hall: Hall, batches: Vec<Vec<invigil::store::journal::Op>>| async move {
        for batch in batches {
            for outcome in hall.batch(batch).await {
                assert!(joined(outcome).pen.is_some());
            }
        }
    };
    tokio::join!(changes, run(hall.twin().await, left), run(second, right));
    assert_eq!(hall.world.room_row(&hall.room).await.rev, 40);
}
