//! What lives under `/api/v1`.

mod home;
mod me;
mod tasks;
