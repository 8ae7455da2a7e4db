//! Rows, read by position.

use rust_decimal::Decimal;
use types::{Id, Timestamp};

use crate::{Column, Error, Result};

/// A row of whichever engine answered.
pub struct Row<'r>(pub(crate) Source<'r>);

pub(crate) enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
    Mysql(&'r mysql_async::Row),
}

impl Row<'_> {
    /// The value of the column at this position.
    pub fn get<T: Column>(&self, at: usize) -> Result<T> {
        match self.0 {
            Source::Sqlite(row) => T::from_sqlite(row.get_ref(at).map_err(Error::from_sqlite)?),
            Source::Postgres(row) => T::from_postgres(row, at),
            Source::Mysql(row) => {
                T::from_mysql(row.as_ref(at).ok_or_else(|| Error::Other(format!("no column {at}")))?)
            }
        }
    }
}

/// What can be read from a row. Structs implement it column by column; tuples and single columns have it.
pub trait FromRow: Sized + Send + 'static {
    /// Reads it, from the first column on.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

macro_rules! columns {
    ($($one:ty),*) => { $(impl FromRow for $one {
        fn from_row(row: &Row<'_>) -> Result<Self> { row.get(0) }
    })* };
}
columns!(i64, bool, String, Vec<u8>, Decimal, Timestamp, Option<i64>, Option<String>);

impl<T: 'static> FromRow for Id<T> {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get(0)
    }
}

macro_rules! tuples {
    ($(($($name:ident $at:tt),+))*) => { $(impl<$($name: Column + Send + 'static),+> FromRow for ($($name,)+) {
        fn from_row(row: &Row<'_>) -> Result<Self> { Ok(($(row.get::<$name>($at)?,)+)) }
    })* };
}
tuples! { (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) (A 0, B 1, C 2, D 3, E 4, F 5) }
