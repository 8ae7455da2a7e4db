//! What people show to be signed in, in the words of any of the older clients.

use serde::Deserialize;
use types::check::{Checks, REQUIRED};
use types::{FieldError, Result};
use utoipa::ToSchema;

use crate::Target;
use crate::codes::Whither;

/// Who signs in with a password.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    email: Option<String>,
    phone_number: Option<String>,
    username: Option<String>,
    user: Option<String>,
    login: Option<String>,
    password: Option<String>,
    pass: Option<String>,
}

impl Credentials {
    /// What names the account, and the password.
    pub fn taken(self) -> Result<(String, String)> {
        let Self { email, phone_number, username, user, login, password, pass } = self;
        let names = [email, phone_number, username, user, login].into_iter().flatten();
        // Some clients send all fields, empty but for one.
        let identifier = names.reduce(|first, next| if first.trim().is_empty() { next } else { first });
        let password = password.or(pass);
        let mut checks = Checks::default();
        let identifier = checks.take(identifier.ok_or_else(|| FieldError::new("email", REQUIRED)));
        let password = checks.take(password.ok_or_else(|| FieldError::new("password", REQUIRED)));
        checks.done()?;
        Ok((identifier.unwrap_or_default(), password.unwrap_or_default()))
    }
}

/// Who signs in with a code that was sent to their address.
#[derive(Deserialize, ToSchema)]
pub struct Coded {
    email: Option<String>,
    phone_number: Option<String>,
    /// `email` or `phone`, when it is said with `address`.
    r#type: Option<String>,
    address: Option<String>,
    /// Six digits; spaces and dashes between them do not count.
    code: Option<String>,
}

impl Coded {
    /// Where the code was sent, and the code.
    pub fn taken(self) -> Result<(Target, String)> {
        let Self { email, phone_number, r#type, address, code } = self;
        let mut checks = Checks::default();
        let target = checks.take(Whither { email, phone_number, kind: r#type, address }.target());
        let code = code.filter(|code| !code.trim().is_empty());
        let code = checks.take(code.ok_or_else(|| FieldError::new("code", REQUIRED)));
        checks.done()?;
        let taken = target.zip(code);
        taken.ok_or_else(|| types::Error::internal("a check passed over what is missing"))
    }
}
