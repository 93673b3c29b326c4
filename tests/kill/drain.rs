//! SIGTERM while answers come in: everybody hears it, the process ends by itself and in time, and what was acknowledged is there.

use std::time::Duration;

use invigil::client::channel::{Channel, Incoming, Watcher};
use invigil::client::checker::Checker;
use invigil::client::rest::Entry;
use invigil::client::sitter::{Record, Row};
use invigil::limits;
use invigil::protocol::{AnswerFrame, ClientFrame, ServerFrame, WatcherFrame};
use invigil::time::Time;
use serde_json::json;

use crate::support::room::{Room, short_questions};
use crate::support::site::Site;

const CANDIDATES: usize = 20;
/// Between two answers of one candidate.
const EVERY: Duration = Duration::from_millis(100);
/// Traffic before the signal.
const BEFORE: Duration = Duration::from_secs(2);

/// How a socket ended.
#[derive(Debug, PartialEq)]
struct Farewell {
    /// Code and `reconnect` of its `bye`.
    bye: Option<(u16, bool)>,
    /// Code of the close frame.
    close: Option<u16>,
    acked: usize,
}

pub async fn drains() {
    let site = tokio::task::block_in_place(|| Site::new(None));
    let mut server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), CANDIDATES, json!({}), short_questions(6)).await.unwrap();
    let (checker, time) = (Checker::default(), Time::anchored(0));
    let mut people = tokio::task::JoinSet::new();
    for (_, code) in &room.codes {
        let entry = room.staff.enter(code).await.unwrap();
        people.spawn(answer_until_told(entry, checker.clone()));
    }
    let watcher = Watcher::watch(&room.staff, &room.id).await.unwrap();
    let watching = tokio::spawn(watch_until_told(watcher));
    tokio::time::sleep(BEFORE).await;
    let signal = time.mono();
    server.ask_to_end();
    let mut acked = 0;
    while let Some(farewell) = people.join_next().await {
        let farewell = farewell.unwrap();
        assert_eq!((farewell.bye, farewell.close), (Some((4001, true)), Some(4001)), "{}", site.log());
        assert!(farewell.acked > 0, "there was no traffic");
        acked += farewell.acked;
    }
    assert_eq!(watching.await.unwrap(), Some((4001, true)), "the watcher is told too");
    let status = tokio::task::block_in_place(|| server.wait());
    let took = time.mono().saturating_sub(signal);
    assert!(status.success(), "{status}\n{}", site.log());
    assert!(took < limits::DRAIN, "the drain took {took:?}");
    // What the sockets left behind them is written before the database is closed.
    let log = site.whole_log();
    assert!(!log.contains("ERROR") && !log.contains("journal.failed"), "{}", site.log());
    let _server = tokio::task::block_in_place(|| site.serve());
    let found = checker.compare(&room.stored().await.unwrap());
    println!("drained in {took:?}: {acked} acked, {} stored, lost {}", found.stored, found.lost.len());
    assert!(found.clean(), "{found:?}\n{}", site.log());
}

/// Sends an answer every so often and reads whatever comes, until the socket is over.
async fn answer_until_told(entry: Entry, checker: Checker) -> Farewell {
    let mut channel = Channel::open(&entry.rest, None, None).await.unwrap();
    let mut farewell = Farewell { bye: None, close: None, acked: 0 };
    let mut sent: Vec<Row> = Vec::new();
    let mut timer = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = timer.tick(), if farewell.bye.is_none() => {
                let seq = i64::try_from(sent.len()).unwrap() + 1;
                let (question, value) = (format!("q{}", seq % 6 + 1), json!(format!("answer {seq}")));
                let row = Row { candidate: entry.candidate.clone(), pen: 1, seq, question: question.clone(), value: value.clone() };
                checker.note(&Record::Attempted(row.clone()));
                sent.push(row);
                // A socket that has just been closed says so when it is read.
                let _ = channel.send(&ClientFrame::Answer(AnswerFrame { seq, question, value, pen: None, proof: None })).await;
            }
            incoming = channel.next() => match incoming {
                Incoming::Frame(ServerFrame::Saved { items, .. }) => {
                    for item in items {
                        let row = sent[usize::try_from(item.seq - 1).unwrap()].clone();
                        checker.note(&Record::Saved { row, received_ms: item.received_ms, counts: item.counts, took: Duration::ZERO });
                        farewell.acked += 1;
                    }
                }
                Incoming::Frame(ServerFrame::Bye { code, reconnect, .. }) => farewell.bye = Some((code, reconnect)),
                Incoming::Closed(code) => {
                    farewell.close = code;
                    return farewell;
                }
                Incoming::Frame(_) | Incoming::Unknown(_) | Incoming::Life => {}
            }
        }
    }
}

async fn watch_until_told(mut watcher: Watcher) -> Option<(u16, bool)> {
    while let Some(frame) = watcher.frame().await {
        if let WatcherFrame::Bye { code, reconnect, .. } = frame {
            return Some((code, reconnect));
        }
    }
    None
}
