//! Seals: every entry once, whoever seals; and what somebody did to the rows is found.

use invigil::auth::seals::{Finding, Mark, Report};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{Id, RoomId};
use invigil::limits;
use invigil::service::seals::{check, seal_some};
use invigil::store::StoreError;
use invigil::store::rooms::Plan;

use crate::fixture::{NINE, World, event};

async fn tell(w: &World, room: &RoomId, times: impl Iterator<Item = i64>) -> Vec<Event> {
    let events: Vec<Event> =
        times.map(|n| event(room, Some("cd_a"), NINE + n, Body::CandidateBegan { begun_ms: NINE + n })).collect();
    w.store.change_room(room, &Plan { events: events.clone(), ..Plan::default() }).await.unwrap();
    events
}

/// Seven entries under three seals; their ids and the last head.
async fn sealed(w: &World) -> (RoomId, Vec<Event>, Mark) {
    let room = w.room(|_| {}).await;
    let (mut all, mut last) = (Vec::new(), None);
    for times in [0..2, 2..5, 5..7] {
        let now = NINE + times.end + 500;
        all.extend(tell(w, &room, times).await);
        last = seal_some(&w.store, now).await.unwrap().0.pop();
    }
    (room, all, last.unwrap())
}

async fn found(w: &World, room: &RoomId, mark: &Mark) -> Vec<Finding> {
    check(&w.store, room, vec![mark.clone()]).await.unwrap().findings
}

fn whole(report: &Report) -> bool {
    assert!(report.is_whole(), "{report:?}");
    true
}

pub async fn every_entry_is_sealed_once(w: World) {
    let (room, _, mark) = sealed(&w).await;
    assert_eq!(seal_some(&w.store, NINE + 9_000).await.unwrap(), (vec![], 0, false), "a seal over nothing");
    let fresh = tell(&w, &room, 8..9).await;
    let report = check(&w.store, &room, vec![mark]).await.unwrap();
    assert!(whole(&report) && (report.entries, report.seals, report.unsealed, report.told) == (7, 3, 1, 1), "{report:?}");
    let many = usize::try_from(limits::SEAL_ROWS).unwrap();
    tell(&w, &room, 9..9 + limits::SEAL_ROWS).await;
    let (marks, entries, more) = seal_some(&w.store, NINE + 9_500).await.unwrap();
    assert_eq!((marks.len(), entries, more), (1, many, true), "more than one transaction takes");
    assert!(!seal_some(&w.store, NINE + 9_501).await.unwrap().2);
    let report = check(&w.store, &room, marks).await.unwrap();
    assert!(whole(&report) && report.entries == 8 + limits::SEAL_ROWS, "{report:?}");
    // Rooms have chains of their own, in one pass.
    let other = RoomId::trusted("rm_2".into());
    w.store.create_room(&crate::fixture::room("rm_2", "ex_1")).await.unwrap();
    tell(&w, &other, 0..3).await;
    tell(&w, &room, 900..901).await;
    let (marks, ..) = seal_some(&w.store, NINE + 9_900).await.unwrap();
    assert_eq!(marks.iter().map(|mark| (mark.room.as_str(), mark.n)).collect::<Vec<_>>(), [("rm_1", 6), ("rm_2", 1)]);
    for room in [&room, &other] {
        whole(&check(&w.store, room, marks.clone()).await.unwrap());
    }
    assert_eq!(w.store.rooms_with_timeline().await.unwrap(), [room, other]);
    drop(fresh);
}

