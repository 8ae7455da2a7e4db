//! What everybody may read and keep for a while.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// As long as it takes until a process that verifies tokens asks again by itself.
const KEEP: &str = "public, max-age=30";

/// An answer with a mark by which it is known again; nothing but the mark for whoever has it already.
pub struct Published {
    body: Vec<u8>,
    mark: String,
    is_known: bool,
}

impl Published {
    /// This, for whoever asked with these headers.
    pub fn new(what: &impl Serialize, headers: &HeaderMap) -> Self {
        // Text and numbers, which are always JSON.
        let body = serde_json::to_vec(what).unwrap_or_default();
        let mark = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]));
        let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
        let is_known = known.any(|known| known == "*" || known.trim_start_matches("W/") == mark);
        Self { body, mark, is_known }
    }
}

impl IntoResponse for Published {
    fn into_response(self) -> Response {
        let Self { body, mark, is_known } = self;
        let headers = [(CACHE_CONTROL, KEEP.to_owned()), (ETAG, mark)];
        if is_known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        ([(CONTENT_TYPE, "application/json")], headers, body).into_response()
    }
}
