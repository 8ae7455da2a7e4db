//! The pages: plain HTML, CSS and JavaScript modules, embedded in the program.
//!
//! A page is markup in `assets/*.html` and web components in light DOM, each a `name.js` with a `name.css`. They talk
//! to the house over the same HTTP interface as everybody else; nothing here knows a domain. Pages live at `/` and
//! `/app/`, and their files under `/app/assets/`: every other root path belongs to the contracts.

mod assets;

use api::{Etag, IfNoneMatch};
use axum::{
    Router,
    http::header,
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
        let etag = Etag::quoted(&file.digest());
        file.paths().iter().fold(router, |router, path| {
            let etag = etag.clone();
            let handler = move |known: IfNoneMatch| async move { serve(file, etag, &known) };
            router.route(path, get(handler))
        })
    })
}

fn serve(file: &'static Asset, etag: Etag, known: &IfNoneMatch) -> Response {
    // `no-cache` means "ask first": an updated house shows its new pages at once, and an unchanged one answers 304.
    let always = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    if known.names(&etag) {
        return (always, etag.not_modified(file.body.len())).into_response();
    }
    (etag, always, [(header::CONTENT_TYPE, file.content_type())], file.body).into_response()
}
