//! Incidents with their replies, links and marks, and time that they give back; what rules look for, and for whom they are off.

use futures_util::future::join_all;
use invigil::domain::clock::{Kind, Targets};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{EventId, Id, IncidentId, ReplyId, RoomId, UserId};
use invigil::domain::incident::{Finding, Incident, State, Step, Topic};
use invigil::domain::message::Sender;
use invigil::domain::rules::{Rule, Rules};
use invigil::store::StoreError;
use invigil::store::incidents::{IncidentFilter, NewReply};
use invigil::store::outages::{Mark, OutageState};
use invigil::store::rooms::{Plan, RoomRow};
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{MINUTE, NINE, World, candidate, cd, change, event, nd, only, plan, room, user};

/// Writers at the same time.
const MANY: usize = 6;

fn id(n: u32) -> IncidentId {
    IncidentId::trusted(format!("in_{n:05}"))
}

/// Lost time of `cd_a`, proposed.
fn lost(n: u32) -> Incident {
    let new = Incident::new(id(n), Topic::Connection, Some(format!("gap:{n}")), NINE + i64::from(n));
    let finding = Finding::LostTime { from_ms: NINE, to_ms: NINE + MINUTE, lost_ms: MINUTE };
    Incident { candidate: Some(cd("cd_a")), finding: Some(finding), ..new }
}

fn told(room: &RoomId, incident: &Incident, step: Step) -> Event {
    let topic = incident.topic.as_str().to_owned();
    let body = Body::IncidentChanged { incident: incident.id.clone(), incident_rev: incident.rev, step, topic };
    event(room, Some("cd_a"), NINE + 1, body)
}

async fn add(w: &World, room: &RoomId, incident: &Incident) -> bool {
    w.store.add_incident(room, incident, None, &[told(room, incident, Step::Proposed)]).await.unwrap()
}

async fn read(w: &World, room: &RoomId, n: u32) -> Option<Incident> {
    w.store.incidents(room, &[id(n)]).await.unwrap().pop().map(|incident| (*incident).clone())
}

async fn entries(w: &World, room: &RoomId) -> usize {
    let filter = TimelineFilter { kind: Some("incident.changed".into()), limit: 100, ..TimelineFilter::default() };
    w.store.timeline(room, &filter).await.unwrap().len()
}

async fn with_room(w: &World) -> RoomId {
    let room = w.room(|_| {}).await;
    w.candidates(&room, &["cd_a", "cd_b"]).await;
    room
}

/// As with `with_room`; it has been running since nine.
async fn running(w: &World) -> RoomId {
    let room = with_room(w).await;
    let mut start = plan(change(1, NINE, Kind::Start, Targets::Room));
    start.room.started_ms = Some(NINE);
    w.store.change_room(&room, &start).await.unwrap();
    room
}

pub async fn an_incident_is_made_once_under_its_key(w: World) {
    let room = with_room(&w).await;
    let about = event(&room, Some("cd_a"), NINE, Body::CandidateBegan { begun_ms: NINE });
    w.store.change_room(&room, &Plan { events: vec![about.clone()], ..Plan::default() }).await.unwrap();
    let first = Incident { events: vec![about.id.clone()], shown: true, text: "Ö 测试".into(), ..lost(1) };
    assert!(add(&w, &room, &first).await);
    assert!(!add(&w, &room, &Incident { once: first.once.clone(), ..lost(2) }).await, "what is found again is the same");
    assert_eq!(entries(&w, &room).await, 1, "and is told once");
    assert_eq!((read(&w, &room, 1).await, read(&w, &room, 2).await), (Some(first.clone()), None));
    assert_eq!(*w.store.incident_by_key(&room, "gap:1").await.unwrap().unwrap(), first);
    assert!(w.store.incident_by_key(&room, "gap:2").await.unwrap().is_none());
    assert_eq!(w.store.events_of(&room, &first.events).await.unwrap(), std::slice::from_ref(&about));
    assert_eq!(w.store.event_at(&room, &cd("cd_a"), "candidate.began", NINE).await.unwrap(), Some(about.id));
    let other = RoomId::trusted("rm_2".into());
    assert!(w.store.incidents(&other, &[id(1)]).await.unwrap().is_empty(), "of another room it is not");
}

