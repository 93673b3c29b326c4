//! What every bus has to keep, in one process and over NATS; and what happens when NATS is not there, comes back, or speaks with
//! somebody else's voice.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use invigil::bus::{Bus, Link, Message};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{EventId, Id, RoomId, SessionId};
use support::nats::Nats;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

/// How long a condition may take to come true on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(30);
const KEY: [u8; 32] = [7; 32];

fn event(n: usize) -> Event {
    let body = Body::RosterChanged { candidates: i64::try_from(n).unwrap() };
    Event {
        id: EventId::trusted(format!("ev_{n}")),
        room: RoomId::trusted("rm_1".into()),
        at_ms: 5,
        candidate: None,
        by: None,
        body,
    }
}

fn events(from: usize, to: usize) -> Message {
    Message::Events(Arc::new((from..to).map(event).collect()))
}

/// The ids of the next `n` events that come; whatever was said to be lost on the way is passed over.
async fn ids(inbox: &mut Receiver<Message>, n: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < n {
        if let Message::Events(events) = timeout(PATIENCE, inbox.recv()).await.expect("an event comes").unwrap() {
            ids.extend(events.iter().map(|event| event.id.to_string()));
        }
    }
    ids
}

/// Waits until something is said to be lost.
async fn lost(inbox: &mut Receiver<Message>) {
    while !matches!(timeout(PATIENCE, inbox.recv()).await.expect("the loss is told").unwrap(), Message::Lost) {}
}

async fn linked(bus: &Bus, link: Link) {
    let reached = async {
        while bus.link() != link {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("never {link:?}"));
}

/// Waits until `to` hears `from`: a link that is up need not have subscribed yet.
async fn hears(from: &Bus, to: &mut Receiver<Message>) {
    let probe = SessionId::trusted("ss_probe".into());
    for _ in 0..600 {
        from.publish(Message::SessionsEnded(Arc::new(vec![probe.clone()])));
        match timeout(Duration::from_millis(50), to.recv()).await {
            Ok(Ok(Message::SessionsEnded(_))) => return,
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    panic!("they do not hear each other");
}

/// Two nodes that hear each other.
async fn pair(nats: &Nats) -> (Bus, Bus) {
    let (a, b) = (Bus::shared(&nats.url(), &KEY), Bus::shared(&nats.url(), &KEY));
    let (mut at_a, mut at_b) = (a.follow(), b.follow());
    hears(&a, &mut at_b).await;
    hears(&b, &mut at_a).await;
    (a, b)
}

/// The contract: everyone who follows gets everything once and in order, the node's own followers too.
async fn in_order_and_once(from: &Bus, to: &Bus) {
    let mut inboxes = [from.follow(), to.follow(), to.follow()];
    for n in 0..500 {
        from.publish(events(n * 3, n * 3 + 3));
    }
    let wanted: Vec<String> = (0..1500).map(|n| format!("ev_{n}")).collect();
    for inbox in &mut inboxes {
        assert_eq!(ids(inbox, 1500).await, wanted);
    }
}

#[tokio::test]
async fn one_process_keeps_the_contract() {
    let bus = Bus::default();
    assert_eq!(bus.link(), Link::Alone);
    in_order_and_once(&bus, &bus).await;
}

#[tokio::test]
async fn two_nodes_keep_the_contract() {
    let nats = Nats::start();
    let (a, b) = pair(&nats).await;
    in_order_and_once(&a, &b).await;
    in_order_and_once(&b, &a).await;
    // A change that touches a whole university is more than one letter takes.
    let mut inbox = b.follow();
    a.publish(events(0, 12_000));
    assert_eq!(ids(&mut inbox, 12_000).await.len(), 12_000);
}

#[tokio::test]
async fn nothing_waits_for_nats_and_its_return_is_told() {
    let mut nats = Nats::absent();
    let (a, b) = (Bus::shared(&nats.url(), &KEY), Bus::shared(&nats.url(), &KEY));
    let (mut at_a, mut at_b) = (a.follow(), b.follow());
    assert_eq!(a.link(), Link::Away);
    for n in 0..10_000 {
        a.publish(events(n, n + 1));
        at_a.recv().await.unwrap();
    }
    nats.begin();
    linked(&a, Link::Up).await;
    linked(&b, Link::Up).await;
    lost(&mut at_b).await;
    hears(&a, &mut at_b).await;
    nats.kill();
    linked(&a, Link::Away).await;
    linked(&b, Link::Away).await;
    a.publish(events(1, 2));
    nats.begin();
    let mut at_b = b.follow();
    linked(&b, Link::Up).await;
    lost(&mut at_b).await;
    hears(&a, &mut at_b).await;
    in_order_and_once(&b, &a).await;
}

#[tokio::test]
async fn a_deployment_does_not_hear_another_nor_a_forger() {
    let nats = Nats::start();
    let (a, b) = pair(&nats).await;
    let stranger = Bus::shared(&nats.url(), &[8; 32]);
    linked(&stranger, Link::Up).await;
    let mut inbox = b.follow();
    stranger.publish(events(900, 901));
    // A forger who has listened: the genuine letter with another room in it, and the genuine one once more.
    let wire = async_nats::connect(nats.url()).await.unwrap();
    let mut tap = wire.subscribe("invigil.v1.*").await.unwrap();
    // A subscription is there when something has come by it.
    while timeout(Duration::from_millis(50), tap.next()).await.is_err() {
        a.publish(Message::SessionsEnded(Arc::new(Vec::new())));
    }
    a.publish(events(1, 2));
    let letter = loop {
        let letter = timeout(PATIENCE, tap.next()).await.expect("the letter comes by").unwrap();
        if letter.payload.windows(4).any(|part| part == b"ev_1") {
            break letter;
        }
    };
    let mut forged = letter.payload.to_vec();
    let at = forged.windows(4).position(|part| part == b"rm_1").unwrap();
    forged[at + 3] = b'2';
    wire.publish(letter.subject.clone(), forged.into()).await.unwrap();
    wire.publish(letter.subject, letter.payload).await.unwrap();
    wire.flush().await.unwrap();
    a.publish(events(2, 3));
    assert_eq!(ids(&mut inbox, 2).await, ["ev_1", "ev_2"]);
}
