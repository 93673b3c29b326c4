use std::sync::Arc;

use super::*;
use crate::domain::ids::Id;
use crate::limits;

fn incident(n: usize, rev: i64, candidate: Option<&str>) -> Arc<Incident> {
    Arc::new(Incident {
        id: IncidentId::trusted(format!("in_{n:04}")),
        rev,
        candidate: candidate.map(|id| CandidateId::trusted(id.into())),
        topic: Topic::Noise,
        state: State::Open,
        finding: None,
        text: String::new(),
        shown: true,
        by: None,
        author: String::new(),
        made_ms: 0,
        decided_ms: None,
        decided_by: None,
        decider: String::new(),
        credited_rev: None,
        once: format!("key {n}"),
        events: Vec::new(),
        replies: Vec::new(),
    })
}

#[test]
fn topics_read_back_and_each_has_a_category() {
    for topic in Topic::ALL {
        assert_eq!(Topic::parse(topic.as_str()), Some(*topic));
        assert!(Topic::CATEGORIES.contains(&topic.category()) && topic.as_str().starts_with(topic.category()));
    }
    assert_eq!(Topic::parse("candidate.guilty"), None);
}

#[test]
fn of_two_copies_the_greater_rev_is_kept() {
    let mut book = Casebook::default();
    assert!(book.put(&incident(1, 2, Some("cd_a"))));
    assert!(!book.put(&incident(1, 1, Some("cd_a"))), "an older copy is no news");
    assert_eq!(book.rev(&IncidentId::trusted("in_0001".into())), 2);
    let id = IncidentId::trusted("in_0001".into());
    assert!(book.tell(&id, 2) && !book.tell(&id, 2) && !book.tell(&id, 1) && book.tell(&id, 3));
}

#[test]
fn a_candidate_sees_the_own_ones_that_are_shown_and_no_proposal() {
    let (a, b) = (CandidateId::trusted("cd_a".into()), CandidateId::trusted("cd_b".into()));
    let mut book = Casebook::default();
    book.put(&incident(1, 1, Some("cd_a")));
    book.put(&Arc::new(Incident { state: State::Proposed, ..(*incident(2, 1, Some("cd_a"))).clone() }));
    book.put(&Arc::new(Incident { shown: false, ..(*incident(3, 1, Some("cd_a"))).clone() }));
    book.put(&incident(4, 1, None));
    let ids = |of: &CandidateId| book.shown_to(of).iter().map(|i| i.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&a), ["in_0001"]);
    assert_eq!(ids(&b), Vec::<String>::new());
    assert_eq!((book.waiting(), book.waiting_of(&a), book.waiting_of(&b)), (4, 3, 0));
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let mut book = Casebook::default();
    for n in 0..limits::LIVE_INCIDENTS + 3 {
        book.put(&incident(n, 1, Some("cd_a")));
    }
    assert_eq!(book.all().count(), limits::LIVE_INCIDENTS);
    assert_eq!(book.of(&CandidateId::trusted("cd_a".into())).count(), limits::LIVE_INCIDENTS);
}

#[test]
fn a_time_is_suggested_until_it_is_given_or_decided() {
    let lost = Incident {
        finding: Some(Finding::LostTime { from_ms: 0, to_ms: 90_000, lost_ms: 80_000 }),
        state: State::Proposed,
        ..(*incident(1, 1, Some("cd_a"))).clone()
    };
    assert_eq!(lost.suggests_ms(), Some(80_000));
    assert_eq!(Incident { credited_rev: Some(4), ..lost.clone() }.suggests_ms(), None);
    assert_eq!(Incident { state: State::Dismissed, ..lost }.suggests_ms(), None);
}
