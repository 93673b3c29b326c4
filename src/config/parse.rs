use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

use super::{Backups, ConfigError, Database, Nats, PublicUrl, Secret, Settings, Tls};

fn wrong(setting: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError::Value { setting, why: why.into() }
}

pub(super) fn file(path: &Path) -> Result<Settings, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|why| ConfigError::Unreadable { path: shown.clone(), why })?;
    toml::from_str(&text).map_err(|error| {
        // The library's own text quotes the line, and the line may hold a password.
        let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
        ConfigError::File { path: shown, why: format!("Line {line}: {}.", error.message().trim_end()) }
    })
}

pub(super) fn address(setting: &'static str, text: &str) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| {
        wrong(setting, format!("\"{text}\" is not an address with a port. Write it as 127.0.0.1:8080 or [::1]:8080."))
    })
}

pub(super) fn tls(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Tls>, ConfigError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(Tls { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::HalfTls("tls_key")),
        (None, Some(_)) => Err(ConfigError::HalfTls("tls_certificate")),
    }
}

pub(super) fn public_urls(texts: &[String], tls: bool) -> Result<Vec<PublicUrl>, ConfigError> {
    let urls: Vec<PublicUrl> = texts.iter().map(|text| public_url(text)).collect::<Result<_, _>>()?;
    match urls.iter().find(|url| tls && !url.secure) {
        Some(plain) => Err(wrong(
            "public_urls",
            format!("this server speaks TLS, so {} cannot reach it. Write https:// instead.", plain.origin),
        )),
        None => Ok(urls),
    }
}

pub(super) fn public_url(text: &str) -> Result<PublicUrl, ConfigError> {
    let bad = |why: &str| {
        wrong(
            "public_urls",
            format!("\"{text}\" {why}. Write it as https://exam.example.org, with a port if it is not the usual one."),
        )
    };
    let url = Url::parse(text.trim()).map_err(|_| bad("is not a URL"))?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(bad("is neither http nor https")),
    };
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(bad("holds more than scheme, host and port"));
    }
    let origin = url.origin().ascii_serialization();
    let (_, host) = origin.split_once("://").ok_or_else(|| bad("has no host"))?;
    Ok(PublicUrl { host: host.to_owned(), secure, origin: origin.clone() })
}

/// Never quotes the text: it may hold a password.
pub(super) fn database(text: &str) -> Result<Database, ConfigError> {
    let bad = |why: &str| {
        wrong("database_url", format!("{why}. Write a path such as invigil.db, or postgres://user:password@host/name."))
    };
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        Url::parse(text)
            .map_err(|_| bad("this is not a valid PostgreSQL URL; escape signs in the password as %40 and the like"))?;
        return Ok(Database::Postgres(Secret::new(text.to_owned())));
    }
    let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
    match path {
        "" => Err(bad("the path is empty")),
        _ if path.starts_with(":memory:") => Err(bad("a database in memory forgets every answer when the process stops")),
        _ if path.contains("://") => Err(bad("only SQLite and PostgreSQL are known")),
        _ => Ok(Database::Sqlite(PathBuf::from(path))),
    }
}

/// Never quotes the text: it may hold a password.
pub(super) fn nats(text: &str, database: &Database) -> Result<Nats, ConfigError> {
    if matches!(database, Database::Sqlite(_)) {
        return Err(ConfigError::NatsWithoutPostgres);
    }
    let good = |one: &str| {
        let url = Url::parse(one.trim()).ok();
        url.is_some_and(|url| matches!(url.scheme(), "nats" | "tls") && url.host_str().is_some_and(|host| !host.is_empty()))
    };
    if text.split(',').all(good) {
        return Ok(Nats(Secret::new(text.to_owned())));
    }
    Err(wrong("nats_url", "this is not the address of a NATS server. Write nats://host:4222, or tls://user:password@host:4222."))
}

/// Beside a database in a file there are backups unless they are switched off; a server has its own, unless a folder is named.
pub(super) fn backups(dir: Option<PathBuf>, keep: usize, at: &str, database: &Database) -> Result<Option<Backups>, ConfigError> {
    let minute = at.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    });
    let minute = minute.ok_or_else(|| wrong("backup_at", format!("\"{at}\" is not a time of day. Write it as 02:30.")))?;
    let dir = match (dir, database) {
        (Some(dir), _) if dir.as_os_str() == "off" => None,
        (Some(dir), _) if dir.as_os_str().is_empty() => return Err(wrong("backup_dir", "write a folder, or off.")),
        (Some(dir), _) => Some(dir),
        (None, Database::Sqlite(path)) => Some(path.with_file_name("backups")),
        (None, Database::Postgres(_)) => None,
    };
    Ok(dir.map(|dir| Backups { dir, keep, minute }))
}

pub(super) fn proxies(texts: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    let one = |text: &String| {
        let text = text.trim();
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        let net = net.map_err(|_| {
            wrong("trusted_proxies", format!("\"{text}\" is not a network. Write it as 10.0.0.0/8 or 192.0.2.7."))
        })?;
        if net.prefix_len() == 0 {
            return Err(wrong(
                "trusted_proxies",
                format!("{net} is everyone, and then anyone could choose the address we see. Name the proxy's own network."),
            ));
        }
        Ok(net.trunc())
    };
    texts.iter().map(one).collect()
}

pub(super) fn log_level(text: String) -> Result<String, ConfigError> {
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_) if !text.trim().is_empty() => Ok(text),
        _ => Err(wrong(
            "log_level",
            format!(
                "\"{text}\" is not understood. Write error, warn, info, debug or trace, or directives such as info,invigil=debug."
            ),
        )),
    }
}

pub(super) fn text(setting: &'static str, text: &str, chars: RangeInclusive<usize>) -> Result<String, ConfigError> {
    let text = text.trim().to_owned();
    let (least, most) = (chars.start(), chars.end());
    if !chars.contains(&text.chars().count()) {
        return Err(wrong(setting, format!("write {least} to {most} characters.")));
    }
    if text.chars().any(char::is_control) { Err(wrong(setting, "write one line, without control characters.")) } else { Ok(text) }
}
