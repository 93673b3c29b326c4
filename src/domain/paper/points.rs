use std::fmt;
use std::iter::Sum;

use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize, Serializer};

/// Points in exact hundredths. In JSON a number with at most two decimals: `2`, `1.5`, `0.25`.
///
/// Held in 32 bits so that a 64-bit float, which is what a JSON number becomes, carries every value to and fro exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i32);

impl Points {
    /// From hundredths of a point; what lies beyond ±21 million points is cut there.
    pub fn from_centi(centi: i64) -> Self {
        Self(i32::try_from(centi).unwrap_or(if centi < 0 { i32::MIN } else { i32::MAX }))
    }

    /// In hundredths of a point.
    pub fn centi(self) -> i64 {
        i64::from(self.0)
    }

    /// Parses `-12`, `1.5`, `0.25`; `None` for more than two decimals or anything else.
    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let part = part.trim_end_matches('0');
        if part.len() > 2 || whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let centi: i64 = format!("{whole}{part:0<2}").parse().ok()?;
        i32::try_from(if negative { -centi } else { centi }).ok().map(Self)
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self::from_centi(iter.map(Self::centi).sum())
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let centi = self.0.unsigned_abs();
        let (sign, whole, part) = (if self.0 < 0 { "-" } else { "" }, centi / 100, centi % 100);
        match part {
            0 => write!(f, "{sign}{whole}"),
            _ if part % 10 == 0 => write!(f, "{sign}{whole}.{}", part / 10),
            _ => write!(f, "{sign}{whole}.{part:02}"),
        }
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { to.serialize_i32(self.0 / 100) } else { to.serialize_f64(f64::from(self.0) / 100.0) }
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The shortest text of a float gives back the digits that were sent, so nothing is rounded here.
        let number = serde_json::Number::deserialize(from)?;
        let text = number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().to_string(), |whole| whole.to_string());
        Self::parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Other(&text), &"points with at most two decimals"))
    }
}
