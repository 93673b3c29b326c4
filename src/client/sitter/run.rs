//! The socket of a sitter, without a rule: one loop that waits for frames, commands, timers and the end.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::machine::{Act, Machine};
use super::{Command, Ending, Event, Report, Setup, View};
use crate::client::channel::{Channel, Incoming};
use crate::client::outbox::Outbox;
use crate::client::rest::Entry;

/// Attempts to send what is left without a socket.
const LEFTOVER_ATTEMPTS: u32 = 5;
/// Answers of one such request.
const LEFTOVER_ANSWERS: usize = 32;
/// Longest sleep of the loop: an instant that is far away is looked at again.
const SLEEP: Duration = Duration::from_hours(1);

/// One device with its socket.
pub(super) struct Run {
    entry: Entry,
    setup: Setup,
    machine: Machine,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Event>,
    view: watch::Sender<View>,
    channel: Option<Channel>,
}

/// What woke the loop.
enum Woken {
    Incoming(Incoming<crate::protocol::ServerFrame>),
    Command(Command),
    Timer,
    Stop,
}

impl Run {
    pub(super) fn new(
        entry: Entry,
        setup: Setup,
        outbox: Outbox,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<Event>,
        view: watch::Sender<View>,
    ) -> Self {
        let mut machine = Machine::new(entry.candidate.clone(), setup.clone());
        machine.outbox = outbox;
        Self { entry, setup, machine, commands, events, view, channel: None }
    }

    /// Sits until told to stop or sent away.
    pub(super) async fn run(mut self) -> (Report, Outbox) {
        let mut wait = Duration::ZERO;
        let ending = loop {
            let act = if wait.is_zero() { self.connect().await } else { self.rest(wait).await };
            let act = if act == Act::Stay { self.sit().await } else { act };
            self.tell();
            match act {
                Act::Stay => wait = Duration::ZERO,
                Act::Again(next) => wait = next.max(Duration::from_millis(1)),
                Act::Leave(ending) => break ending,
            }
        };
        if ending == Ending::Superseded {
            self.leftovers().await;
        }
        if let Some(channel) = self.channel.take() {
            channel.close().await;
        }
        self.machine.end(ending);
        self.tell();
        (self.machine.view.report.clone(), self.machine.outbox)
    }

    /// Waits before the next connection; commands are heard meanwhile.
    async fn rest(&mut self, wait: Duration) -> Act {
        let until = self.setup.time.mono() + wait;
        loop {
            let now = self.setup.time.mono();
            if now >= until {
                return self.connect().await;
            }
            let woken = tokio::select! {
                () = self.setup.stop.cancelled() => Woken::Stop,
                command = self.commands.recv() => command.map_or(Woken::Stop, Woken::Command),
                () = tokio::time::sleep(until.saturating_sub(now)) => Woken::Timer,
            };
            let act = match woken {
                Woken::Stop => Act::Leave(Ending::Asked),
                Woken::Command(command) => self.machine.on_command(command, self.setup.time.mono()),
                Woken::Timer | Woken::Incoming(_) => Act::Stay,
            };
            self.tell();
            if act != Act::Stay {
                return act;
            }
        }
    }

    async fn connect(&mut self) -> Act {
        let pen = self.machine.outbox.shown();
        let opened = tokio::select! {
            () = self.setup.stop.cancelled() => return Act::Leave(Ending::Asked),
            opened = Channel::open(&self.entry.rest, None, pen) => opened,
        };
        match opened {
            Ok(channel) => {
                self.machine.opened(self.setup.time.mono());
                self.channel = Some(channel);
                Act::Stay
            }
            Err(problem) => {
                tracing::debug!(candidate = %self.entry.candidate, %problem, "not connected");
                self.machine.on_problem(problem)
            }
        }
    }

    /// One connection, from its first frame to its last.
    async fn sit(&mut self) -> Act {
        loop {
            let Some(channel) = &mut self.channel else { return Act::Again(Duration::ZERO) };
            let now = self.setup.time.mono();
            let due = self.machine.next_timer();
            let woken = tokio::select! {
                () = self.setup.stop.cancelled() => Woken::Stop,
                incoming = channel.next() => Woken::Incoming(incoming),
                command = self.commands.recv() => command.map_or(Woken::Stop, Woken::Command),
                () = tokio::time::sleep(due.saturating_sub(now).min(SLEEP)) => Woken::Timer,
            };
            let mut act = self.turn(woken);
            if act == Act::Stay && !self.write().await {
                act = self.machine.on_closed(None);
            }
            if let Act::Again(_) = act {
                // A connection that is given up is cut: nothing that is still on its way in is heard any more.
                if let Some(channel) = self.channel.take() {
                    channel.sever();
                }
            }
            if act != Act::Stay {
                return act;
            }
            if self.machine.stranded() {
                self.leftovers().await;
            }
            self.tell();
        }
    }

    fn turn(&mut self, woken: Woken) -> Act {
        let now = self.setup.time.mono();
        match woken {
            Woken::Stop => Act::Leave(Ending::Asked),
            Woken::Command(command) => self.machine.on_command(command, now),
            Woken::Timer => self.machine.on_timer(now),
            Woken::Incoming(Incoming::Frame(frame)) => self.machine.on_frame(frame, now),
            Woken::Incoming(Incoming::Unknown(text)) => {
                self.machine.heard(now);
                self.machine.unknown(text);
                Act::Stay
            }
            Woken::Incoming(Incoming::Life) => {
                self.machine.heard(now);
                Act::Stay
            }
            Woken::Incoming(Incoming::Closed(code)) => self.machine.on_closed(code),
        }
    }

    async fn write(&mut self) -> bool {
        let Some(channel) = &mut self.channel else { return false };
        for frame in self.machine.take_frames() {
            if channel.send(&frame).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Tells the reader what happened and shows the newest state.
    fn tell(&mut self) {
        let events = self.machine.take_events();
        if events.is_empty() && !std::mem::take(&mut self.machine.changed) {
            return;
        }
        for event in events {
            if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
                self.machine.view.report.unheard += 1;
            }
        }
        self.view.send_replace(self.machine.view.clone());
    }

    /// What this device still holds when nobody or another one writes: under its own pen, without a socket.
    async fn leftovers(&mut self) {
        for attempt in 1..=LEFTOVER_ATTEMPTS {
            let frames = self.machine.outbox.leftovers(LEFTOVER_ANSWERS);
            if frames.is_empty() {
                return;
            }
            match self.entry.rest.send_answers(&self.entry.room, &frames).await {
                Ok(json) => {
                    let items = json.get("items").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
                    self.machine.on_posted(&items, self.setup.time.mono());
                }
                Err(problem) => {
                    tracing::debug!(candidate = %self.entry.candidate, %problem, "leftovers not sent");
                    if !problem.may_retry() {
                        return;
                    }
                }
            }
            tokio::select! {
                () = self.setup.stop.cancelled() => return,
                () = tokio::time::sleep(self.setup.first_wait * attempt) => {}
            }
        }
    }
}
