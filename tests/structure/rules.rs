//! Rules about single files.

use crate::source::{File, lines_with};

/// Every way to read a clock; `clippy.toml` names the same.
pub const CLOCKS: &[&str] = &["SystemTime::now", "Instant::now", "Utc::now", "Local::now", "Uuid::now_v7"];
/// Lines a file may have, its test modules aside.
const LINES: usize = 350;
/// Files that are longer, and by how much at most. They may shrink, not grow; a new one has to be split.
pub const LONG: &[(&str, usize)] = &[("src/protocol.rs", 550), ("src/service/sitting.rs", 450)];
/// Libraries and the only files that may know them.
const OWNERS: &[(&str, &[&str])] = &[
    ("jsonwebtoken", &["src/auth/"]),
    ("argon2", &["src/auth/"]),
    ("tokio_tungstenite", &["src/channel/", "src/client/"]),
    ("tungstenite", &["src/channel/", "src/client/"]),
    ("websocket", &["src/channel/", "src/client/"]),
    ("sqlx", &["src/store/", "src/domain/ids.rs"]),
    ("askama", &["src/view/"]),
    ("poem_openapi", &["src/api/", "src/app/"]),
];
/// What the domain never does: wait, read or write anything, look at a clock or at its surroundings.
const IMPURE: &[&str] = &[
    "async",
    "await",
    "tokio",
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "println!",
    "eprintln!",
    "tracing",
    "rand::",
    "query",
    "query_as",
    "query_scalar",
    "sqlx::FromRow",
    "static mut",
    "Mutex",
    "RwLock",
    "Atomic",
];

/// Whether a file is `src/auth.rs` or lies in `src/auth/`, for an owner written `src/auth/`.
fn owned_by(path: &str, owner: &str) -> bool {
    path == owner || path.starts_with(owner) || owner.strip_suffix('/').is_some_and(|o| path == format!("{o}.rs"))
}

fn found(file: &File, code: &str, words: &[&str], why: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for word in words {
        faults.extend(lines_with(code, word).into_iter().map(|line| format!("{}:{line}: {word} {why}", file.path)));
    }
    faults
}

pub fn impure_domain(file: &File) -> Vec<String> {
    if file.top() == "domain" { found(file, &file.code(), IMPURE, "in the domain") } else { Vec::new() }
}

pub fn strayed_libraries(file: &File) -> Vec<String> {
    let code = file.code();
    let strayed = OWNERS.iter().filter(|(_, owners)| !owners.iter().any(|owner| owned_by(&file.path, owner)));
    strayed
        .flat_map(|(library, owners)| found(file, &code, &[&format!("{library}::")], &format!("outside {}", owners.join(", "))))
        .collect()
}

pub fn strayed_sql(file: &File) -> Vec<String> {
    if file.top() == "store" {
        return Vec::new();
    }
    let is_sql = |text: &str| {
        let text = text.trim_start().to_ascii_lowercase();
        (text.starts_with("select ") && text.contains(" from "))
            || (text.starts_with("update ") && text.contains(" set "))
            || ["insert into ", "delete from ", "create table ", "alter table ", "pragma "]
                .iter()
                .any(|verb| text.starts_with(verb))
    };
    let strings = file.strings().into_iter().filter(|(_, text)| is_sql(text));
    strings.map(|(line, text)| format!("{}:{line}: SQL outside the store: {text}", file.path)).collect()
}

/// Test modules included: there too time is a parameter.
pub fn strayed_clocks(file: &File) -> Vec<String> {
    if file.path == "src/time.rs" { Vec::new() } else { found(file, &file.all_code(), CLOCKS, "outside src/time.rs") }
}

pub fn left_for_later(file: &File) -> Vec<String> {
    let code = file.all_code();
    let mut faults = found(file, &code, &["todo!", "unimplemented!", "dbg!"], "is left for later");
    // A test that another test runs as a process of its own is not skipped.
    let child = |line: usize| file.text.lines().nth(line - 1).is_some_and(|l| l.contains("#[ignore = \"run by "));
    let ignored = lines_with(&code, "#[ignore").into_iter().filter(|line| !child(*line));
    faults.extend(ignored.map(|line| format!("{}:{line}: a test that is skipped", file.path)));
    if file.path.starts_with("src/") {
        faults.extend(found(file, &code, &["#[allow(", "#![allow("], "silences instead of expecting"));
        let later =
            file.text.lines().enumerate().filter(|(_, line)| ["TODO", "FIXME", "XXX"].iter().any(|w| lines_with(line, w) == [1]));
        faults.extend(later.map(|(n, line)| format!("{}:{}: {}", file.path, n + 1, line.trim())));
    }
    faults
}

/// Files beyond `LINES`, test modules aside, or beyond what `known` grants them; and grants that nobody needs any more.
pub fn long_files(files: &[File], known: &[(&str, usize)]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|f| !f.is_test()) {
        // Doc comments are part of a file's length, its tests are not.
        let tests = file.all_code().lines().position(|line| line.starts_with("#[cfg(test)]"));
        let lines = tests.unwrap_or_else(|| file.text.lines().count());
        let grant = known.iter().find(|(path, _)| *path == file.path).map(|(_, lines)| *lines);
        if lines > grant.unwrap_or(LINES) {
            faults.push(format!("{}: {lines} lines, at most {}", file.path, grant.unwrap_or(LINES)));
        }
        if grant.is_some() && lines <= LINES {
            faults.push(format!("{}: {lines} lines need no grant", file.path));
        }
    }
    let gone = known.iter().filter(|(path, _)| !files.iter().any(|f| f.path == *path));
    faults.extend(gone.map(|(path, _)| format!("{path}: granted, but not there")));
    faults
}