pub async fn of_two_findings_at_once_one_is_kept(w: World) {
    let room = with_room(&w).await;
    let nodes = join_all((0..MANY).map(|_| World::again(&w.url))).await;
    let find = nodes.iter().zip(1..).map(async |(node, n)| {
        let found = Incident { once: "gap".into(), ..lost(n) };
        node.store.add_incident(&room, &found, None, &[told(&room, &found, Step::Proposed)]).await.unwrap()
    });
    let fresh = join_all(find).await;
    assert_eq!(fresh.iter().filter(|fresh| **fresh).count(), 1, "{fresh:?}");
    assert_eq!((w.store.newest_incidents(&room, 100).await.unwrap().len(), entries(&w, &room).await), (1, 1));
}

pub async fn of_two_changes_on_one_rev_one_happens(w: World) {
    let room = with_room(&w).await;
    let links = [1, 2].map(|n| event(&room, Some("cd_a"), NINE + n, Body::CandidateBegan { begun_ms: NINE + n }));
    w.store.change_room(&room, &Plan { events: links.to_vec(), ..Plan::default() }).await.unwrap();
    let first = Incident { events: vec![links[0].id.clone()], ..lost(1) };
    add(&w, &room, &first).await;
    let nodes = join_all((0..MANY).map(|_| World::again(&w.url))).await;
    let change = nodes.iter().enumerate().map(async |(n, node)| {
        let (text, events) = (format!("by {n}"), vec![links[1].id.clone()]);
        let next =
            Incident { rev: 2, state: State::Open, text: text.clone(), events, decided_ms: Some(NINE + 9), ..first.clone() };
        let done = node.store.change_incident(&room, &next, None, &[told(&room, &next, Step::Opened)]).await;
        assert!(matches!(done, Ok(()) | Err(StoreError::Moved)), "{done:?}");
        done.is_ok().then_some(next)
    });
    let kept: Vec<Incident> = join_all(change).await.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(read(&w, &room, 1).await.as_ref(), kept.first(), "whole, with its links");
    assert_eq!(entries(&w, &room).await, 2, "what did not happen is not told");
}

pub async fn replies_are_kept_once_and_in_order(w: World) {
    let room = with_room(&w).await;
    add(&w, &room, &lost(1)).await;
    let next = |rev| Incident { rev, ..lost(1) };
    let reply = |n: u32, sender, text: &str| NewReply {
        id: ReplyId::trusted(format!("rp_{n}")),
        sender,
        text: text.into(),
        sent_ms: NINE + i64::from(n),
        once: format!("key {n}"),
    };
    let staff = reply(1, Sender::User(UserId::trusted("us_t".into())), "Was it the cable?");
    let own = reply(2, Sender::Candidate(cd("cd_a")), "是的");
    let send = async |rev, new: &NewReply| w.store.add_reply(&next(rev), new, &told(&room, &next(rev), Step::Replied)).await;
    assert!(send(2, &staff).await.unwrap());
    assert!(!send(3, &staff).await.unwrap(), "the same key again is the same reply");
    let other = NewReply { text: "Something else.".into(), ..staff.clone() };
    assert!(matches!(send(3, &other).await, Err(StoreError::KeyReused)));
    assert!(matches!(send(2, &own).await, Err(StoreError::Moved)), "somebody was first");
    assert!(send(3, &own).await.unwrap(), "what was refused has left nothing behind");
    let now = read(&w, &room, 1).await.unwrap();
    let said: Vec<(&str, &str)> = now.replies.iter().map(|reply| (reply.author.as_str(), reply.text.as_str())).collect();
    assert_eq!((now.rev, said), (3, vec![("Name of tess", "Was it the cable?"), ("Name of cd_a", "是的")]));
    assert_eq!((now.replies[1].sender.clone(), entries(&w, &room).await), (Sender::Candidate(cd("cd_a")), 3));
    let newest = w.store.newest_incidents(&room, 9).await.unwrap();
    assert_eq!(*newest[0], now, "both ways of reading say the same");
}

