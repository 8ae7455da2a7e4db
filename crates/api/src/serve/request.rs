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
    http::{
        HeaderValue, Method, Request, Response, StatusCode, Version,
        header::{CONNECTION, CONTENT_LENGTH},
    },
    routing::future::RouteFuture,
};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tower::Service as _;

use super::{Peer, handover, keeper::Seat};
use crate::edge::is_stream;

/// Where the requests of one connection are handed in.
#[derive(Debug)]
pub(super) struct Desk {
    app: Router,
    peer: Peer,
    seat: Arc<Seat>,
    /// Whether streams are taken over from this connection.
    hands_over: bool,
}

impl Desk {
    pub(super) fn new(app: Router, peer: Peer, seat: Arc<Seat>, hands_over: bool) -> Self {
        Self { app, peer, seat, hands_over }
    }
}

impl hyper::service::Service<Request<Incoming>> for Desk {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, mut request: Request<Incoming>) -> Answering {
        let running = Running::begin(&self.seat, request.version() == Version::HTTP_2);
        let may_last = self.hands_over && may_last(&request);
        request.extensions_mut().insert(self.peer);
        Answering { answer: self.app.clone().call(request), running: Some(running), may_last }
    }
}

/// An answer in the making.
pub(super) struct Answering {
    answer: RouteFuture<Infallible>,
    running: Option<Running>,
    may_last: bool,
}

impl Future for Answering {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.answer).poll(cx))?;
        let running = self.running.take();
        let seat = running.as_ref().map(|running| &running.seat);
        if let Some(seat) = seat.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
            seat.upgraded();
        }
        let lasts = seat.filter(|_| self.may_last && lasts(&response)).map(Arc::clone);
        let response = response.map(|body| Answer { body, _running: running });
        Poll::Ready(Ok(match lasts {
            Some(seat) => hand_over(response, seat),
            None => response,
        }))
    }
}

/// Whether nothing but the answer is to come, whose end is marked by a last chunk.
fn may_last(request: &Request<Incoming>) -> bool {
    request.version() == Version::HTTP_11 && request.method() == Method::GET && request.body().is_end_stream()
}

/// Whether this is better taken over from hyper.
fn lasts(response: &Response<Body>) -> bool {
    response.status() == StatusCode::OK
        && response.body().size_hint().exact().is_none()
        && is_stream(response.headers())
        && !response.headers().contains_key(CONTENT_LENGTH)
}

/// Leaves hyper the head alone, which says that this answer is the last: nobody is left to read another request.
fn hand_over(answer: Response<Answer>, seat: Arc<Seat>) -> Response<Answer> {
    let mut head = answer.map(|answer| Answer { body: handover::stand_in(answer, seat), _running: None });
    head.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    head
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
