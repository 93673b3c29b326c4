//! Pages: everything is escaped, and the content security policy needs no exception for code or styles.

use crate::source::File;

pub fn faults(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |at: usize, why: &str| {
        let line = file.text[..at].matches('\n').count() + 1;
        faults.push(format!("{}:{line}: {why}", file.path));
    };
    for (at, _) in file.text.match_indices("safe") {
        let piped = file.text[..at].trim_end().ends_with('|');
        let ends = !file.text[at + 4..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if piped && ends {
            fault(at, "|safe");
        }
    }
    let lower = file.text.to_ascii_lowercase();
    for (at, tag) in tags(&lower) {
        for name in attributes(tag) {
            if name == "style" {
                fault(at, "style attribute");
            } else if name.len() > 2 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase()) {
                fault(at, "event handler in an attribute");
            }
        }
        let data = tag.contains("application/json") || tag.contains("application/ld+json");
        if tag.starts_with("<script") && !data {
            let body = lower[at + tag.len()..].split("</script").next().unwrap_or_default();
            if !tag.contains("src=") || !body.trim().is_empty() {
                fault(at, "code in a script element");
            }
        }
        if tag.starts_with("<style") {
            fault(at, "style element");
        }
        if tag.contains("javascript:") {
            fault(at, "code in an address");
        }
    }
    faults
}

/// Opening tags with where they begin, quoted `>` included.
fn tags(text: &str) -> Vec<(usize, &str)> {
    let mut tags = Vec::new();
    for (at, _) in text.match_indices('<').filter(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic())) {
        let mut quote = None;
        let end = text[at..].char_indices().find(|(_, c)| {
            match (quote, *c) {
                (None, '"' | '\'') => quote = Some(*c),
                (Some(q), c) if q == c => quote = None,
                (None, '>') => return true,
                _ => {}
            }
            false
        });
        tags.push((at, &text[at..at + end.map_or(text.len() - at, |(n, _)| n + 1)]));
    }
    tags
}

/// Names of the attributes of a tag that have a value.
fn attributes(tag: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut name, mut quote) = (String::new(), None);
    for c in tag.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '=') => names.push(std::mem::take(&mut name)),
            (None, c) if c.is_whitespace() => name.clear(),
            (None, c) => name.push(c),
        }
    }
    names
}

#[test]
fn bad_templates_go_red() {
    for text in [
        "<p>{{ name|safe }}</p>",
        "<p>{{ name | safe }}</p>",
        "<script>alert(1)</script>",
        "<script type=\"module\">\nimport \"/x.js\";\n</script>",
        "<script src=\"/x.js\">alert(1)</script>",
        "<p style=\"color: red\">x</p>",
        "<p class=\"a\"\n   style='b'>x</p>",
        "<a onclick=\"go()\">x</a>",
        "<a href=\"javascript:go()\">x</a>",
        "<style>p { color: red }</style>",
    ] {
        assert_eq!(faults(&File::sample("templates/x.html", text)).len(), 1, "{text}");
    }
}

#[test]
fn good_templates_stay_green() {
    for text in [
        "<p title=\"a > b style=1\">{{ name }} is safe | sound</p>",
        "<script type=\"application/json\" id=\"data\">{{ self.data() }}</script>",
        "<script type=\"module\" src=\"/assets/js/sit.js\"></script>",
        "{% if a < b %}<p data-style=\"x\" data-on=\"y\">style=\"prose\"</p>{% endif %}",
    ] {
        assert_eq!(faults(&File::sample("templates/x.html", text)), Vec::<String>::new(), "{text}");
    }
}
