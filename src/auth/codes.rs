use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::crockford;
use super::secrets::{ServerSecret, hex, mac};

/// Symbols that name the room.
const ROOM_SYMBOLS: usize = 4;
/// Symbols that name the candidate: 40 random bits, which a throttle per code and room makes enough.
const OWN_SYMBOLS: usize = 8;
/// Longest typed text worth folding, in bytes: twelve symbols of three bytes with separators between all of them.
const MAX_TYPED: usize = 96;

/// The part of a code that all candidates of a room share: 4 symbols, 20 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoomPart(String);

impl RoomPart {
    /// Makes one from random bytes; 4 of the 24 bits fall away.
    pub fn make(random: [u8; 3]) -> Self {
        Self(crockford::encode(&random, ROOM_SYMBOLS))
    }

    /// Reads one as it was stored or typed.
    pub fn fold(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        crockford::fold(typed).filter(|folded| folded.len() == ROOM_SYMBOLS).map(Self)
    }

    /// The four symbols.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a candidate types to enter: `RRRR-XXXX-XXXX`. A secret: it is printed for people and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct EntryCode(String);

impl EntryCode {
    /// Makes one of a room from random bytes.
    pub fn make(room: &RoomPart, random: [u8; 5]) -> Self {
        Self(format!("{}{}", room.0, crockford::encode(&random, OWN_SYMBOLS)))
    }

    /// Reads what a person typed: any case and width, with or without dashes, O for 0, I or L for 1.
    pub fn fold(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        crockford::fold(typed).filter(|folded| folded.len() == ROOM_SYMBOLS + OWN_SYMBOLS).map(Self)
    }

    /// The room's part, to find the room and to throttle by it.
    pub fn room_part(&self) -> RoomPart {
        RoomPart(self.0.chars().take(ROOM_SYMBOLS).collect())
    }

    /// As it is shown to people.
    pub fn shown(&self) -> String {
        let (room, own) = self.0.split_at(ROOM_SYMBOLS);
        let (first, second) = own.split_at(OWN_SYMBOLS / 2);
        format!("{room}-{first}-{second}")
    }

    /// What the store looks it up by. Forty bits could be tried out, so the hash needs the server's secret.
    pub fn lookup_hash(&self, secret: &ServerSecret) -> String {
        format!("h1:{}", hex(&mac(&secret.mac_key("entry code lookup"), self.0.as_bytes())))
    }
}

impl std::fmt::Debug for EntryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EntryCode({}-redacted)", self.room_part().0)
    }
}

/// Text could not be sealed or opened: another secret, a changed text, or none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed text does not open with this secret")]
pub struct BadSeal;

/// Encrypts what must be shown again, such as a code that is still to be printed. Each call gives another text.
pub fn seal(secret: &ServerSecret, text: &str) -> Result<String, BadSeal> {
    let mut sealed = text.as_bytes().to_vec();
    let nonce = sealing_key(secret)?.seal_in_place_append_tag(Aad::empty(), &mut sealed).map_err(|_| BadSeal)?;
    let mut whole = nonce.as_ref().to_vec();
    whole.append(&mut sealed);
    Ok(format!("s1:{}", BASE64.encode(whole)))
}

/// Opens what `seal` made with the same secret.
pub fn open(secret: &ServerSecret, sealed: &str) -> Result<String, BadSeal> {
    let mut whole = sealed.strip_prefix("s1:").and_then(|text| BASE64.decode(text).ok()).ok_or(BadSeal)?;
    let (nonce, body) = whole.split_first_chunk_mut::<NONCE_LEN>().ok_or(BadSeal)?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let text = sealing_key(secret)?.open_in_place(nonce, Aad::empty(), body).map_err(|_| BadSeal)?;
    String::from_utf8(text.to_vec()).map_err(|_| BadSeal)
}

