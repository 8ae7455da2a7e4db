//! What everybody may read and keep for a while.

use api::{Etag, IfNoneMatch};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// As long as it takes until a process that verifies tokens asks again by itself.
const KEEP: &str = "public, max-age=30";

/// An answer with a tag by which it is known again; nothing but the tag for whoever has it already.
pub struct Published {
    body: Vec<u8>,
    tag: Etag,
    is_known: bool,
}

impl Published {
    /// This, for whoever has that.
    pub fn new(what: &impl Serialize, known: &IfNoneMatch) -> Self {
        // Text and numbers, which are always JSON.
        let body = serde_json::to_vec(what).unwrap_or_default();
        let tag = Etag::quoted(&BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]));
        Self { is_known: known.names(&tag), body, tag }
    }
}

impl IntoResponse for Published {
    fn into_response(self) -> Response {
        let Self { body, tag, is_known } = self;
        let keep = [(CACHE_CONTROL, KEEP)];
        if is_known {
            return (keep, tag.not_modified(body.len())).into_response();
        }
        (tag, keep, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}
