//! One time on every node of a database. Once a second, before it beats, a node looks at the common time (`store::clock`: the database's
//! clock and the lead) and lets its own run a little faster or slower towards it. What is too far for that is a step of somebody's clock,
//! and a step is followed only where nobody can lose by it.

use super::Service;
use crate::domain::Ms;
use crate::error::Result;
use crate::store::clock::Common;
use crate::{limits, metrics, weaken};

/// What a node does about the common time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// It goes on, a little faster or slower, by so many µs.
    Slew(i64),
    /// It follows at once, by so many µs: the others are there already.
    Follow(i64),
    /// The database's clock has stepped while rooms are open: the lead takes the step out, so that time goes on as it was.
    Hold(i64),
    /// No room is open: time becomes the database's clock, by so many µs, and the lead nothing.
    Settle(i64),
}

/// What is known when a node decides.
#[derive(Debug, Clone, Copy)]
struct View {
    /// How far the common time is ahead, µs.
    behind_us: i64,
    /// By how much that may be wrong, µs.
    bound_us: i64,
    lead_us: i64,
    /// Another node has moved the lead since the last look.
    moved: bool,
    /// Another node's last beat lies ahead of this node's time: this one stood still.
    overtaken: bool,
    /// No room is open, and the database's clock is not behind what has happened.
    free: bool,
}

impl View {
    /// Whether this node is surely off by more than a slew is for.
    fn apart(&self) -> bool {
        self.behind_us.saturating_abs().saturating_sub(self.bound_us) > limits::CLOCK_APART_US
    }

    /// Whether a glance is enough, which is so for nearly every look.
    fn is_plain(&self) -> bool {
        self.lead_us == 0 && !self.apart()
    }

    fn act(&self) -> Act {
        let settled = Act::Settle(self.behind_us.saturating_sub(self.lead_us));
        match (self.apart(), self.free) {
            (true, _) if self.moved || (self.overtaken && self.behind_us > 0) => Act::Follow(self.behind_us),
            (true, true) => settled,
            (true, false) => Act::Hold(self.lead_us.saturating_sub(self.behind_us)),
            (false, true) if self.lead_us != 0 => settled,
            // No further than what is sure: a look that took long moves nothing.
            (false, _) => {
                Act::Slew(self.behind_us.signum() * self.behind_us.saturating_abs().saturating_sub(self.bound_us).max(0))
            }
        }
    }
}

impl Service {
    /// Brings trusted time to the common one. False: there is none, the machine's own clock is all there is.
    pub(super) async fn keep_one_time(&self) -> Result<bool> {
        let look = self.store.common_clock(limits::CLOCK_LOOKS, || self.time.mono()).await?;
        let Some(Common { reading, lead_us }) = look.filter(|_| !weaken::on("own_wall_clock")) else {
            return Ok(false);
        };
        let behind_us = self.time.behind_us(&reading);
        let before = self.pulse.looked(-behind_us, lead_us);
        metrics::clock_offset(-behind_us, lead_us);
        let moved = before.is_some_and(|before| before != lead_us);
        let mut view = View { behind_us, bound_us: reading.bound_us, lead_us, moved, overtaken: false, free: false };
        if !view.is_plain() {
            view.overtaken = self.overtaken().await?;
            let happened = self.store.last_event_ms().await?;
            let database_ms = self.now().saturating_add(behind_us.saturating_sub(lead_us) / 1000);
            view.free = happened.is_none_or(|at| at <= database_ms) && !self.store.any_room_open().await?;
        }
        match view.act() {
            Act::Slew(by_us) => self.time.slew(by_us),
            Act::Follow(by_us) => {
                self.time.step(by_us);
                self.clock_was_set(by_us / 1000);
            }
            Act::Hold(to_us) => {
                if self.store.move_lead(lead_us, to_us).await? {
                    self.pulse.looked(0, to_us);
                    tracing::warn!(by_ms = behind_us / 1000, "database_clock_step");
                }
            }
            Act::Settle(by_us) => {
                if lead_us == 0 || self.store.move_lead(lead_us, 0).await? {
                    let after_ms = self.now().saturating_add(by_us / 1000);
                    self.store.beat_anew(self.pulse.node(), after_ms, None).await?;
                    self.time.step(by_us);
                    self.pulse.looked(0, 0);
                    self.clock_was_set(by_us / 1000);
                }
            }
        }
        Ok(true)
    }

