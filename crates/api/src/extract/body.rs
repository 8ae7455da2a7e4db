//! Reading a body: bounded in size, depth and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use http_body_util::{BodyExt, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};
use types::{Error, FieldError};

use crate::edge::{Asked, Limits};
use crate::problem::Failure;
use crate::texts;

/// What is read and thrown away of a body that is too large, so that the client gets to read why.
const DISCARDED: usize = 64 << 20;

/// The body as a `T`, and as it was sent.
pub async fn read<T: DeserializeOwned>(request: Request) -> Result<(T, Bytes), Failure> {
    let limits = Asked::of(request.extensions()).map(|asked| asked.limits).unwrap_or_default();
    let bytes = whole_body(request.into_body(), &limits).await?;
    if depth(&bytes) > limits.json_depth {
        return Err(Failure::bad_request(texts::TOO_DEEP.with([&limits.json_depth])));
    }
    if !begins_with_object(&bytes) {
        let _: IgnoredAny = serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
        return Err(Error::invalid("body", texts::WRONG_TYPE.with([&"expected an object"])).into());
    }
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| explain(&error))?;
    json.end().map_err(|error| malformed(&error))?;
    Ok((value, bytes))
}

/// Every body is an object. An array of its values in order would be taken for one.
fn begins_with_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// All of a body, as it came.
pub async fn whole_body(mut body: Body, limits: &Limits) -> Result<Bytes, Failure> {
    let collecting = Limited::new(&mut body, limits.body).collect();
    match tokio::time::timeout(limits.body_time, collecting).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            discard(body, limits.body_time).await;
            Err(too_large(limits))
        }
        // The client broke off; nobody reads this.
        Ok(Err(_)) => Err(Failure::bad_request(texts::MALFORMED)),
        Err(_) => Err(Failure::Http(StatusCode::REQUEST_TIMEOUT, texts::TOO_SLOW.into())),
    }
}

/// More than is read.
pub fn too_large(limits: &Limits) -> Failure {
    Failure::Http(StatusCode::PAYLOAD_TOO_LARGE, texts::TOO_LARGE.with([&limits.body]))
}

/// A client that is still sending would see a broken connection instead of an answer.
pub async fn discard(mut body: Body, longest: Duration) {
    let mut left = DISCARDED;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(longest, reading).await;
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let inner = error.inner();
    if !inner.is_data() {
        return malformed(inner);
    }
    let said = inner.to_string();
    let what = said.split(" at line ").next().unwrap_or_default();
    let quoted = what.split('`').nth(1).unwrap_or_default().to_owned();
    let path = match error.path().to_string() {
        root if root == "." => String::new(),
        path => path,
    };
    let field = if what.starts_with("missing field") {
        FieldError::new(join(&path, &quoted), types::check::REQUIRED)
    } else if what.starts_with("unknown field") {
        FieldError::new(
            join(path.trim_end_matches(&quoted).trim_end_matches('.'), &quoted),
            texts::UNKNOWN_FIELD,
        )
    } else {
        FieldError::new(if path.is_empty() { "body".into() } else { path }, texts::WRONG_TYPE.with([&what]))
    };
    Error::from(field).into()
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn malformed(error: &serde_json::Error) -> Failure {
    Failure::bad_request(texts::NOT_JSON.with([&error.line(), &error.column()]))
}

/// How deep brackets are nested, those inside strings left out.
fn depth(json: &[u8]) -> usize {
    let (mut deepest, mut open, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_are_not_depth() {
        assert_eq!(depth(br#"{"a": ["[[[", "\"[[", {"b": 1}]}"#), 3);
        assert_eq!(depth(b"1"), 0);
    }
}
