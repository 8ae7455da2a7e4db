//! A service elsewhere. A request is sent on at most a few times, and only where that can do no harm; a service that fails
//! is left alone until it says that it is there again.

mod broken;
mod lines;
mod link;
mod parcel;
mod sending;
mod tally;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use api::edge::Limits;
use api::metrics::Metrics;
use api::{Failure, Numbers, texts, whole_body};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};
use tower::Service;
use types::{Error, Phrase};

use crate::breaker::{Breaker, Pass, Phase, Verdict};
use crate::headers::strip_hop;
use crate::upgrade::Wanted;
use broken::Broken;
use link::Link;
pub use parcel::KEYED;
use parcel::Parcel;
use sending::Sending;
use tally::Tally;

/// How long a service may take to begin its answer, when the client does not say that it waits for less.
pub const ANSWER: Duration = Duration::from_secs(30);
/// How often a request is sent once more.
const RETRIES: u32 = 2;
/// What fails later than this would do so again.
const RETRY_WITHIN: Duration = Duration::from_secs(1);
/// How long is waited before a request is sent once more: at least, and by chance so much longer.
const PAUSE: Duration = Duration::from_millis(10);
const PAUSE_MORE_MS: u64 = 40;
/// When a service that is left alone is first asked whether it is there, and how often from then on.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_secs(1);
/// Where every service says that it is there.
const HEALTH: &str = "/health";

/// A service elsewhere. Cheap to clone.
#[derive(Clone)]
pub struct Upstream {
    inner: Arc<Inner>,
}

/// What an upstream works with.
pub struct Needs<'n> {
    /// Where it is counted.
    pub metrics: &'n Metrics,
    /// Whether the service is spoken to over HTTP/2.
    pub http2: bool,
    /// An answer that takes longer to begin is as bad as none.
    pub slow: Duration,
    /// A random number, by which gateways do not repeat their requests all at once.
    pub seed: u64,
}

struct Inner {
    name: String,
    link: Link,
    breaker: Breaker,
    tally: Tally,
    slow: Duration,
    numbers: Numbers,
    born: Instant,
}

/// Why there is no answer.
enum Lost {
    /// It was not sent: the service is left alone.
    Refused,
    /// It was not sent: nobody listens there.
    Unsent(Broken),
    /// It was sent, and nobody knows what became of it.
    Unknown(Broken),
    /// It was answered, but nobody can make out what.
    Garbled(Broken),
    /// Nobody waits any longer.
    Late,
}

impl Upstream {
    /// The service of this name at this URL, of which only host and port count.
    pub fn new(name: &str, url: &str, needs: &Needs<'_>) -> Result<Self, Error> {
        let inner = Arc::new(Inner {
            name: name.to_owned(),
            link: Link::new(name, url, needs.http2)?,
            breaker: Breaker::default(),
            tally: Tally::new(needs.metrics, name),
            slow: needs.slow,
            numbers: Numbers::new(needs.seed),
            born: Instant::now(),
        });
        let read = Arc::downgrade(&inner);
        let read = move || {
            let phase = read.upgrade().map(|inner| inner.breaker.phase() as i64);
            std::future::ready(phase).boxed()
        };
        let help = "Whether a service elsewhere is asked: 0 it is, 1 it is tried, 2 it is left alone.";
        needs.metrics.gauge_of("daybook_breaker_state", &[("service", name)], help, Arc::new(read));
        Ok(Self { inner })
    }

    /// Sends a request on and brings the answer back, bodies streaming both ways.
    pub fn send(&self, request: Request) -> impl Future<Output = Response> + Send + use<> {
        let (upstream, mut sending) = (self.clone(), Sending::of(request, self.inner.numbers.next()));
        // A block has what it captures once; an async function would have each argument twice.
        async move { upstream.carry(&mut sending).await.unwrap_or_else(IntoResponse::into_response) }
    }

    /// Whether it is well; what is wrong, in a sentence for everybody.
    pub async fn check(&self) -> Result<(), String> {
        let name = &self.inner.name;
        if !self.inner.is_there().await {
            return Err(format!("{name} does not answer"));
        }
        match self.inner.breaker.phase() {
            Phase::Open => Err(format!("{name} fails too often and is left alone for a second")),
            Phase::Closed | Phase::HalfOpen => Ok(()),
        }
    }

