//! Where a code goes, in the words of any of the older clients.

use types::check::REQUIRED;
use types::{FieldError, Text};

use crate::{Identifier, Target};

const NOWHERE: Text = Text {
    code: "no_address",
    en: "a code goes to an e-mail address, or to a phone number that begins with +",
    uk: "код надсилається на адресу електронної пошти або на номер телефону, що починається з +",
    ru: "код отправляется на адрес электронной почты или на номер телефона, который начинается с +",
};

/// An address as it was said: each client has its own field.
pub struct Whither {
    /// An e-mail address.
    pub email: Option<String>,
    /// A phone number.
    pub phone_number: Option<String>,
    /// What kind the address is of.
    pub kind: Option<String>,
    /// Either.
    pub address: Option<String>,
}

impl Whither {
    /// What was meant.
    pub fn target(self) -> Result<Target, FieldError> {
        let Self { email, phone_number, kind, address } = self;
        let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        match (said(email), said(phone_number), said(address)) {
            (Some(email), ..) => target("email", &email),
            (None, Some(number), _) => target("phone_number", &number),
            (None, None, Some(address)) => typed(kind.as_deref(), &address),
            (None, None, None) => Err(FieldError::new("email", REQUIRED)),
        }
    }
}

/// The address that a field holds.
fn target(field: &'static str, text: &str) -> Result<Target, FieldError> {
    let parsed = Identifier::parse(text).map_err(|error| FieldError::new(field, error.message))?;
    match (field, parsed) {
        ("email" | "address", Identifier::Email(address)) => Ok(Target::Email(address)),
        ("phone_number" | "address", Identifier::Phone(number)) => Ok(Target::Phone(number)),
        _ => Err(FieldError::new(field, NOWHERE)),
    }
}

/// The address that is said with its kind, which must be its own.
fn typed(kind: Option<&str>, address: &str) -> Result<Target, FieldError> {
    let target = target("address", address)?;
    match (kind.map(str::trim).unwrap_or_default(), &target) {
        ("", _)
        | ("email" | "mail", Target::Email(_))
        | ("phone" | "phone_number" | "sms", Target::Phone(_)) => Ok(target),
        _ => Err(FieldError::new("type", NOWHERE)),
    }
}
