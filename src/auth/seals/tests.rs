use super::*;
use crate::domain::ids::Id as _;
use crate::domain::seal::{Content, Link, Seal};

const START: Ms = 1_793_696_400_000;

fn room() -> RoomId {
    RoomId::trusted("rm_a".into())
}

fn content(n: i64) -> Content {
    Content {
        id: format!("ev_{n:08}"),
        room_id: "rm_a".into(),
        at_ms: START + n * 1_000,
        candidate_id: Some("cd_1".into()),
        by_user: None,
        kind: "answer.saved".into(),
        version: 1,
        body: format!("{{\"kind\":\"answer.saved\",\"seq\":{n}}}"),
    }
}

/// Rows as a store keeps them: three seals over two, three and two entries.
struct Rows {
    seals: Vec<Seal>,
    entries: Vec<(Link, Content)>,
    fresh: Vec<Content>,
}

fn rows() -> Rows {
    let mut rows = Rows { seals: Vec::new(), entries: Vec::new(), fresh: Vec::new() };
    for ids in [1..3, 3..6, 6..8] {
        let entries: Vec<Content> = ids.map(content).collect();
        let now = entries.last().unwrap().at_ms + 500;
        let (seal, links) = seal(&room(), rows.seals.last(), &entries, now);
        rows.seals.push(seal);
        rows.entries.extend(links.into_iter().zip(entries));
    }
    rows
}

fn mark(rows: &Rows, n: usize) -> Mark {
    Mark::of(&room(), &rows.seals[n - 1])
}

fn check(rows: &Rows, marks: &[Mark]) -> Report {
    let mut check = Check::new(&room(), rows.seals.clone(), marks.to_vec());
    let mut entries = rows.entries.clone();
    entries.sort_by_key(|(link, _)| link.place);
    for (link, content) in &entries {
        check.entry(link, content);
    }
    for content in &rows.fresh {
        check.unsealed(content);
    }
    check.report(&rows.seals)
}

fn found(tamper: impl FnOnce(&mut Rows)) -> Vec<Finding> {
    let mut rows = rows();
    let told = mark(&rows, 3);
    tamper(&mut rows);
    check(&rows, &[told]).findings
}

#[test]
fn what_nobody_touched_is_whole() {
    let mut rows = rows();
    rows.fresh.push(content(8));
    let report = check(&rows, &[mark(&rows, 1), mark(&rows, 3)]);
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.entries, report.seals, report.unsealed, report.told), (7, 3, 1, 2));
}

#[test]
fn alterations_are_found() {
    let fields: [fn(&mut Content); 7] = [
        |c| c.id.push('0'),
        |c| c.at_ms += 1,
        |c| c.candidate_id = Some("cd_2".into()),
        |c| c.candidate_id = None,
        |c| c.by_user = Some("us_1".into()),
        |c| c.kind.push('x'),
        |c| c.body = c.body.replace('4', "5"),
    ];
    for change in fields {
        let findings = found(|rows| change(&mut rows.entries[3].1));
        assert!(matches!(&findings[..], [Finding::Altered { place: 4, .. }]), "{findings:?}");
    }
    // Whoever makes the digest again, too, does not fit the head.
    let findings = found(|rows| {
        let (link, content) = &mut rows.entries[3];
        content.body = content.body.replace('4', "5");
        link.digest = digest(link.salt.as_deref().unwrap(), content);
    });
    assert_eq!(findings, [Finding::Reordered { seal: 2 }]);
}

#[test]
fn deletions_are_found() {
    assert_eq!(found(|rows| drop(rows.entries.remove(3))), [Finding::Deleted { from: 4, to: 4 }]);
    assert_eq!(
        found(|rows| drop(rows.entries.drain(1..4))),
        [Finding::Deleted { from: 2, to: 2 }, Finding::Deleted { from: 3, to: 4 }]
    );
    assert_eq!(found(|rows| rows.entries.truncate(6)), [Finding::Deleted { from: 7, to: 7 }]);
    assert_eq!(found(|rows| rows.entries.clear()).len(), 3);
    assert_eq!(found(|rows| drop(rows.seals.remove(1))), [Finding::SealDeleted { seal: 2 }]);
}

