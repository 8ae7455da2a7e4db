//! How an answer that goes on for as long as somebody listens leaves hyper, which keeps 16 KiB of buffers for a connection.
//! Hyper writes its head and waits for a body that never comes; meanwhile the true one waits on the connection's seat.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};

use super::{keeper::Seat, request::Answer};

/// Where such an answer waits until its head is out.
#[derive(Debug, Default)]
pub(super) struct Handover {
    head: AtomicU8,
    answer: Mutex<Option<Answer>>,
}

/// Hyper has written the head into its buffer.
const WRITTEN: u8 = 1;
/// Nothing of it is left there.
const OUT: u8 = 2;

impl Handover {
    /// All that was written has gone.
    pub(super) fn flushed(&self) {
        if self.head.load(Ordering::Relaxed) == WRITTEN {
            self.head.store(OUT, Ordering::Relaxed);
        }
    }

    fn take(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The body that never comes. An answer that nobody has taken over ends with it.
struct StandIn {
    seat: Arc<Seat>,
}

/// Has this answer wait on the seat, and returns what hyper is given instead.
pub(super) fn stand_in(answer: Answer, seat: Arc<Seat>) -> Body {
    *seat.handover.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    Body::new(StandIn { seat })
}

impl HttpBody for StandIn {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // Asked for a body, hyper is done with the head; what it flushes from now on is all of it.
        self.seat.handover.head.fetch_max(WRITTEN, Ordering::Relaxed);
        Poll::Pending
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.seat.handover.take());
    }
}

/// A connection that answers requests until it ends, or until an answer is to be taken over from it.
pub(super) struct Answers<C> {
    pub(super) connection: C,
    seat: Arc<Seat>,
}

impl<C> Answers<C> {
    pub(super) fn new(connection: C, seat: Arc<Seat>) -> Self {
        Self { connection, seat }
    }
}

impl<C, E> Future for Answers<C>
where
    C: Future<Output = Result<(), E>> + Unpin,
{
    type Output = Result<Option<Answer>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match Pin::new(&mut self.connection).poll(cx) {
            Poll::Ready(ended) => Poll::Ready(ended.map(|()| None)),
            Poll::Pending if self.seat.handover.head.load(Ordering::Relaxed) == OUT => {
                Poll::Ready(Ok(self.seat.handover.take()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
