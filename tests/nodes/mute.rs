//! A proxy that buffers: sockets open at one node and carry nothing back, and what the page asks by HTTP comes to another.

use std::time::Duration;

use invigil::client::Rest;
use invigil::client::channel::Channel;
use invigil::protocol::{AnswerFrame, ClientFrame};
use serde_json::json;

use crate::rig::{Nodes, PATIENCE};

/// A page asks for its time, or says something, so often.
const TURN: Duration = Duration::from_secs(1);
/// A page holds a socket that carries nothing for so many turns.
const HELD: u32 = 7;
/// Longer than any socket is held: none of those that open may count as a line.
const LOOKS: u32 = 2 * HELD;

/// The page: a socket that it never hears anything over, and requests.
struct Page {
    here: Rest,
    there: Rest,
    room: String,
    mute: Channel,
    turn: u32,
}

impl Page {
    async fn turn(&mut self) {
        self.turn += 1;
        if self.turn.is_multiple_of(HELD) {
            self.mute = Channel::open(&self.here, None, Some(1)).await.unwrap();
        }
        let _ = self.mute.send(&ClientFrame::Sync { id: 1, t0: 0.0 }).await;
        let frame = AnswerFrame { seq: self.turn.into(), question: "q1".into(), value: json!("x"), pen: Some(1), proof: None };
        self.there.send_answers(&self.room, &[frame]).await.unwrap();
        tokio::time::sleep(TURN).await;
    }
}

pub async fn is_a_slow_line() {
    let nodes = Nodes::start(2).await;
    let room = nodes.room(1, json!({})).await;
    let (candidate, code) = &room.codes[0];
    let staff = [nodes.staff(0).await, nodes.staff(1).await];
    let here = nodes.enter(nodes.base(0), code).await.rest;
    let mute = Channel::open(&here, None, None).await.unwrap();
    let mut page = Page { there: here.at(nodes.base(1)), here, room: room.id.clone(), mute, turn: 0 };
    let seen = async || {
        let mut seen = Vec::new();
        for staff in &staff {
            seen.push(staff.status(&room.id).await.unwrap()["rows"][0]["presence"].clone());
        }
        seen
    };
    let (slow, connected) = ([json!("slow"), json!("slow")], [json!("connected"), json!("connected")]);
    let begun = nodes.time.mono();
    while seen().await != slow {
        page.turn().await;
        assert!(nodes.time.mono().saturating_sub(begun) < PATIENCE, "{:?}\n{}", seen().await, nodes.log());
    }
    for look in 0..LOOKS {
        page.turn().await;
        assert_eq!(seen().await, slow, "look {look} of {candidate}");
    }
    // One that answers is a line, on both.
    let mut good = Channel::open(&page.here, None, Some(1)).await.unwrap();
    let listening = tokio::spawn(async move { while good.frame().await.is_some() {} });
    nodes.until("connected", async || seen().await == connected).await;
    listening.abort();
}
