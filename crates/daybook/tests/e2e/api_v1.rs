//! What lives under `/api/v1`.

mod me;
mod tasks;
