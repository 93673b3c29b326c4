//! One person who follows a plan: enters, waits for the paper, does step after step, and reacts to what happens meanwhile.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::answers::questions;
use super::plan::{Step, plan};
use super::{Crowd, PersonReport, Profile, was_taken};
use crate::client::rest::Entry;
use crate::client::sitter::{Event, Setup, View};
use crate::client::{Rest, Sitter};
use crate::protocol::Attention;

/// Attempts to enter before a person gives up.
const ENTRIES: u32 = 40;
/// Longest a second device waits for the first to agree.
const AGREEMENT: Duration = Duration::from_secs(30);
/// Longest a person waits after handing in for it to be taken.
const HANDED_IN: Duration = Duration::from_mins(1);

/// One person with a code.
pub(super) struct Person {
    pub name: u32,
    pub profile: Profile,
    pub crowd: Crowd,
    pub rest: Rest,
    pub code: String,
    pub door: Arc<Semaphore>,
    pub stop: CancellationToken,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// The time is up: the next step.
    Done,
    /// The exam is over for this person, or the device is.
    Exam,
}

impl Person {
    /// Comes after `wait`, sits, and says what was done.
    pub async fn sit(self, wait: Duration) -> PersonReport {
        let mut report = PersonReport::default();
        let mut rng = StdRng::seed_from_u64(self.crowd.seed ^ (u64::from(self.name) << 20));
        tokio::select! {
            () = self.stop.cancelled() => return report,
            () = tokio::time::sleep(wait) => {}
        }
        let Some(entry) = self.enter().await else { return report };
        report.entered = true;
        let mut device = self.device(&entry, rng.random());
        if let Some(steps) = self.paper(&mut device, &mut rng).await {
            tracing::debug!(person = self.name, profile = ?self.profile, steps = steps.len(), "begins");
            for step in steps {
                if self.step(step, &mut device, &mut rng, &mut report).await == Over::Exam {
                    break;
                }
            }
            // Whoever does not hand in stays until the time is up.
            self.until(&mut device, None, |view| view.submitted.is_some(), &mut rng).await;
        }
        report.submitted = device.view().submitted.is_some();
        let last = device.stop().await;
        tracing::debug!(person = self.name, ?last, "leaves");
        report.devices.push(last);
        report
    }

    async fn enter(&self) -> Option<Entry> {
        let _inside = self.door.acquire().await.ok()?;
        match self.rest.enter_patiently(&self.code, ENTRIES, &self.stop).await {
            Ok(entry) => Some(entry),
            Err(problem) => {
                tracing::debug!(person = self.name, %problem, "not let in");
                None
            }
        }
    }

    fn device(&self, entry: &Entry, seed: u64) -> Sitter {
        let setup = Setup::new(self.crowd.time.clone(), self.stop.clone(), seed);
        Sitter::start(entry, &Setup { recorder: self.crowd.recorder.clone(), ..setup })
    }

    /// Waits for the paper and plans; None when the exam is over before.
    async fn paper(&self, device: &mut Sitter, rng: &mut StdRng) -> Option<Vec<Step>> {
        self.until(device, None, |view| view.paper.is_some() || view.submitted.is_some(), rng).await;
        let view = device.view();
        let paper = view.paper.as_ref().filter(|_| view.submitted.is_none())?;
        let left = view.clock.as_ref().and_then(|clock| clock.remaining_ms);
        let left = left.map(|ms| Duration::from_millis(ms.max(0).unsigned_abs()));
        // Plans are made in human time; the pace shortens every step of them.
        Some(plan(&questions(&paper.questions), self.profile, &self.crowd.hints, left, rng))
    }

    async fn step(&self, step: Step, device: &mut Sitter, rng: &mut StdRng, report: &mut PersonReport) -> Over {
        match step {
            Step::Think(time) => self.pause(device, time, rng).await,
            Step::Answer(question, value) => {
                device.answer(&question, value).await;
                if device.is_over() { Over::Exam } else { Over::Done }
            }
            Step::LookAway(time) => {
                device.attention(Attention::Away).await;
                let over = self.pause(device, time, rng).await;
                device.attention(Attention::Here).await;
                over
            }
            Step::Drop(time) => {
                device.drop_connection(self.crowd.pace.scale(time)).await;
                Over::Done
            }
            Step::TakeOver => self.take_over(device, rng, report).await,
            Step::HandIn => {
                device.submit().await;
                self.until(device, Some(HANDED_IN), |view| view.submitted.is_some(), rng).await
            }
        }
    }

    /// A second device joins by the same code; the first agrees, and the person goes on with the second.
    async fn take_over(&self, device: &mut Sitter, rng: &mut StdRng, report: &mut PersonReport) -> Over {
        let Some(entry) = self.enter().await else { return Over::Done };
        let second = self.device(&entry, rng.random());
        // The first device reacts to the request while both are watched.
        self.until(device, Some(AGREEMENT), |view| view.report.ending != super::Ending::None, rng).await;
        if second.until(AGREEMENT, |view| view.pen.is_some() && view.paper.is_some()).await.is_err() {
            second.stop().await;
            return if device.is_over() { Over::Exam } else { Over::Done };
        }
        let first = std::mem::replace(device, second).stop().await;
        report.takeovers += u64::from(was_taken(&first));
        report.devices.push(first);
        Over::Done
    }

    async fn pause(&self, device: &mut Sitter, time: Duration, rng: &mut StdRng) -> Over {
        self.until(device, Some(self.crowd.pace.scale(time)), |view| view.submitted.is_some(), rng).await
    }

    /// Waits until the state is as wanted, the device has ended, or `most` is over; meanwhile reacts like a person.
    async fn until(&self, device: &mut Sitter, most: Option<Duration>, wanted: impl Fn(&View) -> bool, rng: &mut StdRng) -> Over {
        let time = &self.crowd.time;
        let end = most.map(|most| time.mono() + most);
        loop {
            if wanted(&device.view()) {
                return Over::Exam;
            }
            let left = end.map_or(Duration::MAX, |end| end.saturating_sub(time.mono()));
            if left.is_zero() {
                return Over::Done;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => return Over::Done,
                event = device.event() => match event {
                    Some(event) => self.react(device, event, rng).await,
                    None => return Over::Exam,
                },
            }
        }
    }

    async fn react(&self, device: &Sitter, event: Event, rng: &mut StdRng) {
        match event {
            Event::Clock(clock) => {
                if let Some(change) = &clock.change {
                    // A glance at the clock takes a moment.
                    tokio::time::sleep(self.crowd.pace.scale(Duration::from_millis(rng.random_range(800..=6_000)))).await;
                    device.seen(change.rev).await;
                }
            }
            Event::Takeover { id } => {
                tokio::time::sleep(self.crowd.pace.scale(Duration::from_millis(rng.random_range(1_000..=4_000)))).await;
                device.decide(&id, true).await;
            }
            Event::Refused { code, question, .. } => tracing::debug!(person = self.name, %code, %question, "refused"),
            Event::NotConnected(problem) => tracing::debug!(person = self.name, %problem, "not connected"),
            _ => {}
        }
    }
}
