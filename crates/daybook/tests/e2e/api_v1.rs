//! What lives under `/api/v1`.

mod me;
mod tasks;
mod tasks_bulk;
mod tasks_placed;
mod tasks_search;
