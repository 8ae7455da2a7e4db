//! Opening connections, and looking whether they are what was asked for.

use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::{Durability, Error, Result};

/// Reads go through the page cache of the system rather than a copy of ours. Only addresses are set aside for it; what
/// lies beyond is read slower.
const MAPPED_BYTES: i64 = 1 << 38;
/// Statements kept prepared by each connection.
const PREPARED: usize = 256;

/// Where the data lives.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// In a file that another process writes, and that is only read here.
    Beside(PathBuf),
    /// In this process's memory, and gone with it.
    Memory,
}

/// A connection, with every setting that the house relies on.
pub fn connect(place: &Place, durability: Durability) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = match place {
        Place::File(path) => Connection::open_with_flags(path, flags),
        Place::Beside(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags)
        }
        Place::Memory => Connection::open_in_memory_with_flags(flags),
    };
    let connection = opened.map_err(Error::from_sqlite)?;
    let synchronous = match durability {
        Durability::Full => "full",
        Durability::Normal => "normal",
    };
    // Whoever only reads finds the journal as its writer has it.
    let journal = if matches!(place, Place::Beside(_)) { "" } else { "pragma journal_mode = wal;" };
    let settings = format!(
        "pragma busy_timeout = 5000; {journal} pragma synchronous = {synchronous}; \
         pragma wal_autocheckpoint = 0; pragma mmap_size = {MAPPED_BYTES}; \
         pragma temp_store = memory; pragma foreign_keys = off; pragma trusted_schema = off;"
    );
    connection.execute_batch(&settings).map_err(Error::from_sqlite)?;
    // Otherwise each run of a statement with `limit ?` plans it anew for the number given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(Error::from_sqlite)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// Refuses a connection whose writes would not be as durable as promised: some file systems and builds quietly say no.
pub fn checked(connection: &Connection, place: &Place, durability: Durability) -> Result<()> {
    let ask = |pragma: &str| {
        connection.query_row(&format!("pragma {pragma}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
    };
    let synchronous = ask("synchronous").map_err(Error::from_sqlite)?;
    if durability == Durability::Full && synchronous != rusqlite::types::Value::Integer(2) {
        return Err(Error::Other(format!(
            "the database does not sync every commit (synchronous is {synchronous:?})"
        )));
    }
    let journal = ask("journal_mode").map_err(Error::from_sqlite)?;
    if matches!(place, Place::File(_)) && journal != rusqlite::types::Value::Text("wal".into()) {
        return Err(Error::Other(format!(
            "the database cannot keep a write-ahead log here (journal is {journal:?})"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound() {
        let connection = connect(&Place::Memory, Durability::Full).unwrap();
        connection.execute_batch("create table t (id integer primary key, name text)").unwrap();
        let text = "select id from t where id < ? and name = ? order by id desc limit ?";
        for limit in [1, 50, 200] {
            let mut statement = connection.prepare_cached(text).unwrap();
            assert!(!statement.exists((limit, "x", limit)).unwrap());
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "with a limit of {limit}");
        }
    }
}
