use serde_json::Value;

use super::{Kind, Question};
use crate::domain::ids::OptionId;

/// Why a value cannot be an answer to a question. Final: the same value will be refused again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not what this kind of question takes.
    #[error("the value has not the shape this kind of question takes")]
    WrongShape,
    /// An option that the question does not have.
    #[error("the question has no such option")]
    UnknownOption,
    /// More than one option where one is asked for.
    #[error("more options than the question takes")]
    TooManyOptions,
    /// More characters than the question takes.
    #[error("the text has {got} characters, {limit} are allowed")]
    TooLong {
        /// Most characters.
        limit: usize,
        /// Characters in the value.
        got: usize,
    },
    /// U+0000, which neither every database nor every page can hold.
    #[error("the text holds the character U+0000")]
    NulCharacter,
}

impl Refusal {
    /// Its stable name on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongShape => "wrong_shape",
            Self::UnknownOption => "unknown_option",
            Self::TooManyOptions => "too_many_options",
            Self::TooLong { .. } => "too_long",
            Self::NulCharacter => "nul_character",
        }
    }
}

/// What clears an answer.
const NULL: &str = "null";

impl Question {
    /// Judges the form of a value, never whether it is right, and gives the one JSON text under which it is stored: options in the paper's
    /// order and each once, line ends as `\n`, and `null` for whatever clears. What a student types is kept, even where a number is asked for.
    pub fn accept(&self, value: &Value) -> Result<String, Refusal> {
        match value {
            Value::Null => Ok(NULL.to_owned()),
            Value::Array(items) if self.kind.is_choice() => self.accept_options(items),
            Value::String(text) if !self.kind.is_choice() => self.accept_text(text),
            _ => Err(Refusal::WrongShape),
        }
    }

    fn accept_options(&self, items: &[Value]) -> Result<String, Refusal> {
        let known = |item: &Value| -> Result<OptionId, Refusal> {
            let id = item.as_str().ok_or(Refusal::WrongShape)?;
            let option = self.options.iter().find(|option| option.id == id).ok_or(Refusal::UnknownOption)?;
            Ok(option.id.clone())
        };
        let chosen: Vec<OptionId> = items.iter().map(known).collect::<Result<_, _>>()?;
        let ordered = self.in_paper_order(&chosen);
        match ordered.len() {
            0 => Ok(NULL.to_owned()),
            count if count > 1 && self.kind != Kind::Multiple => Err(Refusal::TooManyOptions),
            _ => Ok(ordered.into_iter().cloned().collect::<Value>().to_string()),
        }
    }

    fn accept_text(&self, text: &str) -> Result<String, Refusal> {
        if text.contains('\0') {
            return Err(Refusal::NulCharacter);
        }
        // A form sends CR LF where a script sends LF; the same answer must be the same text.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (limit, got) = (self.limit_chars(), text.chars().count());
        if got > limit {
            return Err(Refusal::TooLong { limit, got });
        }
        Ok(if text.is_empty() { NULL.to_owned() } else { Value::String(text).to_string() })
    }
}

/// Whether a stored answer says nothing: cleared, no option, or white space only.
pub fn blank(canonical: &str) -> bool {
    match serde_json::from_str(canonical) {
        Ok(Value::Null) => true,
        Ok(Value::Array(items)) => items.is_empty(),
        Ok(Value::String(text)) => text.trim().is_empty(),
        _ => false,
    }
}
