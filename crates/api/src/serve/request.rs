//! One request on its way through the application, noted on its connection's seat until its answer is out.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, Version},
    routing::future::RouteFuture,
};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tower::Service as _;

use super::{Peer, keeper::Seat};

/// Where the requests of one connection are handed in.
#[derive(Debug)]
pub(super) struct Desk {
    app: Router,
    peer: Peer,
    seat: Arc<Seat>,
}

impl Desk {
    pub(super) fn new(app: Router, peer: Peer, seat: Arc<Seat>) -> Self {
        Self { app, peer, seat }
    }
}

impl hyper::service::Service<Request<Incoming>> for Desk {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, mut request: Request<Incoming>) -> Answering {
        let running = Running::begin(&self.seat, request.version() == Version::HTTP_2);
        request.extensions_mut().insert(self.peer);
        Answering { answer: self.app.clone().call(request), running: Some(running) }
    }
}

/// An answer in the making.
pub(super) struct Answering {
    answer: RouteFuture<Infallible>,
    running: Option<Running>,
}

impl Future for Answering {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.answer).poll(cx))?;
        let running = self.running.take();
        if let Some(running) =
            running.as_ref().filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS)
        {
            running.seat.upgraded();
        }
        Poll::Ready(Ok(response.map(|body| Answer { body, _running: running })))
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    _running: Option<Running>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request that has not ended yet: neither its handler nor the body of its answer.
#[derive(Debug)]
struct Running {
    seat: Arc<Seat>,
}

impl Running {
    fn begin(seat: &Arc<Seat>, http2: bool) -> Self {
        seat.begin(http2);
        Self { seat: Arc::clone(seat) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.seat.end();
    }
}
