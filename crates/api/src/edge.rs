//! The one thing between a connection and a handler: who asks, within which limits, in which language, and what is
//! written down about it.

mod asked;
mod between;
mod cookies;
mod cors;
mod crowd;
mod deadline;
mod identity;
mod lasting;
mod layer;
mod onward;
mod origin;
mod record;
mod roomy;
mod safety;

use std::mem::take;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::SemaphorePermit;
use types::{Language, Phrase, UserId};

pub use asked::Asked;
pub use between::Between;
pub use cookies::{Cookies, NEW_ACCESS_TOKEN, Renewal};
pub use cors::Cors;
pub use deadline::{Deadline, X_REQUEST_TIMEOUT};
pub use identity::{Identity, X_USER_ID, bearer_of};
pub use lasting::Lasting;
pub(crate) use lasting::is_stream;
pub use layer::Behind;
pub use onward::Onward;
pub use origin::{Before, ClientIp, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, is_encrypted};
pub use roomy::Roomy;

use crate::extract::{discard, too_large};
use crate::metrics::Metrics;
use crate::problem::{Failure, of_status};
use crate::rates::{Group, Rates, Tab};
use crate::stop::Stop;
use crate::trace::{RequestId, RequestIds, X_REQUEST_ID};
use crate::{Verifier, grpc, texts};
use cookies::Looked;
use crowd::Crowd;

/// What a cache did for an answer (RFC 9211).
pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// An address longer than this is refused.
const LONGEST_URI: usize = 8_192;

/// What a request may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How deep JSON may be nested.
    pub json_depth: usize,
    /// How many requests at once.
    pub in_flight: usize,
    /// How many headers.
    pub header_count: usize,
    /// Bytes of all headers.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            body_time: Duration::from_secs(30),
            json_depth: 64,
            in_flight: 4_096,
            header_count: 100,
            headers: 32 << 10,
        }
    }
}

/// Which side of the house an edge is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Facing everybody: identity headers are worth nothing.
    Outer,
    /// Facing our own gateway: identity headers must agree with the token.
    Inner,
}

/// The edge of one listener. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    inner: Arc<Inner>,
}

/// What an edge works with.
pub struct Needs {
    /// Whom it faces.
    pub side: Side,
    /// What stands before it.
    pub before: Before,
    /// Who asks.
    pub verifier: Verifier,
    /// What a request may be.
    pub limits: Limits,
    /// Whose body may be larger, if anybody's.
    pub roomy: Option<Roomy>,
    /// Where requests are counted.
    pub metrics: Metrics,
    /// A random number, which makes its request ids unlike any other process's.
    pub seed: u64,
    /// How cookies count, where they do.
    pub cookies: Option<Cookies>,
    /// Which pages of other origins may call, if any may.
    pub cors: Option<Cors>,
    /// What kind of request it is; none is one that is neither counted nor sent away before others.
    pub group: fn(&Method, &str) -> Option<Group>,
    /// How often each may ask, where that is limited.
    pub rates: Option<Rates>,
    /// Ends answers that would go on for as long as somebody listens.
    pub stop: Stop,
    /// What stands between the edge and the handlers, if anything does.
    pub between: Option<Box<dyn Between>>,
}

struct Inner {
    needs: Needs,
    ids: RequestIds,
    crowd: Crowd,
}

impl Edge {
    /// An edge.
    pub fn new(needs: Needs) -> Self {
        let before = match needs.side {
            Side::Outer => needs.before,
            // Our own gateway stands before it, and has settled what those before it say.
            Side::Inner => Before { proxies: 1, encrypted: false },
        };
        let (ids, crowd) = (RequestIds::new(needs.seed), Crowd::new(needs.limits.in_flight));
        Self { inner: Arc::new(Inner { needs: Needs { before, ..needs }, ids, crowd }) }
    }

    /// Puts the edge around these routes, and around what they do not answer.
    pub fn around(self, routes: Router) -> Router {
        let nothing = || async { Failure::Http(StatusCode::NOT_FOUND, texts::NO_SUCH_PATH.into()) };
        let routes = routes.fallback(nothing).method_not_allowed_fallback(|| async {
            Failure::Http(StatusCode::METHOD_NOT_ALLOWED, texts::METHOD_NOT_ALLOWED.into())
        });
        routes.layer(self)
    }
}

