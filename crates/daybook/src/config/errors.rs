//! What is wrong with the settings: a sentence each, gathered so that a person reads them all at once.

use std::fmt;

use super::raw::{Raw, Refusal};

/// Everything that is wrong, one sentence a line. Never empty, and never with a password in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<String>);

impl Errors {
    /// The sentences.
    pub fn sentences(&self) -> &[String] {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A quoted key may hold a line break, and a sentence is one line.
    pub(super) fn push(&mut self, sentence: impl AsRef<str>) {
        self.0.push(sentence.as_ref().replace(['\n', '\r'], " "));
    }

    /// Takes the sentence out of a result.
    pub(super) fn keep<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|sentence| self.push(sentence)).ok()
    }

    /// A setting did not take its value.
    pub(super) fn refused(&mut self, given: &Given, refusal: &Refusal) {
        let Given { name, place, .. } = given;
        self.0.extend(refusal.clauses().map(|clause| format!("{name}: {clause} ({place})")));
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Errors {}

/// A value somebody gave to a setting that exists.
pub struct Given {
    /// The setting as it was called there: `tokens.access_ttl` or `DAYBOOK_TOKENS_ACCESS_TTL`.
    pub name: String,
    /// The setting as the table calls it.
    pub path: String,
    /// The value.
    pub raw: Raw,
    /// Where it stands.
    pub place: Place,
}

/// Where a value or a name stands.
pub enum Place {
    /// In a file, on a line if that is known.
    File {
        /// As the person knows it.
        name: String,
        /// Counted from 1.
        line: Option<usize>,
    },
    /// In the environment of the process.
    Environment,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line: Some(line) } => write!(f, "in {name}, line {line}"),
            Self::File { name, line: None } => write!(f, "in {name}"),
            Self::Environment => write!(f, "in the environment"),
        }
    }
}
