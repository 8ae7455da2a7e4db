//! Letters: what people hear from the house by mail or as a text message.
//!
//! Facts say that a letter is due; `delivery` writes it and hands it to a [`Post`]. A letter goes out at least once: the
//! process may end between the moment a provider takes it and the moment that is written down.

mod delivery;
mod notices;
mod outbox;
mod sms;
mod smtp;
mod words;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use types::{Result, Timestamp};

pub use delivery::{Channel, Delivery};
pub use outbox::Outbox;
pub use sms::Sms;
pub use smtp::Smtp;

use crate::Target;

/// One message to one person, as plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The id of the fact that it is due to: the same letter has the same one each time it is tried.
    pub id: i64,
    /// Where to.
    pub to: Target,
    /// What it is about, in a line; text messages have none.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// When it became due.
    pub at: Timestamp,
}

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody took it and will bring it.
    Taken,
    /// It will not be taken, however often it is tried. The reason is fit for the log: neither the letter nor its address.
    Refused(Cow<'static, str>),
    /// This one cannot be taken now; others may be.
    Later(Cow<'static, str>),
}

/// Brings letters to people.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Post: Send + Sync {
    /// Hands a letter over. An error means that nothing goes out at all: one that may pass holds up all letters, any
    /// other is for an engineer. Errors name neither the letter's text nor its address.
    async fn send(&self, letter: &Letter) -> Result<Outcome>;
}

/// Who brings letters.
#[derive(Clone)]
pub struct Letters {
    /// Those to e-mail addresses.
    pub mail: Arc<dyn Post>,
    /// Those to phone numbers.
    pub sms: Arc<dyn Post>,
}

/// A target as a log may show it: enough to know it again, not enough to write to it.
fn masked(target: &Target) -> String {
    match target {
        Target::Email(address) => {
            let (person, host) = address.rsplit_once('@').unwrap_or_default();
            let first: String = person.chars().take(1).collect();
            format!("{first}***@{host}")
        }
        Target::Phone(number) => {
            let last: String = number.chars().skip(number.chars().count().saturating_sub(2)).collect();
            format!("+***{last}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_shown_in_part() {
        assert_eq!(masked(&Target::Email("anna@example.org".into())), "a***@example.org");
        assert_eq!(masked(&Target::Phone("+380501234567".into())), "+***67");
    }
}
