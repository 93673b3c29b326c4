//! Configuration of `serve`: a flag wins over its environment variable, that over the file, that over the default.
//!
//! `Settings` is at once the table of flags, of variables and of keys in the file, so the three cannot drift apart;
//! `docs/CONFIGURATION.md` is held to it by a test. `Config` is what the rest sees: parsed, complete, checked once.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;

/// Why a configuration is refused.
mod fault;
/// Reading of each value, with a sentence for each that cannot be.
mod parse;
mod secret;
pub use fault::ConfigError;
pub use secret::Secret;

/// What `serve` takes. Texts are parsed later, in one place, so that a mistake is answered the same way from wherever it
/// came.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// A TOML file with any of the settings below
    #[arg(long, env = "INVIGIL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The settings themselves.
    #[command(flatten)]
    pub settings: Settings,
}

/// Every setting, unset unless it was given.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(long, env = "INVIGIL_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Addresses people type, with scheme: the only Hosts and Origins that are served
    #[arg(long, env = "INVIGIL_PUBLIC_URLS", value_name = "URL,..", value_delimiter = ',')]
    pub public_urls: Option<Vec<String>>,
    /// A path for a database in a file, or a postgres:// URL
    #[arg(long, env = "INVIGIL_DATABASE_URL", value_name = "PATH|URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
    /// NATS server of several nodes on one PostgreSQL; several servers of a cluster with commas between
    #[arg(long, env = "INVIGIL_NATS_URL", value_name = "URL,..", hide_env_values = true)]
    pub nats_url: Option<Secret>,
    /// Certificate chain in PEM
    #[arg(long, env = "INVIGIL_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate in PEM
    #[arg(long, env = "INVIGIL_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Serve without TLS beyond this machine: everyone on the network can read along
    #[arg(long, env = "INVIGIL_ALLOW_PLAIN", value_name = "true|false", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub allow_plain: Option<bool>,
    /// Networks of the proxies whose X-Forwarded-For is believed
    #[arg(long, env = "INVIGIL_TRUSTED_PROXIES", value_name = "CIDR,..", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,
    /// What is logged: a level, or directives such as info,invigil=debug
    #[arg(long, env = "INVIGIL_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// How log lines look
    #[arg(long, env = "INVIGIL_LOG_FORMAT", value_name = "FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
    /// A separate address for /metrics
    #[arg(long, env = "INVIGIL_METRICS_LISTEN", value_name = "ADDR:PORT")]
    pub metrics_listen: Option<String>,
    /// The organisation's name, on pages and print
    #[arg(long, env = "INVIGIL_ORGANISATION", value_name = "NAME")]
    pub organisation: Option<String>,
    /// Language of those who ask for none
    #[arg(long, env = "INVIGIL_LANGUAGE", value_name = "LANGUAGE", value_enum)]
    pub language: Option<Language>,
    /// A sentence for candidates about how long their data are kept
    #[arg(long, env = "INVIGIL_RETENTION_NOTE", value_name = "TEXT")]
    pub retention_note: Option<String>,
    /// Folder for backups, or off
    #[arg(long, env = "INVIGIL_BACKUP_DIR", value_name = "DIR|off")]
    pub backup_dir: Option<PathBuf>,
    /// How many backups are kept; 0 keeps all
    #[arg(long, env = "INVIGIL_BACKUP_KEEP", value_name = "NUMBER")]
    pub backup_keep: Option<usize>,
    /// When the nightly backup is made, on this machine's clock
    #[arg(long, env = "INVIGIL_BACKUP_AT", value_name = "HH:MM")]
    pub backup_at: Option<String>,
    /// Start although the system clock is far behind the last event; time goes on from that event
    #[arg(long, env = "INVIGIL_ACCEPT_CLOCK_BEHIND", value_name = "true|false", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub accept_clock_behind: Option<bool>,
    /// Change the tables for this version although rooms run; answers may have to wait meanwhile
    #[arg(long, env = "INVIGIL_MIGRATE_WHILE_ROOMS_RUN", value_name = "true|false", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub migrate_while_rooms_run: Option<bool>,
}

impl Settings {
    /// These settings, and where one is unset that of `file`. The pattern names every field: a new one cannot be forgotten.
    fn or(self, file: Self) -> Self {
        let Self {
            listen,
            public_urls,
            database_url,
            nats_url,
            tls_certificate,
            tls_key,
            allow_plain,
            trusted_proxies,
            log_level,
            log_format,
            metrics_listen,
            organisation,
            language,
            retention_note,
            backup_dir,
            backup_keep,
            backup_at,
            accept_clock_behind,
            migrate_while_rooms_run,
        } = self;
        Self {
            listen: listen.or(file.listen),
            public_urls: public_urls.or(file.public_urls),
            database_url: database_url.or(file.database_url),
            nats_url: nats_url.or(file.nats_url),
            tls_certificate: tls_certificate.or(file.tls_certificate),
            tls_key: tls_key.or(file.tls_key),
            allow_plain: allow_plain.or(file.allow_plain),
            trusted_proxies: trusted_proxies.or(file.trusted_proxies),
            log_level: log_level.or(file.log_level),
            log_format: log_format.or(file.log_format),
            metrics_listen: metrics_listen.or(file.metrics_listen),
            organisation: organisation.or(file.organisation),
            language: language.or(file.language),
            retention_note: retention_note.or(file.retention_note),
            backup_dir: backup_dir.or(file.backup_dir),
            backup_keep: backup_keep.or(file.backup_keep),
            backup_at: backup_at.or(file.backup_at),
            accept_clock_behind: accept_clock_behind.or(file.accept_clock_behind),
            migrate_while_rooms_run: migrate_while_rooms_run.or(file.migrate_while_rooms_run),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

/// The languages of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The language tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

/// Where the facts are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file beside its `-wal` and `-shm`.
    Sqlite(PathBuf),
    /// A server, by a URL that may hold a password.
    Postgres(Secret),
}

impl Database {
    /// What the store opens; may hold a password, so it is never printed.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(secret) => secret.expose().clone(),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(secret) => {
                let url = url::Url::parse(secret.expose());
                let host = url.as_ref().ok().and_then(|url| url.host_str()).unwrap_or("(default host)");
                write!(f, "postgres://{host}{}", url.as_ref().map_or("", url::Url::path))
            }
        }
    }
}

