use std::path::Path;
use std::process::{Command, Stdio};

use super::super::{Engine, Result as StoreResult, Store, StoreError};

/// Why PostgreSQL's tools did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It is not installed.
    #[error(
        "{0} is not installed: install the PostgreSQL client programs of the server's version or a newer one (Debian and Ubuntu: apt install postgresql-client)"
    )]
    Missing(&'static str),
    /// It failed.
    #[error("{0} failed: {1}")]
    Failed(&'static str, String),
    /// The URL has something that cannot be handed on.
    #[error("the database URL cannot be handed to {0}")]
    Url(&'static str),
}

/// Schemas that a restore has moved aside begin so; a dump leaves them out.
pub const ASIDE: &str = "before_restore_";

/// What a dump has to contain to be one of ours.
const TABLES: &[&str] = &["meta", "rooms", "candidates", "pens", "clock_changes", "answers", "events"];

/// Dumps the whole database into `file`, in PostgreSQL's own custom format, as of one instant.
pub async fn dump(url: &str, file: &Path) -> Result<(), ToolError> {
    let mut command = tool("pg_dump", url)?;
    let aside = format!("--exclude-schema={ASIDE}*");
    command.args(["--format=custom", "--no-owner", "--no-privileges", &aside, "--file"]).arg(file);
    run("pg_dump", command).await.map(drop)
}

/// Reads a dump's table of contents; a dump that was cut or lacks a table of ours is refused.
pub async fn check(file: &Path) -> Result<(), ToolError> {
    let mut command = Command::new("pg_restore");
    command.arg("--list").arg(file);
    let list = run("pg_restore", command).await?;
    let absent = TABLES.iter().find(|table| !list.contains(&format!("TABLE DATA public {table} ")));
    absent.map_or(Ok(()), |table| Err(ToolError::Failed("pg_restore --list", format!("the dump has no table {table}"))))
}

/// Loads a dump into a database whose schema `public` is empty: all of it or nothing.
pub async fn load(url: &str, file: &Path) -> Result<(), ToolError> {
    let mut command = tool("pg_restore", url)?;
    let name = database(url).ok_or(ToolError::Url("pg_restore"))?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname"]).arg(name).arg(file);
    run("pg_restore", command).await.map(drop)
}

impl Store {
    /// Processes of ours that have this PostgreSQL database open, this one not counted.
    pub async fn others(&self) -> StoreResult<i64> {
        let Engine::Postgres(db) = &self.read else { return Ok(0) };
        let sql = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'invigil'";
        Ok(sqlx::query_scalar(sql).fetch_one(db).await?)
    }

    /// Whether this PostgreSQL database holds tables of ours.
    pub async fn has_tables(&self) -> StoreResult<bool> {
        let Engine::Postgres(db) = &self.read else { return Ok(true) };
        Ok(sqlx::query_scalar("select to_regclass('public.answers') is not null").fetch_one(db).await?)
    }

    /// Moves everything in this PostgreSQL database aside, into a schema named `aside`, and leaves `public` empty.
    pub async fn move_aside(&self, aside: &str) -> StoreResult<()> {
        let Engine::Postgres(db) = &self.write else { return Ok(()) };
        if !aside.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(StoreError::Unreadable(aside.to_owned()));
        }
        let sql = format!("alter schema public rename to {aside}; create schema public");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(db).await?;
        Ok(())
    }
}

/// A tool that finds the database by the variables it knows: what is in an argument can be read by everybody on the machine.
fn tool(name: &'static str, url: &str) -> Result<Command, ToolError> {
    let parsed = url::Url::parse(url).map_err(|_| ToolError::Url(name))?;
    let mut command = Command::new(name);
    let mut set = |variable: &str, value: &str| {
        if let (false, Some(value)) = (value.is_empty(), decoded(value)) {
            command.env(variable, value);
        }
    };
    set("PGHOST", parsed.host_str().unwrap_or_default().trim_matches(['[', ']']));
    set("PGPORT", &parsed.port().map(|port| port.to_string()).unwrap_or_default());
    set("PGUSER", parsed.username());
    set("PGPASSWORD", parsed.password().unwrap_or_default());
    set("PGDATABASE", parsed.path().trim_start_matches('/'));
    for (key, value) in parsed.query_pairs() {
        let variable = match key.as_ref() {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        command.env(variable, value.as_ref());
    }
    Ok(command)
}

fn database(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    let named = parsed.query_pairs().find(|(key, _)| key == "dbname").map(|(_, value)| value.into_owned());
    named.or_else(|| decoded(parsed.path().trim_start_matches('/'))).filter(|name| !name.is_empty())
}

/// Percent signs of a URL's part, read.
fn decoded(part: &str) -> Option<String> {
    let as_query = format!("x={}", part.replace('+', "%2B"));
    url::form_urlencoded::parse(as_query.as_bytes()).next().map(|(_, value)| value.into_owned())
}

async fn run(name: &'static str, mut command: Command) -> Result<String, ToolError> {
    let done = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output()).await;
    let failed = |why: String| ToolError::Failed(name, why);
    let done = done.map_err(|error| failed(error.to_string()))?.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ToolError::Missing(name),
        _ => failed(error.to_string()),
    })?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(failed(said.lines().take(3).collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_becomes_the_variables_of_the_tools() {
        let command = tool("pg_dump", "postgres://us%40er:p%2Bw+d@db.example:5433/exams?sslmode=require").unwrap();
        let of = |name: &str| {
            let found = command.get_envs().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| value).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let all = ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE"].map(of);
        assert_eq!(all, ["db.example", "5433", "us@er", "p+w+d", "exams", "require"]);
        assert_eq!(command.get_args().count(), 0, "nothing of it is an argument");
        assert_eq!(database("postgres:///exams?host=/run/postgresql").as_deref(), Some("exams"));
    }
}
