//! What the edge has found out about a request, for whoever answers it or sends it on.

use axum::http::Extensions;

use super::{ClientIp, Deadline, Identity, Limits};
use crate::trace::{RequestId, Trace};

/// One extension for all of it: each costs every request memory of its own.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks.
    pub identity: Identity,
    /// From where.
    pub client: ClientIp,
    /// What their request may be.
    pub limits: Limits,
    /// Its id.
    pub id: RequestId,
    /// Its trace, where none came with it.
    pub trace: Trace,
    /// Until when the answer is of use to them, if they say so.
    pub deadline: Option<Deadline>,
}

impl Asked {
    /// By whom, and nothing else out of the ordinary.
    pub fn by(identity: Identity) -> Self {
        Self {
            identity,
            client: ClientIp::default(),
            limits: Limits::default(),
            id: RequestId::default(),
            trace: Trace::default(),
            deadline: None,
        }
    }

    /// Of the request with these extensions; none behind no edge.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }
}