/// The NATS servers over which several nodes hear each other; the addresses may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nats(pub Secret);

impl fmt::Display for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.0.expose().split(',').filter_map(|url| url::Url::parse(url.trim()).ok());
        let hosts: Vec<String> = hosts.filter_map(|url| url.host_str().map(str::to_owned)).collect();
        write!(f, "nats://{}", hosts.join(","))
    }
}

/// The two files of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Certificate chain in PEM.
    pub certificate: PathBuf,
    /// Private key in PEM.
    pub key: PathBuf,
}

/// Where and when backups are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backups {
    /// The folder.
    pub dir: PathBuf,
    /// How many are kept; 0 keeps all.
    pub keep: usize,
    /// Minute of the day on this machine's clock.
    pub minute: u32,
}

/// An address people type. Hosts and Origins are compared with it exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// As a browser sends it in `Origin`: `https://exam.example.org`, with a port only where it is not the scheme's own.
    pub origin: String,
    /// As a browser sends it in `Host`: `exam.example.org`, or with `:8443`.
    pub host: String,
    /// Whether it is https: then cookies are Secure.
    pub secure: bool,
}

/// Everything `serve` needs to know, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What was given; `public_urls` adds what follows from a loopback address.
    pub given_urls: Vec<PublicUrl>,
    /// Where the facts are kept.
    pub database: Database,
    /// What joins several nodes, if there are any.
    pub nats: Option<Nats>,
    /// TLS of our own, if any.
    pub tls: Option<Tls>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Directives of what is logged.
    pub log_level: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// A separate address for `/metrics`.
    pub metrics_listen: Option<SocketAddr>,
    /// The organisation's name.
    pub organisation: String,
    /// Language of those who ask for none.
    pub language: Language,
    /// What candidates are told about how long their data are kept; empty says nothing.
    pub retention_note: String,
    /// Backups that are made by themselves, if any.
    pub backups: Option<Backups>,
    /// Start although the system clock is far behind the last event.
    pub accept_clock_behind: bool,
    /// Change the tables although rooms run.
    pub migrate_while_rooms_run: bool,
}

impl Config {
    /// Reads the named file, if any, and checks everything. The environment was read with the flags.
    pub fn resolve(args: ServeArgs) -> Result<Self, ConfigError> {
        let file = match &args.config {
            Some(path) => parse::file(path)?,
            None => Settings::default(),
        };
        Self::check(args.settings.or(file))
    }

    fn check(given: Settings) -> Result<Self, ConfigError> {
        let listen = parse::address("listen", given.listen.as_deref().unwrap_or("127.0.0.1:8080"))?;
        let tls = parse::tls(given.tls_certificate, given.tls_key)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let reachable = !listen.ip().to_canonical().is_loopback();
        if reachable && tls.is_none() && !given.allow_plain.unwrap_or(false) {
            return Err(ConfigError::PlainBeyondLoopback(listen));
        }
        let given_urls = parse::public_urls(&given.public_urls.unwrap_or_default(), tls.is_some())?;
        if reachable && given_urls.is_empty() {
            return Err(ConfigError::NoPublicUrl(listen, scheme));
        }
        let database = parse::database(given.database_url.as_ref().map_or("invigil.db", |secret| secret.expose()))?;
        let nats = given.nats_url.as_ref().map(|secret| parse::nats(secret.expose(), &database)).transpose()?;
        let at = given.backup_at.as_deref().unwrap_or("02:30");
        let backups = parse::backups(given.backup_dir, given.backup_keep.unwrap_or(30), at, &database)?;
        Ok(Self {
            listen,
            given_urls,
            database,
            nats,
            backups,
            tls,
            trusted_proxies: parse::proxies(&given.trusted_proxies.unwrap_or_default())?,
            log_level: parse::log_level(given.log_level.unwrap_or_else(|| "info".to_owned()))?,
            log_format: given.log_format.unwrap_or(LogFormat::Text),
            metrics_listen: given.metrics_listen.map(|text| parse::address("metrics_listen", &text)).transpose()?,
            organisation: parse::text("organisation", given.organisation.as_deref().unwrap_or("Invigil"), 1..=200)?,
            language: given.language.unwrap_or(Language::En),
            retention_note: parse::text("retention_note", given.retention_note.as_deref().unwrap_or_default(), 0..=2_000)?,
            accept_clock_behind: given.accept_clock_behind.unwrap_or(false),
            migrate_while_rooms_run: given.migrate_while_rooms_run.unwrap_or(false),
        })
    }

    /// The Hosts and Origins that are served, once the listener is bound: what was given, else this machine's own names
    /// with the port that was really taken.
    pub fn public_urls(&self, bound: SocketAddr) -> Vec<PublicUrl> {
        if !self.given_urls.is_empty() {
            return self.given_urls.clone();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let names = [format!("{scheme}://{bound}"), format!("{scheme}://localhost:{}", bound.port())];
        names.iter().filter_map(|name| parse::public_url(name).ok()).collect()
    }
}

#[cfg(test)]
mod tests;
