use super::*;
use poem::http::HeaderValue;
use std::{sync::Arc, time::Duration};

fn settings() -> Settings {
    Settings {
        trusted_proxies: ["10.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap()).to_vec(),
        ..Settings::new(Arc::new(|| Duration::ZERO))
    }
}

fn forwarded(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    headers
}

#[test]
fn the_rightmost_stranger_is_the_client() {
    let from = |peer: &str, lines: &[&str]| address(peer.parse().unwrap(), &forwarded(lines), &settings()).0.to_string();
    assert_eq!(from("203.0.113.9", &["6.6.6.6"]), "203.0.113.9", "a stranger is not believed");
    assert_eq!(from("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
    assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.7"]), "198.51.100.7", "the client's own claim stands left");
    assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.7, 10.2.3.4"]), "198.51.100.7", "two proxies");
    assert_eq!(from("10.0.0.1", &["6.6.6.6", "198.51.100.7"]), "198.51.100.7", "two lines are one list");
    assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
    assert_eq!(from("10.0.0.1", &["6.6.6.6, nonsense"]), "10.0.0.1", "no walking past what cannot be read");
    assert_eq!(from("10.0.0.1", &["6.6.6.6, \u{e9}"]), "10.0.0.1");
    assert_eq!(from("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
    assert_eq!(from("::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
    assert_eq!(from("::1", &["[2001:db8::1]"]), "2001:db8::1");
    assert_eq!(from("10.0.0.1", &["10.0.0.9"]), "10.0.0.9", "a request by the proxy's own machine");
}

#[test]
fn the_scheme_is_taken_from_our_proxy_only() {
    let with = |said: &'static str| HeaderMap::from_iter([(FORWARDED_PROTO, HeaderValue::from_static(said))]);
    let proxy: IpAddr = "10.0.0.1".parse().unwrap();
    let stranger: IpAddr = "203.0.113.9".parse().unwrap();
    assert_eq!(scheme(proxy, false, &with("https"), &settings()), ClientScheme::Https);
    assert_eq!(scheme(proxy, false, &with("https, http"), &settings()), ClientScheme::Http);
    assert_eq!(scheme(stranger, false, &with("https"), &settings()), ClientScheme::Http);
    assert_eq!(scheme(stranger, true, &with("http"), &settings()), ClientScheme::Https);
}
