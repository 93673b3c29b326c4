//! A message to everybody while answers flow: it reaches all, its receipts are complete, whoever is away has it at return. How fast, and
//! what the answers pay for it, is told; it is held to what is promised where `INVIGIL_FANOUT_PROMISED` is set.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use invigil::client::crowd::histogram::{Histogram, Quantiles};
use invigil::client::rest::fresh_key;
use invigil::client::sitter::{Record, Recorder, Setup};
use invigil::client::{Rest, Sitter};
use invigil::time::Time;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::support::process::Process;
use super::support::room::{Room, short_questions, text};
use super::support::site::Site;
use super::{ALONE, AT_ONCE, PATIENCE, number};

/// What 95 of 100 candidates may wait for a message.
const PROMISED: Duration = Duration::from_secs(1);
/// What 99 of 100 answers may wait for their acknowledgement meanwhile.
const ACKNOWLEDGED: Duration = Duration::from_millis(100);
/// How often the sender looks whether everybody has it.
const LOOK: Duration = Duration::from_secs(2);
/// Answers are given in groups this often.
const GROUP: Duration = Duration::from_millis(20);

/// The server, and the addresses under which it is reached: one of them may have so many connections and no more.
struct House {
    _site: Site,
    _server: Process,
    doors: Vec<Url>,
}

impl House {
    /// On loopback, or on the addresses of `INVIGIL_FANOUT_ADDRESSES`.
    fn open() -> Self {
        let site = Site::new(None);
        let Ok(addresses) = std::env::var("INVIGIL_FANOUT_ADDRESSES") else {
            let server = site.serve();
            return Self { doors: vec![site.base()], _site: site, _server: server };
        };
        let port = site.address().port();
        let doors: Vec<String> = addresses.split(',').map(|address| format!("http://{address}:{port}")).collect();
        let mut serve = site.program("serve");
        serve.args([
            "--allow-plain",
            "--log-level",
            "warn",
            "--listen",
            &format!("0.0.0.0:{port}"),
            "--public-urls",
            &doors.join(","),
        ]);
        let mut server = Process::start(&mut serve);
        server.line_with("serves");
        let doors = doors.iter().map(|door| Url::parse(door).expect("an address")).collect();
        Self { _site: site, _server: server, doors }
    }
}

struct Crowd {
    house: House,
    room: Room,
    time: Time,
    setup: Setup,
    sitters: Arc<Vec<Sitter>>,
    heard: Arc<Heard>,
}

/// What the devices heard.
#[derive(Default)]
struct Heard {
    /// From when an answer was due to its acknowledgement; a new histogram for each time.
    acks: Mutex<Arc<Histogram>>,
    /// From the sending of a message to its coming.
    reached: Histogram,
    /// When the message was sent that is on its way, since the anchor of the crowd's time.
    sent: Mutex<Duration>,
}

impl Crowd {
    /// Lets `people` in; one more stays away.
    async fn enter(people: usize) -> Self {
        let house = tokio::task::block_in_place(House::open);
        let room = Room::running(&house.doors[0], people + 1, json!({}), short_questions(10)).await.unwrap();
        let time = Time::anchored(0);
        let heard = Arc::new(Heard::default());
        let (ears, mono) = (heard.clone(), time.clone());
        let recorder: Recorder = Arc::new(move |record| match record {
            Record::Saved { took, .. } => ears.acks.lock().unwrap().record(*took),
            Record::Message => ears.reached.record(mono.mono().saturating_sub(*ears.sent.lock().unwrap())),
            _ => {}
        });
        let setup = Setup { recorder: Some(recorder), sync: false, ..Setup::new(time.clone(), CancellationToken::new(), 7) };
        let doors: Vec<Rest> = house.doors.iter().map(|door| Rest::new(door.clone()).unwrap()).collect();
        let entering = room.codes[..people].iter().enumerate().map(|(n, (_, code))| {
            let (door, setup) = (&doors[n % doors.len()], Setup { seed: n as u64, ..setup.clone() });
            async move { Sitter::enter(door, code, &setup).await.unwrap() }
        });
        let sitters: Vec<Sitter> = stream::iter(entering).buffer_unordered(AT_ONCE).collect().await;
        for sitter in &sitters {
            sitter.until(PATIENCE, |view| view.paper.is_some()).await.unwrap_or_else(|view| panic!("not in: {view:?}"));
        }
        Self { house, room, time, setup, sitters: Arc::new(sitters), heard }
    }