fn sealing_key(secret: &ServerSecret) -> Result<RandomizedNonceKey, BadSeal> {
    RandomizedNonceKey::new(&AES_256_GCM, &secret.subkey("entry code seal")).map_err(|_| BadSeal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::secrets::random_bytes;
    use proptest::prelude::*;

    fn code() -> EntryCode {
        EntryCode::make(&RoomPart::make([0x00, 0x44, 0x32]), [0x12, 0x34, 0x56, 0x78, 0x9a])
    }

    #[test]
    fn a_code_is_shown_in_three_groups() {
        assert_eq!(code().shown(), "0123-28T5-CY4T");
        assert_eq!(code().room_part().as_str(), "0123");
        assert_eq!(RoomPart::fold("o-i-2-3"), Some(code().room_part()));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in
            ["0123-28T5-CY4T", "o1 23 28t5 cy4t", "ＯＩ２３－２８ｔ５－ｃｙ４ｔ", " OL2328T5CY4T\u{3000}", "0l23–28t5–cy4t"]
        {
            assert_eq!(EntryCode::fold(typed), Some(code()), "{typed}");
        }
        for bad in ["", "0123", "0123-28T5-CY4", "0123-28T5-CY4TT", "0123-28T5-CY4?", &"-".repeat(10_000)] {
            assert_eq!(EntryCode::fold(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_lookup_hash_needs_the_servers_secret() {
        let (mine, other) = (ServerSecret::from_bytes([7; 32]), ServerSecret::from_bytes([8; 32]));
        let hash = code().lookup_hash(&mine);
        assert!(hash.starts_with("h1:") && hash.len() == 3 + 64, "{hash}");
        assert_eq!(hash, EntryCode::fold("oi23 28t5 cy4t").unwrap().lookup_hash(&mine));
        assert_ne!(hash, code().lookup_hash(&other));
        assert_ne!(hash, EntryCode::make(&code().room_part(), [0x12, 0x34, 0x56, 0x78, 0x9b]).lookup_hash(&mine));
    }

    #[test]
    fn what_is_sealed_opens_with_its_secret_only() {
        let (mine, other) = (ServerSecret::fresh(), ServerSecret::fresh());
        let sealed = seal(&mine, &code().shown()).unwrap();
        assert_eq!(open(&mine, &sealed).as_deref(), Ok("0123-28T5-CY4T"));
        assert_eq!(open(&other, &sealed), Err(BadSeal));
        assert_ne!(sealed, seal(&mine, &code().shown()).unwrap(), "equal codes do not look equal");
        for (at, _) in sealed.char_indices().skip(3) {
            let mut changed = sealed.clone();
            changed.replace_range(at..=at, if &sealed[at..=at] == "A" { "B" } else { "A" });
            assert_eq!(open(&mine, &changed), Err(BadSeal), "changed at {at}");
        }
        for bad in ["", "s1:", "s1:AAAA", "s2:AAAA", &sealed[..sealed.len() - 4]] {
            assert_eq!(open(&mine, bad), Err(BadSeal), "{bad}");
        }
    }

    #[test]
    fn a_code_is_not_printed_by_accident() {
        assert_eq!(format!("{:?}", code()), "EntryCode(0123-redacted)");
    }

    proptest! {
        #[test]
        fn every_code_survives_being_shown_and_typed(room in any::<[u8; 3]>(), own in any::<[u8; 5]>()) {
            let code = EntryCode::make(&RoomPart::make(room), own);
            prop_assert_eq!(EntryCode::fold(&code.shown().to_lowercase()), Some(code));
        }

        #[test]
        fn folding_anything_never_fails_badly(typed in ".{0,60}") {
            if let Some(code) = EntryCode::fold(&typed) {
                prop_assert_eq!(EntryCode::fold(&code.shown()), Some(code));
            }
        }
    }

    #[test]
    fn all_forty_bits_are_used() {
        let room = RoomPart::make(random_bytes());
        for bit in 0..40 {
            let mut random = [0_u8; 5];
            random[bit / 8] = 1 << (bit % 8);
            assert_ne!(EntryCode::make(&room, random), EntryCode::make(&room, [0; 5]));
        }
    }
}