pub async fn an_incident_and_its_outages_mark_are_one(w: World) {
    let room = running(&w).await;
    w.store.beat(&nd("nd_a"), false, || NINE + 1_000).await.unwrap();
    let gap = w.store.beat(&nd("nd_b"), false, || NINE + 91_000).await.unwrap()[0];
    let mark = |state| Mark { after_ms: gap.after_ms, state, rev: None, at_ms: NINE, by: None };
    let finding = Finding::Outage { from_ms: gap.from_ms, to_ms: gap.to_ms, outage: gap.after_ms };
    let new = Incident { candidate: None, topic: Topic::Service, finding: Some(finding), ..lost(1) };
    let state = async || w.store.room_outages(&room).await.unwrap().first().map(|outage| outage.state);
    let made = told(&room, &new, Step::Proposed);
    assert!(w.store.add_incident(&room, &new, Some(&mark(OutageState::Proposed)), &[made]).await.unwrap());
    assert_eq!(state().await, Some(OutageState::Proposed));

    let closed = |rev| Incident { rev, state: State::Dismissed, ..new.clone() };
    let change = async |rev| {
        let event = told(&room, &closed(rev), Step::Dismissed);
        w.store.change_incident(&room, &closed(rev), Some(&mark(OutageState::Dismissed)), &[event]).await
    };
    assert!(matches!(change(3).await, Err(StoreError::Moved)), "a rev that was skipped");
    assert_eq!(state().await, Some(OutageState::Proposed), "the mark went with it");
    change(2).await.unwrap();
    assert_eq!(state().await, Some(OutageState::Dismissed));
    assert!(matches!(change(3).await, Err(StoreError::Moved)), "it was decided");
    assert_eq!(read(&w, &room, 1).await, Some(closed(2)), "and the incident stays with the mark");
    assert_eq!(entries(&w, &room).await, 2);
}

