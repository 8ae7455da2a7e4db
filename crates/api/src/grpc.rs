//! gRPC by the rules of the house: a method is said once, and served and asked by what is said; who asks is known by the
//! same edge as over HTTP, and refusals are the same problems.

mod channel;
mod codec;
mod status;

use std::marker::PhantomData;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::uri::PathAndQuery;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prost::Message;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tonic::metadata::MetadataMap;
use tower::service_fn;
use types::{Caller, Error};

pub use channel::Channel;
use codec::Short;
pub(crate) use status::{is_grpc, render};

use crate::edge::Onward;
use crate::extract::Signed;
use crate::problem::{Failure, Refused};
use crate::texts;

/// A method of a service with one question and one answer, as both sides know it.
#[derive(Debug)]
pub struct Rpc<Q, A> {
    path: &'static str,
    of: PhantomData<fn(Q) -> A>,
}

impl<Q, A> Clone for Rpc<Q, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q, A> Copy for Rpc<Q, A> {}

impl<Q: Message + Default + 'static, A: Message + Default + 'static> Rpc<Q, A> {
    /// The method at `/package.Service/Method`.
    pub const fn new(path: &'static str) -> Self {
        Self { path, of: PhantomData }
    }

    /// Has a verb answer it, for whoever is known to the edge around it.
    pub fn answered_by<S, F>(self, state: S, verb: fn(S, Caller, Q) -> F) -> Router
    where
        S: Clone + Send + Sync + 'static,
        F: Future<Output = Result<A, Failure>> + Send + 'static,
    {
        let answer = move |signed: Result<Signed, Failure>, request: Request| async move {
            // To whoever speaks plain HTTP there is nothing here, as behind a gateway that has this service elsewhere.
            if !is_grpc(request.version(), request.headers()) {
                return Failure::Http(StatusCode::NOT_FOUND, texts::NO_SUCH_PATH.into()).into_response();
            }
            match signed {
                Ok(Signed(caller)) => {
                    answered(request, move |question| verb(state.clone(), caller, question)).await
                }
                Err(failure) => failure.into_response(),
            }
        };
        Router::new().route(self.path, post(answer))
    }

    /// Asks it over this channel.
    pub async fn ask(self, channel: Channel, along: Onward, question: Q) -> Result<A, Refused> {
        let metadata = MetadataMap::from_headers(along.headers);
        let request = tonic::Request::from_parts(metadata, along.extensions, question);
        let path = PathAndQuery::from_static(self.path);
        let mut client = tonic::client::Grpc::new(channel);
        let answer = client.unary(request, path, Short::<Q, A>::default()).await;
        answer.map(tonic::Response::into_inner).map_err(|status| status::refused(self.path, status))
    }
}

impl<Q: Message + Default + 'static, A: Message + Default + Serialize + 'static> Rpc<Q, A> {
    /// Asks it over this channel, for an answer as JSON.
    pub fn json(
        self,
        channel: Channel,
        along: Onward,
        question: Q,
    ) -> BoxFuture<'static, Result<Arc<RawValue>, Refused>> {
        let json = |error| Error::internal_by("an answer that is no JSON", error);
        let asking = self.ask(channel, along, question);
        asking.map(move |answer| Ok(to_raw_value(&answer?).map_err(json)?.into())).boxed()
    }
}

/// Reads the question, and writes the answer of the verb.
async fn answered<Q, A, F>(request: Request, verb: impl Fn(Q) -> F) -> Response
where
    Q: Message + Default + 'static,
    A: Message + Default + 'static,
    F: Future<Output = Result<A, Failure>> + Send,
{
    let verb = service_fn(|question: tonic::Request<Q>| {
        verb(question.into_inner()).map(|answer| answer.map(tonic::Response::new).map_err(status::carrying))
    });
    let answer = tonic::server::Grpc::new(Short::<A, Q>::default()).unary(verb, request).await;
    match status::carried(answer.extensions()) {
        // The edge knows the language and the request's id, and writes it.
        Some(failure) => failure.into_response(),
        None => answer.map(Body::new),
    }
}
