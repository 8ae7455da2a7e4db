//! What goes on after its answer has begun: it ends with the session of whoever asked for it, and when the process stops.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use types::{Caller, Text};

use super::identity::{Identity, bearer};
use crate::stop::Stop;
use crate::{Ended, Grant, Verifier};

/// The session behind a request; an extension of those that want to become something else than a request.
#[derive(Debug, Clone)]
pub struct Lasting {
    ended: Ended,
    whose: Whose,
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    /// Nobody's: nothing ends it.
    Nobodys,
    /// Of the session that this was granted to.
    Granted(Grant),
    /// Of a session that has ended already.
    Ended,
}

impl Lasting {
    /// The session of who asks, by the token that a request bears.
    pub(super) fn of(verifier: &Verifier, identity: Identity, token: Option<&HeaderValue>) -> Self {
        let grant = || verifier.verify(bearer(token?.as_bytes())?).ok();
        let whose = match identity {
            Identity::Caller(_) => grant().map_or(Whose::Ended, Whose::Granted),
            Identity::Nobody | Identity::Refused(_) => Whose::Nobodys,
        };
        Self { ended: verifier.ended().clone(), whose }
    }

    /// The session of whoever brings this token later, on a connection that is there already; or what to tell them.
    pub async fn renewed(verifier: &Verifier, token: &str) -> Result<(Self, Caller), Text> {
        verifier.learn(token).await;
        let grant = verifier.verify(token)?;
        Ok((Self { ended: verifier.ended().clone(), whose: Whose::Granted(grant) }, grant.caller))
    }

    /// When the token ends that it was opened with, in seconds since 1970.
    pub const fn expires(&self) -> Option<i64> {
        match self.whose {
            Whose::Granted(grant) => Some(grant.expires),
            Whose::Nobodys | Whose::Ended => None,
        }
    }

    /// Waits until that session has ended.
    pub async fn over(self) {
        match self.whose {
            Whose::Nobodys => std::future::pending().await,
            Whose::Granted(grant) => self.ended.over(&grant).await,
            Whose::Ended => {}
        }
    }
}

/// Whether an answer goes on for as long as somebody listens.
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// The same answer, which ends with the session, and when the process stops: it would outlast every grace.
pub(super) fn cut(answer: Response, lasting: Lasting, stop: Stop) -> Response {
    let over = async move {
        tokio::select! {
            () = lasting.over() => {}
            () = stop.wait() => {}
        }
    };
    answer.map(|body| Body::new(Cut { body, over: Box::pin(over) }))
}

struct Cut {
    body: Body,
    over: BoxFuture<'static, ()>,
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.over.as_mut().poll(cx).is_ready() {
            // Nothing wakes it any more, and nothing of it must go out.
            self.body = Body::empty();
            self.over = Box::pin(std::future::pending());
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // It may end before all that was to come.
        SizeHint::default()
    }
}
