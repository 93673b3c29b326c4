//! Every page in both languages: well-formed where it matters, nothing inline, every form protected.
//! With `INVIGIL_PAGES_DIR` set the pages are also written there, to be looked at in a browser.

#[path = "pages/samples.rs"]
mod samples;

use std::collections::BTreeSet;

use invigil::locale::Locale;

fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    html.match_indices(&mark).filter_map(|(at, _)| html[at + mark.len()..].split('"').next()).collect()
}

#[test]
fn nothing_is_inline_and_every_form_is_protected() {
    for locale in Locale::ALL {
        for (name, html) in samples::pages(locale) {
            let folded = html.to_lowercase();
            for bad in [" style=", "<style", " onclick", " onload", " onsubmit", "javascript:", "error-", "&lt;no value"] {
                assert!(!folded.contains(bad), "{name} in {locale} contains {bad:?}");
            }
            for (at, _) in folded.match_indices("<script") {
                let tag = folded[at..].split('>').next().unwrap();
                assert!(tag.contains("src=\"/assets/") || tag.contains("application/json"), "{name}: {tag}");
            }
            for form in folded.split("<form").skip(1).map(|f| f.split("</form>").next().unwrap()) {
                let protected = !form.contains("method=\"post\"") || form.contains("name=\"csrf\"");
                assert!(protected, "{name}: a form without its csrf field");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    for (name, html) in samples::pages(Locale::En) {
        let ids = attributes(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name} has an id twice");
        for kind in ["for", "aria-labelledby", "aria-describedby", "form"] {
            for id in attributes(&html, kind) {
                assert!(unique.contains(&id), "{name}: {kind}={id:?} leads nowhere");
            }
        }
        assert!(html.contains("<h1"), "{name} has no heading");
        assert!(html.contains("<html lang=\"en\">"), "{name} does not say its language");
    }
}

#[test]
fn what_a_person_wrote_stays_text() {
    for (name, html) in samples::pages(Locale::En) {
        assert!(!html.contains("<b>Li"), "{name} lets a name become markup");
    }
}

#[test]
fn pages_are_written_where_they_can_be_looked_at() {
    let Some(dir) = std::env::var_os("INVIGIL_PAGES_DIR") else { return };
    let dir = std::path::PathBuf::from(dir);
    std::fs::create_dir_all(&dir).unwrap();
    for locale in Locale::ALL {
        for (name, html) in samples::pages(locale) {
            std::fs::write(dir.join(format!("{name}.{locale}.html")), html).unwrap();
        }
    }
}
