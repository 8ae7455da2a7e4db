//! The edges of the house: what every request meets on its way in and out, and what every process shows of itself.

pub mod cookie;
pub mod edge;
pub mod etag;
mod extract;
pub mod log;
pub mod metrics;
mod page;
mod problem;
pub mod rates;
pub mod serve;
pub mod stop;
pub mod system;
mod token;
mod trace;

pub use extract::{Json, LooseJson, PathId, Query, Signed};
pub use page::{Page, Paging};
pub use problem::{Failure, Problem, Problems, texts};
pub use token::{Claims, Ended, Ending, Grant, KeySet, PublicKey, Sighting, Verifier};
pub use trace::RequestId;
