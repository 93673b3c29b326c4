//! What waits for what, before anything is written.

use std::time::Duration;

use tokio::time::sleep;

use super::*;
use crate::domain::event::Body;
use crate::domain::ids::{CandidateId, EventId, Id, RoomId};

fn entry(op: Op) -> Entry {
    Entry { op, reply: Box::new(drop) }
}

fn note() -> Op {
    let (id, room) = (EventId::trusted("ev_1".into()), RoomId::trusted("rm_1".into()));
    Op::Note(Event { id, room, at_ms: 0, candidate: None, by: None, body: Body::RoomEnded })
}

fn left() -> Op {
    Op::Left { room: RoomId::trusted("rm_1".into()), candidate: CandidateId::trusted("cd_1".into()), connection: 1 }
}

/// The batch that begins with `first` when these come so many ms after it: how many it takes, and how long that is waited for.
async fn gathered(first: Op, more: Vec<(u64, Op)>) -> (usize, u64) {
    let (journal, mut lanes) = Journal::lanes();
    tokio::spawn(async move {
        for (ms, op) in more {
            sleep(Duration::from_millis(ms)).await;
            let _ = journal.send(op, Box::new(drop));
        }
        sleep(Duration::from_secs(1)).await;
    });
    let time = Time::anchored(0);
    let began = time.mono();
    let batch = company(entry(first), &mut lanes.answers, &mut lanes.others).await;
    (batch.len(), u64::try_from(time.mono().saturating_sub(began).as_millis()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn notes_wait_for_each_other_and_keep_nobody_waiting() {
    let wait = |wait: Duration| u64::try_from(wait.as_millis()).unwrap();
    let (some, notes) = (wait(limits::BATCH_WAIT), wait(limits::NOTES_WAIT));
    let (took, waited) = gathered(note(), vec![(20, note()), (20, note()), (20, note())]).await;
    assert_eq!(took, 3);
    assert!((notes..=notes + some + 1).contains(&waited), "{waited} ms");
    let (took, waited) = gathered(note(), vec![(20, left()), (1, left()), (20, note())]).await;
    assert_eq!(took, 3);
    assert!((20 + some..=21 + some).contains(&waited), "{waited} ms");
    let (took, waited) = gathered(left(), vec![(20, note())]).await;
    assert_eq!(took, 1);
    assert!((some..=some + 1).contains(&waited), "{waited} ms");
}
