//! Which methods a path has, read from the API's own description: poem's 405 does not say.

use super::settings::Allowed;
use serde_json::Value;
use std::sync::Arc;

struct Template {
    /// `None` stands for a parameter.
    segments: Vec<Option<String>>,
    allow: String,
}

/// Answers `Allow` for the paths of an `OpenAPI` document that is served beneath `base`, such as `/api/v1`.
pub fn allowed_by(document: &Value, base: &str) -> Allowed {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut templates: Vec<Template> = paths.into_iter().flatten().map(|(path, item)| template(path, item)).collect();
    // A literal segment wins over a parameter in the same place, as it does in the router.
    templates.sort_by_key(|template| template.segments.iter().map(Option::is_none).collect::<Vec<_>>());
    let base = base.to_owned();
    Arc::new(move |path| {
        let asked: Vec<&str> = path.strip_prefix(base.as_str())?.split('/').collect();
        templates.iter().find(|template| template.fits(&asked)).map(|template| template.allow.clone())
    })
}

fn template(path: &str, item: &Value) -> Template {
    let segments = path.split('/').map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
    let said = |method: &&str| item.get(method.to_ascii_lowercase()).is_some();
    let mut methods: Vec<&str> = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(said).collect();
    if methods.first() == Some(&"GET") {
        methods.insert(1, "HEAD");
    }
    Template { segments, allow: methods.join(", ") }
}

impl Template {
    fn fits(&self, asked: &[&str]) -> bool {
        self.segments.len() == asked.len()
            && self.segments.iter().zip(asked).all(|(mine, asked)| mine.as_ref().map_or(!asked.is_empty(), |mine| mine == asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_by_its_template_and_literals_win() {
        let document = serde_json::json!({"paths": {
            "/rooms": {"get": {}, "post": {}},
            "/rooms/{room}": {"get": {}, "patch": {}, "delete": {}, "summary": "one room"},
            "/rooms/{room}/candidates/{candidate}": {"delete": {}},
            "/rooms/{room}/candidates/me": {"get": {}},
        }});
        let allowed = allowed_by(&document, "/api/v1");
        assert_eq!(allowed("/api/v1/rooms").as_deref(), Some("GET, HEAD, POST"));
        assert_eq!(allowed("/api/v1/rooms/rm_1").as_deref(), Some("GET, HEAD, PATCH, DELETE"));
        assert_eq!(allowed("/api/v1/rooms/rm_1/candidates/cd_1").as_deref(), Some("DELETE"));
        assert_eq!(allowed("/api/v1/rooms/rm_1/candidates/me").as_deref(), Some("GET, HEAD"));
        assert_eq!(allowed("/api/v1/rooms/"), None);
        assert_eq!(allowed("/api/v1/exams"), None);
        assert_eq!(allowed("/rooms"), None);
    }
}
