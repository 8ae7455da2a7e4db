//! What follows from facts about accounts.

use std::sync::Arc;

use db::Db;
use stream::{Consumer, Tally};
use types::Clock;
use types::facts::Tell;
use types::facts::accounts::{TOPIC, UserDeleted, UserSignedUp};

use crate::Codes;
use crate::letters::{Channel, Delivery, Letters};

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

/// Sends the letters that are due.
pub fn letters(letters: &Letters, codes: &Codes, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Consumer>> {
    let bring =
        |channel, post| -> Arc<dyn Consumer> { Delivery::new(channel, post, codes.digits(), clock.clone()) };
    vec![bring(Channel::Mail, letters.mail.clone()), bring(Channel::Sms, letters.sms.clone())]
}
