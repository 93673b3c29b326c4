//! Bad lines between candidates and server.

use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::load::{Load, until};
use crate::rig::Rig;
use crate::support::proxy::{Cut, Proxy, Weather};
use crate::support::room::Room;

const PEOPLE: usize = 20;
/// Longest that a condition of the line lasts.
const WHILE: Duration = Duration::from_secs(2);
/// Bytes after which a line towards a candidate is cut, beginning with the first.
const CUTS: usize = 60;

async fn behind_a_proxy(seed: u64) -> (Rig, Proxy, Room, Load) {
    let mut rig = Rig::sqlite();
    let proxy = Proxy::before(rig.site.address()).await;
    rig.site.door(proxy.address);
    rig.start();
    let room = rig.room(PEOPLE).await;
    let door = Url::parse(&format!("http://{}", proxy.address)).unwrap();
    let load = Load::enter(&room, Some(&door), seed).await;
    (rig, proxy, room, load)
}

/// Slow in either direction, narrow, stuttering, swallowing, cut: answers come late, never twice and never not at all.
pub async fn a_bad_line_loses_and_doubles_nothing() {
    let (rig, proxy, room, mut load) = behind_a_proxy(8).await;
    load.offer(100);
    let ms = Duration::from_millis;
    for weather in [
        Weather { there: ms(300), ..Weather::default() },
        Weather { back: ms(300), ..Weather::default() },
        Weather { twice: true, ..Weather::default() },
        Weather { twice: true, there: ms(50), back: ms(150), ..Weather::default() },
        Weather { bytes_per_second: Some(8_000), ..Weather::default() },
        // Longer than a candidate's patience: it gives up and comes again, and what it said into the hole arrives later.
        Weather { black_hole: true, ..Weather::default() },
    ] {
        let hole = weather.black_hole;
        proxy.weather(weather);
        tokio::time::sleep(if hole { 4 * WHILE } else { WHILE }).await;
        proxy.weather(Weather::default());
        load.until_acked(load.acked() + 50, || rig.log()).await;
    }
    for _ in 0..3 {
        proxy.cut_all();
        load.until_acked(load.acked() + 50, || rig.log()).await;
    }
    load.hush().await;
    load.settle(|| rig.log()).await;
    let sum = load.judge(&room).await;
    assert!(sum.connects > 2 * PEOPLE as u64, "the cuts met nobody: {sum:?}");
    sum.require(json!({ "chaos": "bad line" }), &rig.log());
}

/// The line breaks after each single byte of what the server says: the acknowledgement is lost, the answer is not.
pub async fn an_acknowledgement_cut_after_any_byte_is_settled_once() {
    let (rig, proxy, room, mut load) = behind_a_proxy(9).await;
    for after in 0..CUTS {
        let cuts = proxy.cuts();
        proxy.cut(Cut::Back(after));
        load.burst(PEOPLE as u64).await;
        until(|| proxy.cuts() > cuts, || format!("nothing to cut after {after} bytes")).await;
        load.settle(|| rig.log()).await;
    }
    load.judge(&room).await.require(json!({ "chaos": "acknowledgement cut", "cuts": proxy.cuts() }), &rig.log());
}
