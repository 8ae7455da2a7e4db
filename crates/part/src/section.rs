//! What a domain shows on everybody's home, and how that is had.

use std::sync::Arc;

use api::Refused;
use api::edge::Onward;
use api::grpc::Channel;
use futures_util::future::BoxFuture;
use serde_json::value::RawValue;
use types::Caller;

/// A piece of JSON for one person.
pub type Piece = Arc<RawValue>;

/// A section of the home. It is the same wherever its domain runs.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// What it is called.
    pub name: &'static str,
    /// The schema of what is in it, among those that the domain's routes promise.
    pub schema: &'static str,
    /// How it is had.
    pub source: Source,
    /// What can be shown without its domain, by what the caller's token alone says.
    pub without: Option<fn(&Caller) -> serde_json::Value>,
}

/// How a section is had.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// It is what the domain answers at this path.
    Http(&'static str),
    /// It is the answer to this question.
    Grpc(Question),
}

/// A question to the domain's gRPC service.
pub type Question = fn(Channel, Onward) -> BoxFuture<'static, Result<Piece, Refused>>;
