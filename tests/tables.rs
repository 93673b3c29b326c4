//! A version that has to change the tables does not do so while a room runs, unless it is told to.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::process::{Output, Stdio};

use invigil::store::{Store, Tables};
use sqlx::Connection as _;
use support::postgres::create_database;
use support::site::Site;

/// Runs SQL behind the program's back.
async fn execute(site: &Site, sql: &str) {
    let (url, sql) = (site.database(), sqlx::AssertSqlSafe(sql.to_owned()));
    if url.starts_with("postgres") {
        let mut db = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    } else {
        let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{url}")).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
}

/// Everything a command says.
fn ask(site: &Site, verb: &str, options: &[&str]) -> (bool, String) {
    let mut command = site.program(verb);
    let Output { status, stdout, stderr } = command.args(options).stdin(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

/// The database as the version before change 3 left it, with a room that runs.
async fn of_before(url: Option<String>) -> Site {
    let site = tokio::task::block_in_place(|| Site::new(url));
    for sql in [
        "alter table pens drop column since",
        "delete from _sqlx_migrations where version = 3",
        "insert into exams (id, owner_id, title, instructions, base_ms, grace_ms, timing, takeover, shuffle_questions, shuffle_options, \
         paper_version, created_ms) select 'ex_1', id, 'T', '', 3600000, 0, 'with_room', 'ask', false, false, 1, 1 from users",
        "insert into rooms (id, exam_id, location, zone, window_hard, entry_part, rev, opened_ms, started_ms, created_ms) \
         values ('rm_1', 'ex_1', 'Hall 1', 'UTC', false, 'AAAA', 2, 1, 2, 1)",
    ] {
        execute(&site, sql).await;
    }
    site
}

async fn changes_wait_for_the_end_of_the_exam(url: Option<String>) {
    let site = of_before(url).await;
    for (verb, options) in [("serve", &["--listen", "127.0.0.1:0"][..]), ("migrate", &[])] {
        let (done, said) = tokio::task::block_in_place(|| ask(&site, verb, options));
        assert!(!done && said.contains("migrations_refused") && said.contains("Hall 1 (rm_1)"), "{verb}: {said}");
        assert!(said.contains("--migrate-while-rooms-run") && said.contains("invigil status"), "{verb}: {said}");
    }
    let look = Store::look(site.database(), false).await.unwrap();
    assert_eq!(look.pending().await.unwrap(), Some(vec![3]), "nothing was changed");
    look.close().await;
    let (done, said) = tokio::task::block_in_place(|| ask(&site, "migrate", &["--migrate-while-rooms-run"]));
    assert!(done && said.contains("up to date"), "{said}");

    // The next time nothing is pending, and the room is no reason; nor is one that has ended when something is.
    let (done, said) = tokio::task::block_in_place(|| ask(&site, "migrate", &[]));
    assert!(done, "{said}");
    for sql in [
        "alter table pens drop column since",
        "delete from _sqlx_migrations where version = 3",
        "update rooms set ended_ms = 3",
        // And a change that only a later version knows, which must be able to have been here.
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         select 9999, 'later', success, checksum, 0 from _sqlx_migrations where version = 1",
    ] {
        execute(&site, sql).await;
    }
    let store = Store::open_with(site.database(), Tables::Guarded).await.expect("an older version beside a newer one");
    assert_eq!(store.pending().await.unwrap(), Some(vec![]));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_wait_for_the_end_of_the_exam_on_sqlite() {
    changes_wait_for_the_end_of_the_exam(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_wait_for_the_end_of_the_exam_on_postgres() {
    let url = create_database().await;
    changes_wait_for_the_end_of_the_exam(Some(url)).await;
}
