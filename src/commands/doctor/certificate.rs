//! The certificate: whether it is valid, for how long, and for which names.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::{Finding, bad, good, odd};
use crate::config::{Config, PublicUrl, Tls};
use crate::domain::Ms;
use crate::server::TlsFiles;
use crate::time::{Time, rfc3339_ms};

const CHECK: &str = "certificate";
/// A certificate that ends sooner has to be renewed now, ms.
const SOON_MS: Ms = 14 * 24 * 3_600_000;
/// Beyond the last instant that a certificate can name, the end of the year 9999; Unix seconds.
const FAR_SECONDS: u64 = 300_000_000_000;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let Some(tls) = &config.tls else {
        return if config.given_urls.iter().any(|url| url.secure) {
            vec![odd(
                CHECK,
                "TLS is spoken by a proxy, whose certificate this command does not see",
                "Look at it there: when it ends, nobody gets in.",
            )]
        } else {
            Vec::new()
        };
    };
    let files = TlsFiles { cert: tls.certificate.clone(), key: tls.key.clone() };
    if let Err(error) = files.check() {
        return vec![bad(
            CHECK,
            error.to_string(),
            "Give the chain, the own certificate first, and its private key, both as PEM, readable by the user that the server runs as.",
        )];
    }
    let mut findings = private(tls);
    match std::fs::read(&tls.certificate).map_err(|e| e.to_string()).and_then(|pem| read(&pem, &config.given_urls)) {
        Err(error) => findings.push(bad(
            CHECK,
            format!("{}: {error}", tls.certificate.display()),
            "Give a certificate that browsers can read.",
        )),
        Ok(seen) => findings.extend(judge(&seen, Time::wall_ms())),
    }
    findings
}

/// What matters of a certificate. Instants in Unix ms; names are those that are asked of it and that it does not bear.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Certificate {
    from_ms: Ms,
    to_ms: Ms,
    strange: Vec<String>,
}

/// Reads a certificate with the library that browsers' peers use: what is asked of it is what they would ask.
fn read(pem: &[u8], urls: &[PublicUrl]) -> Result<Certificate, String> {
    let der = CertificateDer::from_pem_slice(pem).map_err(|error| error.to_string())?;
    let parsed = EndEntityCert::try_from(&der).map_err(|error| error.to_string())?;
    let hosts = urls.iter().filter(|url| url.secure).map(host_of);
    let strange = hosts.filter(|host| {
        let name = ServerName::try_from(host.as_str());
        !name.is_ok_and(|name| parsed.verify_is_valid_for_subject_name(&name).is_ok())
    });
    Ok(Certificate { from_ms: bound(&parsed, 0)?, to_ms: bound(&parsed, FAR_SECONDS)?, strange: strange.collect() })
}

/// The end of its days that an instant lies beyond. Whether somebody trusts its issuer is not asked: nobody is named.
fn bound(parsed: &EndEntityCert<'_>, seconds: u64) -> Result<Ms, String> {
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let ms = |at: UnixTime| Ms::try_from(at.as_secs()).unwrap_or(Ms::MAX).saturating_mul(1000);
    match parsed.verify_for_usage(&[], &[], &[], at, KeyUsage::server_auth(), None, None) {
        Err(Error::CertNotValidYet { not_before, .. }) => Ok(ms(not_before)),
        Err(Error::CertExpired { not_after, .. }) => Ok(ms(not_after)),
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("it ends never".to_owned()),
    }
}

fn judge(seen: &Certificate, now: Ms) -> Vec<Finding> {
    let day = |at| rfc3339_ms(at).get(..10).unwrap_or_default().to_owned();
    let renew = "Renew it, and restart the server when no room is open (`invigil status`): it reads the file at its start.";
    let mut findings = vec![if now < seen.from_ms {
        bad(CHECK, format!("it is valid from {} on only", day(seen.from_ms)), "Look at this machine's clock, or wait.")
    } else if now >= seen.to_ms {
        bad(CHECK, format!("it has ended on {}: no browser comes in", day(seen.to_ms)), renew)
    } else if seen.to_ms - now < SOON_MS {
        odd(CHECK, format!("it ends on {}", day(seen.to_ms)), renew)
    } else {
        good(CHECK, format!("it is valid until {}", day(seen.to_ms)))
    }];
    for host in &seen.strange {
        let advice =
            "Browsers warn everybody away from that address: get a certificate that names it, or take it out of public_urls.";
        findings.push(bad(CHECK, format!("{host} is not among its names"), advice));
    }
    findings
}

/// The host without its port and without the brackets of an IPv6 address.
fn host_of(url: &PublicUrl) -> String {
    let parsed = url::Url::parse(&url.origin).ok();
    let host = parsed.as_ref().and_then(url::Url::host_str).unwrap_or(&url.host);
    host.trim_matches(['[', ']']).to_ascii_lowercase()
}

/// A private key that others can read is not private.
fn private(tls: &Tls) -> Vec<Finding> {
    let key: &Path = &tls.key;
    let open = std::fs::metadata(key).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0);
    if !open {
        return Vec::new();
    }
    vec![odd(CHECK, format!("everybody on this machine can read {}", key.display()), "`chmod o= ` it.")]
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    const NOW: Ms = 1_793_696_400_000;
    const DAY: Ms = 24 * 3_600_000;

    fn url(origin: &str) -> PublicUrl {
        PublicUrl {
            origin: origin.to_owned(),
            host: origin.split_once("://").unwrap().1.to_owned(),
            secure: origin.starts_with("https"),
        }
    }

    fn states(from: Ms, to: Ms) -> Vec<State> {
        let seen = Certificate { from_ms: NOW + from, to_ms: NOW + to, strange: Vec::new() };
        judge(&seen, NOW).into_iter().map(|finding| finding.state).collect()
    }

    #[test]
    fn a_certificate_is_judged_by_its_days() {
        assert_eq!(states(-DAY, 90 * DAY), [State::Good]);
        assert_eq!(states(-DAY, 13 * DAY), [State::Odd]);
        assert_eq!(states(-DAY, 0), [State::Bad]);
        assert_eq!(states(DAY, 90 * DAY), [State::Bad]);
    }

    #[test]
    fn a_certificate_is_read_with_its_days_and_names() {
        let names = ["exam.school.example", "*.a.example", "10.0.0.5", "fd00::1"];
        let mut params = rcgen::CertificateParams::new(names.map(String::from)).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let pem = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
        let read =
            |origins: &[&str]| read(pem.as_bytes(), &origins.iter().map(|origin| url(origin)).collect::<Vec<_>>()).unwrap();
        let good = [
            "https://exam.school.example:8443",
            "https://x.a.example",
            "https://10.0.0.5:8443",
            "https://[fd00::1]",
            "http://other",
        ];
        let seen = read(&good);
        assert_eq!((seen.from_ms, seen.to_ms), (1_767_225_600_000, 1_798_761_600_000));
        assert_eq!(seen.strange, Vec::<String>::new());
        let bad = ["https://school.example", "https://a.example", "https://x.y.a.example", "https://10.0.0.6"];
        assert_eq!(read(&bad).strange, ["school.example", "a.example", "x.y.a.example", "10.0.0.6"]);
        assert!(super::read(b"nothing", &[]).is_err());
    }
}
