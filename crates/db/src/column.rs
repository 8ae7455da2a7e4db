//! What comes out of a column, decoded the same from three drivers.

use std::fmt::Display;

use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tokio_postgres::types::Type;
use types::{Id, Role, Timestamp};

use crate::{Error, Result, decimal};

/// A type that a column can be read as.
pub trait Column: Sized {
    /// From the embedded engine.
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self>;
    /// From `PostgreSQL`.
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self>;
    /// From `MySQL`.
    fn from_mysql(value: &mysql_async::Value) -> Result<Self>;
}

fn unfit(wanted: &str, found: impl Display) -> Error {
    Error::Other(format!("a column holds {found} where {wanted} was read"))
}

fn postgres<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r tokio_postgres::Row, at: usize) -> Result<T> {
    row.try_get(at).map_err(Error::from_postgres)
}

fn bytes<'v>(value: &'v mysql_async::Value, wanted: &str) -> Result<&'v [u8]> {
    match value {
        mysql_async::Value::Bytes(bytes) => Ok(bytes),
        other => Err(unfit(wanted, other.as_sql(true))),
    }
}

impl Column for i64 {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        value.as_i64().map_err(|e| unfit("a number", e))
    }
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        match row.columns().get(at).map(tokio_postgres::Column::type_) {
            // A literal is narrower there.
            Some(&Type::INT4) => postgres::<i32>(row, at).map(Self::from),
            // A sum is wider.
            Some(&Type::NUMERIC) => {
                let sum: Decimal = postgres(row, at)?;
                sum.to_i64().filter(|_| sum.is_integer()).ok_or_else(|| unfit("a number", sum.to_string()))
            }
            _ => postgres(row, at),
        }
    }
    fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
        match value {
            mysql_async::Value::Int(v) => Ok(*v),
            mysql_async::Value::UInt(v) => Self::try_from(*v).map_err(|e| unfit("a number", e)),
            // Sums are decimals there, and decimals come as text.
            other => std::str::from_utf8(bytes(other, "a number")?)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| unfit("a number", other.as_sql(true))),
        }
    }
}

impl Column for String {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        value.as_str().map(str::to_owned).map_err(|e| unfit("text", e))
    }
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        postgres(row, at)
    }
    fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
        Self::from_utf8(bytes(value, "text")?.to_vec()).map_err(|e| unfit("text", e))
    }
}

impl Column for Vec<u8> {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        value.as_blob().map(<[u8]>::to_vec).map_err(|e| unfit("bytes", e))
    }
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        postgres(row, at)
    }
    fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
        bytes(value, "bytes").map(<[u8]>::to_vec)
    }
}

impl Column for Decimal {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        let text = value.as_str().map_err(|e| unfit("a decimal", e))?;
        decimal::from_text(text).ok_or_else(|| unfit("a decimal", text))
    }
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        postgres::<Self>(row, at).map(|d| d.normalize())
    }
    fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
        let text = bytes(value, "a decimal")?;
        std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse::<Self>().ok())
            .map(|d| d.normalize())
            .ok_or_else(|| unfit("a decimal", value.as_sql(true)))
    }
}

impl<T: Column> Column for Option<T> {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        if matches!(value, ValueRef::Null) { Ok(None) } else { T::from_sqlite(value).map(Some) }
    }
    fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
        // Any type answers whether it is null.
        let null: Option<Anything> = postgres(row, at)?;
        null.map(|_| T::from_postgres(row, at)).transpose()
    }
    fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
        if matches!(value, mysql_async::Value::NULL) { Ok(None) } else { T::from_mysql(value).map(Some) }
    }
}

/// Accepts every type and reads nothing.
struct Anything;

impl tokio_postgres::types::FromSql<'_> for Anything {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        _: &[u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self)
    }
    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}

/// A type that is stored as another one.
macro_rules! stored_as {
    ([$($generic:ident)?] $type:ty, $stored:ty, $read:expr) => {
        impl$(<$generic>)? Column for $type {
            fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
                $read(<$stored>::from_sqlite(value)?)
            }
            fn from_postgres(row: &tokio_postgres::Row, at: usize) -> Result<Self> {
                $read(<$stored>::from_postgres(row, at)?)
            }
            fn from_mysql(value: &mysql_async::Value) -> Result<Self> {
                $read(<$stored>::from_mysql(value)?)
            }
        }
    };
}
stored_as!([] bool, i64, |v: i64| Ok(v != 0));
stored_as!([] Timestamp, i64, |v: i64| Ok(Self::from_micros(v)));
stored_as!([T] Id<T>, i64, |v: i64| Ok(Self::trusted(v)));
stored_as!([] Role, String, |v: String| v.parse().map_err(|e: types::Error| unfit("a role", e)));
