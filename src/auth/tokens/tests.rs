use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use super::*;
use crate::auth::secrets::mint;

const NOW: Ms = 1_793_696_400_000;

fn keys() -> Keys {
    Keys { current: Key::kept("k2".to_owned(), [2; 32]), previous: vec![Key::kept("k1".to_owned(), [1; 32])] }
}

fn claims(kind: TokenKind) -> Claims {
    let iat = NOW / 1_000;
    Claims { sid: mint(NOW), sub: "us_0123".to_owned(), kind, generation: 3, iat, exp: iat + 600 }
}

#[test]
fn a_token_says_what_it_was_given() {
    for kind in [TokenKind::Staff, TokenKind::Candidate] {
        let given = claims(kind);
        let token = issue(&keys(), &given).unwrap();
        assert_eq!(read(&keys(), &token, NOW, kind), Ok(given));
    }
}

#[test]
fn it_ends_at_its_second_by_our_clock() {
    let given = claims(TokenKind::Staff);
    let token = issue(&keys(), &given).unwrap();
    let end = given.exp * 1_000;
    assert!(read(&keys(), &token, end - 1_000, TokenKind::Staff).is_ok());
    assert!(read(&keys(), &token, end - 1, TokenKind::Staff).is_ok());
    assert_eq!(read(&keys(), &token, end, TokenKind::Staff), Err(TokenFault::Expired));
    assert_eq!(read(&keys(), &token, end + 1_000, TokenKind::Staff), Err(TokenFault::Expired));

    // Long over by any system clock, and good by ours; and the other way round.
    let old = Claims { iat: 1_000, exp: 1_600, ..given.clone() };
    assert!(read(&keys(), &issue(&keys(), &old).unwrap(), 1_599_999, TokenKind::Staff).is_ok());
    let far = Claims { exp: 253_402_300_799, ..given };
    let token = issue(&keys(), &far).unwrap();
    assert_eq!(read(&keys(), &token, Ms::MAX, TokenKind::Staff), Err(TokenFault::Expired));
}

#[test]
fn a_replaced_key_still_verifies_until_it_is_gone() {
    let old = Keys { current: Key::kept("k1".to_owned(), [1; 32]), previous: vec![] };
    let token = issue(&old, &claims(TokenKind::Staff)).unwrap();
    assert!(read(&keys(), &token, NOW, TokenKind::Staff).is_ok());
    let later = Keys { current: Key::kept("k3".to_owned(), [3; 32]), previous: vec![keys().current] };
    assert_eq!(read(&later, &token, NOW, TokenKind::Staff), Err(TokenFault::Invalid));
}

#[test]
fn one_kind_never_passes_for_the_other() {
    let staff = issue(&keys(), &claims(TokenKind::Staff)).unwrap();
    let candidate = issue(&keys(), &claims(TokenKind::Candidate)).unwrap();
    assert_eq!(read(&keys(), &staff, NOW, TokenKind::Candidate), Err(TokenFault::Invalid));
    assert_eq!(read(&keys(), &candidate, NOW, TokenKind::Staff), Err(TokenFault::Invalid));
}

/// Signs any header and payload with any secret: what a forger with part of our keys could do.
fn forge(header: &Value, payload: &Value, algorithm: aws_lc_rs::hmac::Algorithm, secret: &[u8]) -> String {
    let head = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(payload.to_string()));
    let key = aws_lc_rs::hmac::Key::new(algorithm, secret);
    format!("{head}.{}", BASE64.encode(aws_lc_rs::hmac::sign(&key, head.as_bytes())))
}

fn good_header() -> Value {
    json!({"alg": "HS256", "typ": "invigil-staff+jwt", "kid": "k2"})
}