    /// Asks it over gRPC. Whoever leaves takes the question along.
    pub(crate) async fn call(&self, request: Request) -> Result<Response, Failure> {
        let (head, question) = request.into_parts();
        let question = whole_body(question, &Limits::default()).await?;
        let request = Request::from_parts(head, Body::from(question));
        let mut sending = Sending::of(request, self.inner.numbers.next());
        sending.gather().await?;
        let patience = sending.patience();
        self.exchange(&mut sending.parcel, patience).await
    }

    async fn carry(&self, sending: &mut Sending) -> Result<Response, Failure> {
        sending.gather().await?;
        let patience = sending.patience();
        let Sending { parcel, wanted, .. } = sending;
        let answer = if parcel.head().method.is_safe() {
            self.exchange(parcel, patience).await?
        } else {
            // On a task of its own: a write is not given up because a client leaves or is in a hurry.
            let (upstream, mut parcel) = (self.clone(), parcel.take());
            let writing = tokio::spawn(async move { upstream.exchange(&mut parcel, ANSWER).await });
            let written = timeout(patience, writing).await.map_err(|_| late())?;
            written.map_err(|error| Error::internal_by("a request on its way on panicked", error))??
        };
        finish(answer, wanted.take())
    }

    /// Sends it until there is an answer, or none is to be had.
    async fn exchange(&self, parcel: &mut Parcel, patience: Duration) -> Result<Response, Failure> {
        let (began, mut retries) = (Instant::now(), 0);
        loop {
            let left = patience.saturating_sub(began.elapsed());
            let lost = match self.attempt(parcel, left).await {
                Ok(answer) => {
                    self.inner.tally.served.inc();
                    return Ok(answer);
                }
                Err(lost) => lost,
            };
            let harmless = match lost {
                Lost::Unsent(_) => parcel.is_whole(),
                Lost::Unknown(_) => parcel.is_repeatable(),
                Lost::Refused | Lost::Garbled(_) | Lost::Late => false,
            };
            let soon = retries < RETRIES && began.elapsed() < RETRY_WITHIN;
            if !(harmless && soon && self.inner.breaker.may_repeat(self.inner.second())) {
                return Err(lost.of(&self.inner));
            }
            retries += 1;
            self.inner.tally.retries.inc();
            let more = self.inner.numbers.next() % (PAUSE_MORE_MS * u64::from(retries));
            sleep(PAUSE + Duration::from_millis(more)).await;
        }
    }

    async fn attempt(&self, parcel: &mut Parcel, patience: Duration) -> Result<Response, Lost> {
        let pass = self.inner.breaker.admit();
        let Some(pass) = pass else { return Err(Lost::Refused) };
        let mut watch = Watch { upstream: self, pass: Some(pass), fair: parcel.is_whole() };
        let mut answering = pin!(self.inner.link.send(parcel));
        let quick = patience.min(self.inner.slow);
        let mut answer = timeout(quick, &mut answering).await;
        if answer.is_err() && quick < patience {
            watch.note(Verdict::Silent);
            answer = timeout(patience.saturating_sub(quick), &mut answering).await;
        }
        match answer {
            Ok(Ok(answer)) => {
                watch.note_answer(&answer, patience);
                Ok(answer)
            }
            Ok(Err(error @ Broken::Away(_))) => {
                watch.fair = true;
                watch.note(Verdict::Silent);
                Err(Lost::Unsent(error))
            }
            Ok(Err(error @ Broken::Off(_))) => {
                watch.note(Verdict::Bad);
                Err(Lost::Unknown(error))
            }
            Ok(Err(error @ Broken::Garbled(_))) => {
                watch.fair = true;
                watch.note(Verdict::Bad);
                Err(Lost::Garbled(error))
            }
            // A client that waits for less than a slow service would take says nothing about the service.
            Err(_) => Err(Lost::Late),
        }
    }

