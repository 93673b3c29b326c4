//! What the operator's handbook has to name: every alarm of the log, every metric, every field of `/health/ready`; and what `deploy/` may name:
//! only settings that exist.

use crate::source::File;

/// Macros that say something an operator should see.
const ALARMS: &[&str] = &["tracing::warn!(", "tracing::error!("];

/// The argument text of a macro call that begins at `from`, up to its closing bracket.
fn arguments(text: &str, from: usize) -> &str {
    let (mut depth, mut quoted, mut skip) = (1, false, false);
    for (at, c) in text[from..].char_indices() {
        match c {
            _ if skip => skip = false,
            '\\' if quoted => skip = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[from..from + at];
        }
    }
    ""
}

/// The words of a file's alarms: the last text of each call, as far as it is fixed.
fn alarms(file: &File) -> Vec<String> {
    let calls = ALARMS.iter().flat_map(|alarm| file.text.match_indices(alarm));
    let words = calls.filter_map(|(at, found)| {
        let last = arguments(&file.text, at + found.len()).rsplit('"').nth(1)?;
        // What is said after the colon explains; a name alone in braces is listed where it is made.
        Some(last.split(':').next().unwrap_or(last).to_owned()).filter(|word| !word.starts_with('{'))
    });
    words.collect()
}

fn absent(file: &File, words: impl IntoIterator<Item = String>, handbook: &str) -> Vec<String> {
    let missing = words.into_iter().filter(|word| !handbook.contains(&format!("`{word}`")));
    missing.map(|word| format!("{}: `{word}` is not in docs/OPERATIONS.md", file.path)).collect()
}

pub fn unlisted_alarms(file: &File, handbook: &str) -> Vec<String> {
    absent(file, alarms(file), handbook)
}

/// Every text in the file that begins like a metric.
pub fn unlisted_metrics(file: &File, handbook: &str) -> Vec<String> {
    let names = file.strings().into_iter().map(|(_, text)| text).filter(|text| text.starts_with("invigil_"));
    absent(file, names, handbook)
}

/// Every key of the object that `/health/ready` answers.
pub fn unlisted_fields(file: &File, handbook: &str) -> Vec<String> {
    let Some((_, body)) = file.text.split_once("let body = json!(") else { return vec![format!("{}: no body", file.path)] };
    let body = arguments(body, 0);
    let keys = body.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":").map(|(key, _)| key.to_owned()));
    absent(file, keys, handbook)
}

/// Variables of ours that a file of `deploy/` sets and the table of settings does not know.
pub fn unknown_settings(file: &File, settings: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, _) in file.text.match_indices("INVIGIL_") {
        let word: String = file.text[at..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        if !settings.contains(&format!("`{word}`")) {
            faults.push(format!("{}: {word} is no setting", file.path));
        }
    }
    faults
}

#[test]
fn what_the_handbook_lacks_goes_red() {
    let file = File::sample(
        "src/live.rs",
        "tracing::warn!(error = ?f(\"a)\"), \"live.one\");\n tracing::error!(alarm = d.name(), \"{d}\"); tracing::error!(\"two: more\")",
    );
    assert_eq!(alarms(&file), ["live.one", "two"]);
    assert_eq!(unlisted_alarms(&file, "| `live.one` |").len(), 1);
    assert_eq!(unlisted_alarms(&file, "`live.one` · `two`"), Vec::<String>::new());
    let metrics = File::sample("src/metrics.rs", "const A: &str = \"invigil_a\";\nconst B: &str = \"other\";");
    assert_eq!(unlisted_metrics(&metrics, "").len(), 1);
    let health = File::sample(
        "src/app/health.rs",
        "let body = json!({\n \"status\": if a { \"x\" } else { \"y\" },\n \"bus\": \"ok\",\n});",
    );
    assert_eq!(unlisted_fields(&health, "`status`").len(), 1);
    assert_eq!(unlisted_fields(&health, "`status` `bus`"), Vec::<String>::new());
    let compose = File::sample("deploy/compose.yaml", "INVIGIL_LISTEN: x\n# INVIGIL_NOTHING");
    assert_eq!(unknown_settings(&compose, "`INVIGIL_LISTEN`").len(), 1);
}
