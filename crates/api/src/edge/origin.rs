//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Request;
use axum::http::HeaderName;

use super::Side;
use crate::serve::Peer;

/// The header by which our gateway tells a service where a request came from.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address; an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Who is at the other end of the connection, or, behind our own gateway, at the other end of that.
    pub(super) fn of(request: &Request, side: Side) -> Self {
        let peer = request.extensions().get::<Peer>().map(|Peer(address)| address.ip());
        let told =
            request.headers().get_all(X_FORWARDED_FOR).iter().next_back().filter(|_| side == Side::Inner);
        let told = told.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Self(told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical())
    }
}
