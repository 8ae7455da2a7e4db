//! The few requests whose body may be larger than all others'. Only so many of them are in the house at once: what each of
//! them takes, thousands could not.

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Identity, Limits};
use crate::extract::too_large;
use crate::problem::Failure;
use crate::texts;

/// Which requests may be larger, and how large.
pub struct Roomy {
    body: usize,
    is_one: fn(&Method, &str) -> bool,
    places: Semaphore,
}

impl Roomy {
    /// These, with bodies of so many bytes, so many of them at once.
    pub const fn new(is_one: fn(&Method, &str) -> bool, body: usize, at_once: usize) -> Self {
        Self { body, is_one, places: Semaphore::const_new(at_once) }
    }

    /// Room for a body that is too large for others and not for this request, for as long as the place is kept: for whoever
    /// says who they are, and how large it is.
    pub(super) fn enter(
        &self,
        identity: Identity,
        limits: &mut Limits,
    ) -> Result<SemaphorePermit<'_>, Failure> {
        if identity.user().is_none() {
            return Err(too_large(limits));
        }
        let crowded = || Failure::Http(StatusCode::SERVICE_UNAVAILABLE, texts::CROWDED.into());
        let place = self.places.try_acquire().map_err(|_| crowded())?;
        limits.body = self.body;
        Ok(place)
    }

    /// How large a request's body may be, if it is larger than others'.
    pub(super) fn most(&self, request: &Request) -> usize {
        if (self.is_one)(request.method(), request.uri().path()) { self.body } else { 0 }
    }
}

/// How large a body says it is.
pub(super) fn length(request: &Request) -> usize {
    usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX)
}
