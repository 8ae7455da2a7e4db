//! People.

mod administration;
mod answers;
mod asking;
mod bodies;
mod classic;
mod entering;
mod governing;
mod identifier;
mod leaving;
mod noticing;
mod people;
mod profile;
mod proving;
mod registration;
mod routes;
mod rules;
mod secrets;
mod service;
mod squatting;
#[cfg(test)]
pub(crate) mod stage;
mod store;
#[cfg(test)]
mod stories;
mod texts;

use types::{Language, Role, Timestamp, UserId};
use utoipa_axum::router::OpenApiRouter;

use crate::Target;

pub use answers::{Me, known_by_token};
pub use asking::Visitor;
pub use identifier::Identifier;
pub use noticing::noticing;
pub use people::Person;
pub use profile::Change;
pub use registration::Registration;
pub use rules::{Demand, PasswordRule};
#[cfg(test)]
pub use service::MockAccountStore;
pub use service::{AccountStore, Accounts, Known, Means, Written};
pub use store::{SqlAccounts, claimed, insert};
pub use texts::NO_ACCOUNT;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub id: UserId,
    /// Their address, in lower case.
    pub email: Option<String>,
    /// Their number, as E.164.
    pub phone: Option<String>,
    /// The name they sign in with, in lower case.
    pub username: Option<String>,
    /// What they are called; empty if they did not say.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The IANA name of their time zone.
    pub timezone: String,
    /// What they read.
    pub language: Language,
    /// The day their weeks start on: 1 is Monday, 7 is Sunday.
    pub week_start: i64,
    /// Since when the address is known to be theirs.
    pub email_verified_at: Option<Timestamp>,
    /// Since when the number is known to be theirs.
    pub phone_verified_at: Option<Timestamp>,
    /// Grows when access tokens made before shall end.
    pub generation: i64,
    /// Grows with every change.
    pub version: i64,
    /// Since when they are here.
    pub created_at: Timestamp,
}

impl Account {
    /// Whether this is an address of theirs that they have proved.
    pub fn has_proved(&self, target: &Target) -> bool {
        match target {
            Target::Email(address) => {
                self.email.as_ref() == Some(address) && self.email_verified_at.is_some()
            }
            Target::Phone(number) => self.phone.as_ref() == Some(number) && self.phone_verified_at.is_some(),
        }
    }

    /// Whether it is known whose account this is: they proved an address or a number, or the house gave them a role and
    /// so vouches for them, even where no letter ever went out. An address that they merely mistyped must not open it.
    pub fn is_somebodys(&self) -> bool {
        let proved = self.email_verified_at.is_some() || self.phone_verified_at.is_some();
        proved || self.role > Role::User
    }

    /// Where a notice reaches them: best where it is known to.
    pub fn reached_at(&self) -> Option<Target> {
        let email = || self.email.clone().map(Target::Email);
        let phone = || self.phone.clone().map(Target::Phone);
        if self.email_verified_at.is_none() && self.phone_verified_at.is_some() {
            phone()
        } else {
            email().or_else(phone)
        }
    }

    /// The same person a version later.
    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// The same person a version later, with this address, which they have proved.
    fn with_proved(&self, target: &Target, now: Timestamp) -> Self {
        match target.clone() {
            Target::Email(address) => {
                Self { email: Some(address), email_verified_at: Some(now), ..self.next() }
            }
            Target::Phone(number) => {
                Self { phone: Some(number), phone_verified_at: Some(now), ..self.next() }
            }
        }
    }

    /// The same person a version later, without the address of this kind.
    fn without(&self, target: &Target) -> Self {
        match target {
            Target::Email(_) => Self { email: None, email_verified_at: None, ..self.next() },
            Target::Phone(_) => Self { phone: None, phone_verified_at: None, ..self.next() },
        }
    }

    /// Whether there is anything left to sign in with.
    const fn is_named(&self) -> bool {
        self.email.is_some() || self.phone.is_some() || self.username.is_some()
    }
}

/// The routes about people.
pub fn routes() -> OpenApiRouter<Accounts> {
    routes::routes().merge(classic::routes()).merge(people::routes())
}