fn good_payload() -> Value {
    json!({
        "iss": "invigil", "aud": "invigil:staff", "sub": "us_1", "sid": mint::<SessionId>(NOW).as_str(),
        "gen": 0, "iat": NOW / 1_000, "exp": NOW / 1_000 + 600
    })
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

fn without(mut object: Value, key: &str) -> Value {
    object.as_object_mut().unwrap().remove(key);
    object
}

#[test]
fn the_forger_is_able_so_the_corpus_means_something() {
    let token = forge(&good_header(), &good_payload(), aws_lc_rs::hmac::HMAC_SHA256, &[2; 32]);
    assert!(read(&keys(), &token, NOW, TokenKind::Staff).is_ok());
}

#[test]
fn headers_that_lie_are_refused() {
    let hs256 = aws_lc_rs::hmac::HMAC_SHA256;
    let mut corpus = vec![
        with(good_header(), "alg", json!("none")),
        with(good_header(), "alg", json!("None")),
        with(good_header(), "alg", json!("HS384")),
        with(good_header(), "alg", json!("HS512")),
        with(good_header(), "alg", json!("RS256")),
        with(good_header(), "alg", json!("EdDSA")),
        without(good_header(), "alg"),
        with(good_header(), "kid", json!("k1")),
        with(good_header(), "kid", json!("k9")),
        with(good_header(), "kid", json!("../k2")),
        with(good_header(), "kid", json!("")),
        without(good_header(), "kid"),
        with(good_header(), "typ", json!("JWT")),
        with(good_header(), "typ", json!("invigil-candidate+jwt")),
        without(good_header(), "typ"),
        with(good_header(), "crit", json!(["b64"])),
    ];
    // Keys that travel with the token are not looked at: signed with theirs, it is still no token of ours.
    let jwk = json!({"kty": "oct", "k": BASE64.encode([9; 32])});
    for (name, value) in [("jwk", jwk), ("jku", json!("https://evil.example/keys")), ("x5u", json!("https://evil.example/x"))] {
        corpus.push(with(with(good_header(), name, value), "kid", json!("k9")));
    }
    for header in corpus {
        let token = forge(&header, &good_payload(), hs256, &[2; 32]);
        assert_eq!(read(&keys(), &token, NOW, TokenKind::Staff), Err(TokenFault::Invalid), "{header}");
    }
}

#[test]
fn payloads_that_lie_are_refused() {
    let corpus = [
        with(good_payload(), "iss", json!("someone")),
        with(good_payload(), "iss", json!(["invigil"])),
        without(good_payload(), "iss"),
        with(good_payload(), "aud", json!("invigil:candidate")),
        with(good_payload(), "aud", json!(["invigil:staff", "invigil:candidate"])),
        without(good_payload(), "aud"),
        without(good_payload(), "sub"),
        without(good_payload(), "sid"),
        with(good_payload(), "sid", json!("us_1")),
        with(good_payload(), "sid", json!("ss_../..")),
        without(good_payload(), "gen"),
        without(good_payload(), "exp"),
        with(good_payload(), "exp", json!("9999999999")),
        with(good_payload(), "exp", json!(1e300)),
        with(good_payload(), "exp", Value::Null),
    ];
    for payload in corpus {
        let token = forge(&good_header(), &payload, aws_lc_rs::hmac::HMAC_SHA256, &[2; 32]);
        assert_eq!(read(&keys(), &token, NOW, TokenKind::Staff), Err(TokenFault::Invalid), "{payload}");
    }
}

#[test]
fn wrong_signatures_are_refused() {
    let good = issue(&keys(), &claims(TokenKind::Staff)).unwrap();
    let (body, signature) = good.rsplit_once('.').unwrap();
    let none = format!("{}.{}.", BASE64.encode(json!({"alg": "none"}).to_string()), BASE64.encode(good_payload().to_string()));
    let other_key = forge(&good_header(), &good_payload(), aws_lc_rs::hmac::HMAC_SHA256, &[9; 32]);
    let previous_key = forge(&good_header(), &good_payload(), aws_lc_rs::hmac::HMAC_SHA256, &[1; 32]);
    let empty_key = forge(&good_header(), &good_payload(), aws_lc_rs::hmac::HMAC_SHA256, b"");
    let hs512 = forge(&good_header(), &good_payload(), aws_lc_rs::hmac::HMAC_SHA512, &[2; 32]);
    let corpus = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{body}."),
        body.to_owned(),
        good[..good.len() - 2].to_owned(),
        format!("{good}A"),
        format!("{good}.{signature}"),
        format!(" {good}"),
        format!("Bearer {good}"),
        none,
        other_key,
        previous_key,
        empty_key,
        hs512,
        format!("{good}{}", "A".repeat(10_000)),
    ];
    for token in corpus {
        assert_eq!(read(&keys(), &token, NOW, TokenKind::Staff), Err(TokenFault::Invalid), "{token}");
    }
}

#[test]
fn an_expired_forgery_is_invalid_not_expired() {
    let payload = with(good_payload(), "exp", json!(1));
    let forged = forge(&good_header(), &payload, aws_lc_rs::hmac::HMAC_SHA256, &[9; 32]);
    assert_eq!(read(&keys(), &forged, NOW, TokenKind::Staff), Err(TokenFault::Invalid));
}

#[test]
fn keys_are_not_printed() {
    assert_eq!(format!("{:?}", keys().current), "Key(k2, redacted)");
    assert_ne!(Key::fresh("a".to_owned()).secret(), Key::fresh("a".to_owned()).secret());
}
