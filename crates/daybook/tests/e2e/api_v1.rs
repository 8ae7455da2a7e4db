//! What lives under `/api/v1`.

mod me;
mod tasks;
mod tasks_bulk;
mod tasks_changes;
mod tasks_events;
mod tasks_placed;
