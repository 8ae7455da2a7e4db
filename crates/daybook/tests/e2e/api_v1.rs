//! What lives under `/api/v1`.

mod etags;
mod me;
mod tasks;
