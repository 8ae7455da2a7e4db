//! Who does not want to hear of whom.

mod bodies;
mod routes;
mod service;
mod store;

use types::{Text, Timestamp, UserId};

pub use routes::routes;
pub use service::{BlockStore, Blocks};
pub use store::SqlBlocks;

const ONESELF: Text =
    Text { code: "oneself", en: "this is yourself", uk: "це ви самі", ru: "это вы сами" };

/// Somebody whom somebody does not want to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// Who.
    pub user: UserId,
    /// Since when.
    pub created_at: Timestamp,
}
