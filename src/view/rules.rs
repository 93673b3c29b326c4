//! What an exam's rules look for, and rules that are off for one candidate.

use std::borrow::Borrow;

use askama::Template;

use super::{Problem, Shell, room::RoomInfo};
use crate::{
    domain::rules::{Number, Rule, Rules},
    locale::Locale,
};

/// One rule with its switch.
#[derive(Debug, Clone)]
pub struct RuleLine {
    /// The rule's code.
    pub code: &'static str,
    /// It is on.
    pub on: bool,
    /// The number that it goes by, where it goes by one.
    pub number: Option<NumberLine>,
}

/// The number of a rule, as it stands in its field.
#[derive(Debug, Clone)]
pub struct NumberLine {
    /// Its name and limits.
    pub of: Number,
    /// What is in the field: the number, or what was typed.
    pub text: String,
    /// Code of what is wrong with it.
    pub wrong: Option<String>,
}

impl RuleLine {
    /// Every rule that an exam sets. Of one that is off the field holds the number that the program goes by itself.
    pub fn all(rules: &Rules) -> Vec<Self> {
        let own = Rules::default();
        let line = |rule: &Rule| Self {
            code: rule.as_str(),
            on: rules.is_on(*rule),
            number: rule.number().map(|of| {
                let number = rules.number(*rule).or(own.number(*rule));
                NumberLine { of, text: number.map(|n| n.to_string()).unwrap_or_default(), wrong: None }
            }),
        };
        Rule::ALL.iter().map(line).collect()
    }
}

/// `/staff/rooms/{room}/rules`: the rules of the room's exam.
#[derive(Template)]
#[template(path = "staff/rules.html")]
pub struct RulesPage {
    /// What every page needs.
    pub shell: Shell,
    /// Rights of the reader, for what the page shows.
    pub rights: String,
    /// The room from which they are looked at.
    pub room: RoomInfo,
    /// One a rule.
    pub lines: Vec<RuleLine>,
    /// What staff take up is shown to the student.
    pub shown: bool,
    /// They have just been kept.
    pub kept: bool,
    /// Why they were not.
    pub problem: Option<Problem>,
}

impl RulesPage {
    fn say(&self, line: &RuleLine, part: &str) -> String {
        self.shell.t(&format!("rule-{}-{part}", line.code))
    }
    fn name(&self, line: &RuleLine) -> String {
        rule_name(self.shell.locale, line.code)
    }
    fn field(&self, line: &RuleLine, number: &NumberLine) -> String {
        let Number { min, max, .. } = number.of;
        self.shell.locale.t2(&format!("rule-{}-number", line.code), "min", min, "max", max)
    }
    fn wrong(&self, number: &NumberLine) -> String {
        let Number { min, max, .. } = number.of;
        self.shell.locale.t2("rule-number-wrong", "min", min, "max", max)
    }
}

/// One rule for one candidate.
#[derive(Debug, Clone)]
pub struct RuleOff {
    /// The rule's code.
    pub code: &'static str,
    /// It is off for the candidate.
    pub off: bool,
    /// The exam looks for it.
    pub on: bool,
}

impl RuleOff {
    /// Every rule that can be off.
    pub fn all(rules: &Rules, off: &[Rule]) -> Vec<Self> {
        let one = |rule: &Rule| Self { code: rule.as_str(), off: off.contains(rule), on: rules.is_on(*rule) };
        Rule::ALL.iter().map(one).collect()
    }
    pub(super) fn name(&self, locale: impl Borrow<Locale>) -> String {
        rule_name(*locale.borrow(), self.code)
    }
}

fn rule_name(locale: Locale, code: &str) -> String {
    locale.t(&format!("rule-{code}"))
}
