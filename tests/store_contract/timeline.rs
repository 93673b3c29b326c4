//! The timeline.

use invigil::domain::clock::{Ended, EndedBy};
use invigil::domain::event::{Attention, Body, Event, Presence};
use invigil::domain::ids::{Id, QuestionId, RoomId, TakeoverId, UserId};
use invigil::domain::presence::Line;
use invigil::store::rooms::Plan;
use invigil::store::timeline::TimelineFilter;

use crate::fixture::{NINE, World, cd, event, ss};

async fn tell(w: &World, room: &RoomId, events: Vec<Event>) {
    w.store.change_room(room, &Plan { events, ..Plan::default() }).await.unwrap();
}

pub async fn events_are_read_back_as_they_were(w: World) {
    let room = w.room(|_| {}).await;
    let bodies = [
        Body::ClockChanged { rev: 3, change: "extend".into(), seconds: Some(-60), candidates: Some(vec![cd("cd_a")]) },
        Body::ClockChanged { rev: 4, change: "pause".into(), seconds: None, candidates: None },
        Body::RoomEnded,
        Body::RosterChanged { candidates: 33 },
        Body::StoreRestored { from_ms: NINE, to_ms: NINE + 9 },
        Body::CandidateJoined { session: ss("ss_a") },
        Body::CandidateBegan { begun_ms: NINE },
        Body::ended(Ended { at_ms: NINE, by: EndedBy::Deadline }),
        Body::CandidateReopened { rev: 9 },
        Body::PenTaken { pen: 2, session: ss("ss_b") },
        Body::TakeoverAsked { id: TakeoverId::trusted("tk_1".into()), session: ss("ss_b") },
        Body::TakeoverDecided { id: TakeoverId::trusted("tk_1".into()), session: ss("ss_b"), allowed: true },
        Body::AnswerSaved { pen: 1, seq: 2, question: QuestionId("q".into()), blank: true, received_ms: NINE },
        Body::AnswerAccepted { pen: 1, seq: 2 },
        Body::AcceptanceWithdrawn { pen: 1, seq: 2 },
        Body::PresenceChanged { presence: Presence::Unsteady, line: Line::default() },
        Body::AttentionChanged { attention: Attention::Away },
        Body::ChangeDelivered { rev: 3 },
        Body::ChangeSeen { rev: 3 },
    ];
    let mut made: Vec<Event> = (0..).zip(bodies).map(|(n, body)| event(&room, Some("cd_a"), NINE + n, body)).collect();
    made[2].candidate = None;
    made[2].by = Some(UserId::trusted("us_t".into()));
    tell(&w, &room, made.clone()).await;
    let all = TimelineFilter { limit: 100, ..TimelineFilter::default() };
    assert_eq!(w.store.timeline(&room, &all).await.unwrap(), made);
    let many: Vec<Event> = (0..1_100).map(|n| event(&room, None, NINE + n, Body::RoomEnded)).collect();
    tell(&w, &room, many).await;
    let all = TimelineFilter { limit: 2_000, ..TimelineFilter::default() };
    assert_eq!(w.store.timeline(&room, &all).await.unwrap().len(), 1_119, "more than one statement takes");
}

pub async fn a_timeline_is_filtered(w: World) {
    let room = w.room(|_| {}).await;
    let a = event(&room, Some("cd_a"), NINE, Body::CandidateBegan { begun_ms: NINE });
    let b = event(&room, Some("cd_b"), NINE + 5, Body::CandidateBegan { begun_ms: NINE });
    let c = event(&room, None, NINE + 9, Body::RoomEnded);
    tell(&w, &room, vec![c.clone(), a.clone(), b.clone()]).await;
    let all = TimelineFilter { limit: 9, ..TimelineFilter::default() };
    let cases = [
        (all.clone(), vec![&a, &b, &c]),
        (TimelineFilter { candidate: Some(cd("cd_b")), ..all.clone() }, vec![&b]),
        (TimelineFilter { kind: Some("room.ended".into()), ..all.clone() }, vec![&c]),
        (TimelineFilter { from_ms: Some(NINE + 5), ..all.clone() }, vec![&b, &c]),
        (TimelineFilter { to_ms: Some(NINE + 5), ..all.clone() }, vec![&a]),
        (TimelineFilter { after: a.id.to_string(), ..all.clone() }, vec![&b, &c]),
        (TimelineFilter { limit: 2, ..all.clone() }, vec![&a, &b]),
    ];
    for (filter, expected) in cases {
        let read = w.store.timeline(&room, &filter).await.unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
    assert!(w.store.timeline(&RoomId::trusted("rm_2".into()), &all).await.unwrap().is_empty());
}

pub async fn soft_events_are_the_newest_of_each_kind(w: World) {
    let room = w.room(|_| {}).await;
    let presence =
        |who, n, presence| event(&room, Some(who), NINE + n, Body::PresenceChanged { presence, line: Line::default() });
    let events = vec![
        presence("cd_a", 0, Presence::Connected),
        presence("cd_b", 1, Presence::Connected),
        presence("cd_a", 2, Presence::Lost),
        event(&room, Some("cd_a"), NINE + 3, Body::ChangeSeen { rev: 1 }),
        event(&room, Some("cd_a"), NINE + 4, Body::CandidateBegan { begun_ms: NINE }),
        event(&room, Some("cd_a"), NINE + 5, Body::AttentionChanged { attention: Attention::Away }),
        event(&room, Some("cd_a"), NINE + 6, Body::ChangeDelivered { rev: 1 }),
    ];
    tell(&w, &room, events.clone()).await;
    let soft = w.store.soft_events(&room).await.unwrap();
    let expected: Vec<&Event> = [3, 5, 6].iter().map(|n| &events[*n]).collect();
    assert_eq!(soft.iter().collect::<Vec<_>>(), expected);
}

pub async fn the_last_event_is_known(w: World) {
    let room = w.room(|_| {}).await;
    assert_eq!(w.store.last_event_ms().await.unwrap(), None);
    tell(&w, &room, vec![event(&room, None, NINE + 7, Body::RoomEnded), event(&room, None, NINE, Body::RoomEnded)]).await;
    assert_eq!(w.store.last_event_ms().await.unwrap(), Some(NINE + 7));
}
