//! Rules for fields that every domain has.

use std::borrow::Cow;

use crate::{FieldError, Text};

/// The field has to be there.
pub const REQUIRED: Text =
    Text {
        code: "required", en: "this is required", uk: "це обов'язкове поле", ru: "это обязательное поле"
    };
/// So many characters at the most.
pub const TOO_LONG: Text = Text {
    code: "too_long",
    en: "this may have at most {} characters",
    uk: "тут може бути не більше {} символів",
    ru: "здесь может быть не больше {} символов",
};
/// So many characters at the least.
pub const TOO_SHORT: Text = Text {
    code: "too_short",
    en: "this needs at least {} characters",
    uk: "тут потрібно щонайменше {} символів",
    ru: "здесь нужно не меньше {} символов",
};
/// Characters that no person types.
pub const CONTROL: Text = Text {
    code: "control_characters",
    en: "this must not contain control characters",
    uk: "тут не може бути керівних символів",
    ru: "здесь не может быть управляющих символов",
};

/// A line of text: trimmed, not empty, without control characters, at most so long.
pub fn line(field: &'static str, value: &str, most: usize) -> Result<String, FieldError> {
    let value = value.trim();
    if value.is_empty() {
        return Err(FieldError::new(field, REQUIRED));
    }
    if value.chars().any(char::is_control) {
        return Err(FieldError::new(field, CONTROL));
    }
    short_enough(field, value, most)
}

/// Text of several lines, which may be empty, at most so long.
pub fn text(field: &'static str, value: &str, most: usize) -> Result<String, FieldError> {
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(FieldError::new(field, CONTROL));
    }
    short_enough(field, value, most)
}

fn short_enough(field: &'static str, value: &str, most: usize) -> Result<String, FieldError> {
    // Bytes first: a body of megabytes need not be counted to be too long.
    let too_long = value.len() > most.saturating_mul(4) || value.chars().count() > most;
    if too_long { Err(FieldError::new(field, TOO_LONG.with([&most]))) } else { Ok(value.to_owned()) }
}

/// Collects what is wrong, so that a person hears of every field at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// The value, or a note of what is wrong with it.
    pub fn take<T>(&mut self, checked: Result<T, FieldError>) -> Option<T> {
        checked.map_err(|error| self.0.push(error)).ok()
    }

    /// Notes that a field is wrong.
    pub fn refuse(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<crate::Phrase>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Fails if anything was wrong.
    pub fn done(self) -> crate::Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(crate::Error::Invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(line("title", "  Milk ", 4).unwrap(), "Milk");
        for (value, code) in [
            ("   ", "required"),
            ("Milk!", "too_long"),
            ("a\0b", "control_characters"),
            ("a\nb", "control_characters"),
        ] {
            assert_eq!(line("title", value, 4).unwrap_err().message.text.code, code, "{value:?}");
        }
        assert_eq!(text("note", "a\nb", 3).unwrap(), "a\nb");
        assert_eq!(line("title", "ї🦔її", 4).unwrap(), "ї🦔її", "characters are counted, not bytes");
    }
}