pub async fn many_nodes_make_one_chain(w: World) {
    let room = w.room(|_| {}).await;
    let nodes = futures_util::future::join_all((0..3).map(|_| World::again(&w.url))).await;
    let sealing = nodes.iter().enumerate().map(async |(n, node)| {
        let (mut marks, mut entries, mut late) = (Vec::new(), 0, 0);
        for pass in 0..40 {
            tell(node, &room, std::iter::once(pass)).await;
            match seal_some(&node.store, NINE + pass * 10 + i64::try_from(n).unwrap()).await {
                Ok((new, count, _)) => {
                    entries += count;
                    marks.extend(new);
                }
                // Another has sealed what this one had read. SQLite lets one write at a time, too.
                Err(StoreError::Moved) => late += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        (marks, entries, late)
    });
    let done = futures_util::future::join_all(sealing).await;
    let (mut marks, rest, _) = seal_some(&w.store, NINE + 9_000).await.unwrap();
    let entries: usize = done.iter().map(|(_, entries, _)| entries).sum::<usize>() + rest;
    marks.extend(done.into_iter().flat_map(|(marks, ..)| marks));
    assert_eq!(entries, 120, "each once");
    let heads = i64::try_from(marks.len()).unwrap();
    let report = check(&w.store, &room, marks).await.unwrap();
    assert!(whole(&report) && (report.entries, report.seals, report.told) == (120, heads, heads), "{report:?}");
}

pub async fn an_alteration_is_found(w: World) {
    let (room, events, mark) = sealed(&w).await;
    let id = events[3].id.to_string();
    w.execute(&format!("update events set body = replace(body, '{}', '7') where id = '{id}'", NINE + 3)).await;
    assert_eq!(found(&w, &room, &mark).await, [Finding::Altered { place: 4, id }]);
}

pub async fn a_deletion_is_found(w: World) {
    let (room, events, mark) = sealed(&w).await;
    w.execute(&format!("delete from events where id = '{}'", events[3].id)).await;
    assert_eq!(found(&w, &room, &mark).await, [Finding::Deleted { from: 4, to: 4 }]);
    w.execute(&format!("delete from events where room_id = '{room}'")).await;
    let findings = found(&w, &room, &mark).await;
    assert_eq!(findings.last(), Some(&Finding::Deleted { from: 6, to: 7 }), "{findings:?}");
}

pub async fn an_insertion_is_found(w: World) {
    let (room, events, mark) = sealed(&w).await;
    let forge = |id: &str, place: &str| {
        format!(
            "insert into events (id, room_id, at_ms, candidate_id, by_user, kind, version, body, place, salt, digest) select '{id}', \
             room_id, at_ms - 600000, candidate_id, by_user, kind, version, body, {place}, salt, digest from events where id = '{}'",
            events[3].id
        )
    };
    let inserted = |id: &str| Finding::Inserted { id: id.to_owned(), at_ms: NINE + 3 - 600_000 };
    w.execute(&forge("ev_forged1", "8")).await;
    assert_eq!(found(&w, &room, &mark).await, [inserted("ev_forged1")]);
    w.execute("delete from events where id = 'ev_forged1'").await;
    w.execute(&forge("ev_forged2", "null")).await;
    assert_eq!(found(&w, &room, &mark).await, [inserted("ev_forged2")], "not sealed yet");
    seal_some(&w.store, NINE + 60_000).await.unwrap();
    assert_eq!(found(&w, &room, &mark).await, [inserted("ev_forged2")], "sealed in good faith");
}

pub async fn another_order_is_found(w: World) {
    let (room, events, mark) = sealed(&w).await;
    let place = |n: usize, place: i64| format!("update events set place = {place} where id = '{}'", events[n].id);
    for sql in [place(2, 99), place(5, 3), place(2, 6)] {
        w.execute(&sql).await;
    }
    assert_eq!(found(&w, &room, &mark).await, [Finding::Reordered { seal: 2 }, Finding::Reordered { seal: 3 }]);
}

pub async fn a_cut_is_found_by_the_head_that_was_told(w: World) {
    let (room, _, mark) = sealed(&w).await;
    w.execute(&format!("delete from events where room_id = '{room}' and place > 5")).await;
    w.execute(&format!("delete from seals where room_id = '{room}' and n = 3")).await;
    assert!(whole(&check(&w.store, &room, vec![]).await.unwrap()), "nothing else can tell");
    assert_eq!(found(&w, &room, &mark).await, [Finding::Truncated { seal: 3, sealed_ms: mark.sealed_ms }]);
    tell(&w, &room, 7..8).await;
    seal_some(&w.store, NINE + 1_000).await.unwrap();
    assert_eq!(found(&w, &room, &mark).await, [Finding::Remade { seal: 3, sealed_ms: mark.sealed_ms }]);
}
