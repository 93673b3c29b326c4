//! Incidents that the candidate sees: what the page knows of them. And signals of the page, which rules look at.

use std::collections::HashMap;

use super::{Candidate, Command, Output};
use crate::channel::words::{error_frame, incident_frame, incident_gone};
use crate::domain::Ms;
use crate::error::{Code, Error};
use crate::live::Look;
use crate::protocol::{ServerFrame, Welcome};

/// A signal of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its pen.
    pub pen: i64,
    /// Its seq.
    pub seq: i64,
    /// Characters that were pasted at once.
    pub chars: i64,
    /// Into which answer.
    pub question: Option<String>,
    /// When it was read.
    pub received_ms: Ms,
}

/// The rev of each incident that the page was told; those it sees no more are forgotten.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<String, i64>);

impl Candidate {
    /// A `welcome` brings those that are shown.
    pub(super) fn welcomed_cases(&mut self, welcome: &Welcome) {
        self.cases.0 = welcome.incidents.iter().map(|incident| (incident.id.clone(), incident.rev)).collect();
    }

    /// How incidents stand against what the page knows.
    pub(super) fn look_at_cases(&mut self, look: &Look) -> Vec<Output> {
        if self.version.is_none() || self.waiting.is_some() || (look.incidents.is_empty() && self.cases.0.is_empty()) {
            return Vec::new();
        }
        let send = |frame| Output::Send(Box::new(ServerFrame::Incident(frame)));
        let mut out = Vec::new();
        for incident in &look.incidents {
            let known = self.cases.0.get(incident.id.as_str()).copied().unwrap_or(0);
            // An older copy is of no use: the bus is still on its way.
            if incident.rev > known {
                self.cases.0.insert(incident.id.to_string(), incident.rev);
                out.push(send(incident_frame(self.locale, incident, &look.clock.zone)));
            }
        }
        let shown = |id: &str| look.incidents.iter().any(|incident| incident.id.as_str() == id);
        let gone: Vec<(String, i64)> =
            self.cases.0.iter().filter(|(id, _)| !shown(id)).map(|(id, rev)| (id.clone(), *rev)).collect();
        for (id, rev) in gone {
            self.cases.0.remove(&id);
            out.push(send(incident_gone(id, rev)));
        }
        out
    }

    /// A signal: numbered like an answer.
    pub(super) fn signal(&mut self, seq: i64, chars: i64, question: Option<String>, received_ms: Ms) -> Vec<Output> {
        let Some(pen) = self.pen else {
            let error = Error::from(Code::PenHeld);
            return vec![Output::Send(Box::new(error_frame(self.locale, &error, None, Some(seq))))];
        };
        self.in_flight += 1;
        vec![Output::Do(Command::Signal(Signal { pen, seq, chars, question, received_ms }))]
    }
}