    /// Hears that the breaker is in another phase.
    fn turned(&self, phase: Phase, first_look: Duration) {
        let service = &*self.inner.name;
        self.inner.tally.turned(phase);
        match phase {
            Phase::Open => {
                tracing::warn!(service, "the service fails; it is left alone until it answers again");
                tokio::spawn(look_after(Arc::downgrade(&self.inner), first_look));
            }
            Phase::Closed => tracing::info!(service, "the service works again"),
            Phase::HalfOpen => {}
        }
    }
}

/// As a service of axum and no handler, which would take it apart and move it about once more.
impl Service<Request> for Upstream {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.send(request).map(Ok).boxed()
    }
}

impl Inner {
    async fn is_there(&self) -> bool {
        timeout(LOOK, self.link.says_yes(HEALTH)).await.unwrap_or(false)
    }

    fn second(&self) -> u64 {
        self.born.elapsed().as_secs()
    }
}

/// Asks a service that is left alone whether it is there, until it is.
async fn look_after(service: Weak<Inner>, first_look: Duration) {
    let mut pause = first_look;
    loop {
        sleep(pause).await;
        pause = LOOK;
        let Some(inner) = service.upgrade() else { return };
        if inner.is_there().await {
            if inner.breaker.it_is_there() {
                inner.tally.turned(Phase::HalfOpen);
            }
            return;
        }
    }
}

/// Sees to it that the breaker hears once of each attempt, also of one that is given up.
struct Watch<'u> {
    upstream: &'u Upstream,
    pass: Option<Pass>,
    /// Whether it is the service's doing when this fails. A body that still comes may fail by its client's.
    fair: bool,
}

impl Watch<'_> {
    fn note(&mut self, verdict: Verdict) {
        let fair = self.fair || verdict == Verdict::Good;
        let Some(pass) = self.pass.take_if(|_| fair) else { return };
        let inner = &self.upstream.inner;
        let was_tried = inner.breaker.phase() == Phase::HalfOpen;
        if let Some(phase) = inner.breaker.note(&pass, verdict, inner.second()) {
            self.upstream.turned(phase, if was_tried { LOOK } else { FIRST_LOOK });
        }
    }

    /// A service that says when to come again lives and knows what it does; and one that was given little time may say
    /// that it was too little.
    fn note_answer(&mut self, answer: &Response, patience: Duration) {
        match answer.status() {
            StatusCode::GATEWAY_TIMEOUT if patience <= self.upstream.inner.slow => {}
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => self.note(Verdict::Bad),
            StatusCode::SERVICE_UNAVAILABLE if !answer.headers().contains_key(RETRY_AFTER) => {
                self.note(Verdict::Bad);
            }
            _ => self.note(Verdict::Good),
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(pass) = &self.pass {
            self.upstream.inner.breaker.give_back(pass);
        }
    }
}

impl Lost {
    /// What the client hears of it.
    fn of(self, service: &Inner) -> Failure {
        match self {
            Self::Refused => {
                service.tally.refused.inc();
                Error::unavailable(format!("{} fails and is left alone", service.name)).into()
            }
            Self::Late => {
                service.tally.late.inc();
                late()
            }
            Self::Garbled(error) => {
                service.tally.failed.inc();
                tracing::error!(service = &*service.name, %error, "the service's answer cannot be passed on");
                Failure::Http(StatusCode::BAD_GATEWAY, texts::SERVICE_AWAY.into())
            }
            Self::Unsent(error) | Self::Unknown(error) => {
                service.tally.failed.inc();
                let what = format!("{} does not answer at {}", service.name, service.link.address());
                Error::unavailable_by(what, error).into()
            }
        }
    }
}

/// Nobody waits any longer.
pub(crate) fn late() -> Failure {
    Failure::Http(StatusCode::GATEWAY_TIMEOUT, texts::SERVICE_AWAY.into())
}

/// The answer, as it goes to the client.
fn finish(mut answer: Response, wanted: Option<Box<Wanted>>) -> Result<Response, Failure> {
    strip_hop(answer.headers_mut());
    match wanted {
        Some(wanted) => Ok(wanted.join(answer)),
        // Nobody asked it to become anything else.
        None if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            Err(Failure::Http(StatusCode::BAD_GATEWAY, Phrase::from(texts::SERVICE_AWAY)))
        }
        None => Ok(answer),
    }
}
