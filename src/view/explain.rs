//! Why the time is what it is, in words a student can check with a pencil.

use crate::{
    domain::Ms,
    locale::{self, Locale},
};

/// One term of a deadline.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Term {
    /// The allowance of the exam.
    Base {
        /// Length.
        ms: Ms,
    },
    /// Personal factor on the allowance.
    Multiplier {
        /// 12,500 is 1.25.
        basis_points: i64,
    },
    /// Minutes added or taken.
    Extension {
        /// Length, may be negative.
        ms: Ms,
        /// In words; may be empty.
        reason: String,
    },
    /// Personal credit.
    Credit {
        /// Length, may be negative.
        ms: Ms,
        /// In words; may be empty.
        reason: String,
    },
    /// Time stood still.
    Pause {
        /// Length.
        ms: Ms,
    },
    /// The server was away.
    Outage {
        /// Length.
        ms: Ms,
    },
    /// The window's end cuts it.
    Window {
        /// The end.
        at_ms: Ms,
    },
}

fn factor(basis_points: i64) -> String {
    let whole = basis_points / 10_000;
    let part = format!("{:04}", basis_points % 10_000);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_string() } else { format!("{whole}.{part}") }
}

fn signed(ms: Ms) -> String {
    let sign = if ms < 0 { "\u{2212}" } else { "+" };
    format!("{sign} {}", locale::clock(ms.saturating_abs()))
}

fn plus(locale: Locale, ms: Ms, reason: &str, otherwise: &str) -> String {
    let why = if reason.trim().is_empty() { locale.t(otherwise) } else { reason.trim().to_owned() };
    format!("{} {why}", signed(ms))
}

/// "90:00 × 1.25 + 5:00 fire alarm + 3:20 pause".
pub fn explain(locale: Locale, terms: &[Term], zone: &str) -> String {
    let said = terms.iter().map(|term| match term {
        Term::Base { ms } => locale::clock(*ms),
        Term::Multiplier { basis_points } => format!("\u{d7} {}", factor(*basis_points)),
        Term::Extension { ms, reason } => plus(locale, *ms, reason, "explain-extension"),
        Term::Credit { ms, reason } => plus(locale, *ms, reason, "explain-credit"),
        Term::Pause { ms } => plus(locale, *ms, "", "explain-pause"),
        Term::Outage { ms } => plus(locale, *ms, "", "explain-outage"),
        Term::Window { at_ms } => locale.t1("explain-window", "time", locale::time_of_day_short(*at_ms, zone)),
    });
    said.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Term, explain};
    use crate::locale::Locale;

    #[test]
    fn the_sum_can_be_checked_by_hand() {
        let terms = [
            Term::Base { ms: 90 * 60_000 },
            Term::Multiplier { basis_points: 12_500 },
            Term::Extension { ms: 300_000, reason: "fire alarm".into() },
            Term::Credit { ms: -60_000, reason: String::new() },
            Term::Pause { ms: 200_000 },
        ];
        assert_eq!(explain(Locale::En, &terms, "UTC"), "1:30:00 \u{d7} 1.25 + 5:00 fire alarm \u{2212} 1:00 credit + 3:20 pause");
    }
}
