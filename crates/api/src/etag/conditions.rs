//! What a request asks of the version that is there.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{Entry, HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use types::Expected;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::Etag;
use super::tags::{Named, Tag};
use crate::problem::Failure;
use crate::texts;

/// `If-Match`: the versions that the request is meant for. A tag that no version has matches none.
#[derive(Debug)]
pub struct IfMatch(pub Expected);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if !parts.headers.contains_key(IF_MATCH) {
            return Ok(Self(Expected::Any));
        }
        match Named::read(parts.headers.get_all(IF_MATCH)) {
            Some(Named::Any) => Ok(Self(Expected::Any)),
            Some(Named::Tags(tags)) => Ok(Self(Expected::OneOf(tags.iter().filter_map(version).collect()))),
            None => Err(Failure::bad_request(texts::BAD_IF_MATCH)),
        }
    }
}

/// The version that has this tag, if any can. A weak one never names a version for sure.
fn version(tag: &Tag<'_>) -> Option<i64> {
    let text = std::str::from_utf8(tag.opaque).ok().filter(|_| !tag.weak)?;
    let text = text.split_once('.').map_or(text, |(_owner, version)| version);
    let version: i64 = text.parse().ok()?;
    (version.to_string() == text).then_some(version)
}

/// `If-None-Match`: what whoever asks has already.
#[derive(Debug, Default)]
pub struct IfNoneMatch(Vec<HeaderValue>);

impl IfNoneMatch {
    /// What these headers name.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(IF_NONE_MATCH).iter().cloned().collect())
    }

    /// What these headers name, and name no more.
    pub fn taken_from(headers: &mut HeaderMap) -> Self {
        match headers.entry(IF_NONE_MATCH) {
            Entry::Occupied(named) => Self(named.remove_entry_mult().1.collect()),
            Entry::Vacant(_) => Self::default(),
        }
    }

    /// Whether they have this. A proxy that compresses marks our tag as weak, and so it is compared weakly; what cannot
    /// be read names nothing.
    pub fn names(&self, tag: &Etag) -> bool {
        match Named::read(&self.0) {
            Some(Named::Any) => true,
            Some(Named::Tags(tags)) => {
                let own = tag.0.as_bytes();
                tags.iter().any(|known| {
                    own.len() == known.opaque.len() + 2 && &own[1..own.len() - 1] == known.opaque
                })
            }
            None => false,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![header(&IF_MATCH, "The `ETag` of the version that this is meant for; 412 when another is there")]
    }
}

impl IntoParams for IfNoneMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![header(&IF_NONE_MATCH, "The `ETag` of what you have; 304 when it is still the same")]
    }
}

/// A header that may be sent, as it is documented.
pub(crate) fn header(name: &HeaderName, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name.as_str())
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use futures_util::FutureExt;

    use super::*;

    fn expected(lines: &[&'static str]) -> Result<Expected, u16> {
        let mut parts = Request::new(()).into_parts().0;
        for line in lines {
            parts.headers.append(IF_MATCH, HeaderValue::from_static(line));
        }
        let read = IfMatch::from_request_parts(&mut parts, &()).now_or_never().unwrap();
        read.map(|IfMatch(expected)| expected).map_err(|failure| failure.status().as_u16())
    }

    #[test]
    fn a_change_is_meant_for_the_versions_that_are_named_strongly() {
        assert_eq!(expected(&[]), Ok(Expected::Any));
        assert_eq!(expected(&["*"]), Ok(Expected::Any));
        assert_eq!(expected(&["\"3\", \"17\"", "\"4\""]), Ok(Expected::OneOf(vec![3, 17, 4])));
        assert_eq!(expected(&["W/\"3\", \"xyzzy\", \"03\", \"+3\", \"\""]), Ok(Expected::OneOf(vec![])));
        for malformed in ["", "3", "\"3", "*, \"3\""] {
            assert_eq!(expected(&[malformed]), Err(400), "{malformed:?}");
        }
    }

    #[test]
    fn what_is_known_is_compared_weakly() {
        let names = |said: &'static str, tag: &str| {
            let headers = [(IF_NONE_MATCH, HeaderValue::from_static(said))].into_iter().collect();
            IfNoneMatch::of(&headers).names(&Etag::quoted(tag))
        };
        // The table of RFC 9110, 8.8.3.2, for tags of ours, which are strong.
        assert!(names("W/\"1\"", "1") && names("\"1\"", "1"));
        assert!(!names("W/\"2\"", "1") && !names("\"11\"", "1"));
        assert!(names("*", "1") && names("\"other\", \"1\"", "1"));
        for unread in ["", "1", "\"1", "nonsense, \"1\""] {
            assert!(!names(unread, "1"), "{unread:?}");
        }
        assert!(!IfNoneMatch::default().names(&Etag::of(1)));
    }
}
