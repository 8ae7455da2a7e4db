//! What the canonical paths about accounts are told. A field that they do not know is refused: whoever sends a role
//! hears that it was not taken.

use serde::Deserialize;
use types::{Error, Expected, Language, Result, Role};
use utoipa::ToSchema;

use super::asking::Visitor;
use super::identifier::{email, phone};
use super::{Change, Demand, Registration};
use crate::Target;

/// Somebody who wants to sign up, with an address, a number or a user name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    email: Option<String>,
    /// With its country code.
    phone_number: Option<String>,
    /// Letters, digits, `.`, `_` and `-`.
    username: Option<String>,
    /// At least 8 characters, and none of the 10,000 commonest passwords.
    password: String,
    /// The code that was sent to the address, or without one to the number.
    code: Option<String>,
    /// What others call you, and find you by.
    name: Option<String>,
    /// An IANA name, `Europe/Kyiv`.
    timezone: Option<String>,
    /// `en`, `uk` or `ru`; what the request asks for when not given.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
}

impl NewAccount {
    /// What it asks for.
    pub fn registration(self, Visitor(asking): Visitor) -> Registration {
        let Self { email, phone_number, username, password, code, name, timezone, language } = self;
        Registration {
            email,
            phone: phone_number,
            username,
            password,
            demand: Demand::Uncommon,
            code,
            name,
            timezone,
            language: language.unwrap_or(asking.language),
            address: asking.address,
            ..Registration::default()
        }
    }
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountPatch)]
pub struct Patch {
    /// What others call you, and find you by.
    name: Option<String>,
    /// An IANA name, `Europe/Kyiv`.
    timezone: Option<String>,
    /// `en`, `uk` or `ru`.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    /// The day that weeks start on: 1 is Monday, 7 is Sunday.
    week_start: Option<i64>,
    /// Letters, digits, `.`, `_` and `-`: you can sign in with it, and others find you by it.
    username: Option<String>,
    /// The version that this is a change of; it is refused when there is a newer one.
    version: Option<i64>,
}

impl Patch {
    /// What it asks for, of these versions of the account.
    pub fn change(self, expected: Expected) -> Change {
        let Self { name, timezone, language, week_start, username, version } = self;
        Change { name, timezone, language, week_start, username, version, expected }
    }
}

/// Where somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    pub timezone: String,
}

/// A password for another one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    pub old_password: String,
    pub new_password: String,
}

/// Who means to go, shown by their password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    pub password: String,
}

/// An e-mail address, and the password of whoever wants it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    address: String,
    pub password: String,
}

impl Address {
    /// Where the code goes.
    pub fn target(&self) -> Result<Target> {
        email("address", &self.address).map(Target::Email).map_err(Error::from)
    }
}

/// A phone number, and the password of whoever wants it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    address: String,
    pub password: String,
}

impl Number {
    /// Where the code goes.
    pub fn target(&self) -> Result<Target> {
        phone("address", &self.address).map(Target::Phone).map_err(Error::from)
    }
}

/// The code that was sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: String,
}

/// What somebody may do from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// `user`, `manager` or `admin`.
    #[schema(value_type = String)]
    pub role: Role,
}
