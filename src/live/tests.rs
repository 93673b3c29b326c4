use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::connections::{Connection, Connections};
use super::{Live, LiveRoom, Signs, Want};
use crate::domain::clock::{Change, EndedBy, Facts, Kind, Reason, Targets};
use crate::domain::event::{Body, Event, Presence};
use crate::domain::ids::{CandidateId, EventId, Id, MessageId, RoomId, SessionId, TakeoverId, UserId};
use crate::domain::lost::{Lost, LostKind};
use crate::domain::message::{Audience, Letter, Sender};
use crate::domain::presence::{Line, Proof, Socket};
use crate::domain::rules::{Found, Rule};
use crate::domain::status::sample::room_clock;
use crate::domain::status::{Person, RoomClock, Row, Status};
use crate::limits;

fn clock(changes: Vec<Change>) -> RoomClock {
    let rev = changes.last().map_or(1, |change| change.rev);
    RoomClock { rev, ..room_clock(changes) }
}

fn started() -> RoomClock {
    let reason = Reason { code: String::new(), text: String::new() };
    clock(vec![Change { rev: 2, kind: Kind::Start, targets: Targets::Room, at_ms: 1_000, by: None, reason }])
}

fn li() -> CandidateId {
    CandidateId::trusted("cd_1".into())
}

fn status() -> Status {
    let person = Person { name: "Li Na".into(), student_id: None, class: None, seat: None };
    let facts = Facts { joined_ms: Some(10), ..Facts::default() };
    Status { rows: [(li(), Row::new(person, facts))].into(), ..Status::default() }
}

fn event(id: &str, candidate: Option<CandidateId>, body: Body) -> Event {
    Event { id: EventId::trusted(id.into()), room: RoomId::trusted("rm_1".into()), at_ms: 1_000, candidate, by: None, body }
}

/// A start as it is published: the change of the clock, and who begins by it.
fn start() -> Vec<Event> {
    let changed = Body::ClockChanged { rev: 2, change: "start".into(), seconds: None, candidates: None };
    vec![event("ev_1", None, changed), event("ev_2", Some(li()), Body::CandidateBegan { begun_ms: 1_000 })]
}

fn loaded() -> Arc<LiveRoom> {
    let room = Live::default().enter(&RoomId::trusted("rm_1".into()));
    assert_eq!(room.read_store().take(clock(Vec::new()), status(), Vec::new()), Want::Nothing);
    room.pace(0);
    room
}

#[test]
fn what_was_committed_together_is_seen_together() {
    let room = loaded();
    assert_eq!(room.wants(&start()), Want::Clock);
    let (_, mut deltas) = room.watch().unwrap();
    let before = room.look(&li()).unwrap();
    room.take(Some(started()), &start());
    let after = room.look(&li()).unwrap();
    assert_eq!((before.clock.rev, before.facts.begun_ms), (1, None));
    assert_eq!((after.clock.rev, after.facts.begun_ms), (2, Some(1_000)));
    room.pace(2_000);
    let delta = deltas.try_recv().unwrap();
    assert_eq!((delta.clock.rev, delta.feed.len(), delta.rows.len()), (2, 1, 1));
    assert!(deltas.try_recv().is_err(), "a second delta tells the rest");
}

#[test]
fn what_comes_while_the_store_is_read_is_not_lost() {
    let room = loaded();
    let reading = room.read_store();
    let pen = event("ev_3", Some(li()), Body::PenTaken { pen: 1, session: SessionId::trusted("ss_1".into()) });
    room.take(None, std::slice::from_ref(&pen));
    // The reading began before the pen was taken, so it does not know of it.
    assert_eq!(reading.take(clock(Vec::new()), status(), Vec::new()), Want::Nothing);
    assert!(room.look(&li()).unwrap().pen.is_some());
}

#[test]
fn a_room_whose_clock_moved_under_the_reading_is_read_again() {
    let room = loaded();
    let reading = room.read_store();
    room.take(None, &start());
    assert_eq!(reading.take(clock(Vec::new()), status(), Vec::new()), Want::Clock);
    let again = room.read_store();
    assert_eq!(again.take(started(), status(), Vec::new()), Want::Nothing);
}

#[test]
fn an_older_reading_does_not_take_a_change_back() {
    let room = loaded();
    let reading = room.read_store();
    room.take(Some(started()), &start());
    assert_eq!(reading.take(clock(Vec::new()), status(), Vec::new()), Want::Nothing);
    assert_eq!(room.look(&li()).unwrap().clock.rev, 2);
}

#[test]
fn what_was_not_heard_when_it_happened_is_told_once_it_is_read() {
    let room = loaded();
    let here = event("ev_4", Some(li()), Body::CandidateEnded { ended_ms: 5, ended_by: EndedBy::Candidate });
    room.take(None, std::slice::from_ref(&here));
    room.pace(1_000);
    let (_, mut deltas) = room.watch().unwrap();
    let unheard = event("ev_5", None, Body::RosterChanged { candidates: 2 });
    room.read_store().take(clock(Vec::new()), status(), vec![here, unheard.clone()]);
    room.take(None, &[unheard]);
    room.pace(2_000);
    let told: Vec<String> = deltas.try_recv().unwrap().feed.iter().map(|event| event.id.to_string()).collect();
    assert_eq!(told, ["ev_5"]);
}

#[test]
fn silence_shows_without_an_event() {
    let room = loaded();
    room.take(Some(started()), &start());
    let here = Body::PresenceChanged { presence: Presence::Connected, line: Line { n: 1, ..Line::default() } };
    room.take(None, &[event("ev_6", Some(li()), here)]);
    room.look_for_trouble(2_000);
    room.pace(2_000);
    let (_, mut deltas) = room.watch().unwrap();
    for second in [3, 601, 602] {
        room.look_for_trouble(second * 1_000);
        room.pace(second * 1_000);
    }
    let delta = deltas.try_recv().unwrap();
    assert_eq!((delta.now_ms, delta.counts.troubled, delta.rows.len()), (601_000, 1, 1));
    assert!(deltas.try_recv().is_err(), "it is told once");
}

