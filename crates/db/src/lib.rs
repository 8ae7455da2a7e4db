//! Three engines, one SQL text.
//!
//! A read is a [`Sql`] given to [`Db::all`], [`Db::first`] or, when it may be long, [`Db::scan`]. A write is data: a
//! [`Batch`] of statements, each with the rows it must touch, run as one transaction on any engine. Where a decision
//! needs reading inside the transaction there is [`Db::tx`]. `?` stands for an argument everywhere; what differs
//! between engines is in `dialect`, and nowhere above this crate.

mod batch;
mod column;
mod decimal;
mod dialect;
mod error;
mod facade;
mod folder;
mod line;
mod migrate;
mod mysql;
mod postgres;
mod row;
mod slots;
mod sql;
mod sqlite;
mod tx;
mod value;

pub use batch::{Along, Batch, Companion, Rows, Step};
pub use column::Column;
pub use error::{Error, Result, UnlessMissed};
pub use facade::{Db, Durability, Settings};
pub use folder::{Folder, Hold};
pub use migrate::{Migration, Script, Verdict, print};
pub use row::{FromRow, Row};
pub use slots::Lease;
pub use sql::{Sql, placeholders, sized};
pub use tx::Tx;
pub use value::Value;

/// The tables that this crate itself needs.
pub const MIGRATIONS: &[Migration] = &[migration!("db", 1, "0001_slots")];