    async fn overtaken(&self) -> Result<bool> {
        let beat_ms = self.store.beat_of_others(self.pulse.node()).await?;
        Ok(beat_ms.is_some_and(|at| at.saturating_sub(self.now()) > limits::BEAT_AHEAD_MS))
    }

    /// The clock that trusted time is set to on command, as it is now.
    pub(super) async fn source_clock_ms(&self) -> Result<Ms> {
        Ok(match self.store.common_clock(limits::CLOCK_LOOKS, || self.time.mono()).await? {
            Some(Common { reading, lead_us }) => {
                self.now().saturating_add(self.time.behind_us(&reading).saturating_sub(lead_us) / 1000)
            }
            None => crate::time::Time::wall_ms(),
        })
    }

    /// After time was set on command: what remains between it and the database's clock is the lead, and the other nodes follow.
    pub(super) async fn lead_to_now(&self) -> Result<()> {
        let Some(Common { reading, lead_us }) = self.store.common_clock(limits::CLOCK_LOOKS, || self.time.mono()).await? else {
            return Ok(());
        };
        let behind_us = self.time.behind_us(&reading);
        // Right behind the database's clock, which the slew does by itself.
        let left = lead_us.saturating_sub(behind_us);
        let to_us = if left.saturating_abs() > limits::CLOCK_APART_US { left } else { 0 };
        if lead_us != to_us && !self.store.move_lead(lead_us, to_us).await? {
            return Err(crate::error::Code::Conflict.into());
        }
        self.pulse.looked(0, to_us);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: View = View { behind_us: 0, bound_us: 400, lead_us: 0, moved: false, overtaken: false, free: false };
    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn what_drifts_is_slewed_no_further_than_is_sure() {
        assert_eq!(View { behind_us: 399, ..CALM }.act(), Act::Slew(0));
        assert_eq!(View { behind_us: 1_400, ..CALM }.act(), Act::Slew(1_000));
        assert_eq!(View { behind_us: -1_400, ..CALM }.act(), Act::Slew(-1_000));
        // A look that took a minute says nothing.
        assert_eq!(View { behind_us: 20_000_000, bound_us: 30_000_000, ..CALM }.act(), Act::Slew(0));
        assert!(CALM.is_plain() && !View { behind_us: -HOUR, ..CALM }.is_plain());
    }

    #[test]
    fn a_step_of_the_database_s_clock_moves_nothing_while_rooms_are_open() {
        assert_eq!(View { behind_us: HOUR, ..CALM }.act(), Act::Hold(-HOUR));
        assert_eq!(View { behind_us: -HOUR, lead_us: 7, ..CALM }.act(), Act::Hold(HOUR + 7));
        assert_eq!(View { behind_us: HOUR, free: true, ..CALM }.act(), Act::Settle(HOUR));
        // Held, then all rooms are over: time goes to the database's clock.
        assert_eq!(View { lead_us: -HOUR, ..CALM }.act(), Act::Slew(0));
        assert_eq!(View { lead_us: -HOUR, free: true, ..CALM }.act(), Act::Settle(HOUR));
    }

    #[test]
    fn a_node_that_is_alone_with_its_time_follows_the_others() {
        assert_eq!(View { behind_us: HOUR, moved: true, ..CALM }.act(), Act::Follow(HOUR), "set on command elsewhere");
        assert_eq!(View { behind_us: -HOUR, moved: true, ..CALM }.act(), Act::Follow(-HOUR));
        assert_eq!(View { behind_us: 100, moved: true, lead_us: HOUR, ..CALM }.act(), Act::Slew(0), "held by another node");
        assert_eq!(View { behind_us: HOUR, overtaken: true, ..CALM }.act(), Act::Follow(HOUR), "it stood still");
        assert_eq!(View { behind_us: -HOUR, overtaken: true, ..CALM }.act(), Act::Hold(HOUR), "time never goes back by itself");
    }
}
