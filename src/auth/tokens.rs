use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::secrets::random_bytes;
use crate::domain::Ms;
use crate::domain::ids::SessionId;

const ISSUER: &str = "invigil";
/// Ours have about 400 bytes; nothing longer is worth a signature check.
const MAX_TOKEN_BYTES: usize = 2_048;

/// A signing key with its name. The secret is 256 random bits: no short or chosen one can be made.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    kid: String,
    secret: [u8; 32],
}

impl Key {
    /// A new key under a name that no other key of this deployment has.
    pub fn fresh(kid: String) -> Self {
        Self { kid, secret: random_bytes() }
    }

    /// A key as it was kept.
    pub fn kept(kid: String, secret: [u8; 32]) -> Self {
        Self { kid, secret }
    }

    /// Its name, which tokens carry.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// To keep it. Nothing else may see these bytes.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}, redacted)", self.kid)
    }
}

/// The key that signs, and those whose tokens are still good.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Signs and verifies.
    pub current: Key,
    /// Only verify.
    pub previous: Vec<Key>,
}

impl Keys {
    fn find(&self, kid: &str) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.kid == kid)
    }
}

/// Whose token it is. A token of one kind never passes for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// An account's.
    Staff,
    /// One candidate's, got for an entry code.
    Candidate,
}

impl TokenKind {
    fn audience(self) -> &'static str {
        match self {
            Self::Staff => "invigil:staff",
            Self::Candidate => "invigil:candidate",
        }
    }

    fn typ(self) -> &'static str {
        match self {
            Self::Staff => "invigil-staff+jwt",
            Self::Candidate => "invigil-candidate+jwt",
        }
    }
}

/// What a token says. It is only as good as its session: that row can be ended at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The session that stands behind it.
    pub sid: SessionId,
    /// The account or the candidate, as text.
    pub sub: String,
    /// Whose it is.
    pub kind: TokenKind,
    /// The session's generation when it was issued; a greater one in the session ends this token.
    pub generation: i64,
    /// Issued, Unix seconds.
    pub iat: i64,
    /// The first second in which it is no longer good, Unix seconds.
    pub exp: i64,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not ours, changed, or of the other kind.
    #[error("token_invalid")]
    Invalid,
    /// Ours, and its time is over.
    #[error("token_expired")]
    Expired,
}

/// The payload on the wire. `iss` and `aud` are plain text here, so a list of audiences does not parse.
#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    #[serde(rename = "gen")]
    generation: i64,
    iat: i64,
    exp: i64,
}

/// Signs a token with the current key.
pub fn issue(keys: &Keys, claims: &Claims) -> Result<String, TokenFault> {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(claims.kind.typ().to_owned());
    header.kid = Some(keys.current.kid.clone());
    let wire = Wire {
        iss: ISSUER.to_owned(),
        aud: claims.kind.audience().to_owned(),
        sub: claims.sub.clone(),
        sid: claims.sid.as_str().to_owned(),
        generation: claims.generation,
        iat: claims.iat,
        exp: claims.exp,
    };
    encode(&header, &wire, &EncodingKey::from_secret(&keys.current.secret)).map_err(|_| TokenFault::Invalid)
}

/// Reads a token of the kind that is asked for. The expiry is judged here, by `now`: the library would read the system
/// clock, whose step must end nobody's exam.
pub fn read(keys: &Keys, token: &str, now: Ms, kind: TokenKind) -> Result<Claims, TokenFault> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenFault::Invalid);
    }
    let header = decode_header(token).map_err(|_| TokenFault::Invalid)?;
    // Of the header nothing is believed but a name to look up; a `crit` names extensions that we do not have.
    let typ_is_right = header.typ.as_deref() == Some(kind.typ());
    if header.alg != Algorithm::HS256 || !typ_is_right || header.crit.is_some() {
        return Err(TokenFault::Invalid);
    }
    let key = header.kid.as_deref().and_then(|kid| keys.find(kid)).ok_or(TokenFault::Invalid)?;
    let decoded = decode::<Wire>(token, &DecodingKey::from_secret(&key.secret), &validation(kind));
    let wire = decoded.map_err(|_| TokenFault::Invalid)?.claims;
    let sid = wire.sid.parse().map_err(|_| TokenFault::Invalid)?;
    if now >= wire.exp.saturating_mul(1_000) {
        return Err(TokenFault::Expired);
    }
    Ok(Claims { sid, sub: wire.sub, kind, generation: wire.generation, iat: wire.iat, exp: wire.exp })
}

fn validation(kind: TokenKind) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[kind.audience()]);
    validation.leeway = 0;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

#[cfg(test)]
mod tests;
