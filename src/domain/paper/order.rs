use super::{Kind, Paper};

/// What a room shuffles for each candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Shuffle {
    /// The order of the questions.
    #[serde(default)]
    pub questions: bool,
    /// The order of the options within a question.
    #[serde(default)]
    pub options: bool,
}

impl Paper {
    /// The paper as the candidate with this seed sees it: the same on every node, after every restart, for ever. The options of a
    /// question depend on the seed and that question's id alone, so a change elsewhere in the paper does not move them. The
    /// two options of a `true_false` question keep their order.
    #[must_use]
    pub fn for_seed(&self, seed: i64, shuffle: Shuffle) -> Self {
        let mut paper = self.clone();
        let seed = seed.cast_unsigned();
        if shuffle.options {
            for question in paper.questions.iter_mut().filter(|question| question.kind != Kind::TrueFalse) {
                Stream(seed ^ fingerprint(&question.id.0)).shuffle(&mut question.options);
            }
        }
        if shuffle.questions {
            Stream(seed).shuffle(&mut paper.questions);
        }
        paper
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): the published offset and prime.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Its own few lines rather than a library's,
/// because the order a candidate saw must not change when a library does. Not for secrets.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The shuffle of Fisher and Yates in Durstenfeld's form. A place is drawn by the high half of a product; with at most a few hundred
    /// places its bias is below 2^-55.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let places = u128::try_from(last + 1).unwrap_or(1);
            let drawn = usize::try_from((u128::from(self.next()) * places) >> 64).unwrap_or(last);
            items.swap(last, drawn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Stream, fingerprint};

    #[test]
    fn the_generator_gives_the_published_numbers() {
        // The first outputs for seed 1234567, as commonly published for this generator.
        let mut stream = Stream(1_234_567);
        assert_eq!(
            [stream.next(), stream.next(), stream.next()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint("foobar"), 0x8594_4171_f739_67e8);
    }
}