#[test]
fn insertions_are_found() {
    let inserted = |n: i64| Finding::Inserted { id: content(n).id, at_ms: content(n).at_ms };
    // At a place that is taken, behind the last seal, and not sealed though it says that it happened long before what is.
    let with = |place: i64, n: i64| {
        found(move |rows| {
            let link = Link { place, salt: Some("s".into()), digest: digest("s", &content(n)) };
            rows.entries.push((link, content(n)));
        })
    };
    assert_eq!(with(3, 50), [inserted(50)]);
    assert_eq!(with(8, 50), [inserted(50)]);
    assert_eq!(found(|rows| rows.fresh.push(content(-60))), [inserted(-60)]);
    // The sealing took it for a new one.
    let findings = found(|rows| {
        let now = START + 80_000;
        let (seal, links) = seal(&room(), rows.seals.last(), &[content(-60)], now);
        rows.seals.push(seal);
        rows.entries.push((links[0].clone(), content(-60)));
    });
    assert_eq!(findings, [inserted(-60)]);
}

#[test]
fn another_order_is_found() {
    let swap = |a: usize, b: usize| {
        found(move |rows| {
            let (one, other) = (rows.entries[a].0.place, rows.entries[b].0.place);
            (rows.entries[a].0.place, rows.entries[b].0.place) = (other, one);
        })
    };
    assert_eq!(swap(2, 3), [Finding::Reordered { seal: 2 }]);
    assert_eq!(swap(1, 5), [Finding::Reordered { seal: 1 }, Finding::Reordered { seal: 3 }]);
}

#[test]
fn a_cut_is_found_by_the_head_that_was_told() {
    let cut = |rows: &mut Rows| {
        rows.seals.truncate(2);
        rows.entries.truncate(5);
    };
    let told = mark(&rows(), 3);
    assert_eq!(found(cut), [Finding::Truncated { seal: 3, sealed_ms: told.sealed_ms }]);
    let mut rows = rows();
    cut(&mut rows);
    assert!(check(&rows, &[]).is_whole(), "nothing but a head from outside can tell");
    // Sealed anew behind the cut.
    let (again, links) = seal(&room(), rows.seals.last(), &[content(9)], START + 20_000);
    rows.seals.push(again);
    rows.entries.push((links[0].clone(), content(9)));
    assert_eq!(check(&rows, std::slice::from_ref(&told)).findings, [Finding::Remade { seal: 3, sealed_ms: told.sealed_ms }]);
    // What a restored copy cannot know is no crime, and is said.
    let mut back = content(10);
    (back.kind, back.at_ms) = ("store.restored".into(), START + 21_000);
    back.body = format!("{{\"from_ms\":{},\"to_ms\":{}}}", told.sealed_ms - 100, START + 21_000);
    let (after, links) = seal(&room(), rows.seals.last(), std::slice::from_ref(&back), START + 21_500);
    rows.seals.push(after);
    rows.entries.push((links[0].clone(), back));
    let report = check(&rows, &[told]);
    assert!(report.is_whole() && report.lost_by_restore == 1, "{report:?}");
}

#[test]
fn an_erasure_is_named_and_breaks_nothing() {
    let mut rows = rows();
    let (link, content) = &mut rows.entries[2];
    link.salt = None;
    (content.candidate_id, content.body) = (None, "{}".into());
    let report = check(&rows, &[mark(&rows, 3)]);
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.erased.as_slice(), report.erased_count), (&[3][..], 1));
}

#[test]
fn marks_are_read_from_any_log() {
    let mark = mark(&rows(), 2);
    let log = format!(
        "2026-11-03T09:00:01Z  INFO invigil: timeline.sealed mark={mark} entries=3\n\
         {{\"message\":\"timeline.sealed\",\"mark\":\"{mark}\",\"entries\":3}}\nroom=rm_a mark=rm_a/2/x/h1:00\n"
    );
    assert_eq!(marks(&log), [mark.clone(), mark.clone()]);
    assert_eq!(mark.to_string().parse(), Ok(mark));
}
