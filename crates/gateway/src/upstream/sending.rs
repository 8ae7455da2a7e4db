//! A request as it goes from our door to a service.

use std::time::Duration;

use api::Failure;
use api::edge::{ClientIp, Deadline, Identity, Limits};
use axum::extract::Request;

use super::ANSWER;
use super::parcel::Parcel;
use crate::headers::{called, set_identity, set_origin, set_patience, strip_hop};
use crate::upgrade::Wanted;

/// A request that is about to go to a service.
pub struct Sending {
    /// The request.
    pub parcel: Parcel,
    deadline: Option<Deadline>,
    limits: Limits,
    /// What it wants to become; boxed, since few want anything.
    pub wanted: Option<Box<Wanted>>,
}

impl Sending {
    /// Makes a request one of ours.
    pub fn of(mut request: Request) -> Self {
        let wanted = Wanted::of(&mut request).map(Box::new);
        let called = called(&request);
        let mut extensions = std::mem::take(request.extensions_mut());
        let deadline = extensions.remove();
        let headers = request.headers_mut();
        strip_hop(headers);
        set_identity(headers, extensions.remove().unwrap_or(Identity::Nobody).user());
        set_origin(headers, extensions.remove::<ClientIp>(), called);
        set_patience(headers, patience(deadline));
        if wanted.is_some() {
            Wanted::ask(headers);
        }
        Self {
            deadline,
            limits: extensions.remove().unwrap_or_default(),
            wanted,
            parcel: Parcel::new(request),
        }
    }

    /// Waits for a short body.
    pub async fn gather(&mut self) -> Result<(), Failure> {
        self.parcel.gather(&self.limits).await
    }

    /// For how long its answer is waited for, from now on.
    pub fn patience(&self) -> Duration {
        patience(self.deadline)
    }
}

fn patience(deadline: Option<Deadline>) -> Duration {
    deadline.map_or(ANSWER, |deadline| deadline.left().min(ANSWER))
}
