//! People.

mod administration;
mod classic;
mod identifier;
mod routes;
mod service;
mod store;

use jiff::tz::TimeZone;
use types::check::{Checks, REQUIRED, TOO_LONG, TOO_SHORT, line};
use types::{FieldError, Language, Result, Role, Text, Timestamp, UserId};
use utoipa_axum::router::OpenApiRouter;

pub use identifier::Identifier;
pub use routes::Me;
#[cfg(test)]
pub use service::MockAccountStore;
pub use service::{AccountStore, Accounts, Registration};
pub use store::SqlAccounts;

/// Characters of a name.
const NAME: usize = 200;
/// Bytes of an e-mail address, as its standard says.
const EMAIL: usize = 254;

/// The address has an account.
pub const EMAIL_TAKEN: Text = Text {
    code: "email_taken",
    en: "This e-mail address is taken",
    uk: "Ця адреса електронної пошти вже зайнята",
    ru: "Этот адрес электронной почты уже занят",
};
/// There is no such account any more.
pub const NO_ACCOUNT: Text = Text {
    code: "account_not_found",
    en: "Account not found",
    uk: "Обліковий запис не знайдено",
    ru: "Учётная запись не найдена",
};
const BAD_EMAIL: Text = Text {
    code: "bad_email",
    en: "this is not an e-mail address",
    uk: "це не адреса електронної пошти",
    ru: "это не адрес электронной почты",
};
const BAD_ZONE: Text = Text {
    code: "unknown_timezone",
    en: "there is no such time zone; write for example Europe/Kyiv",
    uk: "такого часового поясу немає; напишіть, наприклад, Europe/Kyiv",
    ru: "такого часового пояса нет; напишите, например, Europe/Kyiv",
};

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

/// Which passwords are taken, by their length: short ones are guessed, and long ones only keep the hashing threads busy.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRule {
    /// The fewest characters.
    pub least: usize,
    /// The most.
    pub most: usize,
}

impl Registration {
    /// The registration as it will be kept, or every field that cannot be.
    fn checked(self, rule: PasswordRule) -> Result<Self> {
        let mut checks = Checks::default();
        let email = checks.take(address(&self.email)).unwrap_or_default();
        checks.take(password(&self.password, rule));
        let name = self.name.filter(|name| !name.trim().is_empty());
        let name = name.and_then(|name| checks.take(line("name", &name, NAME)));
        let timezone = self.timezone.and_then(|zone| checks.take(time_zone(&zone)));
        checks.done()?;
        Ok(Self { email, password: self.password, name, timezone, role: self.role })
    }
}

/// An address as it is compared: trimmed and in lower case. Only what every server asks of one is asked here: whether
/// it exists, a letter to it will tell.
pub fn address(email: &str) -> Result<String, FieldError> {
    let email = email.trim().to_lowercase();
    let good = email.rsplit_once('@').is_some_and(|(person, host)| {
        !person.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    match &*email {
        "" => Err(FieldError::new("email", REQUIRED)),
        _ if email.len() > EMAIL => Err(FieldError::new("email", TOO_LONG.with([&EMAIL]))),
        _ if !good || email.chars().any(|c| c.is_whitespace() || c.is_control()) => {
            Err(FieldError::new("email", BAD_EMAIL))
        }
        _ => Ok(email),
    }
}

fn password(password: &str, rule: PasswordRule) -> Result<(), FieldError> {
    let PasswordRule { least, most } = rule;
    match password.chars().count() {
        0 => Err(FieldError::new("password", REQUIRED)),
        n if n < least => Err(FieldError::new("password", TOO_SHORT.with([&least]))),
        n if n > most => Err(FieldError::new("password", TOO_LONG.with([&most]))),
        _ => Ok(()),
    }
}

fn time_zone(name: &str) -> Result<String, FieldError> {
    let zone = TimeZone::get(name.trim()).ok();
    let known = zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    known.ok_or_else(|| FieldError::new("timezone", BAD_ZONE))
}

/// The routes about people.
pub fn routes() -> OpenApiRouter<Accounts> {
    routes::routes().merge(classic::routes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_lower_case() {
        assert_eq!(address("  Anna@Example.ORG ").unwrap(), "anna@example.org");
        for bad in [
            "",
            "anna",
            "anna@",
            "@example.org",
            "anna@example",
            "anna@.org",
            "a b@example.org",
            "a\0@example.org",
        ] {
            assert!(address(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_zones_that_exist_are_zones() {
        assert_eq!(time_zone("europe/kyiv").unwrap(), "Europe/Kyiv");
        for bad in ["", "Mars/Base", "../../etc/passwd"] {
            assert!(time_zone(bad).is_err(), "{bad:?}");
        }
    }
}
