//! The map of `src/lib.rs` as a rule.

use crate::source::{File, lines_with};

/// Each module and what lies directly below it. Whoever reaches a module along arrows may import it.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["commands"]),
    ("commands", &["app", "client"]),
    ("app", &["server", "api", "channel", "web", "tasks"]),
    ("api", &["service"]),
    ("channel", &["service"]),
    ("web", &["service"]),
    ("tasks", &["service"]),
    ("service", &["live", "store", "bus", "auth"]),
    ("client", &[]),
    ("server", &[]),
    ("live", &[]),
    ("store", &[]),
    ("bus", &[]),
    ("auth", &[]),
    ("domain", &[]),
];
/// Leaves, and who alone may use them.
const LEAVES: &[(&str, &[&str])] = &[
    ("view", &["channel", "web"]),
    ("protocol", &["channel", "client"]),
    ("locale", &["api", "app", "channel", "web", "view"]),
    ("files", &["service"]),
    ("config", &["commands", "app"]),
];
/// Leaves that everybody but the domain may use.
const COMMON: &[&str] = &["error", "time", "limits", "metrics", "weaken"];

fn may_import(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    match from {
        "domain" => return to == "limits",
        // A shim: it starts the command and nothing else.
        "main" => return to == "commands",
        _ => {}
    }
    // The domain lies below everything.
    if to == "domain" || COMMON.contains(&to) {
        return true;
    }
    match LEAVES.iter().find(|(leaf, _)| *leaf == to) {
        Some((_, users)) => users.contains(&from),
        None => reaches(from, to),
    }
}

fn reaches(from: &str, to: &str) -> bool {
    let below = ARROWS.iter().find(|(module, _)| *module == from).map_or(&[][..], |(_, below)| below);
    below.iter().any(|module| *module == to || reaches(module, to))
}

/// Imports that no arrow allows.
pub fn faults(file: &File) -> Vec<String> {
    if file.path == "src/lib.rs" {
        return Vec::new();
    }
    let from = file.top();
    let wrong =
        |(line, to): (usize, String)| (!may_import(from, &to)).then(|| format!("{}:{line}: {from} imports {to}", file.path));
    imports(file).into_iter().filter_map(wrong).collect()
}

/// A module that the map does not know.
pub fn unknown(file: &File) -> Option<String> {
    let top = file.top();
    let known = top == "lib" || COMMON.contains(&top) || ARROWS.iter().chain(LEAVES).any(|(module, _)| *module == top);
    (!known).then(|| format!("{}: {top} is not in the map", file.path))
}

/// The top modules that a file names, by `crate::`, by enough `super::`, or in `main.rs` by the crate's name.
fn imports(file: &File) -> Vec<(usize, String)> {
    let code = file.code();
    let mut prefixes = vec!["crate::".to_owned(), "super::".repeat(file.depth())];
    if file.path == "src/main.rs" {
        prefixes = vec!["invigil::".to_owned()];
    }
    let mut found = Vec::new();
    for prefix in prefixes {
        for (at, _) in code.match_indices(&prefix) {
            if code[..at].ends_with("super::") || code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            found.extend(heads(&code[at + prefix.len()..]).into_iter().map(|head| (line, head)));
        }
    }
    found.retain(|(_, head)| head.starts_with(|c: char| c.is_ascii_lowercase()) && head != "super");
    found
}

/// The first names of a path or of a `{ .. }` group of paths.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.trim_start().strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => {}
        }
        if c != ',' || depth > 0 {
            part.push(c);
        }
    }
    parts.push(part);
    parts.iter().map(|part| name(part)).filter(|head| !head.is_empty()).collect()
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::domain::{Ms, ids::X};\nuse crate::{limits, store::{self, Store}, time::Time};\nlet x = crate::auth::f();\n\
                use super::super::bus::Bus;\nuse super::sibling;\n$crate::live::x; // crate::web\n\"crate::api\";";
    let mut found: Vec<String> = imports(&File::sample("src/service/rooms.rs", text)).into_iter().map(|(_, to)| to).collect();
    found.sort();
    assert_eq!(found, ["auth", "bus", "domain", "limits", "live", "store", "time"]);
    let top = imports(&File::sample("src/service.rs", "use super::web::Page;"));
    assert_eq!(top, [(1, "web".into())]);
}

#[test]
fn wrong_arrows_go_red() {
    for (path, text) in [
        ("src/domain/clock.rs", "use crate::time::Time;"),
        ("src/domain/clock.rs", "use crate::store::Store;"),
        ("src/store/rooms.rs", "use crate::service::Shared;"),
        ("src/store/rooms.rs", "use crate::live::LiveRoom;"),
        ("src/api/rooms.rs", "use crate::web::Page;"),
        ("src/service.rs", "use super::api::Api;"),
        ("src/service/rooms.rs", "fn f() { crate::locale::negotiate() }"),
        ("src/web/pages.rs", "use crate::{domain::Ms, files::csv};"),
        ("src/main.rs", "invigil::service::run()"),
        ("src/limits.rs", "use crate::server::Edge;"),
    ] {
        assert_eq!(faults(&File::sample(path, text)).len(), 1, "{path}: {text}");
    }
    assert!(unknown(&File::sample("src/utils.rs", "")).is_some());
}

#[test]
fn right_arrows_stay_green() {
    for (path, text) in [
        ("src/domain/clock.rs", "use crate::limits;"),
        ("src/channel/socket.rs", "use crate::{protocol::Close, service::Shared, live::LiveRoom, view, error::Code};"),
        ("src/app.rs", "use crate::store::Store;"),
        ("src/main.rs", "invigil::commands::run()"),
        ("src/store/rooms.rs", "#[cfg(test)]\nmod tests { use crate::service::Shared; }"),
    ] {
        assert_eq!(faults(&File::sample(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
    assert_eq!(lines_with("x\nuse crate::a;", "crate::"), [2]);
}
