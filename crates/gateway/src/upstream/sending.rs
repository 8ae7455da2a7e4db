//! A request as it goes from our door to a service.

use std::time::Duration;

use api::Failure;
use api::edge::Asked;
use axum::extract::Request;

use super::ANSWER;
use super::parcel::Parcel;
use crate::headers::strip_claims;
use crate::upgrade::Wanted;

/// A request that is about to go to a service.
pub struct Sending {
    /// The request.
    pub parcel: Parcel,
    /// What it wants to become; boxed, since few want anything.
    pub wanted: Option<Box<Wanted>>,
}

impl Sending {
    /// Makes a request one of ours, and this our part in its trace.
    pub fn of(mut request: Request, span: u64) -> Self {
        let wanted = Wanted::of(&mut request).map(Box::new);
        let headers = request.headers_mut();
        strip_claims(headers);
        if wanted.is_some() {
            Wanted::ask(headers);
        }
        Self { wanted, parcel: Parcel::new(request, span) }
    }

    /// Waits for a short body.
    pub async fn gather(&mut self) -> Result<(), Failure> {
        let limits = self.asked().map(|asked| asked.limits).unwrap_or_default();
        self.parcel.gather(&limits).await
    }

    /// For how long its answer is waited for, from now on.
    pub fn patience(&self) -> Duration {
        let deadline = self.asked().and_then(|asked| asked.deadline);
        deadline.map_or(ANSWER, |deadline| deadline.left().min(ANSWER))
    }

    fn asked(&self) -> Option<&Asked> {
        Asked::of(&self.parcel.head().extensions)
    }
}
