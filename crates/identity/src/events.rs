//! What follows from facts about accounts.

use std::sync::Arc;

use db::Db;
use stream::{Consumer, Tally};
use types::facts::Tell;
use types::facts::accounts::{TOPIC, UserDeleted, UserSignedUp};

/// The name of the total.
pub const TALLY: &str = "users.total";

/// Keeps the number of people.
pub fn tally(db: &Db) -> Arc<dyn Consumer> {
    Tally::new(db.clone(), TALLY, TOPIC, |kind| match kind {
        UserSignedUp::KIND => 1,
        UserDeleted::KIND => -1,
        _ => 0,
    })
}
