use super::*;
use poem::http::HeaderValue;

fn ours() -> Origins {
    Origins::from_urls(&["https://exam.school.org", "http://192.168.1.5:8080/"].map(|url| Url::parse(url).unwrap()))
}

fn with(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn only_exact_origins_are_listed() {
    for listed in ["https://exam.school.org", "http://192.168.1.5:8080"] {
        assert_eq!(origin_allowed(&with(&[("origin", listed)]), &ours()), OriginVerdict::Listed, "{listed}");
    }
    let foreign = [
        "null",
        "",
        "*",
        "http://exam.school.org",
        "https://exam.school.org:443",
        "https://exam.school.org:8443",
        "https://exam.school.org/",
        "https://exam.school.org.evil.example",
        "https://evil-exam.school.org",
        "https://xexam.school.org",
        "https://EXAM.school.org",
        "HTTPS://exam.school.org",
        "https://user@exam.school.org",
        "https://exam.school.org@evil.example",
        "https://exam.school.org, https://evil.example",
        "http://192.168.1.5",
        "http://192.168.1.5:8081",
        "http://192.168.1.50:8080",
        "exam.school.org",
        "file://",
        "http://localhost:8080",
    ];
    for origin in foreign {
        assert_eq!(origin_allowed(&with(&[("origin", origin)]), &ours()), OriginVerdict::Foreign, "{origin}");
    }
    assert_eq!(origin_allowed(&HeaderMap::new(), &ours()), OriginVerdict::Absent);
    let twice = with(&[("origin", "https://exam.school.org"), ("origin", "https://evil.example")]);
    assert_eq!(origin_allowed(&twice, &ours()), OriginVerdict::Foreign);
}

#[test]
fn a_loopback_page_is_ours_only_on_the_port_it_asks() {
    let verdict = |origin, host| origin_allowed(&with(&[("origin", origin), ("host", host)]), &ours());
    assert_eq!(verdict("http://localhost:8080", "localhost:8080"), OriginVerdict::Listed);
    assert_eq!(verdict("http://[::1]:8080", "[::1]:8080"), OriginVerdict::Listed);
    assert_eq!(verdict("http://localhost:3000", "localhost:8080"), OriginVerdict::Foreign);
    assert_eq!(verdict("http://evil.example", "evil.example"), OriginVerdict::Foreign);
}

#[test]
fn hosts_are_those_of_the_public_urls_and_loopback() {
    let verdict = |host| ours().host(None, &with(&[("host", host)]));
    for host in [
        "exam.school.org",
        "EXAM.school.org",
        "exam.school.org:443",
        "192.168.1.5:8080",
        "localhost:9000",
        "[::1]:8080",
        "127.0.0.1",
    ] {
        assert_eq!(verdict(host), HostVerdict::Ours, "{host}");
    }
    for host in
        ["evil.example", "exam.school.org:80", "exam.school.org.", "192.168.1.5", "127.0.0.1.nip.io", "localhost.evil.example"]
    {
        assert_eq!(verdict(host), HostVerdict::Unknown, "{host}");
    }
    for host in ["", "a b", "evil@exam.school.org"] {
        assert_eq!(verdict(host), HostVerdict::Invalid, "{host}");
    }
    assert_eq!(ours().host(None, &HeaderMap::new()), HostVerdict::Invalid);
    assert_eq!(ours().host(None, &with(&[("host", "localhost"), ("host", "localhost")])), HostVerdict::Invalid);
    let evil = Authority::from_static("evil.example");
    assert_eq!(ours().host(Some(&evil), &with(&[("host", "exam.school.org")])), HostVerdict::Unknown);
}

#[test]
fn a_cookie_changes_something_only_from_our_own_page() {
    let may = |method: Method, pairs: &[(&'static str, &str)]| may_use_cookie(&method, &with(pairs), &ours());
    assert!(may(Method::GET, &[("origin", "https://evil.example")]));
    assert!(may(Method::POST, &[("origin", "https://exam.school.org")]));
    assert!(may(Method::POST, &[("sec-fetch-site", "same-origin")]));
    assert!(!may(Method::POST, &[]));
    assert!(!may(Method::POST, &[("sec-fetch-site", "same-site")]));
    assert!(!may(Method::POST, &[("sec-fetch-site", "none")]));
    assert!(!may(Method::DELETE, &[("origin", "null"), ("sec-fetch-site", "same-origin")]));
}
