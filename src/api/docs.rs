//! `/docs`: Swagger UI without a network, and the page that explains every code.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem::endpoint::make_sync;
use poem::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, VARY};
use poem::{Endpoint, Response, RouteMethod, handler};

use super::problem::language;
use crate::error::Code;
use crate::locale::{error_detail, error_title};

/// The library's page, with a policy that lets exactly its own inline blocks run.
pub(super) fn swagger(page: &str) -> RouteMethod {
    let (page, policy) = (page.to_owned(), policy(page));
    poem::get(answer("text/html; charset=utf-8", page, Some(policy)))
}

/// The document itself.
pub(super) fn openapi(document: String) -> RouteMethod {
    poem::get(answer("application/json", document, None))
}

fn answer(kind: &'static str, body: String, policy: Option<String>) -> impl Endpoint<Output = Response> {
    let body = bytes::Bytes::from(body);
    make_sync(move |_| {
        let mut response = Response::builder().content_type(kind).header(CACHE_CONTROL, "no-cache");
        if let Some(policy) = &policy {
            response = response.header(CONTENT_SECURITY_POLICY, policy);
        }
        response.body(body.clone())
    })
}

/// Hashes of the page's inline style and scripts.
fn policy(page: &str) -> String {
    let hashes = |tag: &str| {
        let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
        let mut list = String::new();
        let mut rest = page;
        while let Some((_, after)) = rest.split_once(open.as_str())
            && let Some((_, inner)) = after.split_once('>')
            && let Some((block, next)) = inner.split_once(close.as_str())
        {
            let _ = write!(list, " 'sha256-{}'", STANDARD.encode(digest(&SHA256, block.as_bytes())));
            rest = next;
        }
        list
    };
    format!(
        "default-src 'none'; script-src{}; style-src{}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        hashes("script"),
        hashes("style")
    )
}

/// Every code with its status and what to do, in the reader's language.
#[handler]
pub(super) fn errors(request: &poem::Request) -> Response {
    let locale = language(request.headers());
    let mut page = format!(
        "<!doctype html><html lang=\"{locale}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Invigil: problem codes</title></head><body><main><h1>Problem codes</h1><dl>"
    );
    for code in Code::ALL {
        let name = code.as_str();
        let (title, detail) = (error_title(locale, name), error_detail(locale, name));
        let _ = write!(
            page,
            "<dt id=\"{name}\"><code>{name}</code> · {status} · {title}</dt><dd>{detail}</dd>",
            status = code.status(),
            title = escaped(&title),
            detail = escaped(&detail)
        );
    }
    page.push_str("</dl></main></body></html>");
    Response::builder().content_type("text/html; charset=utf-8").header(VARY, ACCEPT_LANGUAGE.as_str()).body(page)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
