//! Times that were lost, for staff to decide: a part of the live room that is fetched again when something happened that may change it.

use askama::Template;

use crate::locale::Locale;

/// A time that was lost, with what gives it back.
#[derive(Debug, Clone)]
pub struct ProposalView {
    /// In words.
    pub what: String,
    /// Of an outage: its number. Otherwise it is one candidate's.
    pub outage: Option<i64>,
    /// Candidate id.
    pub candidate: String,
    /// What a credit would give, minutes.
    pub minutes: f64,
    /// Code of that credit's reason.
    pub code: &'static str,
}

impl ProposalView {
    /// Which one it is, on one page.
    fn key(&self) -> String {
        self.outage.map_or_else(|| format!("{}-{}", self.candidate, self.code), |number| number.to_string())
    }
}

/// What waits for a decision.
#[derive(Template)]
#[template(path = "staff/proposals.html")]
pub struct ProposalsFragment<'a> {
    /// Language of the reader.
    pub locale: Locale,
    /// Of the reader's session.
    pub csrf: &'a str,
    /// Room id.
    pub room: &'a str,
    /// Oldest first.
    pub proposals: &'a [ProposalView],
}
impl askama::filters::HtmlSafe for ProposalsFragment<'_> {}
