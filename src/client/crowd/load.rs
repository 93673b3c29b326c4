//! Candidates that answer at a fixed rate. Each answer is measured from the instant it was due, not from when there was
//! time to send it: a server that stalls is charged for everything it held up.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::answers::{questions, value};
use super::histogram::{Histogram, Quantiles};
use super::{CrowdReport, ENTERING};
use crate::client::sitter::{Record, Recorder, Setup};
use crate::client::{Problem, Rest, Sitter};
use crate::time::Time;

/// A load on a running room.
#[derive(Clone)]
pub struct Load {
    /// Where.
    pub base: Url,
    /// The clock of all.
    pub time: Time,
    /// The same seed answers the same.
    pub seed: u64,
    /// Between two answers of one candidate.
    pub every: Duration,
    /// How long each candidate answers once it has the paper.
    pub length: Duration,
    /// Longest to wait for the last acknowledgements.
    pub settle: Duration,
    /// Longest wait between two attempts to connect.
    pub wait_cap: Duration,
    /// Whether to hand in at the end.
    pub hand_in: bool,
    /// Sees every answer.
    pub recorder: Option<Recorder>,
}

/// What a load measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Everything that is counted for a crowd too.
    pub crowd: CrowdReport,
    /// From due to acknowledged.
    pub ack: Quantiles,
    /// How far the time between two ticks was from a second.
    pub tick: Quantiles,
}

/// What all candidates of a load share.
struct Shared {
    load: Load,
    recorder: Recorder,
    door: Semaphore,
    stop: CancellationToken,
}

impl Load {
    /// One candidate for each code answers for `length`, or until `stop`.
    pub async fn run(&self, codes: Vec<String>, stop: &CancellationToken) -> Result<LoadReport, Problem> {
        let rest = Rest::new(self.base.clone())?;
        let (ack, tick) = (Arc::new(Histogram::default()), Arc::new(Histogram::default()));
        let recorder = measure(&ack, &tick, self.recorder.clone());
        let door = Semaphore::new(ENTERING);
        let shared = Arc::new(Shared { load: self.clone(), recorder, door, stop: stop.clone() });
        let mut crowd = CrowdReport { people: codes.len() as u64, ..CrowdReport::default() };
        let mut candidates = JoinSet::new();
        for (index, code) in (0_u64..).zip(codes) {
            candidates.spawn(sit(index, code, rest.clone(), Arc::clone(&shared)));
        }
        while let Some(done) = candidates.join_next().await {
            if let Ok(Some(device)) = done {
                crowd.entered += 1;
                crowd.submitted += u64::from(device.submitted);
                crowd.add(&device);
            }
        }
        Ok(LoadReport { crowd, ack: ack.quantiles(), tick: tick.quantiles() })
    }
}

fn measure(ack: &Arc<Histogram>, tick: &Arc<Histogram>, further: Option<Recorder>) -> Recorder {
    let (ack, tick) = (Arc::clone(ack), Arc::clone(tick));
    Arc::new(move |record| {
        match record {
            Record::Saved { took, .. } => ack.record(*took),
            Record::Tick { gap } => tick.record(gap.abs_diff(Duration::from_secs(1))),
            _ => {}
        }
        if let Some(further) = &further {
            further(record);
        }
    })
}

async fn sit(index: u64, code: String, rest: Rest, shared: Arc<Shared>) -> Option<crate::client::sitter::Report> {
    let Shared { load, recorder, door, stop } = &*shared;
    let mut rng = StdRng::seed_from_u64(load.seed ^ (index << 20));
    let setup = Setup {
        wait_cap: load.wait_cap,
        sync: false,
        recorder: Some(Arc::clone(recorder)),
        ..Setup::new(load.time.clone(), stop.clone(), rng.random())
    };
    let sitter = {
        let _inside = door.acquire().await.ok()?;
        Sitter::enter(&rest, &code, &setup).await.ok()?
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = answer(load, &sitter, &mut rng) => {
            // What is left to be acknowledged is waited for; what is not by then shows in the report.
            drop(sitter.until(load.settle, |view| view.unsaved == 0 && (!load.hand_in || view.submitted.is_some())).await);
        }
    }
    Some(sitter.stop().await)
}

async fn answer(load: &Load, sitter: &Sitter, rng: &mut StdRng) {
    // Whoever never gets a paper is ended by `stop` or by the end of its room.
    let ready = sitter.until(Duration::from_hours(24), |view| view.paper.is_some() || view.submitted.is_some()).await;
    let Some(paper) = ready.ok().and_then(|view| view.paper) else { return };
    let questions = questions(&paper.questions);
    if questions.is_empty() || load.every.is_zero() {
        return;
    }
    let begun = load.time.mono();
    // Spread over the first interval, so that the load is even.
    let mut due = begun + load.every.mul_f64(rng.random_range(0.0..1.0));
    for question in questions.iter().cycle() {
        if due >= begun + load.length || sitter.is_over() {
            break;
        }
        let value = value(question, None, rng);
        tokio::time::sleep(due.saturating_sub(load.time.mono())).await;
        sitter.answer_at(&question.id, value, due).await;
        due += load.every;
    }
    if load.hand_in {
        sitter.submit().await;
    }
}
