use std::sync::atomic::{AtomicU32, Ordering};

use clap::{Command, CommandFactory, Parser};

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    serve: ServeArgs,
}

/// A file that is gone when the test is over.
struct TempFile(PathBuf);

impl TempFile {
    fn new(text: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("invigil-config-{process}-{number}.toml"));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn args(flags: &[&str]) -> ServeArgs {
    Cli::try_parse_from(std::iter::once("serve").chain(flags.iter().copied())).unwrap().serve
}

fn resolve(flags: &[&str]) -> Result<Config, ConfigError> {
    Config::resolve(args(flags))
}

fn with_file(toml: &str, flags: &[&str]) -> Result<Config, ConfigError> {
    let file = TempFile::new(toml);
    let mut args = args(flags);
    args.config = Some(file.0.clone());
    Config::resolve(args)
}

fn refusal(outcome: Result<Config, ConfigError>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn defaults_serve_this_machine_only() {
    let config = resolve(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database, Database::Sqlite("invigil.db".into()));
    assert_eq!((config.tls, config.metrics_listen), (None, None));
    assert!(config.trusted_proxies.is_empty() && config.given_urls.is_empty());
    assert_eq!((config.log_level.as_str(), config.log_format), ("info", LogFormat::Text));
    assert_eq!((config.organisation.as_str(), config.language.as_str(), config.retention_note.as_str()), ("Invigil", "en", ""));
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let file =
        "listen = \"127.0.0.1:7002\"\norganisation = \"From the file\"\nlanguage = \"zh\"\ntrusted_proxies = [\"10.1.2.3/8\"]\n";
    let config = with_file(file, &["--listen", "127.0.0.1:7003"]).unwrap();
    assert_eq!(config.listen.port(), 7003);
    assert_eq!(config.organisation, "From the file");
    assert_eq!(config.language, Language::Zh);
    assert_eq!(config.trusted_proxies, vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(config.log_level, "info");
}

/// A process's environment cannot be changed safely from inside it, so this one is run again with another.
#[test]
fn a_variable_wins_over_the_file_and_a_flag_over_the_variable() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["config::tests::with_variables", "--exact", "--ignored", "--nocapture"])
        .env("INVIGIL_LISTEN", "127.0.0.1:7001")
        .env("INVIGIL_ORGANISATION", "From the environment")
        .env("INVIGIL_ALLOW_PLAIN", "true")
        .env("INVIGIL_PUBLIC_URLS", "https://a.example,https://b.example:8443")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by the test above, with its environment"]
fn with_variables() {
    let file = "listen = \"127.0.0.1:7002\"\norganisation = \"From the file\"\nlog_level = \"warn\"\n";
    let config = with_file(file, &["--organisation", "From a flag"]).unwrap();
    assert_eq!(config.listen.port(), 7001);
    assert_eq!(config.organisation, "From a flag");
    assert_eq!(config.log_level, "warn");
    let origins: Vec<&str> = config.given_urls.iter().map(|url| url.origin.as_str()).collect();
    assert_eq!(origins, ["https://a.example", "https://b.example:8443"]);
    assert!(with_file("", &["--listen", "0.0.0.0:80"]).is_ok(), "allow_plain came from the environment");
    assert!(with_file("", &["--listen", "0.0.0.0:80", "--allow-plain=false"]).is_err());
}

#[test]
fn plain_http_beyond_this_machine_must_be_asked_for() {
    let urls = ["--public-urls", "http://10.0.0.5:8080"];
    for listen in ["0.0.0.0:8080", "10.0.0.5:8080", "[::]:8080", "[::ffff:10.0.0.5]:8080"] {
        let said = refusal(resolve(&[&["--listen", listen][..], &urls].concat()));
        assert!(said.contains("no TLS") && said.contains("allow_plain") && said.contains("tls_certificate"), "{said}");
        assert!(resolve(&[&["--listen", listen, "--allow-plain"][..], &urls].concat()).is_ok(), "{listen}");
        let tls = ["--tls-certificate", "c.pem", "--tls-key", "k.pem", "--public-urls", "https://exam.example.org"];
        assert!(resolve(&[&["--listen", listen][..], &tls].concat()).is_ok(), "{listen}");
    }
    for listen in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:8080", "[::ffff:127.0.0.1]:8080"] {
        assert!(resolve(&["--listen", listen]).is_ok(), "{listen}");
    }
    assert!(with_file("listen = \"0.0.0.0:80\"\nallow_plain = false\npublic_urls = [\"http://a\"]", &[]).is_err());
    assert!(with_file("listen = \"0.0.0.0:80\"\nallow_plain = true\npublic_urls = [\"http://a\"]", &[]).is_ok());
}

#[test]
fn half_of_tls_is_none() {
    assert!(refusal(resolve(&["--tls-certificate", "c.pem"])).contains("tls_key is missing"));
    assert!(refusal(resolve(&["--tls-key", "k.pem"])).contains("tls_certificate is missing"));
}

#[test]
fn beyond_this_machine_the_addresses_must_be_named() {
    let said = refusal(resolve(&["--listen", "0.0.0.0:8080", "--allow-plain"]));
    assert!(said.contains("public_urls") && said.contains("http://exam.example.org"), "{said}");
}

#[test]
fn addresses_become_hosts_and_origins() {
    let config = resolve(&[
        "--public-urls",
        "https://Exam.Example.org/,https://exam.example.org:443, http://10.0.0.5:8080,https://考试.example",
    ])
    .unwrap();
    let hosts: Vec<(&str, &str, bool)> =
        config.given_urls.iter().map(|url| (url.origin.as_str(), url.host.as_str(), url.secure)).collect();
    assert_eq!(hosts[0], ("https://exam.example.org", "exam.example.org", true));
    assert_eq!(hosts[1], hosts[0]);
    assert_eq!(hosts[2], ("http://10.0.0.5:8080", "10.0.0.5:8080", false));
    assert!(hosts[3].1.starts_with("xn--"), "{hosts:?}");
    for bad in [
        "exam.example.org",
        "ftp://a",
        "https://a/path",
        "https://a?x=1",
        "https://u:p@a",
        "https://a#b",
        "https://",
        "null",
        "*",
    ] {
        let said = refusal(resolve(&["--public-urls", bad]));
        assert!(said.starts_with("public_urls: ") && said.contains("Write it as https://"), "{bad}: {said}");
    }
    let tls = ["--tls-certificate", "c.pem", "--tls-key", "k.pem", "--public-urls", "http://exam.example.org"];
    assert!(refusal(resolve(&tls)).contains("Write https://"));
}

#[test]
fn without_given_addresses_it_is_this_machine_with_the_port_taken() {
    let bound: SocketAddr = "127.0.0.1:40123".parse().unwrap();
    let urls = resolve(&["--listen", "127.0.0.1:0"]).unwrap().public_urls(bound);
    let hosts: Vec<&str> = urls.iter().map(|url| url.host.as_str()).collect();
    assert_eq!(hosts, ["127.0.0.1:40123", "localhost:40123"]);
    assert!(urls.iter().all(|url| !url.secure));
    let six = resolve(&["--listen", "[::1]:0"]).unwrap().public_urls("[::1]:80".parse().unwrap());
    assert_eq!((six[0].host.as_str(), six[0].origin.as_str()), ("[::1]", "http://[::1]"));
    let given = resolve(&["--public-urls", "https://a.example"]).unwrap().public_urls(bound);
    assert_eq!(given.len(), 1);
}

#[test]
fn the_database_is_a_path_or_postgres() {
    let database = |text: &str| resolve(&["--database-url", text]).map(|config| config.database);
    for path in ["data/x.db", "sqlite:data/x.db", "sqlite://data/x.db"] {
        assert_eq!(database(path).unwrap(), Database::Sqlite("data/x.db".into()));
    }
    assert_eq!(database("C:\\exam\\x.db").unwrap(), Database::Sqlite("C:\\exam\\x.db".into()));
    for url in ["postgres://u:p@h/d", "postgresql://u:p@h:5433/d?sslmode=require"] {
        assert_eq!(database(url).unwrap(), Database::Postgres(Secret::from(url)));
    }
    for bad in ["", "sqlite:", ":memory:", "sqlite::memory:", "mysql://u:hunter22@h/d", "postgres://u:hunter22@[h/d"] {
        let said = database(bad).unwrap_err().to_string();
        assert!(said.starts_with("database_url: ") && !said.contains("hunter22"), "{said}");
    }
}

#[test]
fn several_nodes_need_postgres() {
    let nats = |database: &str, url: &str| resolve(&["--database-url", database, "--nats-url", url]).map(|config| config.nats);
    assert!(nats("postgres://h/d", "nats://127.0.0.1:4222").unwrap().is_some());
    let said = refusal(resolve(&["--nats-url", "nats://127.0.0.1:4222"]));
    assert!(said.starts_with("nats_url: ") && said.contains("need one PostgreSQL"), "{said}");
    for bad in ["", "127.0.0.1:4222", "http://u:hunter22@h", "nats://", "nats://h,", "nats://u:hunter22@[h"] {
        let said = nats("postgres://h/d", bad).unwrap_err().to_string();
        assert!(said.starts_with("nats_url: ") && said.contains("Write nats://") && !said.contains("hunter22"), "{bad}: {said}");
    }
}

#[test]
fn a_password_is_never_printed() {
    let args = args(&["--database-url", "postgres://exam:hunter22@db.example/exam"]);
    assert!(!format!("{args:?}").contains("hunter22"));
    let config = Config::resolve(args).unwrap();
    assert!(!format!("{config:?}").contains("hunter22"));
    assert_eq!(config.database.to_string(), "postgres://db.example/exam");
    let Database::Postgres(secret) = config.database else { panic!("not PostgreSQL") };
    assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
    assert!(secret.expose().contains("hunter22"));

    // Nor when its own line in the file is the wrong one.
    for file in [
        "database_url = \"postgres://u:hunter22@h/d\n",
        "database_url = [\"hunter22\"]",
        "database_url = \"mysql://u:hunter22@h/d\"",
    ] {
        let said = refusal(with_file(file, &[]));
        assert!(!said.contains("hunter22"), "{said}");
    }
    let args =
        self::args(&["--database-url", "postgres://h/d", "--nats-url", "nats://a:hunter22@n.example:4222,tls://m.example"]);
    assert!(!format!("{args:?}").contains("hunter22"));
    let config = Config::resolve(args).unwrap();
    assert!(!format!("{config:?}").contains("hunter22"));
    assert_eq!(config.nats.unwrap().to_string(), "nats://n.example,m.example");
    let help = Command::new("serve");
    let help = ServeArgs::augment_args(help).render_long_help().to_string();
    assert!(help.contains("INVIGIL_DATABASE_URL") && !help.contains("INVIGIL_DATABASE_URL="), "{help}");
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let said = refusal(with_file("language = \"zh\"\nlisten_on = \"127.0.0.1:80\"\n", &[]));
    assert!(said.contains("Line 2") && said.contains("listen_on") && said.contains("listen"), "{said}");
    assert!(refusal(with_file("language = \"fr\"", &[])).contains("Line 1"));
    assert!(refusal(with_file("[server]\nlisten = \"127.0.0.1:80\"", &[])).contains("server"));
    let missing = refusal(Config::resolve(ServeArgs { config: Some("no/such/file.toml".into()), ..ServeArgs::default() }));
    assert!(missing.contains("no/such/file.toml") && missing.contains("--config"), "{missing}");
}

#[test]
fn every_wrong_value_says_what_to_write() {
    for (flags, says) in [
        (["--listen", "8080"], "Write it as 127.0.0.1:8080"),
        (["--metrics-listen", "localhost"], "metrics_listen: "),
        (["--trusted-proxies", "10.0.0.0/99"], "Write it as 10.0.0.0/8"),
        (["--trusted-proxies", "0.0.0.0/0"], "everyone"),
        (["--trusted-proxies", "::/0"], "everyone"),
        (["--log-level", "info,="], "Write error, warn"),
        (["--log-level", ""], "Write error, warn"),
        (["--backup-at", "half past two"], "Write it as 02:30"),
        (["--backup-at", "24:00"], "Write it as 02:30"),
        (["--organisation", "  "], "1 to 200"),
        (["--organisation", "a\nb"], "one line"),
    ] {
        let said = refusal(resolve(&flags));
        assert!(said.contains(says), "{flags:?}: {said}");
    }
    let one = resolve(&["--trusted-proxies", "192.0.2.7, fd00::/8"]).unwrap().trusted_proxies;
    assert_eq!(one, vec!["192.0.2.7/32".parse().unwrap(), "fd00::/8".parse().unwrap()]);
    assert!(Cli::try_parse_from(["serve", "--language", "fr"]).is_err());
    assert!(Cli::try_parse_from(["serve", "--nonsense"]).is_err());
}

#[test]
fn the_document_has_every_setting_and_no_other() {
    const DOCUMENT: &str = include_str!("../../docs/CONFIGURATION.md");
    let rows: Vec<Vec<&str>> = DOCUMENT
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let command = ServeArgs::augment_args(Command::new("serve"));
    let settings: Vec<_> = command.get_arguments().collect();
    assert!(settings.len() >= 14);
    for setting in &settings {
        let key = setting.get_id().as_str();
        let flag = format!("`--{}`", setting.get_long().unwrap());
        let variable = format!("`{}`", setting.get_env().unwrap().to_str().unwrap());
        let row = rows.iter().find(|row| row[0] == flag).unwrap_or_else(|| panic!("{flag} has no row"));
        assert_eq!(row.len(), 5, "{flag}: flag, variable, key, default, meaning");
        assert_eq!(row[1], variable);
        assert_eq!(variable, format!("`INVIGIL_{}`", key.to_uppercase()), "a variable is named as its key");
        let in_file = if key == "config" { "–".to_owned() } else { format!("`{key}`") };
        assert_eq!(row[2], in_file);
        assert!(!row[3].is_empty() && !row[4].is_empty());
    }
    assert_eq!(rows.len(), settings.len(), "a row of the document names no setting");

    // The defaults in the document are those of the program.
    let config = resolve(&[]).unwrap();
    let shown = |flag: &str| rows.iter().find(|row| row[0] == flag).map(|row| row[3].trim_matches('`').to_owned()).unwrap();
    assert_eq!(shown("`--listen`"), config.listen.to_string());
    assert_eq!(shown("`--database-url`"), config.database.to_string());
    assert_eq!(shown("`--log-level`"), config.log_level);
    assert_eq!(shown("`--organisation`"), config.organisation);
    assert_eq!(shown("`--language`"), config.language.as_str());
    assert_eq!(shown("`--log-format`"), "text");
    let backups = config.backups.unwrap();
    assert_eq!(shown("`--backup-keep`"), backups.keep.to_string());
    assert_eq!(shown("`--backup-at`"), format!("{:02}:{:02}", backups.minute / 60, backups.minute % 60));
    assert_eq!(backups.dir.to_str(), Some("backups"));
}

#[test]
fn every_key_of_the_document_is_taken_by_the_file() {
    let file = "listen = \"127.0.0.1:1\"\npublic_urls = [\"https://a\"]\ndatabase_url = \"postgres://h/x\"\nnats_url = \"nats://h\"\ntls_certificate = \"c\"\ntls_key = \"k\"\n\
                allow_plain = true\ntrusted_proxies = [\"10.0.0.0/8\"]\nlog_level = \"debug\"\nlog_format = \"json\"\nmetrics_listen = \"127.0.0.1:2\"\n\
                organisation = \"O\"\nlanguage = \"zh\"\nretention_note = \"R\"\n\
                backup_dir = \"/b\"\nbackup_keep = 3\nbackup_at = \"23:59\"\naccept_clock_behind = true\nmigrate_while_rooms_run = true\n";
    let config = with_file(file, &[]).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.tls, Some(Tls { certificate: "c".into(), key: "k".into() }));
    assert_eq!((config.log_format, config.metrics_listen.unwrap().port()), (LogFormat::Json, 2));
    assert_eq!((config.organisation.as_str(), config.retention_note.as_str()), ("O", "R"));
    assert_eq!(config.backups, Some(Backups { dir: "/b".into(), keep: 3, minute: 1439 }));
    let keys = Cli::command().get_arguments().filter(|arg| arg.get_id() != "config" && arg.get_id() != "help").count();
    assert_eq!(file.lines().count(), keys, "a setting is missing above");
    Cli::command().debug_assert();
}