pub async fn time_is_given_back_once_by_whomever(w: World) {
    let room = running(&w).await;
    add(&w, &room, &lost(1)).await;
    let nodes = join_all((0..MANY).map(|_| World::again(&w.url))).await;
    // As a service does: whoever finds the room changed plans anew, on the incident as it knew it.
    let give = nodes.iter().map(async |node| {
        let mut tries = 0;
        loop {
            let rev = node.store.room(&room).await.unwrap().unwrap().rev + 1;
            let credit = change(rev, NINE + MINUTE, Kind::Credit { ms: MINUTE }, only(&["cd_a"]));
            let next = Incident { rev: 2, state: State::Resolved, credited_rev: Some(rev), ..lost(1) };
            let event = told(&room, &next, Step::Credited);
            let done = node.store.change_room(&room, &Plan { incident: Some(next), events: vec![event], ..plan(credit) }).await;
            tries += 1;
            match done {
                Ok(_) => return 1,
                Err(StoreError::Moved) if tries < 20 => {}
                Err(StoreError::Moved) => return 0,
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    let given: i32 = join_all(give).await.iter().sum();
    assert_eq!(given, 1);
    let ledger = w.store.ledger(&room).await.unwrap();
    let credits = ledger.changes().iter().filter(|change| matches!(change.kind, Kind::Credit { .. })).count();
    assert_eq!((credits, ledger.rev()), (1, 2), "what was refused left no entry in the ledger");
    assert_eq!(read(&w, &room, 1).await.unwrap().credited_rev, Some(2));
    assert_eq!(entries(&w, &room).await, 2);
}

pub async fn pages_are_newest_first_and_filtered(w: World) {
    let room = with_room(&w).await;
    for n in 1..=5 {
        add(&w, &room, &lost(n)).await;
    }
    let noise = Incident { candidate: None, topic: Topic::Noise, state: State::Open, finding: None, shown: true, ..lost(6) };
    let shown = Incident { candidate: Some(cd("cd_b")), state: State::Open, shown: true, ..lost(7) };
    for incident in [&noise, &shown, &Incident { shown: true, ..lost(8) }] {
        add(&w, &room, incident).await;
    }
    let page = async |filter: IncidentFilter| {
        let found = w.store.incident_page(&room, &filter).await.unwrap();
        found.iter().map(|id| id.as_str()[3..].parse().unwrap()).collect::<Vec<u32>>()
    };
    let all = || IncidentFilter { limit: 50, ..IncidentFilter::default() };
    assert_eq!(page(all()).await, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(page(IncidentFilter { limit: 3, ..all() }).await, [8, 7, 6]);
    assert_eq!(page(IncidentFilter { limit: 3, before: id(6).to_string(), ..all() }).await, [5, 4, 3]);
    assert_eq!(page(IncidentFilter { candidate: Some(cd("cd_b")), ..all() }).await, [7]);
    assert_eq!(page(IncidentFilter { state: Some(State::Open), ..all() }).await, [7, 6]);
    assert_eq!(page(IncidentFilter { category: Some("environment".into()), ..all() }).await, [6]);
    assert_eq!(page(IncidentFilter { shown: true, ..all() }).await, [7, 6], "what is only proposed is shown to nobody");
    let newest: Vec<IncidentId> = w.store.newest_incidents(&room, 2).await.unwrap().iter().map(|i| i.id.clone()).collect();
    assert_eq!(newest, [id(7), id(8)], "the newest, oldest first");
}

pub async fn incidents_go_with_their_room(w: World) {
    let real = with_room(&w).await;
    let stage = RoomRow { rehearsal_of: Some(real.clone()), ..room("rm_s1", "ex_1") };
    let fill = async |of: &RoomId, n: u32| {
        let linked = event(of, Some("cd_a"), NINE, Body::RosterChanged { candidates: 1 });
        w.store.change_room(of, &Plan { events: vec![linked.clone()], ..Plan::default() }).await.unwrap();
        add(&w, of, &Incident { events: vec![linked.id], ..lost(n) }).await;
        let (id, once) = (ReplyId::trusted(format!("rp_{n}")), format!("key {n}"));
        let new = NewReply { id, sender: Sender::Candidate(cd("cd_a")), text: "Yes".into(), sent_ms: NINE, once };
        let next = Incident { rev: 2, ..lost(n) };
        assert!(w.store.add_reply(&next, &new, &told(of, &next, Step::Replied)).await.unwrap());
    };
    fill(&real, 1).await;
    for _ in 0..2 {
        // Nothing of the first time may be in the way of the second.
        w.store.create_room(&stage).await.unwrap();
        let told = event(&stage.id, None, NINE, Body::RosterChanged { candidates: 1 });
        w.store.add_candidates(&stage.id, &[candidate("cd_s")], NINE, &told).await.unwrap();
        assert_eq!(w.store.note_address(&cd("cd_s"), "192.0.2.1", NINE).await.unwrap().map(|all| all.len()), Some(1));
        fill(&stage.id, 2).await;
        assert_eq!(read(&w, &stage.id, 2).await.map(|i| (i.events.len(), i.replies.len())), Some((1, 1)));
        assert!(w.store.erase_stage(&stage.id).await.unwrap());
        assert_eq!(read(&w, &stage.id, 2).await, None);
    }
    assert_eq!(read(&w, &real, 1).await.map(|i| (i.events.len(), i.replies.len())), Some((1, 1)), "a real room keeps its own");
    assert!(w.store.delete_room(&real).await.unwrap());
    assert_eq!(read(&w, &real, 1).await, None);
}

pub async fn rules_are_an_exams_own(w: World) {
    let room_id = with_room(&w).await;
    let exam = w.room_row(&room_id).await.exam_id;
    assert_eq!(w.store.rules(&exam).await.unwrap(), Rules::default(), "as the program does by itself");
    let mut rules = Rules { takeover: false, shown: true, ..Rules::default() };
    for (rule, number) in [(Rule::Away, None), (Rule::Paste, Some(1)), (Rule::Devices, Some(20))] {
        rules.set_number(rule, number);
    }
    let changed = event(&room_id, None, NINE, Body::RulesChanged);
    w.store.set_rules(&exam, &rules, std::slice::from_ref(&changed)).await.unwrap();
    assert_eq!(w.store.rules(&exam).await.unwrap(), rules);
    let filter = TimelineFilter { kind: Some("rules.changed".into()), limit: 9, ..TimelineFilter::default() };
    assert_eq!(w.store.timeline(&room_id, &filter).await.unwrap(), [changed]);
    w.store.create_user(&user("us_o", "otto", "teacher")).await.unwrap();
    let other = crate::fixture::exam("ex_2", "us_o");
    w.store.create_exam(&other).await.unwrap();
    assert_eq!(w.store.rules(&other.id).await.unwrap(), Rules::default());
}

pub async fn rules_are_off_for_one_candidate(w: World) {
    let room = with_room(&w).await;
    assert_eq!(w.store.exemptions(&room).await.unwrap(), []);
    let set = async |rules: &[Rule]| {
        let event = event(&room, Some("cd_b"), NINE, Body::RulesChanged);
        w.store.set_exemptions(&cd("cd_b"), rules, &event).await.unwrap();
        w.store.exemptions(&room).await.unwrap()
    };
    assert_eq!(set(&[Rule::Paste, Rule::Away]).await, [(cd("cd_b"), vec![Rule::Paste, Rule::Away])]);
    assert_eq!(set(Rule::ALL).await, [(cd("cd_b"), Rule::ALL.to_vec())]);
    assert_eq!(set(&[]).await, []);
    let filter = TimelineFilter { kind: Some("rules.changed".into()), limit: 9, ..TimelineFilter::default() };
    assert_eq!(w.store.timeline(&room, &filter).await.unwrap().len(), 3);
}

pub async fn an_address_is_noted_once(w: World) {
    with_room(&w).await;
    let note = async |who: &str, address: &str, at| w.store.note_address(&cd(who), address, NINE + at).await.unwrap();
    assert_eq!(note("cd_a", "192.0.2.9", 1).await, Some(vec!["192.0.2.9".to_owned()]));
    assert_eq!(note("cd_a", "192.0.2.9", 2).await, None, "it is known");
    assert_eq!(note("cd_b", "192.0.2.9", 2).await, Some(vec!["192.0.2.9".to_owned()]), "to each of them");
    assert_eq!(note("cd_a", "192.0.2.1", 3).await, Some(vec!["192.0.2.9".to_owned(), "192.0.2.1".to_owned()]), "oldest first");
    let nodes = join_all((0..MANY).map(|_| World::again(&w.url))).await;
    let noted =
        join_all(nodes.iter().map(async |node| node.store.note_address(&cd("cd_b"), "2001:db8::1", NINE + 9).await.unwrap()));
    for all in noted.await.into_iter().flatten() {
        assert_eq!(all, ["192.0.2.9", "2001:db8::1"]);
    }
    assert_eq!(note("cd_b", "2001:db8::1", 9).await, None);
}

/// Nobody else's link: an entry of another room is none of this one's.
pub async fn an_entry_of_another_room_is_not_found(w: World) {
    let room_id = with_room(&w).await;
    w.store.create_room(&room("rm_2", "ex_1")).await.unwrap();
    let other = RoomId::trusted("rm_2".into());
    let there = event(&other, None, NINE, Body::RoomEnded);
    w.store.change_room(&other, &Plan { events: vec![there.clone()], ..Plan::default() }).await.unwrap();
    let ids = [there.id.clone(), EventId::trusted("ev_none".into())];
    assert_eq!(w.store.events_of(&room_id, &ids).await.unwrap(), []);
    assert_eq!(w.store.events_of(&other, &ids).await.unwrap(), [there]);
}
