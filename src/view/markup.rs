//! Markup that is safe by construction: the only types a template prints without escaping.

use std::fmt::{self, Display, Write};

use askama::filters::HtmlSafe;

/// HTML made here from escaped text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// The markup as text, for a frame.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl HtmlSafe for Html {}

/// JSON for a `<script type="application/json">` block: no sequence in it can end the block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// Serialises a value; one that cannot be serialised reads as `null`.
    pub fn of(value: &impl serde::Serialize) -> Self {
        let raw = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        let mut out = String::with_capacity(raw.len() + 16);
        for c in raw.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Inside JSON text these can only be part of a string, where the escape means the same.
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                _ => out.push(c),
            }
        }
        Self(out)
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl HtmlSafe for Json {}

/// A picture drawn by our own code (a QR code); `None` if the text is not one plain `<svg>` element.
pub fn svg(text: &str) -> Option<Html> {
    let start = text.find("<svg")?;
    let body = text.get(start..)?.trim_end();
    let folded = body.to_ascii_lowercase();
    let plain = folded.ends_with("</svg>")
        && !["<script", "<style", "style=", "javascript:", "<foreign", " on"].iter().any(|bad| folded.contains(bad));
    plain.then(|| Html(body.to_owned()))
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}

/// A question's text as blocks: paragraphs, lists, fenced code; `code`, **strong** and *emphasis* inside a line.
pub fn body(text: &str) -> Html {
    let mut out = String::with_capacity(text.len() * 2);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        if line.trim_start().starts_with("```") {
            out.push_str("<pre><code>");
            for code in lines.by_ref().take_while(|l| !l.trim_start().starts_with("```")) {
                escape_into(&mut out, code);
                out.push('\n');
            }
            out.push_str("</code></pre>");
        } else if let Some(first) = item(line) {
            out.push_str("<ul><li>");
            inline_into(&mut out, first);
            while let Some(next) = lines.peek().and_then(|l| item(l)) {
                out.push_str("</li><li>");
                inline_into(&mut out, next);
                lines.next();
            }
            out.push_str("</li></ul>");
        } else {
            out.push_str("<p>");
            inline_into(&mut out, line.trim());
            while let Some(next) =
                lines.next_if(|l| !l.trim().is_empty() && item(l).is_none() && !l.trim_start().starts_with("```"))
            {
                out.push_str("<br>");
                inline_into(&mut out, next.trim());
            }
            out.push_str("</p>");
        }
    }
    Html(out)
}

/// One line of text with its inline marks, for an option's label.
pub fn line(text: &str) -> Html {
    let mut out = String::with_capacity(text.len() + 16);
    inline_into(&mut out, text.trim());
    Html(out)
}

/// The words of one line without its inline marks, for a place that shows text only.
pub fn plain(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text.trim());
    'next: while let Some(first) = rest.chars().next() {
        for (mark, tag) in MARKS {
            if let Some((inner, after)) = marked(rest, mark) {
                out.push_str(&if tag == "code" { inner.to_owned() } else { plain(inner) });
                rest = after;
                continue 'next;
            }
        }
        out.push(first);
        rest = rest.strip_prefix(first).unwrap_or_default();
    }
    out
}

fn item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

const MARKS: [(&str, &str); 3] = [("`", "code"), ("**", "strong"), ("*", "em")];

fn inline_into(out: &mut String, text: &str) {
    let mut rest = text;
    'next: while !rest.is_empty() {
        for (mark, tag) in MARKS {
            if let Some((inner, after)) = marked(rest, mark) {
                let _ = write!(out, "<{tag}>");
                if tag == "code" {
                    escape_into(out, inner);
                } else {
                    inline_into(out, inner);
                }
                let _ = write!(out, "</{tag}>");
                rest = after;
                continue 'next;
            }
        }
        let width = rest.chars().next().map_or(rest.len(), char::len_utf8);
        let (head, tail) = rest.split_at(width);
        escape_into(out, head);
        rest = tail;
    }
}

/// What stands between two equal marks at the start of `text`. A mark beside a space is only a character ("2 * 3").
fn marked<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let open = text.strip_prefix(mark)?;
    let end = open.find(mark)?;
    let (inner, close) = open.split_at(end);
    let fits = !inner.is_empty() && (mark == "`" || (!inner.starts_with([' ', '*']) && !inner.ends_with(' ')));
    fits.then(|| (inner, close.strip_prefix(mark).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{Json, body, line, plain, svg};

    #[test]
    fn plain_text_has_the_words_and_no_marks() {
        assert_eq!(plain(" What is **the *one* capital** of `a*b`? 2 * 3 "), "What is the one capital of a*b? 2 * 3");
        assert_eq!(plain("**澳大利亚**的首都"), "澳大利亚的首都");
    }

    #[test]
    fn nothing_a_person_wrote_becomes_markup() {
        let html = body("<img src=x onerror=alert(1)> **a<b** `</code><script>`\n\n```\n<b>&\n```");
        assert!(
            !html.as_str().contains("<img") && !html.as_str().contains("<script") && !html.as_str().contains("<b>"),
            "{html}"
        );
        assert!(html.as_str().contains("<strong>a&lt;b</strong>"), "{html}");
    }

    #[test]
    fn blocks_and_marks() {
        assert_eq!(body("a\nb\n\n- x\n- *y*\n").as_str(), "<p>a<br>b</p><ul><li>x</li><li><em>y</em></li></ul>");
        assert_eq!(line("2 * 3 * 4 = `24`").as_str(), "2 * 3 * 4 = <code>24</code>");
        assert_eq!(line("**").as_str(), "**");
    }

    #[test]
    fn json_cannot_end_its_block() {
        let json = Json::of(&"</script><!-- \u{2028} &");
        assert_eq!(json.to_string(), r#""\u003c/script\u003e\u003c!-- \u2028 \u0026""#);
        assert_eq!(serde_json::from_str::<String>(&json.to_string()).unwrap(), "</script><!-- \u{2028} &");
    }

    #[test]
    fn a_picture_is_one_svg_and_runs_nothing() {
        assert!(svg("<?xml version=\"1.0\"?><svg><path d=\"M0\"/></svg>").is_some());
        assert!(svg("<svg onload=\"x()\"></svg>").is_none());
        assert!(svg("<b>").is_none());
    }
}
