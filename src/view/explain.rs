//! Why the time is what it is, in words a student can check with a pencil.

use crate::{
    domain::{
        Ms,
        clock::{Term, TermKind, WHOLE_BP},
    },
    locale::{self, Locale},
};

/// 12,500 basis points read "1.25".
fn factor(basis_points: i64) -> String {
    let whole = basis_points / WHOLE_BP;
    let part = format!("{:04}", basis_points % WHOLE_BP);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_string() } else { format!("{whole}.{part}") }
}

fn signed(ms: Ms) -> String {
    let sign = if ms < 0 { "\u{2212}" } else { "+" };
    format!("{sign} {}", locale::clock(ms.saturating_abs()))
}

fn said(locale: Locale, term: &Term) -> String {
    match (term.kind, term.multiplier_bp) {
        (TermKind::Base, _) => locale::clock(term.ms),
        (TermKind::Multiplier, Some(basis_points)) => format!("\u{d7} {}", factor(basis_points)),
        (kind, _) => {
            // "Other" alone says nothing; the kind of the term says more.
            let telling = term.reason.as_ref().filter(|r| !r.text.trim().is_empty() || !matches!(r.code.as_str(), "" | "other"));
            let given = telling.map(|r| locale::reason(locale, &r.code, &r.text));
            let why = given.unwrap_or_else(|| locale.t(&format!("explain-{}", kind.as_str())));
            format!("{} {why}", signed(term.ms))
        }
    }
}

/// "90:00 × 1.25 + 5:00 fire alarm + 3:20 pause".
pub fn explain(locale: Locale, terms: &[Term]) -> String {
    // An entry that adds nothing (a pause still open, one that another covers) is no part of the sum.
    let adds = |term: &&Term| term.ms != 0 || matches!(term.kind, TermKind::Base | TermKind::Multiplier);
    terms.iter().filter(adds).map(|term| said(locale, term)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::domain::clock::{Reason, Term, TermKind};
    use crate::locale::Locale;

    fn term(kind: TermKind, ms: i64, reason: Option<(&str, &str)>) -> Term {
        let reason = reason.map(|(code, text)| Reason { code: code.into(), text: text.into() });
        let multiplier_bp = (kind == TermKind::Multiplier).then_some(12_500);
        Term { kind, ms, rev: None, multiplier_bp, reason, from_ms: None, to_ms: None }
    }

    #[test]
    fn the_sum_can_be_checked_by_hand() {
        let terms = [
            term(TermKind::Base, 90 * 60_000, None),
            term(TermKind::Multiplier, 1_350_000, None),
            term(TermKind::Extension, 300_000, Some(("fire_alarm", ""))),
            term(TermKind::Credit, -60_000, Some(("", ""))),
            term(TermKind::Pause, 200_000, Some(("noise", "roof works"))),
            term(TermKind::Window, -5_000, None),
        ];
        assert_eq!(
            explain(Locale::En, &terms),
            "1:30:00 \u{d7} 1.25 + 5:00 fire alarm \u{2212} 1:00 credit + 3:20 roof works \u{2212} 0:05 end of the exam's hours"
        );
    }

    #[test]
    fn every_kind_of_term_has_words() {
        for locale in Locale::ALL {
            for kind in TermKind::ALL {
                let text = explain(locale, &[term(*kind, 1000, None)]);
                assert!(!text.contains("explain-"), "{text}");
            }
        }
    }
}