/// What is told to a page that only asks whether it may call is nobody's request yet.
///
/// The request stays in one place until it goes on: each function that had it would be larger by as much.
async fn pass(edge: &Inner, request: &mut Request, behind: Behind) -> Response {
    let page = edge.cors.as_ref().and_then(|cors| cors.page(request));
    let asks_first = page.as_ref().is_some_and(|page| page.asks_first);
    let mut response =
        if asks_first { StatusCode::NO_CONTENT.into_response() } else { serve(edge, request, behind).await };
    if let Some(page) = page {
        page.told(response.headers_mut());
    }
    response
}

async fn serve(edge: &Inner, request: &mut Request, behind: Behind) -> Response {
    let started = Instant::now();
    let _counted = edge.metrics.in_flight();
    edge.before.settle(request.headers_mut());
    let encrypted = is_encrypted(request.headers());
    let id = edge.ids.of(request.headers());
    let language = language(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let is_grpc = grpc::is_grpc(request.version(), request.headers());
    let group = (edge.group)(&method, &path);
    let place = edge.crowd.enter(group);
    let client = ClientIp::of(request, edge.before);
    let counted = group.and_then(|group| group.counted(client.0.is_loopback()));
    let mut tab = edge.rates.as_ref().zip(counted).map(|(rates, group)| rates.open(group));
    let looked = match place.as_ref().map_err(Clone::clone).and_then(|_| admit(edge, request)) {
        Ok(()) => edge.enter(request, client, tab.as_mut()).await,
        Err(refused) => Err(refused),
    };
    let (mut response, user) = edge.answer(request, looked, client, &id, behind).await;
    let failure = failure_of(&response);
    // Over gRPC the status of HTTP says nothing of it.
    let status = failure.as_ref().map_or(response.status(), |failure| failure.status());
    if let Some(failure) = &failure {
        let render = if is_grpc { grpc::render } else { Failure::render };
        let rendered = render(failure, language, id.as_str());
        let answered = std::mem::replace(&mut response, rendered);
        keep(answered.headers(), response.headers_mut());
    }
    response.headers_mut().insert(X_REQUEST_ID, id.header());
    if let Some(tab) = tab {
        tab.close(status, response.headers_mut());
    }
    if edge.side == Side::Outer {
        safety::complete(response.headers_mut(), encrypted, user.is_some());
    }
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let done = record::Done { id: &id, method: &method, path: &path, route, user, taken: started.elapsed() };
    done.write(&edge.metrics, status, failure.as_deref());
    response
}

impl Deref for Inner {
    type Target = Needs;

    fn deref(&self) -> &Needs {
        &self.needs
    }
}

impl Inner {
    /// The answer of whoever is behind, and who asked; or the refusal.
    async fn answer(
        &self,
        request: &mut Request,
        looked: Result<Looked, Failure>,
        client: ClientIp,
        id: &RequestId,
        behind: Behind,
    ) -> (Response, Option<UserId>) {
        let mut limits = self.limits;
        let room = looked.and_then(|looked| Ok((self.room(request, looked.identity, &mut limits)?, looked)));
        // The place is kept until there is an answer.
        let (_place, Looked { identity, brings }) = match room {
            Ok(room) => room,
            Err(failure) => {
                Box::pin(discard(take(request).into_body(), self.limits.body_time)).await;
                return (failure.into_response(), None);
            }
        };
        let asked = Asked {
            identity,
            client,
            limits,
            id: id.clone(),
            trace: self.ids.trace(),
            deadline: Deadline::said(request.headers()),
        };
        let deadline = asked.deadline;
        self.mark(request, asked);
        let token = request.headers().get(AUTHORIZATION).cloned();
        let between = self.between.as_deref().filter(|between| between.concerns(request));
        let mut response = deadline::within(request, deadline, async |request| match between {
            Some(between) => between.answer(take(request), behind).await,
            None => behind.answer(take(request)).await,
        })
        .await;
        if lasting::is_stream(response.headers()) {
            let lasting = Lasting::of(&self.verifier, identity, token.as_ref());
            response = lasting::cut(response, lasting, self.stop.clone());
        }
        if !brings.is_empty() {
            // A token must never come out of somebody's cache.
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for (name, value) in brings {
            response.headers_mut().append(name, value);
        }
        (response, identity.user())
    }

    /// Room for a body that is too large for most requests; one that is too large for this one was not admitted.
    fn room(
        &self,
        request: &Request,
        identity: Identity,
        limits: &mut Limits,
    ) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        match &self.roomy {
            Some(roomy) if roomy::length(request) > limits.body => roomy.enter(identity, limits).map(Some),
            _ => Ok(None),
        }
    }

    /// Who asks, if they may ask once more. An address is counted first: forged tokens cost us something too.
    async fn enter(
        &self,
        request: &mut Request,
        client: ClientIp,
        tab: Option<&mut Tab<'_>>,
    ) -> Result<Looked, Failure> {
        let Some(tab) = tab else { return self.look(request).await };
        tab.charge_address(client.0).await?;
        let looked = self.look(request).await?;
        if let Some(user) = looked.identity.user() {
            tab.charge_user(user).await?;
        }
        Ok(looked)
    }

    /// Who asks, by header and by cookie.
    async fn look(&self, request: &mut Request) -> Result<Looked, Failure> {
        if let Some(token) = identity::bearer_of(request.headers()) {
            self.verifier.learn(token).await;
        }
        let said = identity::of(request.headers(), self.side, &self.verifier)?;
        let cookies = self.cookies.as_ref().filter(|_| request.headers().contains_key(COOKIE));
        let Some(cookies) = cookies else { return Ok(Looked::only(said)) };
        let (mut parts, body) = take(request).into_parts();
        // Boxed, as is whatever few requests need: all the others would carry the room for it.
        let looked = Box::pin(cookies.look(&mut parts, said, &self.verifier)).await;
        *request = Request::from_parts(parts, body);
        looked
    }

    /// Notes on the request what was found out about it.
    fn mark(&self, request: &mut Request, asked: Asked) {
        let headers = request.headers();
        let lasting = headers
            .contains_key(UPGRADE)
            .then(|| Lasting::of(&self.verifier, asked.identity, headers.get(AUTHORIZATION)));
        let extensions = request.extensions_mut();
        extensions.insert(asked);
        if let Some(lasting) = lasting {
            extensions.insert(lasting);
        }
    }
}

/// What routing and handlers alone know stays with an answer that is written anew: which methods there are, which
/// cookies are set or taken away, and what a cache had to do with it.
fn keep(answered: &HeaderMap, written: &mut HeaderMap) {
    for name in [ALLOW, SET_COOKIE, NEW_ACCESS_TOKEN, CACHE_STATUS] {
        for value in answered.get_all(&name) {
            written.append(&name, value.clone());
        }
    }
}

/// Refuses what is too much, before anything is done with it.
fn admit(edge: &Inner, request: &Request) -> Result<(), Failure> {
    let limits = &edge.limits;
    let (headers, uri) = (request.headers(), request.uri());
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > limits.header_count || bytes > limits.headers {
        return Err(Failure::Http(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            texts::HEADERS_TOO_LARGE.into(),
        ));
    }
    if uri.path().len() + uri.query().map_or(0, str::len) > LONGEST_URI {
        return Err(Failure::Http(StatusCode::URI_TOO_LONG, texts::URI_TOO_LONG.into()));
    }
    // A handler that reads no body would answer in the middle of this one, and its client would not hear it.
    let length = roomy::length(request);
    if length > limits.body && length > edge.roomy.as_ref().map_or(0, |roomy| roomy.most(request)) {
        return Err(too_large(limits));
    }
    Ok(())
}

/// What whoever asks reads.
pub fn language(headers: &HeaderMap) -> Language {
    headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or_else(Language::default, Language::accepted)
}

/// What a handler failed with, or what routing answered by itself without a word.
fn failure_of(response: &Response) -> Option<Arc<Failure>> {
    if let Some(failure) = response.extensions().get::<Arc<Failure>>() {
        return Some(failure.clone());
    }
    // The answer to a HEAD is empty and yet says what its body would be.
    let silent = response.status().is_client_error()
        && response.body().size_hint().exact() == Some(0)
        && !response.headers().contains_key(CONTENT_TYPE);
    let text = of_status(response.status()).filter(|_| silent)?;
    Some(Arc::new(Failure::Http(response.status(), Phrase::from(text))))
}