#[test]
fn only_the_store_knows_a_stranger_and_a_roster() {
    let room = loaded();
    let stranger = CandidateId::trusted("cd_9".into());
    let ended = Body::CandidateEnded { ended_ms: 5, ended_by: EndedBy::Candidate };
    assert_eq!(room.wants(&[event("ev_4", Some(stranger), ended)]), Want::Whole);
    let saved = |at| event("ev_5", Some(li()), Body::CandidateBegan { begun_ms: at });
    assert_eq!(room.wants(&[saved(7)]), Want::Nothing);
}

/// A look at rules is a query of the store for each thing found: what lasts is looked at once, also over a new reading of the room.
#[test]
fn what_was_looked_at_is_not_looked_at_again() {
    let room = loaded();
    let found = || vec![Found::takeover(&li(), &TakeoverId::trusted("tk_1".into()), 5)];
    assert_eq!(room.fresh(found()).len(), 1);
    room.looked_at(Rule::Takeover, found()[0].key.clone());
    assert!(room.fresh(found()).is_empty());
    // The same key by another rule is what became of it.
    room.looked_at(Rule::Silent, "gap:cd_1:7".into());
    let lost = Lost { kind: LostKind::Connection, from_ms: 7, to_ms: 50_000, ms: 40_000 };
    assert_eq!(room.fresh(vec![Found::lost(&li(), &lost)]).len(), 1);
    assert_eq!(room.read_store().take(clock(Vec::new()), status(), Vec::new()), Want::Nothing);
    assert!(room.fresh(found()).is_empty());
}

#[test]
fn lost_times_wait_for_their_turn_and_are_not_forgotten() {
    let (room, every) = (loaded(), limits::LOST_LOOK_EVERY_MS);
    let back = |at| room.take_signs(at).back;
    assert!(back(every) && !back(2 * every), "whoever has been read is looked at once");
    room.give_back(Signs { back: true, ..Signs::default() });
    assert!(!back(2 * every - 1) && back(2 * every), "too early, and in its turn");
}

/// Whether the socket was told to look since the last call.
fn rung(connection: &Connection) -> bool {
    connection.bell.notified().now_or_never().is_some()
}

#[tokio::test]
async fn a_message_comes_to_a_hall_in_turn_and_time_at_once() {
    let (room, people) = (loaded(), 2 * limits::RUNG_AT_ONCE + 1);
    let sockets: Vec<Arc<Connection>> = (0..people)
        .map(|n| {
            let socket = Connection::new(SessionId::trusted(format!("se_{n}")), 0);
            room.connections.add(&CandidateId::trusted(format!("cd_{n}")), &socket);
            socket
        })
        .collect();
    let looking = || sockets.iter().filter(|socket| rung(socket)).count();
    room.take(Some(started()), &start());
    assert_eq!(looking(), people);

    let id = MessageId::trusted("ms_1".into());
    room.take_letters(&[Arc::new(Letter {
        id: id.clone(),
        sender: Sender::User(UserId::trusted("us_1".into())),
        author: "Ada".into(),
        audience: Audience::Room,
        text: "Ten minutes left.".into(),
        sent_ms: 1_000,
        withdrawn_ms: None,
        receipts: BTreeMap::new(),
        read_ms: None,
    })]);
    let sent = Body::MessageSent { message: id, audience: "room".into(), candidates: None };
    let queue = room.take(None, &[event("ev_7", None, sent)]);
    assert_eq!(looking(), limits::RUNG_AT_ONCE, "answers of that instant do not wait for all of them");
    queue.ring().await;
    assert_eq!(looking(), people - limits::RUNG_AT_ONCE);
}

#[test]
fn a_socket_is_heard_under_its_number_and_one_that_never_carried_leaves_nothing() {
    let (connections, li) = (Connections::default(), li());
    let comes = |number| {
        let socket = Connection::new(SessionId::trusted("se_1".into()), 10);
        socket.set_number(number);
        connections.add(&li, &socket);
        socket
    };
    let ear = |number| connections.ear(&li, number).socket;
    let (mute, good) = (comes(1), comes(2));
    mute.heard(20);
    assert_eq!(ear(1), Some(Socket { heard_ms: 20, proof: Proof::Opened(10) }));
    good.heard(30);
    good.answered(30);
    assert_eq!(ear(2), Some(Socket { heard_ms: 30, proof: Proof::Answered(30) }));
    assert_eq!((ear(3), ear(0)), (None, None), "what is connected elsewhere, or nowhere");
    connections.remove(&li, &mute);
    assert_eq!(ear(1), None);
    connections.remove(&li, &good);
    assert_eq!(ear(2), Some(Socket { heard_ms: 30, proof: Proof::Closed }));
}

#[test]
fn a_page_does_not_look_at_what_it_said_itself() {
    let room = loaded();
    let socket = Connection::new(SessionId::trusted("se_1".into()), 0);
    room.connections.add(&li(), &socket);
    room.take(Some(started()), &start());
    assert!(rung(&socket));
    let takes = |body| {
        room.take(None, &[event("ev_9", Some(li()), body)]);
        rung(&socket)
    };
    assert!(!takes(Body::ChangeDelivered { rev: 2 }) && !takes(Body::ChangeSeen { rev: 2 }));
    assert!(takes(Body::HandRaised { raised_ms: 5_000 }), "another page of the same candidate shows it");
}
