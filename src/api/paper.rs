//! Papers: versioned, read with an `ETag` and replaced with `If-Match`.

use std::borrow::Cow;

use poem::{Request, RequestBody};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, Enum, ExtractParamOptions, Object, OpenApi};
use serde_json::Value;

use super::Tag;
use super::caller::Caller;
use super::problem::Reply;
use super::shape;
use super::types::json;
use crate::domain::ids::ExamId;
use crate::domain::paper::{Paper, Question};
use crate::error::{Code, Error, Fault};

pub(super) struct Papers;

/// The ordered questions of an exam.
#[derive(Object)]
#[oai(rename = "Paper")]
struct PaperShape {
    /// In the order in which they are shown, unless the exam shuffles them. At most 300.
    questions: Vec<QuestionShape>,
}

/// One question.
#[derive(Object)]
#[oai(rename = "Question")]
pub(super) struct QuestionShape {
    /// Stable within the paper, 1 to 32 of `A-Z a-z 0-9 _ -`; answers name it.
    id: String,
    /// What kind of answer it takes.
    kind: KindShape,
    /// Its text, in Markdown.
    body: String,
    /// What a right answer is worth, at most two decimals.
    points: f64,
    /// What can be chosen; for `single`, `multiple` and `true_false`.
    #[oai(skip_serializing_if_is_none)]
    options: Option<Vec<ChoiceShape>>,
    /// The right answer; never sent to candidates. Without one a person marks the question.
    #[oai(skip_serializing_if_is_none)]
    key: Option<KeyShape>,
    /// Most characters of a written answer, when it differs from the kind's own limit.
    #[oai(skip_serializing_if_is_none)]
    max_chars: Option<i64>,
    /// How a partly right answer to `multiple` is marked; `all_or_nothing` when absent.
    #[oai(skip_serializing_if_is_none)]
    scoring: Option<ScoringShape>,
}

/// One option.
#[derive(Object)]
#[oai(rename = "Choice")]
struct ChoiceShape {
    /// Stable within the question.
    id: String,
    /// Its text, in Markdown.
    body: String,
}

/// The right answer: `options` for questions with options, `value` and `tolerance` for `numeric`, `accept` for `short`.
#[derive(Object)]
#[oai(rename = "Key")]
struct KeyShape {
    /// The right options; exactly one, except for `multiple`.
    #[oai(skip_serializing_if_is_none)]
    options: Option<Vec<String>>,
    /// The right number as decimal text.
    #[oai(skip_serializing_if_is_none)]
    value: Option<String>,
    /// How far off is still right, as decimal text.
    #[oai(skip_serializing_if_is_none)]
    tolerance: Option<String>,
    /// Texts that are right.
    #[oai(skip_serializing_if_is_none)]
    accept: Option<Vec<String>>,
    /// Whether capitals do not matter; true when absent.
    #[oai(skip_serializing_if_is_none)]
    ignore_case: Option<bool>,
}

/// What kind of answer a question takes.
#[derive(Enum)]
#[oai(rename = "QuestionKind", rename_all = "snake_case")]
enum KindShape {
    Single,
    Multiple,
    TrueFalse,
    Numeric,
    Short,
    Essay,
}

/// How a partly right answer is marked.
#[derive(Enum)]
#[oai(rename = "Scoring", rename_all = "snake_case")]
enum ScoringShape {
    AllOrNothing,
    Partial,
}

/// A paper as JSON: described by `PaperShape`, read and written by the domain.
struct PaperJson(Value);

impl Type for PaperJson {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;
    fn name() -> Cow<'static, str> {
        PaperShape::name()
    }
    fn schema_ref() -> MetaSchemaRef {
        PaperShape::schema_ref()
    }
    fn register(registry: &mut Registry) {
        PaperShape::register(registry);
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for PaperJson {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(value.unwrap_or_default()))
    }
}

impl ToJSON for PaperJson {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

/// A paper, or only its version.
#[derive(ApiResponse)]
enum Found {
    /// The newest paper. Before the first it has no questions and its `ETag` is `"v0"`.
    #[oai(status = 200)]
    Paper(
        Json<PaperJson>,
        /// Send it as `If-Match` with what replaces this paper.
        #[oai(header = "ETag")]
        String,
    ),
}

/// What has been stored.
#[derive(Object)]
struct Version {
    /// The new version.
    version: i64,
}

#[derive(ApiResponse)]
enum Stored {
    /// Stored as the newest version. Rooms that are open keep theirs.
    #[oai(status = 200)]
    Stored(
        Json<Version>,
        /// Of the new version.
        #[oai(header = "ETag")]
        String,
    ),
}

fn tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The version that a tag of ours names. Another tag names none that ever was: -1.
fn version(tag: &str) -> i64 {
    let inner = tag.trim().trim_start_matches("W/").strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
    inner.and_then(|digits| digits.parse().ok()).unwrap_or(-1)
}

#[OpenApi(tag = "Tag::Exams")]
impl Papers {
    /// Read the paper with its key.
    #[oai(path = "/exams/:exam/paper", method = "get", operation_id = "get_paper")]
    async fn get_paper(&self, caller: Caller, exam: Path<ExamId>) -> Reply<Found> {
        let (version, paper) = caller.service.get_paper(&caller.actor, &exam.0).await?;
        let paper = serde_json::to_value(&paper).map_err(Error::internal)?;
        Ok(Found::Paper(Json(PaperJson(paper)), tag(version)))
    }

    /// Replace the paper.
    ///
    /// Adds a version. A room takes the newest one when it opens and keeps it. Whatever is wrong is named by its path (422).
    #[oai(path = "/exams/:exam/paper", method = "put", operation_id = "put_paper")]
    async fn put_paper(
        &self,
        caller: Caller,
        exam: Path<ExamId>,
        /// `ETag` of the paper that this one replaces; `"v0"` for the first.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: PaperBody,
    ) -> Reply<Stored> {
        // Whoever may not do this learns nothing from the faults of a paper.
        caller.service.get_exam(&caller.actor, &exam.0).await?;
        let paper = body.paper()?;
        let from = if_match.0.as_deref().map(version);
        let version = caller.service.put_paper(&caller.actor, &exam.0, from, &paper).await?;
        Ok(Stored::Stored(Json(Version { version }), tag(version)))
    }
}

/// A paper as it came. Its faults are `paper_invalid`, told only to whoever may put it.
struct PaperBody(Value);

impl PaperBody {
    fn paper(self) -> Result<Paper, Error> {
        let faults = shape::faults::<PaperJson>(&self.0);
        if !faults.is_empty() {
            return Err(Error::from(Code::PaperInvalid).faults(faults));
        }
        let questions = self.0.get("questions").and_then(Value::as_array).cloned().unwrap_or_default();
        let read = |(index, question): (usize, Value)| serde_json::from_value::<Question>(question).map_err(|_| index);
        let questions: Result<Vec<Question>, usize> = questions.into_iter().enumerate().map(read).collect();
        questions.map(|questions| Paper { questions }).map_err(|index| {
            let fault = Fault { path: format!("questions[{index}]"), code: "wrong_shape".to_owned(), value: String::new() };
            Error::from(Code::PaperInvalid).faults(vec![fault])
        })
    }
}

impl<'a> ApiExtractor<'a> for PaperBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        PaperShape::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: PaperShape::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        json(request, body).await.map(Self)
    }
}
