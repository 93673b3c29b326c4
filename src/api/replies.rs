//! Answers that many operations share, and pages of lists.

use poem_openapi::payload::Json;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use poem_openapi::{ApiResponse, Object};

use crate::domain::clock;
use crate::error::Result;
use crate::limits;
use crate::service::in_range;

/// Something was made.
#[derive(ApiResponse)]
pub(super) enum Created<T: ToJSON> {
    /// It was made and is here.
    #[oai(status = 201)]
    Made(
        Json<T>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// It was done and there is nothing to say.
#[derive(ApiResponse)]
pub(super) enum Done {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// A page of a list.
#[derive(Object)]
pub(super) struct Page<T: ParseFromJSON + ToJSON + Type> {
    /// What is on this page, in a lasting order.
    items: Vec<T>,
    /// Pass it as `after` for the next page; null on the last one.
    next: Option<String>,
}

impl<T: ParseFromJSON + ToJSON + Type> Page<T> {
    /// What was found, and where to go on.
    pub(super) fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }

    /// Its items and `next`, for a page that says more.
    pub(super) fn parts(self) -> (Vec<T>, Option<String>) {
        (self.items, self.next)
    }
}

/// Which page somebody wants.
pub(super) struct Wanted {
    /// Only what comes after this.
    pub(super) after: String,
    size: i64,
}

impl Wanted {
    pub(super) fn new(limit: Option<i64>, after: Option<String>) -> Result<Self> {
        let size = in_range("limit", limit.unwrap_or(limits::PAGE_DEFAULT), 1, limits::PAGE_MAX)?;
        Ok(Self { after: after.unwrap_or_default(), size })
    }

    /// Items on a page.
    pub(super) fn size(&self) -> i64 {
        self.size
    }

    /// How many to read: one more than is shown tells whether there is a next page.
    pub(super) fn read(&self) -> i64 {
        self.size + 1
    }

    /// The page of what was read.
    pub(super) fn page<R, T: ParseFromJSON + ToJSON + Type>(
        &self,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> String,
        show: impl Fn(R) -> T,
    ) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| more).map(id);
        Page { items: rows.into_iter().map(show).collect(), next }
    }
}

/// Everything there is, on one page.
#[derive(Object)]
pub(super) struct All<T: ParseFromJSON + ToJSON + Type> {
    /// All of them.
    pub(super) items: Vec<T>,
}

/// Why somebody did something.
#[derive(Object, Clone)]
#[oai(deny_unknown_fields)]
pub(super) struct Reason {
    /// One of a short list, for example `fire_alarm`, `network`, `illness`, `other`.
    #[oai(validator(max_length = 60))]
    code: String,
    /// In free words; people read it.
    #[oai(default, validator(max_length = 500))]
    text: String,
}

impl From<Reason> for clock::Reason {
    fn from(reason: Reason) -> Self {
        Self { code: reason.code, text: reason.text }
    }
}

impl From<clock::Reason> for Reason {
    fn from(reason: clock::Reason) -> Self {
        Self { code: reason.code, text: reason.text }
    }
}
