//! The pages: plain HTML, CSS and JavaScript modules, embedded in the program.
//!
//! A page is markup in `assets/*.html` and web components in light DOM, each a `name.js` with a `name.css`. They talk
//! to the house over the same HTTP interface as everybody else; nothing here knows a domain. Pages live at `/` and
//! `/app/`, and their files under `/app/assets/`: every other root path belongs to the contracts.

mod assets;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use assets::{Asset, FILES};

/// No inline script or style, nothing from elsewhere: what a browser may do on a page is what these files say.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// One route a file; what is not a file of the pages is not answered here.
pub fn routes() -> Router {
    FILES.iter().fold(Router::new(), |router, file| {
        let etag: Arc<str> = file.etag().into();
        file.paths().iter().fold(router, |router, path| {
            let etag = etag.clone();
            let handler = move |headers: HeaderMap| async move { serve(file, &etag, &headers) };
            router.route(path, get(handler))
        })
    })
}

fn serve(file: &'static Asset, etag: &str, headers: &HeaderMap) -> Response {
    // `no-cache` means "ask first": an updated house shows its new pages at once, and an unchanged one answers 304.
    let always = [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    if has_already(headers, etag) {
        // The length of what is not sent: axum would say 0, which RFC 9110 (8.6) forbids for a 304.
        let length = [(header::CONTENT_LENGTH, file.body.len().to_string())];
        return (StatusCode::NOT_MODIFIED, always, length).into_response();
    }
    (always, [(header::CONTENT_TYPE, file.content_type())], file.body).into_response()
}

/// `If-None-Match` is a list, compared weakly (RFC 9110, 13.1.2): a proxy that compresses marks our tag as weak.
fn has_already(headers: &HeaderMap, etag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag == etag
    })
}
