//! Numbers as people write them, compared digit by digit: no float, no rounding, no overflow.

use crate::limits;

/// Decimal places on either side of the point that a number may reach: more than physics asks for.
const REACH: usize = 400;
/// Digits of a comparison, plus room for the carry of a sum.
const WIDTH: usize = 2 * REACH + 4;

/// A decimal number, exact: sign and magnitude, digits from the most significant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// 0 to 9 each.
    digits: Vec<u8>,
    /// How many of the digits, or zeros after them, stand before the point; negative for zeros after it.
    before_point: i32,
}

impl Decimal {
    /// Reads plain text with a point: `-12.5`, `.5`, `6.02e23`. `None` when it is no number, or reaches too far.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: Vec<u8> = whole.bytes().chain(part.bytes()).map(|byte| byte.wrapping_sub(b'0')).collect();
        if all.is_empty() || all.len() > limits::NUMERIC_MAX_CHARS || all.iter().any(|&digit| digit > 9) {
            return None;
        }
        let zeros = all.iter().take_while(|&&digit| digit == 0).count();
        let digits: Vec<u8> = all[zeros..].iter().copied().rev().skip_while(|&digit| digit == 0).collect();
        let digits: Vec<u8> = digits.into_iter().rev().collect();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, before_point: 0 });
        }
        let before_point = i32::try_from(whole.len()).ok()?.checked_sub(i32::try_from(zeros).ok()?)?.checked_add(exponent)?;
        let number = Self { negative, digits, before_point };
        number.start().map(|_| number)
    }

    /// Whether it is below zero.
    pub(super) fn is_negative(&self) -> bool {
        self.negative
    }

    /// Where the first digit stands among [`WIDTH`] places, or `None` when some digit would stand outside.
    fn start(&self) -> Option<usize> {
        let start = i32::try_from(REACH).ok()?.checked_sub(self.before_point)?;
        let start = usize::try_from(start).ok()?;
        (start + self.digits.len() <= 2 * REACH).then_some(start)
    }

    /// Adds its magnitude to a sum that has the most significant place first.
    fn add_to(&self, sum: &mut [u8; WIDTH]) {
        // Two places at the front take the carry of three numbers.
        let Some(start) = self.start().map(|start| start + 2) else { return };
        let mut carry = 0;
        for place in (0..start + self.digits.len()).rev() {
            let digit = place.checked_sub(start).map_or(0, |index| self.digits[index]);
            let total = sum[place] + digit + carry;
            sum[place] = total % 10;
            carry = total / 10;
        }
    }
}

/// Whether `|given - value| <= tolerance`. Every term is moved to the side where it is positive; then two sums of
/// magnitudes are compared, so that nothing is ever subtracted or divided.
pub(super) fn within(given: &Decimal, value: &Decimal, tolerance: &Decimal) -> bool {
    let at_most = |low: &Decimal, high: &Decimal| {
        // low <= high + tolerance, tolerance being at least zero
        let (mut left, mut right) = ([0; WIDTH], [0; WIDTH]);
        tolerance.add_to(&mut right);
        low.add_to(if low.negative { &mut right } else { &mut left });
        high.add_to(if high.negative { &mut left } else { &mut right });
        left <= right
    };
    at_most(given, value) && at_most(value, given)
}

/// What a student may have meant by this text. Full width digits, the typographic minus, a comma or an ideographic full stop
/// for the point, digits in groups of three and `×10^n` are all understood. `1,234` is 1.234 in one country and 1234 in
/// another: it gives both, and either may be right. Nothing for text that is no number.
pub(super) fn readings(text: &str) -> Vec<Decimal> {
    if text.chars().count() > limits::NUMERIC_MAX_CHARS {
        return Vec::new();
    }
    let plain = plain(text);
    let (mantissa, exponent) = plain.split_once('e').map_or((plain.as_str(), None), |(m, e)| (m, Some(e)));
    let forms: Vec<String> = match (mantissa.matches(',').count(), mantissa.matches('.').count()) {
        (0, 0 | 1) => vec![mantissa.to_owned()],
        (1, 0) => std::iter::once(mantissa.replace(',', ".")).chain(ungrouped(mantissa, ',')).collect(),
        (0, _) => ungrouped(mantissa, '.').into_iter().collect(),
        (_, 0) => ungrouped(mantissa, ',').into_iter().collect(),
        _ => mixed(mantissa).into_iter().collect(),
    };
    let whole = |form: String| exponent.map_or_else(|| form.clone(), |exponent| format!("{form}e{exponent}"));
    forms.into_iter().filter_map(|form| Decimal::parse(&whole(form))).collect()
}

/// ASCII only, lower case, no white space between digits, `e` for a power of ten.
fn plain(text: &str) -> String {
    let ascii = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2212}' | '\u{2012}' | '\u{2013}' | '\u{fe63}' => '-',
        '\u{3002}' | '\u{ff61}' => '.',
        '\u{3001}' | '\u{66b}' => ',',
        '\u{d7}' | '\u{b7}' | '\u{22c5}' => '*',
        other => other,
    };
    let text: String = text.trim().chars().map(|c| ascii(c).to_ascii_lowercase()).filter(|c| !c.is_whitespace()).collect();
    text.replacen("*10^", "e", 1).replacen("x10^", "e", 1)
}

/// Both marks occur: the last one is the point, the other one groups.
fn mixed(text: &str) -> Option<String> {
    let (point, group) = if text.rfind(',') > text.rfind('.') { (',', '.') } else { ('.', ',') };
    let (whole, part) = text.split_once(point)?;
    if part.contains([',', '.']) {
        return None;
    }
    ungrouped(whole, group).map(|whole| format!("{whole}.{part}"))
}

/// Takes the marks out of digits grouped by three from the right; `None` when they do not group so.
fn ungrouped(text: &str, mark: char) -> Option<String> {
    let mut groups = text.split(mark);
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let grouped = (1..=3).contains(&first.len()) && first != "0" && groups.all(|group| group.len() == 3);
    grouped.then(|| text.replace(mark, ""))
}
