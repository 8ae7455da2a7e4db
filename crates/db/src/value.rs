//! What goes into a statement.

use rust_decimal::Decimal;
use types::{Id, Role, Timestamp};

use crate::{Error, Result, decimal};

/// An argument of a statement: what all three engines can store exactly.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; also ids, moments and flags.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// An exact decimal.
    Decimal(Decimal),
}

impl Value {
    /// A decimal, if every engine can keep it to the last digit: 20 digits before the point and 18 behind it.
    pub fn decimal(v: Decimal) -> Result<Self> {
        if decimal::fits(v) {
            Ok(Self::Decimal(v))
        } else {
            Err(Error::Other(format!("{v} has too many digits to be stored")))
        }
    }
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Int(v.into())
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.into())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}
impl From<Timestamp> for Value {
    fn from(v: Timestamp) -> Self {
        Self::Int(v.micros())
    }
}
impl From<Role> for Value {
    fn from(v: Role) -> Self {
        Self::Text(v.name().into())
    }
}
impl<T> From<Id<T>> for Value {
    fn from(v: Id<T>) -> Self {
        Self::Int(v.number())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}
