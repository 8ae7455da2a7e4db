//! The body of an answer that was not here whole when it began: read as its client takes it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use super::super::broken::Broken;
use super::framing::Framing;
use super::line::Line;
use super::question::{Question, Stopped};

/// The body.
pub struct Coming {
    /// Until the end, or until something is wrong.
    pub line: Option<Line>,
    pub framing: Framing,
    /// What came with the head.
    pub first: Vec<u8>,
    /// What is still to be sent of the request.
    pub question: Option<Question>,
    /// Whether the connection may be used again afterwards.
    pub keeps: bool,
}

type Next = Option<Result<Frame<Bytes>, Broken>>;

impl Coming {
    /// All of it, when it is here with its head, as most are; `clean` when nothing came after it.
    pub fn whole(&mut self, clean: bool) -> Option<Vec<u8>> {
        self.settle(clean);
        (self.line.is_none() && !self.framing.has_trailers()).then(|| std::mem::take(&mut self.first))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        while let Some(line) = &mut self.line {
            match poll_question(&mut self.question, line, cx) {
                Poll::Ready(Err(error)) => return self.broken(error),
                Poll::Ready(Ok(all)) => self.keeps &= all,
                Poll::Pending => {}
            }
            let (framing, mut body) = (&mut self.framing, Vec::new());
            let read = ready!(line.poll_read(cx, |came| match came {
                [] => Ok(None),
                came => framing.take(came, &mut body).map(|taken| Some(taken == came.len())),
            }));
            match read.map_err(Broken::from).flatten() {
                Ok(Some(clean)) => self.settle(clean),
                Ok(None) if matches!(self.framing, Framing::UntilClose) => self.line = None,
                Ok(None) => return self.broken(Broken::Off("the answer is not whole".into())),
                Err(error) => return self.broken(error),
            }
            if !body.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(body.into()))));
            }
        }
        Poll::Ready(self.framing.trailers().map(|trailers| Ok(Frame::trailers(trailers))))
    }

    /// Lets go of the connection when the body is over; `clean` when nothing came after it.
    fn settle(&mut self, clean: bool) {
        if self.framing.is_over()
            && let Some(line) = self.line.take()
            && clean
            && self.keeps
            && self.question.is_none()
        {
            line.release();
        }
    }

    fn broken(&mut self, error: Broken) -> Poll<Next> {
        self.line = None;
        Poll::Ready(Some(Err(error)))
    }
}

/// Sends more of a request while its answer is waited for; whether the service takes all of it.
pub fn poll_question(
    question: &mut Option<Question>,
    line: &mut Line,
    cx: &mut Context<'_>,
) -> Poll<Result<bool, Broken>> {
    let Some(sending) = question else { return Poll::Ready(Ok(true)) };
    let sent = ready!(sending.poll_send(&mut line.stream, cx));
    *question = None;
    Poll::Ready(match sent {
        Ok(()) => Ok(true),
        Err(Stopped::There) => Ok(false),
        Err(Stopped::Here(error)) => Err(error),
    })
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(Ok(Frame::data(first.into()))));
        }
        self.poll_next(cx)
    }

    fn size_hint(&self) -> SizeHint {
        let here = self.first.len() as u64;
        self.framing.left().map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + here))
    }
}
