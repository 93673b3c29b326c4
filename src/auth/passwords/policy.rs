/// Fewest characters of a password; fifteen are advised.
const MIN_CHARS: usize = 8;
/// Most characters of a password: more is a way to keep the hashing threads busy.
const MAX_CHARS: usize = 128;
/// Shorter names than this are in too many good passwords by chance.
const MIN_NAME_CHARS: usize = 3;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum PasswordFault {
    /// Fewer than 8 characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// Among those that everybody tries first.
    Common,
    /// The login's or the organisation's own name, at most with digits and signs around it.
    Name,
}

impl PasswordFault {
    /// The stable name, for texts and problem bodies.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::Name => "password_name",
        }
    }
}

/// Judges a new password. `names` are the login, the person's name, the organisation's. There is no rule about kinds of
/// characters: length is what counts, and those rules make people choose worse.
pub fn judge(password: &str, names: &[&str]) -> Result<(), PasswordFault> {
    match password.chars().count() {
        ..MIN_CHARS => return Err(PasswordFault::TooShort),
        MIN_CHARS..=MAX_CHARS => {}
        _ => return Err(PasswordFault::TooLong),
    }
    let folded = password.to_lowercase();
    if is_repetition(&folded) || is_run(&folded) || is_common(&bare(&folded)) || is_common(&folded) {
        return Err(PasswordFault::Common);
    }
    let word = bare(&folded);
    let is_name = |name: &&str| {
        let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        name.chars().count() >= MIN_NAME_CHARS && (word == bare(&name) || is_made_of(&folded, &name))
    };
    if names.iter().any(is_name) { Err(PasswordFault::Name) } else { Ok(()) }
}

/// The word inside: letters and digits, without the digits around it. All digits stay as they are.
fn bare(folded: &str) -> String {
    let plain: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let word = plain.trim_matches(|c: char| c.is_ascii_digit());
    if word.is_empty() { plain } else { word.to_owned() }
}

/// `schoolschool`, or the name exactly.
fn is_made_of(folded: &str, name: &str) -> bool {
    let plain: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    !plain.is_empty() && plain.replace(name, "").is_empty()
}

fn is_common(folded: &str) -> bool {
    COMMON.split_ascii_whitespace().any(|common| common == folded)
}

/// One to three characters over and over.
fn is_repetition(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    (1..=3).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// Neighbours of the alphabet, of the digits or of a row of keys, either way: `12345678`, `hgfedcba`, `qwertyui`.
fn is_run(folded: &str) -> bool {
    const ROWS: [&str; 5] = ["01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let backwards: String = folded.chars().rev().collect();
    ROWS.iter().any(|row| row.contains(folded) || row.contains(&backwards))
}

/// What is tried first wherever passwords are guessed, folded and without digits around; those of digits in full.
const COMMON: &str = "\
    password passwort passw0rd p4ssword motdepasse contraseña mima admin administrator root teacher laoshi student \
    xuesheng school xuexiao exam kaoshi invigil welcome letmein changeme default secret login user guest test \
    testing qwerty qwertyuiop qwertz azerty asdfghjkl zxcvbnm qazwsx qazwsxedc 1qaz2wsx 1q2w3e4r 1q2w3e4r5t \
    q1w2e3r4 zaq12wsx abc abcd abcdef aa a woaini wodemima iloveyou sunshine princess football baseball basketball \
    superman batman pokemon starwars dragon monkey shadow master michael jordan computer internet trustno1 \
    whatever freedom hello helloworld nihao china zhongguo beijing shanghai 5201314520 52013145 11223344 \
    1122334455 123123123 12341234 123454321 147258369 147852369 789456123 741852963 159753159753 1029384756 \
    0987654321 9876543210 87654321 10203040 13145200 12344321 19491001 88888888 66668888 qwe qweasd qweasdzxc asd \
    asdf zxc";

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["m.chen", "Fudan University", "陈明老师"];

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(judge("Tr4nsom", NAMES), Err(PasswordFault::TooShort));
        assert_eq!(judge("蓝色的窗户朝着北", NAMES), Ok(()));
        assert_eq!(judge("蓝色的窗户朝着", NAMES), Err(PasswordFault::TooShort));
        assert_eq!(judge(&"ab c".repeat(32), NAMES), Ok(()));
        assert_eq!(judge(&format!("{}x", "ab c".repeat(32)), NAMES), Err(PasswordFault::TooLong));
    }

    #[test]
    fn what_everybody_tries_is_refused() {
        for common in [
            "password",
            "Password123!",
            "P4ssword",
            "12345678",
            "87654321",
            "88888888",
            "abababab",
            "abcdefgh",
            "qwertyui",
            "1q2w3e4r",
            "admin123",
            "woaini1314520",
            "iloveyou",
            "teacher2026",
            "147258369",
            "Welcome@1",
            "00000000",
        ] {
            assert_eq!(judge(common, NAMES), Err(PasswordFault::Common), "{common}");
        }
    }

    #[test]
    fn ones_own_name_is_refused() {
        for name in ["m.chen2026", "MChen!!!1", "mchenmchen", "fudanuniversity", "Fudan University 1", "陈明老师2026"] {
            assert_eq!(judge(name, NAMES), Err(PasswordFault::Name), "{name}");
        }
    }

    #[test]
    fn good_ones_pass() {
        for good in
            ["correct horse battery", "k7mp-3xqr-9t2v-hw4c", "chenille curtains", "wanders off 9", "passwordless entry hall"]
        {
            assert_eq!(judge(good, NAMES), Ok(()), "{good}");
        }
        assert_eq!(judge("anything at all", &["", "a"]), Ok(()), "an empty name is nobody's");
    }
}
