/// Digits and capitals without I, L, O and U: nothing here is read as something else.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The first `symbols` groups of five bits of `bytes`. Bits that are not there are zero.
pub fn encode(bytes: &[u8], symbols: usize) -> String {
    (0..symbols)
        .map(|symbol| {
            let index = (0..5).fold(0_u8, |index, bit| index << 1 | bit_at(bytes, symbol * 5 + bit));
            char::from(ALPHABET[usize::from(index)])
        })
        .collect()
}

fn bit_at(bytes: &[u8], bit: usize) -> u8 {
    bytes.get(bit / 8).map_or(0, |byte| byte >> (7 - bit % 8) & 1)
}

/// What a person may mean by `typed`, in the alphabet's symbols: full width and lower case are folded, what looks alike
/// becomes one symbol, spaces and dashes of every script fall away. `None` if anything else is in it.
pub fn fold(typed: &str) -> Option<String> {
    typed.chars().filter(|c| !is_separator(*c)).map(symbol).collect()
}

fn symbol(typed: char) -> Option<char> {
    // U+FF01 to U+FF5E are the full-width forms of ASCII, in the same order.
    let narrow = match typed {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - 0xfee0)?,
        other => other,
    };
    let folded = match narrow.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        'U' => 'V',
        other => other,
    };
    ALPHABET.iter().any(|known| char::from(*known) == folded).then_some(folded)
}

fn is_separator(typed: char) -> bool {
    typed.is_whitespace()
        || matches!(
            typed,
            '-' | '_' | '.' | '\u{00ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}'
        )
        || matches!(typed, '\u{ff0d}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_symbols_from_the_left() {
        assert_eq!(encode(&[0b0000_0000, 0b0100_0100], 3), "012");
        assert_eq!(encode(&[0xff; 5], 8), "ZZZZZZZZ");
        assert_eq!(encode(&[0xff], 2), "ZW");
        assert_eq!(encode(&[], 2), "00");
    }

    #[test]
    fn the_alphabet_has_nothing_that_folds_to_another() {
        for byte in ALPHABET {
            let symbol = char::from(*byte).to_string();
            assert_eq!(fold(&symbol), Some(symbol));
        }
    }

    #[test]
    fn people_type_as_they_see() {
        assert_eq!(fold("oO iIlL uU").as_deref(), Some("001111VV"));
        assert_eq!(fold("ａＢ－ｃ　９").as_deref(), Some("ABC9"));
        assert_eq!(fold("a–b—c‑d\u{feff}").as_deref(), Some("ABCD"));
        assert_eq!(fold("ab!c"), None);
        assert_eq!(fold("甲乙"), None);
    }
}
