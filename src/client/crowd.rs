//! Scripted people with human pacing: what a demo, a rehearsal and a load test put into a room. Every choice comes from a
//! seed, so the same crowd does the same things.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::sitter::{Ending, Recorder, Report};
use super::{Problem, Rest};
use crate::time::Time;

/// Plausible values for a question.
mod answers;
/// Latencies in buckets.
pub mod histogram;
/// Candidates that answer at a fixed rate.
pub mod load;
/// One person who follows a plan.
mod person;
/// What a person will do, as data.
mod plan;
/// Kinds of people.
mod profile;

pub use load::{Load, LoadReport};
pub use plan::Step;
pub use profile::Profile;

/// People who may be on their way in at the same time.
const ENTERING: usize = 16;

/// Right answers by question id, for a crowd that is to look as if it had learned.
pub type Hints = HashMap<String, Value>;

/// How fast people are.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// 1.0 is human; 10.0 thinks ten times as fast. Stays away and looks away are shortened too.
    pub speed: f64,
    /// Between one person entering and the next.
    pub ramp: Duration,
}

impl Pace {
    /// As people are; one comes in every 0.7 s.
    pub const HUMAN: Self = Self { speed: 1.0, ramp: Duration::from_millis(700) };

    fn scale(self, human: Duration) -> Duration {
        human.div_f64(self.speed.clamp(0.01, 10_000.0))
    }
}

/// People who will sit an exam.
#[derive(Clone)]
pub struct Crowd {
    /// Where.
    pub base: Url,
    /// Their clock.
    pub time: Time,
    /// The same seed makes the same people.
    pub seed: u64,
    /// How fast they are.
    pub pace: Pace,
    /// What they know.
    pub hints: Arc<Hints>,
    /// Sees every answer.
    pub recorder: Option<Recorder>,
}

/// What a crowd has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrowdReport {
    /// Codes it was given.
    pub people: u64,
    /// People who were let in.
    pub entered: u64,
    /// Answers that got a number.
    pub sent: u64,
    /// Answers saved.
    pub acked: u64,
    /// Answers refused for good.
    pub refused: u64,
    /// Answers called saved and found missing: must be none.
    pub lost: u64,
    /// Answers never settled.
    pub unsaved: u64,
    /// Connections beyond the first of each device.
    pub reconnects: u64,
    /// Second devices that got the pen.
    pub takeovers: u64,
    /// People whose exam is over.
    pub submitted: u64,
}

impl CrowdReport {
    fn add(&mut self, device: &Report) {
        self.sent += device.attempted;
        self.acked += device.acked;
        self.refused += device.refused;
        self.lost += device.lost;
        self.unsaved += device.unsaved;
        self.reconnects += device.connects.saturating_sub(1);
    }
}

/// What one person has done, on all devices.
#[derive(Debug, Default)]
struct PersonReport {
    entered: bool,
    devices: Vec<Report>,
    takeovers: u64,
    submitted: bool,
}

impl Crowd {
    /// One person for each code sits until the exam is over for all or `stop`.
    pub async fn run(&self, codes: Vec<String>, stop: &CancellationToken) -> Result<CrowdReport, Problem> {
        let rest = Rest::new(self.base.clone())?;
        let door = Arc::new(Semaphore::new(ENTERING));
        let mut people = JoinSet::new();
        let mut report = CrowdReport { people: codes.len() as u64, ..CrowdReport::default() };
        for (index, code) in (0_u32..).zip(codes) {
            let person = person::Person {
                name: index,
                profile: Profile::of(index),
                crowd: self.clone(),
                rest: rest.clone(),
                code,
                door: Arc::clone(&door),
                stop: stop.clone(),
            };
            people.spawn(person.sit(self.pace.ramp * index));
        }
        while let Some(person) = people.join_next().await {
            let Ok(person) = person else { continue };
            report.entered += u64::from(person.entered);
            report.takeovers += person.takeovers;
            report.submitted += u64::from(person.submitted);
            person.devices.iter().for_each(|device| report.add(device));
        }
        Ok(report)
    }
}

/// Whether a device left because another one of the same person writes now.
fn was_taken(report: &Report) -> bool {
    report.ending == Ending::Superseded
}
