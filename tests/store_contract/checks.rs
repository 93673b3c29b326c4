//! Checks of computers: one a room, bounded, for a time.

use invigil::domain::Ms;
use invigil::domain::ids::{Id, RoomId};
use invigil::store::StoreError;
use invigil::store::checks::{CheckRow, ReportRow};

use crate::fixture::{MINUTE, NINE, World};

fn check(room: &RoomId, code: &str, opened_ms: Ms) -> CheckRow {
    CheckRow { room_id: room.clone(), code: code.into(), opened_ms, closes_ms: opened_ms + 10 * MINUTE }
}

fn report(computer: &str, name: &str, at_ms: Ms) -> ReportRow {
    ReportRow { computer: computer.into(), name: name.into(), measured: "{}".into(), at_ms }
}

async fn names(w: &World, room: &RoomId) -> Vec<String> {
    w.store.check_reports(room).await.unwrap().into_iter().map(|row| row.name).collect()
}

pub async fn a_check_takes_reports_while_it_is_open_and_has_room(w: World) {
    let room = w.room(|_| {}).await;
    let open = check(&room, "ABC123", NINE);
    w.store.open_check(&open, 0).await.unwrap();
    assert_eq!(w.store.check_by_code("ABC123").await.unwrap().unwrap(), open);
    let take = async |computer: &str, name: &str, at| w.store.report_check(&open, &report(computer, name, at), 2).await.unwrap();
    assert!(take("a", "12", NINE).await && take("b", "30", NINE).await);
    assert!(!take("c", "31", NINE).await, "it is full");
    assert!(take("b", "30 mended", NINE + MINUTE).await, "who is there may report again");
    assert_eq!(names(&w, &room).await, ["12", "30 mended"]);

    w.store.close_check(&room, NINE + 2 * MINUTE).await.unwrap();
    assert!(!take("a", "late", NINE + 2 * MINUTE).await, "it is closed");
    assert_eq!(w.store.check(&room).await.unwrap().unwrap().closes_ms, NINE + 2 * MINUTE);
    w.store.close_check(&room, NINE + 5 * MINUTE).await.unwrap();
    assert_eq!(w.store.check(&room).await.unwrap().unwrap().closes_ms, NINE + 2 * MINUTE, "closing again opens nothing");
    assert_eq!(names(&w, &room).await, ["12", "30 mended"], "what was reported can be read");
}

pub async fn a_new_check_begins_empty_and_old_ones_are_forgotten(w: World) {
    let (room, other) = (w.room(|_| {}).await, RoomId::trusted("rm_2".into()));
    w.store.create_room(&crate::fixture::room("rm_2", "ex_1")).await.unwrap();
    for (room, code) in [(&room, "ABC123"), (&other, "DEF456")] {
        let check = check(room, code, NINE);
        w.store.open_check(&check, 0).await.unwrap();
        assert!(w.store.report_check(&check, &report("a", "12", NINE), 9).await.unwrap());
    }
    let taken = w.store.open_check(&check(&room, "DEF456", NINE), 0).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)), "{taken:?}");
    assert_eq!(names(&w, &room).await, ["12"], "a code that is taken changes nothing");

    w.store.open_check(&check(&room, "GHJ789", NINE + MINUTE), NINE).await.unwrap();
    assert!(names(&w, &room).await.is_empty());
    assert_eq!(w.store.check_by_code("ABC123").await.unwrap(), None, "the code before is good for nothing");
    assert_eq!(names(&w, &other).await, ["12"], "another room's is not touched");
    w.store.open_check(&check(&room, "GHJ789", NINE + MINUTE), NINE + 1).await.unwrap();
    assert_eq!(w.store.check(&other).await.unwrap(), None, "what is too old is forgotten");
    assert!(w.store.delete_room(&room).await.unwrap(), "a room goes with its check");
}
