//! What people sign in with: one field, understood as an e-mail address, a phone number or a user name.

use types::check::{REQUIRED, TOO_LONG};
use types::{FieldError, Text};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::texts::{BAD_EMAIL, BAD_PHONE, BAD_USERNAME, EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN};
use crate::Target;

/// Characters of a user name.
const USERNAME: usize = 64;
/// Bytes of an e-mail address, as its standard says.
const EMAIL: usize = 254;
/// Bytes of what stands before its `@`.
const MAILBOX: usize = 64;
/// Bytes of a host's name between two dots.
const LABEL: usize = 63;
/// Digits of a phone number.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

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
    /// What was meant. No text can mean two of them: a user name has no `@` and no `+`, and has a letter.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.contains('@') {
            return email("email", text).map(Self::Email);
        }
        if text.starts_with(['+', '\u{ff0b}']) || !text.is_empty() && !text.chars().any(char::is_alphabetic) {
            return phone("phone_number", text).map(Self::Phone);
        }
        username("username", text).map(Self::Username)
    }

    /// Where a code or a letter can be sent; nowhere by a user name.
    pub fn target(self) -> Option<Target> {
        match self {
            Self::Email(address) => Some(Target::Email(address)),
            Self::Phone(number) => Some(Target::Phone(number)),
            Self::Username(_) => None,
        }
    }

    /// It has an account already.
    pub const fn taken(&self) -> Text {
        match self {
            Self::Email(_) => EMAIL_TAKEN,
            Self::Phone(_) => PHONE_TAKEN,
            Self::Username(_) => USERNAME_TAKEN,
        }
    }
}

impl From<&Target> for Identifier {
    fn from(target: &Target) -> Self {
        match target {
            Target::Email(address) => Self::Email(address.clone()),
            Target::Phone(number) => Self::Phone(number.clone()),
        }
    }
}

/// An address as it is compared: trimmed, composed and in lower case. Only what every server asks of one is asked
/// here: whether it exists, a letter to it will tell.
pub fn email(field: &'static str, text: &str) -> Result<String, FieldError> {
    let email: String = text.trim().nfc().collect::<String>().to_lowercase();
    let odd = |c: char| c.is_whitespace() || is_unseen(c) || "()<>[],;:\\\"".contains(c);
    let good = email.rsplit_once('@').is_some_and(|(mailbox, host)| {
        let mailbox_fits = (1..=MAILBOX).contains(&mailbox.len()) && !mailbox.contains('@');
        mailbox_fits && !mailbox.starts_with('.') && !mailbox.ends_with('.') && is_host(host)
    });
    match &*email {
        "" => Err(FieldError::new(field, REQUIRED)),
        _ if email.len() > EMAIL => Err(FieldError::new(field, TOO_LONG.with([&EMAIL]))),
        _ if !good || email.chars().any(odd) => Err(FieldError::new(field, BAD_EMAIL)),
        _ => Ok(email),
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || is_combining_mark(c) || c == '-')
    };
    host.contains('.') && host.split('.').all(is_label)
}

/// A number as it is compared: `+`, the country code and the rest, digits alone. `00` means `+`; spaces, dashes, dots
/// and parentheses are how people read numbers to each other.
pub fn phone(field: &'static str, text: &str) -> Result<String, FieldError> {
    let text: String = text.trim().nfkc().collect();
    let bad = || FieldError::new(field, BAD_PHONE);
    if text.is_empty() {
        return Err(FieldError::new(field, REQUIRED));
    }
    let is_space = |c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '.' | '(' | ')');
    let bare: String = text.chars().filter(|c| !is_space(*c)).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).ok_or_else(bad)?;
    let good = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if good && DIGITS.contains(&digits.len()) { Ok(format!("+{digits}")) } else { Err(bad()) }
}

/// In lower case, and in the one spelling that all its spellings have in common (NFKC).
pub fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// A name as it is compared.
pub fn username(field: &'static str, text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    let too_long = || FieldError::new(field, TOO_LONG.with([&USERNAME]));
    // Bytes first: composing megabytes costs more than refusing them.
    if text.len() > USERNAME * 16 {
        return Err(too_long());
    }
    let name = folded(text);
    let fits = |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        Err(FieldError::new(field, REQUIRED))
    } else if name.chars().count() > USERNAME {
        Err(too_long())
    } else if !name.chars().all(fits) || !name.chars().any(char::is_alphabetic) {
        Err(FieldError::new(field, BAD_USERNAME))
    } else {
        Ok(name)
    }
}

/// Characters that nobody sees, and by which two addresses would look like one.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        match Identifier::parse(text) {
            Ok(Identifier::Email(text)) => format!("email {text}"),
            Ok(Identifier::Phone(text)) => format!("phone {text}"),
            Ok(Identifier::Username(text)) => format!("name {text}"),
            Err(error) => error.message.text.code.to_owned(),
        }
    }

    #[test]
    fn one_field_is_understood_as_any_of_the_three() {
        for (text, meant) in [
            ("  Anna@Example.ORG ", "email anna@example.org"),
            ("+380 (44) 123-45-67", "phone +380441234567"),
            ("00380.44.1234567", "phone +380441234567"),
            ("+38044123 4567", "phone +380441234567"),
            ("Anna", "name anna"),
            ("007bond", "name 007bond"),
            ("Їжак_7", "name їжак_7"),
            ("\u{ff21}nna", "name anna"),
            ("\u{ff0b}380441234567", "phone +380441234567"),
            ("и\u{306}", "name й"),
        ] {
            assert_eq!(parsed(text), meant, "{text:?}");
        }
    }

    #[test]
    fn what_could_be_none_of_them_is_refused_as_what_it_looks_like() {
        for (text, code) in [
            ("", "required"),
            (" ", "required"),
            ("anna@", "bad_email"),
            ("@anna", "bad_email"),
            ("0441234567", "bad_phone"),
            ("+0441234567", "bad_phone"),
            ("+1234567", "bad_phone"),
            ("+1234567890123456", "bad_phone"),
            ("+380-44-CALL-ME", "bad_phone"),
            ("12345678", "bad_phone"),
            ("...", "bad_phone"),
            ("anna maria", "bad_username"),
            ("an\u{200b}na", "bad_username"),
            ("an\0na", "bad_username"),
            ("anna+1", "bad_username"),
        ] {
            assert_eq!(parsed(text), code, "{text:?}");
        }
        assert_eq!(parsed(&"a".repeat(65)), "too_long");
        assert_eq!(parsed(&"a".repeat(1 << 20)), "too_long");
    }

    #[test]
    fn an_e_mail_address_has_a_mailbox_and_a_host() {
        for good in ["a+b@x.org", "a.b@mail.example.org", "o'hara@x.io", "анна@пошта.укр"] {
            assert_eq!(email("email", good).unwrap(), good);
        }
        for bad in [
            "anna",
            "anna@",
            "@example.org",
            "anna@example",
            "anna@.org",
            "anna@example.",
            "anna@exam..ple.org",
            "anna@-x.org",
            "a b@example.org",
            "a\0@example.org",
            "a\r\nBcc: b@example.org",
            "a@b@example.org",
            "a@b.org,c@d.org",
            "Anna <a@b.org>",
            ".a@b.org",
            "a\u{200b}@b.org",
            "a\u{202e}@b.org",
        ] {
            assert!(email("email", bad).is_err(), "{bad:?}");
        }
        assert!(email("email", &format!("{}@b.org", "a".repeat(65))).is_err());
        assert!(email("email", &format!("a@{}org", "b.".repeat(200))).is_err());
    }
}
