//! Style sheets, scripts and pictures, inside the binary. The catalogues beside them are no files for browsers.

use std::fmt::Write as _;

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Request, Response};

/// Everything under `assets/`.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// One file. Five minutes are short enough for a new release in the middle of a day and long enough for an exam hall.
pub(super) async fn serve(req: Request) -> poem::Result<Response> {
    let path = req.raw_path_param("path").unwrap_or_default();
    let Some(kind) = kind(path).filter(|_| !path.contains("..")) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let Some(file) = Assets::get(path) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let tag = tag(&file.metadata.sha256_hash());
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&tag));
    let response = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::CACHE_CONTROL, "public, max-age=300, must-revalidate")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if known {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.content_type(kind).body(file.data.into_owned()))
}

/// The kinds of file that browsers get; every other one stays inside.
fn kind(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

fn tag(hash: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in hash.iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}
