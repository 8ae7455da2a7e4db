//! The embedded engine: one writer thread that commits in groups, reads on the thread that asks.

mod copier;
mod log;
mod open;
mod read;
mod write;

use rusqlite::Connection;
use rusqlite::types::{Null, ToSqlOutput};

pub use copier::Copier;
pub use log::Log;
pub use open::{Place, checked, connect};
pub use read::Readers;
pub use write::{Answer, Job, Writer};

use crate::row::Source;
use crate::{Error, FromRow, Result, Row, Sql, Value, decimal};

/// All rows of a query on this connection.
pub fn all<T: FromRow>(connection: &Connection, sql: &Sql) -> Result<Vec<T>> {
    let mut prepared = connection.prepare_cached(&sql.text).map_err(Error::from_sqlite)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(&sql.args)).map_err(Error::from_sqlite)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(Error::from_sqlite)? {
        out.push(T::from_row(&Row(Source::Sqlite(row)))?);
    }
    Ok(out)
}

/// Runs a statement on this connection; how many rows it touched.
pub fn execute(connection: &Connection, sql: &Sql) -> Result<u64> {
    let mut prepared = connection.prepare_cached(&sql.text).map_err(Error::from_sqlite)?;
    match prepared.execute(rusqlite::params_from_iter(&sql.args)) {
        Ok(touched) => Ok(touched as u64),
        Err(error) => Err(named(connection, Error::from_sqlite(error))),
    }
}

/// The engine names the columns of a broken constraint, not the constraint: it is looked up in the schema.
fn named(connection: &Connection, error: Error) -> Error {
    let Error::Constraint(text) = &error else { return error };
    let Some(columns) = text.strip_prefix("UNIQUE constraint failed: ") else {
        let name = text.rsplit(": ").next().unwrap_or_default();
        return Error::Constraint(name.to_owned());
    };
    let mut parts = columns.split(", ").filter_map(|column| column.split_once('.')).peekable();
    let table = parts.peek().map_or("", |(table, _)| table);
    let columns = parts.map(|(_, column)| column).collect::<Vec<_>>().join(",");
    let found = connection.query_row(
        "select l.name from pragma_index_list(?1) l where l.\"unique\" and \
         (select group_concat(i.name, ',') from pragma_index_info(l.name) i) = ?2 and l.origin = 'c'",
        [table, &columns],
        |row| row.get::<_, String>(0),
    );
    Error::Constraint(found.unwrap_or_else(|_| format!("{table}_pkey")))
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => Null.into(),
            Self::Int(v) => (*v).into(),
            Self::Text(v) => v.as_str().into(),
            Self::Blob(v) => v.as_slice().into(),
            Self::Decimal(v) => decimal::to_text(*v).into(),
        })
    }
}
