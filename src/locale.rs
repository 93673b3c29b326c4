//! Texts in the reader's language: the catalogue, negotiation, durations and local times in words.
//!
//! Every text a person reads is in `assets/locales/<tag>.ftl`, both catalogues with the same keys and variables.

mod duration;
mod errors;
mod findings;
mod moment;
mod readiness;

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{
    LanguageIdentifier,
    fluent_bundle::{FluentValue, types::FluentNumber},
    langid,
};

pub use duration::{clock, left, words};
pub use errors::error_words;
pub use findings::{finding, topic};
pub use moment::{day_and_seconds, day_and_time, instant, minute_of_day, time_of_day, time_of_day_short, zone_name};
pub use readiness::ready_words;

fluent_templates::static_loader! {
    static CATALOGUE = {
        locales: "./assets/locales",
        fallback_language: "en",
        // Isolating marks around values would break copying of codes and times.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static EN: LanguageIdentifier = langid!("en");
static ZH: LanguageIdentifier = langid!("zh-CN");

/// A language the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub enum Locale {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Zh,
}

impl Locale {
    /// Every locale there is.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The BCP 47 tag, as in `lang="…"`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The language's own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "简体中文",
        }
    }

    /// Reads a language tag by its first part, so `zh`, `zh-Hans` and `zh_TW` are all Chinese here.
    pub fn parse(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next()?;
        match first.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// An explicit choice (query or cookie) wins; then `Accept-Language` by its weights; then English.
    pub fn negotiate(choice: Option<&str>, accept: Option<&str>) -> Self {
        if let Some(locale) = choice.and_then(Self::parse) {
            return locale;
        }
        let mut best: Option<(Self, f32)> = None;
        for part in accept.unwrap_or_default().split(',').take(32) {
            let mut fields = part.split(';');
            let Some(locale) = fields.next().and_then(Self::parse) else { continue };
            let weight = fields.find_map(|f| f.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            // Strictly greater: of two with one weight the reader named first what they prefer.
            if weight > best.map_or(0.0, |(_, w)| w) {
                best = Some((locale, weight));
            }
        }
        best.map_or(Self::En, |(locale, _)| locale)
    }

    /// The text of `key` that has no variables. Templates call this.
    pub fn t(self, key: &str) -> String {
        t(self, key, &[])
    }

    /// The text of `key` with one variable.
    pub fn t1<'a>(self, key: &str, name: &'static str, value: impl Into<Arg<'a>>) -> String {
        t(self, key, &[(name, value.into())])
    }

    /// The text of `key` with two variables.
    pub fn t2<'a, 'b>(
        self,
        key: &str,
        name: &'static str,
        value: impl Into<Arg<'a>>,
        name2: &'static str,
        value2: impl Into<Arg<'b>>,
    ) -> String {
        t(self, key, &[(name, value.into()), (name2, value2.into())])
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag())
    }
}

/// The value of one variable of a text.
#[derive(Debug, Clone)]
pub enum Arg<'a> {
    /// Text, taken as it is.
    Text(Cow<'a, str>),
    /// A whole number; it chooses the plural.
    Number(i64),
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Arg<'_> {
            fn from(n: $number) -> Self { Self::Number(i64::try_from(n).unwrap_or(i64::MAX)) }
        }
        impl From<&$number> for Arg<'_> {
            fn from(n: &$number) -> Self { Self::from(*n) }
        }
    )*};
}
numbers!(i64, i32, u32, u64, usize);

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&&'a str> for Arg<'a> {
    fn from(text: &&'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&&'a String> for Arg<'a> {
    fn from(text: &&'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// The text of `key` in `locale` with its variables filled in. An unknown key reads as itself: a test finds those.
pub fn t(locale: Locale, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
    maybe(locale, key, args).unwrap_or_else(|| key.to_owned())
}

/// As `t`, for keys that are made from a value (`error-<code>`): `None` if the catalogue has no such text.
pub fn maybe(locale: Locale, key: &str, args: &[(&'static str, Arg<'_>)]) -> Option<String> {
    let values: HashMap<&str, FluentValue<'_>> = args.iter().map(|(name, value)| (*name, fluent(value))).collect();
    CATALOGUE.lookup_single_language(locale.id(), key, Some(&values)).ok()
}

fn fluent<'a>(value: &'a Arg<'_>) -> FluentValue<'a> {
    match value {
        Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
        Arg::Number(n) => FluentValue::Number(FluentNumber::from(*n)),
    }
}

/// Title of an error code, for a problem document or a page.
pub fn error_title(locale: Locale, code: &str) -> String {
    maybe(locale, &format!("error-{code}-title"), &[]).unwrap_or_else(|| t(locale, "error-internal-title", &[]))
}

/// What to do about an error code, in the reader's language.
pub fn error_detail(locale: Locale, code: &str) -> String {
    maybe(locale, &format!("error-{code}"), &[]).unwrap_or_else(|| t(locale, "error-internal", &[]))
}

/// A stored reason in words: the text a person wrote, else the words of its code.
pub fn reason(locale: Locale, code: &str, text: &str) -> String {
    let written = text.trim();
    if written.is_empty() {
        maybe(locale, &format!("reason-{code}"), &[]).unwrap_or_else(|| code.to_owned())
    } else {
        written.to_owned()
    }
}

#[cfg(test)]
mod tests;
