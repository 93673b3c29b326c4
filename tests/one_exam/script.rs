//! The transcript as steps.
#![expect(clippy::expect_used, reason = "a transcript that cannot be read fails its test")]

/// One thing that is done or expected.
#[derive(Debug)]
pub struct Step {
    /// Line in the document, from 1.
    pub line: usize,
    /// What.
    pub act: Act,
}

/// What is done or expected.
#[derive(Debug)]
pub enum Act {
    /// A request of somebody, and what comes back.
    Call(Call),
    /// Somebody opens a socket under a name.
    Connect { who: String, socket: String, path: String },
    /// A socket sends a frame.
    Send { socket: String, frame: String },
    /// A socket is cut without goodbye.
    Drop { socket: String },
    /// A socket receives a frame.
    Receive { socket: String, frame: String },
}

/// A request of somebody, and what comes back.
#[derive(Debug)]
pub struct Call {
    /// Who asks.
    pub who: String,
    /// Of HTTP.
    pub method: String,
    /// With names in it.
    pub path: String,
    /// Besides the token.
    pub headers: Vec<(String, String)>,
    /// With names in it.
    pub body: String,
    /// Asked again until the answer fits.
    pub until: bool,
    /// Of HTTP.
    pub status: u16,
    /// The pattern of the answer.
    pub answer: String,
}

/// Reads every fenced block of the document.
pub fn parse(text: &str) -> Vec<Step> {
    let lines: Vec<&str> = text.lines().collect();
    let mut steps = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(head) = lines[at].strip_prefix("```").filter(|h| h.starts_with("http") || h.starts_with("frames")) {
            let end = (at + 1..lines.len()).find(|i| lines[*i].starts_with("```")).expect("a block ends");
            let words: Vec<&str> = head.split_whitespace().collect();
            match words[0] {
                "http" => http(words[1], &lines[at + 1..end], at + 2, &mut steps),
                _ => frames(&words, &lines[at + 1..end], at + 2, &mut steps),
            }
            at = end;
        }
        at += 1;
    }
    steps
}

fn http(who: &str, lines: &[&str], first: usize, steps: &mut Vec<Step>) {
    let mut at = 0;
    while at < lines.len() {
        if lines[at].is_empty() {
            at += 1;
            continue;
        }
        let start = at;
        let sent = take(lines, &mut at, "> ");
        let received = take(lines, &mut at, "< ");
        let (method, path) = sent[0].split_once(' ').expect("method and path");
        let is_header =
            |l: &&&str| l.split_once(": ").is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
        let headers: Vec<(String, String)> = sent[1..]
            .iter()
            .take_while(is_header)
            .filter_map(|l| l.split_once(": "))
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        let body = sent[1 + headers.len()..].join("\n");
        let answer = received.join("\n");
        let (until, answer) = answer.strip_prefix("until ").map_or((false, answer.as_str()), |rest| (true, rest));
        let (status, answer) = answer.split_once(' ').unwrap_or((answer, "\"*\""));
        steps.push(Step {
            line: first + start,
            act: Act::Call(Call {
                who: who.into(),
                method: method.into(),
                path: path.into(),
                headers,
                body,
                until,
                status: status.parse().expect("a status"),
                answer: answer.into(),
            }),
        });
    }
}

fn take<'a>(lines: &[&'a str], at: &mut usize, mark: &str) -> Vec<&'a str> {
    let mut taken = Vec::new();
    while let Some(rest) = lines.get(*at).and_then(|l| l.strip_prefix(mark)) {
        taken.push(rest);
        *at += 1;
    }
    taken
}

fn frames(words: &[&str], lines: &[&str], first: usize, steps: &mut Vec<Step>) {
    let who = words[1].to_owned();
    let socket = words.get(3).map_or(who.clone(), |s| (*s).to_owned());
    for (offset, line) in lines.iter().enumerate().filter(|(_, l)| !l.is_empty()) {
        let socket = socket.clone();
        let act = if let Some(path) = line.strip_prefix("> connect ") {
            Act::Connect { who: who.clone(), socket, path: path.into() }
        } else if *line == "> drop" {
            Act::Drop { socket }
        } else if let Some(frame) = line.strip_prefix("> ") {
            Act::Send { socket, frame: frame.into() }
        } else {
            Act::Receive { socket, frame: line.strip_prefix("< ").expect("a frame").into() }
        };
        steps.push(Step { line: first + offset, act });
    }
}
