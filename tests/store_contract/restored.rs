//! What a restore makes of a copy: another epoch, pens past all that may have been given, and a timeline that says so.

use invigil::domain::clock::Why;
use invigil::domain::event::Body;
use invigil::store::journal::Refusal;
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{MINUTE, NINE, World, cd, nd, ss};
use crate::hall::{Hall, joined, refused, saved};

/// When the copy is restored: work goes on.
const HALF_PAST: i64 = NINE + 30 * MINUTE;

pub async fn an_epoch_is_made_once_and_changes_with_a_restore(w: World) {
    assert_eq!(w.store.epoch("e1").await.unwrap(), "e1");
    assert_eq!(w.store.epoch("e2").await.unwrap(), "e1", "the first who asks has made it");
    w.store.set_taken(NINE).await.unwrap();
    let restored = w.store.restored("e3", None, HALF_PAST).await.unwrap();
    assert_eq!((restored.epoch.as_str(), restored.from_ms, restored.rooms.len()), ("e3", NINE, 0));
    assert_eq!(w.store.epoch("e4").await.unwrap(), "e3");
    assert_eq!(w.store.taken_ms().await.unwrap(), None, "it is no copy any more");
}

pub async fn a_restore_is_told_in_every_room_that_was_going_on(w: World) {
    let hall = Hall::running(w).await;
    hall.world.store.set_taken(NINE + MINUTE).await.unwrap();
    let restored = hall.world.store.restored("e1", None, HALF_PAST).await.unwrap();
    assert_eq!(restored.rooms, std::slice::from_ref(&hall.room));
    let filter = TimelineFilter { kind: Some("store.restored".into()), limit: 9, ..TimelineFilter::default() };
    let told = hall.world.store.timeline(&hall.room, &filter).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].at_ms, &told[0].body), (HALF_PAST, &Body::StoreRestored { from_ms: NINE + MINUTE, to_ms: HALF_PAST }));
}

pub async fn an_outage_begins_when_the_server_died_and_not_with_the_copy(w: World) {
    let hall = Hall::running(w).await;
    assert!(hall.world.store.beat(&nd("n1"), false, || NINE + MINUTE).await.unwrap().is_empty());
    hall.world.store.set_taken(NINE + MINUTE).await.unwrap();
    // People worked on for nineteen minutes before it died.
    hall.world.store.restored("e1", Some(NINE + 20 * MINUTE), HALF_PAST).await.unwrap();
    let gaps = hall.world.store.beat(&nd("n2"), false, || HALF_PAST + 1).await.unwrap();
    let spans: Vec<(i64, i64)> = gaps.iter().map(|gap| (gap.from_ms, gap.to_ms)).collect();
    assert_eq!(spans, [(NINE + 20 * MINUTE, HALF_PAST + 1)]);
}

pub async fn whoever_held_the_pen_still_holds_it_under_a_number_nobody_had(w: World) {
    let hall = Hall::seated(w).await;
    hall.world.store.restored("e1", None, HALF_PAST).await.unwrap();
    let back = hall.join("cd_a", "ss_a", Some(1), HALF_PAST + 1).await;
    assert_eq!((back.pen, back.superseded), (Some(1_001), false));
    // A second page of the same device, from a pen the copy does not know.
    assert_eq!(hall.join("cd_a", "ss_a", Some(2), HALF_PAST + 1).await.pen, Some(1_001));
    let other = hall.join("cd_a", "ss_b", Some(1), HALF_PAST + 2).await;
    assert!(other.superseded && other.pen.is_none(), "another device's page never had it: {other:?}");
    assert_eq!(
        hall.join("cd_b", "ss_c", None, HALF_PAST + 3).await.pen,
        Some(1_001),
        "who came after the copy cannot meet his own numbers"
    );
    // Once more, with a page that has not come back since the first time.
    hall.world.store.restored("e2", None, HALF_PAST + 9).await.unwrap();
    assert_eq!(hall.join("cd_a", "ss_a", Some(1), HALF_PAST + 10).await.pen, Some(2_001));
    assert_eq!(hall.join("cd_a", "ss_d", None, HALF_PAST + 11).await.pen, Some(2_002));
    assert!(hall.join("cd_a", "ss_a", Some(1), HALF_PAST + 12).await.superseded, "a choice made after the restore stands");
}

pub async fn what_was_written_after_the_copy_comes_back_under_its_own_pens(w: World) {
    let hall = Hall::seated(w).await;
    saved(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 1).await);
    hall.world.store.restored("e1", None, HALF_PAST).await.unwrap();
    assert_eq!(hall.join("cd_a", "ss_a", Some(1), HALF_PAST + 1).await.pen, Some(1_001));
    // Pen 2 was given after the copy was taken, to a device whose session is gone.
    for (key, question) in [((1, 2), "q2"), ((2, 1), "q3")] {
        let (received_ms, verdict) = saved(hall.answer("cd_a", key, question, "true", NINE + 2).await);
        assert_eq!((received_ms, verdict.counts, verdict.why), (NINE + 2, true, Some(Why::OlderPen)), "{key:?}");
    }
    let (_, verdict) = saved(hall.answer("cd_a", (1_001, 1), "q3", "false", HALF_PAST + 2).await);
    assert!(verdict.counts);
    let (_, verdict) = saved(hall.answer("cd_a", (2, 2), "q3", "true", NINE + 3).await);
    assert_eq!(verdict.why, Some(Why::Superseded), "what is written after the restore stands above what came before it");
    assert_eq!(refused(hall.answer("cd_a", (1_002, 1), "q3", "true", HALF_PAST).await), Refusal::UnknownPen);
}

pub async fn a_proven_answer_is_kept_where_the_start_is_forgotten(w: World) {
    let hall = Hall::scheduled(w, |_| {}).await;
    assert!(joined(hall.come("cd_a", "ss_a").await).pen.is_some());
    assert_eq!(refused(hall.answer("cd_a", (1, 1), "q1", "true", NINE + 1).await), Refusal::NotRunning);
    let (received_ms, verdict) = saved(hall.proven("cd_a", (1, 1), "q1", "true", NINE + 1).await);
    assert_eq!((received_ms, verdict.counts, verdict.why), (NINE + 1, false, Some(Why::NotRunning)));
    let rows = hall.world.store.answers(&cd("cd_a")).await.unwrap();
    assert_eq!((rows.len(), rows[0].received_ms), (1, NINE + 1));
    assert_eq!(hall.world.store.pens(&cd("cd_a")).await.unwrap(), [(1, ss("ss_a"), NINE + MINUTE)]);
}