#[test]
fn impurity_goes_red_in_the_domain_and_only_there() {
    for text in [
        "pub async fn f() {}",
        "use tokio::time;",
        "std::fs::read(p);",
        "sqlx::query(q)",
        "println!(\"x\")",
        "static A: AtomicU64 = x;",
    ] {
        let faults = impure_domain(&File::sample("src/domain/clock.rs", text));
        // `AtomicU64` is a word of its own.
        assert_eq!(faults.is_empty(), text.contains("AtomicU64"), "{text}: {faults:?}");
        assert!(impure_domain(&File::sample("src/live.rs", text)).is_empty(), "{text}");
    }
    for text in ["/// async in words", "const A: &str = \"tokio\";", "#[derive(sqlx::Type)]", "fn awaits() {}"] {
        assert_eq!(impure_domain(&File::sample("src/domain/ids.rs", text)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn strayed_libraries_go_red() {
    for (path, text) in [
        ("src/service/sessions.rs", "use jsonwebtoken::encode;"),
        ("src/service.rs", "argon2::Argon2::default()"),
        ("src/web/sit.rs", "use poem::web::websocket::WebSocket;"),
        ("src/app.rs", "use tokio_tungstenite::connect;"),
        ("src/domain/clock.rs", "#[derive(sqlx::Type)]"),
        ("src/service.rs", "sqlx::query(text)"),
    ] {
        assert_eq!(strayed_libraries(&File::sample(path, text)).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("src/auth.rs", "use argon2::Argon2;"),
        ("src/auth/tokens.rs", "use jsonwebtoken::encode;"),
        ("src/channel/socket.rs", "use poem::web::websocket::WebSocket;"),
        ("src/client/channel.rs", "use tokio_tungstenite::tungstenite::Message;"),
        ("src/domain/ids.rs", "#[derive(sqlx::Type)]"),
    ] {
        assert_eq!(strayed_libraries(&File::sample(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn strayed_sql_goes_red() {
    for sql in ["select id from rooms", " UPDATE rooms SET rev = 1", "insert into x values (1)", "delete from rooms"] {
        let text = format!("fn f() {{ q(\"{sql}\") }}");
        assert_eq!(strayed_sql(&File::sample("src/service.rs", &text)).len(), 1, "{sql}");
        assert_eq!(strayed_sql(&File::sample("src/store/rooms.rs", &text)).len(), 0);
        assert_eq!(strayed_sql(&File::sample("src/service.rs", &format!("// {text}"))).len(), 0);
    }
    let prose = "const A: &str = \"Select a room, then update it.\";";
    assert_eq!(strayed_sql(&File::sample("src/service.rs", prose)), Vec::<String>::new());
}

#[test]
fn strayed_clocks_go_red() {
    for text in ["SystemTime::now()", "tokio::time::Instant::now()", "chrono::Utc::now()", "Local::now()", "Uuid::now_v7()"] {
        assert_eq!(strayed_clocks(&File::sample("src/live.rs", text)).len(), 1, "{text}");
        assert_eq!(strayed_clocks(&File::sample("src/live.rs", &format!("#[cfg(test)]\nmod t {{ {text} }}"))).len(), 1, "{text}");
        assert!(strayed_clocks(&File::sample("src/time.rs", text)).is_empty());
        assert!(strayed_clocks(&File::sample("src/live.rs", &format!("// {text}"))).is_empty());
    }
}

#[test]
fn what_is_left_for_later_goes_red() {
    let sample = |text: &str| left_for_later(&File::sample("src/live.rs", text)).len();
    for text in
        ["todo!()", "unimplemented!()", "dbg!(x)", "#[ignore]", "#[ignore = \"slow\"]", "#[allow(dead_code)]", "// TODO later"]
    {
        assert_eq!(sample(text), 1, "{text}");
    }
    assert_eq!(sample("#![allow(dead_code)]"), 1);
    assert_eq!(sample("#[ignore = \"run by the test above, as a child\"]"), 0);
    assert_eq!(sample("#[expect(dead_code, reason = \"todo! is a word here\")]"), 0);
}

#[test]
fn long_files_go_red() {
    let long = File::sample("src/a.rs", &"x\n".repeat(LINES + 1));
    let short = File::sample("src/a.rs", &format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "x\n".repeat(LINES), "x\n".repeat(99)));
    assert_eq!(long_files(std::slice::from_ref(&long), &[]).len(), 1);
    assert_eq!(long_files(std::slice::from_ref(&long), &[("src/a.rs", LINES + 1)]), Vec::<String>::new());
    assert_eq!(long_files(std::slice::from_ref(&short), &[]), Vec::<String>::new(), "tests do not count");
    assert_eq!(long_files(std::slice::from_ref(&short), &[("src/a.rs", 500)]).len(), 1, "a grant that is not needed");
    assert_eq!(long_files(&[short], &[("src/gone.rs", 500)]).len(), 1, "a grant for nothing");
}
