//! Rules for what people say about themselves.

use jiff::tz::TimeZone;
use types::FieldError;
use types::check::{REQUIRED, TOO_LONG, TOO_SHORT, line};
use unicode_normalization::UnicodeNormalization;

use super::identifier::folded;
use super::texts::{BAD_WEEK_START, BAD_ZONE, COMMON_PASSWORD, PASSWORD_IS_ADDRESS};
use crate::passwords::is_common;

/// Characters of a name.
const NAME: usize = 200;

/// Which passwords are taken, by their length: short ones are guessed, and long ones only keep the hashing threads busy.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRule {
    /// The fewest characters.
    pub least: usize,
    /// The most.
    pub most: usize,
}

/// How much is asked of a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Demand {
    /// Its length: the older clients know no other rule.
    #[default]
    Length,
    /// Also that it is not among the first that are guessed.
    Uncommon,
}

impl PasswordRule {
    /// Whether the password is taken, by somebody who has these addresses and names.
    pub fn check(
        self,
        field: &'static str,
        password: &str,
        demand: Demand,
        own: &[Option<&str>],
    ) -> Result<(), FieldError> {
        let Self { least, most } = self;
        // Bytes first: composing megabytes costs more than refusing them.
        let count =
            if password.len() > most.saturating_mul(16) { usize::MAX } else { password.nfc().count() };
        let is_own = || own.iter().flatten().any(|own| own.to_lowercase() == password.to_lowercase());
        match count {
            0 => Err(FieldError::new(field, REQUIRED)),
            n if n < least => Err(FieldError::new(field, TOO_SHORT.with([&least]))),
            n if n > most => Err(FieldError::new(field, TOO_LONG.with([&most]))),
            _ if demand == Demand::Length => Ok(()),
            _ if is_own() => Err(FieldError::new(field, PASSWORD_IS_ADDRESS)),
            _ if is_common(password) => Err(FieldError::new(field, COMMON_PASSWORD)),
            _ => Ok(()),
        }
    }
}

/// What somebody is called; nothing when it is blank.
pub fn name(name: &str) -> Result<String, FieldError> {
    if name.trim().is_empty() { Ok(String::new()) } else { line("name", name, NAME) }
}

/// A name as people are looked for by it. None by what could be an address or a number, whoever calls themselves so:
/// nobody is to learn that way whether one has an account.
pub fn name_key(name: &str) -> Option<String> {
    let start: String = name.trim().chars().take(NAME).collect();
    let key: String = folded(&start).chars().take(NAME).collect();
    let is_name = !key.contains(['@', '+']) && key.chars().any(char::is_alphabetic);
    is_name.then_some(key)
}

/// The name of a time zone, as the list of them writes it.
pub fn time_zone(name: &str) -> Result<String, FieldError> {
    let zone = TimeZone::get(name.trim()).ok();
    let known = zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
    known.ok_or_else(|| FieldError::new("timezone", BAD_ZONE))
}

/// The day that weeks start on.
pub fn week_start(day: i64) -> Result<i64, FieldError> {
    if (1..=7).contains(&day) { Ok(day) } else { Err(FieldError::new("week_start", BAD_WEEK_START)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zones_that_exist_are_zones() {
        assert_eq!(time_zone("europe/kyiv").unwrap(), "Europe/Kyiv");
        for bad in ["", "Mars/Base", "../../etc/passwd"] {
            assert!(time_zone(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn people_are_called_by_names_and_never_by_addresses() {
        for (name, key) in [(" Анна  К. ", "анна  к."), ("ＡNNA", "anna"), ("a", "a")] {
            assert_eq!(name_key(name).as_deref(), Some(key));
        }
        for none in ["", "  ", "anna@example.org", "anna＠example.org", "+380441234567", "044 123", "a@", "…"]
        {
            assert_eq!(name_key(none), None, "{none:?}");
        }
        assert!(name_key(&"\u{fdfa}".repeat(NAME)).is_some_and(|key| key.chars().count() == NAME));
    }

    #[test]
    fn a_password_is_measured_and_where_it_is_asked_for_compared_with_what_is_guessed_first() {
        let rule = PasswordRule { least: 8, most: 12 };
        let own = [Some("anna@b.org"), None, Some("anna-maria")];
        for (password, length, uncommon) in [
            ("", "required", "required"),
            ("1234567", "too_short", "too_short"),
            ("й".repeat(7).as_str(), "too_short", "too_short"),
            ("и\u{306}".repeat(7).as_str(), "too_short", "too_short"),
            ("1234567890123", "too_long", "too_long"),
            (&"x".repeat(1 << 20), "too_long", "too_long"),
            ("12345678", "", "common_password"),
            ("PassWord1", "", "common_password"),
            ("Anna@B.org", "", "password_is_address"),
            ("anna-maria", "", "password_is_address"),
            ("        ", "", ""),
            ("ї🦔їїїїїї", "", ""),
        ] {
            let said = |demand| {
                let checked = rule.check("password", password, demand, &own);
                checked.map_or_else(|error| error.message.text.code, |()| "")
            };
            let shown = &password[..password.len().min(20)];
            assert_eq!((said(Demand::Length), said(Demand::Uncommon)), (length, uncommon), "{shown:?}");
        }
    }
}
