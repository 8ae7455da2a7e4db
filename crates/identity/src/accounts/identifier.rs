//! What people sign in with: one field, understood as an e-mail address, a phone number or a user name.

use types::FieldError;
use types::check::{REQUIRED, line};

use super::address;

/// Characters of a user name.
const USERNAME: usize = 64;

/// What names an account, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An e-mail address in lower case.
    Email(String),
    /// A phone number, as E.164.
    Phone(String),
    /// A user name in lower case.
    Username(String),
}

impl Identifier {
    /// What was meant.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.contains('@') {
            return address(text).map(Self::Email);
        }
        if text.starts_with('+') || text.starts_with("00") {
            return phone(text).map(Self::Phone);
        }
        line("username", text, USERNAME).map(|name| Self::Username(name.to_lowercase()))
    }
}

fn phone(text: &str) -> Result<String, FieldError> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches("00");
    if digits.is_empty() { Err(FieldError::new("phone_number", REQUIRED)) } else { Ok(format!("+{digits}")) }
}
