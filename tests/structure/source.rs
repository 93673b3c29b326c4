//! Files, and Rust text split into code, strings and comments.

use std::path::{Path, PathBuf};

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the repository, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// A sample, for a rule's own test.
    pub fn sample(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The module at the top that the file belongs to: `service` for `src/service/rooms.rs`.
    pub fn top(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// How deep the file's module lies: 1 for `src/service.rs`, 2 for `src/service/rooms.rs`.
    pub fn depth(&self) -> usize {
        self.path.split('/').count() - 1
    }

    /// Whether the whole file is a test module.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The code without comments, strings and test modules; lines keep their numbers.
    pub fn code(&self) -> String {
        if self.is_test() { String::new() } else { without_tests(&self.all_code()) }
    }

    /// The code without comments and strings, test modules included.
    pub fn all_code(&self) -> String {
        split(&self.text).0
    }

    /// The string literals outside of test modules, with their lines.
    pub fn strings(&self) -> Vec<(usize, String)> {
        let kept = self.code();
        let lines: Vec<&str> = kept.lines().collect();
        let outside = |line: usize| lines.get(line - 1).is_some_and(|l| l.contains('"'));
        split(&self.text).1.into_iter().filter(|(line, _)| outside(*line)).collect()
    }
}

/// The repository. Cargo names it to a running test; `tests/prove.sh` names a broken copy instead.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// Every file below `folder` whose name ends with `.ending`, sorted.
pub fn read(folder: &str, ending: &str) -> Vec<File> {
    let mut files = Vec::new();
    collect(&root().join(folder), ending, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(folder: &Path, ending: &str, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "node_modules") {
                collect(&path, ending, files);
            }
        } else if path.extension().is_some_and(|e| e == ending) {
            let text = std::fs::read_to_string(&path).expect("UTF-8 text");
            let path = path.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
            files.push(File { path, text });
        }
    }
}

/// Blanks comments and the insides of strings, and returns the strings with the lines on which they begin.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut strings, mut at, mut line) = (String::new(), Vec::new(), 0, 1);
    while at < chars.len() {
        let rest = &chars[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => comment(rest),
            ['r', '"' | '#', ..] if !ends_with_word(&code) && raw(rest).is_some() => {
                let (hashes, length) = raw(rest).unwrap();
                strings.push((line, rest[hashes + 2..length - hashes - 1].iter().collect()));
                code.push_str("\"\"");
                length
            }
            ['"', ..] => {
                let length = quoted(rest);
                strings.push((line, rest[1..length - 1].iter().collect()));
                code.push_str("\"\"");
                length
            }
            ['\'', '\\', _, ..] => rest.iter().skip(3).position(|c| *c == '\'').map_or(1, |n| n + 4),
            ['\'', _, '\'', ..] => 3,
            [c, ..] => {
                code.push(*c);
                line += usize::from(*c == '\n');
                at += 1;
                continue;
            }
            [] => break,
        };
        for _ in rest[..length].iter().filter(|c| **c == '\n') {
            code.push('\n');
            line += 1;
        }
        at += length;
    }
    (code, strings)
}

fn ends_with_word(code: &str) -> bool {
    code.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Length of a block comment; they nest.
fn comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of a string literal with both quotes.
fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Hashes and length of a raw string literal.
fn raw(rest: &[char]) -> Option<(usize, usize)> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let mut at = hashes + 2;
    while at < rest.len() {
        if rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some((hashes, at + 1 + hashes));
        }
        at += 1;
    }
    None
}

/// Blanks `#[cfg(test)] mod .. { .. }`.
fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    while let Some(start) = out.find("#[cfg(test)]") {
        let end = item_end(&out[start..]).map_or(out.len(), |n| start + n);
        let blank: String = out[start..end].chars().filter(|c| *c == '\n').collect();
        out.replace_range(start..end, &blank);
    }
    out
}

/// Where the item that begins here ends: at its `;`, or with its closing brace.
fn item_end(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return Some(at + 1),
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Lines of `code` (from 1) on which `word` stands by itself.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    code.lines().enumerate().filter(|(_, line)| contains_word(line, word)).map(|(n, _)| n + 1).collect()
}

fn contains_word(line: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let starts = word.starts_with(|c: char| c.is_alphanumeric());
        let ends = word.ends_with(|c: char| c.is_alphanumeric());
        !(starts && inside(line[..at].chars().next_back()) || ends && inside(line[at + word.len()..].chars().next()))
    })
}

#[test]
fn code_is_told_from_comments_strings_and_tests() {
    let text = "a; // b\n/* c /* d */ e */ f(\"g \\\" h\", 'i', '\\'', r#\"j \" k\"#); l::<'m>();\n\
                #[cfg(test)]\nmod tests {\n fn n() { \"o\" }\n}\np";
    let file = File::sample("src/x.rs", text);
    assert_eq!(file.code(), "a; \n f(\"\", , , \"\"); l::<'m>();\n\n\n\n\np");
    assert_eq!(file.strings(), [(2, "g \\\" h".into()), (2, "j \" k".into())]);
    assert_eq!(lines_with(&file.all_code(), "n"), [5]);
    assert!(lines_with("tokio_util", "tokio").is_empty());
    assert_eq!(File::sample("src/x/tests.rs", "a").code(), "");
    assert_eq!((file.top(), file.depth()), ("x", 1));
    assert_eq!((File::sample("src/x/y.rs", "").top(), File::sample("src/x/y.rs", "").depth()), ("x", 2));
}
