//! HTTP/1.1 to a service, over connections that stay on their lane. A request is written and its answer read where both
//! are waited for: there is no task beside it to be woken, and no buffer that a connection keeps while it waits.
//!
//! A connection is used again only after an answer that ended where it said, with nothing after it; any doubt closes it.

mod answer;
mod coming;
mod framing;
mod line;
mod pool;
mod question;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::Response;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::net::TcpStream;
use tower::Service;

use super::broken::Broken;
use super::parcel::Parcel;
use answer::{Head, LONGEST, look};
use coming::{Coming, poll_question};
use line::Line;
use pool::Pool;
use question::Question;

/// The connections of one lane to a service.
#[derive(Debug)]
pub struct Lines {
    pool: Arc<Pool>,
    connector: HttpConnector,
}

impl Lines {
    /// None yet.
    pub fn new(connector: HttpConnector) -> Self {
        Self { pool: Arc::default(), connector }
    }

    /// Sends a request to the service at this address, and waits for its answer to begin.
    pub async fn exchange(
        &self,
        parcel: &mut Parcel,
        host: &HeaderValue,
        at: &Uri,
    ) -> Result<Response, Broken> {
        let head_alone = parcel.head().method == Method::HEAD;
        let (stream, question) = loop {
            let kept = self.pool.take();
            let is_new = kept.is_none();
            let stream = match kept {
                Some(stream) => stream,
                // Boxed, since few have to wait for it.
                None => Box::pin(self.connect(at)).await?,
            };
            match Question::begin(&stream, host, parcel) {
                Ok(question) => break (stream, question),
                Err(error) if is_new => return Err(error.into()),
                // It was closed meanwhile, and took nothing.
                Err(_) => {}
            }
        };
        let line = Line { stream, home: Arc::clone(&self.pool) };
        let spent = parcel.spent();
        let mut asked =
            Asked { line: Some(line), question, came: Vec::new(), spent, keeps: true, head_alone };
        poll_fn(|cx| asked.poll_answer(cx)).await
    }

    async fn connect(&self, at: &Uri) -> Result<TcpStream, Broken> {
        let connected = self.connector.clone().call(at.clone()).await;
        Ok(connected.map_err(|error| Broken::Away(error.into()))?.into_inner())
    }
}

/// A request that was begun.
struct Asked<'p> {
    /// Until there is an answer.
    line: Option<Line>,
    question: Option<Question>,
    /// What came of a head that is not whole yet.
    came: Vec<u8>,
    /// The headers of the request, which is not sent again once it is answered.
    spent: &'p mut HeaderMap,
    /// Whether the connection may be used again, as far as the request goes.
    keeps: bool,
    head_alone: bool,
}

impl Asked<'_> {
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response, Broken>> {
        while let Some(line) = &mut self.line {
            if let Poll::Ready(all) = poll_question(&mut self.question, line, cx) {
                self.keeps &= all?;
            }
            let (so_far, spent, head_alone) = (&mut self.came, &mut *self.spent, self.head_alone);
            let begun = ready!(line.poll_read(cx, |came| begin(so_far, came, head_alone, spent)))?;
            if let Some(begun) = begun? {
                return Poll::Ready(Ok(self.finish(begun)));
            }
        }
        Poll::Ready(Err(Broken::Off("it was answered already".into())))
    }

    fn finish(&mut self, begun: Begun) -> Response {
        let Begun { head: Head { status, headers, framing, keeps }, first, clean } = begun;
        let (line, question) = (self.line.take(), self.question.take());
        let keeps = keeps && self.keeps;
        let mut coming = Coming { line, framing, first, question, keeps };
        let body = coming.whole(clean).map_or_else(|| Body::new(coming), Body::from);
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        answer
    }
}

/// An answer that began.
struct Begun {
    head: Head,
    /// What is here of its body already.
    first: Vec<u8>,
    /// Whether nothing came after it.
    clean: bool,
}

/// The answer that begins with what came so far and what comes now, once its head is whole.
fn begin(
    so_far: &mut Vec<u8>,
    came: &[u8],
    head_alone: bool,
    spent: &mut HeaderMap,
) -> Result<Option<Begun>, Broken> {
    if came.is_empty() {
        return Err(Broken::Off("it closed the connection".into()));
    }
    let whole;
    let all = if so_far.is_empty() {
        came
    } else {
        so_far.extend_from_slice(came);
        // A head ends with a line: before the next one has come there is nothing new to be seen.
        if !came.contains(&b'\n') && so_far.len() <= LONGEST {
            return Ok(None);
        }
        whole = std::mem::take(so_far);
        &*whole
    };
    let Some((mut head, length)) = look(all, head_alone, spent)? else {
        *so_far = all.to_vec();
        return Ok(None);
    };
    let (rest, mut first) = (&all[length..], Vec::new());
    let clean = head.framing.take(rest, &mut first)? == rest.len();
    Ok(Some(Begun { head, first, clean }))
}
