//! How far a change of time has come, and what a command has just done.

use askama::Template;

use crate::locale::Locale;

/// Who has a time change: "31 of 33 have the new time. Not yet: …".
#[derive(Debug, Clone)]
pub struct DeliverySummary {
    /// Rev of the change, for "Withdraw".
    pub rev: i64,
    /// What was done, in words ("+5 min, fire alarm").
    pub what: String,
    /// Candidates it touches who have a page.
    pub total: u32,
    /// Of them, those whose page has it.
    pub delivered: u32,
    /// Of them, those who said they saw it.
    pub seen: u32,
    /// How many do not have it.
    pub waiting: usize,
    /// "07 Zhang Wei", the first of those who do not have it.
    pub missing: Vec<String>,
    /// Whether it can still be withdrawn.
    pub revertible: bool,
}

impl DeliverySummary {
    pub(super) fn names(&self, locale: Locale) -> String {
        let names = self.missing.join(locale.t("list-comma").as_str());
        match self.waiting.saturating_sub(self.missing.len()) {
            0 => locale.t1("delivery-missing", "names", names),
            more => locale.t2("delivery-missing-more", "names", names, "n", more),
        }
    }
}

/// What a command has just done, with the way back where there is one.
#[derive(Template)]
#[template(path = "staff/done.html")]
pub struct DoneFragment<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// Hidden field of the form.
    pub csrf: &'a str,
    /// Room id.
    pub room: &'a str,
    /// What was done, in words.
    pub text: String,
    /// The change that *Undo* takes back, and the rev it is taken back at.
    pub undo: Option<i64>,
    /// Idempotency key of *Undo*.
    pub key: String,
}