    /// Answers at a rate until `stop`, each measured from the instant at which it was due.
    fn answer(&self, rate: usize, stop: &Arc<AtomicBool>) -> tokio::task::JoinHandle<usize> {
        let (sitters, time, stop) = (self.sitters.clone(), self.time.clone(), stop.clone());
        tokio::spawn(async move {
            let (begun, mut given) = (time.mono(), 0);
            while !stop.load(Ordering::Relaxed) {
                let due = begun
                    + Duration::from_secs_f64(f64::from(u32::try_from(given).unwrap()) / f64::from(u32::try_from(rate).unwrap()));
                if due > time.mono() {
                    tokio::time::sleep(GROUP).await;
                    continue;
                }
                let question = format!("q{}", given / sitters.len() % 10 + 1);
                sitters[given % sitters.len()].answer_at(&question, json!(format!("answer {given}, of about a line")), due).await;
                given += 1;
            }
            given
        })
    }

    /// Acknowledgements since the last call.
    fn acks(&self) -> Quantiles {
        std::mem::take(&mut *self.heard.acks.lock().unwrap()).quantiles()
    }

    /// Sends the n-th message to the room; tells how long it took until every receipt was there.
    async fn announce(&self, n: usize) -> Duration {
        let people = self.sitters.len();
        let sent = self.time.mono();
        *self.heard.sent.lock().unwrap() = sent;
        let words = json!({ "text": format!("Message {n}: please look at question 3.") });
        let message = self.room.staff.send_message(&self.room.id, words, &fresh_key()).await.unwrap();
        let id = text(&message, "id");
        let here = async {
            while self.heard.reached.quantiles().count < (people * (n + 1)) as u64 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, here).await.expect("everybody has it");
        // Each look reads every receipt.
        let complete = async {
            while {
                tokio::time::sleep(LOOK).await;
                self.room.staff.message(&self.room.id, &id).await.unwrap()["message"]["delivery"]["delivered"] != people
            } {}
        };
        tokio::time::timeout(PATIENCE, complete).await.expect("a receipt of everybody");
        self.time.mono().saturating_sub(sent)
    }

    /// Whoever was away comes, and finds all of it.
    async fn come_back(&self, messages: usize) {
        let door = Rest::new(self.house.doors[0].clone()).unwrap();
        let late = Sitter::enter(&door, &self.room.codes[self.sitters.len()].1, &self.setup).await.unwrap();
        late.until(PATIENCE, |view| view.messages.len() == messages).await.unwrap_or_else(|view| panic!("not all: {view:?}"));
        late.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_reaches_everybody_while_answers_flow() {
    let _alone = ALONE.lock().await;
    let (people, rate) = (number("INVIGIL_FANOUT_PEOPLE", 500), number("INVIGIL_FANOUT_RATE", 100));
    let messages = number("INVIGIL_FANOUT_MESSAGES", 3);
    let pause = Duration::from_secs(u64::try_from(number("INVIGIL_FANOUT_PAUSE_SECONDS", 2)).unwrap());
    let crowd = Crowd::enter(people).await;
    let stop = Arc::new(AtomicBool::new(false));
    let answering = crowd.answer(rate, &stop);
    // What answers cost without messages.
    tokio::time::sleep(pause * u32::try_from(messages).unwrap()).await;
    let before = crowd.acks();
    let mut complete = Vec::new();
    for n in 0..messages {
        complete.push(crowd.announce(n).await);
        tokio::time::sleep(pause).await;
    }
    let (during, reached) = (crowd.acks(), crowd.heard.reached.quantiles());
    stop.store(true, Ordering::Relaxed);
    let given = answering.await.unwrap();
    crowd.come_back(messages).await;
    println!(
        "{messages} messages to {people} candidates with {rate} answers a second: reached half in {:.2?}, 95 of 100 in {:.2?}, 99 of 100 in {:.2?}, the last in {:.2?}; \
         every receipt in {:.2?} at most; acks without messages p50 {:.2?} p99 {:.2?} max {:.2?}, with them p50 {:.2?} p99 {:.2?} max {:.2?}; {given} answers",
        reached.p50,
        reached.p95,
        reached.p99,
        reached.max,
        complete.iter().max().unwrap(),
        before.p50,
        before.p99,
        before.max,
        during.p50,
        during.p99,
        during.max,
    );
    assert_eq!(reached.count, (people * messages) as u64);
    if std::env::var_os("INVIGIL_FANOUT_PROMISED").is_some() {
        assert!(reached.p95 < PROMISED && during.p99 < ACKNOWLEDGED, "{reached:?} {during:?}");
    }
    for sitter in &*crowd.sitters {
        sitter.until(PATIENCE, |view| view.unsaved == 0).await.unwrap_or_else(|view| panic!("not saved: {view:?}"));
        let report = sitter.view().report;
        assert!(report.lost == 0 && report.refused == 0, "{report:?}");
    }
}
