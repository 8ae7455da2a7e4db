//! Which version of a thing somebody means to change.

use crate::{Error, Result};

/// The versions that a change is meant for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whichever is there.
    #[default]
    Any,
    /// One of these, and no other.
    OneOf(Vec<i64>),
}

impl Expected {
    /// Nothing, if this version is one of them.
    pub fn met_by(&self, version: i64) -> Result<()> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(Error::Outdated),
            _ => Ok(()),
        }
    }

    /// What to say when other writes came first, as often as it was tried.
    pub const fn missed(&self) -> Error {
        match self {
            Self::Any => Error::Stale,
            Self::OneOf(_) => Error::Outdated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_versions_that_are_named_will_do() {
        assert!(Expected::Any.met_by(7).is_ok());
        assert!(Expected::OneOf(vec![3, 7]).met_by(7).is_ok());
        assert!(matches!(Expected::OneOf(vec![3]).met_by(7), Err(Error::Outdated)));
        assert!(matches!(Expected::OneOf(vec![]).met_by(7), Err(Error::Outdated)));
    }
}
