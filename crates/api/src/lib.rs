//! The edges of the house: what every request meets on its way in and out, and what every process shows of itself.

pub mod cookie;
pub mod edge;
mod etag;
pub mod events;
mod extract;
pub mod grpc;
pub mod idempotency;
pub mod log;
pub mod metrics;
mod numbers;
mod page;
mod problem;
pub mod rates;
pub mod serve;
pub mod stop;
pub mod system;
mod token;
mod trace;

pub use etag::{Etag, IfMatch, IfNoneMatch, Tagged, Versioned};
pub use extract::{Json, LooseJson, PathId, PathIds, Query, Signed, whole_body};
pub use numbers::Numbers;
pub use page::{Page, Paging};
pub use problem::{Failure, Problem, Problems, Refused, texts};
pub use token::{Claims, Ended, Ending, Grant, KeySet, PublicKey, Sighting, Verifier};
pub use trace::{RequestId, TRACEPARENT, Trace, X_REQUEST_ID};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = &[db::migration!("api", 1, "0001_idempotency_keys")];
