use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::crockford;
use crate::domain::Ms;
use crate::domain::ids::Id;

/// Random bytes of the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if rand::fill(&mut bytes).is_err() {
        // Without randomness every secret made from here on could be guessed. There is nothing safe left to do.
        std::process::abort();
    }
    bytes
}

/// A new identifier.
pub fn mint<T: Id>(now: Ms) -> T {
    T::make(now, random_bytes())
}

/// The server's own secret: from it, under a label each, come the keys of everything but tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSecret([u8; 32]);

impl ServerSecret {
    /// A new one.
    pub fn fresh() -> Self {
        Self(random_bytes())
    }

    /// The one that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To keep it. Nothing else may see these bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key of its own for each purpose, so that what one made never passes for another's.
    pub(super) fn subkey(&self, label: &str) -> [u8; 32] {
        mac(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), label.as_bytes())
    }

    /// The key under which a candidate's browsers keep answers that are not saved yet, in hex: the same at each entry, so that what a
    /// browser kept over a crash can be read again by whoever enters as that candidate, and by nobody else at that computer.
    pub fn outbox_key(&self, candidate: &str) -> String {
        hex(&mac(&self.mac_key("outbox"), candidate.as_bytes()))
    }

    /// The key by which nodes of this deployment know each other's letters.
    pub fn bus_key(&self) -> [u8; 32] {
        self.subkey("bus")
    }

    /// What lets whoever reads the log make the first administrator: the same on every node and at each start, until it is used.
    pub fn setup_secret(&self) -> String {
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, ..] = self.subkey("setup");
        spoken(&[b0, b1, b2, b3, b4, b5, b6, b7, b8, b9])
    }

    /// Whether it is that, in time that does not depend on where it differs.
    pub fn is_setup_secret(&self, typed: &str) -> bool {
        constant_time::verify_slices_are_equal(self.setup_secret().as_bytes(), typed.as_bytes()).is_ok()
    }

    pub(super) fn mac_key(&self, label: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.subkey(label))
    }
}

impl std::fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerSecret(redacted)")
    }
}

pub(super) fn mac(key: &hmac::Key, data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(key, data).as_ref());
    out
}

pub(super) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    out
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a cookie or a refresh call carries: 32 random bytes, known to the holder only. The store has its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret([u8; 32]);

impl SessionSecret {
    /// A new one.
    pub fn fresh() -> Self {
        Self(random_bytes())
    }

    /// Reads what a caller shows; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The text the holder keeps, 43 characters that need no escaping.
    pub fn expose(&self) -> String {
        BASE64.encode(self.0)
    }

    /// What the store keeps and looks up. The secret has 256 random bits, so one round suffices.
    pub fn stored_hash(&self) -> String {
        format!("h1:{}", hex(&sha256(&self.0)))
    }

    /// What a form of this session carries.
    pub fn csrf(&self) -> String {
        BASE64.encode(mac(&self.csrf_key(), b"csrf"))
    }

    /// Whether `token` is this session's, in time that does not depend on where it differs.
    pub fn check_csrf(&self, token: &str) -> bool {
        constant_time::verify_slices_are_equal(self.csrf().as_bytes(), token.as_bytes()).is_ok()
    }

    fn csrf_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl std::fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionSecret(redacted)")
    }
}

/// A first password to hand to a person: 80 random bits as `k7mp-3xqr-9t2v-hw4c`.
pub fn one_time_password() -> String {
    spoken(&random_bytes())
}

fn spoken(bits: &[u8; 10]) -> String {
    let symbols = crockford::encode(bits, 16).to_ascii_lowercase();
    let groups: Vec<&str> = [0, 4, 8, 12].iter().filter_map(|at| symbols.get(*at..at + 4)).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{RoomId, SessionId};

    #[test]
    fn randomness_and_ids_do_not_repeat() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
        let (one, two): (RoomId, RoomId) = (mint(1_793_696_400_000), mint(1_793_696_400_001));
        assert!(one < two, "ids sort by the time they were made");
        let session: SessionId = mint(0);
        assert!(session.as_str().starts_with("ss_"));
        assert_eq!(session.as_str().parse::<SessionId>(), Ok(session));
    }

    #[test]
    fn a_deployment_has_one_setup_secret() {
        let secret = ServerSecret::fresh();
        let shown = secret.setup_secret();
        assert_eq!((shown.len(), shown.clone()), (19, ServerSecret::from_bytes(*secret.as_bytes()).setup_secret()));
        assert!(secret.is_setup_secret(&shown) && !secret.is_setup_secret("") && !ServerSecret::fresh().is_setup_secret(&shown));
    }

    #[test]
    fn hashes_are_the_known_ones() {
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        // RFC 4231, case 2.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
        assert_eq!(
            hex(&mac(&key, b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_session_is_found_by_its_hash_and_by_nothing_else() {
        let secret = SessionSecret::fresh();
        let shown = secret.expose();
        assert_eq!(shown.len(), 43);
        let read = SessionSecret::parse(&shown).unwrap();
        assert_eq!(read.stored_hash(), secret.stored_hash());
        assert!(!secret.stored_hash().contains(&shown));
        assert_ne!(SessionSecret::fresh().stored_hash(), secret.stored_hash());
        for bad in ["", "short", &shown[1..], &format!("{shown}A"), &shown.replace(shown.chars().next().unwrap(), "!")] {
            assert!(SessionSecret::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_form_of_another_session_is_refused() {
        let (mine, other) = (SessionSecret::fresh(), SessionSecret::fresh());
        assert!(mine.check_csrf(&mine.csrf()));
        assert!(!mine.check_csrf(&other.csrf()));
        assert!(!mine.check_csrf(""));
        assert!(!mine.check_csrf(&mine.csrf()[1..]));
        assert_ne!(mine.csrf(), mine.expose(), "a page never shows the secret");
    }

    #[test]
    fn purposes_do_not_share_a_key() {
        let secret = ServerSecret::fresh();
        assert_ne!(secret.subkey("a"), secret.subkey("b"));
        assert_ne!(secret.subkey("a"), ServerSecret::fresh().subkey("a"));
        assert_eq!(ServerSecret::from_bytes(*secret.as_bytes()).subkey("a"), secret.subkey("a"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = SessionSecret::fresh();
        assert!(!format!("{secret:?}").contains(&secret.expose()));
        assert_eq!(format!("{:?}", ServerSecret::fresh()), "ServerSecret(redacted)");
    }

    #[test]
    fn a_first_password_can_be_read_aloud() {
        let password = one_time_password();
        assert_eq!(password.len(), 19);
        assert!(password.split('-').all(|group| group.len() == 4 && !group.contains(['i', 'l', 'o', 'u'])), "{password}");
        assert_ne!(password, one_time_password());
    }
}
